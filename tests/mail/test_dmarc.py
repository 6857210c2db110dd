"""What is proven must be about the domain in From, as its owner asks (RFC 7489)."""

import pytest

from podatelna.mail.dmarc import Policy, check_alignment, find_policy, strictest
from podatelna.mail.public_suffixes import is_public_suffix, registered_domain
from podatelna.mail.resolver import table_resolver


@pytest.mark.parametrize(
    ("domain", "registered"),
    [
        ("acme.cz", "acme.cz"),
        ("posta.brno.Acme.cz.", "acme.cz"),
        ("mail.acme.co.uk", "acme.co.uk"),
        ("acme.github.io", "acme.github.io"),
        ("x.acme.github.io", "acme.github.io"),
        ("a.b.acme.test", "acme.test"),
        ("www.ck", "www.ck"),
        ("x.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.žluťoučký.cz", "xn--luouk-uva4it5a4g.cz"),
        ("cz", "cz"),
        ("co.uk", "co.uk"),
        ("", ""),
        ("..", ""),
        ("a..cz", "a..cz"),
    ],
)
def test_the_registered_domain(domain: str, registered: str) -> None:
    assert registered_domain(domain) == registered


def test_public_suffixes() -> None:
    names = ("cz", "co.uk", "acme.cz", "github.io", "test", "acme.test")

    assert [name for name in names if is_public_suffix(name)] == ["cz", "co.uk", "github.io", "test"]


def policy(domain: str, **records: object) -> tuple[str, str] | None:
    found = find_policy(
        domain, table_resolver({f"_dmarc.{name.replace('_', '.')}": text for name, text in records.items()})
    )
    return (found.domain, found.wanted) if found is not None else None


@pytest.mark.parametrize(
    ("domain", "records", "expected"),
    [
        ("acme.cz", {"acme_cz": "v=DMARC1; p=reject"}, ("acme.cz", "reject")),
        ("acme.cz", {"acme_cz": " v = DMARC1 ; P=Quarantine;"}, ("acme.cz", "quarantine")),
        ("posta.acme.cz", {"acme_cz": "v=DMARC1; p=reject"}, ("acme.cz", "reject")),
        ("posta.acme.cz", {"acme_cz": "v=DMARC1; p=reject; sp=none"}, ("acme.cz", "none")),
        ("acme.cz", {"acme_cz": "v=DMARC1; p=reject; sp=none"}, ("acme.cz", "reject")),
        ("a.posta.acme.cz", {"posta_acme_cz": "v=DMARC1; p=reject"}, None),
        ("posta.acme.cz", {"posta_acme_cz": "v=DMARC1; p=none; sp=reject"}, ("posta.acme.cz", "none")),
        ("acme.cz", {"acme_cz": "v=DMARC1; p=vse"}, None),
        ("acme.cz", {"acme_cz": "v=DMARC1; p=vse; rua=mailto:a@acme.cz"}, ("acme.cz", "none")),
        ("acme.cz", {"acme_cz": "v=DMARC1; rua=mailto:a@acme.cz"}, ("acme.cz", "none")),
        ("acme.cz", {"acme_cz": "v=DMARC1; sp=reject"}, None),
        ("acme.cz", {"acme_cz": "p=reject; v=DMARC1"}, None),
        ("acme.cz", {"acme_cz": "v=DMARC2; p=reject"}, None),
        ("acme.cz", {"acme_cz": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]}, None),
        ("acme.cz", {"acme_cz": ["v=spf1 -all", "v=DMARC1; p=none"]}, ("acme.cz", "none")),
        ("acme.cz", {"acme_cz": "v=DMARC1; p=reject; nesmysl; p=none"}, ("acme.cz", "reject")),
        ("acme.cz", {}, None),
    ],
)
def test_which_policy_is_for_a_domain(
    domain: str, records: dict[str, object], expected: tuple[str, str] | None
) -> None:
    assert policy(domain, **records) == expected


def test_the_share_that_a_policy_is_for() -> None:
    def percent(text: str) -> int:
        found = find_policy("a.cz", table_resolver({"_dmarc.a.cz": f"v=DMARC1; p=reject; pct={text}"}))
        assert found is not None
        return found.percent

    assert [percent(text) for text in ("20", "0", "100", "999", "-1", "x", "٣")] == [20, 0, 100, 100, 100, 100, 100]


@pytest.mark.parametrize(
    ("shown", "record", "spf", "dkim", "result"),
    [
        ("acme.cz", "v=DMARC1; p=reject", "", [], "fail"),
        ("acme.cz", "v=DMARC1; p=reject", "acme.cz", [], "pass"),
        ("acme.cz", "v=DMARC1; p=reject", "bounce.acme.cz", [], "pass"),
        ("acme.cz", "v=DMARC1; p=reject; aspf=s", "bounce.acme.cz", [], "fail"),
        ("acme.cz", "v=DMARC1; p=reject", "", ["posta.acme.cz"], "pass"),
        ("acme.cz", "v=DMARC1; p=reject; adkim=s", "", ["posta.acme.cz"], "fail"),
        ("acme.cz", "v=DMARC1; p=reject; adkim=s", "", ["zlo.cz", "acme.cz"], "pass"),
        ("acme.cz", "v=DMARC1; p=reject", "zlo.cz", ["zlacme.cz", "cz"], "fail"),
        ("acme.cz", [], "acme.cz", ["acme.cz"], "none"),
        ("acme.cz", "TIMEOUT", "acme.cz", ["acme.cz"], "temperror"),
    ],
)
def test_what_is_proven_must_be_about_the_sender(
    shown: str, record: object, spf: str, dkim: list[str], result: str
) -> None:
    (found,) = check_alignment([shown], spf, dkim, table_resolver({f"_dmarc.{shown}": record}))

    assert found.result == result


def test_of_several_senders_the_one_that_fails_counts() -> None:
    resolver = table_resolver({"_dmarc.a.cz": "v=DMARC1; p=none", "_dmarc.b.cz": "v=DMARC1; p=reject"})

    worst = strictest(check_alignment(["a.cz", "b.cz", "c.cz"], "", [], resolver))

    assert worst is not None
    assert (worst.result, worst.domain, worst.policy) == ("fail", "b.cz", Policy("b.cz", "reject", False, False, 100))
    assert strictest(()) is None
