"""Numbers of cases in mail: what they file by themselves, and what a stranger's number never does."""

from __future__ import annotations

import pytest

from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive.errors import QueryError
from podatelna.archive.search import search
from podatelna.desk import cases
from podatelna.desk.case_models import Case
from podatelna.desk.cases import Facts
from podatelna.desk.finding import resolver_for
from podatelna.desk.models import Conversation
from podatelna.desk.personal import take_in
from tests.cast import NOON, Cast, a_gateway, a_mail, receive


@pytest.fixture
def case(cast: Cast) -> Case:
    """Case 2026-0001 of the helpdesk, about Jana; Carol of sales is one of its people."""
    found = cases.open_case(cast.helpdesk, Facts("Pump", "Jana", "jana@example.cz"), cast.bob, NOON)
    cases.let_in(found, cast.carol, cast.bob, NOON)
    return found


def filed(case: Case, by: Person) -> list[Conversation]:
    return list(cases.filed_under(case, by))


def test_number_in_the_subject_files_mail_of_the_contact(cast: Cast, case: Case) -> None:
    conversation = receive(a_mail("Question about 2026-0001"), cast.helpdesk_gateway)
    assert filed(case, cast.carol) == [conversation]
    assert AuditEntry.objects.get(act="file-conversation").person is None
    assert conversation.entries.get(verb="filed").person is None


@pytest.mark.parametrize(
    ("address", "files"),
    [("helpdesk+case-1@acme.cz", True), ("helpdesk+case-2026-0001@acme.cz", True),
     ("helpdesk+CASE-1@acme.cz", True), ("helpdesk+case-2@acme.cz", False), ("helpdesk+case-x@acme.cz", False),
     ("other+case-1@acme.cz", False), ("helpdesk+case-1@example.cz", False)],
)  # fmt: skip
def test_number_in_the_address_files_it_too(cast: Cast, case: Case, address: str, files: bool) -> None:
    conversation = receive(a_mail("Hello", to=address), cast.helpdesk_gateway)
    assert filed(case, cast.bob) == ([conversation] if files else [])


@pytest.mark.parametrize("subject", ["Pump 2026-1", "Pump 12026-0001", "Pump 2026-00011", "X2026-0001", "2026-0001-3"])
def test_what_only_looks_like_a_number_files_nothing(cast: Cast, case: Case, subject: str) -> None:
    receive(a_mail(subject), cast.helpdesk_gateway)
    assert filed(case, cast.bob) == []


def test_number_of_a_stranger_files_nothing(cast: Cast, case: Case) -> None:
    for mail in (a_mail("2026-0001", sender="eva@else.cz"), a_mail(to="helpdesk+case-1@acme.cz", sender="eva@else.cz")):
        conversation = receive(mail, cast.helpdesk_gateway)
        assert not Conversation.objects.visible_to(cast.carol).filter(pk=conversation.pk).exists()


def test_somebody_written_to_in_the_case_is_known_there(cast: Cast, case: Case) -> None:
    conversation = receive(a_mail("Pump", sender="petr@firm.cz", cc="ota@firm.cz"), cast.helpdesk_gateway)
    cases.file(conversation, case, cast.bob, NOON)
    later = receive(a_mail("2026-0001", sender="ota@firm.cz"), cast.helpdesk_gateway)
    assert set(filed(case, cast.bob)) == {conversation, later}


def test_who_is_known_only_by_what_a_number_filed_is_a_stranger_still(cast: Cast, case: Case) -> None:
    first = receive(a_mail("2026-0001", cc="eva@else.cz"), cast.helpdesk_gateway)
    receive(a_mail("2026-0001", sender="eva@else.cz"), cast.helpdesk_gateway)
    assert filed(case, cast.bob) == [first]


def test_number_opens_no_conversation_of_a_process_that_has_nothing_to_do_with_the_case(cast: Cast, case: Case) -> None:
    receive(a_mail("2026-0001", to="sales@acme.cz"), cast.sales_gateway)
    assert filed(case, cast.bob) == []
    conversation = receive(a_mail("Offer", to="sales@acme.cz"), cast.sales_gateway)
    cases.file(conversation, case, cast.carol, NOON)
    later = receive(a_mail("2026-0001", to="sales@acme.cz"), cast.sales_gateway)
    assert set(filed(case, cast.bob)) == {conversation, later}


def test_same_number_of_two_processes_means_the_own_one(cast: Cast, case: Case) -> None:
    other = cases.open_case(cast.sales, Facts("Offer", "Jana", "jana@example.cz"), cast.carol, NOON)
    assert other.number == case.number
    receive(a_mail("2026-0001", to="sales@acme.cz"), cast.sales_gateway)
    assert (len(filed(other, cast.carol)), filed(case, cast.bob)) == (1, [])


def test_what_was_taken_out_is_not_brought_back_by_its_number(cast: Cast, case: Case) -> None:
    conversation = receive(a_mail("2026-0001", message_id="1@example.cz"), cast.helpdesk_gateway)
    cases.take_out(conversation, case, cast.bob, NOON)
    receive(a_mail("Re: 2026-0001", in_reply_to="1@example.cz"), cast.helpdesk_gateway)
    assert filed(case, cast.bob) == []


def test_personal_desk_is_opened_by_no_number(cast: Cast, case: Case) -> None:
    gateway = a_gateway("bob.private@acme.cz", owner=cast.bob)
    take_in(gateway, cast.bob)
    receive(a_mail("2026-0001", to="bob.private@acme.cz"), gateway)
    assert filed(case, cast.bob) == []


def test_answer_that_names_the_case_files_the_conversation_it_joins(cast: Cast, case: Case) -> None:
    conversation = receive(a_mail("Pump", message_id="1@example.cz"), cast.helpdesk_gateway)
    receive(a_mail("Re: Pump", to="helpdesk+case-1@acme.cz", in_reply_to="1@example.cz"), cast.helpdesk_gateway)
    assert filed(case, cast.carol) == [conversation]


# --- searching -------------------------------------------------------------------------------------------


def found(query: str, person: Person) -> list[int]:
    return [hit.message_id for hit in search(query, person=person, resolve=resolver_for(person))]


def test_search_finds_what_is_filed_under_a_case_as_far_as_one_sees_it(cast: Cast, case: Case) -> None:
    conversation = receive(a_mail("Pump"), cast.helpdesk_gateway)
    other = receive(a_mail("Other pump"), cast.helpdesk_gateway)
    cases.file(conversation, case, cast.bob, NOON)
    message, another = (one.entries.get(message__isnull=False).message_id for one in (conversation, other))
    for person in (cast.bob, cast.carol):
        assert found("case:2026-1", person) == [message]
    assert found("pump -case:2026-0001", cast.bob) == [another]
    cases.let_out(case, cast.carol, cast.bob, NOON)
    for person in (cast.carol, cast.eve):
        with pytest.raises(QueryError, match="no case"):
            found("case:2026-0001", person)


def test_case_without_mail_finds_nothing(cast: Cast, case: Case) -> None:
    receive(a_mail("Pump"), cast.helpdesk_gateway)
    assert found("case:2026-0001", cast.bob) == []
