"""What a rule can ask of a message: its fields, and how each may be asked.

A condition is `{"field": key, "how": …, "not": bool, "header": name, "lines": [...]}`: one line must match, and of a
field with several values (recipients, attachments) one value. With "not" none may.
"""

from __future__ import annotations

from dataclasses import dataclass

BOTH, IN, OUT = frozenset({"in", "out"}), frozenset({"in"}), frozenset({"out"})
WORDS = ("contains", "is", "begins", "ends", "matches")
SIZES = ("over", "under")


@dataclass(frozen=True)
class FieldKind:
    """One field. `value`: "lines" (words or patterns), "size" (one line, megabytes), "choice" (of `choices`), "yes"."""

    key: str
    directions: frozenset[str]
    value: str
    choices: tuple[str, ...] = ()

    @property
    def hows(self) -> tuple[str, ...]:
        """How it may be asked; the usual way first."""
        return {"lines": WORDS, "size": SIZES, "choice": ("is",), "yes": ("yes",)}[self.value]


FIELDS: dict[str, FieldKind] = {
    kind.key: kind
    for kind in (
        FieldKind("sender", BOTH, "lines"),
        FieldKind("recipient", BOTH, "lines"),
        FieldKind("subject", BOTH, "lines"),
        FieldKind("header", IN, "lines"),
        FieldKind("body", BOTH, "lines"),
        FieldKind("attachment_name", BOTH, "lines"),
        FieldKind("attachment_type", BOTH, "lines"),
        FieldKind("attachment_size", BOTH, "size"),
        FieldKind("has_attachment", BOTH, "yes"),
        FieldKind("is_list", IN, "yes"),
        FieldKind("automatic", IN, "choice", ("auto-reply", "bulk", "list", "report")),
        FieldKind("verdict", IN, "choice", ("verified", "own", "mailing-list", "unverified", "uncertain", "failed")),
        FieldKind("known_contact", BOTH, "yes"),
        FieldKind("inside_hours", BOTH, "yes"),
    )
}
MOST_CONDITIONS, MOST_LINES, LONGEST_LINE = 30, 200, 500
MEGABYTE = 1_000_000


def asks_verdict(conditions: list[dict[str, object]]) -> bool:
    """Whether they can be answered only when it is known who sent the message."""
    return any(one.get("field") == "verdict" for one in conditions)
