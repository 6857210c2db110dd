"""A private mailbox that is prepared and not connected yet: its address and servers are known, nothing is dialled."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import Http404

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive.models import Origin
from podatelna.gateways.guess import guess
from podatelna.gateways.models import Authentication, Gateway
from podatelna.gateways.sign_in_models import SignIn
from podatelna.web.administration import sign_in_choice

from .form import PREPARED, PreparationForm, PrivateMailboxForm

_YEARS = 36_500  # days: what is handed over is not closed for its age


def mailbox_of(owner: Person) -> Gateway | None:
    """The private mailbox of `owner`, prepared or connected."""
    return Gateway.objects.filter(owner=owner).order_by("pk").first()


def my_mailbox(owner: Person) -> Gateway:
    """The same, for pages that are about it. Raises Http404 when there is none."""
    row = mailbox_of(owner)
    if row is None:
        raise Http404
    return row


def is_its_owners(gateway: Gateway) -> bool:
    """Whether its owner has gone on with it: then its settings are theirs, and no one else's permission leads there."""
    if not gateway.pk:
        return False
    return gateway.addresses.exists() or SignIn.objects.filter(gateway=gateway).exclude(signed_in_at=None).exists()


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
def prepare(gateway: Gateway, by: Person, now: datetime, sign_in: str = sign_in_choice.PASSWORD) -> Gateway:
    """Keep it, paused; by its owner or an administrator. `sign_in`: a choice of sign_in_choice, done by its owner."""
    new = gateway.pk is None
    way = gateway.imap_authentication = sign_in_choice.authentication(sign_in)
    gateway.smtp_authentication = way if gateway.smtp_login == gateway.imap_login else Authentication.PASSWORD
    if new:
        gateway.origin = Origin.objects.create(kind=Origin.Kind.IMAP, name=gateway.address)
        gateway.save()
    else:
        gateway.save(update_fields=[*PREPARED, "imap_authentication", "smtp_authentication"])
        Origin.objects.filter(pk=gateway.origin_id).update(name=gateway.address)
    sign_in_choice.settle(gateway, sign_in, now)
    assert gateway.owner is not None
    act = "prepare-private-mailbox" if new else "change-private-mailbox"
    record(by, act, f"gateway {gateway.pk}", owner=gateway.owner.pk, address=gateway.address)
    return gateway


def prepared_form(owner: Person, data: object = None, address: str = "") -> PreparationForm:
    """The administrator's form: what is prepared, or what can be guessed from the address."""
    row = mailbox_of(owner) or guessed(owner, address or owner.email)
    return PreparationForm(data, instance=row)
