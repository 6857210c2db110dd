"""Parts as spans of the original bytes."""

from podatelna.mail.fields import read_header
from podatelna.mail.structure import MAX_DEPTH, Structure, read_structure


def shape(structure: Structure) -> list[tuple[str, int]]:
    """Type and holder of each entity."""
    return [(entity.content_type, entity.parent) for entity in structure.entities]


def bodies(raw: bytes) -> list[bytes]:
    return [raw[entity.body : entity.end] for entity in read_structure(raw).entities if entity.leaf]


MIXED = b"Content-Type: multipart/mixed; boundary=a\n\n"


def test_the_line_break_before_a_delimiter_is_the_delimiters() -> None:
    for line_break in (b"\n", b"\r\n", b"\r"):
        raw = (MIXED + b"preamble\n--a\n\none\n\n--a\n\ntwo\n--a--\nepilogue\n").replace(b"\n", line_break)

        assert bodies(raw) == [b"one" + line_break, b"two"]


def test_a_boundary_that_begins_like_another_is_another() -> None:
    raw = (
        MIXED
        + b"--a\nContent-Type: multipart/alternative; boundary=ab\n\n"
        + b"--ab\n\none\n--ab\n\ntwo\n--ab--\n--a\n\nthree\n--a--\n"
    )

    assert bodies(raw) == [b"one", b"two", b"three"]
    assert shape(read_structure(raw))[1:] == [
        ("multipart/alternative", 0),
        ("text/plain", 1),
        ("text/plain", 1),
        ("text/plain", 0),
    ]


def test_an_outer_boundary_ends_inner_parts_that_were_not_closed() -> None:
    raw = MIXED + b"--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--\n"

    assert bodies(raw) == [b"one", b"two"]


def test_parts_behind_the_closing_boundary_are_still_seen() -> None:
    raw = MIXED + b"--a\n\none\n--a--\n\n--a\n\nadded by a virus scanner\n--a--\n"

    assert bodies(raw) == [b"one", b"added by a virus scanner"]


def test_an_attached_message_is_taken_apart_too() -> None:
    raw = MIXED + b"--a\nContent-Type: message/rfc822\n\nSubject: x\nContent-Type: text/html\n\n<p>\n--a--\n"

    assert shape(read_structure(raw)) == [("multipart/mixed", -1), ("message/rfc822", 0), ("text/html", 1)]
    assert bodies(raw) == [b"<p>"]


def test_parts_of_a_digest_are_messages() -> None:
    raw = b"Content-Type: multipart/digest; boundary=a\n\n--a\n\nSubject: x\n\nbody\n--a--\n"

    assert shape(read_structure(raw)) == [("multipart/digest", -1), ("message/rfc822", 0), ("text/plain", 1)]


def test_a_missing_boundary_is_guessed_and_a_wrong_one_replaced() -> None:
    parts = b"--x\nContent-Type: text/plain\n\none\n--x\nContent-Type: text/html\n\ntwo\n--x--\n"
    missing = read_structure(b"Content-Type: multipart/mixed\n\n" + parts)
    wrong = read_structure(b"Content-Type: multipart/mixed; boundary=a\n\n" + parts)

    assert shape(missing) == shape(wrong) == [("multipart/mixed", -1), ("text/plain", 0), ("text/html", 0)]
    assert missing.defects == ["missing boundary: guessed"]
    assert wrong.defects == ["wrong boundary: another one is used"]


def test_a_multipart_without_any_boundary_is_a_leaf() -> None:
    structure = read_structure(b"Content-Type: multipart/mixed\n\ntext\n")

    assert structure.entities[0].leaf
    assert structure.defects == ["multipart without a boundary"]


def test_a_cut_off_message_says_so() -> None:
    structure = read_structure(MIXED + b"--a\n\none")

    assert structure.defects == ["cut off: the closing boundary is missing"]


def test_nesting_is_bounded_and_not_recursive() -> None:
    messages = b"Content-Type: message/rfc822\n\n" * 100_000
    multiparts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000))

    assert len(read_structure(messages).entities) == MAX_DEPTH
    assert len(read_structure(multiparts).entities) == MAX_DEPTH


def test_a_hundred_thousand_parts_are_read() -> None:
    assert len(read_structure(MIXED + b"--a\n\nx\n" * 100_000).entities) == 100_001


def test_header_fields_are_read_as_they_stand() -> None:
    fields, body = read_header(b"From a@b Mon\nA : 1\nb:2\n  3\n\t4\nnonsense\nSubject: x\n \n\nbody")

    assert [(entry.name, entry.value) for entry in fields] == [
        ("A", b" 1\n"),
        ("b", b"2\n  3\n\t4\n"),
        ("Subject", b" x\n \n"),
    ]
    assert body == len(b"From a@b Mon\nA : 1\nb:2\n  3\n\t4\nnonsense\nSubject: x\n \n\n")


def test_text_that_is_no_header_is_the_body() -> None:
    assert read_header(b"Hello,\nthis is text\n\nmore") == ([], 0)
