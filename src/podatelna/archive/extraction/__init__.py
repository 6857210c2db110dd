"""The text inside attachments: which contents are read, by whom, what came out; search puts it beside the message."""

from __future__ import annotations

from .due import extract_due
from .texts import failed, forget_unheld, readings_of, retry, texts_of, waiting

__all__ = ["extract_due", "failed", "forget_unheld", "readings_of", "retry", "texts_of", "waiting"]
