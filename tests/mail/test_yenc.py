"""yEnc in text: whole files, pieces, and what is wrong with them."""

import pytest

from podatelna.mail.parse import parse
from podatelna.mail.yenc import File, find_blocks, join

from .packing import yenc

DATA = bytes(range(256)) * 3


def test_a_file_is_found_and_checked() -> None:
    assert join(find_blocks(b"Text\r\n" + yenc(DATA, "data.bin") + b"Konec")) == [File(b"data.bin", DATA, "")]


def test_pieces_are_put_together_in_any_order() -> None:
    first = yenc(DATA[:500], "a.bin", part=1, total=2, begin=1, size=len(DATA))
    second = yenc(DATA[500:], "a.bin", part=2, total=2, begin=501, size=len(DATA))

    assert join(find_blocks(second + first)) == [File(b"a.bin", DATA, "")]
    assert join(find_blocks(first)) == [File(b"a.bin", DATA[:500], "yEnc file with a part missing")]


@pytest.mark.parametrize(
    ("old", "new", "defect"),
    [
        (b"crc32=", b"crc32=0", "yEnc data with a wrong CRC"),
        (b"=yend size=768", b"=yend size=700", "yEnc data of a wrong size"),
        (b"=yend", b"=yenx", "yEnc data without an end"),
        (b"crc32=", b"x=", ""),
        (b"crc32=", b"crc32=zz", "yEnc data with a wrong CRC"),
    ],
)
def test_damage_is_said(old: bytes, new: bytes, defect: str) -> None:
    data = yenc(DATA, "a").replace(old, new)
    if new == b"crc32=0":
        data = data[:-4] + b"0\r\n"

    assert [file.defect for file in join(find_blocks(data))] == [defect]


@pytest.mark.parametrize("text", [b"=ybegin line=128\r\nx\r\n=yend\r\n", b"a =ybegin line=1 name=x", b"=ybegi"])
def test_what_is_none(text: bytes) -> None:
    assert find_blocks(text) == []


def test_a_file_in_two_parts_of_a_message_is_one_attachment() -> None:
    first = yenc(DATA[:500], "foto.jpg", part=1, total=2, begin=1, size=len(DATA))
    second = yenc(DATA[500:], "foto.jpg", part=2, total=2, begin=501, size=len(DATA))
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nFotka:\r\n" + first
        + b"--b\r\nContent-Type: text/plain\r\n\r\n" + second + b"--b--\r\n"
    )  # fmt: skip
    parsed = parse(raw)

    assert parsed.text.strip() == "Fotka:"
    assert [(part.filename, part.content_type, part.content) for part in parsed.parts if part.is_attachment] == [
        ("foto.jpg", "image/jpeg", DATA)
    ]


def test_a_whole_body_of_yenc() -> None:
    raw = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: x-yenc\r\n\r\n" + yenc(DATA, "a.bin")

    assert [(part.filename, part.content) for part in parse(raw).parts] == [("a.bin", DATA)]
