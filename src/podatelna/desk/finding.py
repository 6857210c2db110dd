"""Searching as people of the desk do, in: is: case: order: tag: priority:, with its access rule."""

from __future__ import annotations

from django.db.models import Min

from podatelna.accounts.inspections import is_inspecting
from podatelna.accounts.models import Person
from podatelna.archive.errors import QueryError
from podatelna.archive.search import Condition, Narrowing, Resolver
from podatelna.mail.language import folded

from . import finding_marks as marked
from . import finding_references
from .case_models import Case
from .case_numbers import read_number
from .models import Entry, Process

_STATES = {
    "open": "conversation.status = 'open'",
    "closed": "conversation.status = 'closed'",
    "unassigned": "conversation.status = 'open' AND conversation.assignee_id IS NULL",
    "assigned": "conversation.status = 'open' AND conversation.assignee_id IS NOT NULL",
    "mine": "conversation.assignee_id = %s",
}
_MOST_CASES = 50  # of one number: each process counts for itself
_NEVER = 1 << 62  # no message stands as late as this
_WORKED = marked.WORKED
_MAY_SEE = marked.MAY_SEE


def resolver_for(person: Person | None) -> Resolver:
    """What in: and is: stand for when `person` asks; None may ask of everything (command line only).

    So may an auditor in an inspection.
    """
    if person is not None and is_inspecting(person):
        person = None

    def resolve(narrowing: Narrowing) -> Condition:
        if narrowing.name in marked.NAMES:
            return marked.condition(narrowing, person)
        if narrowing.name == "order":
            return finding_references.condition(narrowing, person)
        if narrowing.name == "case":
            return _in_case(narrowing, person)
        return _in_process(narrowing, person) if narrowing.name == "in" else _in_state(narrowing, person)

    return resolve


def name_in_query(process: Process) -> str:
    """How `process` is written after in: in a query."""
    return f'"{process.name}"' if any(letter.isspace() for letter in process.name) else process.name


def _in_process(narrowing: Narrowing, person: Person | None) -> Condition:
    """Raises QueryError for a process that is not there, or not the person's: both look the same."""
    processes = Process.objects.all() if person is None else Process.objects.visible_to(person)
    known = {_key(process.name): process for process in processes.order_by("-pk")}
    process = known.get(_key(narrowing.value))
    if process is None:
        names = sorted(name_in_query(process) for process in known.values())
        raise QueryError("bad-in", narrowing.value_position, narrowing.value, names)
    return Condition(scopes=(process.scope_id,), negated=narrowing.negated)


def _key(name: str) -> str:
    """Names are met with and without accents, blanks and dashes."""
    return "".join(letter for letter in folded(name) if letter.isalnum())


def _in_case(narrowing: Narrowing, person: Person | None) -> Condition:
    """Of conversations filed under the case that the person may see. Raises QueryError for one they do not see."""
    number = read_number(narrowing.value)
    rows = Case.objects.all() if person is None else Case.objects.visible_to(person)
    cases = list(rows.filter(number=number).order_by("pk")[:_MOST_CASES]) if number is not None else []
    if not cases:
        raise QueryError("bad-case", narrowing.value_position, narrowing.value)
    marks = ", ".join("%s" for _ in cases)
    condition = f"conversation.id IN (SELECT conversation_id FROM desk_filing WHERE case_id IN ({marks}))"  # noqa: S608  # placeholders
    parameters = [case.pk for case in cases]
    if person is not None:
        condition, parameters = f"{condition} AND {_MAY_SEE}", [*parameters, person.pk]
    entries = Entry.objects.filter(conversation__filings__case__in=cases, message__search_id__isnull=False)
    oldest: int | None = entries.aggregate(oldest=Min("message__search_id"))["oldest"]
    since = None if narrowing.negated else _NEVER if oldest is None else oldest
    return Condition(
        sql=_WORKED.format(condition=condition), parameters=tuple(parameters), negated=narrowing.negated, since=since
    )


def _in_state(narrowing: Narrowing, person: Person | None) -> Condition:
    """Raises QueryError for a state that is not known."""
    state = narrowing.value.lower()
    known = [name for name in _STATES if name != "mine" or person is not None]
    if state not in known:
        raise QueryError("bad-is", narrowing.value_position, narrowing.value, [f"is:{name}" for name in known])
    condition, parameters = _STATES[state], [person.pk] if person and state == "mine" else []
    if person is not None:
        condition, parameters = f"{condition} AND {_MAY_SEE}", [*parameters, person.pk]
    since = None if narrowing.negated or state == "closed" else _oldest(state, person)
    return Condition(
        sql=_WORKED.format(condition=condition), parameters=tuple(parameters), negated=narrowing.negated, since=since
    )


def _oldest(state: str, person: Person | None) -> int:
    """The place in time of the oldest message that is worked so: what is open is mostly new."""
    entries = Entry.objects.filter(message__search_id__isnull=False)
    if state == "mine":
        entries = entries.filter(conversation__assignee=person)
    else:
        entries = entries.filter(conversation__status="open")
    oldest: int | None = entries.aggregate(oldest=Min("message__search_id"))["oldest"]
    return _NEVER if oldest is None else oldest
