"""DMARC (RFC 7489): whether what SPF and DKIM prove is about the domain that the reader sees in From."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .public_suffixes import is_public_suffix, registered_domain
from .resolver import Resolver, Unanswered
from .tag_lists import read_tags

MAX_DOMAINS = 10
_POLICIES = ("none", "quarantine", "reject")  # from mild to strict


@dataclass(frozen=True)
class Policy:
    """What a domain's owner asks of receivers."""

    domain: str  # where the record stands
    wanted: str  # "none", "quarantine", "reject": for the domain it was looked up for
    strict_dkim: bool
    strict_spf: bool
    percent: int  # of failing messages that the policy is for


@dataclass(frozen=True)
class Alignment:
    """The verdict about one domain of From."""

    result: str  # "pass", "fail", "none", "temperror"
    domain: str
    policy: Policy | None


def check_alignment(
    domains: Sequence[str], spf_domain: str, dkim_domains: Sequence[str], resolver: Resolver
) -> tuple[Alignment, ...]:
    """The verdict for each of `domains`, those of From (RFC 7489 6.6.1), at most MAX_DOMAINS. Never raises.

    `spf_domain` is the one that SPF passed for, "" for none; `dkim_domains` are those of signatures that hold.
    """
    return tuple(_check(domain, spf_domain, dkim_domains, resolver) for domain in domains[:MAX_DOMAINS])


def _check(domain: str, spf_domain: str, dkim_domains: Sequence[str], resolver: Resolver) -> Alignment:
    try:
        policy = find_policy(domain, resolver)
    except Unanswered:
        return Alignment("temperror", domain, None)
    if policy is None:
        return Alignment("none", domain, None)
    proven = any(aligned(each, domain, strict=policy.strict_dkim) for each in dkim_domains)
    proven = proven or aligned(spf_domain, domain, strict=policy.strict_spf)
    return Alignment("pass" if proven else "fail", domain, policy)


def aligned(proven: str, shown: str, *, strict: bool) -> bool:
    """Whether a domain that something was proven about vouches for the one in From (RFC 7489 3.1)."""
    if not proven:
        return False
    if strict or proven == shown:
        return proven == shown
    # A whole public suffix has no owner to be aligned with.
    registered = registered_domain(proven)
    return registered == registered_domain(shown) and not is_public_suffix(registered)


def find_policy(domain: str, resolver: Resolver) -> Policy | None:
    """The policy for mail from `domain`: its own record, else that of the registered domain. Raises Unanswered."""
    own = _read_record(domain, resolver)
    if own is not None:
        return _policy(domain, own, own.get("p", ""))
    registered = registered_domain(domain)
    record = _read_record(registered, resolver) if registered != domain else None
    if record is None:
        return None
    # 6.3: sp= is for sub-domains; without it p= is.
    return _policy(registered, record, record.get("sp", record.get("p", "")))


def _read_record(domain: str, resolver: Resolver) -> dict[str, str] | None:
    """The one DMARC record of a domain; two are none (RFC 7489 6.6.3)."""
    records: list[dict[str, str]] = []
    for text in resolver(f"_dmarc.{domain}", "TXT"):
        first = text.partition(";")[0].partition("=")
        if (first[0].strip(), first[2].strip()) == ("v", "DMARC1"):
            records.append(_tags(text))
    return records[0] if len(records) == 1 else None


def _tags(text: str) -> dict[str, str]:
    """The tags of a record. Pieces that are no tags are left out: RFC 7489 6.3 wants syntax errors ignored."""
    tags: dict[str, str] = {}
    for piece in text.split(";")[:100]:
        for name, value in (read_tags(piece) or {}).items():
            tags.setdefault(name.lower(), value if name.lower() == "rua" else value.lower())
    return tags


def _policy(domain: str, record: dict[str, str], wanted: str) -> Policy | None:
    if wanted not in _POLICIES or record.get("p", "") not in _POLICIES:
        # 6.6.3 (6): a record that only asks for reports is one with p=none.
        if "mailto:" not in record.get("rua", "").lower():
            return None
        wanted = "none"
    percent = record.get("pct", "100")
    return Policy(
        domain=domain,
        wanted=wanted,
        strict_dkim=record.get("adkim") == "s",
        strict_spf=record.get("aspf") == "s",
        percent=min(100, int(percent)) if percent.isdecimal() and percent.isascii() and len(percent) < 4 else 100,
    )


def strictest(alignments: Sequence[Alignment]) -> Alignment | None:
    """The verdict that counts for a From with several domains: one that fails, the strictest policy first."""
    order = {"fail": 0, "temperror": 1, "none": 3, "pass": 2}
    return min(
        alignments,
        key=lambda each: (order[each.result], -_POLICIES.index(each.policy.wanted) if each.policy else 1),
        default=None,
    )
