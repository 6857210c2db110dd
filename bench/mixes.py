"""Two further kinds of mail, made by a seeded generator: a mailing list's, and short letters between Czech companies.

Neither has attachments, so that what is measured with them is headers, encoded words and short texts.
"""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Iterator
from typing import NamedTuple

from bench.letters import terms_text

_LIST_WORDS = (
    "the kernel module does not load after upgrading to this release because patch applies cleanly but compile fails "
    "with an error in line of file server which version are you running please send output from log thanks for your "
    "help I think it should work if you set option before starting process see manual page and FAQ regards"
).split()
_GIVEN = (
    "Jana Petr Tomáš Jiří Zuzana Karel Ondřej Kateřina Lukáš Tereza Štěpán Věra Luboš Jaromír Žaneta Květa Anežka "
    "Ľubica Ján Božena Matěj Vojtěch Šárka Radek Michal Eliška Jakub Adéla Dušan"
).split()
_FAMILY = (
    "Nováková Dvořák Říhová Žák Černý Ďurišová Kovář Procházka Kučera Veselý Horáková Němec Pokorná Marešová Růžička "
    "Jelínek Šťastná Kříž Bartoš Čermák Vaněk Šimek Kratochvíl Bílková Doležal Zeman Krejčí Hájek Fišer Ševčík Konečná "
    "Sedláček Kadlec Štěpánek Vávrová Urban Blažek Kolář Slavík Beneš"
).split()
_FIRMS = ["Účtárna Ševčík a syn, s.r.o.", "Obchodní oddělení", "Sales Department", "Městský úřad Příbram"]
_SUBJECTS = [
    "Objednávka č. {number} – potvrzení termínu dodání", "Re: Reklamace pračky", "Faktura {number} po splatnosti",
    "Odp: Nabídka na dodávku kancelářského nábytku pro rok 2026", "Žádost o schůzku", "FW: Smlouva k podpisu",
    "Re: Cenová nabídka", "Dotaz na dostupnost zboží", "Meeting on Monday",
]  # fmt: skip


def list_mail(count: int, seed: int = 20_260_102) -> list[bytes]:
    """`count` messages as a mailing list sends them: 20 to 30 fields, all ASCII, one plain text of 1 to 4 kB."""
    chance = random.Random(seed)
    return [_post(chance, number) for number in range(count)]


def short_letters(count: int, seed: int = 20_260_103) -> list[bytes]:
    """`count` short letters with diacritics: encoded words in From, To and Subject, in the charsets that are usual.

    400 people write, few of them often, each with one program, to twelve of the company; subjects are nearly all new.
    """
    chance = random.Random(seed)
    writers = [_writer(chance) for _ in range(400)]
    often = [1 / rank for rank in range(1, len(writers) + 1)]
    company = [_name(chance) for _ in range(12)]
    return [
        _letter(chance, number, writer, company)
        for number, writer in enumerate(chance.choices(writers, weights=often, k=count))
    ]


class _Writer(NamedTuple):
    name: str
    address: str
    charset: str
    letter: str  # B or Q
    program: str


def _writer(chance: random.Random) -> _Writer:
    charset = chance.choices(["utf-8", "UTF-8", "iso-8859-2", "windows-1250"], weights=[5, 3, 1, 1])[0]
    program = chance.choice(["Microsoft Outlook 16.0", "Seznam.cz", "Roundcube Webmail/1.6"])
    return _Writer(_name(chance), f"user{chance.randint(1, 999)}@firma.example", charset, chance.choice("BQ"), program)


def _name(chance: random.Random) -> str:
    return f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}" if chance.random() < 0.8 else chance.choice(_FIRMS)


def _relay(chance: random.Random, sender: str, host: str, address: str, break_: str) -> str:
    return (
        f"Received: from {sender} ({sender} [192.0.2.{chance.randint(1, 254)}]){break_}by {host} (8.12.1/8.12.1) with "
        f"ESMTP id g7MBYrZ{chance.getrandbits(24):06x}{break_}for <{address}>; Thu, 22 Aug 2025 12:34:53 +0100"
    )


def _post(chance: random.Random, number: int) -> bytes:
    lines = [
        f"Return-Path: <dev-admin@lists.example.org>\nDelivered-To: reader@{chance.choice('abc')}.example.net",
        *(_relay(chance, f"mx{hop}.example.org", "lists.example.org", "reader@example.net", "\n    ")
          for hop in range(chance.randint(3, 6))),
        f"From: {chance.choice(['Robert', 'Chris', 'Anna', 'J. P.'])} Smith <user{chance.randint(1, 99)}@example.com>",
        "To: Developers <dev@lists.example.org>",
        f"Subject: {chance.choice(['', 'Re: '])}[dev] {' '.join(chance.choices(_LIST_WORDS, k=6))}",
        f"Message-Id: <{number}.{chance.getrandbits(60):x}@example.com>",
    ]  # fmt: skip
    if chance.random() < 0.6:
        lines.append(f"In-Reply-To: <{chance.getrandbits(60):x}@example.com>")
        lines.append(
            f"References: <{chance.getrandbits(60):x}@example.com>\n    <{chance.getrandbits(60):x}@x.example>"
        )
    lines += [
        "MIME-Version: 1.0",
        f"Content-Type: text/plain; charset={chance.choice(['us-ascii', 'iso-8859-1', 'us-ascii; format=flowed'])}",
        "Content-Transfer-Encoding: 7bit",
        f"User-Agent: Mutt/1.{chance.randint(2, 5)}i",
        "Sender: dev-admin@lists.example.org\nErrors-To: dev-admin@lists.example.org",
        "X-Mailman-Version: 2.0.11\nPrecedence: bulk\nList-Help: <mailto:dev-request@lists.example.org?subject=help>",
        "List-Post: <mailto:dev@lists.example.org>",
        "List-Subscribe: <http://lists.example.org/listinfo/dev>,\n    <mailto:dev-request@lists.example.org>",
        "List-Id: Developers <dev.lists.example.org>\nList-Archive: <http://lists.example.org/archives/dev/>",
        f"Date: {chance.choice(['Thu', 'Fri'])}, {chance.randint(1, 28)} Aug 2025 12:36:16 +0100",
    ]
    text = "".join(f"{' '.join(chance.choices(_LIST_WORDS, k=12))}\n" for _ in range(chance.randint(15, 55)))
    return "\n".join([*lines, "", text]).encode()


def _letter(chance: random.Random, number: int, writer: _Writer, company: list[str]) -> bytes:
    charset, letter = writer.charset, writer.letter
    readers = chance.sample(range(len(company)), chance.choice([1, 1, 1, 2, 3]))
    lines = [
        *(_relay(chance, f"mx{hop}.firma.example", "mail.acme.example", "info@acme.example", "\n\t")
          for hop in range(chance.randint(1, 4))),
        f"From: {_words(writer.name, charset, letter)} <{writer.address}>",
        "To: " + ",\n ".join(f"{_words(company[one], charset, letter)} <user{one}@acme.example>" for one in readers),
        f"Subject: {_words(_subject(chance, number), charset, letter)}",
        f"Date: Mon, {chance.randint(1, 28)} Jan 2026 10:{chance.randint(10, 59)}:00 +0100",
        f"Message-ID: <{number}.{chance.getrandbits(60):x}@firma.example>",
        "MIME-Version: 1.0",
        f"X-Mailer: {writer.program}",
    ]  # fmt: skip
    return "\r\n".join([*"\n".join(lines).splitlines(), *_body(chance, charset)]).encode("latin-1")


def _subject(chance: random.Random, number: int) -> str:
    about = chance.choice(_SUBJECTS).format(number=number)
    return about if chance.random() < 0.5 else f"{about}: {terms_text(20, number).strip()}".replace("\n", " ")


def _words(text: str, charset: str, letter: str) -> str:
    """`text` as encoded words of at most 75 characters (RFC 2047 2), parted between words of the text."""
    if text.isascii():
        return text
    made: list[str] = []
    rest = text
    while rest:
        size = len(rest)
        while len(_word(rest[:size], charset, letter)) > 75:
            size -= 1
        made.append(_word(rest[:size], charset, letter))
        rest = rest[size:]
    return "\n ".join(made)


def _word(text: str, charset: str, letter: str) -> str:
    octets = text.encode(charset, "replace")
    if letter == "B":
        return f"=?{charset}?B?{base64.b64encode(octets).decode()}?="
    return f"=?{charset}?Q?{''.join(map(_escaped, octets))}?="


def _escaped(octet: int) -> str:
    if octet == 32:
        return "_"
    return chr(octet) if chr(octet).isalnum() and octet < 128 else f"={octet:02X}"


def _body(chance: random.Random, charset: str) -> Iterator[str]:
    text = terms_text(chance.randint(300, 1_800), chance.getrandbits(30))
    kind = chance.random()
    if kind < 0.5:
        yield from _part("text/plain", charset, text, "quoted-printable" if kind < 0.35 else "base64")
        return
    boundary = f"----=_NextPart_{chance.getrandbits(48):x}"
    yield from (f'Content-Type: multipart/alternative; boundary="{boundary}"', "")
    for content_type, content in (("text/plain", text), ("text/html", f"<html><body><p>{text}</p></body></html>")):
        yield f"--{boundary}"
        yield from _part(content_type, charset, content, "quoted-printable")
    yield from (f"--{boundary}--", "")


def _part(content_type: str, charset: str, text: str, encoding: str) -> Iterator[str]:
    octets = text.encode(charset, "replace")
    encoded = base64.encodebytes(octets) if encoding == "base64" else quopri.encodestring(octets)
    yield from (f'Content-Type: {content_type}; charset="{charset}"', f"Content-Transfer-Encoding: {encoding}", "")
    yield from encoded.decode("ascii").splitlines()
