"""Addresses as typed and as headers carry them."""

import pytest

from podatelna.mail.addresses import Address, read_addresses, read_header_addresses, written

JANA = Address("Jana Nováková", "jana@acme.cz")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jana@acme.cz", [("", "jana@acme.cz")]),
        ("jana@ACME.cz", [("", "jana@acme.cz")]),
        ("J.Novakova@acme.cz", [("", "J.Novakova@acme.cz")]),
        ("Jana Nováková <jana@acme.cz>", [("Jana Nováková", "jana@acme.cz")]),
        ('"Nováková, Jana" <jana@acme.cz>', [("Nováková, Jana", "jana@acme.cz")]),
        ("jana@acme.cz (Jana Nováková)", [("Jana Nováková", "jana@acme.cz")]),
        ("'Jana' <jana@acme.cz>", [("Jana", "jana@acme.cz")]),
        ("jana@acme.cz <jana@acme.cz>", [("", "jana@acme.cz")]),
        ("a@b.cz, c@d.cz; e@f.cz\ng@h.cz", [("", "a@b.cz"), ("", "c@d.cz"), ("", "e@f.cz"), ("", "g@h.cz")]),
        ("a@b.cz c@d.cz", [("", "a@b.cz"), ("", "c@d.cz")]),
        ("Tým: a@b.cz, c@d.cz;", [("", "a@b.cz"), ("", "c@d.cz")]),
        ("undisclosed-recipients:;", []),
        ("<@relay.cz,@jiny.cz:jana@acme.cz>", [("", "jana@acme.cz")]),
        ('"jana nova"@acme.cz', [("", '"jana nova"@acme.cz')]),
        ('"jana"@acme.cz', [("", "jana@acme.cz")]),
        ("Jana (účetní (hlavní)) <jana@acme.cz>", [("Jana", "jana@acme.cz")]),
        ('"Jana \\"Janička\\" N." <jana@acme.cz>', [('Jana "Janička" N.', "jana@acme.cz")]),
        ('"Jana <jana@acme.cz>, "Petr" <petr@acme.cz>', [("Jana", "jana@acme.cz"), ("Petr", "petr@acme.cz")]),
        ("Jana <jana@acme.cz", [("Jana", "jana@acme.cz")]),
        ("mailto:jana@acme.cz", [("", "jana@acme.cz")]),
        ("jana@žluťoučký.cz", [("", "jana@xn--luouk-uva4it5a4g.cz")]),
        ("jana@straße.de", [("", "jana@xn--strae-oqa.de")]),
        ("jana@[192.0.2.1]", [("", "jana@[192.0.2.1]")]),
        ("jana@acme.cz.", [("", "jana@acme.cz")]),
        ("jana @ acme.cz", [("", "jana@acme.cz")]),
    ],
)
def test_reads(text: str, expected: list[tuple[str, str]]) -> None:
    good, bad = read_addresses(text)

    assert [(person.name, person.address) for person in good] == expected
    assert bad == ()


@pytest.mark.parametrize(
    "text",
    ["nikdo", "jana@", "@acme.cz", "a@b@c.cz", "jana@acme..cz", "jana@-acme.cz", "ja na <x>", "jana@acme.cz\x00x@y"],
)
def test_says_what_it_does_not_understand(text: str) -> None:
    good, bad = read_addresses(f"{text}, petr@acme.cz")

    assert [person.address for person in good] == ["petr@acme.cz"]
    assert len(bad) == 1


def test_a_header_is_taken_apart_before_its_names_are_decoded() -> None:
    good, bad = read_header_addresses("=?utf-8?q?Nov=C3=A1kov=C3=A1=2C_Jana_=3Cx=40y=2Ecz=3E?= <jana@acme.cz>")

    assert good == (Address("Nováková, Jana <x@y.cz>", "jana@acme.cz"),)
    assert bad == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nováková, Jana <jana@acme.cz>, petr@acme.cz", [("Nováková, Jana", "jana@acme.cz"), ("", "petr@acme.cz")]),
        ("=?utf-8?q?Jana_Nov=C3=A1kov=C3=A1_=3Cjana=40acme=2Ecz=3E?=", [("Jana Nováková", "jana@acme.cz")]),
        ("nikdo, <dan@acme.cz>", [("", "dan@acme.cz")]),
    ],
)
def test_what_programs_write_into_headers_is_understood(text: str, expected: list[tuple[str, str]]) -> None:
    good, _ = read_header_addresses(text)

    assert [(person.name, person.address) for person in good] == expected


def test_a_person_is_told_of_each_name_without_an_address() -> None:
    good, bad = read_addresses("Eva, Dan <dan@acme.cz>")

    assert [person.address for person in good] == ["dan@acme.cz"]
    assert bad == ("Eva",)


def test_a_name_cannot_hide_or_turn_around_an_address() -> None:
    good, _ = read_addresses("banka@banka.cz\u202e\u200b\n <jana@acme.cz>")

    assert good[-1] == Address("", "jana@acme.cz")


def test_what_is_written_can_be_typed_again() -> None:
    people = (JANA, Address("Nováková, Jana", "jana@acme.cz"), Address('A "B" C', "a@xn--luouk-uva4it5a4g.cz"))

    assert written(JANA) == "Jana Nováková <jana@acme.cz>"
    assert written(people[1]) == '"Nováková, Jana" <jana@acme.cz>'
    assert written(people[2]) == '"A \\"B\\" C" <a@žluťoučký.cz>'
    assert read_addresses(", ".join(written(person) for person in people))[0] == people


def test_a_look_alike_domain_is_shown_in_ascii() -> None:
    assert written(Address("", "jana@xn--80ak6aa92e.com")) == "jana@xn--80ak6aa92e.com"
