"""Mail for bench/faults.py: ordinary mail, some of it large, and among it messages that mean no good."""

from __future__ import annotations

import random
from collections.abc import Iterator

from bench.corpus import corpus

_LARGE_EVERY = 17
_LARGE = 90_000  # bytes that do not compress: such a file goes to the blob store and not into the database


def letters(count: int, hostile: int, seed: int) -> list[bytes]:
    """`count` messages (CRLF lines, bytes all different), `hostile` of them hostile, in a shuffled order."""
    chance = random.Random(seed)
    ordinary = [_made_large(mail.raw, chance) if at % _LARGE_EVERY == 0 else mail.raw
                for at, mail in enumerate(corpus(count - hostile, seed=seed, crlf=True))]  # fmt: skip
    found = [_numbered(raw, at) for at, raw in enumerate((*ordinary, *_hostile(hostile, chance)))]
    chance.shuffle(found)
    return found


def _numbered(raw: bytes, number: int) -> bytes:
    return b"X-Fault-Run: %d\r\n" % number + raw


def _made_large(raw: bytes, chance: random.Random) -> bytes:
    import base64

    boundary = b"=_large_%d" % chance.randrange(10**9)
    head, _, body = raw.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if line[:1] not in b" \t" and not line.lower().startswith(b"content-")]
    data = base64.encodebytes(chance.randbytes(_LARGE)).replace(b"\n", b"\r\n")
    return b"".join(
        (
            b"\r\n".join(kept), b'\r\nContent-Type: multipart/mixed; boundary="', boundary, b'"\r\n\r\n--', boundary,
            b"\r\n\r\n", body, b"\r\n--", boundary,
            b'\r\nContent-Type: image/jpeg\r\nContent-Disposition: attachment; filename="photo.jpg"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n",
            data, b"--", boundary, b"--\r\n",
        )
    )  # fmt: skip


def _hostile(count: int, chance: random.Random) -> Iterator[bytes]:
    for number in range(count):
        yield _KINDS[number % len(_KINDS)](number, chance)


def _head(number: int, subject: bytes = b"hostile") -> bytes:
    return (
        b"From: eve%d@example.org\r\nTo: helpdesk@acme.cz\r\nSubject: %s\r\nMessage-ID: <hostile-%d@example.org>\r\n"
        b"Date: Mon, 4 May 2026 10:00:00 +0000\r\n" % (number, subject, number)
    )


def _no_mail(number: int, chance: random.Random) -> bytes:
    # Without NUL, which no IMAP literal may hold (RFC 3501 9, CHAR8).
    return chance.randbytes(3000).replace(b"\0", b"").replace(b"\r", b" ").replace(b"\n", b"\r\n")


def _controls(number: int, chance: random.Random) -> bytes:
    return _head(number, b"bell \x07 and \x1b[2J in it") + b"\r\nbefore\x01after\x7f\xff\r\n"


def _header_alone(number: int, chance: random.Random) -> bytes:
    return _head(number).rstrip(b"\r\n")


def _many_fields(number: int, chance: random.Random) -> bytes:
    return _head(number) + b"X-Field: value\r\n" * 20_000 + b"\r\nbody\r\n"


def _long_line(number: int, chance: random.Random) -> bytes:
    return _head(number, b"=?utf-8?q?" + b"=C5=BE" * 20_000 + b"?=") + b"\r\n" + b"x" * 500_000 + b"\r\n"


def _nested(number: int, chance: random.Random) -> bytes:
    return _head(number) + b"".join(b"Content-Type: message/rfc822\r\n\r\nSubject: %d\r\n" % n for n in range(2000))


def _boundaries(number: int, chance: random.Random) -> bytes:
    parts = b"".join(b"--b\r\nContent-Type: text/plain\r\n\r\n%d\r\n" % n for n in range(3000))
    return _head(number) + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + parts


def _false_base64(number: int, chance: random.Random) -> bytes:
    return _head(number) + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"AA=A*B!!====\r\nQ" * 500


def _charset(number: int, chance: random.Random) -> bytes:
    return _head(number) + b"Content-Type: text/plain; charset=x-\xff-none\r\n\r\n" + bytes(range(128, 256)) + b"\r\n"


def _same_id(number: int, chance: random.Random) -> bytes:
    return _head(0).replace(b"<hostile-0@", b"<one-for-all@") + b"\r\nnumber %d\r\n" % number


def _long_id(number: int, chance: random.Random) -> bytes:
    long = _head(number).replace(b"<hostile-", b"<" + b"i" * 5000 + b"-")
    return long + b"References: " + b"<r@x> " * 5000 + b"\r\n\r\nx\r\n"


def _tags(number: int, chance: random.Random) -> bytes:
    return _head(number) + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 20_000 + b"<script>alert(1)</script>\r\n"


def _dates(number: int, chance: random.Random) -> bytes:
    return _head(number).replace(b"Mon, 4 May 2026", b"Mon, 99 Foo 99999") + b"From: second@example.org\r\n\r\nx\r\n"


_KINDS = (
    _no_mail, _controls, _header_alone, _many_fields, _long_line, _nested, _boundaries, _false_base64, _charset,
    _same_id, _long_id, _tags, _dates,
)  # fmt: skip
