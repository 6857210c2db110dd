"""What was written is found, in any form, by those who may see it and by nobody else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podatelna.accounts.models import Holding
from podatelna.archive import search, store
from podatelna.archive.errors import QueryError
from podatelna.archive.models import Message, Origin
from podatelna.archive.reading import fill

from .mails import NOON, a_message, a_person, a_scope, an_origin, arrive, filed

pytestmark = pytest.mark.django_db


@pytest.fixture
def origin(db: None) -> Origin:
    return an_origin()


def found(query: str, **options: object) -> list[str]:
    """Subjects of the hits, in their order."""
    hits = search.search(query, **{"person": None, **options})  # type: ignore[arg-type]
    subjects = dict(Message.objects.values_list("pk", "subject"))
    return [subjects[hit.message_id] for hit in hits]


# --- words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["reklamace", "reklamaci", "reklamacím", "REKLAMACE", "pračky", "pracku", "žlutý", "zluty", "žluté", "dvorak",
     "Dvořákovi", "objednavka", "55", "2026", "55/2026", "řek*", "rekl*", "pra*"],
)  # fmt: skip
def test_czech_forms_and_missing_diacritics_find_the_same(origin: Origin, query: str) -> None:
    filed(a_message("Reklamace pračky", "Žlutý kůň. Dvořák k řece, objednávka 55/2026."), origin)
    filed(a_message("Nothing of the kind", "Another thing."), origin)
    assert found(query) == ["Reklamace pračky"]


def test_all_words_must_be_there(origin: Origin) -> None:
    filed(a_message("One", "washing machine"), origin)
    filed(a_message("Two", "washing powder"), origin)
    assert found("washing machine") == ["One"]
    assert found("machine powder") == []


def test_a_phrase_stands_as_it_is_written(origin: Origin) -> None:
    filed(a_message("One", "the blue washing machine broke"), origin)
    filed(a_message("Two", "washing the blue machine"), origin)
    assert found('"blue washing machine"') == ["One"]
    assert found('"washing machine"') == ["One"]
    assert found('"blue machine"') == ["Two"]


def test_a_phrase_of_one_word_is_that_very_word(origin: Origin) -> None:
    filed(a_message("One", "reklamace"), origin)
    filed(a_message("Two", "reklamaci"), origin)
    assert found('"reklamaci"') == ["Two"]
    assert set(found("reklamaci")) == {"One", "Two"}


def test_a_phrase_never_reaches_from_one_field_into_the_next(origin: Origin) -> None:
    filed(a_message("Broken washing", "machine"), origin)
    assert found('"washing machine"') == []


def test_a_phrase_that_is_not_closed_ends_with_the_query(origin: Origin) -> None:
    filed(a_message("One", "blue washing machine"), origin)
    assert found('"washing machine') == ["One"]


def test_minus_excludes(origin: Origin) -> None:
    filed(a_message("One", "washing machine"), origin)
    filed(a_message("Two", "washing powder"), origin)
    assert found("washing -powder") == ["One"]
    assert found('washing -"washing machine"') == ["Two"]
    assert found("-powder") == ["One"]
    assert found("-washing") == []


def test_or_joins_its_neighbours(origin: Origin) -> None:
    for subject in ("red car", "blue car", "green car", "red bus"):
        filed(a_message(subject, "."), origin)
    assert set(found("car red OR blue")) == {"red car", "blue car"}
    assert set(found("red OR -car")) == {"red car", "red bus"}
    assert set(found("OR red OR")) == {"red car", "red bus"}


def test_fields_are_searched_by_name(origin: Origin) -> None:
    filed(a_message("Petr", "about Petr", sender="Jana <jana@example.cz>", to="helpdesk@acme.cz"), origin)
    filed(a_message("Jana", "for Jana", sender="Petr Novák <petr@example.cz>", to="sales@acme.cz"), origin)
    assert found("from:jana") == ["Petr"]
    assert found("from:petr@example.cz") == ["Jana"]
    assert found('from:"petr novak"') == ["Jana"]
    assert found("from:Novákovi") == ["Jana"]
    assert found("from:pet*") == ["Jana"]
    assert found("to:sales") == ["Jana"]
    assert found("subject:jana") == ["Jana"]
    assert found("-from:jana petr") == ["Jana"]
    assert found("FROM:jana OR to:sales") == ["Jana", "Petr"]
    assert found("jana@example.cz") == ["Petr"]


def attached(subject: str) -> bytes:
    return (
        f"From: jana@example.cz\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
        "--b\r\nContent-Type: application/pdf\r\n"
        'Content-Disposition: attachment; filename="faktura.pdf"\r\n\r\n%PDF\r\n--b--\r\n'
    ).encode()


def test_attachments_are_found_by_name_and_by_being_there(origin: Origin) -> None:
    filed(attached("With"), origin)
    filed(a_message("Without", "attachment every"), origin)
    assert found("faktura") == ["With"]
    assert found("Faktura.PDF") == ["With"]
    assert found("has:attachment") == ["With"]
    assert found("-has:attachment") == ["Without"]
    assert found("attachment") == found("every") == ["Without"]


def test_html_only_mail_is_found_by_its_text(origin: Origin) -> None:
    raw = a_message("HTML", "<p>pra&ccaron;ka <b>ne</b>spina</p><style>p {color: purple}</style>")
    filed(raw.replace(b"text/plain", b"text/html"), origin)
    assert found("pracka") == found("nespina") == ["HTML"]
    assert found("purple") == []


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("after:2026-05-04", ["fifth", "fourth"]),
        ("before:2026-05-04", ["third"]),
        ("after:4.5.2026 before:5.5.2026", ["fourth"]),
        ("after:2026-05 mail", ["fifth", "fourth", "third"]),
        ("before:2026", []),
        ("after:2026 before:2027", ["fifth", "fourth", "third"]),
        ("after:2026-05-05 after:2026", ["fifth"]),
    ],
)
def test_dates_bound_the_search_in_the_companys_time_zone(origin: Origin, query: str, subjects: list[str]) -> None:
    # Prague is two hours ahead: the third ends and the fourth begins at 22:00 UTC.
    filed(a_message("third", "mail", date="Sun, 03 May 2026 21:59:59 +0000"), origin, seen_at=NOON)
    filed(a_message("fourth", "mail", date="Sun, 03 May 2026 22:00:00 +0000"), origin, seen_at=NOON)
    filed(a_message("fifth", "mail", date="Mon, 04 May 2026 22:00:00 +0000"), origin, seen_at=NOON)
    assert found(query) == subjects


# --- order and pages -------------------------------------------------------------------------------------


def test_newest_first_whatever_was_filed_first(origin: Origin) -> None:
    for day in (3, 1, 2):
        filed(a_message(f"day {day}", "mail", date=f"Fri, 0{day} May 2026 10:00:00 +0200"), origin)
    assert found("mail") == ["day 3", "day 2", "day 1"]


def test_a_date_in_the_future_is_not_believed(origin: Origin) -> None:
    filed(a_message("forged", "mail", date="Mon, 01 Jan 2035 10:00:00 +0000"), origin, seen_at=NOON - timedelta(days=9))
    filed(a_message("honest", "mail"), origin)
    assert found("mail") == ["honest", "forged"]


def test_many_of_one_second_are_all_found_in_the_order_of_their_coming(origin: Origin) -> None:
    for number in range(150):
        filed(a_message(f"number {number}", "mail"), origin)
    assert found("mail", limit=1000) == [f"number {number}" for number in reversed(range(150))]


def test_pages_follow_each_other_without_gap_or_repeat(origin: Origin) -> None:
    for number in range(10):
        filed(a_message(f"number {number}", "mail"), origin)
    pages, before = [], None
    while page := search.search("mail", person=None, limit=4, before=before):
        pages.append([hit.search_id for hit in page])
        before = page[-1].search_id
    assert [len(page) for page in pages] == [4, 4, 2]
    flat = [search_id for page in pages for search_id in page]
    assert flat == sorted(set(flat), reverse=True)


# --- who may see --------------------------------------------------------------------------------------------


def test_only_those_who_share_a_scope_find_a_message(origin: Origin) -> None:
    alice, carol, eve = a_person("Alice"), a_person("Carol"), a_person("Eve")
    helpdesk, sales = a_scope(alice), a_scope(carol)
    filed(a_message("for helpdesk", "mail"), origin, helpdesk)
    filed(a_message("for sales", "mail"), origin, sales)
    filed(a_message("for both", "mail"), origin, helpdesk, sales)
    assert found("mail", person=alice) == ["for both", "for helpdesk"]
    assert found("mail", person=carol) == ["for both", "for sales"]
    assert found("-nothing", person=carol) == ["for both", "for sales"]
    assert found("mail", person=eve) == []
    assert len(found("mail")) == 3


def test_the_page_is_filled_with_what_the_person_may_see(origin: Origin) -> None:
    bob = a_person("Bob")
    seen, other = a_scope(bob), a_scope()
    for number in range(12):
        filed(a_message(f"{number}", "mail"), origin, seen if number % 4 == 0 else other)
    assert found("mail", person=bob, limit=2) == ["8", "4"]


def test_who_left_or_lost_the_scope_finds_nothing(origin: Origin) -> None:
    alice = a_person("Alice")
    filed(a_message("secret", "mail"), origin, a_scope(alice))
    alice.is_active = False
    assert found("mail", person=alice) == []
    alice.is_active = True
    assert found("mail", person=alice) == ["secret"]
    Holding.objects.filter(person=alice).delete()
    assert found("mail", person=alice) == []


def test_a_person_with_two_reasons_finds_a_message_once(origin: Origin) -> None:
    alice = a_person("Alice")
    scope = a_scope(alice)
    Holding.objects.create(person=alice, scope=scope, reason="assigned")
    filed(a_message("once", "mail"), origin, scope)
    assert found("mail", person=alice) == ["once"]


# --- the index itself --------------------------------------------------------------------------------------


def test_indexing_again_changes_nothing(origin: Origin) -> None:
    message = filed(a_message("one", "mail"), origin)
    before = message.search_id
    search.index(Message.objects.get(), store.read(message))
    assert Message.objects.get().search_id == before
    assert found("mail") == ["one"]


def test_a_removed_message_is_not_found_and_can_come_back(origin: Origin) -> None:
    message = filed(a_message("one", "mail pračky"), origin)
    filed(a_message("two", "mail"), origin)
    parsed = store.read(message)
    search.remove(message, parsed)
    assert found("mail") == ["two"]
    assert found("pracky") == found("pra*") == []
    search.index(message, parsed)
    assert set(found("mail")) == {"one", "two"}


@pytest.mark.django_db(transaction=True)
def test_an_emptied_archive_has_an_empty_index() -> None:
    filed(a_message("one", "mail"), an_origin())
    call_command("flush", verbosity=0, interactive=False)
    condition = "document @@ 'mail'" if connection.vendor == "postgresql" else "archive_search MATCH 'mail'"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM archive_search WHERE {condition}")
        assert cursor.fetchone() == (0,)


QUERY_PIECES = [
    "word",
    "žlutý",
    "OR",
    "-",
    '"',
    "*",
    ":",
    "from:",
    "subject:",
    "has:attachment",
    "after:2026",
    "(",
    ")",
    "'",
    "\\",
    "^",
    "+",
    "{",
    "&",
    "|",
    "!",
    "<->",
    "%s",
    "NOT",
    "NEAR(",
    "x:y",
]
QUERY_PIECES += [" ", " ", "\0", "\ud800"]
HOSTILE = "' \" \\ ) ( : * ^ -- ; DROP & | ! <-> \x00 \ufeff {subject}: NEAR(a b) + ~ %s %% :* é́ ½ ① ﷺ 💥"


def test_hostile_text_is_indexed_and_found(origin: Origin) -> None:
    filed(a_message("quote 'n' \\ \"all\"", HOSTILE + " kangaroo"), origin)
    assert len(found("kangaroo")) == 1
    for word in (*HOSTILE.split(" "), HOSTILE):
        for query in (word, f'"{word}"', f"{word}*"):
            # Refused with words or searched; never an error of the database.
            with contextlib.suppress(QueryError):
                found(query)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.lists(st.sampled_from(QUERY_PIECES), max_size=12).map("".join) | st.text(max_size=40))
def test_no_query_is_an_error_of_the_database(query: str) -> None:
    with contextlib.suppress(QueryError):
        search.search(query, person=None)


@pytest.mark.parametrize("joined_by", [" ", " OR ", " -"])
def test_a_query_of_hundreds_of_words_is_searched(origin: Origin, joined_by: str) -> None:
    filed(a_message("one", " ".join(f"w{number}" for number in range(200))), origin)
    query = joined_by.join(f"w{number}" for number in range(100))
    assert found(query) == ([] if "-" in joined_by else ["one"])


def test_a_text_of_megabytes_is_indexed(origin: Origin) -> None:
    filed(a_message("big", "first " + " ".join(f"word{number:06d}x" for number in range(200_000))), origin)
    assert found("first word000123x") == ["big"]


@pytest.mark.django_db(transaction=True)
def test_workers_that_index_at_once_give_each_message_its_own_place() -> None:
    origin = an_origin()
    messages = [arrive(a_message(f"number {number}", "mail"), origin).message for number in range(24)]

    def work(message: Message) -> None:
        try:
            parsed = store.read(message)
            fill(message, parsed)
            search.index(message, parsed)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, messages))
    assert len(found("mail")) == 24


@pytest.mark.sqlite
def test_the_walk_ends_with_the_page(origin: Origin) -> None:
    """No sort over all hits: the plan reads the index newest first."""
    alice = a_person("Alice")
    filed(a_message("one", "mail"), origin, a_scope(alice))
    with CapturedPlan() as plan:
        found("mail", person=alice, before=2**40)
    assert "ORDER BY" not in plan.text
    assert "SCAN message" not in plan.text


class CapturedPlan:
    """EXPLAIN QUERY PLAN of the search statement that runs inside."""

    text = ""

    def __enter__(self) -> CapturedPlan:
        self._wrapped = connection.execute_wrapper(self._explain)
        self._wrapped.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self._wrapped.__exit__(None, None, None)

    def _explain(
        self, execute: Callable[..., object], sql: str, parameters: object, many: bool, context: dict[str, object]
    ) -> object:
        if "MATCH" in sql:
            plan = connection.connection.execute("EXPLAIN QUERY PLAN " + sql.replace("%s", "?"), parameters)
            self.text = "\n".join(row[3] for row in plan)
        return execute(sql, parameters, many, context)


# --- errors that explain ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "code", "position"),
    [
        ("", "empty", 0),
        ("  ", "empty", 0),
        ("- ( )", "empty", 0),
        ("washing colour:red", "unknown-operator", 8),
        ("washing -in:sales", "unknown-operator", 9),
        ("washing from:", "needs-value", 8),
        ("washing -from:", "needs-value", 9),
        ('from:""', "needs-value", 0),
        ('before:"31 May"', "bad-date", 8),
        ("mail after:yesterday", "bad-date", 11),
        ("before:2026-13", "bad-date", 7),
        ("before:31.2.2026", "bad-date", 7),
        ("after:0", "bad-date", 6),
        ("after:", "needs-value", 0),
        ("has:wings", "bad-has", 4),
        ("red OR after:2026", "date-in-or", 7),
        ("after:2026 OR red", "date-in-or", 0),
        ("-after:2026", "date-in-or", 0),
        ("x" * 1001, "too-long", 1000),
    ],
)
def test_a_query_that_is_not_understood_says_what_and_where(query: str, code: str, position: int) -> None:
    with pytest.raises(QueryError) as caught:
        search.search(query, person=None)
    error = caught.value
    assert (error.code, error.position) == (code, position)
    assert query[position : position + len(error.detail)].lower() == error.detail.lower()
    assert str(error)


@pytest.mark.parametrize("query", ["Re: washing", "http://example.cz/washing", "12:30 washing", "a:(washing) -- OR"])
def test_a_colon_alone_makes_no_operator(query: str) -> None:
    search.search(query, person=None)


# --- highlights ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Vaši reklamaci řešíme.", "reklamace", ["reklamaci"]),
        ("Žlutý kůň", "zluty", ["Žlutý"]),
        ("Reklamace a reklama", "rekl*", ["Reklamace", "reklama"]),
        ("blue washing machine, washing", '"washing machine"', ["washing", "machine"]),
        ("blue washing machine", "-machine blue", ["blue"]),
        ("from jana to petr", "from:jana", ["jana"]),
        ("nothing here", "something", []),
        ("reklamaci", '"reklamace"', []),
        ("anything", "colour:red", []),
        ("anything", "", []),
        ("", "word", []),
    ],
)
def test_hits_are_marked(text: str, query: str, marked: list[str]) -> None:
    pieces = search.highlight(text, query)
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, hit in pieces if hit] == marked


# --- order ---------------------------------------------------------------------------------------------------------


def test_relevance_weighs_where_the_words_stand(origin: Origin) -> None:
    filed(a_message("Offer", "a washing machine", date="Mon, 04 May 2026 08:00:00 +0200"), origin)
    filed(a_message("Washing machine", "see below", date="Mon, 04 May 2026 07:00:00 +0200"), origin)
    filed(a_message("Powder", "for washing in a machine", date="Mon, 04 May 2026 09:00:00 +0200"), origin)
    assert found("washing machine") == ["Powder", "Offer", "Washing machine"]
    assert found("washing machine sort:relevance") == ["Washing machine", "Offer", "Powder"]
    assert found("washing machine sort:newest") == found("washing machine")


def test_relevance_prefers_the_form_that_was_typed_and_rarer_alternatives(origin: Origin) -> None:
    filed(a_message("exact", "reklamaci"), origin)
    for number in range(3):
        filed(a_message(f"other {number}", "reklamace"), origin)
    filed(a_message("rare", "wallaby"), origin)
    assert found("reklamaci sort:relevance")[0] == "exact"
    assert found("reklamace OR wallaby sort:relevance")[0] == "rare"


def test_relevance_keeps_to_what_may_be_seen_and_is_one_page(origin: Origin) -> None:
    alice = a_person("Alice")
    filed(a_message("machine", "seen"), origin, a_scope(alice))
    filed(a_message("machine machine", "secret"), origin, a_scope())
    assert found("machine sort:relevance", person=alice) == ["machine"]
    assert search.search("machine sort:relevance", person=alice, before=2**40) == []


def test_file_names_are_searched_by_name(origin: Origin) -> None:
    filed(attached("With"), origin)
    filed(a_message("faktura.pdf", "faktura.pdf"), origin)
    assert found("filename:faktura") == found("filename:faktura.pdf") == found("filename:fakt*") == ["With"]


def test_a_beginning_of_very_many_words_is_met_too(origin: Origin) -> None:
    filed(a_message("one", " ".join(f"begin{number}" for number in range(300))), origin)
    filed(a_message("two", "beginning"), origin)
    assert set(found("begin*")) == {"one", "two"}
    assert found("begin29*") == ["one"]


def test_the_form_alone_is_met_by_a_phrase_and_not_by_another_words_stem(origin: Origin) -> None:
    filed(a_message("one", "washing machine"), origin)
    assert found('"wash"') == found('"wash machine"') == []
    assert found("wash") == ["one"]
