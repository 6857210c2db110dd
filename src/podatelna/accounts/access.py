"""Who may see what: a person sees a thing when both share a scope. Layers above grant; here is only the comparison.

It stands here twice, as a query (`visible_to`) for lists and counts and as a predicate (`can_see`) for one person and
one thing, and a test holds the two together. An auditor in an inspection passes it, and what they read is written down.

A model that can be seen names the table that gives its rows their scopes, and puts `Scoped` under its QuerySet::

    class Conversation(models.Model):
        scoped_by = "desk.ConversationScope"      # has columns `conversation` and `scope`
        objects = ConversationQuerySet.as_manager()  # class ConversationQuerySet(Scoped["Conversation"])
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet

from .audit import record as record  # callers have it from here
from .inspections import is_inspecting
from .models import Holding, Person, Scope

T = TypeVar("T", bound=models.Model)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Scoped(QuerySet[T]):
    """A QuerySet whose rows carry scopes."""

    def visible_to(self, person: Person | AnonymousUser) -> Self:
        """The rows that share a scope with `person`; none for a visitor or a person who has left."""
        if not isinstance(person, Person) or not person.is_active:
            return self.none()
        links = apps.get_model(self.model.scoped_by)  # type: ignore[attr-defined]  # declared by each scoped model
        row = str(self.model._meta.model_name)
        shared = links._default_manager.filter(**{row: OuterRef("pk")})
        # From the few scopes of the row: who is let into ten thousand cases holds as many, and SQLite would go through
        # all of these for each row.
        return self.filter(Exists(shared if is_inspecting(person) else shared.filter(_held(person))))


@dataclass(frozen=True)
class Held:
    """What a person brings to the comparison: scopes (ids), or `everything` in an inspection."""

    scopes: frozenset[int] = frozenset()
    everything: bool = False

    def shares(self, carried: Set[int]) -> bool:
        """Whether the person sees what carries these scopes. What carries none is nobody's to see."""
        return bool(carried) if self.everything else not self.scopes.isdisjoint(carried)


def can_see(person: Person | AnonymousUser, thing: models.Model) -> bool:
    """Whether `person` may see the row `thing`; the same as that `visible_to` gives it.

    `thing` is of a model with `scoped_by`, or has a scope of its own (`scope`), as a process has.
    """
    return held_by(person).shares(carried_by(thing))


def held_by(person: Person | AnonymousUser) -> Held:
    """What `person` holds just now; nothing for a visitor and for a person who has left."""
    if not isinstance(person, Person) or not person.is_active:
        return Held()
    if is_inspecting(person):
        return Held(everything=True)
    return Held(frozenset(Holding.objects.filter(person=person).values_list("scope_id", flat=True)))


def carried_by(thing: models.Model) -> frozenset[int]:
    """The scopes (ids) that the row carries. Raises TypeError for what cannot be seen by scopes."""
    table = getattr(thing, "scoped_by", None)
    if table is None:
        scope = getattr(thing, "scope_id", None)
        if scope is None:
            raise TypeError(f"{type(thing).__name__} carries no scope")
        return frozenset({scope})
    row = str(thing._meta.model_name)
    links = apps.get_model(table)._default_manager.filter(**{row: thing.pk})
    return frozenset(links.values_list("scope_id", flat=True))


def scopes_of(person: Person) -> QuerySet[Any, int]:
    """The ids of all scopes that `person` holds, as a subquery; of all there are, for an auditor in an inspection."""
    if is_inspecting(person):
        return Scope.objects.values_list("pk", flat=True)
    return Holding.objects.filter(person=person).values_list("scope_id", flat=True)


def _held(person: Person) -> Exists:
    """Whether `person` holds the scope of a link."""
    return Exists(Holding.objects.filter(person=person, scope=OuterRef("scope")))


def grant(scope: Scope, person: Person, reason: str, by: Person | None) -> None:
    """Let `person` into `scope` for `reason`; doing it again changes nothing."""
    _, new = Holding.objects.get_or_create(person=person, scope=scope, reason=reason, defaults={"granted_by": by})
    if new:
        record(by, "grant", f"scope {scope.pk}", to=person.pk, reason=reason)


def withdraw(scope: Scope, person: Person, reason: str, by: Person | None) -> None:
    """Take back what `grant` gave for the same reason; other reasons stay."""
    gone, _ = Holding.objects.filter(person=person, scope=scope, reason=reason).delete()
    if gone:
        record(by, "withdraw", f"scope {scope.pk}", of=person.pk, reason=reason)
