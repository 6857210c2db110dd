"""Spans of time as marks in the index: a search that is bounded in time, or goes step by step, keeps within them.

Neither index stops by itself where a bound is: FTS5 looks at it when it has found something, GIN has no order at all.
"""

from __future__ import annotations

SHORT, LONG = 20, 24  # bits of seconds: twelve days, half a year
MOST_SHORT = 1 << LONG - SHORT  # more of them are fewer long ones
_MOST_LONG = 64


def span_mark(span: int, bits: int) -> str:
    """How a span of time stands in the index."""
    return f"+t{span}" if bits == SHORT else f"+u{span}"


def marks_of(search_id: int) -> tuple[str, ...]:
    """The marks of a message that stands there."""
    return tuple(span_mark(search_id >> bits, bits) for bits in (SHORT, LONG))


def marks_between(low: int, high: int) -> list[str]:
    """Marks of which each message from `low` to before `high` has one, few others do; [] where it takes too many."""
    bits = SHORT if (high - 1 >> SHORT) - (low >> SHORT) < MOST_SHORT else LONG
    spans = range(low >> bits, (high - 1 >> bits) + 1)
    return [span_mark(span, bits) for span in spans] if len(spans) <= _MOST_LONG else []
