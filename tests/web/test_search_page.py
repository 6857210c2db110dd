"""Search on the desk: results by conversation, hits marked, nothing of others, errors in words."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from podatelna.accounts.models import Person
from podatelna.archive import extraction
from podatelna.archive.errors import QueryError
from podatelna.archive.models import IndexBuild, Message
from podatelna.desk.models import ConversationScope
from podatelna.desk.processes import add_member
from podatelna.extractor.process import Helper
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


# --- around the hit, numbers, order ---------------------------------------------------------------------------------


LONG = "Dobrý den, " + "zcela nepodstatná slova " * 60 + "a potom teče z pračky voda na podlahu. " + "Konec. " * 60


def test_the_text_around_the_hit_is_shown_and_not_the_first_words(cast: Cast) -> None:
    receive(a_mail("Reklamace", LONG), cast.helpdesk_gateway)
    (group,) = found_by("podlaha", cast.bob).groups
    text = "".join(piece for piece, _hit in group.first.text)
    assert "teče z pračky voda na podlahu" in text
    assert "Dobrý den" not in text
    assert len(text) < 260
    assert ("podlahu", True) in group.first.text


def test_what_the_writer_wrote_is_shown_before_what_is_quoted(cast: Cast) -> None:
    quoted = "\n".join(f"> a pračka {number}" for number in range(20))
    receive(a_mail("Re: Hello", f"{LONG}\n\n> {LONG}\n{quoted}\n"), cast.helpdesk_gateway)
    (group,) = found_by("podlaha", cast.bob).groups
    assert "".join(piece for piece, _hit in group.first.text).count(">") == 0


def test_without_a_hit_in_the_text_its_first_words_are_shown(cast: Cast) -> None:
    receive(a_mail("Reklamace", LONG), cast.helpdesk_gateway)
    (group,) = found_by("subject:reklamace", cast.bob).groups
    assert "".join(piece for piece, _hit in group.first.text).startswith("Dobrý den")
    assert group.first.subject == [("Reklamace", True)]


def test_a_hit_inside_a_file_says_so(cast: Cast) -> None:
    mail = a_mail("Contract", "see the file", files=[("contract.txt", "text/plain", b"The kangaroo pays the wallaby.")])
    receive(mail, cast.helpdesk_gateway)
    extraction.extract_due(NOON, helper=Helper())
    html = page(cast.bob, "/search/", q="kangaroo")
    assert "In a file:" in html
    assert "The <mark>kangaroo</mark> pays" in html


def test_the_sender_is_marked_where_one_was_asked_for(cast: Cast) -> None:
    receive(a_mail("From Jana", "Jana writes"), cast.helpdesk_gateway)
    (group,) = found_by("from:jana", cast.bob).groups
    assert group.first.sender == [("Jana", True), (" Nováková", False)]
    assert group.first.subject == [("From Jana", False)]


def test_messages_that_would_have_to_be_read_for_a_page_are_bounded(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podatelna.web.desk.excerpts.MOST_READ", 2)
    for number in range(4):
        receive(a_mail(f"Number {number}", LONG), cast.helpdesk_gateway)
    groups = found_by("podlaha", cast.bob).groups
    assert [("podlahu", True) in group.first.text for group in groups] == [True, True, False, False]


def test_a_damaged_message_is_listed_without_its_text(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    conversation = receive(a_mail("Broken", LONG), cast.helpdesk_gateway)
    conversation.entries.get().message.deliveries.update(sha256=bytes(32))  # type: ignore[union-attr]  # a message
    assert len(found_by("podlaha", cast.bob).groups) == 1


def test_numbers_by_process_person_and_year_narrow_the_search(cast: Cast) -> None:
    add_member(cast.sales, cast.bob, "member", cast.dan)
    for number in range(3):
        receive(a_mail(f"machine {number}"), cast.helpdesk_gateway)
    old = NOON.replace(year=2024)
    receive(a_mail("machine", sender="Petr <petr@example.cz>", to="sales@acme.cz", date=old), cast.sales_gateway, old)
    results = found_by("machine", cast.bob)
    assert results.counts is not None
    assert (results.counts.total, results.counts.more) == (4, False)
    numbers = {facet.name: [(choice.name, choice.number) for choice in facet.choices] for facet in results.facets}
    assert numbers == {
        "Process": [("Helpdesk", 3), ("Sales", 1)],
        "From whom": [("Jana Nováková", 3), ("Petr", 1)],
        "Year": [("2026", 3), ("2024", 1)],
    }
    for facet in results.facets:
        for choice in facet.choices:
            query = parse_qs(urlsplit(choice.url).query)["q"][0]
            narrowed = found_by(query, cast.bob).counts
            assert narrowed is not None
            assert narrowed.total == choice.number, query


def test_numbers_tell_nothing_of_processes_one_is_not_in(cast: Cast) -> None:
    raw = a_mail("machine", to="helpdesk@acme.cz, sales@acme.cz")
    receive(raw, cast.helpdesk_gateway)
    receive(raw, cast.sales_gateway)
    receive(a_mail("machine secret", to="sales@acme.cz"), cast.sales_gateway)
    assert "Sales" not in page(cast.bob, "/search/", q="machine")
    results = found_by("machine", cast.bob)
    assert results.counts is not None
    assert results.counts.total == 1


def test_very_many_hits_are_counted_up_to_a_bound(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podatelna.archive.search.counting.counted.__defaults__", (3,))
    for number in range(5):
        receive(a_mail(f"machine {number}"), cast.helpdesk_gateway)
    assert "More than 3 messages" in page(cast.bob, "/search/", q="machine")


def test_the_best_come_first_when_asked_for(cast: Cast) -> None:
    receive(a_mail("Washing machine", "broke"), cast.helpdesk_gateway, NOON)
    later = NOON + timedelta(days=1)
    receive(a_mail("Hello", "about the machine", date=later), cast.helpdesk_gateway, later)
    newest = found_by("machine", cast.bob)
    assert [group.first.message.subject for group in newest.groups] == ["Hello", "Washing machine"]
    best = found_by(newest.other_order, cast.bob)
    assert [group.first.message.subject for group in best.groups] == ["Washing machine", "Hello"]
    assert best.other_order == "machine"


def test_what_was_probably_meant_is_one_click_away(cast: Cast) -> None:
    html = page(cast.bob, "/search/", q="machine form:jana")
    assert "Did you mean" in html
    assert '<a href="/search/?q=machine%20from%3Ajana">machine from:jana</a>' in html
    assert found_by("in:helpdsk x", cast.bob).meant == ["in:Helpdesk x"]
    assert found_by("is:done", cast.bob).meant[0] == "is:open"
    assert found_by("colour:red", cast.bob).meant[-1] == '"colour:red"'


def test_while_the_index_is_filled_the_page_says_so(cast: Cast) -> None:
    assert "being made anew" not in page(cast.bob, "/search/", q="machine")
    IndexBuild.objects.create(kind="filling", cursor=1, total=10, done=5)
    assert "50 % of the archive is found" in page(cast.bob, "/search/", q="machine")
