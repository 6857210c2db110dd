"""Mail as companies get it, made by a seeded generator: the same messages on every machine, without a network."""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Iterator

_NAMES = [
    "Jana Nováková", "Petr Dvořák", "Lucie Říhová", "Tomáš Žák", "Ľubica Šťastná", "Ján Kováč", "Anna Schmidt",
    "John Smith", "Účtárna ACME", "Obec Horní Lhota", "Karel Čapek", "Zuzana Ďurišová",
]  # fmt: skip
_WORDS = (
    "dobrý den děkujeme za objednávku faktura číslo příloha termín dodání prosíme o potvrzení smlouva podpis zítra "
    "pondělí schůzka kancelář platba účet částka splatnost reklamace zboží doprava sklad nabídka cena sleva množství "
    "vážený zákazníku vaše zpráva byla přijata ozveme se co nejdříve pozdravem odpověď dotaz žádost úřad spis "
    "hello thanks for your order invoice attached please confirm meeting tomorrow contract regards delivery address "
    "rechnung bestellung lieferung vielen dank mit freundlichen grüßen termin angebot žiadosť prosím ďakujeme"
).split()
_STYLE = "font-family:Arial,Helvetica,sans-serif;font-size:14px;color:#333333;padding:8px 16px"


def letters(count: int, seed: int = 20_260_101) -> list[bytes]:
    """`count` messages: plain and HTML, Czech and English, lists and relays, attachments up to 1 MB, forwarded ones."""
    chance = random.Random(seed)
    return [_letter(chance, number) for number in range(count)]


def terms_text(size: int, seed: int) -> str:
    """About `size` bytes of text, as a letter's words come."""
    chance = random.Random(seed)
    return _text(chance, size)


def _letter(chance: random.Random, number: int) -> bytes:
    kind = chance.choices([_plain, _alternative, _with_files, _forwarded], weights=[40, 35, 20, 5])[0]
    line_break = b"\r\n" if chance.random() < 0.7 else b"\n"
    lines = [*_relays(chance), *_people(chance, number)]
    return "".join(f"{line}\n" for line in lines).encode().replace(b"\n", line_break) + kind(chance).replace(
        b"\n", line_break
    )


def _relays(chance: random.Random) -> Iterator[str]:
    """What servers put on top."""
    for hop in range(chance.randint(2, 6)):
        yield f"Received: from mx{hop}.example.cz (mx{hop}.example.cz [192.0.2.{chance.randint(1, 254)}])"
        yield f"\tby relay{hop}.example.org (Postfix) with ESMTPS id {chance.getrandbits(40):X}"
        yield "\tfor <podatelna@acme.cz>; Mon,  5 Jan 2026 10:11:12 +0100 (CET)"
    if chance.random() < 0.8:
        yield "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.cz; s=2026;"
        yield "\th=from:to:subject:date:message-id:mime-version:content-type;"
        yield f"\tbh={base64.b64encode(chance.randbytes(32)).decode()};"
        signature = base64.b64encode(chance.randbytes(256)).decode()
        yield "\tb=" + "\n\t ".join(signature[start : start + 70] for start in range(0, len(signature), 70))
        yield "Authentication-Results: mx.acme.cz; dkim=pass header.d=example.cz; spf=pass smtp.mailfrom=example.cz;"
        yield "\tdmarc=pass (p=reject) header.from=example.cz"
    if chance.random() < 0.3:
        yield from ("List-Id: <news.example.cz>", "List-Unsubscribe: <https://example.cz/u/1>", "Precedence: bulk")
    for name in ("X-Mailer", "X-Spam-Status", "X-Originating-IP", "X-MS-Has-Attach", "Thread-Index", "X-Priority"):
        if chance.random() < 0.5:
            yield f"{name}: {chance.getrandbits(64):x}"


def _people(chance: random.Random, number: int) -> Iterator[str]:
    yield f"From: {_person(chance)}"
    yield "To: " + ",\n ".join(_person(chance) for _ in range(chance.randint(1, 4)))
    yield f"Subject: {_encoded(' '.join(chance.choices(_WORDS, k=5)))}"
    yield f"Date: Mon, {chance.randint(1, 28)} Jan 2026 10:{chance.randint(10, 59)}:00 +0100"
    yield f"Message-ID: <{number}.{chance.getrandbits(60):x}@example.cz>"
    if chance.random() < 0.4:
        yield "References: " + "\n ".join(f"<{chance.getrandbits(60):x}@acme.cz>" for _ in range(3))
    yield "MIME-Version: 1.0"


def _person(chance: random.Random) -> str:
    return f"{_encoded(chance.choice(_NAMES))} <user{chance.randint(1, 999)}@example.cz>"


def _encoded(text: str) -> str:
    return text if text.isascii() else f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def _text(chance: random.Random, size: int) -> str:
    made, line, lines = 0, list[str](), list[str]()
    while made < size:
        line.append(chance.choice(_WORDS))
        made += len(line[-1]) + 1
        if len(line) > 10:
            lines.append(" ".join(line))
            line = [] if chance.random() < 0.8 else ["\n"]
    return "\n".join([*lines, " ".join(line)]) + "\n"


def _html(chance: random.Random, size: int) -> str:
    cells = (f'<tr><td style="{_STYLE}"><a href="https://example.cz/">{word}</a></td></tr>' for word in _WORDS)
    table = "\n".join(list(cells)[: max(size // 200, 1)])
    return f"<html><head><style>td{{{_STYLE}}}</style></head><body><table>{table}</table><p>{_text(chance, size // 2)}"


def _plain(chance: random.Random) -> bytes:
    text = _text(chance, int(chance.lognormvariate(7.3, 1.0)))
    if chance.random() < 0.5:
        return b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text.encode()
    return _quoted("text/plain", text)


def _quoted(content_type: str, text: str) -> bytes:
    head = f'Content-Type: {content_type}; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable\n\n'
    return head.encode() + quopri.encodestring(text.encode())


def _alternative(chance: random.Random) -> bytes:
    size = int(chance.lognormvariate(8.5, 1.0))
    return _multipart(
        chance,
        "alternative",
        [_quoted("text/plain", _text(chance, size // 3)), _quoted("text/html", _html(chance, size))],
    )


def _with_files(chance: random.Random) -> bytes:
    files = []
    for number in range(chance.randint(1, 3)):
        data = chance.randbytes(min(int(chance.lognormvariate(11.3, 1.2)), 1_000_000))
        files.append(
            f'Content-Type: application/pdf; name="Faktura {number}.pdf"\nContent-Transfer-Encoding: base64\n'
            f'Content-Disposition: attachment; filename="Faktura {number}.pdf"\n\n'.encode()
            + base64.encodebytes(data)
        )
    return _multipart(chance, "mixed", [_alternative(chance) if chance.random() < 0.6 else _plain(chance), *files])


def _forwarded(chance: random.Random) -> bytes:
    inner = b"Content-Type: message/rfc822\n\n" + _letter(chance, 0).replace(b"\r\n", b"\n")
    return _multipart(chance, "mixed", [_plain(chance), inner])


def _multipart(chance: random.Random, kind: str, parts: list[bytes]) -> bytes:
    boundary = f"----=_Part_{chance.getrandbits(48):x}".encode()
    head = b'Content-Type: multipart/%b; boundary="%b"\n\n' % (kind.encode(), boundary)
    return head + b"".join(b"--%b\n%b\n" % (boundary, part) for part in parts) + b"--%b--\n" % boundary
