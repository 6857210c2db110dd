"""Who writes what to whom in the made archive: threads with quoted answers, lists, newsletters, notices."""

from __future__ import annotations

import base64
import binascii
import html
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bench.corpus_files import Files, encoded, picture
from bench.corpus_words import Language, languages

_OPEN_THREADS = 3_000  # that may still be answered; bounds the memory
_PEOPLE = 4_000
_FIRST_NAMES = (
    "Jana Petr Lucie Tomáš Karel Zuzana Jiří Eva Martin Věra Pavel Hana Ondřej Šárka John Anna Peter Mary Ján "
    "Ľubica Řehoř"
).split()
_SURNAMES = (
    "Novák Dvořák Říha Žák Šťastný Kovář Svoboda Černý Procházka Kučera Veselý Horák Smith Brown Taylor Wilson Schmidt "
    "Müller Weber Kováč Horváth Krejčí Marek Pospíšil Beneš Fiala Sedláček Doležal Zeman Kolář"
).split()
_STYLE = "font-family:Calibri,Arial,sans-serif;font-size:11pt;color:#1f1f1f"


@dataclass(frozen=True)
class Person:
    """Somebody who writes, as their mail program does."""

    name: str
    address: str
    language: int  # 0 Czech, 1 English
    outlook: bool
    signature: str
    logo: bytes  # a picture below each letter, or none

    @property
    def written(self) -> str:
        """As in a header line."""
        return f"{word(self.name)} <{self.address}>"


@dataclass
class Thread:
    """What an answer needs to know of what it answers."""

    subject: str
    people: list[Person]
    ids: list[str] = field(default_factory=list)
    text: str = ""
    about: str = ""


def word(text: str) -> str:
    """Text for a header line, encoded where it must be (RFC 2047)."""
    if text.isascii():
        return text
    pieces = [text[start : start + 20] for start in range(0, len(text), 20)]
    return "\n ".join(f"=?utf-8?B?{base64.b64encode(piece.encode()).decode()}?=" for piece in pieces)


class Writer:
    """Writes one message after the other; the same of one seed."""

    def __init__(self, seed: int, with_files: float, other: float) -> None:
        """`with_files`: what share of letters carries files. `other`: how much there is that nobody wrote by hand."""
        self._chance = chance = random.Random(f"letters {seed}")
        self._languages = languages(seed)
        self._files = Files(chance, self._languages[0].words, self._languages[0].tokens)
        self._with_files = with_files
        self._logos = [encoded(picture(chance, int(chance.lognormvariate(8.4, 0.5)))) for _ in range(40)]
        self._people = [self._person(number) for number in range(_PEOPLE)]
        self._us = self._people[:40]
        self._threads: list[Thread] = []
        self._kinds: list[Callable[[str], tuple[list[str], bytes]]]
        self._kinds = [self._letter, self._list_post, self._newsletter, self._notice]
        self._weights = [62, 12 * other, 7 * other, 19 * other]

    def message(self, number: int, when: datetime) -> bytes:
        """The message's bytes as its writer's server sent them on, lines ending in LF."""
        chance = self._chance
        kind = chance.choices(self._kinds, self._weights)[0]
        own = f"{number}.{chance.getrandbits(72):x}@{chance.choice(_HOSTS)}"
        head, body = kind(own)
        stamp = f"Date: {when:%a, %d %b %Y %H:%M:%S} +0100"
        lines = [*self._relays(when), *head, stamp, f"Message-ID: <{own}>", "MIME-Version: 1.0"]
        return "\n".join(lines).encode() + b"\n" + body

    # --- kinds of mail ---------------------------------------------------------------------------------------------

    def _letter(self, own: str) -> tuple[list[str], bytes]:
        thread, answer = self._thread()
        writer = self._chance.choice(thread.people)
        head = self._addressed(thread, writer, answer)
        language = self._languages[writer.language]
        new = self._paragraphs(language, int(self._chance.lognormvariate(4.1, 0.85)) + 3)
        new = f"{new}\n\n{writer.signature}"
        quoted = thread.text if answer and self._chance.random() < 0.85 else ""
        body = self._body(writer, new, thread.about if quoted else "", quoted)
        thread.ids.append(own)
        thread.about = f"Dne 5. 1. 2026 v 10:11 {writer.name} <{writer.address}> napsal(a):"
        thread.text = f"{new}\n\n{_marked(quoted)}"[:3_500]
        if self._chance.random() < self._with_files:
            body = self._with_attachments(body)
        return head, body

    def _list_post(self, own: str) -> tuple[list[str], bytes]:
        head, body = self._letter(own)
        group = self._chance.choice(_LISTS)
        return [
            *head,
            f"List-Id: <{group}.lists.example.org>",
            f"List-Post: <mailto:{group}@lists.example.org>",
            f"List-Unsubscribe: <https://lists.example.org/{group}>,\n <mailto:{group}-leave@lists.example.org>",
            "Precedence: list",
            "X-Mailman-Version: 2.1.39",
        ], body

    def _newsletter(self, own: str) -> tuple[list[str], bytes]:
        language = self._chance.choice(self._languages)
        sender = self._chance.choice(self._people[100:160])
        text = self._paragraphs(language, 250)
        rows = "".join(
            f'<tr><td style="padding:12px 24px;{_STYLE}"><a href="https://news.example.com/c/{self._chance.getrandbits(96):x}"'
            f' style="color:#0057b8;text-decoration:none"><img src="https://cdn.example.com/'
            f'{self._chance.getrandbits(40):x}.png" width="280" height="160" alt=""></a>'
            f"<h2>{' '.join(paragraph.split()[:6])}</h2><p>{paragraph}</p></td></tr>\n"
            for paragraph in text.split("\n\n")
        )
        page = f"<html><head><style>{_CSS}</style></head><body><table width='600'>{rows}</table></body></html>"
        return [
            f"From: {word(sender.name)} <news@{sender.address.partition('@')[2]}>",
            f"To: {self._chance.choice(self._us).written}",
            f"Subject: {word(self._subject(language))}",
            f"List-Unsubscribe: <https://news.example.com/u/{self._chance.getrandbits(96):x}>",
            "Precedence: bulk",
        ], self._multipart("alternative", [quoted_printable("plain", text), quoted_printable("html", page)])

    def _notice(self, own: str) -> tuple[list[str], bytes]:
        system, line = self._chance.choice(_NOTICES)
        number, language = self._chance.randint(1, 400_000), self._languages[1]
        text = f"{line} {number}\n\nState: open\nServer: srv{number % 97:02d}.acme.cz\nReference: {own}\n\n"
        text += self._paragraphs(language, 35)
        return [
            f"From: {system} <{system.lower()}@acme.cz>",
            f"To: {self._chance.choice(self._us).written}",
            f"Subject: [{system}] {line} {number}",
            "Auto-Submitted: auto-generated",
            f"X-{system}-Id: {number}",
        ], b"Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n" + text.encode(
            "ascii", "replace"
        ) + b"\n"

    # --- what they are made of -------------------------------------------------------------------------------------

    def _person(self, number: int) -> Person:
        chance = self._chance
        first, last = chance.choice(_FIRST_NAMES), chance.choice(_SURNAMES)
        host = "acme.cz" if number < 40 else f"firma{number % 700}.cz"
        language = 0 if chance.random() < 0.7 else 1
        signature = (
            f"{'S pozdravem' if language == 0 else 'Best regards'}\n\n{first} {last}\n{host.partition('.')[0]} s.r.o.\n"
        )
        signature += f"tel. +420 {chance.randint(600, 799)} {chance.randint(100, 999)} {number:03d}\nwww.{host}"
        logo = chance.choice(self._logos) if chance.random() < 0.12 else b""
        return Person(f"{first} {last}", f"u{number}@{host}", language, chance.random() < 0.5, signature, logo)

    def _thread(self) -> tuple[Thread, bool]:
        chance = self._chance
        if self._threads and chance.random() < 0.55:
            # Lately written ones are answered most.
            place = len(self._threads) - 1 - int(chance.expovariate(1 / 150)) % len(self._threads)
            return self._threads[place], True
        people = [
            chance.choice(self._us),
            *chance.sample(self._people[len(self._us) :], chance.choice((1, 1, 1, 2, 3))),
        ]
        thread = Thread(self._subject(self._languages[people[0].language]), people)
        if len(self._threads) >= _OPEN_THREADS:
            del self._threads[: _OPEN_THREADS // 4]
        self._threads.append(thread)
        return thread, False

    def _subject(self, language: Language) -> str:
        words = self._chance.choices(language.words, k=self._chance.randint(2, 6))
        return " ".join(words).capitalize() + (
            f" č. {self._chance.randint(1, 999_999)}" if self._chance.random() < 0.4 else ""
        )

    def _addressed(self, thread: Thread, writer: Person, answer: bool) -> list[str]:
        others = [person for person in thread.people if person is not writer]
        lines = [f"From: {writer.written}", f"To: {others[0].written}"]
        if others[1:]:
            lines.append("Cc: " + ",\n ".join(person.written for person in others[1:]))
        prefix = ("RE: " if writer.outlook else "Re: ") if answer else ""
        lines.append(f"Subject: {prefix}{word(thread.subject)}")
        if answer and thread.ids:
            lines.append(f"In-Reply-To: <{thread.ids[-1]}>")
            lines.append("References: " + "\n ".join(f"<{one}>" for one in [*thread.ids[:1], *thread.ids[1:][-15:]]))
        if writer.outlook:
            lines += [
                f"Thread-Topic: {word(thread.subject)}",
                f"Thread-Index: {base64.b64encode(self._chance.randbytes(22)).decode()}",
                "X-MS-Has-Attach:",
                "X-MS-TNEF-Correlator:",
                "x-originating-ip: [192.0.2.77]",
                "Accept-Language: cs-CZ, en-US",
                "Content-Language: cs-CZ",
            ]
        else:
            lines.append("User-Agent: Mozilla Thunderbird")
        return lines

    def _paragraphs(self, language: Language, count: int) -> str:
        """About `count` words; in them what only this letter has: numbers, dates, amounts."""
        made = []
        while count > 0:
            length = min(count, self._chance.randint(15, 80))
            start = self._chance.randrange(len(language.tokens) - 100)
            words = language.tokens[start : start + length]
            words.insert(length // 2, f"{self._chance.getrandbits(20)}/{self._chance.choice(_CODES)}")
            made.append("\n".join(" ".join(words[row : row + 11]) for row in range(0, len(words), 11)))
            count -= length
        return "\n\n".join(made)

    def _body(self, writer: Person, new: str, about: str, quoted: str) -> bytes:
        text = f"{new}\n\n{about}\n{_marked(quoted)}\n" if quoted else f"{new}\n"
        if not writer.outlook and self._chance.random() < 0.5:
            if self._chance.random() < 0.5:
                return b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + text.encode()
            return quoted_printable("plain", text)
        logo = '<p><img src="cid:logo@sig" alt="logo"></p>' if writer.logo else ""
        page = f"<html><head><style>{_CSS}</style></head><body lang=CS>{_html(new)}{logo}"
        if quoted:
            page += f'<div class="gmail_quote">{html.escape(about)}<blockquote>{_html(quoted)}</blockquote></div>'
        page += "</body></html>\n"
        both = self._multipart("alternative", [quoted_printable("plain", text), quoted_printable("html", page)])
        if not writer.logo:
            return both
        return self._multipart("related", [both, _LOGO + writer.logo])

    def _with_attachments(self, body: bytes) -> bytes:
        parts = [body]
        for _ in range(self._chance.choice((1, 1, 1, 1, 2, 3))):
            file = self._files.one()
            name = word(file.name).replace("\n ", " ")
            parts.append(
                f'Content-Type: {file.content_type};\n name="{name}"\n'
                f'Content-Disposition: attachment;\n filename="{name}"\n'
                "Content-Transfer-Encoding: base64\n\n".encode()
                + file.encoded
            )
        return self._multipart("mixed", parts)

    def _multipart(self, kind: str, parts: list[bytes]) -> bytes:
        boundary = f"_000_{self._chance.getrandbits(96):x}".encode()
        head = b'Content-Type: multipart/%b;\n boundary="%b"\n\n' % (kind.encode(), boundary)
        return head + b"".join(b"--%b\n%b\n" % (boundary, part) for part in parts) + b"--%b--\n" % boundary

    def _relays(self, when: datetime) -> list[str]:
        """What servers on the way put on top."""
        chance, lines = self._chance, []
        stamp = f"{when:%a, %d %b %Y %H:%M:%S} +0100"
        for _ in range(chance.choice((1, 2, 2, 3, 4))):
            host = chance.choice(_HOSTS)
            lines.append(
                f"Received: from {host} ({host} [192.0.2.{chance.randint(1, 254)}])\n\tby mx.acme.cz (Postfix) with "
                f"ESMTPS id {chance.getrandbits(44):X}\n\tfor <posta@acme.cz>; {stamp}"
            )
        if chance.random() < 0.7:
            signature = base64.b64encode(chance.randbytes(256)).decode()
            body_hash = base64.b64encode(chance.randbytes(32)).decode()
            lines.append(
                f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={chance.choice(_HOSTS)};\n"
                f"\ts=sel{chance.randint(1, 3)}; h=from:to:subject:date:message-id; bh={body_hash};\n\tb="
                + "\n\t ".join(signature[start : start + 70] for start in range(0, len(signature), 70))
            )
            lines.append("Authentication-Results: mx.acme.cz; dkim=pass; spf=pass; dmarc=pass (p=none)")
        return lines


def quoted_printable(kind: str, text: str) -> bytes:
    """A text part in UTF-8."""
    head = f'Content-Type: text/{kind}; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable\n\n'
    return head.encode() + binascii.b2a_qp(text.encode(), istext=True) + b"\n"


def _marked(text: str) -> str:
    return "\n".join("> " + line for line in text.split("\n")) if text else ""


def _html(text: str) -> str:
    return "".join(
        f'<p class=MsoNormal><span style="{_STYLE}">{html.escape(paragraph, False)}</span></p>\n'
        for paragraph in text.split("\n\n")
    )


_LOGO = (
    b"Content-Type: image/png; name=logo.png\nContent-ID: <logo@sig>\nContent-Disposition: inline; filename=logo.png\n"
    b"Content-Transfer-Encoding: base64\n\n"
)
_HOSTS = [f"mx{number}.firma{number * 7}.cz" for number in range(60)]
_CODES = ["FV", "OBJ", "2025", "2026", "ZL", "SML", "REK", "NAB", "PO"]
_LISTS = ["vyvoj", "announce", "users", "sklad", "porady", "obchod-cz"]
_NOTICES = [
    ("Jira", "Issue was updated"), ("Zabbix", "PROBLEM: high load on host"), ("Backup", "Nightly backup finished, job"),
    ("Eshop", "New order number"), ("Banka", "Payment received, transaction"), ("Git", "Merge request was merged"),
]  # fmt: skip
_CSS = (
    "p.MsoNormal,li.MsoNormal{margin:0cm;font-size:11.0pt;font-family:Calibri,sans-serif}a:link{color:#0563C1;"
    "text-decoration:underline}span.EmailStyle17{mso-style-type:personal-compose;color:windowtext}.MsoChpDefault"
    "{mso-style-type:export-only}@page WordSection1{size:612.0pt 792.0pt;margin:70.85pt 70.85pt 70.85pt 70.85pt}"
)
