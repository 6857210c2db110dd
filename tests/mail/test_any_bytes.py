"""What must hold for any bytes and any text: nothing raises, nothing is lost, nothing unstorable comes out."""

import dataclasses
from datetime import datetime
from itertools import pairwise

from hypothesis import example, given, settings

from podatelna.mail.addresses import Address, read_addresses, written
from podatelna.mail.cut import Content, cut, join
from podatelna.mail.dates import read_date
from podatelna.mail.encoded_words import decode_words
from podatelna.mail.fields import read_header
from podatelna.mail.filenames import safe_filename
from podatelna.mail.html import display_text, index_text, safe_html, text_as_html
from podatelna.mail.identity import base_subject, find_message_ids, fingerprint
from podatelna.mail.language import terms
from podatelna.mail.parse import Parsed, ParsedPart, parse
from podatelna.mail.quotes import fold, new_text
from podatelna.mail.reading import UNREADABLE
from podatelna.mail.structure import read_structure

from .shapes import messages, texts


def strings(value: object) -> list[str]:
    """Every str in a parsed message."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for item in value for text in strings(item)]
    if isinstance(value, Parsed | ParsedPart | Address):
        return [text for name in value.__dataclass_fields__ for text in strings(getattr(value, name))]
    return []


@settings(max_examples=400, deadline=None)
@given(messages)
@example(b"")
@example(b"\r")
@example(b"--a\r\n--a--")
@example(b"Content-Type: multipart/mixed; boundary=a\n\n--a")
@example(b"Content-Transfer-Encoding: base64\n\n" + b"QUJD" * 400)
def test_cut_joins_to_the_very_bytes(raw: bytes) -> None:
    parts = cut(raw)

    assert join(parts.header, parts.pieces) == raw
    # What identity.fingerprint takes for the body is what the pieces make.
    assert len(parts.header) == read_header(raw)[1]


@settings(max_examples=200, deadline=None)
@given(messages)
@example(b"")
@example(b"Subject: a\r\n b\n\n--a\n")
def test_one_structure_serves_all_who_read_a_message(raw: bytes) -> None:
    structure = read_structure(raw)

    assert cut(raw, structure=structure) == cut(raw)
    assert fingerprint(raw, structure=structure) == fingerprint(raw)
    assert values_of(parse(raw, structure=structure)) == values_of(parse(raw))
    assert fingerprint(raw, structure=structure) == fingerprint(raw)  # and is not changed by it


def values_of(parsed: Parsed) -> dict[str, object]:
    """All that `parsed` says."""
    return {name: getattr(parsed, name) for name in Parsed.__dataclass_fields__}


@settings(max_examples=400, deadline=None)
@given(messages)
def test_spans_are_in_order_and_inside_their_holder(raw: bytes) -> None:
    entities = read_structure(raw).entities

    for entity in entities:
        assert 0 <= entity.start <= entity.body <= entity.end <= len(raw)
        if entity.parent >= 0:
            holder = entities[entity.parent]
            assert holder.body <= entity.start
            assert entity.end <= holder.end or entity.end == entity.body
    leaves = [entity for entity in entities if entity.leaf]
    assert all(before.end <= after.start for before, after in pairwise(leaves))


@settings(max_examples=400, deadline=None)
@given(messages)
@example(b"Content-Transfer-Encoding: x\x00\nSubject: a\x00\nContent-Type: a/b\x00; charset=\x00; name=\x00\n\n")
def test_parse_reads_anything_into_storable_text(raw: bytes) -> None:
    parsed = parse(raw)

    assert len(fingerprint(raw)) == 32
    for text in strings(parsed):
        assert "\x00" not in text
        text.encode()
    assert parsed.sent_at is None or parsed.sent_at.tzinfo is not None
    assert [part.position for part in parsed.parts] == list(range(len(parsed.parts)))
    assert all("/" not in part.filename and "\\" not in part.filename for part in parsed.parts)
    assert dataclasses.is_dataclass(parsed)
    assert not any(defect.startswith(UNREADABLE) for defect in parsed.defects), parsed.defects


@settings(max_examples=300, deadline=None)
@given(texts)
def test_folded_text_joins_to_the_text(text: str) -> None:
    assert "".join(block.text for block in fold(text)) == text
    assert new_text(text).strip() in text or "\n" in text


@settings(max_examples=300, deadline=None)
@given(texts)
def test_html_of_anything_is_made(text: str) -> None:
    clean = safe_html(text, remote=False, cid_url=lambda _: None).html

    assert "<script" not in clean.lower()
    for made in (clean, display_text(text), index_text(text), text_as_html(text)):
        made.encode()


@settings(max_examples=300, deadline=None)
@given(texts)
def test_small_readers_take_any_text(text: str) -> None:
    good, bad = read_addresses(text)

    assert all("@" in person.address and "\n" not in written(person) for person in good)
    assert all(isinstance(piece, str) for piece in bad)
    moment, _ = read_date(text)
    assert moment is None or isinstance(moment, datetime)
    for made in (decode_words(text), safe_filename(text), base_subject(text), *find_message_ids(text), *terms(text)):
        assert isinstance(made, str)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_what_is_written_is_read_back(text: str) -> None:
    good, _ = read_addresses(text)

    for person in good:
        assert [found.address for found in read_addresses(written(person))[0]] == [person.address]


def test_contents_are_those_that_pay() -> None:
    raw = b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 19 + b"\r\n"

    assert not any(isinstance(piece, Content) for piece in cut(raw).pieces)
