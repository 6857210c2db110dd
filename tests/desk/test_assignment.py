"""Who gets what is new: as the process says, only of those who act in it, and one after another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna import pipeline
from podatelna.archive import verdicts
from podatelna.archive.models import Delivery, Verdict
from podatelna.contacts.models import Contact, Organisation
from podatelna.desk import flood
from podatelna.desk.models import Conversation, Entry, Flood, Member, Notice, Process
from podatelna.desk.processes import add_member
from podatelna.desk.rule_models import Rule
from podatelna.desk.rules.incoming import apply_due
from podatelna.desk.rules.ordering import put
from tests.cast import NOON, Cast, a_mail, arrive, receive


def set_up(cast: Cast, **fields: object) -> None:
    Process.objects.filter(pk=cast.helpdesk.pk).update(**fields)
    add_member(cast.helpdesk, cast.carol, "member", cast.dan)


def come(cast: Cast, sender: str = "jana@example.cz", **mail: str) -> Conversation:
    found = receive(a_mail(sender=sender, **mail), cast.helpdesk_gateway)
    found.refresh_from_db()
    return found


def owners(cast: Cast, *senders: str) -> list[str]:
    return [str(come(cast, sender).assignee or "") for sender in senders]


def test_what_is_new_stays_in_the_pool_unless_the_process_says_otherwise(cast: Cast) -> None:
    assert owners(cast, "a@example.cz", "b@example.cz") == ["", ""]


def test_it_goes_round_the_team(cast: Cast) -> None:
    set_up(cast, assignment="turns")
    assert owners(cast, *(f"{one}@example.cz" for one in "abcd")) == ["Alice", "Bob", "Carol", "Alice"]
    assert Notice.objects.filter(person=cast.alice, kind="assigned").count() == 2


def test_it_goes_to_whoever_has_the_fewest_open(cast: Cast) -> None:
    set_up(cast, assignment="least")
    first = come(cast, "a@example.cz")
    assert first.assignee == cast.alice
    assert owners(cast, "b@example.cz", "c@example.cz") == ["Bob", "Carol"]
    Conversation.objects.get(assignee=cast.carol).close(cast.carol, NOON)
    assert owners(cast, "d@example.cz") == ["Carol"]


@pytest.mark.parametrize("change", [{"takes_new": False}, {"role": "reader"}])
def test_who_is_left_out_gets_nothing(cast: Cast, change: dict[str, object]) -> None:
    set_up(cast, assignment="turns")
    Member.objects.filter(process=cast.helpdesk, person=cast.alice).update(**change)
    assert owners(cast, "a@example.cz", "b@example.cz", "c@example.cz") == ["Bob", "Carol", "Bob"]


def test_who_has_left_gets_nothing(cast: Cast) -> None:
    set_up(cast, assignment="turns")
    cast.alice.is_active = False
    cast.alice.save()
    assert owners(cast, "a@example.cz", "b@example.cz", "c@example.cz") == ["Bob", "Carol", "Bob"]


def test_a_team_of_nobody_leaves_it_in_the_pool(cast: Cast) -> None:
    set_up(cast, assignment="turns")
    Member.objects.filter(process=cast.helpdesk).update(takes_new=False)
    assert owners(cast, "a@example.cz") == [""]


def test_the_last_handler_of_the_correspondent_has_the_next_one_too(cast: Cast) -> None:
    set_up(cast, assignment="turns", to_last_handler=True)
    first = come(cast)
    first.assign(cast.carol, cast.dan, NOON)
    first.close(cast.carol, NOON)
    assert owners(cast, "jana@example.cz", "other@example.cz") == ["Carol", "Bob"]


def test_a_handler_of_another_process_is_none_here(cast: Cast) -> None:
    set_up(cast, to_last_handler=True)
    add_member(cast.sales, cast.alice, "member", cast.dan)
    at_sales = receive(a_mail(to="sales@acme.cz"), cast.sales_gateway)
    at_sales.assign(cast.alice, cast.dan, NOON)
    assert owners(cast, "jana@example.cz") == [""]


def test_the_account_manager_comes_before_the_last_handler(cast: Cast) -> None:
    set_up(cast, to_last_handler=True, to_account_manager=True)
    first = come(cast)
    first.assign(cast.carol, cast.dan, NOON)
    Contact.objects.filter(address="jana@example.cz").update(account_manager=cast.bob)
    assert owners(cast, "jana@example.cz") == ["Bob"]


def test_the_account_manager_of_the_organisation_stands_for_its_people(cast: Cast) -> None:
    set_up(cast, to_account_manager=True)
    come(cast)
    mine = Organisation.objects.create(name="Example", account_manager=cast.bob)
    Contact.objects.filter(address="jana@example.cz").update(organisation=mine)
    assert owners(cast, "jana@example.cz", "other@example.org") == ["Bob", ""]


def test_an_account_manager_outside_the_team_is_not_let_in_by_it(cast: Cast) -> None:
    set_up(cast, assignment="turns", to_account_manager=True)
    come(cast, "first@example.cz")
    Contact.objects.filter(address="first@example.cz").update(account_manager=cast.eve)
    assert owners(cast, "first@example.cz") == ["Bob"]
    assert not Conversation.objects.visible_to(cast.eve).exists()


def test_a_colleagues_own_letter_keeps_its_writer(cast: Cast) -> None:
    set_up(cast, assignment="turns")
    conversation = receive(
        a_mail(sender="bob@acme.cz", to="jana@example.cz", cc="helpdesk@acme.cz"), cast.helpdesk_gateway
    )
    conversation.refresh_from_db()
    assert conversation.assignee == cast.bob


def test_further_mail_of_a_conversation_is_not_given_away_again(cast: Cast) -> None:
    set_up(cast, assignment="turns")
    come(cast, message_id="first@example.cz")
    Conversation.objects.get().assign(None, cast.alice, NOON)
    again = come(cast, in_reply_to="first@example.cz")
    assert again.assignee is None
    assert Entry.objects.filter(verb="assigned", conversation=again).count() == 2


def test_a_flood_is_given_to_nobody_until_it_is_let_in(cast: Cast) -> None:
    set_up(cast, assignment="turns", flood_messages=3)
    came = [come(cast) for _ in range(3)]
    assert [one.assignee for one in came] == [cast.alice, cast.bob, None]
    for one in came:
        one.refresh_from_db()
    assert {one.assignee for one in came} == {None}
    assert all(one.flood_id for one in came)
    flood.release(Flood.objects.get(), cast.alice, NOON + timedelta(minutes=1))
    assert Conversation.objects.filter(assignee__isnull=False).count() == 3


def test_what_somebody_took_up_from_a_flood_stays_theirs(cast: Cast) -> None:
    set_up(cast, assignment="turns", flood_messages=2)
    first = come(cast)
    first.assign(cast.bob, cast.bob, NOON)
    come(cast)
    first.refresh_from_db()
    assert (first.assignee, first.flood) == (cast.bob, None)


# --- with rules ------------------------------------------------------------------------------------------


def a_rule(cast: Cast, condition: dict[str, object], *actions: dict[str, object]) -> None:
    rule = Rule.objects.create(name="A rule", conditions=[condition], actions=list(actions))
    put(cast.helpdesk_gateway, rule, 0, cast.dan)


def of_subject(text: str) -> dict[str, object]:
    return {"field": "subject", "how": "contains", "lines": [text]}


def test_what_a_rule_has_assigned_takes_nobodys_turn(cast: Cast) -> None:
    set_up(cast, assignment="turns")
    a_rule(cast, of_subject("VIP"), {"do": "assign", "person": cast.bob.pk})
    assert [come(cast, subject=name).assignee for name in ("VIP", "Other", "VIP", "Another")] == [
        cast.bob, cast.alice, cast.bob, cast.bob,
    ]  # fmt: skip


def test_what_a_rule_leaves_in_the_pool_stays_there(cast: Cast) -> None:
    set_up(cast, assignment="turns")
    a_rule(cast, of_subject("Anybody"), {"do": "pool"})
    assert come(cast, subject="Anybody").assignee is None
    assert come(cast, subject="Other").assignee == cast.alice


def test_what_a_rule_sends_to_another_process_goes_round_there(cast: Cast) -> None:
    set_up(cast, assignment="turns")
    Process.objects.filter(pk=cast.sales.pk).update(assignment="turns")
    a_rule(cast, of_subject("Order"), {"do": "process", "process": cast.sales.pk})
    assert come(cast, subject="Order").assignee == cast.carol
    assert Member.objects.get(process=cast.helpdesk, person=cast.alice).last_turn == 0


def test_what_waits_for_a_verdict_is_given_away_after_its_rules(cast: Cast) -> None:
    set_up(cast, assignment="turns")
    a_rule(cast, {"field": "verdict", "how": "is", "lines": ["verified"]}, {"do": "assign", "person": cast.bob.pk})
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    verdicts.expect(Delivery.objects.select_related("message"), NOON)
    pipeline.receive(delivery, now=NOON)
    conversation = Conversation.objects.get()
    assert conversation.assignee is None
    Verdict.objects.update(summary="failed", judged_at=NOON, due_at=None)
    apply_due(NOON)
    conversation.refresh_from_db()
    assert conversation.assignee == cast.alice
