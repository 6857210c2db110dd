# ruff: noqa: E501 a body is one line here
"""Charsets, encodings, packed files and bodies in every nesting, each message read as it must be."""

from pathlib import Path

import pytest

from podatelna.mail.cut import cut, join
from podatelna.mail.parse import parse

BODIES = Path(__file__).parent.parent / "corpus" / "bodies"

EXPECTED: dict[str, dict[str, object]] = {
    "alternative-amp-watch": {"text": "Sleva končí zítra.\n", "html": "<p>Sleva končí <i>zítra</i>.</p>"},
    "alternative-empty-text": {"text": "Nabídka jen v HTML.", "html": "<p>Nabídka jen v HTML.</p>"},
    "alternative-notice": {"text": "Letní sleva 20 %", "html": "<p>Letní sleva <b>20 %</b></p>"},
    "apple-text-picture-text": {
        "text": "Nahoře.\n\n\nDole.\n",
        "html": "<p>Nahoře.</p>\n<p>Dole.</p>",
        "files": [("foto.png", "image/png", 70)],
    },
    "charset-big5-hkscs": {"text": "你好，我們在九龍灣，價錢係啱嘅。\n"},
    "charset-cp1250-called-latin2": {
        "text": "Dobrý deň,\n\nposielam vám žiadosť o veľkú zľavu, ďakujem za odpoveď.\n",
        "defects": ["charset iso8859-2 was cp1250"],
    },
    "charset-cp1251-called-latin1": {
        "text": "Добрый день, отправляю счёт за январь.\n",
        "defects": ["charset cp1252 was cp1251"],
    },
    "charset-cp852-called-latin1": {
        "text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení, děkuji.\n",
        "defects": ["charset cp1252 was cp852"],
    },
    "charset-euc-tw": {"text": "您好，請問這個產品的價格是多少？謝謝！\n臺灣臺北，鱷魚皮鞋與犖犖大者。\n"},
    "charset-viscii": {"text": "Kính gửi quý khách,\nchúng tôi gửi báo giá đính kèm. Xin cảm ơn!\n"},
    "charset-iso-2022-jp-ms": {"text": "①㈱ テスト\n"},
    "charset-junk-label": {"text": "Dobrý deň,\n\nposielam vám žiadosť o veľkú zľavu, ďakujem za odpoveď.\n"},
    "charset-kamenicky-unnamed": {
        "text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení, děkuji.\n",
        "defects": ["charset guessed: keybcs2"],
    },
    "charset-kamenicky": {"text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení, děkuji.\n"},
    "charset-koi8-u-called-koi8-r": {
        "text": "Добрий день, надсилаю рахунок за січень і їхній договір.\n",
        "defects": ["charset koi8-r was koi8-u"],
    },
    "charset-latin2-called-cp1250": {
        "text": "Dobrý deň,\n\nposielam vám žiadosť o veľkú zľavu, ďakujem za odpoveď.\n",
        "defects": ["charset cp1250 was iso8859-2"],
    },
    "charset-mac-unnamed": {
        "text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení, děkuji.\n",
        "defects": ["charset guessed: mac_latin2"],
    },
    "charset-page-against-header": {
        "text": "Привет, это письмо",
        "html": "<html><head><meta http-equiv=content-type content='text/html; charset=koi8-r'></head><p>Привет, это письмо</p></html>",
        "defects": ["charset cp1252 was koi8-r"],
    },
    "charset-polish-called-latin1": {
        "text": "Dzień dobry, przesyłam fakturę za styczeń. Żółty papier, proszę.\n",
        "defects": ["charset cp1252 was cp1250"],
    },
    "charset-utf16-unmarked": {"text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení, děkuji.\n"},
    "charset-utf7": {"text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení, děkuji.\n"},
    "charset-utf8-twice": {
        "text": "Dobrý den,\n\npřišla mi vadná pračka. Žádám o šetrné vyřízení, děkuji.\n",
        "defects": ["utf-8 encoded twice"],
    },
    "encoding-base64-broken": {"text": "Dobrý den, posílám ceník.\n", "defects": ["broken base64"]},
    "encoding-qp-broken": {"text": "Cena je 50 % a žluť, ale =XY a = konec", "defects": ["broken quoted-printable"]},
    "enriched": {"text": "Tučně a normálně.\nČerveně <konec>"},
    "flowed-delsp": {"text": "Toto je velmi dlouhé slovo.\nFrom začátku řádku.\n"},
    "flowed-quotes": {
        "text": "Souhlasím s navrženým termínem, jen bych posunul začátek.\n\n> Navrhuji úterý v deset hodin.\n>> Kdy se sejdeme?\n\n-- \nJana\n"
    },
    "invitation-outlook": {
        "text": "Pozvánka na poradu.\n",
        "html": "<p>Pozvánka na poradu.</p>",
        "files": [("", "text/calendar", 550)],
    },
    "list-footer": {
        "text": "Schůze je v úterý.\n\n_____\nspolek mailing list\n",
        "html": "<p>Schůze je v <b>úterý</b>.</p>\n<p>_____<br>\nspolek mailing list</p>",
    },
    "markdown": {"text": "# Poznámky\n\n- jedna\n"},
    "only-attachment": {"text": "", "files": [("faktura.pdf", "application/pdf", 12)]},
    "outlook-nested": {
        "text": "Viz smlouva.\n",
        "html": '<p>Viz smlouva.<img src="cid:image001.png@01DA"></p>',
        "files": [("smlouva.pdf", "application/pdf", 12)],
    },
    "pgp-inline": {"text": "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"},
    "related-content-location": {"text": "Stránka", "html": '<p>Stránka <img src="obr/logo.png"></p>'},
    "signed-smime": {"text": "Podepsaný text.\n", "files": [("smime.p7s", "application/pkcs7-signature", 13)]},
    "uuencode-cut": {
        "text": "Posílám.\n",
        "files": [("c.txt", "text/plain", 27)],
        "defects": ["uuencoded data without an end"],
    },
    "uuencode-in-text": {"text": "Posílám ceník.\n\n\nS pozdravem\nJana\n", "files": [("ceník.txt", "text/plain", 27)]},
    "uuencode-two-and-a-sentence": {
        "text": "begin 644 the day\nwith a smile.\n",
        "files": [("a.txt", "text/plain", 27), ("b.txt", "text/plain", 27)],
    },
    "partial-first": {
        "text": "Posílám fotky pračky, přijdou ve třech kusech.",
        "files": [("", "message/partial", 387)],
        "defects": ["one piece of a message: 1/3"],
    },
    "partial-quoted-printable": {
        "text": "a tak žádám o vrácení peněz, nebo o novou pračku.\n",
        "files": [("", "message/partial", 89)],
        "defects": ["one piece of a message: ?/?"],
    },
    "partial-second": {
        "text": "",
        "files": [("", "message/partial", 234)],
        "defects": ["one piece of a message: 2/?"],
    },
    "partial-text-goes-on": {
        "text": "a tak žádám o vrácení peněz.\n\nJana\n",
        "files": [("", "message/partial", 44)],
        "defects": ["one piece of a message: 3/3"],
    },
    "winmail-alone-rtf-html": {
        "text": "Dobrý den, posílám obrázek",
        "html": '<p>Dobrý den, <b>posílám</b> obrázek <img src="cid:obr@acme"></p>',
    },
    "winmail-alone-rtf": {"text": "Prostý text v RTF.\nČáp a šťáva."},
    "winmail-cut": {
        "text": "Utržená příloha.\n",
        "files": [("a.pdf", "application/pdf", 4), ("b.bin", "application/octet-stream", 202)],
        "defects": ["broken winmail.dat"],
    },
    "winmail": {
        "text": "Posílám smlouvu.\n",
        "files": [("Smlouva č. 55.pdf", "application/pdf", 16), ("ceník.csv", "text/csv", 5)],
    },
    "yenc-in-two-parts": {"text": "Fotka:\n\n", "files": [("foto.jpg", "image/jpeg", 512)]},
    "yenc-wrong-crc": {
        "text": "",
        "files": [("data.bin", "application/octet-stream", 512)],
        "defects": ["yEnc data with a wrong CRC"],
    },
    "yenc": {"text": "Data:\n", "files": [("data.bin", "application/octet-stream", 512)]},
}


def test_every_message_has_an_expectation() -> None:
    assert {path.stem for path in BODIES.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_is_read(name: str) -> None:
    raw = (BODIES / f"{name}.eml").read_bytes()
    parsed = parse(raw)
    pieces = cut(raw)

    assert {
        "text": parsed.text,
        "html": parsed.html,
        "files": [(part.filename, part.content_type, len(part.content)) for part in parsed.parts if part.is_attachment],
        "defects": list(parsed.defects),
    } == {"html": "", "files": [], "defects": [], **EXPECTED[name]}
    assert join(pieces.header, pieces.pieces) == raw
