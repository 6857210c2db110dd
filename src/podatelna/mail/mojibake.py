"""UTF-8 taken for windows-1252 or windows-1250 and encoded again ("Å™" or "Ĺ™" for "ř"), undone where certain."""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT = 2_000_000
_CODECS = ("cp1252", "cp1250")
_DISTINCT = 2  # different characters that must come out right: one alone may have been meant as it stands
_ROUNDS = 2


def _readings(octets: range, codec: str) -> str:
    made = (bytes([octet]).decode(codec, "ignore") or chr(octet) for octet in octets)
    return "".join(re.escape(char) for char in made)


def _sequences(codec: str) -> re.Pattern[str]:
    """Text whose characters beyond ASCII all belong to sequences of UTF-8 read in `codec`."""
    behind = _readings(range(0x80, 0xC0), codec)
    two, three, four = (_readings(range(*ends), codec) for ends in ((0xC2, 0xE0), (0xE0, 0xF0), (0xF0, 0xF5)))
    return re.compile(
        rf"[\x00-\x7f]*+(?:(?:[{two}][{behind}]|[{three}][{behind}]{{2}}|[{four}][{behind}]{{3}})[\x00-\x7f]*+)++"
    )


_LEADS, _BEHIND = (
    "".join(_readings(range(*ends), codec) for codec in _CODECS) for ends in ((0xC2, 0xF5), (0x80, 0xC0))
)
# How each such text begins. Most text ends here: its first letter beyond ASCII is another, or stands alone.
_PERHAPS = re.compile(rf"[\x00-\x7f]*+[{_LEADS}][{_BEHIND}]")
_WHOLE = {codec: _sequences(codec) for codec in _CODECS}
_HOLES = {
    codec: [octet for octet in range(0x80, 0xA0) if not bytes([octet]).decode(codec, "ignore")] for codec in _CODECS
}


def begins_otherwise(text: str) -> bool:
    """Whether the first character beyond ASCII says already that `text` was not encoded twice."""
    return _PERHAPS.match(text) is None


def encoded_once(text: str) -> str | None:
    """`text` with the second encoding undone, None where it is not certain that there is one.

    Certain is: every character beyond ASCII belongs to a whole sequence of UTF-8, several different characters come
    out, and all of them are letters or signs that people write.
    """
    found: str | None = None
    for _ in range(_ROUNDS):
        if len(text) > MAX_TEXT or begins_otherwise(text):
            break
        once = next((made for codec in _CODECS if (made := _undone(text, codec)) is not None), None)
        if once is None:
            break
        found = text = once
    return found


def _undone(text: str, codec: str) -> str | None:
    if _WHOLE[codec].fullmatch(text) is None:
        return None
    # What the charset has no character for was passed through as a control.
    controls = {octet: chr(0xDC00 + octet) for octet in _HOLES[codec]}
    try:
        made = text.translate(controls).encode(codec, "surrogateescape").decode("utf-8")
    except UnicodeError:
        return None
    beyond = {char for char in made if char > "\x7f"}
    plausible = all(unicodedata.category(char)[0] in "LPSZM" for char in beyond)
    return made if plausible and sum(char.isalpha() for char in beyond) >= _DISTINCT else None
