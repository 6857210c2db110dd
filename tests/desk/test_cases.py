"""Business cases: their numbers, who sees them and what is filed under them, and what joins, splits and hiding do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive.models import Delivery, Message
from podatelna.archive.search import search
from podatelna.desk import cases, custody, erasing, threading
from podatelna.desk.case_models import Case, CaseSeries
from podatelna.desk.case_numbers import read_number
from podatelna.desk.cases import Facts
from podatelna.desk.errors import NotFilable, NotLetIn
from podatelna.desk.finding import resolver_for
from podatelna.desk.handover import hand_over
from podatelna.desk.models import Conversation, Process
from podatelna.desk.personal import take_in
from podatelna.desk.processes import add_member, create_process, remove_member
from podatelna.web.desk.places import find, own_original
from tests.cast import NOON, Cast, a_gateway, a_mail, a_person, receive

HOUR = timedelta(hours=1)


def a_case(
    cast: Cast, by: Person | None = None, process: Process | None = None, title: str = "Washing machine"
) -> Case:
    return cases.open_case(process or cast.sales, Facts(title), by or cast.carol, NOON)


def shared(cast: Cast) -> tuple[Conversation, Case]:
    """A conversation of the helpdesk under a case of sales: Bob, who works in the helpdesk, was let in and filed it."""
    case = a_case(cast)
    cases.let_in(case, cast.bob, cast.carol, NOON)
    conversation = receive(a_mail("Broken pump", message_id="pump@example.cz"), cast.helpdesk_gateway)
    cases.file(conversation, case, cast.bob, NOON)
    return conversation, case


def sees(person: Person, conversation: Conversation) -> bool:
    """As the list, the messages, and the search have it: all three or none."""
    listed = Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists()
    messages = Message.objects.filter(entries__conversation=conversation)
    readable = Message.objects.visible_to(person).filter(pk__in=messages).exists()
    subject = conversation.subject.split()[-1]
    found = {hit.message_id for hit in search(subject, person=person, resolve=resolver_for(person))}
    assert listed == readable == bool(found & set(messages.values_list("pk", flat=True)))
    return listed


# --- numbers ---------------------------------------------------------------------------------------------


def test_each_process_counts_for_itself_and_each_year_anew(cast: Cast) -> None:
    cases.open_case(cast.sales, Facts("One"), cast.carol, NOON)
    assert cases.open_case(cast.sales, Facts("Two"), cast.carol, NOON).number == "2026-0002"
    assert cases.open_case(cast.helpdesk, Facts("One"), cast.bob, NOON).number == "2026-0001"
    assert cases.open_case(cast.sales, Facts("Three"), cast.carol, NOON.replace(year=2027)).number == "2027-0001"


def test_case_that_is_not_made_after_all_gives_its_number_back(cast: Cast) -> None:
    a_case(cast)
    with transaction.atomic():
        a_case(cast)
        transaction.set_rollback(True)
    assert a_case(cast).number == "2026-0002"
    assert CaseSeries.objects.get(process=cast.sales).last == 2


def test_year_is_that_of_the_installation(cast: Cast) -> None:
    # Half past midnight in Prague, still the old year in Greenwich.
    case = cases.open_case(cast.sales, Facts("New Year"), cast.carol, NOON.replace(2026, 12, 31, 23, 30))
    assert case.number == "2027-0001"


@pytest.mark.parametrize(
    ("text", "number"),
    [("2026-17", "2026-0017"), (" #2026-0017 ", "2026-0017"), ("2026-123456", "2026-123456"), ("1826-17", None),
     ("17", None), ("2026-17a", None), ("２026-17", None)],
)  # fmt: skip
def test_numbers_are_read_as_people_type_them(text: str, number: str | None) -> None:
    assert read_number(text) == number


def test_only_who_works_in_a_process_opens_its_cases(cast: Cast) -> None:
    for person in (cast.bob, cast.dan, cast.eve):
        with pytest.raises(NotFilable):
            a_case(cast, by=person)


# --- who sees what ---------------------------------------------------------------------------------------


def test_team_and_people_see_a_case_and_nobody_else(cast: Cast) -> None:
    _, case = shared(cast)
    seen_by = [p for p in Person.objects.all() if Case.objects.visible_to(p).filter(pk=case.pk).exists()]
    assert seen_by == [cast.bob, cast.carol]


def test_people_of_a_case_see_what_is_filed_under_it_whatever_its_process(cast: Cast) -> None:
    conversation, _ = shared(cast)
    assert sees(cast.carol, conversation)
    assert not sees(cast.eve, conversation)


def test_team_of_the_process_sees_the_case_and_not_what_others_filed_under_it(cast: Cast) -> None:
    conversation, case = shared(cast)
    frank = a_person("Frank")
    add_member(cast.sales, frank, "member", cast.dan)
    assert Case.objects.visible_to(frank).filter(pk=case.pk).exists()
    assert not sees(frank, conversation)
    assert not cases.filed_under(case, frank).exists()
    with pytest.raises(NotLetIn):
        cases.let_in(case, frank, frank, NOON)


def test_mail_that_comes_later_is_the_cases_too_and_taking_out_withdraws_all_of_it(cast: Cast) -> None:
    conversation, case = shared(cast)
    receive(a_mail("Re: Broken pump", in_reply_to="pump@example.cz"), cast.helpdesk_gateway)
    assert Message.objects.visible_to(cast.carol).count() == 2
    assert cases.take_out(conversation, case, cast.bob, NOON)
    assert not sees(cast.carol, conversation)
    assert Message.objects.visible_to(cast.carol).count() == 0
    assert sees(cast.bob, conversation)
    receive(a_mail("Re: Broken pump", in_reply_to="pump@example.cz"), cast.helpdesk_gateway)
    assert Message.objects.visible_to(cast.carol).count() == 0


def test_who_is_taken_out_of_a_case_sees_nothing_of_it_and_their_work_is_nobodys(cast: Cast) -> None:
    conversation, case = shared(cast)
    remove_member(cast.sales, cast.carol, cast.dan, NOON)
    conversation.refresh_from_db()
    conversation.assignee = cast.carol
    conversation.save()
    cases.let_out(case, cast.carol, cast.bob, NOON)
    assert not Case.objects.visible_to(cast.carol).exists()
    assert not sees(cast.carol, conversation)
    conversation.refresh_from_db()
    assert conversation.assignee is None


def test_outsider_assigned_to_a_conversation_cannot_entrust_it_to_a_case(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    conversation.assign(cast.carol, cast.bob, NOON)
    with pytest.raises(NotFilable):
        cases.file(conversation, a_case(cast), cast.carol, NOON)


def test_nobody_files_under_a_case_they_do_not_see(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    with pytest.raises(NotFilable):
        cases.file(conversation, a_case(cast), cast.bob, NOON)


def test_conversation_of_a_personal_desk_is_filed_by_its_owner_alone(cast: Cast) -> None:
    gateway = a_gateway("bob.private@acme.cz", owner=cast.bob)
    take_in(gateway, cast.bob)
    conversation = receive(a_mail(to="bob.private@acme.cz"), gateway)
    hand_over(conversation, cast.helpdesk, cast.bob, NOON)
    conversation.refresh_from_db()
    case = a_case(cast, cast.alice, cast.helpdesk)
    with pytest.raises(NotFilable):
        cases.file(conversation, case, cast.alice, NOON)
    assert cases.file(conversation, case, cast.bob, NOON)


def test_each_team_sees_its_own_copy_though_both_conversations_are_in_the_case(cast: Cast) -> None:
    raw = a_mail("Offer", to="helpdesk@acme.cz, sales@acme.cz", message_id="both@example.cz")
    for_helpdesk = receive(b"X-Mailbox: helpdesk\r\n" + raw, cast.helpdesk_gateway)
    for_sales = receive(b"X-Mailbox: sales\r\n" + raw, cast.sales_gateway)
    assert Message.objects.filter(message_id="both@example.cz").count() == 1, "one message, two copies"
    case = a_case(cast, cast.alice, cast.helpdesk)
    cases.file(for_helpdesk, case, cast.alice, NOON)
    cases.let_in(case, cast.carol, cast.alice, NOON)
    cases.file(for_sales, case, cast.carol, NOON)
    message = for_helpdesk.entries.get(message__isnull=False).message_id
    assert message is not None
    assert b"X-Mailbox: helpdesk" in own_original(find(cast.bob, message, for_helpdesk.pk), cast.bob)
    assert [d.scope_links.filter(scope=case.scope).count() for d in Delivery.objects.filter(message=message)] == [1, 1]
    # And of a message with two copies only the one goes that is taken out.
    cases.take_out(for_sales, case, cast.carol, NOON)
    copies = Delivery.objects.filter(message=message).order_by("pk")
    assert [copy.scope_links.filter(scope=case.scope).count() for copy in copies] == [1, 0]


# --- joining, splitting, hiding, erasing ------------------------------------------------------------------


def test_joined_conversations_are_under_the_cases_of_both_until_it_is_undone(cast: Cast) -> None:
    conversation, case = shared(cast)
    other = receive(a_mail("Another pump"), cast.helpdesk_gateway)
    kept, decision = threading.join(conversation, other, cast.bob, NOON + HOUR)
    assert Message.objects.visible_to(cast.carol).count() == 2
    threading.undo(decision, cast.bob, NOON + 2 * HOUR)
    assert [c.subject for c in cases.filed_under(case, cast.carol)] == ["Broken pump"]
    assert [m.subject for m in Message.objects.visible_to(cast.carol)] == ["Broken pump"]
    assert kept.pk == conversation.pk


def test_younger_one_brings_its_case_into_the_older_one_and_takes_it_away_again(cast: Cast) -> None:
    older = receive(a_mail("Older one"), cast.helpdesk_gateway)
    conversation, case = shared(cast)
    kept, decision = threading.join(older, conversation, cast.bob, NOON + HOUR)
    assert kept.pk == older.pk
    assert [c.pk for c in cases.filed_under(case, cast.carol)] == [older.pk]
    threading.undo(decision, cast.bob, NOON + 2 * HOUR)
    assert [c.subject for c in cases.filed_under(case, cast.carol)] == ["Broken pump"]
    assert [m.subject for m in Message.objects.visible_to(cast.carol)] == ["Broken pump"]


def test_what_is_split_off_leaves_the_case(cast: Cast) -> None:
    conversation, _ = shared(cast)
    receive(a_mail("Re: Broken pump", message_id="2@example.cz", in_reply_to="pump@example.cz"), cast.helpdesk_gateway)
    new, _ = threading.split(conversation, Message.objects.get(message_id="2@example.cz"), cast.bob, NOON + HOUR)
    assert not Conversation.objects.visible_to(cast.carol).filter(pk=new.pk).exists()
    assert [m.message_id for m in Message.objects.visible_to(cast.carol)] == ["pump@example.cz"]


def test_message_that_its_process_hides_is_hidden_from_the_case_until_it_is_shown_again(cast: Cast) -> None:
    conversation, _ = shared(cast)
    message = conversation.entries.get(message__isnull=False).message
    assert message is not None
    hidden = custody.hide(message, cast.helpdesk, cast.alice, NOON)
    assert not Message.objects.visible_to(cast.carol).exists()
    custody.show(hidden, cast.alice, NOON)
    assert sees(cast.carol, conversation)


def test_case_keeps_no_copy_of_a_conversation_that_is_erased(cast: Cast) -> None:
    conversation, case = shared(cast)
    erasing.erase_conversation(conversation, None, "test", NOON)
    assert not Message.objects.exists()
    assert not case.filings.exists()


# --- closing and finding ---------------------------------------------------------------------------------


def test_case_is_closed_with_the_conversations_that_one_names_and_reopened_alone(cast: Cast) -> None:
    conversation, case = shared(cast)
    assert cases.close(case, cast.carol, NOON, also=cases.filed_under(case, cast.carol))
    assert not cases.close(case, cast.carol, NOON)
    conversation.refresh_from_db()
    assert conversation.status == "closed"
    assert cases.reopen(case, cast.carol, NOON)
    conversation.refresh_from_db()
    assert (case.is_open, conversation.status) == (True, "closed")


def test_cases_are_found_by_number_and_by_words_without_diacritics(cast: Cast) -> None:
    case = cases.open_case(cast.sales, Facts("Žlutá pračka", "Jana Nováková"), cast.carol, NOON)
    a_case(cast)
    for words in ("2026-1", "#2026-0001", "zluta", "novakova PRACKA"):
        assert list(cases.find(cast.carol, words=words)) == [case], words
    assert not cases.find(cast.eve, words="2026-1").exists()
    assert not cases.find(cast.carol, state="closed").exists()


def test_pages_hold_every_case_once(cast: Cast) -> None:
    numbers = [a_case(cast).number for _ in range(5)]
    first, key = cases.page(cases.find(cast.carol), None, 2)
    second, key = cases.page(cases.find(cast.carol), key, 2)
    third, end = cases.page(cases.find(cast.carol), key, 2)
    assert [case.number for case in (*first, *second, *third)] == numbers[::-1]
    assert end is None


def test_contact_whose_data_are_erased_is_named_by_no_case(cast: Cast) -> None:
    facts = Facts("Order", "Jana Nováková", "Jana@example.cz")
    case = cases.open_case(cast.sales, facts, cast.carol, NOON)
    cases.forget("jana@example.cz")
    case.refresh_from_db()
    assert (case.contact_name, case.contact_address, case.folded.strip()) == ("", "", "order")


def test_every_act_is_in_the_log(cast: Cast) -> None:
    conversation, case = shared(cast)
    cases.change(case, Facts("Pump"), cast.carol, NOON)
    cases.take_out(conversation, case, cast.bob, NOON)
    cases.let_out(case, cast.bob, cast.carol, NOON)
    cases.close(case, cast.carol, NOON)
    cases.reopen(case, cast.carol, NOON)
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert acts >= {
        "open-case", "change-case", "file-conversation", "take-out-conversation", "close-case", "reopen-case",
        "grant", "withdraw",
    }  # fmt: skip


def test_case_that_has_nobody_any_more_is_opened_by_who_leads_its_process(cast: Cast) -> None:
    case = a_case(cast, cast.bob, cast.helpdesk)
    with pytest.raises(NotLetIn):
        cases.let_in(case, cast.alice, cast.alice, NOON)
    cast.bob.is_active = False
    cast.bob.save()
    assert cases.let_in(case, cast.alice, cast.alice, NOON)


def test_personal_desks_have_no_cases(cast: Cast) -> None:
    gateway = a_gateway("bob.private@acme.cz", owner=cast.bob)
    desk = take_in(gateway, cast.bob)
    assert not cases.may_open(desk, cast.bob)
    assert cases.processes_for(cast.bob) == [cast.helpdesk]
    assert not cases.may_open(create_process("Press", "", cast.dan), cast.bob)
