"""vCards: read as programs write them, written as RFC 6350 and RFC 2426 say, and never an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podatelna.contacts.vcards import MOST_CARDS, VERSIONS, VCard, read_cards, write_cards

PLAIN = VCard("Jana Nováková", ("jana@example.cz",))


def one(text: str) -> VCard:
    cards, left_out = read_cards(text.encode())
    assert left_out == 0
    return cards[0]


def test_card_as_an_address_book_exports_it() -> None:
    card = one(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nPRODID:-//Apple Inc.//iOS 17.0//EN\r\nN:Nováková;Jana;;Ing.;\r\n"
        "FN:Ing. Jana Nová\r\n ková\r\nORG:ACME\\, s.r.o.;Prodej\r\n"
        "item1.EMAIL;type=INTERNET;type=WORK:Jana@Example.cz\r\nitem1.X-ABLabel:_$!<Work>!$_\r\n"
        'EMAIL;TYPE="INTERNET,HOME";type=pref:jana@seznam.cz\r\nNOTE:Volat\\npo 9\\; ne dřív\\\\\r\n'
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r\n SkZJRg==\r\nEND:VCARD\r\n"
    )
    assert card == VCard(
        "Ing. Jana Nováková", ("jana@seznam.cz", "jana@example.cz"), "ACME, s.r.o.", "", "Volat\npo 9; ne dřív\\"
    )


def test_version_4_with_preference_and_language() -> None:
    card = one(
        'begin:vcard\nversion:4.0\nfn:Jana\nEMAIL;PREF=2:b@x.cz\nEMAIL;PREF=1;ALTID="a:b;c":a@x.cz\n'
        "LANG;PREF=2:en\nLANG;PREF=1:cs-CZ\nend:vcard\n"
    )
    assert card == VCard("Jana", ("a@x.cz", "b@x.cz"), language="cs")


def test_name_is_put_together_where_there_is_only_its_parts() -> None:
    assert one("BEGIN:VCARD\nVERSION:3.0\nN:Nováková;Jana\nEMAIL:a@x.cz\nEND:VCARD").name == "Jana Nováková"


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:VCARD\nVERSION:4.0\nFN:Jana\nEND:VCARD",
        "BEGIN:VCARD\nVERSION:2.1\nFN:Jana\nEMAIL:a@x.cz\nEND:VCARD",
        "BEGIN:VCARD\nVERSION:4.0\nEMAIL:a@x.cz",
        "BEGIN:VCARD\nVERSION:4.0\nEMAIL:nobody\nEND:VCARD",
    ],
    ids=["no address", "2.1", "cut off", "no address but a word"],
)
def test_card_that_is_of_no_use_is_counted(text: str) -> None:
    cards, left_out = read_cards((text + "\n").encode())
    assert (cards, left_out) == ([], 1)


def test_card_inside_a_card_is_passed_over() -> None:
    text = "BEGIN:VCARD\nVERSION:3.0\nAGENT:\nBEGIN:VCARD\nEMAIL:b@x.cz\nEND:VCARD\nEMAIL:a@x.cz\nEND:VCARD\n"
    assert one(text).addresses == ("a@x.cz",)


def test_file_of_an_old_czech_program() -> None:
    text = "BEGIN:VCARD\nVERSION:3.0\nFN:Žluťoučký kůň\nEMAIL:a@x.cz\nEND:VCARD\n"
    assert read_cards(text.encode("windows-1250"))[0][0].name == "Žluťoučký kůň"


def test_no_more_cards_than_one_can_wait_for() -> None:
    card = b"BEGIN:VCARD\nVERSION:4.0\nEMAIL:a@x.cz\nEND:VCARD\n"
    cards, left_out = read_cards(card * (MOST_CARDS + 3))
    assert (len(cards), left_out) == (MOST_CARDS, 3)


def test_lines_are_folded_at_75_octets_and_no_letter_is_cut() -> None:
    written = write_cards([VCard("ž" * 200, ("a@x.cz",))])
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert written.decode().replace("\r\n ", "").splitlines()[2] == "FN:" + "ž" * 200


def test_version_3_has_what_it_must_have() -> None:
    lines = write_cards([PLAIN], "3.0").decode().splitlines()
    assert lines[1:5] == [
        "VERSION:3.0",
        "FN:Jana Nováková",
        "N:Nováková;Jana;;;",
        "EMAIL;TYPE=INTERNET,PREF:jana@example.cz",
    ]


words = st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from(" ,;\\:\"'"), max_size=60)
line = words.map(lambda text: " ".join(text.split()))


@given(line, words.map(str.strip), line, st.sampled_from(VERSIONS))
def test_what_is_written_is_read_again(name: str, note: str, organisation: str, version: str) -> None:
    card = VCard(name or "x", ("a@x.cz", "b@x.cz"), organisation, "cs", note, (("Číslo; 1", "12,5"),))
    assert read_cards(write_cards([card], version)) == ([card], 0)


@given(st.binary(max_size=400) | st.lists(st.sampled_from([
    b"BEGIN:VCARD\n", b"END:VCARD\n", b"VERSION:4.0\n", b"EMAIL:a@x.cz\n", b" x", b'N;A="', b";:", b"ORG:\\", b"\xff\n"
]), max_size=30).map(b"".join))  # fmt: skip
def test_nothing_that_comes_is_an_error(data: bytes) -> None:
    cards, left_out = read_cards(data)
    assert left_out >= 0
    assert all(card.addresses for card in cards)
