"""Every message of tests/corpus/trust and tests/corpus/senders is judged as it was made to be."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podatelna.mail.addresses import Address
from podatelna.mail.cut import cut, join
from podatelna.mail.lookalike import suspicions
from podatelna.mail.parse import parse
from podatelna.mail.trust import judge, summary, table_resolver

CORPUS = Path(__file__).parent.parent / "corpus"
NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)

# SPF, DKIM, DMARC, ARC, the sum, and the reasons that are not the plain ones of each.
VERDICTS: dict[str, tuple[str, str, str, str, str, set[str]]] = {
    "changed-body": ("fail", "fail", "fail", "none", "failed", {"body-changed"}),
    "changed-footer": ("fail", "fail", "fail", "none", "failed", {"body-changed"}),
    "changed-subject": ("fail", "fail", "fail", "none", "failed", {"signature-wrong"}),
    "dmarc-strict": ("fail", "pass", "fail", "none", "failed", {"signature-good"}),
    "dmarc-twice": ("fail", "none", "none", "none", "failed", {"unsigned"}),
    "expired": ("fail", "fail", "fail", "none", "failed", {"signature-expired"}),
    "forged": ("fail", "none", "fail", "none", "failed", {"unsigned"}),
    "forged-no-policy": ("fail", "none", "none", "none", "failed", {"unsigned"}),
    "forged-results": ("fail", "none", "fail", "none", "failed", {"unsigned"}),
    "forged-second-from": ("pass", "fail", "fail", "none", "failed", {"from-added", "several-from"}),
    "forged-signed-by-another": ("pass", "pass", "fail", "none", "failed", {"signature-good", "signature-foreign"}),
    "from-unsigned": ("fail", "fail", "fail", "none", "failed", {"from-unsigned"}),
    "good": ("pass", "pass", "pass", "none", "verified", {"signature-good"}),
    "good-blanks-changed": ("pass", "pass", "pass", "none", "verified", {"signature-good"}),
    "good-dkim-only": ("none", "pass", "pass", "none", "verified", {"signature-good"}),
    "good-edwards": ("pass", "pass", "pass", "none", "verified", {"signature-good"}),
    "good-edwards-and-rsa": ("pass", "pass", "pass", "none", "verified", {"signature-good"}),
    "good-idn": ("none", "pass", "pass", "none", "verified", {"signature-good"}),
    "good-lf": ("pass", "pass", "pass", "none", "verified", {"signature-good"}),
    "good-no-policy": ("pass", "pass", "none", "none", "verified", {"signature-good"}),
    "good-report": ("pass", "none", "pass", "none", "verified", {"unsigned"}),
    "good-simple": ("pass", "pass", "pass", "none", "verified", {"signature-good"}),
    "good-spf-include": ("pass", "none", "pass", "none", "verified", {"unsigned"}),
    "good-spf-ipv6": ("pass", "none", "pass", "none", "verified", {"unsigned"}),
    "good-spf-only": ("pass", "none", "pass", "none", "verified", {"unsigned"}),
    "good-subdomain": ("fail", "pass", "pass", "none", "verified", {"signature-good"}),
    "key-missing": ("fail", "permerror", "fail", "none", "failed", {"key-missing"}),
    "key-revoked": ("fail", "fail", "fail", "none", "failed", {"key-revoked"}),
    "key-short": ("fail", "fail", "fail", "none", "failed", {"key-short"}),
    "key-unanswered": ("fail", "temperror", "temperror", "none", "uncertain", {"key-unanswered"}),
    "length": ("fail", "pass", "fail", "none", "failed", {"signature-good", "body-partly-signed"}),
    "list-not-sealed": ("pass", "fail", "fail", "none", "failed", {"body-changed"}),
    "list-seal-lost": ("pass", "fail", "fail", "fail", "failed", {"body-changed", "chain-broken"}),
    "list-sealed": ("pass", "fail", "fail", "pass", "mailing-list", {"body-changed", "chain-good"}),
    "list-sealed-then-changed": ("pass", "fail", "fail", "fail", "failed", {"body-changed"}),
    "list-sealed-twice": ("pass", "fail", "fail", "pass", "mailing-list", {"body-changed", "chain-good"}),
    "list-sealed-what-failed": ("pass", "fail", "fail", "pass", "failed", {"body-changed", "chain-good"}),
    "sha1": ("fail", "fail", "fail", "none", "failed", {"algorithm-old"}),
    "spf-too-many": ("permerror", "none", "fail", "none", "failed", {"unsigned"}),
}  # fmt: skip

KNOWN = (
    Address("Jana Nováková", "jana.novakova@firma.example"),
    Address("Peter Kováč", "kovac@dodavatel.example"),
    Address("Jan Novák", "novak@prvni.example"),
    Address("Jan Novák", "jan@druhy.example"),
    Address("Pobočka", "info@pobocka1.example"),
)
SUSPICIONS: dict[str, list[tuple[str, str]]] = {
    "domain-cyrillic": [("mixed-scripts", "firmа.example"), ("confusable-domain", "firma.example")],
    "domain-dashed": [("subdomain-trick", "firma.example")],
    "domain-digit": [("confusable-domain", "dodavatel.example")],
    "domain-elsewhere": [("near-domain", "firma.example")],
    "domain-in-front": [("subdomain-trick", "firma.example")],
    "domain-one-letter": [("known-name", "kovac@dodavatel.example"), ("near-domain", "dodavatel.example")],
    "domain-rn-for-m": [("confusable-domain", "firma.example")],
    "honest-cyrillic": [],
    "honest-namesake": [],
    "honest-newsletter": [],
    "honest-numbered": [],
    "honest-other-box": [],
    "name-is-address": [
        ("address-in-name", "jana.novakova@firma.example"),
        ("own-name", "jana.novakova@firma.example"),
    ],
    "name-is-company": [("own-name", "Firma – účtárna")],
    "name-of-director": [("known-name", "jana.novakova@firma.example")],
    "name-of-director-cyrillic": [("mixed-name", "Jаna Nоváková"), ("known-name", "jana.novakova@firma.example")],
    "name-reversed-supplier": [("known-name", "kovac@dodavatel.example")],
    "name-turned-around": [("hidden-characters", "ávokávoN anaJ")],
    "name-with-nothing-between": [
        ("hidden-characters", "Jana Nováková"),
        ("known-name", "jana.novakova@firma.example"),
    ],
    "reply-elsewhere": [("reply-elsewhere", "obchod.podpora@posta.example")],
}


def names(folder: str) -> set[str]:
    return {path.stem for path in (CORPUS / folder).glob("*.eml")}


def test_every_file_has_an_expectation() -> None:
    assert names("trust") == set(VERDICTS)
    assert names("senders") == set(SUSPICIONS)


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_is_judged(name: str) -> None:
    raw = (CORPUS / "trust" / f"{name}.eml").read_bytes()
    table = json.loads((CORPUS / "trust" / f"{name}.eml.dns.json").read_text("utf-8"))

    found = judge(raw, resolver=table_resolver(table), now=NOW)

    plain = {f"spf-{found.spf}", f"dmarc-{found.dmarc}"}
    codes = {reason.code for reason in found.reasons} - plain
    assert (found.spf, found.dkim, found.dmarc, found.arc, summary(found), codes) == VERDICTS[name]


@pytest.mark.parametrize("name", sorted(SUSPICIONS))
def test_is_suspected(name: str) -> None:
    parsed = parse((CORPUS / "senders" / f"{name}.eml").read_bytes())

    found = suspicions(parsed, known=KNOWN, own_domains=["firma.example"])

    assert [(each.code, each.detail) for each in found] == SUSPICIONS[name]


@pytest.mark.parametrize(
    "path", sorted(CORPUS.glob("trust/*.eml")) + sorted(CORPUS.glob("senders/*.eml")), ids=lambda path: path.stem
)
def test_rejoins(path: Path) -> None:
    pieces = cut(path.read_bytes())

    assert join(pieces.header, pieces.pieces) == path.read_bytes()
    assert parse(path.read_bytes()).defects in ((), ("several From fields",))
