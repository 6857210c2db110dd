"""Confidential conversations and cases: for the people who are named, at once and everywhere."""

from __future__ import annotations

import pytest
from django.utils import timezone

from podatelna.accounts import inspections
from podatelna.accounts.access import can_see
from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive import search
from podatelna.archive.models import Delivery, Message
from podatelna.desk import cases, changes, confidential, custody, lists, mentions, notes, sight, threading
from podatelna.desk.errors import NotConfidable, NotHidable
from podatelna.desk.handover import colleagues
from podatelna.desk.leaving import deactivate
from podatelna.desk.models import Conversation, Member
from podatelna.desk.processes import add_member
from tests.cast import NOON, Cast, a_mail, a_person, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail("Notice to quit", "pračka", message_id="first@example.cz"), cast.helpdesk_gateway)


def seers(thing: Conversation) -> set[str]:
    """Who sees it, by every way of looking, which agree."""
    found = set()
    changes.touched(thing, NOON)
    messages = {entry.message_id for entry in thing.entries.filter(message__isnull=False)}
    for person in Person.objects.all():
        ways = {
            Conversation.objects.visible_to(person).filter(pk=thing.pk).exists(),  # type: ignore[attr-defined]
            can_see(person, thing),
            messages <= set(Message.objects.visible_to(person).values_list("pk", flat=True)),  # type: ignore[attr-defined]
            {hit.message_id for hit in search.search("pračka", person=person)} >= messages,
            thing.pk in changes.since(person, "0")[1],
        }
        assert len(ways) == 1, person
        found |= {person.name} if ways.pop() else set()
    assert found == {seer.person.name for seer in sight.who_sees(thing, Person.objects.get(name="Dan"))}
    return found


def test_a_confidential_conversation_is_seen_by_the_named_alone(cast: Cast, conversation: Conversation) -> None:
    assert seers(conversation) == {"Alice", "Bob"}
    assert confidential.make_confidential(conversation, cast.alice, NOON, [cast.carol])
    assert not confidential.make_confidential(conversation, cast.alice, NOON)
    assert seers(conversation) == {"Alice", "Carol"}
    assert lists.open_counts(cast.bob)["all"] == 0
    assert set(colleagues(conversation.locked())) == {cast.alice, cast.carol}


def test_making_it_open_gives_it_back_to_the_team(cast: Cast, conversation: Conversation) -> None:
    confidential.make_confidential(conversation, cast.alice, NOON, [cast.carol])
    conversation.locked().assign(cast.carol, cast.alice, NOON)
    assert confidential.make_open(conversation.locked(), cast.alice, NOON)
    assert not confidential.make_open(conversation.locked(), cast.alice, NOON)
    assert seers(conversation) == {"Alice", "Bob", "Carol"}  # Carol has it
    acts = AuditEntry.objects.filter(subject=f"conversation {conversation.pk}").values_list("act", flat=True)
    assert {"make-confidential", "make-open"} <= set(acts)


def test_leads_and_whoever_has_it_decide(cast: Cast, conversation: Conversation) -> None:
    assert confidential.may_decide(conversation, cast.alice)
    assert not confidential.may_decide(conversation, cast.bob)
    with pytest.raises(NotConfidable):
        confidential.make_confidential(conversation, cast.dan, NOON)
    conversation.assign(cast.bob, cast.alice, NOON)
    assert confidential.make_confidential(conversation, cast.bob, NOON)
    assert not confidential.may_decide(conversation.locked(), cast.alice)
    assert seers(conversation) == {"Bob"}
    conversation.locked().assign(None, cast.bob, NOON)
    assert confidential.may_decide(conversation.locked(), cast.bob), "nobody else could"


def test_people_are_named_and_taken_out_again(cast: Cast, conversation: Conversation) -> None:
    confidential.make_confidential(conversation, cast.alice, NOON)
    conversation = conversation.locked()
    assert confidential.name(conversation, cast.eve, cast.alice, NOON)
    conversation.assign(cast.eve, cast.alice, NOON)
    with pytest.raises(NotConfidable):
        confidential.name(conversation, cast.bob, cast.carol, NOON)
    assert confidential.unname(conversation, cast.eve, cast.alice, NOON)
    assert seers(conversation) == {"Alice"}
    assert conversation.locked().assignee is None
    with pytest.raises(NotConfidable, match="left"):
        confidential.unname(conversation, cast.alice, cast.alice, NOON)


def test_mail_that_comes_later_is_confidential_too(cast: Cast, conversation: Conversation) -> None:
    confidential.make_confidential(conversation, cast.alice, NOON)
    receive(a_mail("Re: Notice to quit", "pračka", in_reply_to="first@example.cz"), cast.helpdesk_gateway)
    assert conversation.entries.filter(message__isnull=False).count() == 2
    assert seers(conversation) == {"Alice"}
    assert not Delivery.objects.visible_to(cast.bob).exists()  # type: ignore[attr-defined]


def test_the_other_process_keeps_its_own_copy(cast: Cast, conversation: Conversation) -> None:
    raw = a_mail("To both", "pračka", to="helpdesk@acme.cz, sales@acme.cz", message_id="both@example.cz")
    ours, theirs = receive(raw, cast.helpdesk_gateway), receive(raw, cast.sales_gateway)
    confidential.make_confidential(ours, cast.alice, NOON)
    assert can_see(cast.carol, theirs)
    assert not can_see(cast.carol, ours)
    assert not can_see(cast.bob, ours)
    assert Delivery.objects.visible_to(cast.carol).count() == 1  # type: ignore[attr-defined]


def test_what_is_split_off_and_joined_stays_confidential(cast: Cast, conversation: Conversation) -> None:
    raw = a_mail("Re: Notice to quit", "pračka", in_reply_to="first@example.cz", message_id="second@example.cz")
    receive(raw, cast.helpdesk_gateway)
    confidential.make_confidential(conversation, cast.alice, NOON, [cast.eve])
    second = Message.objects.get(message_id="second@example.cz")
    new, decision = threading.split(conversation, second, cast.alice, NOON)
    assert seers(new) == seers(conversation) == {"Alice", "Eve"}
    threading.undo(decision, cast.alice, NOON)
    kept = Conversation.objects.get(entries__message=second)
    assert seers(kept) == {"Alice", "Eve"}


def test_joined_with_an_open_one_both_are_confidential_and_undoing_it_parts_them(
    cast: Cast, conversation: Conversation
) -> None:
    other = receive(a_mail("Another matter", "pračka"), cast.helpdesk_gateway)
    confidential.make_confidential(other, cast.alice, NOON, [cast.eve])
    conversation.assign(cast.bob, cast.alice, NOON)
    kept, decision = threading.join(conversation, other.locked(), cast.alice, NOON)
    assert kept.pk == conversation.pk
    assert seers(kept) == {"Alice", "Eve"}
    assert kept.locked().assignee is None
    threading.undo(decision, cast.alice, NOON)
    assert seers(Conversation.objects.get(pk=other.pk)) == {"Alice", "Eve"}


def test_nothing_of_it_is_taken_out_of_the_teams_view(cast: Cast, conversation: Conversation) -> None:
    message = conversation.entries.get(message__isnull=False).message
    assert message is not None
    hidden = custody.hide(message, cast.helpdesk, cast.alice, NOON)
    confidential.make_confidential(conversation, cast.alice, NOON)
    custody.show(hidden, cast.alice, NOON)
    assert seers(conversation) == {"Alice"}
    with pytest.raises(NotHidable):
        custody.hide(message, cast.helpdesk, cast.alice, NOON)


def test_a_mention_lets_in_only_where_its_writer_may(cast: Cast, conversation: Conversation) -> None:
    confidential.make_confidential(conversation, cast.alice, NOON, [cast.bob])
    conversation = conversation.locked()
    entry = notes.add(conversation, cast.bob, "@carol look", NOON)
    assert entry.details["untold"] == ["@carol"]
    assert not can_see(cast.carol, conversation)
    notes.add(conversation, cast.alice, "@carol look", NOON)
    assert seers(conversation) == {"Alice", "Bob", "Carol"}
    assert mentions.offered(conversation, cast.bob, "eve") == []


def test_people_of_its_case_see_it(cast: Cast, conversation: Conversation) -> None:
    confidential.make_confidential(conversation, cast.alice, NOON)
    case = cases.open_case(cast.helpdesk, cases.Facts("Dismissal"), cast.alice, NOON)
    cases.file(conversation.locked(), case, cast.alice, NOON)
    cases.let_in(case, cast.carol, cast.alice, NOON)
    assert seers(conversation) == {"Alice", "Carol"}


def test_a_confidential_case_is_seen_by_its_people_alone(cast: Cast, conversation: Conversation) -> None:
    case = cases.open_case(cast.helpdesk, cases.Facts("Dismissal"), cast.bob, NOON)
    cases.file(conversation, case, cast.bob, NOON)
    assert confidential.make_case_confidential(case, cast.bob, NOON)
    assert [can_see(one, case) for one in (cast.alice, cast.bob)] == [False, True]
    assert list(cases.find(cast.alice)) == []
    assert cases.cases_of(conversation, cast.alice) == []
    assert seers(conversation) == {"Alice", "Bob"}, "its conversations are seen as they were"
    assert confidential.make_case_open(case, cast.bob, NOON)
    assert can_see(cast.alice, case)
    with pytest.raises(NotConfidable):
        confidential.make_case_confidential(case, cast.carol, NOON)


def test_what_only_a_leaver_sees_goes_to_who_leads(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.bob, cast.alice, NOON)
    confidential.make_confidential(conversation, cast.bob, NOON)
    case = cases.open_case(cast.helpdesk, cases.Facts("Dismissal"), cast.bob, NOON)
    confidential.make_case_confidential(case, cast.bob, NOON)
    deactivate(cast.bob, cast.dan, NOON)
    assert can_see(cast.alice, conversation)
    assert can_see(cast.alice, case)


def test_readers_of_the_process_and_its_later_members_do_not_see_it(cast: Cast, conversation: Conversation) -> None:
    confidential.make_confidential(conversation, cast.alice, NOON)
    add_member(cast.helpdesk, cast.eve, Member.Role.READER, cast.dan)
    add_member(cast.helpdesk, cast.carol, Member.Role.LEAD, cast.dan)
    assert seers(conversation) == {"Alice"}


def test_an_auditor_reads_it_in_an_inspection(cast: Cast, conversation: Conversation) -> None:
    confidential.make_confidential(conversation, cast.alice, NOON)
    frank = a_person("Frank", is_auditor=True)
    assert not can_see(frank, conversation)
    inspections.begin(frank, "Review", timezone.now())
    assert can_see(frank, conversation)
    assert [hit.message_id for hit in search.search("pračka", person=frank)]
    assert Conversation.objects.visible_to(frank).count() == 1  # type: ignore[attr-defined]
