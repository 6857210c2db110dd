"""Transfer encodings undone as far as a broken body goes."""

import base64
import binascii

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podatelna.mail.parse import parse
from podatelna.mail.transfer import (
    _broken_base64,
    _broken_quoted_printable,
    from_base64,
    from_quoted_printable,
    from_uuencode,
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"YWhvag==", (b"ahoj", "")),
        (b"YWhv\r\nag==\r\n", (b"ahoj", "")),
        (b"", (b"", "")),
        (b"YWhvag", (b"ahoj", "broken base64")),
        (b"YWhvag==YWhvag==", (b"ahojahoj", "")),
        (b"Y!W-h_v:ag==", (b"ahoj", "")),
        (b"YWhvagY", (b"ahoj\x06", "broken base64")),
        (b"YWhva", (b"aho", "broken base64")),
        (b"====", (b"", "")),
    ],
)
def test_base64(body: bytes, expected: tuple[bytes, str]) -> None:
    assert from_base64(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"P=C5=99=C3=ADloha", ("Příloha".encode(), "")),
        (b"p=c5=99", ("př".encode(), "")),
        (b"dlouhy =\r\nradek", (b"dlouhy radek", "")),
        (b"dlouhy = \t\r\nradek", (b"dlouhy radek", "")),
        (b"mezery na konci  \t\r\nx", (b"mezery na konci\r\nx", "")),
        (b"konec=", (b"konec", "")),
        (b"a=zzb", (b"a=zzb", "broken quoted-printable")),
        (b"a=3Db", (b"a=b", "")),
        ("už dekódováno".encode(), ("už dekódováno".encode(), "")),
    ],
)
def test_quoted_printable(body: bytes, expected: tuple[bytes, str]) -> None:
    assert from_quoted_printable(body) == expected


def test_uuencode() -> None:
    lines = b"".join(binascii.b2a_uu(b"0123456789" * 4) for _ in range(3))

    assert from_uuencode(b"text\nbegin 644 a.txt\n" + lines + b"`\nend\n") == (b"0123456789" * 12, "")
    assert from_uuencode(b"begin 644 a.txt\n" + lines) == (b"0123456789" * 12, "uuencoded data without an end")
    assert from_uuencode(b"nothing") == (b"nothing", "uuencoded data without a beginning")


def test_broken_base64_is_decoded_up_to_its_end() -> None:
    data = bytes(range(256))
    letters = base64.b64encode(data)

    assert from_base64(letters[:100] + b"\x00\xff--" + letters[100:]) == (data, "")


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from([b"YWhv", b"YQ==", b"YWI=", b"=", b"\r\n", b" ", b"Y", b"!", b"-"]), max_size=12))
def test_base64_by_the_book_and_broken_base64_agree(pieces: list[bytes]) -> None:
    body = b"".join(pieces)

    assert from_base64(body) == _broken_base64(body)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"a",
                b"_",
                b"=20",
                b"=c4",
                b"=C5",
                b"=\r\n",
                b"=\n",
                b"\r\n",
                b"\n",
                b"=",
                b" ",
                b"\t",
                b"\r",
                b"=\r",
                b"=g",
                b"==",
            ]
        ),
        max_size=12,
    )
)
def test_quoted_printable_by_the_book_and_broken_agree(pieces: list[bytes]) -> None:
    body = b"".join(pieces)

    assert from_quoted_printable(body) == _broken_quoted_printable(body)


@pytest.mark.parametrize(
    ("content_type", "footer", "content"),
    [
        (
            "text/plain",
            "\n_______\nTo leave, write to list@acme.cz.\n",
            b"Ahoj\n_______\nTo leave, write to list@acme.cz.\n",
        ),
        ("text/plain", "\nScanned by: Acme (no virus)", b"Ahoj\nScanned by: Acme (no virus)"),
        ("application/pdf", "\n-- \nTo leave, write to list@acme.cz.\n", b"Ahoj"),
    ],
)
def test_text_behind_the_base64_is_no_base64(content_type: str, footer: str, content: bytes) -> None:
    raw = f"Content-Type: {content_type}\nContent-Transfer-Encoding: base64\n\nQWhvag==".encode() + footer.encode()
    parsed = parse(raw)

    assert [part.content for part in parsed.parts] == [content]
    assert "text behind the base64" in parsed.defects
