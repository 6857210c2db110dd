"""Tags, priority, tasks and notices of conversations."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from podatelna.accounts.models import Person
from podatelna.desk import mentions, notes, notices, tags, tasks
from podatelna.desk.confidential import make_confidential
from podatelna.desk.errors import BadTag, BadTask, NotAssignable
from podatelna.desk.models import Conversation, Entry, Notice, Task
from podatelna.desk.priority import name_of, set_priority
from podatelna.desk.processes import add_member
from tests.cast import NOON, Cast, a_mail, receive

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def washing(cast: Cast) -> Conversation:
    return receive(a_mail("Washing machine"), cast.helpdesk_gateway)


@pytest.fixture
def dryer(cast: Cast) -> Conversation:
    return receive(a_mail("Dryer", sender="karel@example.cz"), cast.helpdesk_gateway)


def _told(person: Person) -> list[tuple[str, dict[str, object]]]:
    rows = Notice.objects.visible_to(person).new().order_by("pk")
    return [(row.kind, row.details) for row in rows]


# --- tags ----------------------------------------------------------------------------------------------------


def test_a_tag_stands_there_once_however_it_is_spelled(cast: Cast, washing: Conversation) -> None:
    assert tags.add_tag(washing, "#Reklamace  pračky", cast.bob, NOON)
    assert not tags.add_tag(washing, "reklamace PRACKY", cast.alice, NOON)
    assert tags.tags_of(washing) == ["Reklamace pračky"]


def test_a_tag_is_taken_off_however_it_is_spelled(cast: Cast, washing: Conversation) -> None:
    tags.add_tag(washing, "Reklamace", cast.bob, NOON)
    assert tags.remove_tag(washing, "reklamace", cast.alice, LATER)
    assert not tags.remove_tag(washing, "reklamace", cast.alice, LATER)
    assert tags.tags_of(washing) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "empty"), ("##", "empty"), ("\0\n", "empty"), ("x" * 51, "too-long"), ("a,b", "sign"), ("jana@x.cz", "sign")],
)
def test_what_is_no_tag_is_refused(cast: Cast, washing: Conversation, typed: str, code: str) -> None:
    with pytest.raises(BadTag) as refused:
        tags.add_tag(washing, typed, cast.bob, NOON)
    assert refused.value.code == code


def test_no_conversation_has_tags_without_end(cast: Cast, washing: Conversation) -> None:
    for number in range(tags.MOST):
        tags.add_tag(washing, f"tag {number}", None, NOON)
    with pytest.raises(BadTag, match="too-many"):
        tags.add_tag(washing, "one more", None, NOON)


def test_only_tags_of_conversations_that_one_sees_are_offered(cast: Cast, washing: Conversation) -> None:
    order = receive(a_mail("Order", to="sales@acme.cz"), cast.sales_gateway)
    tags.add_tag(washing, "warranty", cast.bob, NOON)
    tags.add_tag(order, "Wholesale", cast.carol, NOON)
    assert tags.known(cast.bob) == ["warranty"]
    assert tags.known(cast.carol, "w") == ["Wholesale"]
    assert tags.known(cast.eve) == []
    assert tags.known(cast.carol, "warr") == []


# --- priority ------------------------------------------------------------------------------------------------


def test_priority_is_set_once_and_written_down(cast: Cast, washing: Conversation) -> None:
    assert set_priority(washing, "high", cast.bob, NOON)
    assert not set_priority(washing, "high", cast.bob, NOON)
    washing.refresh_from_db()
    assert name_of(washing.priority) == "high"
    assert washing.entries.filter(verb="priority").count() == 1


def test_a_priority_that_is_none_is_refused(cast: Cast, washing: Conversation) -> None:
    with pytest.raises(ValueError, match="no such priority"):
        set_priority(washing, "urgent", cast.bob, NOON)


# --- tasks ---------------------------------------------------------------------------------------------------


def test_who_is_given_a_task_is_told(cast: Cast, washing: Conversation) -> None:
    task = tasks.add_task(washing, "Order the\n pump", cast.alice, NOON, cast.bob, date(2026, 5, 6))
    assert task.text == "Order the pump"
    assert _told(cast.bob) == [("task", {"by": "Alice", "task": task.pk})]
    assert list(tasks.of_person(cast.bob)) == [task]


def test_nobody_is_told_of_their_own_task(cast: Cast, washing: Conversation) -> None:
    tasks.add_task(washing, "Order the pump", cast.bob, NOON, cast.bob)
    assert _told(cast.bob) == []


def test_a_task_lets_nobody_in(cast: Cast, washing: Conversation) -> None:
    with pytest.raises(NotAssignable):
        tasks.add_task(washing, "Order the pump", cast.alice, NOON, cast.eve)
    assert not Task.objects.exists()


def test_who_only_reads_is_given_no_task(cast: Cast, washing: Conversation) -> None:
    add_member(cast.helpdesk, cast.eve, "reader", cast.dan)
    with pytest.raises(NotAssignable):
        tasks.add_task(washing, "Order the pump", cast.alice, NOON, cast.eve)


def test_a_task_without_words_is_none(cast: Cast, washing: Conversation) -> None:
    with pytest.raises(BadTask):
        tasks.add_task(washing, " \0\n", cast.alice, NOON)


def test_a_task_is_done_once_and_taken_up_again(cast: Cast, washing: Conversation) -> None:
    task = tasks.add_task(washing, "Order the pump", cast.alice, NOON, cast.bob)
    assert tasks.finish(task, cast.bob, LATER)
    assert not tasks.finish(task, cast.bob, LATER)
    assert list(tasks.of_person(cast.bob)) == []
    assert tasks.take_up(task, cast.bob, LATER)
    assert list(tasks.of_person(cast.bob)) == [task]


def test_a_task_goes_to_somebody_else(cast: Cast, washing: Conversation) -> None:
    task = tasks.add_task(washing, "Order the pump", cast.alice, NOON)
    assert tasks.give(task, cast.bob, cast.alice, NOON)
    assert not tasks.give(task, cast.bob, cast.alice, NOON)
    assert tasks.give(task, None, cast.alice, NOON)
    assert not tasks.give(task, None, cast.alice, NOON)
    with pytest.raises(NotAssignable):
        tasks.give(task, cast.eve, cast.alice, NOON)


def test_what_is_due_first_comes_first_and_what_has_no_day_last(cast: Cast, washing: Conversation) -> None:
    for text, due in (("whenever", None), ("friday", date(2026, 5, 8)), ("today", date(2026, 5, 4))):
        tasks.add_task(washing, text, cast.bob, NOON, cast.bob, due)
    assert [task.text for task in tasks.of_person(cast.bob)] == ["today", "friday", "whenever"]


def test_who_sees_the_conversation_no_more_has_no_task_there(cast: Cast, washing: Conversation) -> None:
    washing.assign(cast.eve, cast.alice, NOON)
    tasks.add_task(washing, "Order the pump", cast.alice, NOON, cast.eve)
    washing.assign(None, cast.alice, NOON)
    assert list(tasks.of_person(cast.eve)) == []
    assert _told(cast.eve) == []


def test_the_day_of_a_task_is_told_once(cast: Cast, washing: Conversation) -> None:
    task = tasks.add_task(washing, "Order the pump", cast.bob, NOON, cast.bob, date(2026, 5, 5))
    assert tasks.remind(NOON) == 0
    assert tasks.remind(NOON + timedelta(days=1)) == 1
    assert tasks.remind(NOON + timedelta(days=2)) == 0
    assert _told(cast.bob) == [("task", {"task": task.pk, "today": True})]


# --- notices -------------------------------------------------------------------------------------------------


def test_who_is_given_a_conversation_is_told_and_who_takes_it_is_not(cast: Cast, washing: Conversation) -> None:
    washing.assign(cast.bob, cast.alice, NOON)
    washing.assign(cast.alice, cast.alice, NOON)
    assert _told(cast.bob) == [("assigned", {"by": "Alice"})]
    assert _told(cast.alice) == []


def test_what_was_not_seen_yet_is_not_told_twice(cast: Cast, washing: Conversation) -> None:
    for at in (NOON, LATER):
        notices.notify(cast.bob, "target", at, conversation=washing, details={"which": "first-answer"})
    notice = Notice.objects.get(person=cast.bob)
    assert notice.at == LATER


def test_notices_of_a_conversation_are_seen_with_it(cast: Cast, washing: Conversation, dryer: Conversation) -> None:
    for one in (washing, dryer):
        notices.notify(cast.bob, "target", NOON, conversation=one)
    assert notices.count_new(cast.bob) == 2
    assert notices.see(cast.bob, LATER, conversation=washing) == 1
    assert notices.count_new(cast.bob) == 1
    notices.see(cast.bob, LATER)
    assert notices.count_new(cast.bob) == 0


def test_old_notices_are_swept(cast: Cast, washing: Conversation) -> None:
    notices.notify(cast.bob, "target", NOON, conversation=washing)
    notices.notify(cast.alice, "target", NOON, conversation=washing)
    notices.see(cast.bob, NOON)
    assert notices.sweep(NOON + timedelta(days=29)) == 0
    assert notices.sweep(NOON + timedelta(days=31)) == 1
    assert notices.sweep(NOON + timedelta(days=181)) == 1


# --- mentions ------------------------------------------------------------------------------------------------


def _note(conversation: Conversation, by: Person, text: str) -> Entry:
    return notes.add(conversation, by, text, NOON)


def test_a_colleague_who_is_named_is_told(cast: Cast, washing: Conversation) -> None:
    entry = _note(washing, cast.alice, "@bob, can you call her?")
    assert _told(cast.bob) == [("mention", {"by": "Alice", "entry": entry.pk})]
    assert entry.details["mentions"] == [{"person": cast.bob.pk, "text": "@bob"}]


def test_somebody_outside_who_is_named_is_let_into_this_conversation_alone(
    cast: Cast, washing: Conversation, dryer: Conversation
) -> None:
    _note(washing, cast.bob, "Ask (@Eve) about it")
    assert list(Conversation.objects.visible_to(cast.eve)) == [washing]
    assert mentions.let_in_by_mention(washing) == [cast.eve]
    assert mentions.let_out(washing, cast.eve, cast.alice, LATER)
    assert not mentions.let_out(washing, cast.eve, cast.alice, LATER)
    assert not Conversation.objects.visible_to(cast.eve).exists()
    assert _told(cast.eve) == []


def test_an_address_names_nobody(cast: Cast, washing: Conversation) -> None:
    _note(washing, cast.bob, "write to info@eve or x.@eve")
    assert not Conversation.objects.visible_to(cast.eve).exists()


def test_into_what_is_confidential_only_who_decides_lets_somebody_in(cast: Cast, washing: Conversation) -> None:
    make_confidential(washing, cast.alice, NOON, [cast.bob])
    washing.refresh_from_db()
    entry = _note(washing, cast.bob, "Ask @eve")
    assert entry.details["untold"] == ["@eve"]
    _note(washing, cast.alice, "Ask @eve")
    assert list(Conversation.objects.visible_to(cast.eve)) == [washing]
    assert not mentions.let_out(washing, cast.eve, cast.bob, LATER)
    assert mentions.let_out(washing, cast.eve, cast.alice, LATER)


def test_marks_of_two_conversations_that_become_one_stand_on_it(cast: Cast) -> None:
    one = receive(a_mail("One", message_id="one@x"), cast.helpdesk_gateway)
    two = receive(a_mail("Two", message_id="two@x"), cast.helpdesk_gateway)
    for tagged, name in ((one, "both"), (two, "Both"), (two, "second")):
        tags.add_tag(tagged, name, cast.bob, NOON)
    set_priority(two, "high", cast.bob, NOON)
    task = tasks.add_task(two, "Order the pump", cast.bob, NOON, cast.bob)
    _note(two, cast.bob, "@alice and @eve")
    joined = receive(a_mail("Re: both", in_reply_to="two@x", references=["one@x"]), cast.helpdesk_gateway)
    assert Conversation.objects.get() == joined
    assert tags.tags_of(joined) == ["both", "second"]
    assert joined.priority == 1
    assert list(tasks.of_person(cast.bob)) == [task]
    assert [kind for kind, _ in _told(cast.alice)] == ["mention"]
    assert [kind for kind, _ in _told(cast.eve)] == ["mention"]
