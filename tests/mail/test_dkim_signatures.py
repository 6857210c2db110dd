"""Signatures are good exactly when the message is as it was signed, by a key that may sign it."""

import itertools
from datetime import UTC, datetime

import dkim
import pytest

from podatelna.mail.canonical import body_form, header_form, split_message, without_signature
from podatelna.mail.dkim_signatures import Signature, Signed, check_signatures
from podatelna.mail.resolver import Questions, table_resolver

from .signing import LETTER, edwards_record, rsa_record, signed, signed_by_hand

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
DNS = {"s1._domainkey.acme.cz": rsa_record(), "ed._domainkey.acme.cz": edwards_record()}
TAGS = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.cz; s=s1; h=from:subject"
# A key of 512 bits: today's library makes none.
SHORT = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANgAnKnzHcLC/NRZnTj6SIAuJ9YOiWkeX7/mw3Do7AhQQ4GS/OMEV5vT1GG0ha9N/KPv"
    "5rU6/RJbBbahU71RoIkCAwEAAQ=="
)

# RFC 8463 A.3, and its two keys (A.2).
FOOTBALL = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
FOOTBALL_DNS = {
    "brisbane._domainkey.football.example.com": ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
    "test._domainkey.football.example.com": (
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/"
        "J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l"
        "/K4w3QIDAQAB"
    ),
}


def check(raw: bytes, dns: dict[str, object] | None = None, now: datetime | None = None) -> list[Signature]:
    fields, body = split_message(raw)
    return list(
        check_signatures(
            Signed(fields, body, now or datetime.now(UTC), Questions(table_resolver(DNS if dns is None else dns)))
        )
    )


def codes(raw: bytes, dns: dict[str, object] | None = None, now: datetime | None = None) -> list[str]:
    return [each.code for each in check(raw, dns, now)]


def test_the_example_of_rfc_8463_is_good_in_both_algorithms() -> None:
    found = check(FOOTBALL, FOOTBALL_DNS)

    assert [(each.algorithm, each.selector, each.code) for each in found] == [
        ("ed25519-sha256", "brisbane", "signature-good"),
        ("rsa-sha256", "test", "signature-good"),
    ]
    assert {each.domain for each in found} == {"football.example.com"}


@pytest.mark.parametrize("breaks", [b"\n", b"\r\n"])
def test_the_line_breaks_of_a_mailbox_change_nothing(breaks: bytes) -> None:
    assert codes(FOOTBALL.replace(b"\n", breaks), FOOTBALL_DNS) == ["signature-good", "signature-good"]


# RFC 6376 3.4.5
EXAMPLE = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n"


def test_the_example_of_rfc_6376_in_relaxed_form() -> None:
    fields, body = split_message(EXAMPLE)

    assert [header_form(field.raw, relaxed=True) for field in fields] == [b"a:X\r\n", b"b:Y Z\r\n"]
    assert body_form(body, relaxed=True) == b" C\r\nD E\r\n"


def test_the_example_of_rfc_6376_in_simple_form() -> None:
    fields, body = split_message(EXAMPLE)

    assert [header_form(field.raw, relaxed=False) for field in fields] == [b"A: X\r\n", b"B : Y\t\r\n\tZ  \r\n"]
    assert body_form(body, relaxed=False) == b" C \r\nD \t E\r\n"


@pytest.mark.parametrize(
    ("body", "simple", "relaxed"),
    [
        (b"", b"\r\n", b""),
        (b"\r\n\r\n", b"\r\n", b""),
        (b" \r\n", b" \r\n", b""),
        (b"a", b"a\r\n", b"a\r\n"),
        (b"a \t", b"a \t\r\n", b"a\r\n"),
        (b"a\r\n\r\n\r\n", b"a\r\n", b"a\r\n"),
        (b"\r\n\ta\t b\r\n", b"\r\n\ta\t b\r\n", b"\r\n a b\r\n"),
    ],
)
def test_bodies_in_both_forms(body: bytes, simple: bytes, relaxed: bytes) -> None:
    assert body_form(body, relaxed=False) == simple
    assert body_form(body, relaxed=True) == relaxed


@pytest.mark.parametrize(
    ("field", "without"),
    [
        (b"DKIM-Signature: a=1; b=AB\r\n CD; bh=EF=\r\n", b"DKIM-Signature: a=1; b=; bh=EF="),
        (b"DKIM-Signature: b=AB==\r\n", b"DKIM-Signature: b="),
        (b"DKIM-Signature: bh=x;\r\n b = AB ;\r\n", b"DKIM-Signature: bh=x;\r\n b =;"),
    ],
)
def test_the_value_of_b_is_taken_out_and_nothing_else(field: bytes, without: bytes) -> None:
    assert without_signature(field) == without


FORMS = [(header, body) for header in (b"simple", b"relaxed") for body in (b"simple", b"relaxed")]


@pytest.mark.parametrize("form", FORMS)
def test_what_dkimpy_signs_is_good(form: tuple[bytes, bytes]) -> None:
    assert codes(signed(canonicalize=form)) == ["signature-good"]


def broken(raw: bytes, how: str) -> bytes:
    return {
        "body changed": raw.replace(b"prosim", b"prosime"),
        "blanks in the body": raw.replace(b"o  vyrizeni", b"o vyrizeni"),
        "blanks at a line's end": raw.replace(b"vyrizeni.\r\n", b"vyrizeni. \r\n"),
        "empty lines at the end": raw + b"\r\n\r\n",
        "a line at the end": raw + b"-- \r\nseznam\r\n",
        "subject changed": raw.replace(b"Subject: Rek", b"Subject: [seznam] Rek"),
        "blanks in a field": raw.replace(b"Subject: Rek", b"Subject:  Rek"),
        "case of a field's name": raw.replace(b"Subject: Rek", b"SUBJECT: Rek"),
        "a second From": raw.replace(b"From:", b"From: eve@zlo.cz\r\nFrom:"),
        "a second Subject": raw.replace(b"Subject:", b"Subject: Plat\r\nSubject:"),
        "a field that is not signed": b"X-Spam: no\r\n" + raw,
        "the signature changed": raw.replace(b"; d=acme.cz", b"; d=Acme.cz"),
    }[how]


HOLDS = {  # (simple header, relaxed header, simple body, relaxed body)
    "blanks in the body": (True, True, False, True),
    "blanks at a line's end": (True, True, False, True),
    "empty lines at the end": (True, True, True, True),
    "a second Subject": (True, True, True, True),
    "blanks in a field": (False, True, True, True),
    "case of a field's name": (False, True, True, True),
    "a field that is not signed": (True, True, True, True),
}
HOWS = [
    "body changed", "blanks in the body", "blanks at a line's end", "empty lines at the end", "a line at the end",
    "subject changed", "a second Subject", "blanks in a field", "case of a field's name", "a second From",
    "a field that is not signed", "the signature changed",
]  # fmt: skip


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("form", FORMS)
def test_each_change_breaks_what_it_must(how: str, form: tuple[bytes, bytes]) -> None:
    raw = broken(signed(canonicalize=form), how)
    header, body = form[0] == b"relaxed", form[1] == b"relaxed"
    holds = HOLDS.get(how, (False,) * 4)

    expected = "signature-good" if holds[header] and holds[2 + body] else "signature-wrong"
    if "body" in how or "line" in how:
        expected = expected.replace("signature-wrong", "body-changed")

    assert codes(raw) == [expected]


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("form", FORMS)
def test_dkimpy_says_the_same(how: str, form: tuple[bytes, bytes]) -> None:
    raw = broken(signed(canonicalize=form), how)

    assert (codes(raw) == ["signature-good"]) == dkim.verify(raw, dnsfunc=lambda *_, **__: rsa_record().encode())


def test_keys_of_1024_bits_are_still_accepted() -> None:
    assert codes(signed(bits=1024), {"s1._domainkey.acme.cz": rsa_record(1024)}) == ["signature-good"]


def test_edwards_keys() -> None:
    raw = signed_by_hand(TAGS.replace("rsa-", "ed25519-").replace("s1", "ed"), edwards=True)

    assert codes(raw) == ["signature-good"]
    assert codes(raw.replace(b"Rekl", b"rekl")) == ["signature-wrong"]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ([], "key-missing"),
        ("v=spf1 -all", "key-missing"),
        ("v=DKIM1; k=rsa; p=", "key-revoked"),
        ("p=", "key-revoked"),
        ("v=DKIM1; k=rsa; p=AAAA", "key-invalid"),
        ("v=DKIM1; k=rsa; p=%%%", "key-invalid"),
        ("v=DKIM1; k=rsa; p=ž", "key-invalid"),
        ("v=DKIM2; p=AAAA", "key-invalid"),
        (edwards_record(), "key-invalid"),
        (rsa_record(tags="k=dsa; "), "key-invalid"),
        (rsa_record(tags="h=sha1; "), "key-invalid"),
        (rsa_record(tags="s=tlsrpt; "), "key-invalid"),
        (f"v=DKIM1; p={SHORT}", "key-short"),
        ("TIMEOUT", "key-unanswered"),
        (rsa_record(tags=""), "signature-good"),
        (rsa_record(tags="s=email:*; h=sha1:sha256; n=pozn; "), "signature-good"),
        ([rsa_record(1024), "rubbish", rsa_record()], "signature-good"),
        (rsa_record(1024), "signature-wrong"),
    ],
    ids=itertools.count(),  # keys are made anew: in the names of tests they would differ between processes
)
def test_what_the_domain_publishes_as_its_key(record: object, code: str) -> None:
    assert codes(signed(), {"s1._domainkey.acme.cz": record}) == [code]


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        (TAGS, "signature-good"),
        (TAGS + "; x=1767603600; t=1767600000", "signature-good"),
        (TAGS + "; x=1767603599", "signature-expired"),
        (TAGS + "; x=1767690000; t=1767690001", "signature-malformed"),
        (TAGS + "; t=1767690000", "signature-future"),
        (TAGS + "; x=zitra", "signature-malformed"),
        (TAGS + "; q=dns/txt:jinak", "signature-good"),
        (TAGS + "; q=jinak", "signature-malformed"),
        (TAGS + "; i=jana@posta.acme.cz", "signature-good"),
        (TAGS + "; i=jana@zlo.cz", "signature-malformed"),
        (TAGS + "; i=jana@zlacme.cz", "signature-malformed"),
        (TAGS.replace("v=1", "v=2"), "signature-malformed"),
        (TAGS.replace("from:", ""), "from-unsigned"),
        (TAGS.replace("sha256", "sha1"), "algorithm-old"),
        (TAGS.replace("sha256", "sha512"), "algorithm-unknown"),
        (TAGS.replace("relaxed/relaxed", "lax/lax"), "signature-malformed"),
        (TAGS.replace("d=acme.cz", "d="), "signature-malformed"),
        (TAGS.replace("d=acme.cz", "d=.."), "signature-malformed"),
        (TAGS.replace("d=acme.cz", "d=acme.cz(.zlo.com"), "signature-malformed"),
        (TAGS + "; d=acme.cz", "signature-malformed"),
        (TAGS + "; nic", "signature-malformed"),
    ],
)
def test_what_a_signature_says_of_itself(tags: str, code: str) -> None:
    assert codes(signed_by_hand(tags), now=NOW) == [code]


def test_a_key_that_is_for_its_very_domain_signs_for_no_subdomain() -> None:
    dns: dict[str, object] = {"s1._domainkey.acme.cz": rsa_record(tags="t=s:y; ")}

    assert codes(signed_by_hand(TAGS + "; i=@posta.acme.cz"), dns) == ["signature-malformed"]
    assert [(each.code, each.testing) for each in check(signed_by_hand(TAGS), dns)] == [("signature-good", True)]


def test_what_stands_behind_the_signed_length_is_told() -> None:
    raw = signed_by_hand(TAGS + "; l=10", limit=10)
    more = raw + b"Kupte si u nas.\r\n"

    assert [(each.code, each.unsigned_body) for each in check(raw)] == [("signature-good", 32)]
    assert [(each.code, each.unsigned_body) for each in check(more)] == [("signature-good", 49)]
    assert codes(signed_by_hand(TAGS + "; l=9999")) == ["body-shorter"]
    assert codes(signed_by_hand(TAGS + "; l=-1")) == ["signature-malformed"]


def test_each_signature_is_looked_at_but_not_thousands() -> None:
    twice = signed(signed_by_hand(TAGS.replace("s=s1", "s=jiny")))
    flood = b"DKIM-Signature: v=1\r\n" * 5_000 + signed()

    assert codes(twice) == ["signature-good", "key-missing"]
    assert codes(flood) == ["signature-malformed"] * 20


def test_fields_that_were_added_in_front_of_signed_ones_are_told() -> None:
    raw = signed_by_hand(TAGS)
    over = signed_by_hand(TAGS.replace("from:", "from:subject:from:"))
    subject, sender = (
        (b"Subject: Rekl", b"Subject: Plat\r\nSubject: Rekl"),
        (b"From: Ja", b"From: a@zlo.cz\r\nFrom: Ja"),
    )

    assert [(each.code, each.added_field, each.covers_all) for each in check(raw.replace(*subject))] == [
        ("signature-good", "subject", False)
    ]
    assert codes(raw.replace(*sender)) == ["from-added"]
    assert codes(over.replace(*subject)) == ["signature-wrong"]
    assert [each.covers_all for each in check(over)] == [True]


def test_an_unsigned_message_has_none() -> None:
    assert codes(LETTER) == []


def test_a_letter_without_body_and_one_without_header() -> None:
    assert codes(signed(LETTER.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", canonicalize=(b"simple", b"simple"))) == [
        "signature-good"
    ]
    assert codes(b"\r\nDKIM-Signature: v=1\r\n") == []
    assert codes(b"") == []
