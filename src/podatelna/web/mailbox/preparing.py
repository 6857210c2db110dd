"""A private mailbox that is prepared and not connected yet: its address and servers are known, nothing is dialled."""

from __future__ import annotations

from django.db import transaction

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive.models import Origin
from podatelna.gateways.guess import guess
from podatelna.gateways.models import Gateway

from .form import PREPARED, PreparationForm, PrivateMailboxForm

_YEARS = 36_500  # days: what is handed over is not closed for its age


def mailbox_of(owner: Person) -> Gateway | None:
    """The private mailbox of `owner`, prepared or connected."""
    return Gateway.objects.filter(owner=owner).order_by("pk").first()


def guessed(owner: Person, address: str) -> Gateway:
    """A mailbox as far as it can be guessed from its address; not saved."""
    found = guess(address)
    return Gateway(
        owner=owner,
        address=address,
        display_name=owner.name,
        imap_host=found.imap_host,
        imap_port=found.imap_port,
        imap_security=found.imap_security,
        imap_login=address,
        smtp_host=found.smtp_host,
        smtp_port=found.smtp_port,
        smtp_security=found.smtp_security,
        smtp_login=address,
        state=Gateway.State.PAUSED,
        history_closed_days=_YEARS,
        **PrivateMailboxForm.proposed_folders(),
    )


@transaction.atomic
def prepare(gateway: Gateway, by: Person) -> Gateway:
    """Keep it, paused; by its owner or an administrator."""
    new = gateway.pk is None
    if new:
        gateway.origin = Origin.objects.create(kind=Origin.Kind.IMAP, name=gateway.address)
        gateway.save()
    else:
        gateway.save(update_fields=PREPARED)
        Origin.objects.filter(pk=gateway.origin_id).update(name=gateway.address)
    assert gateway.owner is not None
    act = "prepare-private-mailbox" if new else "change-private-mailbox"
    record(by, act, f"gateway {gateway.pk}", owner=gateway.owner.pk, address=gateway.address)
    return gateway


def prepared_form(owner: Person, data: object = None, address: str = "") -> PreparationForm:
    """The administrator's form: what is prepared, or what can be guessed from the address."""
    row = mailbox_of(owner) or guessed(owner, address or owner.email)
    return PreparationForm(data, instance=row)  # type: ignore[arg-type]  # a QueryDict, or None
