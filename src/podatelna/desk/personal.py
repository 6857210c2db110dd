"""Personal desks: made when somebody connects their own mailbox, seen by them alone, never one of the company's."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from podatelna.accounts.access import grant, record
from podatelna.accounts.models import Person, Scope
from podatelna.archive.columns import fit
from podatelna.archive.models import Message, ThreadKey
from podatelna.archive.thread_keys import digest
from podatelna.gateways.models import Gateway
from podatelna.mail.parse import parse
from podatelna.outbox.models import Outgoing

from .models import Conversation, Member, Process, ProcessAddress
from .processes import MEMBER, add_address

_NAME = 100


@transaction.atomic
def open_desk(owner: Person, by: Person) -> Process:
    """The personal desk of `owner`, made when there is none; only they are let into it."""
    desk = Process.objects.filter(owner=owner).first()
    if desk is not None:
        return desk
    scope = Scope.objects.create(kind=Scope.Kind.DESK)
    desk = Process.objects.create(name=fit(owner.name, _NAME), scope=scope, owner=owner)
    Member.objects.create(process=desk, person=owner, role=Member.Role.LEAD)
    grant(scope, owner, MEMBER, by)
    record(by, "open-desk", f"person {owner.pk}", process=desk.pk)
    return desk


@transaction.atomic
def take_in(gateway: Gateway, by: Person) -> Process:
    """What is handed over through the private mailbox comes onto its owner's desk. Raises AddressTaken."""
    assert gateway.owner is not None
    desk = open_desk(gateway.owner, by)
    if not ProcessAddress.objects.filter(process=desk, gateway=gateway, address=gateway.address).exists():
        # Before, this mailbox may have had another address.
        ProcessAddress.objects.filter(gateway=gateway).delete()
        add_address(desk, gateway, gateway.address, by)
    return desk


def answering(gateway: Gateway, headers: Mapping[int, bytes]) -> set[int]:
    """For gateways.sent_watch: which of these letters answer mail that was handed over from this mailbox.

    Those that are here already (sent from here, or moved into the folder by hand) are left out.
    """
    parsed = {uid: parse(lines + b"\r\n") for uid, lines in headers.items()}
    named = {uid: {*one.references, *one.in_reply_to} for uid, one in parsed.items()}
    keys = {digest(name): name for names in named.values() for name in names}
    threads = Conversation.objects.filter(process__addresses__gateway=gateway).values("thread")
    known: set[str] = set()
    wanted = list(keys)
    for start in range(0, len(wanted), 500):
        found = ThreadKey.objects.filter(key__in=wanted[start : start + 500], thread__in=threads)
        known |= {keys[bytes(key)] for key in found.values_list("key", flat=True)}
    own = {one.message_id for one in parsed.values() if one.message_id}
    return {uid for uid, names in named.items() if names & known and parsed[uid].message_id not in _here(gateway, own)}


def _here(gateway: Gateway, names: set[str]) -> set[str]:
    """Of these Message-IDs those of letters that stand in a conversation of the desk."""
    conversations = Conversation.objects.filter(process__addresses__gateway=gateway)
    sent = Outgoing.objects.filter(message_id__in=names, entry__conversation__in=conversations)
    keys = ThreadKey.objects.filter(key__in=[digest(name) for name in names])
    messages = Message.objects.filter(key__in=keys.values("pk"), entries__conversation__in=conversations)
    return {*sent.values_list("message_id", flat=True), *messages.values_list("key__message_id", flat=True)}


def stop(owner: Person, by: Person | None) -> None:
    """Somebody leaves: their mailboxes are not looked into any more (gateways.personal.is_watched); what came stays."""
    for gateway in Gateway.objects.filter(owner=owner):
        record(by, "stop-private-mailbox", f"gateway {gateway.pk}", owner=owner.pk)
