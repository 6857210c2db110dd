"""Uuencoded files in text and as whole bodies."""

import binascii

import pytest

from podatelna.mail.parse import parse
from podatelna.mail.uuencode import Block, decode_whole, find_blocks

DATA = bytes(range(256))


def encoded(data: bytes, name: str = "data.bin", line_break: bytes = b"\n", end: bytes = b"`\nend\n") -> bytes:
    lines = [binascii.b2a_uu(data[start : start + 45], backtick=True) for start in range(0, len(data), 45)]
    return (b"begin 644 " + name.encode() + b"\n" + b"".join(lines) + end).replace(b"\n", line_break)


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n"])
def test_a_block_in_text_is_found(line_break: bytes) -> None:
    block = encoded(DATA, line_break=line_break)
    text = b"Text" + line_break + block + b"Konec"

    assert find_blocks(text) == [Block(4 + len(line_break), len(text) - 5, b"data.bin", DATA, "")]


@pytest.mark.parametrize(
    ("text", "content", "defect"),
    [
        (encoded(DATA, end=b""), DATA, "uuencoded data without an end"),
        (encoded(DATA, end=b" \nend\n"), DATA, ""),
        (encoded(DATA, end=b"end"), DATA, ""),
        (encoded(b"A" * 45 + b"\0" * 6).replace(b"``", b"  ").replace(b" \n", b"\n"), b"A" * 45 + b"\0" * 6, ""),
        (b"begin 644 x\n#0V%T\nend\n", b"Cat", ""),
        (b"begin 644 x\n#0V%T!\nend\n", b"Cat", ""),
        (b"begin 666 x\n`\nend\n", b"", ""),
        (b"begin-base64 644 x\nQ2F0\nYQ==\n====\n", b"Cata", ""),
    ],
)
def test_what_encoders_write(text: bytes, content: bytes, defect: str) -> None:
    found = find_blocks(text)

    assert [(block.content, block.defect) for block in found] == [(content, defect)]


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 the show\nMonday is the day.\n",
        b"begin 644\n#0V%T\nend\n",
        b"Please begin 644 x\n#0V%T\nend\n",
        b"begin reading here\n",
        b"begin 644 x\n",
        b"begin 644 x\nM\nM\n",
        b"begin-base64 644 x\n",
    ],
)
def test_a_sentence_is_no_block(text: bytes) -> None:
    assert find_blocks(text) == []


def test_a_block_becomes_an_attachment_and_leaves_the_text() -> None:
    raw = (
        b"Content-Type: text/plain; charset=iso-8859-2\n\nPos\xedl\xe1m cen\xedk.\n\n"
        + encoded(b"a;b\n", "cen\u00edk.csv")
        + b"\nJana\n"
    )

    parsed = parse(raw)

    assert parsed.text == "Posílám ceník.\n\n\nJana\n"
    assert [
        (part.position, part.filename, part.content_type, part.content) for part in parsed.parts if part.is_attachment
    ] == [(1, "ceník.csv", "text/csv", b"a;b\n")]
    assert parsed.parts[0].content in raw


def test_a_file_that_is_attached_is_not_taken_apart() -> None:
    raw = b"Content-Type: text/plain; name=a.uu\nContent-Disposition: attachment\n\n" + encoded(b"x")

    assert [part.filename for part in parse(raw).parts] == ["a.uu"]


def test_a_whole_body_gives_its_own_name() -> None:
    raw = b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: x-uuencode\n\n" + encoded(
        DATA, "obr\u00e1zek.bin"
    )

    assert [(part.filename, part.content) for part in parse(raw).parts] == [("obrázek.bin", DATA)]


@pytest.mark.parametrize(
    ("body", "content", "defect"),
    [
        (b"text\n" + encoded(DATA), DATA, ""),
        (b"nothing", b"nothing", "uuencoded data without a beginning"),
        (b"begin 644 x\n#0V%T\njunk that is no line\n#0V%T\nend", b"CatCat", "broken uuencoded data"),
    ],
)
def test_whole_bodies(body: bytes, content: bytes, defect: str) -> None:
    assert decode_whole(body) == (content, defect)
