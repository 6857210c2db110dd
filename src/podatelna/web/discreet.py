"""Keeps the secrets of one-time links out of the log."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"/(setup|welcome)/[^/\s?\"']+")


class OneTimeLinks(logging.Filter):
    """Django logs the path of a request that failed; the path of a one-time link is its secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _SECRET.search(message):
            record.msg, record.args = _SECRET.sub(r"/\1/…", message), None
        return True
