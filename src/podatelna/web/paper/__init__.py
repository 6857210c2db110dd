"""Conversations as PDF: gathered as data, set by Typst in a process of its own, never as markup."""

from __future__ import annotations

from .conversation import conversation_pdf
from .press import NotPrinted

__all__ = ["NotPrinted", "conversation_pdf"]
