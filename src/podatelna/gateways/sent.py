"""A copy of what was sent in the mailbox's own Sent folder, exactly once."""

from __future__ import annotations

from podatelna.protocols import imap

from .models import Gateway
from .personal import dial
from .tending import Connect


def append_sent(gateway: Gateway, raw: bytes, message_id: str, *, connect: Connect = imap.connect) -> None:
    """Append `raw` as read to the gateway's Sent folder, made when missing; nothing when no such folder is set.

    `message_id` (without angle brackets) is looked for first, so repeating it adds nothing: also not after a crash
    between the server's OK and our note of it. Raises a ServerError.
    """
    if not gateway.sent_folder:
        return
    mailbox = dial(gateway, connect)
    try:
        folder = mailbox.ensure_folder(gateway.sent_folder)
        mailbox.select(folder, readonly=True)
        if not mailbox.with_message_id(message_id):
            mailbox.append(folder, raw)
    finally:
        mailbox.close()
