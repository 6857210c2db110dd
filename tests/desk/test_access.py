"""One rule decides everything that is seen: lists, counts, search, messages, files, people suggested, changes."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from podatelna.accounts.models import Person
from podatelna.archive import search
from podatelna.archive.models import Delivery, Message, Part
from podatelna.contacts import book
from podatelna.desk import changes, drafts, lists, replies, sent
from podatelna.desk.models import Conversation, Member, Process
from podatelna.desk.partners import history
from podatelna.desk.processes import add_member, remove_member
from podatelna.outbox.delivery import deliver_due
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

Seen = dict[str, set[int]]


def what_is_seen(person: Person) -> Seen:
    """Everything that the person gets to see anywhere, as ids; conversations and messages of each way of looking."""
    slugs = ["all", "closed", *(f"process-{one.pk}" for one in Process.objects.visible_to(person))]
    listed = {row.pk for slug in slugs for row in lists.conversations_in(slug, person)}
    counts = lists.open_counts(person)
    assert counts["all"] == len(lists.conversations_in("all", person))
    assert counts["mine"] == len(lists.conversations_in("mine", person))
    messages = set(Message.objects.visible_to(person).values_list("pk", flat=True))
    return {
        "listed": listed,
        "conversations": set(Conversation.objects.visible_to(person).values_list("pk", flat=True)),
        "messages": messages,
        "found": {hit.message_id for hit in search.search("pračka", person=person)},
        "deliveries": set(Delivery.objects.visible_to(person).values_list("message_id", flat=True)),
        "files": set(
            Part.objects.filter(message__in=messages, is_attachment=True).values_list("message_id", flat=True)
        ),
        "history": set(history("jana@example.cz", person).values_list("pk", flat=True)),
        "changed": changes.since(person, "0")[1],
    }


def fill_the_desk(cast: Cast, clock: Clock) -> None:
    file = ("pračka.pdf", "application/pdf", b"%PDF")
    for number, gateway in enumerate([cast.helpdesk_gateway, cast.helpdesk_gateway, cast.sales_gateway]):
        raw = a_mail(f"pračka {number}", "pračka", message_id=f"{number}@example.cz", files=[file])
        conversation = receive(raw, gateway)
    draft = drafts.open_draft(cast.carol, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=0, text="Vaše pračka je hotova.")
    replies.send(draft, NOON, seen_until=None, undo_within=timedelta(0))
    deliver_due(transport=RecordingTransport(), now=clock, archive=sent.file_sent)
    receive(a_mail("pračka, zavřená", "pračka"), cast.helpdesk_gateway).close(cast.bob, NOON)


@pytest.fixture
def desk(cast: Cast, clock: Clock) -> Cast:
    fill_the_desk(cast, clock)
    return cast


def test_eve_sees_nothing_anywhere(desk: Cast) -> None:
    assert not any(what_is_seen(desk.eve).values())
    assert book.suggest("ja", desk.eve) == []


def test_an_administrator_sees_nothing_either(desk: Cast) -> None:
    assert not any(what_is_seen(desk.dan).values())


def test_a_visitor_sees_nothing(desk: Cast) -> None:
    for rows in (Conversation.objects.all(), Message.objects.all(), Delivery.objects.all()):
        assert not rows.visible_to(AnonymousUser()).exists()  # type: ignore[attr-defined]


def test_who_has_left_sees_nothing(desk: Cast) -> None:
    desk.bob.is_active = False
    desk.bob.save()
    assert not any(what_is_seen(desk.bob).values())


def test_bob_sees_all_of_helpdesk_and_nothing_of_sales(desk: Cast) -> None:
    seen = what_is_seen(desk.bob)
    assert len(seen["conversations"]) == 3
    assert len(seen["messages"]) == len(seen["found"]) == 3
    assert not seen["messages"] & what_is_seen(desk.carol)["messages"]


def test_suggestions_come_from_mail_one_may_see(desk: Cast) -> None:
    receive(a_mail(sender="Josef Tajný <josef@example.cz>"), desk.sales_gateway)
    assert [one.address for one in book.suggest("jo", desk.carol)] == ["josef@example.cz"]
    assert [one.address for one in book.suggest("tajn", desk.carol)] == ["josef@example.cz"]
    assert book.suggest("jo", desk.bob) == []


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_granted_and_withdrawn_all_ways_of_looking_agree_at_once(desk: Cast, seed: int) -> None:
    chance = random.Random(seed)
    people, processes = [desk.bob, desk.carol, desk.eve], [desk.helpdesk, desk.sales]
    for step in range(12):
        person, process = chance.choice(people), chance.choice(processes)
        now = NOON + timedelta(minutes=step)
        conversation = chance.choice(list(Conversation.objects.order_by("pk")))
        match chance.choice(["join", "leave", "assign", "unassign", "close", "reopen", "mail"]):
            case "join":
                add_member(process, person, "member", desk.dan)
            case "leave":
                remove_member(process, person, desk.dan, now)
            case "assign":
                conversation.assign(person, desk.alice, now)
            case "unassign":
                conversation.assign(None, desk.alice, now)
            case "close":
                conversation.close(desk.alice, now)
            case "reopen":
                conversation.reopen(desk.alice, now)
            case "mail":
                gateway = chance.choice([desk.helpdesk_gateway, desk.sales_gateway])
                receive(a_mail("pračka", "pračka", in_reply_to=f"{chance.randrange(3)}@example.cz"), gateway, now)
        for one in people:
            check(one)


def check(person: Person) -> None:
    """What the rule says in plain words, against what each way of looking gives."""
    teams = set(Member.objects.filter(person=person).values_list("process_id", flat=True))
    may = {row for row in Conversation.objects.all() if row.process_id in teams or row.assignee_id == person.pk}
    # Who left a team keeps their name on what is closed, and does not see it.
    may -= {row for row in may if row.process_id not in teams and not row.scope.holdings.filter(person=person).exists()}
    stuck = [row for row in Conversation.objects.open() if row.assignee_id == person.pk and row not in may]
    assert not stuck, "open work lies with somebody who cannot see it"
    messages = {entry.message_id for row in may for entry in row.entries.filter(message__isnull=False)}
    seen = what_is_seen(person)
    assert seen["conversations"] == seen["listed"] == seen["changed"] == {row.pk for row in may}
    assert seen["messages"] == seen["found"] == seen["deliveries"] == messages
