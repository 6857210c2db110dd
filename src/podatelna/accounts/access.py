"""Who may see what: a person sees a thing when both share a scope. Layers above grant; here is only the comparison.

A model that can be seen names the table that gives its rows their scopes, and puts `Scoped` under its QuerySet::

    class Conversation(models.Model):
        scoped_by = "desk.ConversationScope"      # has columns `conversation` and `scope`
        objects = ConversationQuerySet.as_manager()  # class ConversationQuerySet(Scoped["Conversation"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet

from .audit import record as record  # callers have it from here
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
        shared = links._default_manager.filter(**{row: OuterRef("pk")}, scope__in=scopes_of(person))
        return self.filter(Exists(shared))


def scopes_of(person: Person) -> QuerySet[Holding, int]:
    """The ids of all scopes that `person` holds, as a subquery."""
    return Holding.objects.filter(person=person).values_list("scope_id", flat=True)


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
