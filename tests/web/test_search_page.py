"""Search on the desk: results by conversation, hits marked, nothing of others, errors in words."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from podatelna.accounts.models import Person
from podatelna.archive.errors import QueryError
from podatelna.archive.models import Message
from podatelna.desk.models import ConversationScope
from podatelna.web.desk.found import found_by
from podatelna.web.desk.query_words import words_for
from tests.cast import NOON, Cast, a_mail, receive


def page(person: Person, url: str, **data: str) -> str:
    client = Client()
    client.force_login(person)
    response = client.get(url, data)
    assert response.status_code == 200
    return response.content.decode()


def test_hits_are_marked_in_any_form_of_the_word(cast: Cast) -> None:
    receive(a_mail("Reklamace pračky"), cast.helpdesk_gateway)
    assert "<mark>Reklamace</mark>" in page(cast.bob, "/search/", q="reklamaci")


def test_text_of_mail_is_escaped_around_its_hits(cast: Cast) -> None:
    receive(a_mail("<b>Reklamace</b>"), cast.helpdesk_gateway)
    html = page(cast.bob, "/search/", q="reklamace")
    assert "&lt;b&gt;<mark>Reklamace</mark>&lt;/b&gt;" in html


def test_messages_stand_together_under_their_conversation(cast: Cast) -> None:
    first = receive(a_mail("Broken", "noise everywhere", message_id="one@example.cz"), cast.helpdesk_gateway)
    receive(a_mail("Re: Broken", "more noise", in_reply_to="one@example.cz"), cast.helpdesk_gateway)
    results = found_by("noise", cast.bob)
    assert [(group.conversation, len(group.messages)) for group in results.groups] == [(first, 2)]
    assert results.groups[0].url == f"/conversations/{first.pk}/?in=search&q=noise"


def test_each_hit_leads_to_its_message(cast: Cast) -> None:
    receive(a_mail("Broken", "noise everywhere", message_id="one@example.cz"), cast.helpdesk_gateway)
    receive(a_mail("Re: Broken", "more noise", in_reply_to="one@example.cz"), cast.helpdesk_gateway)
    oldest = Message.objects.order_by("pk")[0]
    assert found_by("noise", cast.bob).groups[0].messages[1].url.endswith(f"#message-{oldest.pk}")


def test_message_without_a_visible_conversation_opens_from_the_archive(cast: Cast) -> None:
    conversation = receive(a_mail("Broken"), cast.helpdesk_gateway)
    ConversationScope.objects.filter(conversation=conversation).delete()
    (group,) = found_by("broken", cast.bob).groups
    assert group.conversation is None
    assert group.url.startswith(f"/messages/{conversation.entries.get().message_id}/?")


def test_others_find_nothing(cast: Cast) -> None:
    receive(a_mail("Secret washing"), cast.helpdesk_gateway)
    for person in (cast.carol, cast.dan, cast.eve):
        assert found_by("washing", person).groups == []
        assert "Secret" not in page(person, "/search/", q="washing")


def test_mail_to_two_processes_is_shown_in_the_conversation_one_may_see(cast: Cast) -> None:
    raw = a_mail("To both", to="helpdesk@acme.cz, sales@acme.cz")
    receive(raw, cast.helpdesk_gateway)
    sales = receive(raw, cast.sales_gateway)
    assert [group.conversation for group in found_by("both", cast.carol).groups] == [sales]


def test_list_stays_beside_a_found_conversation(cast: Cast) -> None:
    found = receive(a_mail("Broken"), cast.helpdesk_gateway)
    other = receive(a_mail("Unrelated"), cast.helpdesk_gateway)
    html = page(cast.bob, f"/conversations/{found.pk}/", **{"in": "search", "q": "broken"})
    rows = html[html.index('id="rows"') : html.index('id="reading"')]
    assert f'data-id="{found.pk}"' in rows
    assert f'data-id="{other.pk}"' not in rows
    assert 'value="broken"' in html


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("colour:red", "“colour:” is not known here"),
        ("broken after:yesterday", "“yesterday” is not a date"),
        ("has:patience", "“has:patience” is not known"),
        ("from:", "needs something after the colon"),
        ("a after:2026 OR b", "cannot stand beside OR"),
    ],
)
def test_what_is_not_understood_is_explained_and_pointed_at(cast: Cast, query: str, words: str) -> None:
    html = page(cast.bob, "/search/", q=query)
    assert words in html
    assert "<mark>" in html
    assert 'aria-invalid="true"' in html


def test_every_kind_of_error_has_words() -> None:
    codes = tuple(QueryError._WORDS)
    texts = {words_for(QueryError(code, 0, "…")) for code in codes}
    assert len(texts) == len(codes)
    assert not texts & {str(QueryError(code, 0, "…")) for code in codes}


def test_without_a_query_it_says_what_can_be_searched_for(cast: Cast) -> None:
    assert "has:attachment" in page(cast.bob, "/search/")


def test_nothing_found_says_what_to_try(cast: Cast) -> None:
    assert "Nothing was found" in page(cast.bob, "/search/", q="xylophone")


def test_results_are_paged_without_gap_or_overlap(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podatelna.web.desk.found.PAGE", 3)
    ids = [receive(a_mail("Washing"), cast.helpdesk_gateway, NOON).pk for _ in range(7)]
    seen: list[int] = []
    html = page(cast.bob, "/search/", q="washing")
    while True:
        seen += [int(pk) for pk in re.findall(r'class="row-item found" data-id="(\d+)"', html)]
        more = re.search(r'hx-get="(/search/rows\?[^"]+)"', html)
        if not more:
            break
        html = page(cast.bob, more[1].replace("&amp;", "&"))
    assert sorted(seen) == ids


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "٣"])
def test_a_key_that_no_search_gave_out_does_not_break_the_page(cast: Cast, before: str) -> None:
    page(cast.bob, "/search/", q="washing", before=before)


@pytest.mark.parametrize(
    "query", ["'", '"', "*", "(", "a" * 3000, "\x00", "NEAR(a b)", "'; DROP TABLE x", "🪣", "OR", "-"]
)
def test_no_query_breaks_the_page(cast: Cast, query: str) -> None:
    receive(a_mail("Washing"), cast.helpdesk_gateway)
    page(cast.bob, "/search/", q=query)
    page(cast.bob, "/palette", q=query)
