"""A typed query turned into what an index is asked: for whom, and narrowed to what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from podatelna.accounts.inspections import is_inspecting
from podatelna.accounts.models import Person

from .hits import Condition, Question
from .query import Narrowing, Term, read_query, unknown_operator

# What in: or is: stand for, told by whoever knows processes and conversations. Raises QueryError.
Resolver = Callable[[Narrowing], Condition]

# What an auditor sees in an inspection: whatever is seen by anybody.
ANYBODYS = Condition(sql="EXISTS (SELECT 1 FROM archive_deliveryscope link WHERE link.message_id = message.id)")


def knows_none(narrowing: Narrowing) -> Condition:
    """The archive by itself has no processes: there, in: is no operator."""
    raise unknown_operator(narrowing.name, narrowing.position + narrowing.negated)


def question_of(
    query: str, person: Person | None, resolve: Resolver = knows_none, before: int | None = None
) -> Question | None:
    """What to ask for `query`; None when nothing can be seen by `person`. Raises QueryError."""
    wanted = read_query(query)
    conditions = tuple(resolve(narrowing) for narrowing in wanted.narrowings)
    if person is not None and not person.is_active:
        return None
    person_id = person.pk if person is not None else None
    if person is not None and is_inspecting(person):
        person_id, conditions = None, (*conditions, ANYBODYS)
    since = max((one.since for one in conditions if one.since is not None), default=None)
    return Question(wanted, person_id, conditions, before, since)


def with_group(question: Question, *terms: Term) -> Question:
    """The same question, of messages that meet one of `terms` too."""
    groups = (*question.query.groups, terms)
    return replace(question, query=replace(question.query, groups=groups))
