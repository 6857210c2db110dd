"""What of a message is found: its fields as plain (folded) words. Stems follow from them, and are made where needed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from podatelna.mail.addresses import Address
from podatelna.mail.html import index_text
from podatelna.mail.language import MAX_WORD, plain_words
from podatelna.mail.parse import Parsed

Words = str  # plain words, a blank between two

# No word of a text begins with "+": these cannot be met by typing them.
EVERY = "+every"
ATTACHMENT = "+attachment"

# Half a million characters are a book of 250 pages; logs of many megabytes are found by their beginning.
_MOST_TEXT = 500_000
_MOST_ATTACHED = 1_000_000  # of all attachments together
_HALF = 8  # bytes
_PARTING = {code: " " for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True)
class Document:
    """A message's words by field; `attached` is the text in its attachments, `flags` are marks such as ATTACHMENT."""

    subject: Words
    sender: Words
    recipients: Words
    files: Words
    body: Words
    attached: Words
    flags: tuple[str, ...]

    @property
    def fields(self) -> tuple[Words, ...]:
        """All fields with words, in one order for ever: digests go by it."""
        return (self.subject, self.sender, self.recipients, self.files, self.body, self.attached)


def document_of(parsed: Parsed, attachment_texts: Sequence[str] = ()) -> Document:
    """The document of a message and the texts inside its attachments (as far as they were read, in their order).

    The same message always gives the same document: the index relies on it.
    """
    has_files = any(part.is_attachment for part in parsed.parts)
    return Document(
        subject=_words(parsed.subject),
        sender=_words(_people((parsed.sender,) if parsed.sender else ())),
        recipients=_words(_people((*parsed.to, *parsed.cc, *parsed.bcc))),
        files=_words("\n".join(part.filename for part in parsed.parts if part.filename)),
        body=_words(parsed.text if parsed.text.strip() else index_text(parsed.html)),
        attached=_attached(attachment_texts),
        flags=(EVERY, ATTACHMENT) if has_files else (EVERY,),
    )


def digest_of(document: Document) -> bytes:
    """16 bytes that tell whether a document is the one that was put in: the message's half, the attachments' half."""
    *own, attached = document.fields
    message = hashlib.blake2b("\0".join((*document.flags, *own)).encode(errors="replace"), digest_size=_HALF)
    inside = hashlib.blake2b(attached.encode(errors="replace"), digest_size=_HALF)
    return message.digest() + (inside.digest() if attached else bytes(_HALF))


def _attached(texts: Sequence[str]) -> Words:
    found: list[Words] = []
    room = _MOST_ATTACHED
    for text in texts:
        found.append(_words(text[:room]))
        room -= len(text)
        if room <= 0:
            break
    return " ".join(filter(None, found))


def _people(addresses: Iterable[Address]) -> str:
    return "\n".join(f"{address.name} {address.address}" for address in addresses)


def _words(text: str) -> Words:
    text = text[:_MOST_TEXT]
    if text.isascii():
        # The same as below, several times as fast: whatever is no letter or digit parts words.
        found = text.lower().translate(_PARTING).split()
        if max(map(len, found), default=0) <= MAX_WORD:
            return " ".join(found)
    return " ".join(filter(None, map(_plain.__getitem__, text.split())))


class _Plain(dict[str, Words]):
    """The words of what stands between two blanks, with its commas and quotes: nearly all of them come again."""

    _MOST = 100_000

    def __missing__(self, token: str) -> Words:
        if token.isascii():
            apart = token.lower().translate(_PARTING).split()
            found = " ".join([word[:MAX_WORD] for word in apart])
        else:
            found = " ".join(plain_words(token))
        # What a sender made long will never come again.
        if len(token) <= MAX_WORD:
            if len(self) >= self._MOST:
                self.clear()
            self[token] = found
        return found


_plain = _Plain()
