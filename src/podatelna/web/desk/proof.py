"""What is proven about a message's sender, as its small mark and the details behind it show it."""

from __future__ import annotations

from dataclasses import dataclass

from podatelna.archive.verdicts import Found

from .trust_words import METHODS, RESULTS, meaning, reason_words, short_words

_QUIET = frozenset({"verified", "own", "mailing-list"})


@dataclass(frozen=True)
class Finding:
    """What one method found."""

    method: str  # words
    result: str  # words
    good: bool
    reasons: tuple[str, ...]  # sentences


@dataclass(frozen=True)
class Proof:
    """The mark of a message; `quiet` when all is well, so that only its picture need be seen."""

    words: str
    meaning: str
    tone: str  # "ok", "plain" or "warn"
    quiet: bool
    findings: tuple[Finding, ...]
    error: str


def proof_of(found: Found | None) -> Proof | None:
    """The mark for what was found; None where nobody knows."""
    if found is None:
        return None
    domain = ", ".join(found.from_domains)
    tone = "ok" if found.summary in _QUIET else "warn" if found.summary == "failed" else "plain"
    return Proof(
        words=short_words(found.summary),
        meaning=meaning(found.summary, domain, waits=found.waits),
        tone=tone,
        quiet=found.summary in _QUIET,
        findings=tuple(_finding(found, method) for method in ("dkim", "spf", "dmarc", "arc") if _says(found, method)),
        error=found.error,
    )


def _says(found: Found, method: str) -> bool:
    # Hardly any mail has a record of who passed it on: nobody misses it.
    return method != "arc" or found.arc != "none"


def _finding(found: Found, method: str) -> Finding:
    result = getattr(found, method)
    reasons = dict.fromkeys(reason_words(one.code, one.detail) for one in found.reasons if one.method == method)
    return Finding(str(METHODS[method]), str(RESULTS.get(result, result)), result == "pass", tuple(reasons))
