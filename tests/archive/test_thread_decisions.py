"""What somebody decided about threads holds, whatever comes later and in whatever order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podatelna.archive import store, thread_decisions, threads
from podatelna.archive.errors import NothingToSplit
from podatelna.archive.models import Message, Origin, Thread, ThreadDecision, ThreadKey
from podatelna.archive.thread_keys import Placed

from .mails import NOON, a_message, an_origin, arrive

pytestmark = pytest.mark.django_db


@pytest.fixture
def origin(db: None) -> Origin:
    return an_origin()


def place(origin: Origin, message_id: str, *references: str) -> Placed:
    raw = a_message("Hello", f"I am {message_id}.", message_id=message_id, references=references)
    message = arrive(raw, origin).message
    return threads.place(message, store.read(message))


def message(name: str) -> Message:
    return Message.objects.select_related("thread", "key").get(key__message_id=name)


def grouped() -> list[str]:
    """The messages of each thread, as names."""
    found: dict[int | None, list[str]] = {}
    for thread, name in Message.objects.order_by("key__message_id").values_list("thread", "key__message_id"):
        found.setdefault(thread, []).append(name)
    return sorted("".join(names) for names in found.values())


def split(name: str) -> ThreadDecision:
    return thread_decisions.split(message(name), None, NOON).decision


def join(one: str, other: str) -> ThreadDecision:
    first, second = message(one).thread, message(other).thread
    assert first is not None
    assert second is not None
    return thread_decisions.join(first, second, None, NOON).decision


def test_a_split_takes_the_answers_along_and_leaves_the_rest_in_its_thread(origin: Origin) -> None:
    root = place(origin, "a").thread
    for name, references in (("b", "a"), ("c", "ab"), ("d", "a")):
        place(origin, name, *references)
    split("b")
    assert grouped() == ["ad", "bc"]
    assert message("a").thread == root


def test_later_answers_go_where_what_they_answer_is(origin: Origin) -> None:
    place(origin, "a"), place(origin, "b", "a")
    split("b")
    place(origin, "c", "a", "b")
    place(origin, "d", "c")
    place(origin, "e", "a")
    assert grouped() == ["ae", "bcd"]


def test_a_replay_does_not_undo_a_split(origin: Origin) -> None:
    place(origin, "a"), place(origin, "b", "a"), place(origin, "c", "a", "b")
    split("b")
    for one in Message.objects.all():
        threads.place(one, store.read(one))
    assert grouped() == ["a", "bc"]


def test_undoing_a_split_makes_one_thread_again(origin: Origin) -> None:
    place(origin, "a"), place(origin, "b", "a")
    decision = split("b")
    place(origin, "c", "a", "b")
    [placed] = thread_decisions.undo(decision)
    assert grouped() == ["abc"]
    threads.bury(placed)
    assert Thread.objects.count() == 1
    assert not ThreadDecision.objects.exists()


def test_the_first_message_cannot_be_split_off(origin: Origin) -> None:
    place(origin, "a"), place(origin, "b", "a")
    with pytest.raises(NothingToSplit):
        split("a")
    split("b")
    with pytest.raises(NothingToSplit):
        split("b")
    assert ThreadDecision.objects.count() == 1


def test_joined_threads_stay_joined(origin: Origin) -> None:
    place(origin, "a"), place(origin, "x")
    join("a", "x")
    place(origin, "y", "x")
    place(origin, "b", "a")
    assert grouped() == ["abxy"]


def test_undoing_a_join_parts_also_what_came_since(origin: Origin) -> None:
    kept = place(origin, "a").thread
    place(origin, "x")
    decision = join("a", "x")
    place(origin, "y", "x")
    thread_decisions.undo(decision)
    assert grouped() == ["a", "xy"]
    assert message("a").thread == kept


def test_a_split_where_a_join_was_takes_the_join_back(origin: Origin) -> None:
    place(origin, "a"), place(origin, "x"), place(origin, "y", "x")
    join("a", "x")
    decision = split("x")
    assert grouped() == ["a", "xy"]
    thread_decisions.undo(decision)
    assert grouped() == ["axy"]


def test_what_was_split_can_be_joined_and_split_again(origin: Origin) -> None:
    place(origin, "a"), place(origin, "b", "a")
    split("b")
    join("a", "b")
    assert grouped() == ["ab"]
    again = split("b")
    assert grouped() == ["a", "b"]
    thread_decisions.undo(again)
    assert grouped() == ["ab"]


def test_a_letter_on_its_way_stays_in_its_thread(origin: Origin) -> None:
    place(origin, "a"), place(origin, "b", "a")
    split("b")
    threads.expect("ours", message("b").thread)
    place(origin, "c", "a")
    assert ThreadKey.objects.get(message_id="ours").thread == message("b").thread
    place(origin, "ours", "a", "b")
    assert grouped() == ["ac", "bours"]


def test_threads_without_decisions_cost_one_look(origin: Origin) -> None:
    place(origin, "a")
    reply = arrive(a_message(message_id="b", references=["a"]), origin).message
    parsed = store.read(reply)
    with CaptureQueriesContext(connection) as queries:
        threads.place(reply, parsed)
    assert sum('"family"' in query["sql"].partition("WHERE")[2] for query in queries) == 1
    assert not any("archive_threaddecision" in query["sql"] for query in queries)


# --- any order -------------------------------------------------------------------------------------------

NAMES = "abcdef"
MAILBOX = st.lists(
    st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3, unique=True)),
    min_size=3,
    max_size=6,
    unique_by=lambda pair: pair[0],
)


@given(MAILBOX, st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_decisions_hold_whatever_comes_before_or_after_them(
    origin: Origin, mailbox: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    """All mail in one order, then a split and a join; and the same with mail before, between and after them."""
    head, joined = data.draw(st.sampled_from(mailbox))[0], data.draw(st.sampled_from(mailbox))[0]
    other = data.draw(st.sampled_from(mailbox))[0]
    reference = _played(origin, mailbox, [], head, joined, other)
    order = data.draw(st.permutations(mailbox))
    # Who is decided about must be here by then.
    early = [pair for pair in order if pair[0] in {head, joined, other}]
    late = [pair for pair in order if pair not in early]
    moved = data.draw(st.integers(0, len(late)))
    assert _played(origin, [*late[:moved], *early], late[moved:], head, joined, other) == reference


def _played(
    origin: Origin, before: Sequence[tuple[str, list[str]]], after: Sequence[tuple[str, list[str]]], *decided: str
) -> list[str]:
    head, joined, other = decided
    with transaction.atomic():
        for name, references in before:
            place(origin, name, *references)
        ThreadDecision.objects.create(kind="cut", key=ThreadKey.objects.get(message_id=head), at=NOON)
        ThreadDecision.objects.create(
            kind="join",
            key=ThreadKey.objects.get(message_id=joined),
            other=ThreadKey.objects.get(message_id=other),
            at=NOON,
        )
        ids = Message.objects.filter(key__message_id__in=decided).values_list("thread", flat=True)
        Thread.objects.filter(pk__in=list(ids)).update(family=min(filter(None, ids)))
        for name, references in [*after, *before]:
            place_again(origin, name, references)
        found = grouped()
        transaction.set_rollback(True)
    return found


def place_again(origin: Origin, name: str, references: Sequence[str]) -> None:
    known = Message.objects.filter(key__message_id=name).first()
    if known is None:
        place(origin, name, *references)
    else:
        threads.place(known, store.read(known))
