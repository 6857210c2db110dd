"""Messages cut into contents stored once, and put together again."""

import base64
import quopri
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podatelna.mail.cut import Content, Literal, cut, join
from podatelna.mail.errors import UnknownRecipe
from podatelna.mail.recipes import find_base64, find_quoted_printable, follow

FILE = bytes(range(256)) * 40
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy, = a to je vše.\r\nDruhý řádek \t\r\n\r\n" * 40


def lines(letters: bytes, length: int, line_break: bytes) -> bytes:
    return line_break.join(letters[start : start + length] for start in range(0, len(letters), length))


def message(body: bytes, encoding: str) -> bytes:
    return (
        b"From: jana@acme.cz\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: application/pdf\r\n"
        b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + body + b"\r\n--b--\r\n"
    )


def contents(raw: bytes) -> list[Content]:
    made = cut(raw)
    assert join(made.header, made.pieces) == raw
    return [piece for piece in made.pieces if isinstance(piece, Content)]


@pytest.mark.parametrize(
    ("length", "line_break", "recipe"),
    [
        (76, b"\r\n", "base64:76:crlf:0"),
        (76, b"\n", "base64:76:lf:0"),
        (60, b"\r\n", "base64:60:crlf:0"),
        (1_000_000, b"\r\n", "base64:0:crlf:0"),
    ],
)
def test_the_same_file_in_any_lines_is_one_content(length: int, line_break: bytes, recipe: str) -> None:
    body = lines(base64.b64encode(FILE), length, line_break)

    assert contents(message(body, "base64")) == [Content(FILE, recipe)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace(b"\r\n", b" \r\n", 1),
        lambda body: b"\r\n" + body,
        lambda body: body.replace(b"\r\n", b"\n", 1),
        lambda body: body[:-1] + b"!",
        lambda body: body + b"=",
        lambda body: b"QQ==" + body,
    ],
)
def test_base64_that_no_recipe_makes_is_kept_as_it_is(spoil: Callable[[bytes], bytes]) -> None:
    body = spoil(lines(base64.b64encode(FILE), 76, b"\r\n"))

    assert contents(message(body, "base64")) == [Content(body, "")]


def test_quoted_printable_of_common_writers_is_stored_decoded() -> None:
    data = CZECH.encode()
    body = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")

    assert [piece.data for piece in contents(message(body, "quoted-printable"))] == [data]


def test_characters_that_a_writer_escapes_in_addition_are_in_the_recipe() -> None:
    body = b"Kolik stoj=C3=AD pra=C4=8Dka=3F =2D=2D=20\r\n" * 40

    content, recipe = find_quoted_printable(body) or (b"", "")

    assert content == "Kolik stojí pračka? -- \r\n".encode() * 40
    assert recipe == "qp:76:crlf:2d3f:"


def test_small_bodies_stay_in_the_skeleton() -> None:
    raw = message(base64.b64encode(b"x" * 300), "base64")

    assert cut(raw).pieces == (Literal(raw[len(cut(raw).header) :]),)


def test_a_text_to_be_read_stays_where_it_stands() -> None:
    raw = b"Subject: x\r\n\r\n" + b"text\r\n" * 1000

    assert cut(raw).header == b"Subject: x\r\n\r\n"
    assert cut(raw).pieces == (Literal(b"text\r\n" * 1000),)


def test_a_text_in_base64_is_decoded_and_no_file_that_others_have() -> None:
    body = lines(base64.b64encode(b"text\r\n" * 1000), 76, b"\r\n")
    raw = b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body

    assert cut(raw).pieces == (Content(b"text\r\n" * 1000, "base64:76:crlf:0", shared=False),)


@pytest.mark.parametrize(
    "fields", [b"Content-Disposition: attachment", b"Content-Type: text/plain; name=a.txt", b"Content-Type: text/csv"]
)
def test_a_text_file_is_a_content_of_its_own(fields: bytes) -> None:
    raw = fields + b"\r\n\r\n" + b"text\r\n" * 1000

    assert cut(raw).pieces == (Content(b"text\r\n" * 1000, ""),)


def test_a_text_of_megabytes_is_a_content_of_its_own() -> None:
    raw = b"Subject: x\r\n\r\n" + b"text\r\n" * 100_000

    assert cut(raw).pieces == (Content(b"text\r\n" * 100_000, ""),)


def test_a_file_inside_a_forwarded_message_is_the_same_content() -> None:
    body = lines(base64.b64encode(FILE), 76, b"\r\n")
    forwarded = b"Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n"
    raw = forwarded + message(body, "base64") + b"\r\n--outer--\r\n"

    assert contents(raw) == [Content(FILE, "base64:76:crlf:0")]


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=3000), st.sampled_from([4, 60, 64, 76]), st.sampled_from([b"\r\n", b"\n", b"\r"]))
def test_base64_comes_back_whatever_it_holds(data: bytes, length: int, line_break: bytes) -> None:
    body = lines(base64.b64encode(data), length, line_break) + line_break

    content, recipe = find_base64(body) or (b"", "none")

    assert content == data
    assert follow(content, recipe) == body


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=3000))
def test_quoted_printable_comes_back_or_is_left_alone(data: bytes) -> None:
    for body in (quopri.encodestring(data), data):
        found = find_quoted_printable(body)

        assert found is None or follow(*found) == body


@pytest.mark.parametrize("recipe", ["x", "base64", "base64:a:crlf:1", "base64:76:no:1", "qp:76:crlf:zz:l", "qp:1:2"])
def test_a_recipe_of_another_time_is_refused(recipe: str) -> None:
    with pytest.raises(UnknownRecipe):
        follow(b"x", recipe)


@pytest.mark.parametrize("line_break", [b"\r\n", b"\n"])
def test_bodies_larger_than_what_is_looked_at_at_once_come_back(line_break: bytes) -> None:
    text = "Příliš žluťoučký kůň. ".encode() * 10_000
    quoted = quopri.encodestring(text).replace(b"\n", line_break)
    wrapped = lines(base64.b64encode(FILE * 30), 76, line_break) + line_break
    one_line = base64.b64encode(FILE * 30)

    assert [piece.data for piece in contents(message(quoted, "quoted-printable"))] == [text]
    word = "crlf" if line_break == b"\r\n" else "lf"
    assert find_base64(wrapped) == (FILE * 30, f"base64:76:{word}:1")
    assert find_base64(one_line) == (FILE * 30, "base64:0:crlf:0")
    for body in (quoted, wrapped, one_line):
        found = find_quoted_printable(body) or find_base64(body)
        assert found is not None
        assert follow(*found) == body
