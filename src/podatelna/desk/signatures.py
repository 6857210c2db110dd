"""What stands below letters from a process's addresses: everybody's, or one's own there. See senders.py."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format

from podatelna.accounts.access import record
from podatelna.accounts.models import Person

from . import canned, placeholders
from .errors import BadText
from .models import Process
from .rights import works_in
from .text_models import Signature


def text_of(process: Process, person: Person | None) -> str:
    """What is set for everybody (None) or for one person, as it was typed; "" where nothing is."""
    row = Signature.objects.filter(process=process, person=person).first()
    return row.text if row is not None else ""


def signature_for(process: Process, person: Person, address: str) -> str | None:
    """What stands below what `person` writes from `address` of the process: theirs there, else everybody's.

    None: nothing is set here, and the mailbox's counts.
    """
    text = text_of(process, person) or text_of(process, None)
    if not text:
        return None
    with translation.override(person.language):
        today = date_format(timezone.localdate(), "SHORT_DATE_FORMAT")
    known = {"process.name": process.name, "process.address": address, "me.name": person.name, "today": today}
    return placeholders.fill(text, known)


@transaction.atomic
def set_signature(process: Process, person: Person | None, text: str, by: Person) -> None:
    """Set it for everybody of the process (None) or for oneself there; "" takes it away. Raises BadText."""
    mine = person is not None and person.pk == by.pk and works_in(by, process)
    if not (canned.may_change(by, process) if person is None else mine):
        raise BadText("not-yours")
    before, clean = text_of(process, person), canned.checked(text)
    if clean == before:
        return
    Signature.objects.filter(process=process, person=person).delete()
    if clean:
        Signature.objects.create(process=process, person=person, text=clean)
    if person is None:
        record(by, "change-signature", f"process {process.pk}", before=before, after=clean)
