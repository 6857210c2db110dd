"""Readers see and change nothing; auditors in an inspection neither; a refusal stands in the log."""

from __future__ import annotations

import pytest
from django.utils import timezone

from podatelna.accounts import inspections
from podatelna.accounts.models import AuditEntry
from podatelna.desk import cases, drafts, replies
from podatelna.desk.errors import NotAllowed, NotFilable, Unsendable
from podatelna.desk.handover import colleagues
from podatelna.desk.models import Conversation, Member
from podatelna.desk.processes import add_member, remove_member
from podatelna.desk.rights import acted_on_by, may_act, may_act_on_case, require_act, works_in
from tests.cast import NOON, Cast, a_mail, a_person, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(), cast.helpdesk_gateway)


def test_the_team_acts_and_outsiders_do_not(cast: Cast, conversation: Conversation) -> None:
    can = [one for one in (cast.alice, cast.bob, cast.carol, cast.dan, cast.eve) if may_act(one, conversation)]
    assert can == [cast.alice, cast.bob]


def test_a_reader_sees_and_does_not_act(cast: Cast, conversation: Conversation) -> None:
    add_member(cast.helpdesk, cast.eve, Member.Role.READER, cast.dan)
    assert Conversation.objects.visible_to(cast.eve).get() == conversation  # type: ignore[attr-defined]
    assert not may_act(cast.eve, conversation)
    assert not works_in(cast.eve, cast.helpdesk)
    assert cast.eve not in colleagues(conversation)
    with pytest.raises(NotFilable):
        cases.open_case(cast.helpdesk, cases.Facts("Washing machine"), cast.eve, NOON)


def test_a_member_who_becomes_a_reader_gives_up_open_work_at_once(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.bob, cast.alice, NOON)
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="On its way.")
    add_member(cast.helpdesk, cast.bob, Member.Role.READER, cast.dan)
    conversation.refresh_from_db()
    assert conversation.assignee is None
    assert not may_act(cast.bob, conversation)
    with pytest.raises(Unsendable, match="gone"):
        replies.send(draft, NOON, seen_until=None)
    entry = AuditEntry.objects.filter(act="add-member").latest("pk")
    assert (entry.details["before"], entry.details["role"]) == ("member", "reader")


def test_a_reader_who_becomes_a_member_acts_and_one_who_leaves_sees_nothing(
    cast: Cast, conversation: Conversation
) -> None:
    add_member(cast.helpdesk, cast.eve, Member.Role.READER, cast.dan)
    add_member(cast.helpdesk, cast.eve, Member.Role.MEMBER, cast.dan)
    assert may_act(cast.eve, conversation)
    add_member(cast.helpdesk, cast.eve, Member.Role.READER, cast.dan)
    remove_member(cast.helpdesk, cast.eve, cast.dan)
    assert not Conversation.objects.visible_to(cast.eve).exists()  # type: ignore[attr-defined]


def test_a_reader_acts_on_what_is_given_to_them(cast: Cast, conversation: Conversation) -> None:
    add_member(cast.helpdesk, cast.eve, Member.Role.READER, cast.dan)
    conversation.assign(cast.eve, cast.alice, NOON)
    assert may_act(cast.eve, conversation)
    other = receive(a_mail("Another"), cast.helpdesk_gateway)
    assert set(acted_on_by(cast.eve)) == {conversation}
    assert not may_act(cast.eve, other)


def test_people_of_a_case_act_on_it_and_readers_of_its_process_do_not(cast: Cast, conversation: Conversation) -> None:
    case = cases.open_case(cast.helpdesk, cases.Facts("Washing machine"), cast.bob, NOON)
    cases.file(conversation, case, cast.bob, NOON)
    add_member(cast.helpdesk, cast.eve, Member.Role.READER, cast.dan)
    cases.let_in(case, cast.carol, cast.bob, NOON)
    assert may_act_on_case(cast.carol, case)
    assert may_act(cast.carol, conversation)
    assert not may_act_on_case(cast.eve, case)


def test_an_auditor_in_an_inspection_acts_on_nothing_not_even_on_their_own(
    cast: Cast, conversation: Conversation
) -> None:
    frank = a_person("Frank", is_auditor=True)
    add_member(cast.helpdesk, frank, Member.Role.MEMBER, cast.dan)
    assert may_act(frank, conversation)
    inspections.begin(frank, "Review", timezone.now())
    assert not may_act(frank, conversation)
    assert not works_in(frank, cast.helpdesk)


def test_a_refusal_is_on_record(cast: Cast, conversation: Conversation) -> None:
    require_act(cast.bob, conversation, "close")
    add_member(cast.helpdesk, cast.eve, Member.Role.READER, cast.dan)
    with pytest.raises(NotAllowed):
        require_act(cast.eve, conversation, "close")
    entry = AuditEntry.objects.get(act="refused")
    subject = f"conversation {conversation.pk}"
    assert (entry.person, entry.subject, entry.details) == (cast.eve, subject, {"wanted": "close"})
