"""Messages find their threads by the ids they name, whatever comes first."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podatelna.archive import store, threads
from podatelna.archive.models import Message, Origin, Thread, ThreadKey
from podatelna.archive.threads import Placed

from .mails import a_message, an_origin, arrive

pytestmark = pytest.mark.django_db


@pytest.fixture
def origin(db: None) -> Origin:
    return an_origin()


def place(origin: Origin, message_id: str, *references: str, subject: str = "Hello") -> Placed:
    raw = a_message(subject, f"I am {message_id}.", message_id=message_id, references=references)
    message = arrive(raw, origin).message
    return threads.place(message, store.read(message))


def thread_of(message_id: str) -> Thread | None:
    return Message.objects.get(key__message_id=message_id).thread


def test_a_reply_joins_the_thread_of_its_parent(origin: Origin) -> None:
    assert place(origin, "a").thread == place(origin, "b", "a").thread


def test_a_reply_before_its_parent_joins_the_ghost_thread(origin: Origin) -> None:
    reply = place(origin, "b", "a")
    assert ThreadKey.objects.get(message_id="a").messages.count() == 0
    assert place(origin, "a").thread == reply.thread
    assert ThreadKey.objects.get(message_id="a").messages.count() == 1


def test_messages_that_share_only_an_ancestor_are_one_thread(origin: Origin) -> None:
    assert place(origin, "b", "never seen").thread == place(origin, "c", "never seen").thread


def test_the_parent_is_the_last_reference(origin: Origin) -> None:
    place(origin, "c", "a", "b")
    message = Message.objects.get(key__message_id="c")
    assert message.parent is not None
    assert message.parent.message_id == "b"


def test_a_message_that_names_two_threads_joins_them(origin: Origin) -> None:
    first, second = place(origin, "a"), place(origin, "b")
    joined = place(origin, "c", "a", "b")
    assert joined.thread == first.thread
    assert joined.absorbed == (second.thread.pk,)
    assert thread_of("a") == thread_of("b") == thread_of("c")


def test_absorbed_threads_are_told_until_they_are_buried(origin: Origin) -> None:
    place(origin, "a"), place(origin, "b")
    joined = place(origin, "c", "a", "b")
    later = place(origin, "d", "a")
    assert later.absorbed == joined.absorbed
    threads.bury(later)
    assert place(origin, "e", "a").absorbed == ()
    assert Thread.objects.count() == 1


def test_a_thread_absorbed_by_an_absorbed_one_is_told_by_the_last(origin: Origin) -> None:
    first, second, third = place(origin, "a"), place(origin, "b"), place(origin, "c")
    place(origin, "d", "b", "c")
    joined = place(origin, "e", "a", "b")
    assert joined.thread == first.thread
    assert set(joined.absorbed) == {second.thread.pk, third.thread.pk}


def test_a_thread_is_not_buried_while_something_stands_in_it(origin: Origin) -> None:
    kept = place(origin, "a")
    with pytest.raises(models.ProtectedError):
        Thread.objects.filter(pk=kept.thread.pk).delete()
    threads.bury(Placed(kept.thread, (kept.thread.pk,)))
    assert Thread.objects.filter(pk=kept.thread.pk).exists()


def test_placing_again_changes_nothing(origin: Origin) -> None:
    placed = place(origin, "b", "a")
    message = Message.objects.get()
    assert threads.place(message, store.read(message)) == placed
    assert (Thread.objects.count(), ThreadKey.objects.count()) == (1, 2)


def test_a_message_without_an_id_has_a_thread_of_its_own_and_keeps_it(origin: Origin) -> None:
    message = arrive(a_message(message_id=""), origin).message
    first = threads.place(message, store.read(message))
    assert threads.place(message, store.read(message)).thread == first.thread
    other = arrive(a_message(text="Another", message_id=""), origin).message
    assert threads.place(other, store.read(other)).thread != first.thread


def test_a_message_without_an_id_joins_what_it_answers(origin: Origin) -> None:
    parent = place(origin, "a")
    message = arrive(a_message(message_id="", references=["a"]), origin).message
    assert threads.place(message, store.read(message)).thread == parent.thread


def test_the_same_subject_never_joins(origin: Origin) -> None:
    assert place(origin, "a", subject="Offer").thread != place(origin, "b", subject="Re: Offer").thread


def test_two_messages_with_one_id_are_one_thread(origin: Origin) -> None:
    one = arrive(a_message(text="One.", message_id="same"), origin).message
    two = arrive(a_message(text="Two.", message_id="same"), origin).message
    assert threads.place(one, store.read(one)).thread == threads.place(two, store.read(two)).thread


def test_a_message_that_names_itself_has_no_parent(origin: Origin) -> None:
    place(origin, "a", "a")
    assert Message.objects.get().parent is None


def test_thousands_of_references_are_bounded(origin: Origin) -> None:
    root = place(origin, "r0")
    placed = place(origin, "last", *(f"r{number}" for number in range(450)))
    assert placed.thread == root.thread
    assert ThreadKey.objects.count() <= 201


def test_a_very_long_id_is_a_key_like_another(origin: Origin) -> None:
    long = "x" * 990
    assert place(origin, long).thread == place(origin, "b", long).thread


# --- any order ------------------------------------------------------------------------------------------

NAMES = "abcdefgh"
MAILBOX = st.lists(
    st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3)),
    min_size=1,
    max_size=7,
    unique_by=lambda pair: pair[0],
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mails=MAILBOX, data=st.data())
def test_any_order_of_arrival_gives_the_same_threads(mails: list[tuple[str, list[str]]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(mails))
    assert grouping(mails) == grouping(shuffled) == connected(mails)


def grouping(mails: Sequence[tuple[str, list[str]]]) -> set[frozenset[str]]:
    """The ids by thread after the mails came in this order, in an archive of their own."""
    origin = an_origin("any order")
    for name, references in mails:
        threads.bury(place(origin, name, *references))
    groups: dict[int, set[str]] = {}
    for key in ThreadKey.objects.all():
        groups.setdefault(key.thread_id, set()).add(key.message_id)
    assert Thread.objects.count() == len(groups)
    for model in (Message.objects.all().update(thread=None, key=None, parent=None), ThreadKey, Thread):
        if not isinstance(model, int):
            model.objects.all().delete()
    return {frozenset(group) for group in groups.values()}


def connected(mails: Sequence[tuple[str, list[str]]]) -> set[frozenset[str]]:
    """What the threads must be: the connected groups of ids."""
    groups: list[set[str]] = []
    for name, references in mails:
        new = {name, *references}
        new.update(*(group for group in groups if group & new))
        groups = [group for group in groups if not group & new] + [new]
    return {frozenset(group) for group in groups}


# --- several workers --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_workers_that_place_one_thread_at_once_agree() -> None:
    origin = an_origin()
    raws = [a_message(text=str(n), message_id=f"m{n}", references=[f"m{n // 2}", "root"]) for n in range(1, 13)]
    messages = [arrive(raw, origin).message for raw in raws]

    def work(message: Message) -> None:
        try:
            threads.bury(threads.place(message, store.read(message)))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, messages))
    assert Thread.objects.count() == 1
    assert Message.objects.values("thread").distinct().count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_join_the_same_threads_at_once_agree() -> None:
    origin = an_origin()
    for name in "abcdefgh":
        place(origin, name)
    links = ["ab", "cd", "ef", "gh", "bc", "de", "fg", "ha"]
    raws = [a_message(text=link, message_id=link, references=list(link)) for link in links]
    messages = [arrive(raw, origin).message for raw in raws]

    def work(message: Message) -> None:
        try:
            threads.bury(threads.place(message, store.read(message)))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, messages))
    assert Message.objects.values("thread").distinct().count() == 1
    assert ThreadKey.objects.values("thread").distinct().count() == 1
    assert Thread.objects.count() == 1
