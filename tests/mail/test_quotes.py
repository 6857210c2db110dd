"""What is new in a plain-text reply."""

import pytest

from podatelna.mail.quotes import fold, new_text

QUOTED = "> Můžeme to uzavřít?\n"


def kinds(text: str) -> list[tuple[str, str]]:
    blocks = fold(text)
    assert "".join(block.text for block in blocks) == text
    return [(block.kind, block.text.strip()) for block in blocks]


@pytest.mark.parametrize(
    "attribution",
    [
        "Dne 5. 1. 2026 v 9:14 Helpdesk napsal(a):",
        "Dne 05.01.2026 v 9:14 Jana Nováková napsala:",
        "po 5. 1. 2026 v 9:14 odesílatel Helpdesk <helpdesk@firma.cz> napsal:",
        "po 5. 1. 2026 v 9:14 odesílatel Helpdesk Firma <helpdesk@firma.cz>\nnapsal:",
        "5. 1. 2026 v 9:14, Helpdesk <helpdesk@firma.cz>:\n> 5. 1. 2026 Helpdesk napsal:",
        "Dňa 5. 1. 2026 o 9:14 Helpdesk napísal(a):",
        "po 5. 1. 2026 o 9:14 Helpdesk <helpdesk@firma.sk> napísal(a):",
        "On Mon, Jan 5, 2026 at 9:14 AM Helpdesk <helpdesk@firma.cz> wrote:",
        "On 5 Jan 2026, at 09:14, Helpdesk\n<helpdesk@firma.cz> wrote:",
        "Helpdesk <helpdesk@firma.cz> wrote:",
        "Am 05.01.2026 um 09:14 schrieb Helpdesk:",
        "Am Mo., 5. Jan. 2026 um 09:14 Uhr schrieb Helpdesk <helpdesk@firma.de>:",
        "W dniu 5.01.2026 o 09:14, Helpdesk pisze:",
        "Le lun. 5 janv. 2026 à 09:14, Helpdesk <helpdesk@firma.fr> a écrit :",
        "Il giorno lun 5 gen 2026 alle ore 09:14 Helpdesk ha scritto:",
        "El lun, 5 ene 2026 a las 9:14, Helpdesk (<h@firma.es>) escribió:",
        "Op ma 5 jan. 2026 om 09:14 schreef Helpdesk <helpdesk@firma.nl>:",
        "пн, 5 янв. 2026 г. в 09:14, Helpdesk <helpdesk@firma.ru> написал:",
    ],
)
def test_an_attribution_belongs_to_the_quote(attribution: str) -> None:
    text = f"Ano.\n\n{attribution}\n\n{QUOTED}"

    if "\n>" not in attribution:
        assert kinds(text) == [("new", "Ano."), ("quote", f"{attribution}\n\n{QUOTED.strip()}")]
    assert new_text(text).split("\n")[0] == "Ano."


@pytest.mark.parametrize(
    "rest",
    [
        "---------- Původní e-mail ----------\nOd: Helpdesk <h@firma.cz>\nKomu: jana@acme.cz\nDatum: 5. 1. 2026\n"
        "Předmět: Re\n\nText",
        "-------- Původní zpráva --------\nOd: Helpdesk\n\nText",
        "-----Original Message-----\nFrom: Helpdesk\nSent: Monday\nTo: Jana\nSubject: Re\n\nText",
        "-----Ursprüngliche Nachricht-----\nVon: Helpdesk\n\nText",
        "---------- Forwarded message ---------\nOd: Helpdesk <h@firma.cz>\nDate: po 5. 1. 2026\nSubject: Re\n"
        "To: Jana\n\nText",
        "________________________________\nOd: Helpdesk <h@firma.cz>\nOdesláno: pondělí 5. ledna 2026\n"
        "Komu: Jana\nPředmět: Re\n\nText",
        "Od: Helpdesk <h@firma.cz>\nOdesláno: pondělí 5. ledna 2026\nKomu: Jana\nKopie: Petr\nPředmět: Re\n\nText",
        "From: Helpdesk <h@firma.cz>\nSent: Monday, January 5, 2026\nTo: Jana\nSubject: Re\n\nText",
        "*From:* Helpdesk <h@firma.cz>\n*Sent:* Monday, January 5, 2026\n*To:* Jana\n*Subject:* Re\n\nText",
        "Von: Helpdesk <h@firma.de>\nGesendet: Montag\nAn: Jana\nBetreff: Re\n\nText",
        "Odosielateľ\nOd: Helpdesk\nOdoslané: pondelok\nKomu: Jana\nPredmet: Re\n\nText",
        "Začátek přeposílané zprávy:\n\nOd: Helpdesk\nPředmět: Re\n\nText",
        "Dne 5. 1. 2026 Helpdesk napsal(a):\n\nText bez značek",
    ],
)
def test_everything_below_a_separator_is_the_quote(rest: str) -> None:
    assert new_text(f"Ano, souhlasím.\n\n{rest}").removesuffix("\nOdosielateľ").strip() == "Ano, souhlasím."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ano.\n\n-- \nJana\nACME\n", [("new", "Ano."), ("signature", "-- \nJana\nACME")]),
        ("Ano.\n\n--\nJana\n", [("new", "Ano."), ("signature", "--\nJana")]),
        ("Ano.\n\nOdesláno z iPhonu\n", [("new", "Ano."), ("signature", "Odesláno z iPhonu")]),
        ("Ano.\n\nSent from my iPhone\n", [("new", "Ano."), ("signature", "Sent from my iPhone")]),
        ("Ano.\n\nZískat Outlook pro Android\n", [("new", "Ano."), ("signature", "Získat Outlook pro Android")]),
        ("Ano.\n-- \nJana\n> q\n", [("new", "Ano."), ("signature", "-- \nJana"), ("quote", "> q")]),
        ("> q\n\nAno.\n", [("quote", "> q"), ("new", "Ano.")]),
        ("Ano.\n", [("new", "Ano.")]),
        ("", []),
    ],
)
def test_blocks(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


def test_answers_between_quotes_stay_whole() -> None:
    text = "Dobrý den,\n\n> Model?\nX200.\n\n> Kdy?\nLoni.\n\n-- \nJana\n\nDne 5. 1. 2026 Helpdesk napsal:\n> Vše\n"

    assert kinds(text) == [
        ("new", "Dobrý den,\n\n> Model?\nX200.\n\n> Kdy?\nLoni."),
        ("signature", "-- \nJana"),
        ("quote", "Dne 5. 1. 2026 Helpdesk napsal:\n> Vše"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Psal jsem vám v lednu 2026 tohle:\nzaplaťte.",
        "Cena: 5 990 Kč\nOd: 1. 1. 2026\nDo: 5. 1. 2026",
        "Kolega napsal, že přijde.",
        "On Monday we met: it was fine.",
        "2 - 1 = 1\n--------\nsoučet",
        "Předmět: smlouva\nOd pondělí platí nové ceny.",
        "Dne 5. 1. 2026 jsem Vám napsal, že:\nprosím o odpověď.",
    ],
)
def test_ordinary_text_is_not_a_quote(text: str) -> None:
    assert new_text(text) == text


def test_a_forward_without_a_word_keeps_its_text() -> None:
    text = "-----Original Message-----\nFrom: Helpdesk\nSubject: Re\n\nText"

    assert new_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        ">" * 1_000_000,
        "On 1 1 1 1 1\n" * 80_000,
        ("On 1 " * 60 + "\n") * 3_000,
        ("Dne 1 napsal " * 20 + ":\n") * 4_000,
        "-- \n" * 300_000,
        "From: a\nTo: b\nSent: c\n" * 40_000,
        ("_" * 40 + "\n\n") * 20_000,
        "-----Original" * 80_000,
        "> a\nb\n" * 100_000,
        "\n" * 1_000_000,
        "Sent from my iPhone\n" * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_megabyte_of_malice_is_folded(text: str) -> None:
    assert sum(len(block.text) for block in fold(text)) == len(text)
