"""Read receipts (RFC 8098): who was sent the message, and what became of it there."""

from __future__ import annotations

from dataclasses import dataclass

from .delivery_status import fields_of
from .message_ids import find_message_ids
from .parse import Parsed
from .reports import is_receipt
from .text import one_line

TYPES = ("message/disposition-notification", "message/global-disposition-notification")
DISPOSITIONS = ("displayed", "deleted", "dispatched", "processed", "denied", "failed")
_READ = 100_000  # bytes of a notification


@dataclass(frozen=True)
class Receipt:
    """What a receipt says. Each is "" where it does not."""

    address: str  # whose mailbox it was
    disposition: str  # one of DISPOSITIONS; "displayed" says that it was opened, not that it was read
    original_message_id: str  # of the message it is about, without <>


def read_receipt(parsed: Parsed) -> Receipt | None:
    """What `parsed` says as a receipt, None when it is none. Never raises."""
    if not is_receipt(parsed):
        return None
    part = next((part for part in parsed.parts if part.content_type in TYPES), None)
    if part is None:
        return Receipt(parsed.sender.address if parsed.sender else "", "", "")
    fields = fields_of(part.content[:_READ], part.charset)
    named = fields.get("final-recipient") or fields.get("original-recipient") or ""
    address = named.rpartition(";")[2].strip().strip("<>")
    # RFC 8098 3.2.6: "manual-action/MDN-sent-manually; displayed/error"
    said = fields.get("disposition", "").rpartition(";")[2].strip().lower().partition("/")[0].strip()
    ids = find_message_ids(fields.get("original-message-id", ""))
    return Receipt(one_line(address, 320), said if said in DISPOSITIONS else "", next(iter(ids), ""))
