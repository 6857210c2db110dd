"""What of a message is found: its fields as words, each in its plain (folded) form and its stem."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from podatelna.mail.addresses import Address
from podatelna.mail.html import index_text
from podatelna.mail.language import words
from podatelna.mail.parse import Parsed

Words = list[tuple[str, str]]  # (plain, stem)

# No word of a text begins with "+": these cannot be met by typing them.
EVERY = "+every"
ATTACHMENT = "+attachment"

# Half a million characters are a book of 250 pages; logs of many megabytes are found by their beginning.
_MOST_TEXT = 500_000
_LONGEST_WORD = 100


@dataclass(frozen=True)
class Document:
    """A message's words by field; `flags` are marks such as ATTACHMENT."""

    subject: Words
    sender: Words
    recipients: Words
    files: Words
    body: Words
    flags: tuple[str, ...]


def document_of(parsed: Parsed) -> Document:
    """The document of a message. The same message always gives the same document: the index relies on it."""
    attached = any(part.is_attachment for part in parsed.parts)
    return Document(
        subject=_words(parsed.subject),
        sender=_words(_people((parsed.sender,) if parsed.sender else ())),
        recipients=_words(_people((*parsed.to, *parsed.cc, *parsed.bcc))),
        files=_words("\n".join(part.filename for part in parsed.parts if part.filename)),
        body=_words(parsed.text if parsed.text.strip() else index_text(parsed.html)),
        flags=(EVERY, ATTACHMENT) if attached else (EVERY,),
    )


def _people(addresses: Iterable[Address]) -> str:
    return "\n".join(f"{address.name} {address.address}" for address in addresses)


def _words(text: str) -> Words:
    return [pair for pair in words(text[:_MOST_TEXT]) if len(pair[0]) <= _LONGEST_WORD]
