"""Rules: every way to ask joined with every deed, the order, what waits, and what they must not touch."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from podatelna import pipeline
from podatelna.archive import verdicts
from podatelna.archive.models import Delivery, Verdict
from podatelna.desk import absence, automatic_answers, personal
from podatelna.desk.case_models import Case, Filing
from podatelna.desk.mark_models import Notice
from podatelna.desk.models import AutomaticAnswer, Conversation, Flood, Process
from podatelna.desk.rule_models import Rule, RuleCall, RuleWait
from podatelna.desk.rules import calls, incoming
from podatelna.desk.rules.actions import ACTIONS
from podatelna.desk.rules.checking import check
from podatelna.desk.rules.conditions import FIELDS
from podatelna.desk.rules.evaluation import evaluate
from podatelna.desk.rules.facts import of_incoming
from podatelna.desk.rules.ordering import order, put, take_out
from podatelna.desk.rules.rehearsal import rehearse
from podatelna.desk.text_models import CannedAnswer
from podatelna.gateways.alarm_models import Alarm
from podatelna.mail.parse import parse
from podatelna.protocols.errors import ServerError, Unreachable
from tests.cast import NOON, Cast, a_gateway, a_mail, a_person, arrive, receive

pytestmark = pytest.mark.django_db


def a_rule(
    cast: Cast, conditions: list[dict[str, Any]], actions: list[dict[str, Any]], name: str = "", **fields: Any
) -> Rule:
    """A rule at the end of the helpdesk's order."""
    name = name or f"Rule {Rule.objects.count() + 1}"
    rule = Rule.objects.create(name=name, conditions=conditions, actions=actions, **fields)
    assert not check(rule, rule.direction)
    put(cast.helpdesk_gateway, rule, 1000, cast.dan)
    return rule


def words(field: str, *lines: str, how: str = "contains", **more: Any) -> dict[str, Any]:
    return {"field": field, "how": how, "lines": list(lines), **more}


def matched(conversation: Conversation) -> list[str]:
    """The names of the rules that matched, in their order."""
    rows = conversation.entries.filter(verb="rule").order_by("pk")
    return [entry.details["name"] for entry in rows]


# --- every condition with every deed ---------------------------------------------------------------------

THE_MAIL: dict[str, Any] = {
    "subject": "Reklamace pračky č. 4711",
    "text": "Dobrý den, pračka neždímá.\n",
    "headers": [("X-Shop", "Žižkov 7"), ("List-Id", "<news.example.cz>")],
    "files": [("Faktura.PDF", "application/pdf", b"x" * 2_000)],
}
CONDITIONS: dict[str, dict[str, Any]] = {
    "sender": words("sender", "NOVAKOVA"),
    "recipient": words("recipient", "helpdesk@acme.cz", how="is"),
    "subject": words("subject", "reklamace pracky", how="begins"),
    "header": words("header", "zizkov", header="x-shop"),
    "body": words("body", r"pračka\s+ne\w+", how="matches"),
    "attachment_name": words("attachment_name", ".pdf", how="ends"),
    "attachment_type": words("attachment_type", "application/pdf", how="is"),
    "attachment_size": words("attachment_size", "0,001", how="over"),
    "has_attachment": {"field": "has_attachment", "how": "yes"},
    "is_list": {"field": "is_list", "how": "yes"},
    "automatic": words("automatic", "list", how="is"),
    "verdict": words("verdict", "verified", "failed", how="is"),
    "known_contact": {"field": "known_contact", "how": "yes", "not": True},
    "inside_hours": {"field": "inside_hours", "how": "yes"},
}


def test_the_table_has_every_field() -> None:
    assert set(CONDITIONS) == set(FIELDS)


def a_text(cast: Cast) -> CannedAnswer:
    return CannedAnswer.objects.get_or_create(process=cast.helpdesk, name="Got it", text="Thanks, {contact.name}.")[0]


def deeds(cast: Cast) -> dict[str, tuple[dict[str, Any], Callable[[Conversation], bool]]]:
    """Each deed for mail that comes, and how one sees that it was done."""
    return {
        "assign": ({"person": cast.bob.pk}, lambda one: one.assignee == cast.bob),
        "pool": ({}, lambda one: one.assignee is None),
        "process": ({"process": cast.sales.pk}, lambda one: one.worked_by == cast.sales),
        "case": ({"pattern": r"č\. (\d{4})"}, lambda one: one.filings.get().case.title.startswith("4711: Reklamace")),
        "tag": ({"tag": "reklamace"}, lambda one: one.taggings.get().name == "reklamace"),
        "priority": ({"priority": "high"}, lambda one: one.priority == 1),
        "close": ({}, lambda one: one.status == Conversation.Status.CLOSED),
        "spam": ({}, lambda one: one.flood is not None and one.flood.is_spam),
        "answer": ({"text": "Máme to, {contact.name}."}, lambda one: True),  # lists are never answered
        "canned": ({"canned": a_text(cast).pk}, lambda one: True),
        "notify": ({"person": cast.alice.pk, "text": "Look"}, lambda one: one.notices.get().person == cast.alice),
        "webhook": ({"url": "https://example.com/hook"}, lambda one: one.rule_calls.get().state == "waiting"),
        "task": (
            {"text": "Call {contact.name}", "person": cast.bob.pk, "days": "2"},
            lambda one: one.tasks.get().text == "Call Jana Nováková" and one.tasks.get().person == cast.bob,
        ),
    }


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_condition_with_every_deed(cast: Cast, field: str) -> None:
    table = deeds(cast)
    assert set(table) == {key for key, kind in ACTIONS.items() if "in" in kind.directions}
    for number, (key, (parameters, done)) in enumerate(table.items()):
        Rule.objects.all().delete()
        a_rule(cast, [CONDITIONS[field]], [{"do": key, **parameters}], name="The rule")
        sender = f"Jana Nováková <jana{number}@example.cz>"
        conversation = Conversation.objects.get(pk=come(cast, **THE_MAIL, sender=sender).pk)
        entry = conversation.entries.get(verb="rule")
        assert entry.details["on"] == [field], key
        assert done(conversation), key


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_not_is_the_other_way_round(cast: Cast, field: str) -> None:
    condition = dict(CONDITIONS[field], **{"not": not CONDITIONS[field].get("not")})
    a_rule(cast, [condition], [{"do": "close"}])
    assert matched(come(cast, **THE_MAIL)) == []


def come(cast: Cast, **mail: Any) -> Conversation:
    """Mail that comes, and whose sender is proven a little later."""
    delivery = arrive(a_mail(**mail), cast.helpdesk_gateway)
    verdicts.expect([delivery], NOON)
    pipeline.receive(delivery, now=NOON)
    Verdict.objects.filter(judged_at=None).update(summary="verified", judged_at=NOON, due_at=None)
    incoming.apply_due(NOON)
    return Conversation.objects.get(entries__message=delivery.message_id)


# --- how rules go together -------------------------------------------------------------------------------


def test_the_documented_example_gives_exactly_one_answer(cast: Cast) -> None:
    """Four rules that answer and stop, the one for important customers first."""
    for name, line in (("VIP", "jana@example.cz"), ("Complaints", "jana"), ("Example", "example.cz"), ("All", "@")):
        a_rule(
            cast,
            [words("sender", line)],
            [{"do": "answer", "text": f"{name}: thanks, {{contact.name}}"}],
            name,
            stops=True,
        )
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    assert matched(conversation) == ["VIP"]
    assert [row.text for row in AutomaticAnswer.objects.all()] == ["VIP: thanks, Jana Nováková"]
    Verdict.objects.update(summary="verified", judged_at=NOON, due_at=None)
    automatic_answers.answer_due(NOON)
    assert [row.state for row in AutomaticAnswer.objects.all()] == ["given"]
    assert conversation.entries.filter(kind="outgoing").count() == 1


def test_stop_ends_it_only_where_the_rule_matched(cast: Cast) -> None:
    a_rule(cast, [words("subject", "nothing like it")], [{"do": "close"}], "First", stops=True)
    a_rule(cast, [], [{"do": "tag", "tag": "one"}], "Second")
    a_rule(cast, [], [{"do": "tag", "tag": "two"}], "Third", stops=True)
    a_rule(cast, [], [{"do": "tag", "tag": "three"}], "Fourth")
    assert matched(receive(a_mail(), cast.helpdesk_gateway)) == ["Second", "Third"]


def test_all_and_any(cast: Cast) -> None:
    both = [words("subject", "washing"), words("body", "no such words")]
    a_rule(cast, both, [{"do": "tag", "tag": "all"}], "All")
    a_rule(cast, both, [{"do": "tag", "tag": "any"}], "Any", joined="any")
    assert matched(receive(a_mail(), cast.helpdesk_gateway)) == ["Any"]


def test_order_is_each_gateways_own_and_what_is_off_or_nowhere_does_nothing(cast: Cast) -> None:
    first = a_rule(cast, [], [{"do": "tag", "tag": "one"}], "First")
    second = a_rule(cast, [], [{"do": "tag", "tag": "two"}], "Second")
    put(cast.helpdesk_gateway, second, 0, cast.dan)
    put(cast.sales_gateway, first, 0, cast.dan)
    assert matched(receive(a_mail(), cast.helpdesk_gateway)) == ["Second", "First"]
    assert matched(receive(a_mail(to="sales@acme.cz"), cast.sales_gateway)) == ["First"]
    Rule.objects.filter(pk=second.pk).update(is_on=False)
    assert take_out(cast.helpdesk_gateway, first, cast.dan)
    assert [rule.name for rule in order(cast.helpdesk_gateway, "in")] == ["Second"]
    assert matched(receive(a_mail(), cast.helpdesk_gateway)) == []


def test_a_rules_answer_comes_instead_of_the_processs_own(cast: Cast) -> None:
    Process.objects.filter(pk=cast.helpdesk.pk).update(answers=True, answer_en="We have it.", answer_cs="Máme to.")
    a_rule(cast, [], [{"do": "answer", "text": "From the rule"}])
    receive(a_mail(), cast.helpdesk_gateway)
    assert [row.text for row in AutomaticAnswer.objects.all()] == ["From the rule"]


def test_a_canned_answer_is_given_as_it_is_then_and_only_a_processs(cast: Cast) -> None:
    text = a_text(cast)
    a_rule(cast, [], [{"do": "canned", "canned": text.pk}])
    CannedAnswer.objects.update(text="Many thanks, {contact.name}.")
    receive(a_mail(), cast.helpdesk_gateway)
    assert [row.text for row in AutomaticAnswer.objects.all()] == ["Many thanks, Jana Nováková."]
    mine = CannedAnswer.objects.create(person=cast.bob, name="Mine", text="Hi")
    [problem] = check(Rule(name="x", conditions=[], actions=[{"do": "canned", "canned": mine.pk}]), "in")
    assert problem.code == "gone"


def test_a_case_is_found_by_its_number_again(cast: Cast) -> None:
    a_rule(cast, [], [{"do": "case", "pattern": r"order (\w+)"}])
    receive(a_mail("About order A17"), cast.helpdesk_gateway)
    receive(a_mail("Still order A17", sender="eva@example.com"), cast.helpdesk_gateway)
    receive(a_mail("About nothing"), cast.helpdesk_gateway)
    case = Case.objects.get()
    assert (case.title, Filing.objects.filter(case=case).count()) == ("A17: About order A17", 2)


def test_the_number_of_a_case_stands_in_what_is_written_after_it(cast: Cast) -> None:
    deeds = [{"do": "case"}, {"do": "answer", "text": "It is {case.number}."}]
    a_rule(cast, [words("subject", "{contact.name}", **{"not": True})], deeds)
    receive(a_mail(), cast.helpdesk_gateway)
    assert [row.text for row in AutomaticAnswer.objects.all()] == [f"It is {Case.objects.get().number}."]


def test_a_rule_that_cannot_do_its_deed_keeps_no_mail(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bool:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("podatelna.desk.rules.doing._ACTS", {"tag": broken, "close": lambda *_: False})
    a_rule(cast, [], [{"do": "tag", "tag": "one"}], "Broken")
    a_rule(cast, [], [{"do": "close"}], "Next")
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    assert [entry.verb for entry in conversation.entries.filter(verb__startswith="rule")] == ["rule-failed", "rule"]


def test_who_has_left_gets_nothing(cast: Cast) -> None:
    a_rule(cast, [], [{"do": "assign", "person": cast.bob.pk}])
    cast.bob.is_active = False
    cast.bob.save()
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    assert conversation.assignee is None
    assert conversation.entries.get(verb="rule").details["did"] == []


def test_who_is_away_is_gone_round(cast: Cast) -> None:
    a_rule(cast, [], [{"do": "assign", "person": cast.bob.pk}])
    away = absence.enter(cast.bob, "holiday", NOON.date(), NOON.date() + timedelta(days=3), None, cast.bob, NOON)
    assert receive(a_mail(), cast.helpdesk_gateway).assignee is None
    absence.end(away, cast.bob, NOON)
    absence.enter(cast.bob, "sick", NOON.date(), None, cast.alice, cast.bob, NOON)
    assert receive(a_mail(), cast.helpdesk_gateway).assignee == cast.alice


def test_a_private_mailbox_is_never_touched(cast: Cast) -> None:
    eve = a_person("Eva")
    gateway = a_gateway("eva@acme.cz", owner=eve)
    personal.take_in(gateway, eve)
    rule = a_rule(cast, [], [{"do": "close"}])
    put(gateway, rule, 0, cast.dan)
    assert matched(receive(a_mail(to="eva@acme.cz"), gateway)) == []


def test_rules_that_ask_for_a_verdict_wait_for_it_but_not_for_ever(cast: Cast) -> None:
    a_rule(cast, [words("verdict", "failed", how="is")], [{"do": "spam"}], "Forged")
    a_rule(cast, [], [{"do": "tag", "tag": "all"}], "All")
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    verdicts.expect([delivery], NOON)
    pipeline.receive(delivery, now=NOON)
    conversation = Conversation.objects.get()
    incoming.apply_due(NOON)
    assert matched(conversation) == []
    incoming.apply_due(NOON + timedelta(minutes=11))
    assert matched(conversation) == ["All"]
    assert not RuleWait.objects.exists()


def test_spam_is_in_no_list_until_somebody_lets_it_in(cast: Cast) -> None:
    a_rule(cast, [words("subject", "casino")], [{"do": "spam"}])
    first = receive(a_mail("Casino"), cast.helpdesk_gateway)
    second = receive(a_mail("Another casino"), cast.helpdesk_gateway)
    assert not Conversation.objects.open().filter(pk__in=[first.pk, second.pk]).exists()
    assert Flood.objects.get().messages == 2


# --- what they cost, and what a stranger can do ----------------------------------------------------------


@pytest.mark.parametrize("hostile", [r"(a+)+$", r"(a|aa)+$", r"(.*a){20}", r"^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_hostile_pattern_on_a_million_characters_takes_linear_time(cast: Cast, hostile: str) -> None:
    a_rule(cast, [words("body", hostile, how="matches")], [{"do": "tag", "tag": "x"}])
    [rule] = order(cast.helpdesk_gateway, "in")

    def seconds(size: int) -> float:
        delivery = Delivery(message_id=0)
        text = "\n".join(["a" * 70 + "!"] * (size // 72))
        facts = of_incoming(delivery, parse(a_mail(text=text)), cast.helpdesk, None, NOON)
        facts.texts("body")
        began = time.process_time()
        evaluate([rule], facts)
        return time.process_time() - began

    seconds(10_000)
    small = max(seconds(100_000), 0.002)
    assert seconds(1_000_000) < 40 * small  # quadratic would be 100 times, exponential for ever


def test_what_a_partner_writes_fills_in_no_place_and_no_header(cast: Cast) -> None:
    a_rule(cast, [], [{"do": "task", "text": "Call {contact.name} about {subject}"}])
    conversation = receive(
        a_mail("{me.name} {process.name}", sender="{case.number} <jana@example.cz>"), cast.helpdesk_gateway
    )
    assert conversation.tasks.get().text == "Call {case.number} about {me.name} {process.name}"


def test_values_in_patterns_are_words(cast: Cast) -> None:
    a_rule(cast, [words("subject", "^{contact.name}$", how="matches")], [{"do": "close"}])
    assert matched(receive(a_mail("anything", sender='".*" <jana@example.cz>'), cast.helpdesk_gateway)) == []


@pytest.mark.parametrize(
    ("condition", "action", "code"),
    [
        (words("subject", "(", how="matches"), None, "pattern"),
        (words("subject", "(?=a)", how="matches"), None, "pattern"),
        (words("subject", "{contact.nmae}"), None, "placeholder"),
        (words("subject"), None, "empty"),
        (words("no such field", "x"), None, "unknown"),
        (words("header", "x", header="X: y"), None, "header"),
        (words("attachment_size", "many", how="over"), None, "number"),
        (words("verdict", "nice", how="is"), None, "unknown"),
        (words("subject", *(["x"] * 201)), None, "too-many"),
        (None, {"do": "assign", "person": 987654321}, "gone"),
        (None, {"do": "assign"}, "empty"),
        (None, {"do": "assign", "person": "9" * 5000}, "gone"),
        (None, {"do": "task", "text": "x", "days": "9" * 5000}, "number"),
        (None, {"do": "no such deed"}, "unknown"),
        (None, {"do": "webhook", "url": "http://localhost/"}, "url"),
        (None, {"do": "answer", "text": "Dear {contat.name}"}, "placeholder"),
        (None, {"do": "tag", "tag": "a,b"}, "tag"),
        (None, {"do": "footer", "text": "x"}, "direction"),
        (None, {"do": "task", "text": "x", "days": "soon"}, "number"),
    ],
)
def test_what_cannot_work_is_found_when_it_is_saved(
    cast: Cast, condition: dict[str, Any] | None, action: dict[str, Any] | None, code: str
) -> None:
    conditions = [condition] if condition is not None else []
    rule = Rule(name="x", conditions=conditions, actions=[action or {"do": "close"}])
    [problem, *_] = check(rule, "in")
    assert problem.code == code


def test_of_two_deeds_that_undo_each_other_the_second_is_named(cast: Cast) -> None:
    actions = [{"do": "tag", "tag": "a"}, {"do": "close"}, {"do": "tag", "tag": "b"}, {"do": "spam"}]
    problems = check(Rule(name="x", conditions=[], actions=actions), "in")
    assert [(one.where, one.code) for one in problems] == [("action 4", "twice")]


def test_places_in_a_number_pattern_are_filled_in_as_words(cast: Cast) -> None:
    a_rule(cast, [], [{"do": "case", "pattern": r"{contact.name} (\d+)"}])
    receive(a_mail("About Jana+ 17", sender='"Jana+" <jana@example.cz>'), cast.helpdesk_gateway)
    assert Case.objects.get().title.startswith("17: ")


# --- rehearsing and calling ------------------------------------------------------------------------------


def test_a_rehearsal_changes_nothing_and_names_only_what_one_may_see(cast: Cast) -> None:
    for number in range(3):
        receive(a_mail(f"Casino {number}"), cast.helpdesk_gateway)
    rule = Rule(name="Casino", conditions=[words("subject", "casino 1", "casino 2")], actions=[{"do": "close"}])
    by_alice = list(rehearse(cast.helpdesk_gateway, [rule], 50, cast.alice))
    assert [one.message.subject for one in by_alice if one.decisions and one.message] == ["Casino 2", "Casino 1"]
    by_dan = list(rehearse(cast.helpdesk_gateway, [rule], 50, cast.dan))
    assert [bool(one.decisions) for one in by_dan] == [True, True, False]
    assert not any(one.message for one in by_dan)
    assert Conversation.objects.open().count() == 3
    assert not Notice.objects.exists()


def test_webhooks_are_tried_again_and_then_given_up(cast: Cast) -> None:
    a_rule(cast, [], [{"do": "webhook", "url": "https://example.com/hook"}])
    receive(a_mail(), cast.helpdesk_gateway)
    said: list[ServerError | None] = [Unreachable("away"), None]
    posted: list[tuple[str, str]] = []

    def post(url: str, payload: Any, secret: str, *, at: Any) -> int:
        if (error := said.pop(0)) is not None:
            raise error
        posted.append((payload["subject"], secret))
        return 200

    assert calls.call_due(NOON, post, lambda: "secret") == 1
    assert RuleCall.objects.get().state == "waiting"
    assert calls.call_due(NOON + timedelta(minutes=2), post, lambda: "secret") == 1
    assert posted == [("Broken washing machine", "secret")]
    assert RuleCall.objects.get().state == "done"
    assert RuleCall.objects.get().payload == {}  # nothing of the message stays there


def test_a_webhook_that_is_given_up_raises_an_alarm_until_one_gets_through(cast: Cast) -> None:
    a_rule(cast, [], [{"do": "webhook", "url": "https://example.com/hook"}], "To the shop")
    receive(a_mail(), cast.helpdesk_gateway)

    def dead(*_: object, at: Any) -> int:
        raise Unreachable("away")

    for hours in range(0, 200, 20):
        calls.call_due(NOON + timedelta(hours=hours), dead, lambda: "secret")
    assert (RuleCall.objects.get().state, RuleCall.objects.get().payload) == ("failed", {})
    alarm = Alarm.objects.get(kind="rule-webhook")
    assert alarm.details["rule"] == "To the shop"
    receive(a_mail(), cast.helpdesk_gateway)
    calls.call_due(NOON + timedelta(days=20), lambda *_, at: 200, lambda: "secret")
    alarm.refresh_from_db()
    assert alarm.ended_at is not None
