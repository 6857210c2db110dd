"""Order numbers: recognised by patterns in linear time, shown with their message, flagged when named twice."""

from __future__ import annotations

from typing import Any

import pytest

from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive import search
from podatelna.archive.models import Message
from podatelna.desk import cases, references
from podatelna.desk.cases import Facts
from podatelna.desk.finding import resolver_for
from podatelna.desk.models import Conversation
from podatelna.desk.reference_models import Reference, ReferencePattern
from podatelna.desk.references import compiled, first_number, key_of, named_in, numbers_in, of_conversation
from podatelna.desk.rules.matching import BadPattern
from tests.cast import NOON, Cast, a_mail, receive


def a_pattern(by: Person, text: str = r"order (?:no\. )?(\d{4,8})", **more: Any) -> ReferencePattern:
    said: dict[str, Any] = {"name": "Order", "process": None, "domains": [], "is_on": True, **more}
    return references.set_pattern(None, by, NOON, pattern=text, **said)


def numbers(conversation: Conversation) -> list[str]:
    return [row.number for row in of_conversation(conversation)]


def found(query: str, person: Person) -> list[str]:
    hits = search.search(query, person=person, resolve=resolver_for(person))
    return sorted(Message.objects.filter(pk__in=[hit.message_id for hit in hits]).values_list("subject", flat=True))


def test_numbers_in_subject_and_text_are_recognised_once_each(cast: Cast) -> None:
    a_pattern(cast.dan)
    conversation = receive(a_mail("Order 4711", "About ORDER no. 4711 and order 4712."), cast.helpdesk_gateway)
    assert numbers(conversation) == ["4711", "4712"]
    assert first_number(conversation) == "4711"


@pytest.mark.parametrize("text", ["(", r"(?=a)", "", "a*", r"\d*"])
def test_pattern_that_cannot_work_is_refused(text: str) -> None:
    with pytest.raises(BadPattern):
        compiled(text)


def test_ways_of_writing_a_number_are_one() -> None:
    assert key_of("OBJ-2026/55") == key_of("obj 2026 55") == "obj202655"
    assert numbers_in("OBJ-2026/55, obj 2026/55", compiled(r"obj[- ]\d{4}/\d+")) == ["OBJ-2026/55"]


def test_hostile_pattern_over_a_long_text_ends() -> None:
    assert numbers_in("a" * 200_000, compiled(r"((a|a)+)+b")) == []


def test_pattern_of_a_process_or_of_domains_holds_there_alone(cast: Cast) -> None:
    a_pattern(cast.dan, process=cast.sales)
    a_pattern(cast.dan, r"po-(\d+)", name="Purchase", domains=["example.cz"])
    assert numbers(receive(a_mail("Order 4711, PO-9"), cast.helpdesk_gateway)) == ["9"]
    assert numbers(receive(a_mail("Order 4711, PO-9", sender="Eda <e@other.cz>"), cast.sales_gateway)) == ["4711"]


def test_number_named_in_another_thread_is_flagged_to_who_sees_both(cast: Cast) -> None:
    a_pattern(cast.dan)
    first = receive(a_mail("Order 4711"), cast.helpdesk_gateway)
    again = receive(a_mail("Where is order 4711?"), cast.helpdesk_gateway)
    hidden = receive(a_mail("Order 4711, please"), cast.sales_gateway)
    [named] = named_in(again, cast.bob)
    assert (named.number, named.others) == ("4711", [first])
    assert named_in(hidden, cast.carol)[0].others == []


def test_order_finds_the_conversations_that_one_may_see(cast: Cast) -> None:
    a_pattern(cast.dan)
    receive(a_mail("Order 4711"), cast.helpdesk_gateway)
    receive(a_mail("Order no. 4711 of sales"), cast.sales_gateway)
    receive(a_mail("The year 4711"), cast.helpdesk_gateway)
    assert found("order:4711", cast.bob) == ["Order 4711"]
    assert found("order:4711", cast.eve) == []
    assert found("order:9999", cast.bob) == []
    assert found("year -order:4711", cast.bob) == ["The year 4711"]


def test_case_names_the_numbers_of_what_is_filed_under_it(cast: Cast) -> None:
    a_pattern(cast.dan)
    conversation = receive(a_mail("Order 4711"), cast.helpdesk_gateway)
    case = cases.open_case(cast.helpdesk, Facts("Pump"), cast.bob, NOON)
    cases.file(conversation, case, cast.bob, NOON)
    assert [row.number for row in references.of_case(case, cast.bob)] == ["4711"]
    assert references.of_case(case, cast.eve) == []


def test_changes_of_a_pattern_are_recorded_and_taking_it_away_forgets_its_numbers(cast: Cast) -> None:
    row = a_pattern(cast.dan)
    receive(a_mail("Order 4711"), cast.helpdesk_gateway)
    said = {"name": "Order", "process": None, "domains": [], "is_on": False}
    references.set_pattern(row, cast.dan, NOON, pattern=r"order (\d+)", **said)
    entry = AuditEntry.objects.filter(act="set-reference-pattern").latest("pk")
    assert (entry.details["before"]["is_on"], entry.details["after"]["is_on"]) == (True, False)
    receive(a_mail("Order 5000"), cast.helpdesk_gateway)
    assert references.remove_pattern(row, cast.dan) == 1
    assert not Reference.objects.exists()
