"""What is proven about a message's sender, as its small mark and the details behind it show it."""

from __future__ import annotations

from dataclasses import dataclass

from podatelna.archive.verdicts import Found
from podatelna.mail.trust import Reason

from .trust_words import METHODS, RESULTS, meaning, reason_words, short_words

_PROVEN = frozenset({"verified", "own", "mailing-list"})


@dataclass(frozen=True)
class Finding:
    """What one method found."""

    method: str  # words
    result: str  # words
    good: bool
    reasons: tuple[str, ...]  # sentences


@dataclass(frozen=True)
class Proof:
    """The mark of a message: a picture, and with tone "warn" its words beside it."""

    words: str
    meaning: str
    tone: str  # "ok", "plain" or "warn"
    findings: tuple[Finding, ...]
    server: str  # one's own server, where it was the one that looked
    error: str


def proof_of(found: Found | None) -> Proof | None:
    """The mark for what was found; None where nobody knows."""
    if found is None:
        return None
    domain = ", ".join(found.from_domains)
    tone = "ok" if found.summary in _PROVEN else "warn" if found.summary == "failed" else "plain"
    return Proof(
        words=short_words(found.summary),
        meaning=meaning(found.summary, domain, waits=found.waits),
        tone=tone,
        findings=tuple(_finding(found, method) for method in ("dkim", "spf", "dmarc", "arc") if _says(found, method)),
        server=found.server,
        error=found.error,
    )


def _says(found: Found, method: str) -> bool:
    # Hardly any mail has a record of who passed it on: nobody misses it.
    return method != "arc" or found.arc != "none"


def _finding(found: Found, method: str) -> Finding:
    result = getattr(found, method)
    reasons = dict.fromkeys(_sentence(found, one) for one in found.reasons if one.method == method)
    words = tuple(reason for reason in reasons if reason)
    return Finding(str(METHODS[method]), str(RESULTS.get(result, result)), result == "pass", words)


def _sentence(found: Found, reason: Reason) -> str:
    """A reason in words; "" for that one's own server looked, which is said once for all of them."""
    if reason.code != "server-said":
        return reason_words(reason.code, reason.detail)
    if reason.method == "dmarc" and found.from_domains:
        return reason_words(f"dmarc-{found.dmarc}", found.from_domains[0])
    return ""
