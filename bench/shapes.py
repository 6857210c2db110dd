"""Hostile shapes that grow: what a stranger may send to make a reader take quadratic time."""

from __future__ import annotations

from collections.abc import Callable

MIXED = b"Content-Type: multipart/mixed; boundary=a\n\n"
_HTML = b"Content-Type: text/html\n\n"
_QUOTED = b"Content-Transfer-Encoding: quoted-printable\n\n"


def _multiparts(count: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(count))


# What it is called → the size that takes a good part of a second, and the message of a size.
SHAPES: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "multiparts in multiparts": (2_000, _multiparts),
    "equal boundaries in each other": (2_000, lambda n: MIXED + (b"--a\n" + MIXED) * n),
    "parts": (50_000, lambda n: MIXED + b"--a\n\nx\n" * n),
    "parts without an empty line": (20_000, lambda n: MIXED + b"--a\nx: y\n" * n),
    "parts behind bare CR": (20_000, lambda n: MIXED + b"\r--a\r\rx\r" * n),
    "message/rfc822 in each other": (500, lambda n: b"Content-Type: message/rfc822\n\n" * n),
    # Both sizes beyond 32 MiB, where glibc fetches every block from the kernel anew: a step that is not ours.
    "one line": (50_000_000, lambda n: b"Subject: x\n\n" + b"x" * n),
    "one line of HTML": (2_000_000, lambda n: _HTML + b"<b>x</b> " * (n // 9)),
    "fields": (100_000, lambda n: b"X: y\n" * n),
    "folds": (200_000, lambda n: b"Subject: a" + b"\n b" * n),
    "quotes that never end": (50_000, lambda n: b"To: " + b'"a>,' * n + b"\n\n"),
    "brackets that never end": (100_000, lambda n: b"To: " + b"(<" * n + b"\n\n"),
    "encoded words": (20_000, lambda n: b"Subject: " + b"=?utf-8?q?a=C4=8D?= " * n + b"\n\n"),
    "beginnings of encoded words": (100_000, lambda n: b"Subject: " + b"=?" * n + b"?=\n\n"),
    "encoded names": (5_000, lambda n: b"To: " + b"=?utf-8?q?a=C4=8D?= <a@b.cz>,\n " * n + b"\n\n"),
    "parameters": (20_000, lambda n: b"Content-Type: a/b" + b'; a="b' * n + b"\n\n"),
    "references": (50_000, lambda n: b"References: " + b"<a@b> " * n + b"\n\n"),
    "equals signs": (500_000, lambda n: _QUOTED + b" =" * n),
    "blanks": (500_000, lambda n: _QUOTED + b" " * n + b"x"),
    "padding": (100_000, lambda n: b"Content-Transfer-Encoding: base64\n\n" + b"YQ==\n" * n),
    "bytes of no charset": (2_000, lambda n: b"Content-Type: text/plain\n\n" + bytes(range(128, 256)) * n),
    "tags that never end": (100_000, lambda n: _HTML + b"<div " * n),
    "tags in tags": (50_000, lambda n: _HTML + b"<div>" * n),
    "attributes": (50_000, lambda n: _HTML + b"<p" + b' a="b' * n),
    "quoting of quoting": (50_000, lambda n: b"Subject: x\n\n" + b"> " * n + b"x\n"),
    "quoted lines": (50_000, lambda n: b"Subject: x\n\n" + b"On 1.1.2026 a wrote:\n> x\n" * n),
    "uuencoded blocks": (20_000, lambda n: b"Subject: x\n\n" + b"begin 644 x\n" * n),
    "yEnc blocks": (20_000, lambda n: b"Subject: x\n\n" + b"=ybegin line=128 size=1 name=x\n" * n),
    "flowed lines": (100_000, lambda n: b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * n),
    "delimiters of nothing": (500_000, lambda n: MIXED + b"--a\n\n" + b"\n--" * n),
}
