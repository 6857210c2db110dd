"""Words as the index and the query both see them."""

from itertools import combinations
from pathlib import Path

import pytest

from podatelna.mail import language
from podatelna.mail.language import folded, stem, terms, words

FORMS = [line.split() for line in (Path(__file__).parent / "forms.txt").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("reklamaci", "reklamace"),
        ("zluty", "žlutý"),
        ("objednavek", "objednávce"),
        ("Novákovi", "Nováková"),
        ("faktúrou", "faktury"),
        ("praček", "pracka"),
        ("invoices", "invoice"),
        ("deliveries", "delivery"),
        ("Rechnungen", "Rechnung"),
        ("STRASSE", "Straße"),
        ("z\u030clutý", "žlutý"),
        ("rekla\u00admace", "reklamace"),
    ],
)
def test_forms_of_one_word_meet(one: str, other: str) -> None:
    assert words(one)[0][1] == words(other)[0][1]


@pytest.mark.parametrize(
    ("one", "other"),
    [("cena", "ceník"), ("platba", "plat"), ("oprava", "doprava"), ("2025", "2026"), ("pračka", "sušička")],
)
def test_different_words_do_not(one: str, other: str) -> None:
    assert words(one)[0][1] != words(other)[0][1]


def test_most_pairs_of_forms_meet_with_and_without_diacritics() -> None:
    pairs = [pair for line in FORMS for pair in combinations(line, 2)]
    meet = [stem(folded(one)) == stem(folded(other)) for one, other in pairs]

    assert sum(meet) / len(meet) > 0.96


def test_numbers_and_addresses_are_found_by_their_parts() -> None:
    assert [plain for plain, _ in words("Obj. 55/2026, #4711, jana@acme.cz, e-mail: 5 990 Kč")] == [
        "obj", "55", "2026", "4711", "jana", "acme", "cz", "e", "mail", "5", "990", "kc",
    ]  # fmt: skip


def test_a_number_or_a_code_is_its_own_stem() -> None:
    assert words("4711 ab12cd 20260105") == [("4711", "4711"), ("ab12cd", "ab12cd"), ("20260105", "20260105")]


def test_characters_of_languages_without_spaces_are_words() -> None:
    assert [plain for plain, _ in words("请问abc")] == ["请", "问", "abc"]


def test_terms_are_the_words_in_order() -> None:
    assert terms("Žlutá pračka") == ["zluta", "=zlut", "pracka", "=prack"]


def test_a_word_without_end_is_cut() -> None:
    assert [len(plain) for plain, _ in words("a" * 1_000_000)] == [64]


def test_what_is_long_is_read_as_what_is_short_and_not_remembered() -> None:
    known = language._words_in.cache_info().currsize
    long = "Kůň" + "x" * 10_000

    assert words(f"{long},kůň") == [("kun" + "x" * 61, "kun" + "x" * 61), ("kun", "kun")]
    assert language._words_in.cache_info().currsize == known
