"""What is written down of a case: organisation, fields of one's own, and how long its mail is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from podatelna.accounts.models import AuditEntry
from podatelna.archive.models import Message
from podatelna.contacts.models import Organisation, OwnField
from podatelna.desk import cases, keeping, retention
from podatelna.desk.case_keeping import is_kept, kept_until, years_after
from podatelna.desk.cases import Facts
from tests.cast import NOON, Cast, a_mail, receive

LATER = NOON + timedelta(days=800)


def test_organisation_and_own_fields_are_found_by_words_and_changes_are_recorded(cast: Cast) -> None:
    field = OwnField.objects.create(of=OwnField.Of.CASE, name="Contract")
    place = Organisation.objects.create(name="Žlutá pumpa")
    case = cases.open_case(cast.sales, Facts("Sezam"), cast.carol, NOON)
    facts = replace(cases.facts_of(case), organisation=place, values={str(field.pk): "S-77/26"})
    assert cases.change(case, facts, cast.carol, NOON)
    assert not cases.change(case, facts, cast.carol, NOON)
    for words in ("zluta", "s-77/26"):
        assert list(cases.find(cast.carol, words=words)) == [case]
    entry = AuditEntry.objects.filter(act="change-case").get()
    assert entry.details == {"fields": ["organisation_id", "values"]}  # no words: administrators see no case


def test_forgotten_contact_leaves_the_organisation_and_own_fields(cast: Cast) -> None:
    place = Organisation.objects.create(name="Pumpa")
    facts = Facts("Sezam", "Jana", "jana@example.cz", organisation=place, values={"1": "modra"})
    case = cases.open_case(cast.sales, facts, cast.carol, NOON)
    cases.forget("jana@example.cz")
    case.refresh_from_db()
    assert (case.contact_address, case.folded) == ("", "sezam pumpa modra")


def test_case_keeps_its_mail_longer_than_the_rule_of_the_process(cast: Cast) -> None:
    retention.set_rule(cast.sales, 12, True, cast.dan)
    conversation = receive(a_mail("Pump"), cast.sales_gateway)
    case = cases.open_case(cast.sales, Facts("Sezam", keep_years=10), cast.carol, NOON)
    cases.file(conversation, case, cast.carol, NOON)
    cases.close(case, cast.carol, NOON, also=[conversation])
    message = Message.objects.get()
    assert list(retention.due(LATER)) == []
    assert retention.erase_due(LATER) == 0
    kept = keeping.retained([message.pk], LATER)[message.pk]
    assert (kept.reason, kept.until) == (keeping.RETAINED, years_after(NOON, 10))
    assert [one.conversation for one in retention.due(NOON.replace(year=NOON.year + 10) + timedelta(days=1))]


def test_mail_of_an_open_case_stays_and_a_case_that_says_nothing_keeps_nothing(cast: Cast) -> None:
    conversation = receive(a_mail("Pump"), cast.sales_gateway)
    silent = cases.open_case(cast.sales, Facts("Silent"), cast.carol, NOON)
    cases.file(conversation, silent, cast.carol, NOON)
    assert not is_kept(conversation, LATER)
    case = cases.open_case(cast.sales, Facts("Sezam", keep_years=1), cast.carol, NOON)
    cases.file(conversation, case, cast.carol, NOON)
    message = Message.objects.get()
    assert is_kept(conversation, LATER)
    assert keeping.retained([message.pk], LATER)[message.pk].reason == keeping.OPEN
    cases.close(case, cast.carol, NOON)
    case.refresh_from_db()
    assert kept_until(case) == years_after(NOON, 1)
    assert not is_kept(conversation, LATER)


def test_ten_years_after_a_29_february() -> None:
    assert years_after(datetime(2028, 2, 29, 12, tzinfo=UTC), 10) == datetime(2038, 2, 28, 12, tzinfo=UTC)
