"""From which addresses somebody may write: a process's, their own, or the owner's of a conversation handed to them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from podatelna.accounts.models import Person
from podatelna.gateways.models import Gateway
from podatelna.mail.addresses import Address

from .handover import may_answer_as_owner
from .models import Conversation, Member, Process, ProcessAddress
from .signatures import signature_for


@dataclass(frozen=True)
class Sender:
    """An address to write from, and the gateway it goes through.

    `kind` is "process", "own" (the writer's), or "owner" (of whom the conversation comes, and who may be the writer).
    """

    address: Address
    gateway: Gateway
    kind: str
    signature: str | None = None  # instead of the usual one
    footer: str = ""  # below everything


def senders(person: Person, process: Process, conversation: Conversation | None = None) -> list[Sender]:
    """From which addresses `person` may write for the process, or in its conversation; the usual one first."""
    if process.owner_id is None:
        found = [*_of_process(process), *_of_own(person), *_through_process(person, process)]
    elif conversation is None:
        found = _of_owner(process) if person.pk == process.owner_id else []
    else:
        found = _in_personal(person, process, conversation)
    return _once([*found, *_of_own(person)])


def _of_process(process: Process) -> list[Sender]:
    rows = process.addresses.select_related("gateway")
    return [Sender(Address(name_beside(row, process), row.address), row.gateway, "process") for row in rows]


def name_beside(address: ProcessAddress, process: Process) -> str:
    """The name that stands beside an address of `process` in the letters it sends."""
    return address.name or address.gateway.display_name or process.name


def _through_process(person: Person, process: Process) -> list[Sender]:
    """The person's own address where a gateway of the process allows it."""
    gateway = Gateway.objects.filter(addresses__process=process, own_addresses=True).order_by("addresses").first()
    return [Sender(Address(person.name, person.email), gateway, "own")] if gateway else []


def _of_own(person: Person) -> list[Sender]:
    """The person's own address through their own mailbox."""
    return _personal(ProcessAddress.objects.filter(process__owner=person), "own")


def _of_owner(process: Process) -> list[Sender]:
    return _personal(process.addresses.all(), "owner")


def _in_personal(person: Person, process: Process, conversation: Conversation) -> list[Sender]:
    """In a conversation of a personal desk, whoever works on it now."""
    found = _of_own(person)
    worked_by = conversation.worked_by
    if (
        worked_by is not None
        and worked_by.owner_id is None
        and Member.objects.filter(process=worked_by, person=person).exists()
    ):
        found = [*_of_process(worked_by), *found, *_through_process(person, worked_by)]
    if not may_answer_as_owner(conversation, person):
        return found
    return [*_of_owner(process), *found] if person.pk == process.owner_id else [*found, *_of_owner(process)]


def _personal(addresses: QuerySet[ProcessAddress], kind: str) -> list[Sender]:
    rows = addresses.filter(process__owner__is_active=True).exclude(gateway__state=Gateway.State.PAUSED)
    return [
        Sender(Address(row.gateway.display_name or row.process.name, row.address), row.gateway, kind)
        for row in rows.select_related("gateway__owner", "process")
    ]


def _once(found: list[Sender]) -> list[Sender]:
    """Each address once, as it was found first."""
    by_address: dict[str, Sender] = {}
    for sender in found:
        by_address.setdefault(sender.address.address.lower(), sender)
    return list(by_address.values())


def choose(person: Person, process: Process, address: str, conversation: Conversation | None = None) -> Sender | None:
    """The sender with this address, or None when `person` may not write from it."""
    wanted = address.strip().lower()
    found = [one for one in senders(person, process, conversation) if one.address.address.lower() == wanted]
    return found[0] if found else None


def signature_of(sender: Sender, person: Person) -> str:
    """What stands below a letter of `person` from this address."""
    if sender.signature is not None:
        return sender.signature
    if sender.kind == "own":
        return person.signature
    if sender.kind == "owner" and sender.gateway.owner is not None:
        return sender.gateway.signature or sender.gateway.owner.signature
    row = ProcessAddress.objects.filter(address=sender.address.address).select_related("process").first()
    own = signature_for(row.process, person, row.address) if row is not None else None
    return sender.gateway.signature if own is None else own


def reply_to(sender: Sender, process: Process, conversation: Conversation | None) -> Address | None:
    """Where answers to a letter from one's own address come: to the process, or its team would never see them.

    None where they come back to the address itself: a process's, or a personal desk's.
    """
    if sender.kind != "own":
        return None
    team = conversation.worked_by if conversation is not None and conversation.worked_by is not None else process
    if team.owner_id is not None:
        return None
    rows = team.addresses.select_related("gateway")
    row = rows.filter(gateway=sender.gateway).first() or rows.first()
    return Address(row.gateway.display_name or team.name, row.address) if row is not None else None


def own_addresses(process: Process, conversation: Conversation | None = None) -> frozenset[str]:
    """The process's own addresses, lower case: nobody answers themselves."""
    processes = {process.pk, (conversation.worked_by_id if conversation is not None else None) or process.pk}
    return frozenset(ProcessAddress.objects.filter(process__in=processes).values_list("address", flat=True))
