"""Searching by tags and priority: of conversations that one may see, and of no others."""

from __future__ import annotations

import pytest

from podatelna.accounts.models import Person
from podatelna.archive.errors import QueryError
from podatelna.archive.search import search
from podatelna.desk import tags
from podatelna.desk.finding import resolver_for
from podatelna.desk.models import Conversation
from podatelna.desk.priority import set_priority
from tests.cast import NOON, Cast, a_mail, receive


@pytest.fixture
def washing(cast: Cast) -> Conversation:
    conversation = receive(a_mail("Pump of the washing machine"), cast.helpdesk_gateway)
    receive(a_mail("Pump of the dryer", sender="karel@example.cz"), cast.helpdesk_gateway)
    tags.add_tag(conversation, "Záruční oprava", cast.bob, NOON)
    set_priority(conversation, "high", cast.bob, NOON)
    return conversation


def _found(query: str, person: Person | None) -> list[str]:
    hits = search(query, person=person, limit=10, resolve=resolver_for(person))
    subjects = Conversation.objects.filter(entries__message__in=[hit.message_id for hit in hits])
    return sorted(subjects.values_list("subject", flat=True))


@pytest.mark.parametrize(
    "query", ['pump tag:"zarucni oprava"', 'tag:"#Záruční Oprava"', "priority:high", "pump -priority:normal"]
)
def test_what_was_marked_is_found(cast: Cast, washing: Conversation, query: str) -> None:
    assert _found(query, cast.bob) == ["Pump of the washing machine"]
    assert _found(query, None) == ["Pump of the washing machine"]


@pytest.mark.parametrize("query", ['pump -tag:"zaruční oprava"', "pump -priority:high", "priority:normal"])
def test_what_was_not_marked_is_found(cast: Cast, washing: Conversation, query: str) -> None:
    assert _found(query, cast.bob) == ["Pump of the dryer"]


def test_a_tag_that_only_others_see_is_none(cast: Cast, washing: Conversation) -> None:
    order = receive(a_mail("Pump wanted", to="sales@acme.cz"), cast.sales_gateway)
    tags.add_tag(order, "Wholesale", cast.carol, NOON)
    with pytest.raises(QueryError) as refused:
        _found("tag:wholesale", cast.bob)
    assert (refused.value.code, list(refused.value.known)) == ("bad-tag", ['"Záruční oprava"'])


def test_mail_that_one_sees_is_not_found_by_how_others_marked_it(cast: Cast) -> None:
    """One message came to two processes: what sales made of it is no business of helpdesk's."""
    both = a_mail("Pump", to="helpdesk@acme.cz, sales@acme.cz")
    receive(both, cast.helpdesk_gateway)
    theirs = receive(both, cast.sales_gateway)
    set_priority(theirs, "high", cast.carol, NOON)
    assert _found("priority:high", cast.bob) == []
    assert _found("priority:high", cast.carol) != []


def test_a_priority_that_is_none_is_said(cast: Cast, washing: Conversation) -> None:
    with pytest.raises(QueryError) as refused:
        _found("priority:urgent", cast.bob)
    assert refused.value.code == "bad-priority"
