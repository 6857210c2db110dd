"""in: and is: say where mail is worked and how far that has come, to those who may know."""

from __future__ import annotations

import pytest

from podatelna.accounts.models import Person
from podatelna.archive import search
from podatelna.archive.errors import QueryError
from podatelna.archive.models import Message
from podatelna.desk.finding import name_in_query, resolver_for
from podatelna.desk.processes import add_member, create_process
from tests.cast import NOON, Cast, a_mail, receive


def found(query: str, person: Person | None) -> list[str]:
    hits = search.search(query, person=person, resolve=resolver_for(person))
    subjects = dict(Message.objects.values_list("pk", "subject"))
    return sorted(subjects[hit.message_id] for hit in hits)


@pytest.fixture
def mail(cast: Cast) -> Cast:
    """One open and one closed conversation in helpdesk, one open in sales; Alice works in both."""
    add_member(cast.sales, cast.alice, "member", cast.dan)
    receive(a_mail("open machine"), cast.helpdesk_gateway)
    receive(a_mail("closed machine"), cast.helpdesk_gateway).close(cast.alice, NOON)
    receive(a_mail("sold machine", to="sales@acme.cz"), cast.sales_gateway).assign(cast.alice, cast.alice, NOON)
    return cast


def test_in_narrows_to_a_process(mail: Cast) -> None:
    assert found("machine in:helpdesk", mail.alice) == ["closed machine", "open machine"]
    assert found("machine process:Sales", mail.alice) == ["sold machine"]
    assert found("in:sales", mail.alice) == ["sold machine"]
    assert found("machine -in:helpdesk", mail.alice) == ["sold machine"]
    assert found("machine in:helpdesk in:sales", mail.alice) == []


def test_is_narrows_to_a_state(mail: Cast) -> None:
    assert found("machine is:open", mail.alice) == ["open machine", "sold machine"]
    assert found("machine is:closed", mail.alice) == ["closed machine"]
    assert found("machine -is:closed", mail.alice) == ["open machine", "sold machine"]
    assert found("is:unassigned", mail.alice) == ["open machine"]
    assert found("is:assigned", mail.alice) == ["sold machine"]
    assert found("is:mine", mail.alice) == ["sold machine"]
    assert found("is:mine", mail.bob) == []
    assert found("is:open in:sales", None) == ["sold machine"]


def test_names_of_processes_may_have_blanks_and_accents(mail: Cast) -> None:
    process = create_process("Tiskové oddělení", "", mail.dan)
    add_member(process, mail.alice, "member", mail.dan)
    for query in (f"in:{name_in_query(process)}", "in:tiskove-oddeleni", 'in:"Tiskové oddělení"'):
        assert found(query, mail.alice) == []


def test_a_process_of_others_is_as_unknown_as_none(mail: Cast) -> None:
    for query in ("in:sales", "in:nowhere"):
        with pytest.raises(QueryError) as caught:
            found(query, mail.bob)
        assert (caught.value.code, caught.value.known) == ("bad-in", ("Helpdesk",))


def test_the_work_of_others_on_the_same_mail_is_not_told(mail: Cast) -> None:
    raw = a_mail("both machine", to="helpdesk@acme.cz, sales@acme.cz")
    receive(raw, mail.helpdesk_gateway).close(mail.alice, NOON)
    receive(raw, mail.sales_gateway)
    assert "both machine" in found("is:closed", mail.bob)
    assert "both machine" not in found("is:open", mail.bob)
    assert "both machine" not in found("is:closed", mail.carol)


def test_a_state_that_is_not_known_is_refused_with_those_that_are(mail: Cast) -> None:
    with pytest.raises(QueryError) as caught:
        found("machine is:lost", mail.alice)
    assert (caught.value.code, caught.value.position, caught.value.detail) == ("bad-is", 11, "lost")
    assert "is:open" in caught.value.known


@pytest.mark.parametrize("query", ["machine OR in:sales", "is:open OR machine"])
def test_they_hold_for_the_whole_search(mail: Cast, query: str) -> None:
    with pytest.raises(QueryError) as caught:
        found(query, mail.alice)
    assert caught.value.code == "whole-in-or"
