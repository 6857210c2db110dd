"""Canned answers and signatures: whose they are, what is filled in, what is refused."""

from __future__ import annotations

import pytest

from podatelna.accounts.models import AuditEntry
from podatelna.desk import canned, cases, drafts
from podatelna.desk.errors import BadText
from podatelna.desk.letters import body_text
from podatelna.desk.models import Draft
from podatelna.desk.senders import choose
from podatelna.desk.signatures import set_signature
from tests.cast import NOON, Cast, a_mail, receive


def a_draft(cast: Cast) -> Draft:
    return drafts.open_draft(cast.bob, "reply", NOON, conversation=receive(a_mail(), cast.helpdesk_gateway))


def test_places_are_filled_in_for_the_draft(cast: Cast) -> None:
    draft = a_draft(cast)
    assert draft.conversation is not None
    case = cases.open_case(cast.helpdesk, cases.Facts("Washing machine"), cast.bob, NOON)
    cases.file(draft.conversation, case, cast.bob, NOON)
    text = "Dear {contact.name}, {case.number} {subject} {today} {me.name} of {process.name}{order.number}"
    answer = canned.keep(cast.helpdesk, "Hello", text, cast.alice, NOON)
    filled = f"Dear Jana Nováková, {case.number} Re: Broken washing machine 05/04/2026 Bob of Helpdesk"
    assert canned.filled(answer, draft, NOON) == filled


def test_the_writer_is_offered_their_own_and_the_processs_and_no_others(cast: Cast) -> None:
    canned.keep(cast.helpdesk, "Thanks", "Thank you", cast.alice, NOON)
    canned.keep(cast.bob, "Own", "Mine", cast.bob, NOON)
    canned.keep(cast.sales, "Price list", "As below", cast.dan, NOON)
    canned.keep(cast.alice, "Alice's", "Hers", cast.alice, NOON)
    assert [one.name for one in canned.offered(a_draft(cast), "")] == ["Own", "Thanks"]


@pytest.mark.parametrize("query", ["zluty", "žlutý kun", "KŮŇ"])
def test_it_is_found_without_case_and_diacritics(cast: Cast, query: str) -> None:
    canned.keep(cast.helpdesk, "Žlutý", "kůň", cast.alice, NOON)
    canned.keep(cast.helpdesk, "Other", "cow", cast.alice, NOON)
    assert [one.name for one in canned.offered(a_draft(cast), query)] == ["Žlutý"]


@pytest.mark.parametrize(
    ("by", "name", "text", "code"),
    [
        ("alice", "A", "{contact.nmae}", "placeholder"),
        ("alice", " ", "text", "empty"),
        ("alice", "A", " ", "empty"),
        ("alice", "Taken", "text", "taken"),
        ("bob", "A", "text", "not-yours"),
        ("eve", "A", "text", "not-yours"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, by: str, name: str, text: str, code: str) -> None:
    canned.keep(cast.helpdesk, "Taken", "text", cast.alice, NOON)
    with pytest.raises(BadText) as refused:
        canned.keep(cast.helpdesk, name, text, getattr(cast, by), NOON)
    assert refused.value.code == code


def test_changes_of_a_process_are_logged_with_before_and_after(cast: Cast) -> None:
    answer = canned.keep(cast.helpdesk, "A", "one", cast.alice, NOON)
    canned.keep(cast.helpdesk, "A", "two", cast.alice, NOON, answer=answer)
    details = AuditEntry.objects.filter(act="change-canned").latest("pk").details
    assert (details["before"]["text"], details["after"]["text"]) == ("one", "two")


def below(cast: Cast, draft: Draft) -> str:
    sender = choose(cast.bob, cast.helpdesk, "helpdesk@acme.cz", draft.conversation)
    assert sender is not None
    return body_text(draft, sender).rpartition("-- \n")[2]


def test_ones_own_signature_there_goes_before_everybodys_and_that_before_the_mailboxs(cast: Cast) -> None:
    draft = a_draft(cast)
    cast.helpdesk_gateway.signature = "The mailbox"
    cast.helpdesk_gateway.save()
    seen = [below(cast, draft)]
    set_signature(cast.helpdesk, None, "{me.name}, {process.name}", cast.alice)
    seen.append(below(cast, draft))
    set_signature(cast.helpdesk, cast.bob, "Bob himself", cast.bob)
    seen.append(below(cast, draft))
    assert seen == ["The mailbox", "Bob, Helpdesk", "Bob himself"]


def test_nobody_signs_for_others_or_for_a_process_they_do_not_lead(cast: Cast) -> None:
    for person, by in ((None, cast.bob), (cast.alice, cast.bob), (cast.eve, cast.eve)):
        with pytest.raises(BadText):
            set_signature(cast.helpdesk, person, "x", by)
