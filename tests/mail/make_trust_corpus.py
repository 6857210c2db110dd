"""Writes tests/corpus/trust: mail signed, sealed, forged and broken in each way, and the DNS that it was written for.

Run `python -m tests.mail.make_trust_corpus` to write it anew; the keys are new each time and are not kept. What each
must be judged as is in `test_corpus_trust.py`, which reads the files only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from .signing import edwards_record, rsa_record, sealed, signed_by_hand

FOLDER = Path(__file__).parent.parent / "corpus" / "trust"
NOW = 1_767_600_000  # 5 January 2026, 9:00 in Brno
SHORT = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANgAnKnzHcLC/NRZnTj6SIAuJ9YOiWkeX7/mw3Do7AhQQ4GS/OMEV5vT1GG0ha9N/KPv5rU6/RJbBbah"
    "U71RoIkCAwEAAQ=="
)
Case = tuple[bytes, dict[str, object]]


def letter(
    sender: str = "Jana Nováková <jana@acme.example>",
    *,
    client: str = "192.0.2.10",
    envelope: str = "jana@acme.example",
    subject: str = "Reklamace pračky",
    text: str = "Dobrý den,\n\npračka  nejde zapnout.\n\nJana\n",
    more: str = "",
) -> bytes:
    """A letter as it lies in the mailbox: what our server wrote, then what the sender did."""
    header = (
        f"Return-Path: <{envelope}>\nReceived: from {client_name(envelope)} (unknown [{client}])\n"
        "\tby mx.firma.example (Postfix) with ESMTPS id 4XYZ; Mon, 5 Jan 2026 09:14:01 +0100 (CET)\n"
        f"{more}From: {sender}\nTo: helpdesk@firma.example\n"
        f"Subject: {subject}\nDate: Mon, 5 Jan 2026 09:14:00 +0100\nMessage-ID: <1@acme.example>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    )
    return (header + text).replace("\n", "\r\n").encode()


def client_name(envelope: str) -> str:
    return f"mail.{envelope.rpartition('@')[2] or 'acme.example'}"


def sign(raw: bytes, more: str = "", *, domain: str = "acme.example", **how: object) -> bytes:
    """`raw` with a signature below our server's fields, where a sender's is."""
    tags = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1; t={NOW}; h=from:to:subject:date:message-id{more}"
    return placed(raw, tags, **how)


def placed(raw: bytes, tags: str, **how: object) -> bytes:
    own, mark, rest = raw.partition(b"From: ")
    return own + signed_by_hand(tags, mark + rest, **how)  # type: ignore[arg-type]  # passed on


ACME: dict[str, object] = {
    "acme.example": "v=spf1 ip4:192.0.2.0/28 ip6:2001:db8:25::/48 include:_spf.posta.example -all",
    "_spf.posta.example": "v=spf1 ip4:198.51.100.0/24 ~all",
    "_dmarc.acme.example": "v=DMARC1; p=reject; rua=mailto:dmarc@acme.example",
    "s1._domainkey.acme.example": rsa_record(),
    "ed._domainkey.acme.example": edwards_record(),
}
EVIL: dict[str, object] = {
    "zlo.example": "v=spf1 +all", "s1._domainkey.zlo.example": rsa_record(), "_dmarc.zlo.example": "v=DMARC1; p=none",
}  # fmt: skip
LISTS: dict[str, object] = {
    "seznam.example": "v=spf1 ip4:203.0.113.0/24 -all",
    "arc._domainkey.seznam.example": rsa_record(),
    "arc._domainkey.skola.example": rsa_record(),
    "s1._domainkey.seznam.example": rsa_record(),
}
RELAXED = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d=acme.example; s=s1; t={NOW}; h=from:subject"


def own_cases() -> Iterator[tuple[str, Case]]:
    """Mail that is what it says."""
    yield "good", (sign(letter()), ACME)
    yield "good-lf", (sign(letter()).replace(b"\r\n", b"\n"), ACME)
    yield "good-simple", (placed(letter(), RELAXED.replace("relaxed", "simple"), header=False, body=False), ACME)
    yield (
        "good-edwards",
        (placed(letter(), RELAXED.replace("rsa", "ed25519").replace("s=s1", "s=ed"), edwards=True), ACME),
    )
    both = placed(letter(), RELAXED.replace("rsa", "ed25519").replace("s=s1", "s=ed"), edwards=True)
    yield "good-edwards-and-rsa", (sign(both), ACME)
    yield "good-spf-only", (letter(), ACME)
    yield "good-spf-ipv6", (letter(client="IPv6:2001:db8:25::1"), ACME)
    yield "good-spf-include", (letter(client="198.51.100.7"), ACME)
    yield (
        "good-dkim-only",
        (sign(letter(client="203.0.113.9", envelope="srs0=x=acme.example=jana@presmerovani.example")), ACME),
    )
    yield "good-blanks-changed", (sign(letter()).replace("pračka  nejde".encode(), "pračka nejde".encode()), ACME)
    yield "good-subdomain", (
        sign(letter("Fakturace <faktury@posta.acme.example>", client="203.0.113.9"), domain="acme.example"), ACME,
    )  # fmt: skip
    yield (
        "good-report",
        (
            letter("Mailer <postmaster@mail.acme.example>", envelope=""),
            ACME | {"mail.acme.example": "v=spf1 ip4:192.0.2.10 -all"},
        ),
    )
    yield "good-no-policy", (sign(letter()), {**ACME, "_dmarc.acme.example": []})
    domain = "xn--luouk-uva4it5a4g.example"
    idn: dict[str, object] = {f"s1._domainkey.{domain}": rsa_record(), f"_dmarc.{domain}": "v=DMARC1; p=reject"}
    yield "good-idn", (sign(letter(f"Jana <jana@{domain}>", client="203.0.113.9"), domain=domain), idn)


def changed_cases() -> Iterator[tuple[str, Case]]:
    """Mail that was changed on its way, or signed in a way that proves nothing."""
    away = {"client": "203.0.113.9"}
    raw = sign(letter(**away))
    yield "changed-body", (raw.replace(b"nejde", b"jede"), ACME)
    yield "changed-subject", (raw.replace(b"Subject: ", b"Subject: [EXTERN] "), ACME)
    yield "changed-footer", (raw + b"-- \r\nKontrolov\xc3\xa1no antivirem\r\n", ACME)
    yield "expired", (sign(letter(**away), f"; x={NOW + 60}"), ACME)
    yield "length", (sign(letter(**away), "; l=20", limit=20) + "Zaplaťte na účet 123/0100.\r\n".encode(), ACME)
    yield "from-unsigned", (placed(letter(**away), RELAXED.replace("from:", "")), ACME)
    yield "sha1", (placed(letter(**away), RELAXED.replace("sha256", "sha1")), ACME)
    yield "key-short", (raw, {**ACME, "s1._domainkey.acme.example": f"v=DKIM1; p={SHORT}"})
    yield "key-revoked", (raw, {**ACME, "s1._domainkey.acme.example": "v=DKIM1; p="})
    yield "key-missing", (raw, {**ACME, "s1._domainkey.acme.example": []})
    yield "key-unanswered", (raw, {**ACME, "s1._domainkey.acme.example": "TIMEOUT"})
    yield "spf-too-many", (letter(), {**ACME, "acme.example": "v=spf1 " + "include:_spf.posta.example " * 11 + "-all"})
    yield "dmarc-twice", (letter(**away), {**ACME, "_dmarc.acme.example": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]})
    yield (
        "dmarc-strict",
        (
            sign(letter("Jana <jana@posta.acme.example>", **away)),
            {**ACME, "_dmarc.posta.acme.example": "v=DMARC1; p=quarantine; adkim=s; aspf=s"},
        ),
    )


def forged_cases() -> Iterator[tuple[str, Case]]:
    """Mail of somebody else."""
    yield "forged", (letter(client="203.0.113.66"), ACME)
    yield "forged-signed-by-another", (
        sign(letter(client="203.0.113.66", envelope="a@zlo.example"), domain="zlo.example"), ACME | EVIL,
    )  # fmt: skip
    yield "forged-second-from", (
        sign(letter()).replace(b"From: ", "From: Ředitel <reditel@zlo.example>\r\nFrom: ".encode(), 1), ACME | EVIL,
    )  # fmt: skip
    yield "forged-results", (
        letter(client="203.0.113.66", more="Authentication-Results: mx.zlo.example; spf=pass; dkim=pass; dmarc=pass\n"),
        ACME,
    )  # fmt: skip
    yield "forged-no-policy", (letter(client="203.0.113.66"), {**ACME, "_dmarc.acme.example": []})


def listed_cases() -> Iterator[tuple[str, Case]]:
    """Mail over lists and forwarders."""
    said = (
        "Authentication-Results: seznam.example; dkim=pass header.d=acme.example;\n"
        " dmarc=pass header.from=acme.example\n"
    )
    raw = sign(letter(client="203.0.113.5", envelope="bounce@seznam.example", more=said))
    footer = b"_______\r\nDiskuse <https://seznam.example>\r\n"
    listed = sealed(
        raw.replace(b"Subject: ", b"List-Id: <diskuse.seznam.example>\r\nSubject: [Diskuse] ") + footer,
        b"seznam.example",
        b"seznam.example",
    )
    dns = ACME | LISTS
    yield "list-sealed", (listed, dns)
    yield "list-sealed-then-changed", (listed + b"jeste neco\r\n", dns)
    again = b"Authentication-Results: skola.example; arc=pass\r\n" + listed
    yield "list-sealed-twice", (sealed(again, b"skola.example", b"skola.example"), dns)
    lost = sealed(again, b"skola.example", b"skola.example").replace(b"ARC-Seal: i=1;", b"X-Seal: i=1;")
    yield "list-seal-lost", (lost, dns)
    yield "list-not-sealed", (raw + footer, dns)
    failed = raw.replace(b"dmarc=pass", b"dmarc=fail").replace(b"dkim=pass", b"dkim=fail")
    yield "list-sealed-what-failed", (sealed(failed + footer, b"seznam.example", b"seznam.example"), dns)


GROUPS: tuple[Callable[[], Iterator[tuple[str, Case]]], ...] = (own_cases, changed_cases, forged_cases, listed_cases)


def write() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for cases in GROUPS:
        for name, (raw, dns) in cases():
            (FOLDER / f"{name}.eml").write_bytes(raw)
            table = json.dumps(dns, indent=1, ensure_ascii=False, sort_keys=True)
            (FOLDER / f"{name}.eml.dns.json").write_text(table + "\n", "utf-8")


if __name__ == "__main__":
    write()
