"""Rules for letters: what goes out is as they want it, and what needs a second pair of eyes waits for it."""

from __future__ import annotations

from typing import Any

import pytest

from podatelna.desk import drafts, replies
from podatelna.desk.mark_models import Notice
from podatelna.desk.models import Conversation, Draft
from podatelna.desk.processes import add_address
from podatelna.desk.rule_models import Review, Rule
from podatelna.desk.rules import reviewing
from podatelna.desk.rules.actions import ACTIONS
from podatelna.desk.rules.checking import check
from podatelna.desk.rules.conditions import FIELDS
from podatelna.desk.rules.ordering import put
from podatelna.desk.rules.rehearsal import rehearse
from podatelna.outbox.models import Outgoing
from tests.cast import Cast, Clock, RecordingTransport, a_mail, receive
from tests.desk.test_replies import LATER, deliver, posted, send, text_of, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail("Reklamace pračky", "Nejde to.\n"), cast.helpdesk_gateway)


def a_rule(cast: Cast, *actions: dict[str, Any], conditions: list[dict[str, Any]] | None = None, **more: Any) -> Rule:
    name = f"Rule {Rule.objects.count() + 1}"
    rule = Rule.objects.create(name=name, direction="out", conditions=conditions or [], actions=list(actions), **more)
    assert not check(rule, "out")
    put(cast.helpdesk_gateway, rule, 1000, cast.dan)
    return rule


def test_signature_footer_and_blind_copy(cast: Cast, conversation: Conversation) -> None:
    a_rule(cast, {"do": "signature", "text": "{me.name}, {process.name}"})
    a_rule(cast, {"do": "footer", "text": "ACME s.r.o., Brno"}, {"do": "footer", "text": "For {contact.address}"})
    a_rule(cast, {"do": "bcc", "address": "Archive <archive@acme.cz>"})
    draft = write(cast, conversation)
    outgoing = send(draft)
    text = text_of(posted(outgoing))
    assert text.startswith(
        "Dobrý den, přijedeme.\n\n-- \nBob, Helpdesk\n\nACME s.r.o., Brno\n\nFor jana@example.cz\n\n"
    )
    assert [row.address for row in outgoing.recipients.all()] == ["jana@example.cz", "archive@acme.cz"]
    assert "archive@acme.cz" not in str(posted(outgoing)["Bcc"] or "")
    # What is undone is what was typed, and sending it again puts nothing twice.
    again = replies.undo(outgoing, cast.bob, LATER)
    assert again is not None
    assert (again.text, again.bcc) == ("Dobrý den, přijedeme.", "")
    assert text_of(posted(send(again))).count("ACME s.r.o.") == 1


def test_another_sender_only_where_the_writer_may(cast: Cast, conversation: Conversation) -> None:
    add_address(cast.helpdesk, cast.helpdesk_gateway, "reklamace@acme.cz", cast.dan)
    a_rule(cast, {"do": "sender", "address": "reklamace@acme.cz"})
    assert "reklamace@acme.cz" in posted(send(write(cast, conversation)))["From"]
    Rule.objects.update(actions=[{"do": "sender", "address": "sales@acme.cz"}])
    assert "helpdesk@acme.cz" in posted(send(write(cast, conversation)))["From"]


def test_conditions_see_the_letter_and_everything_else_is_done_too(cast: Cast, conversation: Conversation) -> None:
    asks = [
        {"field": "recipient", "how": "ends", "lines": ["@example.cz"]},
        {"field": "body", "how": "contains", "lines": ["prijedeme"]},
        {"field": "has_attachment", "how": "yes", "not": True},
    ]
    a_rule(cast, {"do": "tag", "tag": "visit"}, {"do": "secure"}, conditions=asks)
    a_rule(cast, {"do": "close"}, conditions=[{"field": "subject", "how": "contains", "lines": ["no such"]}])
    send(write(cast, conversation))
    assert conversation.taggings.get().name == "visit"
    assert conversation.entries.get(verb="rule").details["did"] == ["tag", "secure"]
    conversation.refresh_from_db()
    assert conversation.status == "open"


@pytest.fixture
def held(cast: Cast, conversation: Conversation) -> Outgoing:
    a_rule(cast, {"do": "review"})
    return send(write(cast, conversation))


def test_a_held_letter_waits_for_somebody_else(cast: Cast, held: Outgoing, clock: Clock) -> None:
    transport = RecordingTransport()
    deliver(clock, transport)
    assert not transport.posted
    [review] = reviewing.waiting_for(cast.alice)
    assert reviewing.waiting_for(cast.bob) == []  # who wrote it
    assert reviewing.waiting_for(cast.carol) == []  # who does not see it
    assert Notice.objects.get(person=cast.alice).kind == "rule"
    assert not reviewing.approve(review, cast.bob, LATER)
    assert not reviewing.approve(review, cast.carol, LATER)
    assert reviewing.approve(review, cast.alice, LATER)
    assert not reviewing.approve(review, cast.alice, LATER)
    deliver(clock, transport)
    assert len(transport.posted) == 1


def test_given_back_it_is_its_writers_draft_again(cast: Cast, held: Outgoing, conversation: Conversation) -> None:
    review = Review.objects.get()
    assert reviewing.give_back(review, cast.alice, "Too\nshort", LATER)
    assert Draft.objects.get(person=cast.bob).text == "Dobrý den, přijedeme."
    assert conversation.entries.get(verb="given-back").details["reason"] == "Too short"
    assert Notice.objects.get(person=cast.bob).details["returned"]
    assert not reviewing.approve(review, cast.alice, LATER)
    held.refresh_from_db()
    assert held.state == "withdrawn"


def test_its_writer_takes_it_back_and_nobody_can_approve_it_then(cast: Cast, held: Outgoing) -> None:
    [review] = reviewing.waiting_for(cast.alice)
    assert replies.undo(held, cast.bob, LATER) is not None
    assert reviewing.waiting_for(cast.alice) == []
    assert not reviewing.approve(review, cast.alice, LATER)
    assert not reviewing.give_back(review, cast.alice, "", LATER)
    assert Draft.objects.count() == 1
    assert Review.objects.get().decided_by is None


def test_a_rehearsal_of_letters(cast: Cast, conversation: Conversation) -> None:
    send(write(cast, conversation))
    rule = Rule(name="x", direction="out", conditions=[], actions=[{"do": "review"}])
    [one] = rehearse(cast.helpdesk_gateway, [rule], 10, cast.bob, "out")
    assert one.conversation == conversation
    assert one.decisions
    assert not Review.objects.exists()


# --- every condition with every deed ---------------------------------------------------------------------

ASKED: dict[str, dict[str, Any]] = {
    "sender": {"how": "contains", "lines": ["helpdesk@acme.cz"]},
    "recipient": {"how": "is", "lines": ["jana@example.cz"]},
    "subject": {"how": "begins", "lines": ["re: reklamace"]},
    "body": {"how": "matches", "lines": [r"přijede\w+\."]},
    "attachment_name": {"how": "ends", "lines": [".pdf"]},
    "attachment_type": {"how": "is", "lines": ["application/pdf"]},
    "attachment_size": {"how": "under", "lines": ["1"]},
    "has_attachment": {"how": "yes"},
    "known_contact": {"how": "yes"},
    "inside_hours": {"how": "yes"},
}
DEEDS: dict[str, dict[str, Any]] = {
    "case": {}, "tag": {"tag": "sent"}, "priority": {"priority": "low"}, "notify": {"person": 0},
    "webhook": {"url": "https://example.com/hook"}, "task": {"text": "Call"}, "sender": {"address": "helpdesk@acme.cz"},
    "signature": {"text": "-"}, "bcc": {"address": "archive@acme.cz"}, "footer": {"text": "ACME"}, "secure": {},
    "review": {}, "close": {},
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(ASKED))
@pytest.mark.parametrize("other_way", [False, True])
def test_every_condition_with_every_deed(
    cast: Cast, conversation: Conversation, field: str, *, other_way: bool
) -> None:
    assert set(ASKED) == {key for key, kind in FIELDS.items() if "out" in kind.directions}
    assert set(DEEDS) == {key for key, kind in ACTIONS.items() if "out" in kind.directions}
    for key, parameters in DEEDS.items():
        deed = {"do": key, **parameters, **({"person": cast.alice.pk} if "person" in parameters else {})}
        a_rule(cast, deed, conditions=[{"field": field, "not": other_way, **ASKED[field]}])
    draft = write(cast, conversation)
    drafts.attach(draft, "Nabídka.pdf", "application/pdf", b"%PDF-")
    outgoing = send(draft)
    done = [entry.details for entry in conversation.entries.filter(verb="rule").order_by("pk")]
    assert [(one["on"], one["did"]) for one in done] == ([] if other_way else [([field], [key]) for key in DEEDS])
    outgoing.refresh_from_db()
    assert outgoing.state == ("waiting" if other_way else "held")
