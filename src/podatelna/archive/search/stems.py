"""Which words have which stem: SQLite's dictionary, so that a word of a query becomes all its forms that were written.

It only grows, and says nothing of any message; what stands in it follows from mail/language.py alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from podatelna.mail.language import stem as stem_of

from .documents import Document
from .layout import WORDS

_ADD = f"INSERT OR IGNORE INTO {WORDS} (stem, plain) VALUES (%s, %s)"  # noqa: S608  # own name
_FORMS = f"SELECT plain FROM {WORDS} WHERE stem = %s"  # noqa: S608
_MOST_KNOWN = 200_000

# Words that are certainly in the dictionary of a database (by its name): most words of a message are.
_known: dict[str, set[str]] = {}


def remember(documents: Iterable[Document], all_of_them: bool = False) -> None:
    """Put the words of `documents` into the dictionary; with `all_of_them` those too that are believed to be there."""
    known = _known.setdefault(str(connection.settings_dict["NAME"]), set())
    new: set[str] = set()
    for document in documents:
        for field in document.fields:
            new.update(field.split(" "))
    if not all_of_them:
        new -= known
    if not new:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, [(stem, plain) for plain in sorted(new) if (stem := stem_of(plain)) != plain])
    # Only what is committed is known.
    transaction.on_commit(lambda: _now_known(known, new))


def forms_of(plain: str, stem: str) -> list[str]:
    """The words to look for when `plain` is asked: itself and every known form with its stem."""
    with connection.cursor() as cursor:
        cursor.execute(_FORMS, [stem])
        found = [row[0] for row in cursor.fetchall()]
    own = [stem] if stem_of(stem) == stem else []
    return list(dict.fromkeys([*own, plain, *found]))


def _now_known(known: set[str], words: set[str]) -> None:
    if len(known) > _MOST_KNOWN:
        known.clear()
    known.update(words)
