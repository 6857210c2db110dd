"""What we sign is good to us and to dkimpy, and nothing can be added to it."""

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.utils import parsedate_to_datetime

import dkim
import pytest

from podatelna.mail.canonical import split_message
from podatelna.mail.dkim_signatures import Signature, Signed, check_signatures
from podatelna.mail.dkim_signing import ED25519, RSA, Signer, make_key, read_private, sign
from podatelna.mail.redating import redated
from podatelna.mail.resolver import Questions, table_resolver

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)
LETTER = (
    b"From: =?utf-8?q?Helpdesk_ACM=C3=89?= <helpdesk@acme.cz>\r\n"
    b"To: Jana <jana@example.cz>,\r\n petr@example.cz\r\n"
    b"Subject: Re:  washing   machine\r\n"
    b"Date: Mon, 04 May 2026 12:00:00 +0200\r\n"
    b"Message-ID: <1@acme.cz>\r\n"
    b"In-Reply-To: <0@example.cz>\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"\r\n"
    b"Hello, \r\n\r\nwe  come\ton Monday.\r\n\r\n\r\n"
)
KEYS = {"rsa": make_key(RSA), "ed": make_key(ED25519)}
DNS = {
    "rsa._domainkey.acme.cz": f"v=DKIM1; k=rsa; p={KEYS['rsa'][1]}",
    "ed._domainkey.acme.cz": f"v=DKIM1; k=ed25519; p={KEYS['ed'][1]}",
}


def signers(*selectors: str) -> list[Signer]:
    return [Signer("acme.cz", one, read_private(KEYS[one][0])) for one in selectors]


def checked(raw: bytes) -> tuple[Signature, ...]:
    fields, body = split_message(raw)
    return check_signatures(Signed(fields, body, NOW, Questions(table_resolver(DNS))))


@pytest.mark.parametrize("raw", [LETTER, LETTER.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"], ids=["letter", "empty"])
def test_both_algorithms_are_good_to_our_own_check(raw: bytes) -> None:
    found = checked(sign(raw, signers("rsa", "ed"), NOW))
    assert [(one.code, one.algorithm, one.covers_all) for one in found] == [
        ("signature-good", RSA, True), ("signature-good", ED25519, True)
    ]  # fmt: skip


def test_dkimpy_verifies_the_rsa_signature() -> None:
    signed = sign(LETTER, signers("rsa"), NOW)
    assert dkim.verify(signed, dnsfunc=lambda name, timeout=5: DNS[name.decode().rstrip(".")].encode())
    broken = signed.replace(b"Monday", b"Sunday")
    assert not dkim.verify(broken, dnsfunc=lambda name, timeout=5: DNS[name.decode().rstrip(".")].encode())


def test_the_message_below_the_signature_is_as_it_was_and_lines_are_short() -> None:
    signed = sign(LETTER, signers("rsa", "ed"), NOW)
    assert signed.endswith(LETTER)
    assert max(len(line) for line in signed.removesuffix(LETTER).split(b"\r\n")) <= 78


@pytest.mark.parametrize("field", [b"From: boss@evil.cz", b"Subject: Pay!", b"To: x@evil.cz", b"Cc: x@evil.cz",
                                   b"Reply-To: x@evil.cz", b"Content-Type: text/html"])  # fmt: skip
def test_a_field_added_on_the_way_breaks_the_signature(field: bytes) -> None:
    signed = sign(LETTER, signers("rsa"), NOW)
    assert checked(signed)[0].result == "pass"
    assert checked(field + b"\r\n" + signed)[0].result == "fail"


def test_trace_fields_and_blanks_do_not_break_it() -> None:
    signed = b"Received: from a by b; x\r\n" + sign(LETTER, signers("ed"), NOW).replace(b"Re:  washing", b"Re: washing")
    assert checked(signed)[0].result == "pass"


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError):
        read_private("rubbish")
    with pytest.raises(ValueError):
        make_key("rsa-sha1")


def test_a_letter_gets_the_date_of_its_leaving() -> None:
    leaving = datetime(2026, 5, 11, 8, tzinfo=timezone(timedelta(hours=2)))
    again = redated(LETTER, leaving)
    assert parsedate_to_datetime(message_from_bytes(again)["Date"]) == leaving
    assert again.replace(b"11 May 2026 08:00:00", b"04 May 2026 12:00:00") == LETTER
    assert redated(b"Subject: x\r\n\r\nDate: not this\r\n", leaving) == b"Subject: x\r\n\r\nDate: not this\r\n"
