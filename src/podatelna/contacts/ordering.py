"""Names in the order of a Czech dictionary, as a text that every database sorts the same way."""

from __future__ import annotations

import re
import unicodedata

from podatelna.mail.language import folded

_LONGEST = 150  # characters of a name that are looked at
_UNITS = re.compile(r"ch|[^\W_]|[\W_]+", re.DOTALL)
_OWN = {
    "č": "c1",
    "ch": "h1",
    "ř": "r1",
    "š": "s1",
    "ž": "z1",
}  # ČSN 97 6030: letters of their own, after the plain one
_BLANK = "00"


def czech_key(text: str) -> str:
    """Digits and small letters only, two for each letter: no database's own collation changes their order.

    Blanks and signs come first, then numbers, then letters; other diacritics make no difference. At most 300
    characters.
    """
    plain = unicodedata.normalize("NFC", text[:_LONGEST]).casefold().strip()
    units = _UNITS.findall(plain)[:_LONGEST]
    return "".join(_OWN.get(unit) or _keyed(unit) for unit in units)[: 2 * _LONGEST]


def _keyed(unit: str) -> str:
    if not unit[0].isalnum():
        return _BLANK
    letters = [letter for letter in folded(unit).lower() if letter.isascii() and letter.isalnum()]
    # What is written in no Latin letters comes after all that is.
    return "".join(f"{letter}{1 if letter.isdigit() else 0}" for letter in letters) or "z9"
