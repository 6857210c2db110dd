"""An ARC chain holds when every seal does and the last who had the message signed what we got (RFC 8617)."""

from datetime import UTC, datetime

import pytest

from podatelna.mail.arc import Chain, check_chain
from podatelna.mail.canonical import split_message
from podatelna.mail.dkim_signatures import Signed
from podatelna.mail.resolver import Questions, table_resolver

from .signing import rsa_record, sealed, signed

DNS: dict[str, object] = {"arc._domainkey.lists.org": rsa_record(), "arc._domainkey.skola.cz": rsa_record()}
SAID = b"Authentication-Results: lists.org; dkim=pass header.d=acme.cz; dmarc=pass header.from=acme.cz\r\n"
SAID_LATER = b"Authentication-Results: skola.cz; arc=pass; dkim=fail header.d=acme.cz\r\n"


def once() -> bytes:
    return sealed(SAID + signed())


def twice(between: bytes = b"") -> bytes:
    """Sealed by a list, changed by it or not, and sealed again by a school that forwards."""
    return sealed(SAID_LATER + once() + between, b"skola.cz", b"skola.cz")


def chain(raw: bytes, dns: dict[str, object] | None = None) -> Chain:
    fields, body = split_message(raw)
    return check_chain(Signed(fields, body, datetime.now(UTC), Questions(table_resolver(DNS if dns is None else dns))))


def test_a_message_that_nobody_sealed_has_no_chain() -> None:
    assert chain(signed()) == Chain("none")


def test_one_seal() -> None:
    found = chain(once())

    assert (found.result, found.code, found.sealers, found.oldest_pass) == ("pass", "", ("lists.org",), 0)
    assert found.origin is not None
    assert (found.origin.server, found.origin.of("dkim"), found.origin.of("dmarc")) == ("lists.org", "pass", "pass")


def test_two_seals_and_nothing_changed_between() -> None:
    found = chain(twice())

    assert (found.result, found.sealers, found.oldest_pass) == ("pass", ("lists.org", "skola.cz"), 0)


def test_a_change_between_two_seals_is_known_to_be_there() -> None:
    found = chain(twice(b"-- \r\nseznam\r\n"))

    assert (found.result, found.sealer, found.oldest_pass) == ("pass", "skola.cz", 2)


def without(raw: bytes, name: bytes, instance: int) -> bytes:
    fields, body = split_message(raw)
    start = b"%s: i=%d;" % (name, instance)
    return b"".join(field.raw for field in fields if not field.raw.startswith(start)) + b"\r\n" + body


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (once() + b"zmena\r\n", "body-changed"),
        (once().replace(b"Subject: Rek", b"Subject: [x] Rek"), "signature-wrong"),
        (once().replace(b"dmarc=pass header.from", b"dmarc=fail header.from", 1), "signature-wrong"),
        (once().replace(b"cv=none", b"cv=pass"), "chain-broken"),
        (once().replace(b"cv=none", b"cv=fail"), "chain-failed-before"),
        (once().replace(b"ARC-Seal: i=1", b"ARC-Seal: i=2"), "chain-broken"),
        (once().replace(b"ARC-Seal: i=1", b"ARC-Seal: i=0"), "chain-broken"),
        (once().replace(b"ARC-Seal: i=1", b"ARC-Seal: i=\xd9\xa1"), "chain-broken"),
        (once().replace(b"ARC-Authentication-Results: i=1;", b"ARC-Authentication-Results:"), "chain-broken"),
        (b"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=a.cz; s=b; b=AA==\r\n" + once(), "chain-broken"),
        (b"ARC-Seal: nic\r\n" + once(), "chain-broken"),
        (without(twice(), b"ARC-Seal", 1), "chain-broken"),
        (without(twice(), b"ARC-Message-Signature", 2), "chain-broken"),
        (without(twice(), b"ARC-Authentication-Results", 1), "chain-broken"),
        (twice().replace(b"dmarc=pass header.from", b"dmarc=none header.from", 1), "signature-wrong"),
        (once().replace(b"a=rsa-sha256; d=lists", b"a=rsa-sha1; d=lists"), "algorithm-old"),
        (b"".join(b"ARC-Seal: i=%d; cv=pass\r\n" % number for number in range(1, 200)) + signed(), "chain-broken"),
    ],
    ids=range(17),
)
def test_what_breaks_a_chain(raw: bytes, code: str) -> None:
    found = chain(raw)

    assert (found.result, found.code) == ("fail", code)


def test_a_sealer_without_a_key_and_one_whose_name_servers_are_silent() -> None:
    assert (chain(once(), {}).result, chain(once(), {}).code) == ("fail", "key-missing")
    assert chain(once(), {"arc._domainkey.lists.org": "TIMEOUT"}).result == "temperror"
