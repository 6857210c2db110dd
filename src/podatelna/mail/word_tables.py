"""Tables of words and short patterns in many languages, as one text each, made into regular expressions."""

from __future__ import annotations


def alternatives(table: str) -> str:
    """The alternatives in `table`, parted by | or by lines, as one pattern; a line that begins with "&" goes on."""
    return "|".join(line.strip() for line in table.strip().splitlines()).replace("|&", "")
