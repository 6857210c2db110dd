"""The verdicts together: what is proven about the sender that the reader sees, and by whom."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podatelna.mail.trust import CODES, Verdicts, judge, summary, table_resolver

from .signing import LETTER, rsa_record, sealed, signed, signed_by_hand

DNS: dict[str, Any] = {
    "acme.cz": "v=spf1 ip4:192.0.2.0/28 -all",
    "_dmarc.acme.cz": "v=DMARC1; p=reject",
    "s1._domainkey.acme.cz": rsa_record(),
    "s1._domainkey.zlo.cz": rsa_record(),
    "zlo.cz": "v=spf1 +all",
    "arc._domainkey.lists.org": rsa_record(),
}
SILENT: dict[str, Any] = {"_dmarc.acme.cz": []}  # says nothing about its mail
FROM = b"Return-Path: <jana@acme.cz>\r\n"


def verdicts(raw: bytes, dns: dict[str, Any] | None = None, **how: Any) -> Verdicts:
    return judge(raw, resolver=table_resolver(DNS if dns is None else {**DNS, **dns}), **how)


def four(found: Verdicts) -> tuple[str, str, str, str, str]:
    return found.spf, found.dkim, found.dmarc, found.arc, summary(found)


def reasons(found: Verdicts) -> list[tuple[str, str, str]]:
    return [(reason.method, reason.code, reason.detail) for reason in found.reasons]


def test_a_message_that_is_what_it_says() -> None:
    found = verdicts(FROM + signed())

    assert four(found) == ("pass", "pass", "pass", "none", "verified")
    assert reasons(found) == [
        ("spf", "spf-pass", "acme.cz"),
        ("dkim", "signature-good", "acme.cz"),
        ("dmarc", "dmarc-pass", "acme.cz"),
    ]
    assert (found.from_domains, found.policy, found.aligned) == (("acme.cz",), "reject", True)


def test_the_servers_of_the_session_go_before_what_is_in_the_header() -> None:
    found = verdicts(LETTER, client_ip="203.0.113.9", helo="x.cz", mail_from="jana@acme.cz")

    assert four(found) == ("fail", "none", "fail", "none", "failed")


def test_a_forged_sender() -> None:
    raw = b"Return-Path: <eve@zlo.cz>\r\n" + signed(domain=b"zlo.cz")

    found = verdicts(raw)

    assert four(found) == ("pass", "pass", "fail", "none", "failed")
    assert ("dkim", "signature-foreign", "zlo.cz") in reasons(found)
    assert not found.aligned


@pytest.mark.parametrize(
    ("raw", "dns", "expected"),
    [
        (LETTER, {"acme.cz": [], "_dmarc.acme.cz": []}, ("none", "none", "none", "none", "unverified")),
        (FROM + LETTER, SILENT, ("pass", "none", "none", "none", "verified")),
        (FROM + LETTER, SILENT | {"acme.cz": "v=spf1 -all"}, ("fail", "none", "none", "none", "failed")),
        (FROM + LETTER, SILENT | {"acme.cz": "v=spf1 ~all"}, ("softfail", "none", "none", "none", "unverified")),
        (FROM + LETTER, SILENT | {"acme.cz": "v=spf1 ?all"}, ("neutral", "none", "none", "none", "unverified")),
        (FROM + LETTER, {"acme.cz": "TIMEOUT"}, ("temperror", "none", "temperror", "none", "uncertain")),
        (FROM + LETTER, {"_dmarc.acme.cz": "TIMEOUT"}, ("pass", "none", "temperror", "none", "uncertain")),
        (FROM + LETTER, {"acme.cz": "v=spf1 nic"}, ("permerror", "none", "fail", "none", "failed")),
        (signed() + b"pata", SILENT, ("none", "fail", "none", "none", "unverified")),
        (signed(), {"s1._domainkey.acme.cz": []}, ("none", "permerror", "fail", "none", "failed")),
        (LETTER.replace(b"From:", b"X-From:"), {}, ("none", "none", "none", "none", "unverified")),
        (LETTER.replace(b"<jana@acme.cz>", b"nikdo"), {}, ("none", "none", "permerror", "none", "unverified")),
        (b"", {}, ("none", "none", "none", "none", "unverified")),
    ],
    ids=range(13),
)  # fmt: skip
def test_verdicts_and_their_sum(raw: bytes, dns: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert four(verdicts(raw, dns)) == expected


def test_a_second_sender_is_never_verified() -> None:
    before = FROM + signed().replace(b"From: Jana", b"From: Reditel <eve@zlo.cz>\r\nFrom: Jana")
    within = signed(LETTER.replace(b"<jana@acme.cz>", b"<jana@acme.cz>, eve@zlo.cz"))
    dns = {"_dmarc.zlo.cz": "v=DMARC1; p=none"}

    for raw in (before, within):
        found = verdicts(raw, dns)
        assert (found.dmarc, summary(found)) == ("fail", "failed")
        assert "several-from" in [reason.code for reason in found.reasons]
    assert summary(verdicts(FROM + signed().replace(b"From: Jana", b"From: jana@acme.cz\r\nFrom: Jana"))) == "failed"


def test_what_was_added_behind_the_signed_part_proves_nothing() -> None:
    tags = "v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.cz; s=s1; l=10; h=from:subject"
    found = verdicts(signed_by_hand(tags, limit=10) + b"Zaplatte na jiny ucet.\r\n")

    assert four(found) == ("none", "pass", "fail", "none", "failed")
    assert ("dkim", "body-partly-signed", "acme.cz") in reasons(found)


@pytest.mark.parametrize(
    "front",
    [
        b"From: jana@acme.cz\r\nSubject: Platba\r\n \r\nZaplatte: hned\r\n",
        b"From: jana@acme.cz\r\nSubject: Platba\r\r\nZaplatte: hned\r\n",
        b"From: jana@acme.cz\r\nSubject: Platba\r\n\t\r\nZaplatte: hned\r\n",
    ],
)
def test_a_text_in_front_of_a_signed_message_is_not_verified(front: bytes) -> None:
    raw = signed_by_hand("v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.cz; s=s1; h=from:to:date")

    assert summary(verdicts(raw)) == "verified"
    assert summary(verdicts(front + raw)) == "failed"


def test_a_subject_in_front_of_the_signed_one_is_not_verified() -> None:
    raw = signed_by_hand("v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.cz; s=s1; h=from:subject")

    found = verdicts(raw.replace(b"Subject: Rekl", b"Subject: Platba\r\nSubject: Rekl"))

    assert four(found) == ("none", "pass", "fail", "none", "failed")
    assert ("dkim", "field-added", "subject") in reasons(found)


def listed(said: bytes) -> bytes:
    """Sent over a list that adds a footer and seals what it had found."""
    raw = b"Authentication-Results: lists.org; " + said + b"\r\n" + signed()
    return b"Return-Path: <list-bounces@lists.org>\r\n" + sealed(raw + b"-- \r\nseznam\r\n")


def test_a_list_that_changes_mail_and_seals_it() -> None:
    found = verdicts(listed(b"dkim=pass header.d=acme.cz; dmarc=pass header.from=acme.cz"))

    assert four(found) == ("none", "fail", "fail", "pass", "mailing-list")
    assert ("arc", "chain-good", "lists.org") in reasons(found)
    assert summary(verdicts(listed(b"dkim=pass header.d=acme.cz"))) == "mailing-list"


def test_a_list_that_had_not_found_it_in_order_proves_nothing() -> None:
    assert summary(verdicts(listed(b"dkim=pass header.d=acme.cz; dmarc=fail header.from=acme.cz"))) == "failed"
    assert summary(verdicts(listed(b"dkim=pass header.d=zlo.cz"))) == "failed"


SAID = (
    b"Authentication-Results: mx.firma.cz; spf=pass smtp.mailfrom=jana@acme.cz;\r\n"
    b" dkim=pass header.d=acme.cz; dmarc=pass header.from=acme.cz\r\n"
)


def test_what_ones_own_server_said_is_believed() -> None:
    found = verdicts(SAID + LETTER, {}, trusted=frozenset({"mx.firma.cz"}))

    assert four(found) == ("pass", "pass", "pass", "none", "verified")
    assert found.server == "mx.firma.cz"
    assert [code for _, code, _ in reasons(found)] == ["server-said"] * 3


@pytest.mark.parametrize(
    "raw",
    [
        SAID.replace(b"mx.firma", b"mx.zlo") + LETTER,
        LETTER.replace(b"From:", b"Received: from a by zlo.cz\r\n" + SAID + b"From:"),
        LETTER.replace(b"\r\n\r\n", b"\r\n\r\n" + SAID, 1),
        SAID.replace(b"mx.firma.cz", b"mx.firma.cz.zlo.cz (mx.firma.cz)") + LETTER,
    ],
    ids=range(4),
)
def test_what_strangers_said_is_not(raw: bytes) -> None:
    found = verdicts(raw, {}, trusted=frozenset({"mx.firma.cz"}))

    assert four(found) == ("none", "none", "fail", "none", "failed")
    assert found.server == ""


def test_a_server_that_leaves_its_name_out_is_believed_when_that_is_configured() -> None:
    raw = SAID.replace(b" mx.firma.cz;", b"") + LETTER

    assert four(verdicts(raw, trusted=frozenset({"mx.firma.cz", ""}))) == ("pass", "pass", "pass", "none", "verified")
    assert four(verdicts(raw, trusted=frozenset({"mx.firma.cz"})))[2] == "fail"


HOPS = (
    b"Received: from posta (mail.zlo.cz [203.0.113.9]) by mx.firma.cz with ESMTPS\r\n",
    b"Received: from mail.acme.cz (mail.acme.cz [192.0.2.1]) by mx.firma.cz with ESMTPS\r\n",
)


def test_a_stranger_cannot_write_on_in_the_trace_of_ones_own_server() -> None:
    raw = b"Return-Path: <eve@acme.cz>\r\n" + HOPS[0] + HOPS[1] + SAID + LETTER

    found = verdicts(raw, trusted=frozenset({"mx.firma.cz"}))

    assert four(found) == ("fail", "none", "fail", "none", "failed")
    assert found.server == ""


def test_who_signed_in_at_ones_own_server_needs_no_proof_from_dns() -> None:
    handed = HOPS[0].replace(b"ESMTPS", b"ESMTPSA")

    found = verdicts(FROM + handed + LETTER, trusted=frozenset({"firma.cz"}))

    assert four(found) == ("none", "none", "fail", "none", "own")
    assert ("spf", "signed-in", "") in reasons(found)
    assert four(verdicts(FROM + handed + LETTER))[4] == "failed"
    several = handed + LETTER.replace(b"From:", b"From: eve@zlo.cz\r\nFrom:")
    assert four(verdicts(FROM + several, trusted=frozenset({"firma.cz"})))[4] == "failed"


LOCAL = b"Received: by mx.firma.cz (Postfix) id 5; Mon, 5 Jan 2026 10:00:00 +0100\r\n"
BARE = LETTER.partition(b"\r\n")[2]  # without its own trace
INNER = b"Received: from ucetni (ucetni.firma.cz [10.0.0.8]) by mx.firma.cz with ESMTP\r\n"


@pytest.mark.parametrize("trace", [LOCAL, INNER, LOCAL + INNER, LOCAL + LOCAL])
def test_what_ones_own_server_made_needs_no_proof_from_dns(trace: bytes) -> None:
    found = verdicts(trace + BARE, trusted=frozenset({"firma.cz"}))

    assert four(found) == ("none", "none", "fail", "none", "own")
    assert ("spf", "inside", "") in reasons(found)


@pytest.mark.parametrize(
    "trace",
    [
        LOCAL + HOPS[0],
        INNER + b"Received: from x (x [10.0.0.9]) by mx.zlo.cz\r\n",
        b"Received: from mail.zlo.cz by mx.firma.cz with SMTP\r\n",  # this server does not say where from
        b"Received: from mail.zlo.cz by mx.firma.cz with SMTP\r\n" + LOCAL,
        b"Received: by mx.zlo.cz; x\r\n",
        b"",
        SAID.replace(b"dmarc=pass", b"dmarc=fail") + INNER,
    ],
    ids=range(7),
)
def test_what_came_from_outside_or_may_have_does(trace: bytes) -> None:
    assert summary(verdicts(trace + BARE, trusted=frozenset({"mx.firma.cz"}))) == "failed"


def test_without_configuration_nobody_is_believed() -> None:
    assert four(verdicts(SAID + LETTER)) == ("none", "none", "fail", "none", "failed")


def test_a_method_that_the_server_does_not_name_is_computed() -> None:
    raw = b"Authentication-Results: mx.firma.cz; spf=fail smtp.mailfrom=acme.cz\r\n" + signed()

    assert four(verdicts(raw, trusted=frozenset({"mx.firma.cz"}))) == ("fail", "pass", "pass", "none", "verified")


def test_nothing_else_than_the_table_is_asked() -> None:
    asked: list[tuple[str, str]] = []

    def resolve(name: str, kind: str, /) -> list[str]:
        asked.append((name, kind))
        return []

    judge(FROM + signed(), resolver=resolve)

    assert asked == [("acme.cz", "TXT"), ("s1._domainkey.acme.cz", "TXT"), ("_dmarc.acme.cz", "TXT")]


def test_every_reason_is_explained() -> None:
    from podatelna.mail.dkim_signatures import RESULTS

    results = ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror")
    assert set(RESULTS) <= set(CODES)
    assert {f"spf-{result}" for result in results} <= set(CODES)


PIECES = [
    b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.cz; s=s1; h=from; bh=AA==; b=AA==", b"ARC-Seal: i=1; cv=none; b=",
    b"ARC-Message-Signature: i=1;", b"ARC-Authentication-Results: i=1; a; dkim=pass", b"From: ", b"a@acme.cz", b"\xff",
    b"Received: from a ([192.0.2.1]) by b", b"Return-Path: <a@acme.cz>", b"Authentication-Results: a; spf=", b"\r\n",
    b"\n", b"\r", b"\x00", b";", b"=", b"(", b'"', b"\xc5\xbe", b" ", b"\t", b":", b"l=", b"x=9", b"@", b"<", b"..",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40), st.binary(max_size=30), st.text(max_size=40))
def test_any_bytes_and_any_records_have_verdicts(pieces: list[bytes], more: bytes, record: str) -> None:
    dns = {
        "acme.cz": ["v=spf1 " + record],
        "s1._domainkey.acme.cz": "p=" + record,
        "_dmarc.acme.cz": "v=DMARC1; p=none;" + record,
    }
    found = verdicts(b"".join(pieces) + more, dns, trusted=frozenset({"a"}))

    assert {found.spf, found.dkim, found.dmarc, found.arc} <= {
        "pass", "fail", "softfail", "neutral", "none", "temperror", "permerror",
    }  # fmt: skip
    assert {reason.code for reason in found.reasons} <= set(CODES)
    assert summary(found) in {"verified", "unverified", "failed", "mailing-list", "uncertain", "own"}


@pytest.mark.parametrize(
    "raw",
    [
        signed() + b" " * 5_000_000,
        signed() + b" \r\n" * 1_500_000,
        b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.cz; s=s1; h="
        + b"from:" * 400_000
        + b"; bh=AA==; b=AA==\r\n"
        + LETTER,
        b"DKIM-Signature: v=1; a=rsa-sha256; d=acme.cz; s=s1; h=from; bh=AA==; b="
        + b"A" * 4_000_000
        + b"\r\n"
        + LETTER,
        b"DKIM-Signature: " + b"a=b;" * 500_000 + b"\r\n" + LETTER,
        b"ARC-Seal: i=1\r\n" * 200_000 + LETTER,
        b"X: " + b"\r\n " * 600_000 + b"\r\n" + signed(),
        b"Received: from " + b"[1.1.1.1" * 300_000 + b"\r\n" + LETTER,
        b"From: " + b"a@acme.cz," * 200_000 + b"\r\n\r\n",
    ],
    ids=range(9),
)
def test_the_shapes_of_attackers_take_no_time(raw: bytes) -> None:
    start = time.process_time()
    verdicts(raw)

    assert time.process_time() - start < 10
