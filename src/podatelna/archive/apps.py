"""Django's entry for this package."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class Config(AppConfig):
    name = "podatelna.archive"
    label = "archive"

    def ready(self) -> None:
        post_migrate.connect(_mend_triggers, sender=self)


def _mend_triggers(**_kwargs: Any) -> None:
    """On SQLite, Django alters a table by copying it, and the search index's triggers on it are gone without a word."""
    from .search import layout

    if layout.exists():
        layout.mend_triggers()
