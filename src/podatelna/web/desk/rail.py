"""The rail at the left: one's own work, the processes one is in, and how much waits in each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.archive import quarantine
from podatelna.desk import quarantined, tasks
from podatelna.desk.case_models import Case
from podatelna.desk.lists import conversations_in, open_counts
from podatelna.desk.mark_models import Notice
from podatelna.desk.models import Process
from podatelna.desk.rules.reviewing import waiting_for
from podatelna.web.administration.overview import trouble


@dataclass(frozen=True)
class RailProcess:
    """A process on the rail: its list's slug, its name, how many conversations are open."""

    pk: int
    slug: str
    name: str
    count: int


@dataclass(frozen=True)
class Rail:
    """What the rail shows; empty for a visitor."""

    mine: int = 0
    unassigned: int = 0
    everything: int = 0
    held: int = 0  # conversations of floods that nobody has decided about
    processes: list[RailProcess] = field(default_factory=list)
    personal: RailProcess | None = None  # one's own desk, where one has connected one's mailbox
    cases: bool = False  # whether there are cases for them to see or to open
    notices: int = 0  # that were not seen yet
    standing_in: int = 0  # open conversations of somebody who is away
    mentions: int = 0  # conversations in which one was named and has not looked since
    tasks: int = 0  # that one has to do
    due: int = 0  # conversations whose target is missed or soon will be
    late: int = 0  # of those how many should be done already
    reviews: int = 0  # letters of others that wait until somebody has looked at them
    quarantined: int = 0  # mail of one's processes that could not be processed
    trouble: bool = False  # something failed that an administrator, who is looking, has to see to


def rail_of(person: Person) -> Rail:
    """The rail of `person`; counts cover only what they may see."""
    counts: Mapping[str, int] = open_counts(person)
    visible = list(Process.objects.visible_to(person).order_by("name"))
    processes = [process for process in visible if process.owner_id is None]
    told = Notice.objects.visible_to(person).new()
    to_do = tasks.of_person(person)
    personal = next((_on_rail(process, counts) for process in visible if process.owner_id == person.pk), None)
    return Rail(
        mine=counts.get("mine", 0),
        unassigned=counts.get("unassigned", 0),
        everything=counts.get("all", 0),
        held=conversations_in("held", person).count(),
        due=conversations_in("due", person).count(),
        standing_in=conversations_in("standing-in", person).count(),
        personal=personal,
        processes=[_on_rail(process, counts) for process in sorted(processes, key=lambda p: p.name.casefold())],
        notices=told.count(),
        mentions=told.filter(kind=Notice.Kind.MENTION).values("conversation").distinct().count(),
        tasks=to_do.count(),
        late=to_do.filter(due__lt=timezone.localdate()).count(),
        reviews=len(waiting_for(person)),
        cases=bool(processes) or Case.objects.visible_to(person).exists(),
        quarantined=_quarantined(person),
        trouble=person.is_administrator and bool(trouble()),
    )


def _quarantined(person: Person) -> int:
    # Mostly nothing stands there, which one look into an index says.
    return quarantined.readable(person).count() if quarantine.shunted().exists() else 0


def _on_rail(process: Process, counts: Mapping[str, int]) -> RailProcess:
    slug = f"process-{process.pk}"
    return RailProcess(process.pk, slug, process.name, counts.get(slug, 0))
