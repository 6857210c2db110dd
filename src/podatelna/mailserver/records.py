"""The DNS records that a domain of the provided mail server needs, and whether they are published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from podatelna.mail.resolver import Resolver, Unanswered
from podatelna.mail.tag_lists import read_tags, without_blanks

OK, MISSING, OTHER, UNANSWERED = "ok", "missing", "other", "unanswered"

Judge = Callable[[Sequence[str]], str]


@dataclass(frozen=True)
class Needed:
    """A record to publish. `purpose` is a code that the page has words for; mail flows without those not `required`."""

    purpose: str
    name: str
    kind: str
    value: str
    required: bool
    judge: Judge


@dataclass(frozen=True)
class Checked:
    """What DNS says of a needed record: a code above, and what was found there."""

    needed: Needed
    state: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class Published:
    """What is to be known of a domain: its name, the mail server's and the desk's host names, the key for signing."""

    domain: str
    mail_host: str
    desk_host: str
    selector: str
    public_key: str


def sts_policy(domain: Published) -> str:
    """The policy of MTA-STS (RFC 8461 3.2), as it is served; lines end with CRLF."""
    lines = ["version: STSv1", "mode: enforce", f"mx: {domain.mail_host}", "max_age: 604800"]
    return "".join(f"{line}\r\n" for line in lines)


def needed(domain: Published) -> list[Needed]:
    """All records, the most important first."""
    name, host, desk = domain.domain, domain.mail_host, domain.desk_host
    policy = hashlib.sha256(sts_policy(domain).encode("ascii")).hexdigest()[:20]
    key = f"v=DKIM1; k=rsa; p={domain.public_key}"
    return [
        # RFC 5321 5.1
        Needed("mx", name, "MX", f"10 {host}", True, _mx(host)),
        # RFC 7208
        Needed("spf", name, "TXT", "v=spf1 mx -all", True, _spf),
        # RFC 6376 3.6
        Needed("dkim", f"{domain.selector}._domainkey.{name}", "TXT", key, True, _dkim(domain.public_key)),
        # RFC 7489 6.3
        Needed("dmarc", f"_dmarc.{name}", "TXT", f"v=DMARC1; p=quarantine; rua=mailto:postmaster@{name}", True, _dmarc),
        # RFC 8461 3.1
        Needed("mta-sts", f"_mta-sts.{name}", "TXT", f"v=STSv1; id={policy}", False, _tagged("v", "STSv1")),
        Needed("mta-sts-host", f"mta-sts.{name}", "CNAME", desk, False, _exactly(desk)),
        # RFC 8460 3
        Needed("tls-rpt", f"_smtp._tls.{name}", "TXT", f"v=TLSRPTv1; rua=mailto:postmaster@{name}", False,
               _tagged("v", "TLSRPTv1")),
        # RFC 6186, RFC 8314 5
        Needed("imaps", f"_imaps._tcp.{name}", "SRV", f"0 1 993 {host}", False, _exactly(f"0 1 993 {host}")),
        Needed("submissions", f"_submissions._tcp.{name}", "SRV", f"0 1 465 {host}", False,
               _exactly(f"0 1 465 {host}")),
        Needed("autoconfig", f"autoconfig.{name}", "CNAME", desk, False, _exactly(desk)),
        Needed("autodiscover", f"_autodiscover._tcp.{name}", "SRV", f"0 1 443 {desk}", False,
               _exactly(f"0 1 443 {desk}")),
    ]  # fmt: skip


def check(records: Sequence[Needed], resolver: Resolver) -> list[Checked]:
    """Ask DNS for each of them."""
    return [_check(record, resolver) for record in records]


def _check(record: Needed, resolver: Resolver) -> Checked:
    try:
        found = tuple(resolver(record.name, record.kind))
    except Unanswered:
        return Checked(record, UNANSWERED)
    return Checked(record, record.judge(found) if found else MISSING, found)


# --- what counts as published ----------------------------------------------------------------------------


def _plain(text: str) -> str:
    return " ".join(text.rstrip(".").lower().split())


def _exactly(value: str) -> Judge:
    return lambda found: OK if [_plain(text) for text in found] == [_plain(value)] else OTHER


def _mx(host: str) -> Judge:
    """Ours is among them; others beside it take the mail when ours is away, which somebody may want."""
    return lambda found: OK if any(_plain(text).rpartition(" ")[2] == _plain(host) for text in found) else OTHER


def _spf(found: Sequence[str]) -> str:
    """RFC 7208 4.5: two records are as good as an error. Others may send too, as long as the hosts of MX may."""
    records = [text.lower().split() for text in found if text.lower().split(" ")[0] == "v=spf1"]
    if not records:
        return MISSING
    return OK if len(records) == 1 and {"mx", "+mx"} & set(records[0]) else OTHER


def _dkim(public_key: str) -> Judge:
    def judge(found: Sequence[str]) -> str:
        keys = [without_blanks((read_tags(text) or {}).get("p", "")) for text in found]
        return OK if public_key in keys else OTHER

    return judge


def _dmarc(found: Sequence[str]) -> str:
    records = [tags for text in found if (tags := read_tags(text)) and tags.get("v") == "DMARC1"]
    if not records:
        return MISSING
    policy = records[0].get("p", "").strip().lower()
    return OK if len(records) == 1 and policy in {"none", "quarantine", "reject"} else OTHER


def _tagged(name: str, value: str) -> Judge:
    def judge(found: Sequence[str]) -> str:
        records = [tags for text in found if (tags := read_tags(text)) and tags.get(name) == value]
        return OK if len(records) == 1 else OTHER if records else MISSING

    return judge
