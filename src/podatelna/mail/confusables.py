"""Letters that look alike, and words written to look like other words (a small part of Unicode TR 39)."""

from __future__ import annotations

import unicodedata

MAX_COMPARED = 64  # a label of a domain has 63
# Letters of other scripts (and digits) and the Latin ones that they are drawn like, in lower case.
_DRAWN_LIKE = str.maketrans(
    {
        **dict(zip("абвгеѕіїјкӏмнорстухһԁԛԝѵҽьёѐ", "aбbreslijklmhopctyxhdqwvebee", strict=True)),
        **dict(zip("αβγδεηικνορτυχωϲϳ", "abydenlkvoptuxwcj", strict=True)),
        **dict(zip("աեցհոսօքզլ", "wegnnuofql", strict=True)),
        **dict(zip("ıɩɑɡʟɴʀʏᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢøłđħŧ", "llaglnryacdejkmoptuvwzoldht", strict=True)),
        "0": "o", "1": "l", "i": "l", "|": "l", "!": "l", "æ": "ae", "œ": "oe",
    }
)  # fmt: skip
_PAIRS = (("rn", "m"), ("vv", "w"))
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC", "CHEROKEE", "GEORGIAN")


def skeleton(text: str) -> str:
    """What `text` looks like: two texts with one skeleton are hard to tell apart. Case and marks above do not count."""
    drawn = _bare(text).translate(_DRAWN_LIKE)
    for pair, single in _PAIRS:
        drawn = drawn.replace(pair, single)
    return drawn


def _bare(text: str) -> str:
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in letters if unicodedata.combining(char) == 0 and unicodedata.category(char) != "Cf")


def scripts(text: str) -> frozenset[str]:
    """The alphabets of the letters in `text`, as Unicode calls them; those that nobody mixes are enough."""
    return frozenset(filter(None, (_script(char) for char in text if char.isalpha())))


def _script(char: str) -> str:
    if char.isascii():
        return "LATIN"
    name = unicodedata.name(char, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "")


def mixes_scripts(word: str) -> bool:
    """Whether one word has letters of two alphabets: `Jаna` with a Cyrillic letter in it."""
    return len(scripts(word)) > 1


def imitates_latin(word: str) -> bool:
    """Whether a word without any Latin letter looks like a Latin one: `аррӏе`."""
    found = scripts(word)
    return bool(found) and "LATIN" not in found and skeleton(word).isascii()


def one_edit_apart(one: str, other: str) -> bool:
    """Whether one letter more, less or other, or two neighbours swapped, make one text of the other."""
    if one == other or abs(len(one) - len(other)) > 1 or max(len(one), len(other)) > MAX_COMPARED:
        return False
    start = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return True  # one more at the end
    if len(one) != len(other):
        short, long = sorted((one, other), key=len)
        return short[start:] == long[start + 1 :]
    swapped = one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
    # firma1 and firma2 are two of a row, not one pretending to be the other.
    numbered = one[start].isdigit() and other[start].isdigit()
    return swapped or (one[start + 1 :] == other[start + 1 :] and not numbered)
