"""Somebody leaves: all they had is passed on at once, or nothing is."""

from __future__ import annotations

import pytest

from podatelna.accounts.administrators import LastAdministrator
from podatelna.accounts.models import AuditEntry, Person
from podatelna.desk import drafts, personal, tasks
from podatelna.desk.absence import enter
from podatelna.desk.confidential import make_confidential
from podatelna.desk.errors import NotLeaving
from podatelna.desk.leaver import estate_of, pass_on_all
from podatelna.desk.models import Conversation, Draft, Member
from podatelna.gateways.models import Gateway
from tests.cast import NOON, Cast, a_gateway, a_mail, receive


def bobs(cast: Cast, text: str = "An answer") -> Conversation:
    """With a task and a draft."""
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    conversation.assign(cast.bob, cast.alice, NOON)
    tasks.add_task(conversation, "Call back", cast.alice, NOON, cast.bob)
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    drafts.save(draft, NOON, revision=draft.revision, text=text)
    return conversation


def sees(person: Person, conversation: Conversation) -> bool:
    return Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists()


def a_private_mail(cast: Cast) -> tuple[Gateway, Conversation]:
    gateway = a_gateway("bob.private@acme.cz", owner=cast.bob)
    personal.take_in(gateway, cast.bob)
    return gateway, receive(a_mail(to="bob.private@acme.cz"), gateway)


def test_the_estate_is_told_in_numbers(cast: Cast) -> None:
    bobs(cast)
    (place,) = estate_of(cast.bob).places
    assert (place.process, place.conversations, place.tasks, place.drafts) == (cast.helpdesk, 1, 1, 1)


def test_everything_goes_to_the_heir(cast: Cast) -> None:
    conversation = bobs(cast)
    passed = pass_on_all(cast.bob, {cast.helpdesk.pk: cast.alice}, cast.dan, NOON)
    conversation.refresh_from_db()
    cast.bob.refresh_from_db()
    assert (passed.conversations, passed.tasks, passed.drafts) == (1, 1, 1)
    assert (conversation.assignee, conversation.tasks.get().person) == (cast.alice, cast.alice)
    assert Draft.objects.get().person == cast.alice
    assert not cast.bob.is_active
    assert not Member.objects.filter(person=cast.bob).exists()


def test_a_draft_comes_below_what_the_heir_writes_there(cast: Cast) -> None:
    conversation = bobs(cast, "From Bob")
    draft = drafts.open_draft(cast.alice, "reply", NOON, conversation=conversation)
    drafts.save(draft, NOON, revision=draft.revision, text="From Alice")
    pass_on_all(cast.bob, {cast.helpdesk.pk: cast.alice}, cast.dan, NOON)
    assert [row.text for row in Draft.objects.all()] == ["From Alice\n\nFrom Bob"]


def test_without_an_heir_the_work_lies_in_the_team(cast: Cast) -> None:
    conversation = bobs(cast)
    pass_on_all(cast.bob, {}, cast.dan, NOON)
    conversation.refresh_from_db()
    assert (conversation.assignee, conversation.tasks.get().person) == (None, None)
    assert sees(cast.alice, conversation)


def test_who_led_alone_is_followed_as_lead_and_an_heir_from_outside_joins(cast: Cast) -> None:
    pass_on_all(cast.alice, {cast.helpdesk.pk: cast.eve}, cast.dan, NOON)
    assert Member.objects.get(process=cast.helpdesk, person=cast.eve).role == "lead"


def test_open_conversations_of_the_personal_desk_go_to_the_heir_and_nothing_more_comes(cast: Cast) -> None:
    gateway, conversation = a_private_mail(cast)
    desk = conversation.process
    _, kept = gateway, receive(a_mail("Done", to="bob.private@acme.cz"), gateway)
    kept.close(cast.bob, NOON)
    pass_on_all(cast.bob, {desk.pk: cast.carol}, cast.dan, NOON)
    assert (sees(cast.carol, conversation), sees(cast.carol, kept)) == (True, False)
    assert AuditEntry.objects.filter(act="stop-private-mailbox").exists()


def test_nobody_makes_themselves_heir_of_anothers_own_mail(cast: Cast) -> None:
    _, conversation = a_private_mail(cast)
    with pytest.raises(NotLeaving):
        pass_on_all(cast.bob, {conversation.process_id: cast.dan}, cast.dan, NOON)
    cast.bob.refresh_from_db()
    assert cast.bob.is_active


def test_what_is_confidential_is_for_who_leads_and_not_for_the_heir(cast: Cast) -> None:
    conversation = bobs(cast)
    make_confidential(conversation, cast.bob, NOON)
    pass_on_all(cast.bob, {cast.helpdesk.pk: cast.carol}, cast.dan, NOON)
    assert (sees(cast.carol, conversation), sees(cast.alice, conversation)) == (False, True)


def test_what_changed_since_it_was_shown_is_not_confirmed(cast: Cast) -> None:
    state = estate_of(cast.bob).state
    bobs(cast)
    with pytest.raises(NotLeaving) as refused:
        pass_on_all(cast.bob, {}, cast.dan, NOON, state=state)
    assert refused.value.code == "changed"


def test_of_the_last_administrator_nothing_is_passed_on(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    conversation.assign(cast.dan, cast.alice, NOON)
    with pytest.raises(LastAdministrator):
        pass_on_all(cast.dan, {}, cast.alice, NOON)
    conversation.refresh_from_db()
    assert conversation.assignee == cast.dan


def test_who_leaves_stands_in_for_nobody_any_more(cast: Cast) -> None:
    conversation = bobs(cast)
    enter(cast.bob, "holiday", NOON.date(), None, cast.carol, cast.bob, NOON)
    pass_on_all(cast.carol, {}, cast.dan, NOON)
    assert not conversation.scope.holdings.filter(person=cast.carol).exists()
