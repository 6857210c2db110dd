"""What doctor finds, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is fine, in words, and what to do when it is not."""

    what: str
    fine: bool
    words: str
    remedy: str = ""
