"""Keeps the secrets of one-time links out of the log."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"/(setup|welcome)/[^/\s?\"']+")
# A provider sends people back with it (RFC 6749 4.1.2): good for one use, and nothing for others to read.
_CODE = re.compile(r"([?&](?:code|state)=)[^&\s\"']+")


class OneTimeLinks(logging.Filter):
    """Django logs the path of a request that failed; the path of a one-time link is its secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _SECRET.search(message) or _CODE.search(message):
            record.msg, record.args = _CODE.sub(r"\1…", _SECRET.sub(r"/\1/…", message)), None
        return True
