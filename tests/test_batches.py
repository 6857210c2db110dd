"""A batch of deliveries does what they would do one by one, whatever their order and however they are parted."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from podatelna import pipeline
from podatelna.archive import search, store
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Correspondent, Delivery, DeliveryScope, Message, Part, Thread, ThreadKey
from podatelna.contacts.models import Contact
from podatelna.desk.imports import origin_for
from podatelna.desk.models import Change, Conversation, Entry
from podatelna.mail.parse import Parsed
from tests.cast import NOON, Cast, a_mail

LATER = NOON + timedelta(hours=3)
PEOPLE = ("Jana Nováková <jana@example.cz>", "Petr <petr@firma.cz>", "bob@acme.cz", "alice@acme.cz")


def some_mail(
    chance: random.Random, count: int, *, wild: bool = False, subjects: str = "Letter {0}||Re: Letter {1}"
) -> list[bytes]:
    """Threads of letters, some of whose parents never come; some twice, some with files, some automatic.

    Wild ones name any others, so that threads are joined by what comes later.
    """
    mails: list[bytes] = []
    for number in range(count):
        if wild:
            named = sorted(set(chance.sample(range(count + 5), chance.choice((0, 0, 1, 1, 2)))) - {number})
        else:
            named = [chance.randrange(number)] if number and chance.random() < 0.6 else []
        ids = [f"{one}@example.cz" for one in named]
        mails.append(
            a_mail(
                chance.choice(subjects.split("|")).format(number, named[0] if named else 0),
                f"Dobrý den, číslo {number}.\n",
                sender=chance.choice(PEOPLE),
                to=chance.choice(("helpdesk@acme.cz", "sales@acme.cz, helpdesk@acme.cz", "jana@example.cz")),
                message_id=f"{number}@example.cz",
                in_reply_to=ids[-1] if ids else "",
                references=ids[:-1],
                files=[("a.pdf", "application/pdf", b"%PDF" * 900)] if chance.random() < 0.2 else [],
                headers=[("Auto-Submitted", "auto-replied")] if chance.random() < 0.1 else [],
            )
        )
    return mails + chance.sample(mails, count // 5)


def all_arrive(cast: Cast, mails: Sequence[bytes], chance: random.Random) -> list[Delivery]:
    """Through two gateways and an import, at different times."""
    origins = [cast.helpdesk_gateway.origin_id, cast.sales_gateway.origin_id, origin_for(cast.sales).pk]
    received = [
        Received(raw, chance.choice(origins), f"{chance.random()}", NOON + timedelta(seconds=chance.randint(0, 9)))
        for raw in mails
    ]
    return [one.delivery for one in accept(received)]


def mails_of(conversation: Conversation) -> frozenset[str]:
    """The Message-IDs of what stands in it."""
    letters = conversation.entries.exclude(message=None)
    return frozenset(letters.values_list("message__message_id", flat=True))


def outcome() -> dict[str, Any]:
    """All that can be seen of what the pipeline did, without numbers that the database gave."""
    name = {message.pk: message.message_id for message in Message.objects.all()}
    return {
        "threads": threads(),
        "keys": sorted(ThreadKey.objects.values_list("message_id", flat=True)),
        "messages": sorted(
            Message.objects.values_list(
                "message_id", "subject", "from_address", "preview", "attachment_count", "automatic", "defects",
                "parent__message_id", "key__message_id",
            ),
            key=repr,
        ),
        "parts": sorted(
            Part.objects.values_list("message__message_id", "position", "filename", "blob__size"), key=repr
        ),
        "correspondents": sorted(Correspondent.objects.values_list("message__message_id", "role", "name", "address")),
        "conversations": sorted(
            (
                one.process.name, one.subject, one.status, one.partner_name, one.partner_address, one.preview,
                one.created_at, one.last_message_at, one.last_inbound_at, one.closed_at,
                one.assignee and one.assignee.name, one.scope_links.count(),
                [
                    (entry.kind, entry.at, entry.entered_at, name.get(entry.message_id or 0), entry.verb,
                     entry.person and entry.person.name)
                    for entry in one.entries.all()
                ],
            )
            for one in Conversation.objects.all()
        ),
        "scopes": sorted(
            DeliveryScope.objects.values_list("delivery_id", "scope__kind", "scope__process__name"), key=repr
        ),
        "contacts": sorted(Contact.objects.values_list("address", "name")),
        "deliveries": sorted(Delivery.objects.values_list("pk", "state", "due_at", "error")),
        "found": len(search.search("dobrý", person=None, limit=500)),
    }  # fmt: skip


def threads() -> set[frozenset[str]]:
    """The messages of each thread."""
    return {frozenset(one.messages.values_list("message_id", flat=True)) for one in Thread.objects.all()}


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def parted(deliveries: Sequence[Delivery], chance: random.Random) -> Iterator[list[Delivery]]:
    """In groups of any size, in this order; as read anew."""
    pks = [delivery.pk for delivery in deliveries]
    while pks:
        size = chance.randint(1, len(pks))
        yield [Delivery.objects.select_related("message", "origin").get(pk=pk) for pk in pks[:size]]
        del pks[:size]


@pytest.mark.parametrize("seed", range(6))
def test_batches_of_any_size_do_the_same_as_one_by_one(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    deliveries = all_arrive(cast, some_mail(chance, 22), chance)
    with undone():
        for delivery in deliveries:
            pipeline.receive(Delivery.objects.get(pk=delivery.pk), now=LATER)
        alone = outcome()
    assert len(alone["conversations"]) > 5
    for _ in range(3):
        with undone():
            for batch in parted(deliveries, chance):
                pipeline.receive_batch(batch, now=LATER)
            together = outcome()
        for name, value in alone.items():
            assert together[name] == value, name


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_the_same_messages_are_together(cast: Cast, seed: int) -> None:
    chance = random.Random(100 + seed)
    deliveries = all_arrive(cast, some_mail(chance, 22, wild=True), chance)
    found = []
    for _ in range(4):
        chance.shuffle(deliveries)
        with undone():
            for batch in parted(deliveries, chance):
                pipeline.receive_batch(batch, now=LATER)
            conversations = {(one.process.name, mails_of(one)) for one in Conversation.objects.all()}
            found.append((threads(), conversations))
    assert all(one == found[0] for one in found)


def test_a_batch_again_changes_nothing(cast: Cast) -> None:
    chance = random.Random(5)
    deliveries = all_arrive(cast, some_mail(chance, 15, subjects="Letter {0}"), chance)
    pipeline.receive_batch(deliveries, now=LATER)
    first = outcome()
    pipeline.receive_batch(list(Delivery.objects.order_by("?")), now=LATER + timedelta(days=1))
    assert outcome() == first


def test_one_that_fails_does_not_take_its_batch_with_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(6)
    deliveries = all_arrive(cast, [a_mail(f"{number}") for number in range(8)], chance)
    index_many = search.index_many

    def fails_for_one(pairs: Sequence[tuple[Message, Parsed]], *also: Any) -> None:
        if any(message.subject == "3" for message, _ in pairs):
            raise RecursionError("too deep")
        index_many(pairs, *also)

    monkeypatch.setattr(search, "index_many", fails_for_one)
    pipeline.receive_batch(deliveries, now=NOON)
    assert Delivery.objects.filter(state=Delivery.State.DONE).count() == 7
    assert Delivery.objects.get(state=Delivery.State.SHUNTED).message.subject == "3"
    assert Entry.objects.filter(kind=Entry.Kind.MESSAGE).count() == 8


def test_damaged_ones_are_set_aside_and_the_others_go_on(cast: Cast) -> None:
    deliveries = all_arrive(cast, [a_mail(f"{number}") for number in range(5)], random.Random(7))
    Delivery.objects.filter(pk=deliveries[2].pk).update(sha256=bytes(32))
    pipeline.receive_batch(list(Delivery.objects.select_related("message", "origin")), now=NOON)
    assert Delivery.objects.filter(state=Delivery.State.DONE).count() == 4
    assert Delivery.objects.get(state=Delivery.State.SHUNTED).stage == "read"


def test_one_that_was_erased_meanwhile_is_passed_over(cast: Cast) -> None:
    deliveries = all_arrive(cast, [a_mail(f"{number}") for number in range(4)], random.Random(8))
    store.erase_delivery(Delivery.objects.get(pk=deliveries[1].pk))
    pipeline.receive_batch(deliveries, now=NOON)
    assert Delivery.objects.filter(state=Delivery.State.DONE).count() == Delivery.objects.count() == 3


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, a batch goes through together."""
    pace = pipeline._Pace()
    pace.count = 100
    monkeypatch.setattr(pipeline, "_pace", pace)
    monkeypatch.setattr(pipeline, "_SECONDS", 1_000.0)


@pytest.mark.usefixtures("unhurried")
def test_a_batch_takes_few_statements(cast: Cast) -> None:
    few, many = (
        [
            Received(a_mail(f"{count} {at}"), cast.helpdesk_gateway.origin_id, f"{count} {at}", NOON)
            for at in range(count)
        ]
        for count in (3, 30)
    )
    with CaptureQueriesContext(connection) as for_few:
        pipeline.receive_batch([one.delivery for one in accept(few)], now=NOON)
    with CaptureQueriesContext(connection) as for_many:
        pipeline.receive_batch([one.delivery for one in accept(many)], now=NOON)
    assert len(for_many) <= len(for_few) + 5


@pytest.mark.usefixtures("unhurried")
def test_a_change_is_told_once_of_each_conversation(cast: Cast) -> None:
    mails = [a_mail("A", message_id="a@e.cz"), a_mail("B", in_reply_to="a@e.cz"), a_mail("C", message_id="c@e.cz")]
    received = [Received(raw, cast.helpdesk_gateway.origin_id, f"{at}", NOON) for at, raw in enumerate(mails)]
    pipeline.receive_batch([one.delivery for one in accept(received)], now=NOON)
    assert Change.objects.count() == Conversation.objects.count() == 2


# --- the queue -------------------------------------------------------------------------------------------


def test_those_that_a_worker_died_with_are_tried_one_by_one(cast: Cast) -> None:
    deliveries = all_arrive(cast, [a_mail(f"{number}") for number in range(3)], random.Random(10))
    guilty = deliveries[1].pk
    for life in range(pipeline.MOST_ATTEMPTS + 1):
        with pytest.raises(SystemExit) if life < pipeline.MOST_ATTEMPTS else undisturbed():
            dies_of(guilty, LATER + timedelta(hours=life))
    assert Delivery.objects.get(pk=guilty).state == Delivery.State.SHUNTED
    assert Delivery.objects.filter(state=Delivery.State.DONE).count() == 2


@contextmanager
def undisturbed() -> Iterator[None]:
    yield


def dies_of(pk: int, now: Any) -> None:
    """A worker that the delivery `pk` brings down, before anything was written."""
    receive_batch = pipeline.receive_batch

    def dies(deliveries: Sequence[Delivery], **more: Any) -> None:
        if any(delivery.pk == pk for delivery in deliveries):
            raise SystemExit
        receive_batch(deliveries, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "receive_batch", dies)
        pipeline.receive_due(now)


def test_no_more_is_held_in_memory_than_a_few_large_ones(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    all_arrive(cast, [a_mail(f"{number}", "x" * 60 + "\n" * 2_000) for number in range(6)], random.Random(11))
    monkeypatch.setattr(pipeline, "_MOST_BYTES", 5_000)
    groups: list[int] = []
    receive_group = pipeline._receive_group

    def counted(deliveries: Sequence[Delivery], *more: Any) -> None:
        groups.append(len(deliveries))
        receive_group(deliveries, *more)

    monkeypatch.setattr(pipeline, "_receive_group", counted)
    pipeline.receive_batch(list(Delivery.objects.select_related("message")), now=NOON)
    assert max(groups) <= 2
    assert sum(groups) == 6
