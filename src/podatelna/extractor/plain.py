"""Files that are text themselves: plain, tables of values, HTML. Read with the same code as the bodies of messages."""

from __future__ import annotations

from podatelna.mail.body import MAX_READ
from podatelna.mail.charsets import decode_bytes
from podatelna.mail.html import index_text
from podatelna.mail.parse import parse
from podatelna.mail.text import unix_lines

from .findings import Budget
from .kinds import HTML, TEXT

PLAIN = frozenset({TEXT, HTML})
_MOST_BYTES = 4 << 20  # of a file: what is kept are its first half million characters


def add_plain(kind: str, data: bytes, budget: Budget) -> None:
    """The words of a file of kind TEXT or HTML, in whatever charset it is. Never raises, whatever the bytes."""
    if kind == HTML:
        # As the body of a message: the charset that a page names for itself is found there.
        page = parse(b"Content-Type: text/html\r\n\r\n" + data[:_MOST_BYTES]).html
        budget.add(index_text(page[:MAX_READ]))
    else:
        budget.add(unix_lines(decode_bytes(data[:_MOST_BYTES])[0]))
