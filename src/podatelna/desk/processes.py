"""Processes and their teams: making one, who works in it, through which mailbox its mail comes and goes."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from podatelna.accounts.access import grant, record, withdraw
from podatelna.accounts.models import Person, Scope
from podatelna.archive.models import Delivery, Origin
from podatelna.gateways.models import Gateway

from .errors import AddressTaken, NoProcess
from .models import Conversation, Member, Process, ProcessAddress

MEMBER = "member"  # the reason under which a team holds its process's scope
READER = "reader"  # the reason under which those of it hold it who only read


@transaction.atomic
def create_process(name: str, description: str, by: Person | None) -> Process:
    """A new process without team and address. Raises IntegrityError when the name is taken."""
    scope = Scope.objects.create(kind=Scope.Kind.PROCESS)
    process = Process.objects.create(name=name.strip(), description=description.strip(), scope=scope)
    record(by, "create-process", f"process {process.pk}", name=process.name)
    return process


@transaction.atomic
def add_member(process: Process, person: Person, role: str, by: Person | None) -> Member:
    """Let `person` work in the process as "lead" or "member", or look on as "reader"; who is in it changes the role."""
    before = Member.objects.filter(process=process, person=person).values_list("role", flat=True).first()
    member, _ = Member.objects.update_or_create(process=process, person=person, defaults={"role": Member.Role(role)})
    reads = member.role == Member.Role.READER
    grant(process.scope, person, READER if reads else MEMBER, by)
    withdraw(process.scope, person, MEMBER if reads else READER, by)
    record(by, "add-member", f"process {process.pk}", member=person.pk, before=before, role=role)
    if reads:
        _give_up(process, person, by, timezone.now())
    return member


@transaction.atomic
def remove_member(process: Process, person: Person, by: Person | None, now: datetime | None = None) -> None:
    """Take `person` out of the team: they see nothing of it any more; what they had open is nobody's."""
    now = now or timezone.now()
    before = Member.objects.filter(process=process, person=person).values_list("role", flat=True).first()
    gone, _ = Member.objects.filter(process=process, person=person).delete()
    withdraw(process.scope, person, MEMBER, by)
    withdraw(process.scope, person, READER, by)
    if gone:
        record(by, "remove-member", f"process {process.pk}", member=person.pk, before=before)
    _give_up(process, person, by, now)


def _give_up(process: Process, person: Person, by: Person | None, now: datetime) -> None:
    # Closed ones keep the name: it says who did the work. Reopened, they look for somebody who can see them.
    for conversation in Conversation.objects.open().filter(worked_by=process, assignee=person):
        conversation.assign(None, by, now)


def add_address(process: Process, gateway: Gateway, address: str, by: Person | None) -> ProcessAddress:
    """Mail to `address` through `gateway` is this process's work. Raises AddressTaken."""
    address = address.strip().lower()
    try:
        with transaction.atomic():
            last = process.addresses.aggregate(last=Max("position"))["last"]
            position = 0 if last is None else last + 1
            row = ProcessAddress.objects.create(process=process, gateway=gateway, address=address, position=position)
            record(by, "add-address", f"process {process.pk}", address=address, gateway=gateway.pk)
            _take_up_waiting(gateway)
    except IntegrityError:
        raise AddressTaken(address) from None
    return row


def _take_up_waiting(gateway: Gateway) -> None:
    """Mail that came before the mailbox belonged to a process was set aside; now it has somewhere to go."""
    # What web forms brought has no gateway: what is still not for anybody is set aside again.
    here = Q(origin=gateway.origin_id) | Q(origin__kind=Origin.Kind.FORM)
    waiting = Delivery.objects.filter(here, state=Delivery.State.SHUNTED)
    waiting = waiting.filter(error__startswith=NoProcess.__name__)
    waiting.update(state=Delivery.State.RECEIVED, due_at=F("seen_at"), leased_until=None, attempts=0)


@transaction.atomic
def name_address(address: ProcessAddress, name: str, by: Person | None) -> None:
    """Letters from it are signed with `name` in their headers; "": as the gateway says."""
    before, address.name = address.name, name.strip()
    if before != address.name:
        address.save(update_fields=["name"])
        record(
            by, "change-address", f"process {address.process_id}", address=address.address,
            before={"name": before}, after={"name": address.name},
        )  # fmt: skip


@transaction.atomic
def put_first(address: ProcessAddress, by: Person | None) -> None:
    """Letters of the process go out from it, unless the writer chooses another."""
    rows = list(ProcessAddress.objects.select_for_update().filter(process=address.process_id).order_by("pk"))
    before = min(rows, key=lambda row: (row.position, row.pk))
    if before.pk == address.pk:
        return
    order = [address, *(row for row in sorted(rows, key=lambda row: (row.position, row.pk)) if row.pk != address.pk)]
    for position, row in enumerate(order):
        row.position = position
    ProcessAddress.objects.bulk_update(order, ["position"])
    record(
        by, "change-address", f"process {address.process_id}",
        before={"main": before.address}, after={"main": address.address},
    )  # fmt: skip


@transaction.atomic
def remove_address(address: ProcessAddress, by: Person | None) -> None:
    """Mail to it is this process's work no longer; what has come stays where it is."""
    record(by, "remove-address", f"process {address.process_id}", address=address.address)
    address.delete()
