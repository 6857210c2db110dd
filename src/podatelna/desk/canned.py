"""Canned answers: texts of a process or of a person, put into what somebody writes with their places filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.formats import date_format

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.contacts.models import Contact
from podatelna.mail.addresses import read_addresses
from podatelna.mail.language import folded

from . import placeholders, references
from .case_models import Case
from .errors import BadText
from .models import Draft, Member, Process
from .rights import works_in
from .text_models import CannedAnswer

LONGEST = 20_000  # characters
_OFFERED = 20


def may_change(by: Person, process: Process) -> bool:
    """Whether `by` writes the texts of the process: an administrator, or who leads it."""
    leads = process.members.filter(person=by, role=Member.Role.LEAD)
    return process.owner_id is None and by.is_active and (by.is_administrator or leads.exists())


def of(owner: Process | Person) -> QuerySet[CannedAnswer]:
    """The canned answers of a process or a person, by name."""
    return CannedAnswer.objects.filter(**_belonging(owner)).order_by("name", "pk")


@transaction.atomic
def keep(
    owner: Process | Person, name: str, text: str, by: Person, now: datetime, *, answer: CannedAnswer | None = None
) -> CannedAnswer:
    """A new canned answer of `owner`, or `answer` changed. Raises BadText."""
    _check_owner(owner, by)
    name, text = " ".join(name.split())[:100], checked(text)
    if not name or not text:
        raise BadText("empty")
    before = {"name": answer.name, "text": answer.text} if answer is not None else None
    row = answer or CannedAnswer(**_belonging(owner))
    row.name, row.text, row.changed_at = name, text, now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise BadText("taken", name) from None
    if isinstance(owner, Process) and before != {"name": name, "text": text}:
        record(by, "change-canned", f"process {owner.pk}", before=before, after={"name": name, "text": text})
    return row


@transaction.atomic
def remove(answer: CannedAnswer, by: Person) -> None:
    """Take it away; what was written with it stays. Raises BadText."""
    owner = answer.process or answer.person
    assert owner is not None
    _check_owner(owner, by)
    if isinstance(owner, Process):
        record(
            by, "change-canned", f"process {owner.pk}", before={"name": answer.name, "text": answer.text}, after=None
        )
    answer.delete()


def checked(text: str) -> str:
    """`text` as it is kept. Raises BadText for places that there are none of."""
    clean = text.replace("\0", "").replace("\r\n", "\n").strip()[:LONGEST]
    wrong = placeholders.unknown(clean)
    if wrong:
        raise BadText("placeholder", wrong[0])
    return clean


def _check_owner(owner: Process | Person, by: Person) -> None:
    if not (may_change(by, owner) if isinstance(owner, Process) else owner.pk == by.pk):
        raise BadText("not-yours")


def _belonging(owner: Process | Person) -> dict[str, Process | Person]:
    return {"process": owner} if isinstance(owner, Process) else {"person": owner}


# --- used in what somebody writes --------------------------------------------------------------------------


def offered(draft: Draft, query: str) -> list[CannedAnswer]:
    """Those that its writer may put into the draft, whose name or text has each word of `query`; own names first."""
    rows = CannedAnswer.objects.filter(Q(person=draft.person) | Q(process__in=_processes(draft)))
    words = folded(query).split()
    found = [row for row in rows.select_related("process") if all(word in _searched(row) for word in words)]
    found.sort(key=lambda row: (not all(word in folded(row.name) for word in words), folded(row.name), row.pk))
    return found[:_OFFERED]


def _processes(draft: Draft) -> list[int]:
    conversation = draft.conversation
    near = {draft.process, conversation.worked_by if conversation is not None else None} - {None}
    # Somebody let into one conversation is not of the team, but answers in its name there.
    let_in = conversation is not None
    return [one.pk for one in near if one is not None and (let_in or works_in(draft.person, one))]


def _searched(row: CannedAnswer) -> str:
    return folded(f"{row.name} {row.text}")


def filled(answer: CannedAnswer, draft: Draft, now: datetime) -> str:
    """Its text with the places filled in for the draft."""
    return placeholders.fill(answer.text, places(draft, now))


def places(draft: Draft, now: datetime) -> Mapping[str, str]:
    """The values of the placeholders for whom and in what somebody writes; the writer's language for the day."""
    conversation, process = draft.conversation, draft.process
    written_to = next(iter(read_addresses(draft.to)[0]), None)
    partner = conversation.partner_address if conversation is not None else ""
    address = (written_to.address if written_to is not None else partner).lower()
    card = Contact.objects.filter(address=address).select_related("organisation").first() if address else None
    name = (written_to.name if written_to is not None else "") or (card.name if card is not None else "")
    if not name and conversation is not None and address == partner.lower():
        name = conversation.partner_name
    filing = conversation.filings.select_related("case").first() if conversation is not None else None
    # A case that the writer may not see is not told either.
    case = filing.case if filing is not None and _sees(draft.person, filing.case_id) else None
    own = process.addresses.first()
    with translation.override(draft.person.language):
        today = date_format(timezone.localdate(now), "SHORT_DATE_FORMAT")
    return {
        "contact.name": name or address,
        "contact.address": address,
        "organisation.name": card.organisation.name if card is not None and card.organisation is not None else "",
        "process.name": process.name,
        "process.address": own.address if own is not None else "",
        "case.number": case.number if case is not None else "",
        "case.title": case.title if case is not None else "",
        "order.number": references.first_number(conversation) if conversation is not None else "",
        "conversation.number": str(conversation.pk) if conversation is not None else "",
        "subject": draft.subject,
        "me.name": draft.person.name,
        "today": today,
    }


def _sees(person: Person, case: int) -> bool:
    return Case.objects.visible_to(person).filter(pk=case).exists()
