"""Who may see what is said twice, as a query and as a predicate: on a hundred thousand random pairs they agree."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from podatelna.accounts import inspections
from podatelna.accounts.access import can_see, carried_by, held_by
from podatelna.accounts.models import Holding, Person, Scope
from podatelna.archive.models import Delivery, DeliveryScope, Message, Thread
from podatelna.desk.case_models import Case, CaseScope
from podatelna.desk.models import Conversation, ConversationScope, Process
from tests.cast import Cast

pytestmark = pytest.mark.django_db
EACH, PEOPLE, SCOPES = 300, 100, 120
KINDS: tuple[type[models.Model], ...] = (Conversation, Case, Message, Delivery, Process)


def populate(
    cast: Cast, chance: random.Random
) -> tuple[list[Person], dict[type[models.Model], dict[int, frozenset[int]]]]:
    """People who hold scopes at random, some gone and some inspecting, and things that carry some, or none."""
    now = timezone.now()
    scopes = Scope.objects.bulk_create(Scope(kind=Scope.Kind.CASE) for _ in range(SCOPES))
    people = Person.objects.bulk_create(
        Person(email=f"p{n}@acme.cz", name=f"P{n}", is_active=n % 9 > 0, is_auditor=n % 5 == 0) for n in range(PEOPLE)
    )
    for person in people[::10]:
        if person.is_active and person.is_auditor:
            inspections.begin(person, "A test", now - timedelta(minutes=chance.choice((10, 90))))
    Holding.objects.bulk_create(
        Holding(person=person, scope=scope, reason=chance.choice(("member", "reader", "mention")))
        for person in people
        for scope in chance.sample(scopes, chance.randrange(12))
    )
    own = Scope.objects.bulk_create(Scope(kind=Scope.Kind.CONVERSATION) for _ in range(2 * EACH))
    threads = Thread.objects.bulk_create(Thread() for _ in range(EACH))
    conversations = Conversation.objects.bulk_create(
        Conversation(process=cast.helpdesk, worked_by=cast.helpdesk, thread=threads[n], scope=own[n])
        for n in range(EACH)
    )
    cases = Case.objects.bulk_create(
        Case(process=cast.sales, scope=own[EACH + n], year=2026, serial=n + 1, number=f"2026-{n}", title="x")
        for n in range(EACH)
    )
    messages = Message.objects.bulk_create(
        Message(fingerprint=n.to_bytes(32, "big"), size=1, received_at=now) for n in range(EACH)
    )
    deliveries = Delivery.objects.bulk_create(
        Delivery(
            origin=cast.helpdesk_gateway.origin, place=n.to_bytes(20, "big"), message=messages[n % EACH], header=b"",
            sha256=b"", size=1,
        )
        for n in range(EACH + 80)
    )  # fmt: skip

    def some() -> list[Scope]:
        return chance.sample(scopes, chance.choice((0, 1, 1, 2, 5)))

    ConversationScope.objects.bulk_create(
        ConversationScope(conversation=c, scope=s) for c in conversations for s in some()
    )
    CaseScope.objects.bulk_create(CaseScope(case=c, scope=s) for c in cases for s in some())
    DeliveryScope.objects.bulk_create(
        DeliveryScope(delivery=d, message_id=d.message_id, scope=s) for d in deliveries for s in some()
    )
    return people, {kind: {row.pk: carried_by(row) for row in kind._default_manager.all()} for kind in KINDS}


def test_query_and_predicate_agree(cast: Cast) -> None:
    chance = random.Random(6)
    people, carried = populate(cast, chance)
    pairs = seen = 0
    for person in people:
        held = held_by(person)
        for kind in KINDS:
            rows: Any = kind._default_manager
            by_query = set(rows.visible_to(person).values_list("pk", flat=True))
            by_predicate = {pk for pk, scopes in carried[kind].items() if held.shares(scopes)}
            assert by_query == by_predicate, (person, kind)
            pairs, seen = pairs + len(carried[kind]), seen + len(by_query)
    assert pairs >= 100_000
    assert pairs / 20 < seen < pairs / 2, "both answers are common"


def test_the_predicate_on_one_row_is_the_same(cast: Cast) -> None:
    chance = random.Random(7)
    people, carried = populate(cast, chance)
    for person in chance.sample(people, 15):
        held = held_by(person)
        for kind in KINDS:
            thing = chance.choice(list(kind._default_manager.all()))
            assert can_see(person, thing) == held.shares(carried[kind][thing.pk])
            assert not can_see(AnonymousUser(), thing)
    with pytest.raises(TypeError):
        can_see(people[1], people[2])
