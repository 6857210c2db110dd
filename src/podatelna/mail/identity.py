"""What makes a message the same message, and how messages name each other."""

from __future__ import annotations

import hashlib
import secrets
import time

from .fields import Header, HeaderReader
from .message_ids import find_message_ids
from .structure import Structure
from .subjects import base_subject

# Relays, lists and mailboxes write the other fields; these the sender writes.
_IDENTITY = {"from", "to", "cc", "date", "subject", "message-id", "mime-version", "in-reply-to", "references"}
__all__ = ["base_subject", "find_message_ids", "fingerprint", "new_message_id"]


def fingerprint(raw: bytes, *, structure: Structure | None = None) -> bytes:
    """32 bytes that are the same for two copies of one message and differ for two messages. Never raises.

    Taken from the sender's own fields (unfolded) and the body's bytes. Trace fields do not count: each copy has its
    own. Message-ID alone would not do: different messages share one in the wild. Who has the `structure` of `raw`
    already hands it in.
    """
    if structure is not None:
        header, body = structure.entities[0].header, structure.entities[0].body
    else:
        header, body = HeaderReader(raw).read(0, (), [])
    digest = hashlib.sha256()
    for name, value in sorted(_identity_fields(header), key=lambda pair: pair[0]):
        digest.update(b"%b:%d:%b\n" % (name, len(value), value))
    digest.update(hashlib.sha256(memoryview(raw)[body:]).digest())
    return digest.digest()


def _identity_fields(header: Header) -> list[tuple[bytes, bytes]]:
    """(name, value with each run of blanks as one space) of the fields that count, in order."""
    return [
        (name.encode("ascii"), b" ".join(value.split()))
        for name, value in header.octets()
        # Content-Length is written by mbox programs, not by the sender.
        if name in _IDENTITY or (name.startswith("content-") and name != "content-length")
    ]


def new_message_id(domain: str) -> str:
    """A new Message-ID without <>, unique by time and 80 random bits. `domain` is the sender's, in ASCII."""
    return f"{time.time_ns() // 1_000_000:x}.{secrets.token_hex(10)}@{domain}"
