"""Who wants to be taken for somebody else is noticed, and everybody else is left alone."""

import time

import pytest

from podatelna.mail.addresses import Address
from podatelna.mail.confusables import imitates_latin, mixes_scripts, one_edit_apart, skeleton
from podatelna.mail.lookalike import CODES, Suspicion, suspicions
from podatelna.mail.parse import parse

KNOWN = (
    Address("Jana Nováková", "jana.novakova@acme.cz"),
    Address("Helpdesk ACME", "helpdesk@acme.cz"),
    Address("Petr Svoboda", "petr@dodavatel.cz"),
    Address("Jan Novák", "jan.novak@prvni.cz"),
    Address("Jan Novák", "novak@druha.cz"),
    Address("Eva Malá", "eva.mala@seznam.cz"),
    Address("", "objednavky@o2.cz"),
    Address("Google", "no-reply@google.com"),
)


def look(sender: str, more: str = "", names: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    parsed = parse(f"From: {sender}\n{more}Subject: Faktura\n\nText\n".encode())
    found = suspicions(parsed, known=KNOWN, own_domains=["acme.cz"], own_names=names)
    return [(each.code, each.detail) for each in found]


@pytest.mark.parametrize(
    ("sender", "code", "detail"),
    [
        ('"jana.novakova@acme.cz" <x1234@zlo.com>', "address-in-name", "jana.novakova@acme.cz"),
        ('"Reditel (reditel@acme.cz)" <x1234@gmail.com>', "address-in-name", "reditel@acme.cz"),
        ("Jana Nováková <reditelka@gmail.com>", "known-name", "jana.novakova@acme.cz"),
        ("JANA NOVAKOVA <a@zlo.cz>", "known-name", "jana.novakova@acme.cz"),
        ("Nováková Jana, Ing. <a@zlo.cz>", "known-name", "jana.novakova@acme.cz"),
        ("Jаna Nоváková <a@zlo.cz>", "known-name", "jana.novakova@acme.cz"),  # Cyrillic а, о
        ("Petr Svoboda <petr.svoboda@zlo.cz>", "known-name", "petr@dodavatel.cz"),
        ("Eva Malá <eva.mala@email.cz>", "known-name", "eva.mala@seznam.cz"),
        ("Acme účtárna <a@zlo.cz>", "own-name", "Acme účtárna"),
        ("ACME <a@gmail.com>", "own-name", "ACME"),
        ("Jаna <a@zlo.cz>", "mixed-name", "Jаna"),
        ("<a@dodavate1.cz>", "confusable-domain", "dodavatel.cz"),
        ("<a@acrne.cz>", "confusable-domain", "acme.cz"),
        ("<a@g00gle.com>", "confusable-domain", "google.com"),
        ("<a@googIe.com>", "confusable-domain", "google.com"),
        ("<a@xn--cme-5cd.cz>", "confusable-domain", "acme.cz"),  # аcme with a Cyrillic а
        ("<a@xn--cme-5cd.cz>", "mixed-scripts", "аcme.cz"),
        ("<a@аррӏе.com>", "confusable-domain", "apple.com"),
        ("<a@dodavetel.cz>", "near-domain", "dodavatel.cz"),
        ("<a@dodavatle.cz>", "near-domain", "dodavatel.cz"),
        ("<a@dodavatell.cz>", "near-domain", "dodavatel.cz"),
        ("<a@akme.cz>", "near-domain", "acme.cz"),
        ("<a@acme.com>", "near-domain", "acme.cz"),
        ("<a@acme.cz.zlo.com>", "subdomain-trick", "acme.cz"),
        ("<a@www.acme.cz-prihlaseni.com>", "subdomain-trick", "acme.cz"),
        ("<a@acme-cz.com>", "subdomain-trick", "acme.cz"),
        ("<a@dodavatel-cz-platby.com>", "subdomain-trick", "dodavatel.cz"),
        ("Ja\u200bna <a@zlo.cz>", "hidden-characters", "Jana"),
        ("\u202eavonavoN\u202c <a@zlo.cz>", "hidden-characters", "avonavoN"),
        ("=?utf-8?b?SmHigItuYQ==?= <a@acme.cz>", "hidden-characters", "Jana"),
    ],
)
def test_who_is_noticed(sender: str, code: str, detail: str) -> None:
    assert (code, detail) in look(sender)


@pytest.mark.parametrize(
    "sender",
    [
        "Jana Nováková <jana.novakova@acme.cz>",
        "Jana Nováková <jana@posta.acme.cz>",
        "Acme helpdesk <helpdesk@acme.cz>",
        "Petr Svoboda <svoboda@dodavatel.cz>",
        "Jan Novák <jan@treti.cz>",  # two of that name are known already
        "Jana <jana@zlo.cz>",
        "Info Podpora <info@jinde.cz>",
        '"petr@jinde.cz" <petr@jinde.cz>',
        '"petr@posta.jinde.cz" <petr@jinde.cz>',
        "Google <no-reply@accounts.google.com>",
        "Petr <petr@o3.cz>",
        "Petr <petr@o2.sk>",
        "Petr <petr@dodavatel.sk>",
        "Petr <petr@mala.cz>",
        "Petr <petr@xn--luouk-uva4it5a4g.cz>",
        "Пётр <petr@почта.рф>",
        "Пётр Иванов <petr@jinde.cz>",
        "Ελένη <eleni@jinde.gr>",
        "Petr 👩\u200d💻 <petr@jinde.cz>",
        "Akademie <info@akademie.cz>",
        "Acmeon <info@acmeon.cz>",
        "Kniha <a@kniha1.cz>",
        "",
        "nikdo",
    ],
)
def test_who_is_left_alone(sender: str) -> None:
    assert look(sender) == []


def test_our_own_names_are_told() -> None:
    assert look("Modrá velryba s.r.o. <a@jinde.cz>") == []
    assert look("Modrá velryba s.r.o. <a@jinde.cz>", names=("Modrá velryba",)) == [("own-name", "Modrá velryba s.r.o.")]


@pytest.mark.parametrize(
    ("sender", "more", "expected"),
    [
        ("<a@jinde.cz>", "Reply-To: <b@gmail.com>\n", [("reply-elsewhere", "b@gmail.com")]),
        ("<a@jinde.cz>", "Reply-To: <b@posta.jinde.cz>\n", []),
        ("<a@jinde.cz>", "Reply-To: <petr@dodavatel.cz>\n", []),
        ("<a@jinde.cz>", "Reply-To: <eva.mala@seznam.cz>\n", []),
        ("<a@jinde.cz>", "Reply-To: <b@gmail.com>\nList-Unsubscribe: <https://jinde.cz>\n", []),
        ("<a@jinde.cz>", "Reply-To: <b@gmail.com>\nPrecedence: bulk\n", []),
        ("<formular@acme.cz>", "Reply-To: <zakaznik@gmail.com>\n", []),
    ],
)
def test_where_an_answer_would_go(sender: str, more: str, expected: list[tuple[str, str]]) -> None:
    assert look(sender, more) == expected


def test_a_whole_attack_is_told_at_once() -> None:
    found = look("Jana Nováková <jana.novakova@acme-cz.com>", "Reply-To: <platby@mail.ru>\n")

    assert found == [
        ("known-name", "jana.novakova@acme.cz"),
        ("subdomain-trick", "acme.cz"),
        ("reply-elsewhere", "platby@mail.ru"),
    ]
    assert {code for code, _ in found} <= set(CODES)


def test_with_an_empty_address_book_only_the_letters_are_looked_at() -> None:
    parsed = parse("From: Jana Nováková <jana@xn--cme-5cd.cz>\n\n".encode())

    assert suspicions(parsed, known=(), own_domains=()) == (Suspicion("mixed-scripts", "аcme.cz"),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "раураl"),
        ("modern", "rnodem"),
        ("google", "G00GLE"),
        ("Żółw", "zolvv"),
        ("ΑΒΓ", "aby"),
        ("straße", "strasse"),
    ],
)
def test_words_that_look_the_same(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


def test_alphabets() -> None:
    assert mixes_scripts("Jаna")
    assert not mixes_scripts("Jana123")
    assert not mixes_scripts("Пётр")
    assert imitates_latin("аррӏе")
    assert not imitates_latin("почта")
    assert not imitates_latin("2026")


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("acme", "acme", False),
        ("acme", "acne", True),
        ("acme", "acm", True),
        ("acme", "acmee", True),
        ("acme", "amce", True),
        ("acme", "cme", True),
        ("acme", "aceme", True),
        ("acme", "aecm", False),
        ("acme", "ac", False),
        ("firma1", "firma2", False),
        ("a" * 65, "a" * 64, False),
        ("", "a", True),
    ],
)
def test_one_letter_apart(one: str, other: str, near: bool) -> None:
    assert one_edit_apart(one, other) is one_edit_apart(other, one) is near


def test_a_large_address_book_and_a_hostile_name_take_no_time() -> None:
    known = [Address(f"Osoba Cislo{number}", f"osoba{number}@firma{number}.cz") for number in range(20_000)]
    parsed = parse(b'From: "' + b"a@b.cz " * 50_000 + b'" <a@firmaa.cz>\n\n')
    start = time.process_time()
    suspicions(parsed, known=known, own_domains=["acme.cz"])

    assert time.process_time() - start < 5
