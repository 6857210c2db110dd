"""Numbers beside search results, each a link that narrows the search: processes, people, years."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from podatelna.accounts.models import Person
from podatelna.archive.search import Counts
from podatelna.desk.finding import name_in_query
from podatelna.desk.models import Process


@dataclass(frozen=True)
class Choice:
    """One number: of what, and the search that gives just these."""

    name: str
    number: int
    url: str
    title: str = ""


@dataclass(frozen=True)
class Facet:
    """Numbers of one kind."""

    name: str
    choices: list[Choice]


def facets(counts: Counts, query: str, person: Person) -> list[Facet]:
    """What can be narrowed to. Numbers that say nothing (one choice that is everything) are left out."""
    found = [
        Facet(_("Process"), _processes(counts, query, person)),
        Facet(_("From whom"), _senders(counts, query)),
        Facet(_("Year"), _years(counts, query)),
    ]
    return [facet for facet in found if any(choice.number < counts.total for choice in facet.choices)]


def _processes(counts: Counts, query: str, person: Person) -> list[Choice]:
    # Messages have scopes of processes that the person is not in: of those nothing is said.
    numbers = dict(counts.scopes)
    visible = Process.objects.visible_to(person).filter(scope__in=numbers)
    rows = sorted(((numbers[process.scope_id], process) for process in visible), key=lambda row: -row[0])
    return [Choice(process.name, number, _url(query, f"in:{name_in_query(process)}")) for number, process in rows]


def _senders(counts: Counts, query: str) -> list[Choice]:
    return [
        Choice(name or address, number, _url(query, f"from:{address}"), address)
        for address, name, number in counts.senders
    ]


def _years(counts: Counts, query: str) -> list[Choice]:
    return [Choice(str(year), number, _url(query, f"after:{year} before:{year + 1}")) for year, number in counts.years]


def _url(query: str, more: str) -> str:
    return f"{reverse('search')}?{urlencode({'q': f'{query} {more}'})}"
