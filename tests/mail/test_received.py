"""The client is read from the trace of one's own servers, not from what a stranger wrote below it."""

import pytest

from podatelna.mail.fields import read_header
from podatelna.mail.received import Client, find_client, read_hop


@pytest.mark.parametrize(
    ("text", "hop"),
    [
        (  # Postfix
            "from mail.acme.cz (mail.acme.cz [192.0.2.10])\r\n\tby mx.firma.cz (Postfix) with ESMTPS\r\n\tfor <a@b.cz>",
            ("mx.firma.cz", "192.0.2.10", "mail.acme.cz"),
        ),
        ("from [10.0.0.5] (unknown [198.51.100.7]) by mx.firma.cz", ("mx.firma.cz", "198.51.100.7", "10.0.0.5")),
        ("from localhost (unknown [IPv6:2001:db8::25]) by MX.firma.cz.", ("mx.firma.cz", "2001:db8::25", "localhost")),
        (  # Exim
            "from mail.acme.cz ([192.0.2.10]:52314 helo=posta.acme.cz) by mx.firma.cz with esmtps (Exim 4.96)",
            ("mx.firma.cz", "192.0.2.10", "posta.acme.cz"),
        ),
        ("from [192.0.2.10] (helo=posta) by mx.firma.cz with esmtp", ("mx.firma.cz", "192.0.2.10", "posta")),
        (  # qmail
            "from unknown (HELO posta.acme.cz) (192.0.2.10)\n  by mx.firma.cz with SMTP; 5 Jan 2026",
            ("mx.firma.cz", "192.0.2.10", "posta.acme.cz"),
        ),
        ("from unknown (HELO posta) (jana@192.0.2.10) by mx with SMTP", ("mx", "192.0.2.10", "posta")),
        (  # Exchange
            "from EX1.acme.cz (2001:db8::1) by EX2.firma.cz\r\n (2001:db8::2) with Microsoft SMTP Server",
            ("ex2.firma.cz", "2001:db8::1", "ex1.acme.cz"),
        ),
        ("by mx.firma.cz (Postfix, from userid 33) id 5; Mon", ("mx.firma.cz", "", "")),
        ("(qmail 1234 invoked by uid 89); 5 Jan 2026", ("", "", "")),
        ("from a (b [300.1.2.3]) by c", ("c", "", "a")),
        ("", ("", "", "")),
    ],
)
def test_trace_fields_of_servers(text: str, hop: tuple[str, str, str]) -> None:
    found = read_hop(text.encode())
    assert (found.by, found.address, found.helo) == hop


MAIL = b"""Return-Path: <jana@acme.cz>
Received: from mx.firma.cz (mx.firma.cz [10.1.1.1]) by posta.firma.cz
Received: from mail.acme.cz (mail.acme.cz [192.0.2.10]) by mx.firma.cz
Received: from lhar.cz (lhar.cz [198.51.100.66]) by mx.firma.cz.zlo.cz
From: jana@acme.cz

"""


@pytest.mark.parametrize(
    "trusted", [frozenset(), frozenset({"firma.cz"}), frozenset({"posta.firma.cz", "mx.firma.cz"})]
)
def test_the_host_that_handed_it_over_to_us(trusted: frozenset[str]) -> None:
    assert find_client(read_header(MAIL)[0], trusted) == Client("192.0.2.10", "mail.acme.cz", "jana@acme.cz")


def test_a_stranger_cannot_write_the_trace_of_our_server_above_ours() -> None:
    forged = MAIL.replace(b"by mx.firma.cz.zlo.cz", b"by mx.firma.cz")

    for trusted in (frozenset[str](), frozenset({"firma.cz"})):
        assert find_client(read_header(forged)[0], trusted).address == "192.0.2.10"


def test_our_servers_may_reach_each_other_by_public_addresses() -> None:
    public = MAIL.replace(b"[10.1.1.1]", b"[203.0.113.9]")

    assert find_client(read_header(public)[0], frozenset({"firma.cz"})).address == "192.0.2.10"
    # What the client calls itself is not what it is called in DNS.
    for name in (b"unknown", b"lhar.cz"):
        lying = public.replace(b"(mx.firma.cz [", b"(" + name + b" [")
        assert find_client(read_header(lying)[0], frozenset({"firma.cz"})).address == "203.0.113.9"


@pytest.mark.parametrize("protocol", ["ESMTPSA", "esmtpa", "UTF8SMTPSA", "SMTPA"])
def test_who_signed_in_at_our_server_is_no_stranger(protocol: str) -> None:
    handed = f"Received: from notebook (dsl.example [198.51.100.4]) by mx.firma.cz with {protocol} id 5\n\n".encode()
    assert find_client(read_header(handed)[0], frozenset({"firma.cz"})).signed_in
    assert not find_client(read_header(handed)[0], frozenset({"jina.cz"})).signed_in
    assert not find_client(read_header(handed)[0], frozenset()).signed_in
    lying = handed.replace(b"notebook", b"with.ESMTPSA").replace(f"with {protocol}".encode(), b"with ESMTPS")
    assert not find_client(read_header(lying)[0], frozenset({"firma.cz"})).signed_in


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("Return-Path: <>", ""),
        ("Return-Path: <jana@acme.cz>", "jana@acme.cz"),
        ("Return-path: jana@acme.cz", "jana@acme.cz"),
        ("Return-Path: nesmysl", None),
        ("X-Envelope-From: <jana@acme.cz>", "jana@acme.cz"),
        ("Received: from a ([192.0.2.1]) by b (envelope-from <jana@acme.cz>)", "jana@acme.cz"),
        ("Subject: x", None),
    ],
)
def test_the_envelope_sender(header: str, sender: str | None) -> None:
    assert find_client(read_header(header.encode() + b"\n\n")[0], frozenset()).mail_from == sender
