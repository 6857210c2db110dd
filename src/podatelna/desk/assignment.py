"""Who gets a new conversation: as its process says, and never somebody who is not there.

First whom it may know, where the process wants that: the account manager of the contact or of its organisation, then
whoever had the correspondent's last conversation here. Otherwise it stays nobody's, or goes round, or to whoever has
the fewest open ones. Only who works in the team, acts in it and is given new mail comes into question; of somebody who
is away the substitute, where that is one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.contacts.known import account_manager

from .absence import present, substitute_of
from .models import Conversation, Member, Process

Assignment = Process.Assignment
ACTING = (Member.Role.LEAD, Member.Role.MEMBER)  # of a team, those who may do something


def assign_new(conversation: Conversation, now: datetime) -> Person | None:
    """Give a new conversation to somebody, or leave it; who got it. Nothing is done with one of a personal desk."""
    return next(iter(_assign_each([conversation], now).values()), None)


def assign_many(conversations: Iterable[Conversation], now: datetime) -> int:
    """The same for several, one after another; how many were given to somebody.

    Left as they are: what has an assignee already, what is closed, held, confidential or on a personal desk.
    """
    return len(_assign_each(list(conversations), now))


def _assign_each(conversations: Sequence[Conversation], now: datetime) -> dict[int, Person]:
    wanted = [one.pk for one in conversations if _gives(_desk(one))]
    if not wanted:
        return {}
    with transaction.atomic():
        rows = Conversation.objects.open().filter(pk__in=wanted, assignee=None, is_confidential=False)
        mine = list(rows.select_related("process", "worked_by").order_by("pk"))
        # Of two workers one waits for the other, in one order: neither gives the same turn away.
        teams = {pk: _Team(pk, now) for pk in sorted({_desk(one).pk for one in mine})}
        # One after another: who has just been given something has one more.
        return {one.pk: person for one in mine if (person := _assign(one, teams[_desk(one).pk], now)) is not None}


def _assign(conversation: Conversation, team: _Team, now: datetime) -> Person | None:
    person = team.choose(conversation)
    return person if person is not None and conversation.assign(person, None, now) else None


def _desk(conversation: Conversation) -> Process:
    """In whose list it stands: a rule may have sent it to another process."""
    process = conversation.process
    return process if conversation.worked_by_id in (None, process.pk) else (conversation.worked_by or process)


def _gives(process: Process) -> bool:
    given = process.assignment != Assignment.POOL or process.to_account_manager or process.to_last_handler
    return process.owner_id is None and given


class _Team:
    """Those of a process who are given new mail, as they are while the transaction lasts."""

    def __init__(self, process: int, now: datetime) -> None:
        # Not the whole row's lock: whoever adds a conversation to the process need not wait.
        list(Process.objects.select_for_update(no_key=True).filter(pk=process).values_list("pk"))
        self._members = {row.person_id: row for row in _taking(process)}
        self._here = {one.pk for one in present((row.person for row in self._members.values()), now)}
        self._now = now

    def choose(self, conversation: Conversation) -> Person | None:
        """Who gets it; None: it stays nobody's."""
        process = _desk(conversation)
        known = self._known(conversation) if process.to_account_manager or process.to_last_handler else None
        return known or (self._next(process) if process.assignment != Assignment.POOL else None)

    def _known(self, conversation: Conversation) -> Person | None:
        process, address = _desk(conversation), conversation.partner_address
        if not address:
            return None
        manager = account_manager(address) if process.to_account_manager else None
        if (there := self._there(manager)) is not None:
            return there
        return self._there(last_handler(conversation)) if process.to_last_handler else None

    def _there(self, person: int | None) -> Person | None:
        """The person, or who stands in for them; None of who is not given new mail of this process."""
        row = self._members.get(person) if person is not None else None
        if row is None or row.person_id in self._here:
            return row.person if row is not None else None
        other = substitute_of(row.person, self._now)
        return other if other is not None and other.pk in self._members else None

    def _next(self, process: Process) -> Person | None:
        order = sorted((row for pk, row in self._members.items() if pk in self._here), key=_turn)
        if process.assignment == Assignment.LEAST:
            load = _open_counts(row.person_id for row in order)
            order.sort(key=lambda row: load.get(row.person_id, 0))  # of equals whose turn is the longest ago
        if not order:
            return None
        self._took_turn(order[0])
        return order[0].person

    def _took_turn(self, row: Member) -> None:
        row.last_turn = 1 + max(one.last_turn for one in self._members.values())
        Member.objects.filter(pk=row.pk).update(last_turn=row.last_turn)


# --- how it is set ---------------------------------------------------------------------------------------


def acting(process: Process) -> QuerySet[Member]:
    """Those of the team who may be given something: leads and members who have not left, by name."""
    rows = Member.objects.filter(process=process, role__in=ACTING, person__is_active=True)
    return rows.order_by("person__name", "pk")


def in_turn(process: Process, now: datetime) -> list[Person]:
    """Who is given new conversations, whose turn comes next first."""
    return present([row.person for row in sorted(_taking(process.pk), key=_turn)], now)


@transaction.atomic
def set_assignment(
    process: Process,
    assignment: str,
    *,
    to_account_manager: bool,
    to_last_handler: bool,
    takes_new: Collection[Person],
    by: Person,
) -> None:
    """Say who gets what is new from now on; what was given stays where it is."""
    process = Process.objects.select_for_update().get(pk=process.pk)
    before = _settings(process)
    process.assignment = Assignment(assignment)
    process.to_account_manager, process.to_last_handler = to_account_manager, to_last_handler
    process.save(update_fields=["assignment", "to_account_manager", "to_last_handler"])
    taking = {person.pk for person in takes_new}
    acting(process).filter(person__in=taking).update(takes_new=True)
    acting(process).exclude(person__in=taking).update(takes_new=False)
    after = _settings(process)
    changed = [name for name in after if before[name] != after[name]]
    if changed:
        record(
            by, "change-process", f"process {process.pk}",
            before={name: before[name] for name in changed}, after={name: after[name] for name in changed},
        )  # fmt: skip


def _settings(process: Process) -> dict[str, object]:
    return {
        "assignment": process.assignment,
        "to_account_manager": process.to_account_manager,
        "to_last_handler": process.to_last_handler,
        "takes_new": sorted(acting(process).filter(takes_new=True).values_list("person", flat=True)),
    }


def _taking(process: int) -> list[Member]:
    rows = Member.objects.filter(process=process, role__in=ACTING, takes_new=True, person__is_active=True)
    return list(rows.select_related("person"))


def _turn(row: Member) -> tuple[int, int]:
    return row.last_turn, row.pk


# --- whom it may know ------------------------------------------------------------------------------------


def last_handler(conversation: Conversation) -> int | None:
    """The id of whoever has, or had, the last other conversation of the process with the same correspondent."""
    others = Conversation.objects.filter(
        partner_address=conversation.partner_address, worked_by=_desk(conversation), assignee__isnull=False
    ).exclude(pk=conversation.pk)
    return others.order_by("-last_message_at", "-pk").values_list("assignee", flat=True).first()


def _open_counts(people: Iterable[int]) -> dict[int, int]:
    rows = Conversation.objects.open().filter(assignee__in=list(people)).order_by()
    return dict(rows.values_list("assignee").annotate(count=Count("pk")))
