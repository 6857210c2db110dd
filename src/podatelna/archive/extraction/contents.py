"""The contents of a message's attachments and their hashes; the message is read once, and only where that is needed."""

from __future__ import annotations

import hashlib
import logging
from functools import cached_property

from podatelna.archive import store
from podatelna.archive.errors import Damaged
from podatelna.archive.models import Message, Part
from podatelna.mail.parse import Parsed

log = logging.getLogger(__name__)


class Contents:
    """What the parts of one message hold: in blobs of their own, or small ones inside the message."""

    def __init__(self, message: Message) -> None:
        self._message = message

    @cached_property
    def parsed(self) -> Parsed | None:
        """The message as read, None when the archive cannot give it: `podatelna verify` names it too."""
        try:
            return store.read(self._message)
        except Damaged as damage:
            log.error("message %s: %s", self._message.pk, damage)
            return None

    @cached_property
    def _inside(self) -> dict[int, bytes]:
        return {part.position: part.content for part in self.parsed.parts} if self.parsed else {}

    def has(self, part: Part) -> bool:
        """Whether there is anything to be read."""
        return part.size > 0 and (part.blob is not None or part.position in self._inside)

    def sha256(self, part: Part) -> bytes:
        """Of its content."""
        if part.blob is not None:
            return bytes(part.blob.sha256)
        return hashlib.sha256(self._inside[part.position]).digest()

    def data(self, part: Part) -> bytes:
        """Its content. Raises Damaged."""
        return self._inside[part.position] if part.blob is None else store.read_blob(part.blob)
