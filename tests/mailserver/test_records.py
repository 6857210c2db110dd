"""The records that a domain needs, and what is said of those that are published."""

from __future__ import annotations

import pytest

from podatelna.mail.resolver import Unanswered
from podatelna.mailserver.records import MISSING, OK, OTHER, UNANSWERED, Published, check, needed, sts_policy

DOMAIN = Published("company.example", "mail.company.example", "desk.company.example", "podatelna", "MIIBkey+/=")
RECORDS = needed(DOMAIN)
BY_PURPOSE = {record.purpose: record for record in RECORDS}


def state(purpose: str, *found: str) -> str:
    """What is said when these texts are published."""
    record = BY_PURPOSE[purpose]

    def resolver(name: str, kind: str, /) -> list[str]:
        return list(found) if (name, kind) == (record.name, record.kind) else []

    [checked] = check([record], resolver)
    return checked.state


@pytest.mark.parametrize("purpose", sorted(BY_PURPOSE))
def test_what_is_published_as_shown_is_found(purpose: str) -> None:
    assert state(purpose, BY_PURPOSE[purpose].value) == OK


@pytest.mark.parametrize("purpose", sorted(BY_PURPOSE))
def test_what_is_not_there_is_missing(purpose: str) -> None:
    assert state(purpose) == MISSING


@pytest.mark.parametrize(
    ("purpose", "found", "expected"),
    [
        ("mx", ("5 other.example", "20 MAIL.company.example"), OK),
        ("mx", ("5 other.example",), OTHER),
        ("spf", ("google-site-verification=1", "v=spf1 include:list.example +mx ~all"), OK),
        ("spf", ("v=spf1 a -all",), OTHER),
        ("spf", ("v=spf1 mx -all", "v=spf1 a -all"), OTHER),
        ("spf", ("something else",), MISSING),
        ("dkim", ("v=DKIM1; k=rsa; p=MIIB key+/=",), OK),
        ("dkim", ("v=DKIM1; k=rsa; p=other",), OTHER),
        ("dmarc", ("v=DMARC1; p=reject",), OK),
        ("dmarc", ("v=DMARC1; p=nonsense",), OTHER),
        ("dmarc", ("v=spf1",), MISSING),
        ("imaps", ("0 1 993 mail.elsewhere.example",), OTHER),
    ],
)
def test_others_ways_of_saying_it(purpose: str, found: tuple[str, ...], expected: str) -> None:
    assert state(purpose, *found) == expected


def test_a_silent_dns_is_said_to_be_silent() -> None:
    def silent(name: str, kind: str, /) -> list[str]:
        raise Unanswered(name)

    assert {each.state for each in check(RECORDS, silent)} == {UNANSWERED}


def test_the_policys_name_changes_with_the_policy() -> None:
    other = Published("company.example", "mx.company.example", "desk.company.example", "podatelna", "MIIBkey+/=")
    assert "mx: mx.company.example\r\n" in sts_policy(other)
    values = [record.value for record in needed(other) if record.purpose == "mta-sts"]
    assert values != [BY_PURPOSE["mta-sts"].value]
