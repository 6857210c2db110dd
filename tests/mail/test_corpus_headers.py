"""Every message of tests/corpus/headers says who, when, what about and which files, as a person would read it."""

from pathlib import Path

import pytest

from podatelna.mail.addresses import Address
from podatelna.mail.cut import cut, join
from podatelna.mail.effective import effective_sender
from podatelna.mail.parse import Parsed, parse

CORPUS = Path(__file__).parent.parent / "corpus" / "headers"

# What a message says where its file shows something else.
USUAL: dict[str, object] = {
    "subject": "Reklamace",
    "sender": ("Jana Nováková", "jana@acme.example"),
    "to": [("", "helpdesk@firma.example")],
    "cc": [],
    "date": "2026-01-05T09:14:00+01:00",
    "zone_known": True,
    "message_id": "1@acme.example",
    "references": [],
    "files": [],
    "defects": [],
}
EXPECTED: dict[str, dict[str, object]] = {
    "addresses-colon-in-name": {"sender": ("JIRA: Jana Nováková", "jira@acme.example")},
    "addresses-forgotten-brackets": {
        "sender": ("Jana", "jana@acme.example"),
        "to": [("Petr", "petr@firma.example"), ("Eva", "eva@firma.example"), ("", "dan@firma.example")],
    },
    "addresses-groups": {
        "sender": ("Jana", "jana@acme.example"),
        "to": [("", "petr@firma.example"), ("Eva", "eva@firma.example"), ("", "dan@firma.example")],
    },
    "addresses-nested-comments": {"sender": ("Jana", "jana@acme.example"), "to": [("vedoucí", "petr@firma.example")]},
    "addresses-quoted-local-part": {
        "sender": ("", '"jana nova@doma"@acme.example'),
        "to": [("Petr", '"petr > pavel"@firma.example')],
    },
    "addresses-route-mailto": {
        "sender": ("", "jana@acme.example"),
        "to": [("Petr", "petr@firma.example"), ("", "eva@firma.example")],
    },
    "addresses-semicolons": {
        "sender": ("Jana", "jana@acme.example"),
        "to": [("Petr", "petr@firma.example"), ("Eva", "eva@firma.example")],
    },
    "addresses-two-brackets": {"sender": ("Jana <ceo@banka.example>", "eva@jinde.example")},
    "addresses-unquoted-comma": {
        "sender": ("Nováková, Jana, Ing.", "jana@acme.example"),
        "to": [("Acme, s.r.o.", "info@acme.example"), ("", "petr@firma.example")],
    },
    "addresses-without-commas": {
        "sender": ("Jana", "jana@acme.example"),
        "to": [("Petr", "petr@firma.example"), ("Eva", "eva@firma.example"), ("", "dan@firma.example")],
        "cc": [("", "a@firma.example"), ("", "b@firma.example")],
    },
    "date-comments": {},
    "date-czech": {},
    "date-far-future": {"date": "2038-01-19T03:14:07+00:00", "defects": ["date far from its receipt"]},
    "date-from-receipt": {"date": "2026-01-05T09:15:00+01:00", "defects": ["unreadable date: time of receipt taken"]},
    "date-german": {"date": "2026-03-05T09:14:00+01:00"},
    "date-iso": {},
    "date-two-digits": {"date": "2026-01-05T21:14:00-05:00"},
    "date-zone-missing": {"date": "2026-01-05T09:14:00+00:00", "zone_known": False, "defects": ["time zone unknown"]},
    "date-zone-unknown": {"date": "2026-01-05T09:14:00+00:00", "zone_known": False},
    "fields-bare-cr": {"sender": ("Jana", "jana@acme.example")},
    "fields-blank-before-colon": {"sender": ("Jana", "jana@acme.example")},
    "fields-duplicates": {
        "sender": ("", "jana@acme.example"),
        "defects": ["several Date fields", "several Message-ID fields", "several From fields"],
    },
    "fields-nul": {"sender": ("Jana", "jana@acme.example")},
    "fields-odd-folding": {"subject": "Faktura za leden 2026", "sender": ("Jana", "jana@acme.example")},
    "file-continued-any-order": {"files": ["Příliš žluťoučký.pdf"]},
    "file-forgotten-semicolons": {"files": ["Příloha.pdf"]},
    "file-forgotten-stars": {"files": ["Příloha.pdf"]},
    "file-lost-letters": {"files": ["Příloha.pdf"]},
    "file-percent-errors": {"files": ["Sleva 50% š.pdf"]},
    "file-quotes-in-quotes": {"files": ["Smlouva _nová_ (1).pdf"]},
    "file-turned-around": {"files": ["faktura_fdp.exe"]},
    "file-word-in-continuation": {"files": ["Příloha.pdf"]},
    "raw-body-charset": {"subject": "Größe", "sender": ("Müller", "m@acme.example")},
    "raw-cp1250": {
        "subject": "Žádost o splátkový kalendář",
        "sender": ("Jiří Šťastný", "jiri@acme.example"),
        "defects": ["charset guessed: cp1250"],
    },
    "raw-latin2": {
        "subject": "Žádost o splátkový kalendář",
        "sender": ("Jiří Šťastný", "jiri@acme.example"),
        "defects": ["charset guessed: iso8859-2"],
    },
    "raw-slovak-cp1250": {
        "subject": "Ďakujem",
        "sender": ("Ľubica Žiaková", "lubica@acme.example"),
        "defects": ["charset guessed: cp1250"],
    },
    # One sign each says where they are from, or what the body declares.
    "raw-hungarian-body-latin2": {"subject": "Hűtő", "sender": ("Szűcs Ernő", "jana@acme.example")},
    "raw-hungarian-cp1250": {"subject": "Időpont", "sender": ("Nagy Győző", "jana@acme.example")},
    "raw-polish-body-cp1250": {"subject": "piątek", "sender": ("Dąbrowski", "jana@acme.example")},
    "raw-polish-cp1250": {"subject": "Dostawa do Łodzi", "sender": ("Michał", "jana@acme.example")},
    "raw-polish-latin2": {"subject": "Zapłata", "sender": ("Małgorzata", "jana@acme.example")},
    "raw-slovak-body-cp1250": {"subject": "Vŕba", "sender": ("Jana", "jana@acme.example")},
    "raw-slovak-short": {"subject": "Ponuka kôň", "sender": ("Jana", "jana@acme.example")},
    "raw-volume-and-pounds": {"subject": "5 m³ za £10 million", "sender": ("Jana", "jana@acme.example")},
    "raw-smtputf8": {
        "subject": "Přímo v UTF-8",
        "sender": ("Žaneta Nová", "žaneta@xn--luouk-uva4it5a4g.example"),
        "to": [("", "用户@xn--r8jz45g.example")],
    },
    "references-brackets": {"references": ["1@firma.example", "2@firma.example", "3@firma.example", "4@firma.example"]},
    "references-encoded": {"references": ["1@firma.example", "2@firma.example"]},
    "references-people": {"references": ["2@firma.example"]},
    "via-google-groups": {
        "sender": ("'Jana Nováková' via Helpdesk", "helpdesk@firma.example"),
        "meant": ("Jana Nováková", "jana@acme.example"),
    },
    "via-mailman-cc": {
        "sender": ("Jana Nováková via Spolek", "spolek@listy.example"),
        "to": [("", "spolek@listy.example")],
        "cc": [("Jana Nováková", "jana@acme.example")],
        "meant": ("Jana Nováková", "jana@acme.example"),
    },
    "via-web-form": {
        "sender": ("WordPress", "wordpress@firma.example"),
        "meant": ("Jana Nováková", "jana@acme.example"),
    },
    "words-base64-cut": {"subject": "Žluťoučký kůň"},
    "words-in-address": {
        "sender": ("", "jana@acme.example"),
        "to": [("Petr", "petr@firma.example"), ("Eva", "eva@firma.example")],
    },
    "words-in-quotes-and-comment": {
        "sender": ("Nováková, Jana", "jana@acme.example"),
        "to": [("Pomoc zákazníkům", "helpdesk@firma.example")],
    },
    "words-iso-2022-jp": {"subject": "こんにちは", "sender": ("Jana", "jana@acme.example")},
    "words-language-tag": {"subject": "Žluťoučký kůň", "sender": ("Jana", "jana@acme.example")},
    "words-line-break-inside": {"subject": "Reklamace Bcc: eva@jinde.example", "sender": ("Jana", "jana@acme.example")},
    "words-raw-comma-in-name": {
        "sender": ("Nováková, Jana (Acme)", "jana@acme.example"),
        "to": [("Dvořák, Petr", "petr@firma.example"), ("", "eva@firma.example")],
    },
    "words-raw-inside": {"subject": "Reklamace pračky č. 5", "sender": ("Jana", "jana@acme.example")},
    "words-slovak-mac": {"subject": "Ďakujem za ľahkú odpoveď", "sender": ("Jana", "jana@acme.example")},
    "words-spaces-in-q": {"subject": "Dotaz na cenu pračky", "sender": ("Jana", "jana@acme.example")},
    "words-split": {"subject": "Žluťoučký kůň úpěl dábelské ódy", "sender": ("Jiří Šťastný", "jiri@acme.example")},
    "words-unknown-charset": {"subject": "Žluťoučký", "sender": ("Jana", "jana@acme.example")},
    "words-unspaced": {"subject": "Re:Příloha(číslo)5ks", "sender": ("Jana", "jana@acme.example")},
    "words-without-end": {
        "subject": "Objednávka č. 55 – doplnění dodávky na příšt",
        "sender": ("Jana", "jana@acme.example"),
    },
    "words-wrong-label": {"subject": "Žluťoučký kůň", "sender": ("Jana", "jana@acme.example")},
}


def pair(person: Address | None) -> tuple[str, str] | None:
    return (person.name, person.address) if person else None


def reading(parsed: Parsed) -> dict[str, object]:
    """A parsed message in the words of the table."""
    return {
        "subject": parsed.subject,
        "sender": pair(parsed.sender),
        "meant": pair(effective_sender(parsed)),
        "to": [pair(person) for person in parsed.to],
        "cc": [pair(person) for person in parsed.cc],
        "date": parsed.sent_at.isoformat() if parsed.sent_at else None,
        "zone_known": parsed.zone_known,
        "message_id": parsed.message_id,
        "references": list(parsed.references),
        "files": [part.filename for part in parsed.parts if part.is_attachment],
        "defects": list(parsed.defects),
    }


def test_every_file_has_an_expectation() -> None:
    assert {path.stem for path in CORPUS.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_reads(name: str) -> None:
    expected = USUAL | EXPECTED[name]
    expected.setdefault("meant", expected["sender"])

    assert reading(parse((CORPUS / f"{name}.eml").read_bytes())) == expected


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_rejoins(name: str) -> None:
    raw = (CORPUS / f"{name}.eml").read_bytes()
    pieces = cut(raw)

    assert join(pieces.header, pieces.pieces) == raw
