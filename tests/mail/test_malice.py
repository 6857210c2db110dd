"""Megabytes made to take quadratic time. A reader that is not linear does not come back from these."""

from collections.abc import Callable

import pytest

from podatelna.mail.cut import cut, join
from podatelna.mail.identity import fingerprint
from podatelna.mail.parse import parse
from podatelna.mail.reading import UNREADABLE

MIXED = b"Content-Type: multipart/mixed; boundary=a\n\n"
SHAPES: dict[str, Callable[[], bytes]] = {
    "multiparts in multiparts": lambda: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)
    ),
    "equal boundaries in each other": lambda: MIXED + (b"--a\n" + MIXED) * 50_000,
    "parts": lambda: MIXED + b"--a\n\nx\n" * 50_000,
    "messages in messages": lambda: b"Content-Type: message/rfc822\n\n" * 100_000,
    "delimiters of nothing": lambda: MIXED + b"\n--" * 500_000,
    "delimiters behind bare CR": lambda: MIXED + b"\r--" * 500_000,
    "boundaries to guess": lambda: MIXED + b"--a\nContent-Type: multipart/mixed; boundary=z\n\n" * 20_000,
    "fields": lambda: b"X: y\n" * 200_000,
    "folds": lambda: b"Subject: a" + b"\n b" * 300_000,
    "encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 80_000,
    "beginnings of encoded words": lambda: b"Subject: " + b"=?" * 100_000 + b"?=",
    "ids": lambda: b"References: " + b"<a@b> " * 200_000,
    "brackets": lambda: b"References: " + b"<" * 500_000,
    "escaped quotes in addresses": lambda: b"To: " + b'\\"' * 100_000,
    "comments in comments": lambda: b"To: " + b"(" * 200_000,
    "angles": lambda: b"To: " + b"<" * 200_000,
    "forgotten quotes": lambda: b"To: " + b'"a>,' * 60_000,
    "groups": lambda: b"To: " + b"a:" * 100_000,
    "parameters": lambda: b"Content-Type: a/b" + b"; a=b" * 50_000,
    "stray semicolons": lambda: b"Content-Type: a/b; a=b" + b";x" * 100_000,
    "sections": lambda: b"Content-Type: a/b" + b"".join(b"; name*%d=a" % n for n in range(9_000)),
    "blanks": lambda: b"Content-Transfer-Encoding: quoted-printable\n\n" + b" " * 1_000_000,
    "equals signs": lambda: b"Content-Transfer-Encoding: quoted-printable\n\n" + b" =" * 500_000,
    "padding": lambda: b"Content-Transfer-Encoding: base64\n\n" + b"YQ==\n" * 200_000,
    "uuencoded lines": lambda: b"Content-Transfer-Encoding: uuencode\n\nbegin 644 x\n" + b"M\n" * 200_000,
    "bytes of no charset": lambda: b"Content-Type: text/plain\n\n" + bytes(range(128, 256)) * 8_000,
    "flowed lines": lambda: b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 200_000,
    "inline images": lambda: (
        MIXED
        + b"--a\nContent-Type: text/html\n\n"
        + b"x" * 1_000_000
        + b"\n--a\nContent-Type: image/png\nContent-ID: <z>\n\nx" * 10_000
    ),
    "one line": lambda: b"Subject: x\n\n" + b"x" * 20_000_000,
    "one field": lambda: b"Subject: " + b"x" * 5_000_000,
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_is_read(shape: str) -> None:
    raw = SHAPES[shape]()
    pieces = cut(raw)

    assert join(pieces.header, pieces.pieces) == raw
    assert len(fingerprint(raw)) == 32
    parsed = parse(raw)
    assert isinstance(parsed.text, str)
    assert not any(defect.startswith(UNREADABLE) for defect in parsed.defects), parsed.defects
