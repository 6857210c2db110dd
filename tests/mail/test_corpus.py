"""Every message of the corpus is read as a person would read it."""

from pathlib import Path

import pytest

from podatelna.mail.addresses import Address
from podatelna.mail.cut import cut, join
from podatelna.mail.parse import Parsed, parse
from podatelna.mail.quotes import new_text

CORPUS = Path(__file__).parent.parent / "corpus"

# Only what the file is there to show, and always its defects: none where none are named.
EXPECTED: dict[str, dict[str, object]] = {
    "addresses-broken": {
        "subject": "Nesmysly",
        "sender": ("Jana", "jana@acme.example"),
        "to": [("", "petr@firma.example"), ("", "eva@firma.example"), ("", "dan@firma.example")],
        "text": "Text.\n",
        "defects": ["unreadable address in to"],
    },
    "addresses-groups-comments": {
        "subject": "Porada",
        "sender": ("Jana Nováková", "jana@acme.example"),
        "to": [("Novák, Petr", "petr@firma.example"), ("", "eva@firma.example"), ("", "dan@firma.example")],
        "cc": [],
        "reply_to": [("Helpdesk – servis", "servis@acme.example")],
        "text": "Text.\n",
    },
    "addresses-idn": {
        "subject": "IDN",
        "sender": ("Jana", "jana@xn--luouk-uva4it5a4g.example"),
        "to": [("", "petr@xn--luouk-uva4it5a4g.example")],
        "text": "Text.\n",
    },
    "alternative-related": {
        "subject": "Newsletter",
        "text": "Dobrý den, textově.\n",
        "files": [("cenik.pdf", "application/pdf", 3088)],
    },
    "apple-mixed-text": {
        "subject": "Dva texty",
        "text": "Nejdřív text.\n\nA potom ještě text.\n",
        "files": [("foto.png", "image/png", 520)],
    },
    "attachment-hostile-names": {
        "subject": "Faktura",
        "text": "V příloze posílám fakturu.\n",
        "files": [
            ("passwd", "application/pdf", 3088),
            ("_CON.txt", "application/pdf", 3088),
            ("fakturafdp.exe", "application/pdf", 3088),
            (
                "dlouhý " * 20 + "dlouhý.pdf",
                "application/pdf",
                3088,
            ),
        ],
    },
    "attachment-raw-name": {
        "subject": "Faktura",
        "text": "V příloze posílám fakturu.\n",
        "files": [("Účtenka; č. 5.pdf", "application/pdf", 3088)],
    },
    "attachment-rfc2047-name": {
        "subject": "Faktura",
        "text": "V příloze posílám fakturu.\n",
        "files": [("žluťoučký kůň.pdf", "application/pdf", 3088)],
    },
    "attachment-rfc2231": {
        "subject": "Faktura",
        "text": "V příloze posílám fakturu.\n",
        "files": [("Faktura číslo 55 - přiloha.pdf", "application/pdf", 3088)],
    },
    "automatic-bulk": {"subject": "Sleva 50 %", "text": "Nakupujte.\n", "automatic": "bulk"},
    "automatic-list": {"subject": "[spolek] Schůze", "text": "Schůze je v úterý.\n", "automatic": "list"},
    "automatic-out-of-office": {
        "subject": "Automatická odpověď: Dotaz",
        "text": "Jsem na dovolené.\n",
        "automatic": "auto-reply",
    },
    "automatic-report": {
        "subject": "Undelivered Mail Returned to Sender",
        "text": "The mail could not be delivered.\n",
        "files": [("", "message/delivery-status", 111), ("Původní dotaz na cenu.eml", "message/rfc822", 259)],
        "automatic": "report",
    },
    "boundary-missing": {
        "subject": "Bez hranice",
        "text": "Tělo.",
        "files": [("a.pdf", "application/pdf", 3088)],
        "defects": ["missing boundary: guessed"],
    },
    "boundary-nested-equal": {
        "subject": "Stejne hranice",
        "text": "Tělo.\n",
        "files": [("a.pdf", "application/pdf", 3088)],
    },
    "broken-base64": {
        "subject": "Vadna priloha",
        "text": "V příloze posílám fakturu.\n",
        "files": [("data.csv", "text/csv", 11)],
        "defects": ["broken base64"],
    },
    "charset-cp1250": {
        "subject": "Reklamace pračky",
        "sender": ("Jana Novakova", "jana@acme.example"),
        "text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení.\n",
    },
    "charset-cp852": {
        "subject": "Reklamace pračky",
        "sender": ("Jana Novakova", "jana@acme.example"),
        "text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení.\n",
    },
    "charset-gb2312-is-gbk": {"subject": "Hello", "text": "朱镕基\n"},
    "charset-iso-2022-jp": {"subject": "Hello", "text": "こんにちは\n"},
    "charset-latin1-label-is-cp1250": {
        "subject": "Objednavka",
        "text": "Dobrý den, děkuji za nabídku. Těšíme se na příští týden.\n",
        "defects": ["charset cp1252 was cp1250"],
    },
    "charset-latin2-label-is-utf8": {
        "subject": "Objednavka",
        "text": "Děkuji, už to přišlo.\n",
        "defects": ["charset iso8859-2 was utf-8"],
    },
    "charset-latin2": {
        "subject": "Reklamace pračky",
        "text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení.\n",
    },
    "charset-maccee": {
        "subject": "Reklamace pračky",
        "text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení.\n",
    },
    "charset-missing-cp1250": {
        "subject": "Objednavka",
        "text": "Dobrý den, příšerně žluťoučký kůň úpěl ďábelské ódy.\n",
        "defects": ["charset guessed: cp1250"],
    },
    "charset-missing-latin2": {
        "subject": "Objednavka",
        "text": "Dobrý den, příšerně žluťoučký kůň úpěl ďábelské ódy.\n",
        "defects": ["charset guessed: iso8859-2"],
    },
    "charset-unknown": {
        "subject": "Objednavka",
        "text": "Děkuji, už to přišlo.\n",
        "defects": ["unknown charset x-podivne"],
    },
    "format-flowed": {
        "subject": "Flowed",
        "text": "Tento odstavec je rozdělen na dva řádky.\nDruhý odstavec.\n> citace, která pokračuje\n-- \nJana\n",
    },
    "forwarded-message": {
        "subject": "Fwd: dotaz",
        "text": "V příloze posílám fakturu.\n",
        "files": [("Původní dotaz na cenu.eml", "message/rfc822", 259)],
    },
    "header-bare-cr": {
        "subject": "Stary Mac",
        "sender": ("", "jana@acme.example"),
        "text": "Prvni radek\nDruhy radek\n",
    },
    "header-folded-and-duplicate": {
        "subject": "Dlouhy predmet na tri radky",
        "sender": ("", "jana@acme.example"),
        "to": [("", "helpdesk@firma.example"), ("", "obchod@firma.example")],
        "text": "Text.\n",
        "sent_at": "2026-01-05T09:14:00+01:00",
        "message_id": "1@acme.example",
        "defects": ["several Subject fields", "several From fields"],
    },
    "header-mbox-line": {"subject": "Z archivu", "sender": ("", "jana@acme.example"), "text": ">From dneska text.\n"},
    "header-missing": {
        "subject": "",
        "sender": None,
        "text": "Jen text bez hlavičky.\n",
        "defects": ["no sender", "no date"],
    },
    "header-no-empty-line": {
        "subject": "Bez prazdneho radku",
        "sender": ("", "jana@acme.example"),
        "text": "Dobry den,\ntext zacina hned.\n",
        "defects": ["no empty line behind the header", "no date"],
    },
    "header-raw-cp1250": {
        "subject": "Žádost o schůzku",
        "sender": ("Jiří Šťastný", "jiri@acme.example"),
        "text": "Text.\n",
    },
    "header-raw-utf8": {
        "subject": "Žádost o nabídku č. 55/2026",
        "sender": ("Jiří Šťastný", "jiri@acme.example"),
        "text": "Text.\n",
    },
    "header-split-characters": {
        "subject": "Příliš žluťoučký",
        "sender": ("Jiří Šťastný", "jiri@acme.example"),
        "text": "Text.\n",
    },
    "header-words-in-quotes": {
        "subject": "Objednávkabez mezery",
        "sender": ("Nováková, Jana", "jana@acme.example"),
        "to": [("Petr Dvořák", "petr@firma.example"), ("", "helpdesk@firma.example")],
        "text": "Text.\n",
    },
    "html-gmail-reply": {"subject": "Re: Reklamace", "new": "Díky, funguje."},
    "html-hostile": {
        "subject": "Vyhráli jste",
        "text": "Gratulujeme\n\nVýhra\nhttps://moje-banka.example klik data\nOdeslat",
    },
    "html-only": {"subject": "Nabídka", "text": "Vážený zákazníku,\n\n- pračka\n- sušička\nCena 5 990 Kč"},
    "html-outlook-reply": {"subject": "Re: Reklamace", "new": "Podepsáno."},
    "line-breaks-mixed": {
        "subject": "Smesi",
        "text": "V příloze posílám fakturu.\n",
        "files": [("a.pdf", "application/pdf", 3088)],
    },
    "nul-bytes": {"subject": "Nulove bajty", "sender": ("Jana", "jana@acme.example"), "text": "AB\n"},
    "references-wild": {
        "subject": "Re: Odp: [helpdesk] Fwd: Reklamace",
        "text": "Text.\n",
        "references": ["1@firma.example", "2@firma.example", "3@firma.example"],
    },
    "reply-apple-sk": {"subject": "Re: Reklamace", "new": "Ďakujem, prišlo to."},
    "reply-bottom": {"subject": "Re: Reklamace", "new": "Ano, platí."},
    "reply-gmail-cs": {"subject": "Re: Reklamace", "new": "Dobrý den,\n\ndíky, už to funguje.\n\nJana"},
    "reply-gmail-en": {"subject": "Re: Reklamace", "new": "Thanks, works now."},
    "reply-interleaved": {
        "subject": "Re: Reklamace",
        "new": "Dobrý den,\n\n> Jaký je model?\n\nX200.\n\n> Kdy byla koupena?\n\nLoni v květnu.\n\nJana",
    },
    "reply-original-message-en": {"subject": "Re: Reklamace", "new": "Done."},
    "reply-outlook-cs": {"subject": "Re: Reklamace", "new": "Dobrý den,\n\nposílám podepsané.\n\nS pozdravem\nJana"},
    "reply-outlook-de": {"subject": "Re: Reklamace", "new": "Danke, erledigt."},
    "reply-seznam": {"subject": "Re: Reklamace", "new": "Dobrý den, platí.\n\nJana"},
    "reply-thunderbird-cs": {"subject": "Re: Reklamace", "new": "Souhlasím."},
    "truncated": {
        "subject": "Useknuto",
        "text": "V příloze posílám fakturu.\n",
        "files": [("faktura.pdf", "application/pdf", 270)],
        "defects": ["cut off: the closing boundary is missing"],
    },
    "uuencode": {"subject": "Stary system", "text": "", "files": [("cenik.txt", "application/octet-stream", 12)]},
}


def pair(person: Address | None) -> tuple[str, str] | None:
    return (person.name, person.address) if person else None


def reading(parsed: Parsed) -> dict[str, object]:
    """A parsed message in the words of the table."""
    return {
        "subject": parsed.subject,
        "sender": pair(parsed.sender),
        "to": [pair(person) for person in parsed.to],
        "cc": [pair(person) for person in parsed.cc],
        "reply_to": [pair(person) for person in parsed.reply_to],
        "text": parsed.text,
        "new": new_text(parsed.text),
        "files": [(part.filename, part.content_type, len(part.content)) for part in parsed.parts if part.is_attachment],
        "automatic": parsed.automatic,
        "references": list(parsed.references),
        "sent_at": parsed.sent_at.isoformat() if parsed.sent_at else None,
        "message_id": parsed.message_id,
        "defects": list(parsed.defects),
    }


def test_every_file_of_the_corpus_has_an_expectation() -> None:
    assert {path.stem for path in CORPUS.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_reads(name: str) -> None:
    raw = (CORPUS / f"{name}.eml").read_bytes()
    expected = {"automatic": "", "files": [], "defects": [], **EXPECTED[name]}

    found = reading(parse(raw))

    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_rejoins(name: str) -> None:
    raw = (CORPUS / f"{name}.eml").read_bytes()
    pieces = cut(raw)

    assert join(pieces.header, pieces.pieces) == raw
