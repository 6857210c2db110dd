"""Header blocks: the fast way of reading gives what the careful one gives."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from podatelna.mail.fields import MAX_FIELDS, HeaderReader, _behind_lead, _read_slowly, _unfolded, read_header

from .shapes import messages

LINES = [
    b"Subject: x", b"Subject:", b"To: a@b.cz\xc4\x8d \t", b"X-A : 1", b" folded", b"\tfolded", b"  ", b"\t", b"", b"",
    b"From x Mon", b">From x Mon", b"From : a", b"From:a", b"nonsense", b"--a", b"--a: 1", b": 1", b"a\x00: b\x1b",
    b"b\x0b:\x0c1\x0c", b"Subject: y\r", b"\x85: 1", b"X: \x85\xa0", b"X-" + b"a" * 300 + b": 1",
]  # fmt: skip
BREAKS = [b"\n", b"\r\n", b"\r"]
blocks = st.lists(
    st.tuples(st.sampled_from(LINES), st.sampled_from(BREAKS[:2] * 10 + BREAKS)).map(b"".join), max_size=12
).map(b"".join)


@settings(max_examples=1_000, deadline=None)
@given(st.one_of(blocks, messages), st.integers(0, 3))
@example(b"From x\n folded\nSubject: y\n\n", 0)
@example(b"A: 1\n \nb: 2\n\n", 0)
@example(b"\xef\xbb\xbfFrom: 1\n\n", 0)
@example(b"\n \r\nFrom: 1\n\n", 0)
@example(b"A: 1\r\r\n 2\r\r\n\r\r\nb: 2\n\n", 0)
@example(b"A: 1\r\n\nb: 2\n\n", 0)
def test_both_ways_of_reading_agree(raw: bytes, start: int) -> None:
    start = min(start, len(raw))
    slow_defects: list[str] = []
    fast_defects: list[str] = []
    fields, body = _read_slowly(raw, start or _behind_lead(raw), {b"a"}, slow_defects)
    header, fast_body = HeaderReader(raw).read(start, {b"a"}, fast_defects)

    assert (fast_body, fast_defects) == (body, slow_defects)
    assert header.fields == fields
    assert list(header.names) == [entry.name for entry in fields]
    assert list(header.keys) == [entry.key for entry in fields]
    assert list(header.values) == [_unfolded(entry.value) for entry in fields]
    again, _ = HeaderReader(raw).read(start, {b"a"}, [])
    assert [(key, value.split()) for key, value in again.octets()] == [(e.key, e.value.split()) for e in fields]


def test_first_and_all_of_a_name_are_in_order() -> None:
    header, _ = HeaderReader(b"To: a\nReceived: 1\nTO: b\n\n").read(0, (), [])

    assert header.first("to") == "a"
    assert header.all("to") == ["a", "b"]
    assert header.first("cc") is None
    assert header.all("cc") == []


def test_octets_of_a_value_come_back() -> None:
    raw = bytes(range(14, 32)) + bytes(range(127, 256))
    header, _ = HeaderReader(b"Subject: x" + raw + b"x\n\n").read(0, (), [])

    assert (header.first("subject") or "").encode("latin-1") == b"x" + raw + b"x"


def test_more_fields_than_can_be_looked_at_are_left() -> None:
    for raw in (b"A: 1\n" * 30_000 + b"\n", b"A: 1\n" * 30_000):
        fields, body = read_header(raw)

        assert len(fields) == MAX_FIELDS
        assert body == len(raw)


def test_what_stands_before_the_first_field_does_not_hide_it() -> None:
    for lead in (b"\xef\xbb\xbf", b"\n\r\n", b" \n\t\n", b"\xef\xbb\xbf\r\n"):
        fields, body = read_header(lead + b"From: a@b.cz\nX: y\n\nText")

        assert [entry.key for entry in fields] == ["from", "x"]
        assert body == len(lead) + 19


def test_a_text_that_begins_with_an_empty_line_has_no_header() -> None:
    assert read_header(b"\nDear: all\n\nText") == ([], 1)
