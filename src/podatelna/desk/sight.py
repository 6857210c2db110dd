"""Who can see a conversation, a case or a message, and why; and what a person, or a process's outsiders, can see.

Told from the very rows that decide (scopes carried and held), so that it cannot say something else than what holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from podatelna.accounts.access import carried_by
from podatelna.accounts.models import Holding, Person, Scope
from podatelna.archive.models import Message

from .case_models import Case
from .models import Conversation, Member, Process


@dataclass(frozen=True)
class Reason:
    """Why somebody sees a thing. `code`: "lead", "member", "reader", "owner", or the reason of the holding.

    `about` names the process or case, where who asks may know of it; `by` and `since`: who let them in, and when.
    """

    code: str
    about: str
    by: Person | None
    since: datetime


@dataclass(frozen=True)
class Seer:
    """Somebody who sees it, with every reason."""

    person: Person
    reasons: tuple[Reason, ...]


def who_sees(thing: Conversation | Case | Message, viewer: Person) -> list[Seer]:
    """Everybody who sees `thing`, by name. Auditors in an inspection hold nothing and do not stand here."""
    held = Holding.objects.filter(scope__in=carried_by(thing), person__is_active=True)
    rows = held.select_related("person", "granted_by", "scope__process", "scope__case").order_by("pk")
    roles = _roles(rows)
    numbers = _known_cases(rows, viewer)
    found: dict[int, list[Reason]] = {}
    people: dict[int, Person] = {}
    for row in rows:
        people[row.person_id] = row.person
        found.setdefault(row.person_id, []).append(_reason(row, roles, numbers))
    seers = [Seer(people[pk], tuple(reasons)) for pk, reasons in found.items()]
    return sorted(seers, key=lambda seer: (seer.person.name.casefold(), seer.person.pk))


def _reason(row: Holding, roles: dict[tuple[int, int], str], numbers: dict[int, str]) -> Reason:
    code, about = row.reason, ""
    if row.scope.kind == Scope.Kind.DESK:
        code = "owner"
    elif row.scope.kind == Scope.Kind.PROCESS:
        about = row.scope.process.name
        if row.reason in ("member", "reader"):
            code = roles.get((row.scope_id, row.person_id), row.reason)
    elif row.scope.kind == Scope.Kind.CASE:
        about = numbers.get(row.scope_id, "")
    return Reason(code, about, row.granted_by, row.granted_at)


def _roles(rows: Iterable[Holding]) -> dict[tuple[int, int], str]:
    scopes = {row.scope_id for row in rows if row.scope.kind == Scope.Kind.PROCESS}
    members = Member.objects.filter(process__scope__in=scopes).values_list("process__scope", "person", "role")
    return {(scope, person): role for scope, person, role in members}


def _known_cases(rows: Iterable[Holding], viewer: Person) -> dict[int, str]:
    scopes = {row.scope_id for row in rows if row.scope.kind == Scope.Kind.CASE}
    visible = Case.objects.visible_to(viewer).filter(scope__in=scopes)
    return dict(visible.values_list("scope", "number"))


# --- the other way round ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class SeenProcess:
    """A process as somebody sees it: through their place in its team, or single things of it alone."""

    process: Process
    role: str = ""  # "" for who is not in the team
    all: int = 0  # conversations that its team sees
    conversations: dict[str, int] = field(default_factory=dict)  # single ones, by the reason
    cases: int = 0  # that they are people of
    confidential: int = 0  # of the single conversations

    @property
    def single(self) -> int:
        """How many conversations they were let into one by one."""
        return sum(self.conversations.values())


def seen_by(person: Person) -> list[SeenProcess]:
    """What of the company's processes `person` can see, by name: numbers alone, and nothing of any mail."""
    members = Member.objects.filter(person=person)
    return [
        one for _, one in _seen(Q(holdings__person=person), members, Conversation.objects.all(), Case.objects.all())
    ]


def seeing_of(process: Process, viewer: Person) -> list[tuple[Person, SeenProcess]]:
    """Who sees something of `process`, and how much, for who leads it: of what `viewer` sees themselves."""
    conversations = Conversation.objects.visible_to(viewer).filter(process=process)
    cases = Case.objects.visible_to(viewer).filter(process=process)
    members = Member.objects.filter(process=process, person__is_active=True)
    return _seen(Q(holdings__person__is_active=True), members, conversations, cases)


def _seen(
    holders: Q, members: QuerySet[Member], conversations: QuerySet[Conversation], cases: QuerySet[Case]
) -> list[tuple[Person, SeenProcess]]:
    single: dict[tuple[int, int], dict[str, int]] = {}
    secret: dict[tuple[int, int], int] = {}
    of_cases: dict[tuple[int, int], int] = {}
    scopes = Scope.objects.filter(holders)
    company = Q(conversation__process__owner=None, conversation__in=conversations.values("pk"))
    counted = scopes.filter(company).values_list(
        "conversation__process", "holdings__person", "holdings__reason", "conversation__is_confidential"
    )
    for process, person, reason, is_secret, number in counted.annotate(number=Count("pk")).order_by():
        key = process, person
        single.setdefault(key, {})
        single[key][reason] = single[key].get(reason, 0) + number
        secret[key] = secret.get(key, 0) + (number if is_secret else 0)
    counted_cases = scopes.filter(case__in=cases.values("pk")).values_list("case__process", "holdings__person")
    for process, person, number in counted_cases.annotate(number=Count("pk")).order_by():
        of_cases[process, person] = number
    rows = members.filter(process__owner=None).values_list("process", "person", "role")
    roles = {(process, person): role for process, person, role in rows}
    keys = {*single, *of_cases, *roles}
    processes = Process.objects.in_bulk({process for process, _ in keys})
    people = Person.objects.in_bulk({person for _, person in keys})
    totals = _totals(conversations, {process for process, _ in roles})
    found = [
        (
            people[person],
            SeenProcess(
                processes[process],
                roles.get((process, person), ""),
                totals.get(process, 0) if (process, person) in roles else 0,
                single.get((process, person), {}),
                of_cases.get((process, person), 0),
                secret.get((process, person), 0),
            ),
        )
        for process, person in keys
    ]
    return sorted(found, key=lambda one: (one[0].name.casefold(), one[0].pk, one[1].process.name.casefold()))


def _totals(conversations: QuerySet[Conversation], processes: set[int]) -> dict[int, int]:
    rows = conversations.filter(process__in=processes, is_confidential=False).order_by().values_list("process")
    return dict(rows.annotate(number=Count("pk")))
