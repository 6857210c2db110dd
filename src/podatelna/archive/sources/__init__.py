"""Where mail is brought in from: files of every kind, folders and archives of them; one message at a time."""

from __future__ import annotations

from .allowance import Tally
from .found import Found, Skipped
from .mbox import LONGEST_MESSAGE, Dialect
from .walking import find_mail, size_of

__all__ = ["LONGEST_MESSAGE", "Dialect", "Found", "Skipped", "Tally", "find_mail", "size_of"]
