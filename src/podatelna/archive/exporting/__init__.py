"""Mail taken out of the archive: the original bytes of each delivery, in a form that other programs read."""

from __future__ import annotations

from .deliveries import Exported, Ledger, read
from .folder import MaildirFolder
from .formats import FORMATS, SUFFIXES, stream
from .manifest import Manifest

__all__ = ["FORMATS", "SUFFIXES", "Exported", "Ledger", "MaildirFolder", "Manifest", "read", "stream"]
