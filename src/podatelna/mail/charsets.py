"""Bytes to text: the declared charset where it fits, and evidence where it is missing, wrong or unknown."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from .charset_evidence import (
    CONVINCING,
    HIGH,
    MOST,
    around_evidence,
    as_utf8,
    central_european,
    czech_in_latin1,
    is_ukrainian_koi8,
    likely_charset,
    nearly_utf8,
    old_charset,
    reads_best,
    score,
    values,
)
from .charset_labels import find_charset, says_nothing
from .charset_scripts import (
    DENSE,
    HUNGARIAN,
    POLISH,
    beyond_ascii,
    central_or_turkish,
    east_asian,
    other_script,
)
from .charset_tables import decode_as, surely_utf16
from .mojibake import encoded_once
from .text import storable

__all__ = ["decode_bytes", "find_charset", "guess"]

_ESCAPES = re.compile(rb"\x1b[$(][@-B]")
_MANY_BYTES = {
    "utf-8", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "gb18030", "gb2312", "hz",
    "cp950", "big5hkscs", "cp949", "cp932", "euc_jp", "johab", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_kr",
    "iso2022_cn",
    "shift_jis_2004", "shift_jisx0213", "euc_jis_2004", "euc_jisx0213", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_3",
    "iso2022_jp_2004", "euc_tw",
}  # fmt: skip
# Where bytes below 128 are not ASCII.
_NOT_ASCII = {
    "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "hz", "iso2022_jp_ext",
    "iso2022_jp_2",
    "iso2022_kr", "iso2022_cn", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_3", "iso2022_jp_2004", "cp037", "cp273",
    "cp424", "cp500", "cp875", "cp1026", "cp1140", "viscii",
}  # fmt: skip
_WIDE = {"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
# What senders have that use characters beyond the charset that they name.
_WIDER = {"cp950": "big5hkscs", "cp932": "shift_jis_2004", "euc_jp": "euc_jis_2004"}
# Five bytes have no meaning in windows-1252; browsers read them as the controls of ISO 8859-1.
_CONTROLS = {0xDC00 + octet: octet for octet in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
# Blanks and signs as wide as ideographs, in text of ASCII otherwise: a Chinese keyboard wrote it.
_WIDE_SIGNS = re.compile(rb"[\x00-\x7f]*+(?:[\xa1-\xa3][\xa1-\xfe][\x00-\x7f]*+)+")
_HOLA = re.compile(rb"\xa1\xa1[A-Za-z][^\xa1!]{0,80}!!")  # ¡¡Hola!!
TWICE = "utf-8 encoded twice"


def decode_bytes(data: bytes, declared: str = "", hint: str = "") -> tuple[str, str]:
    """`data` as text, and what was wrong ("" when nothing was).

    `declared` is the charset that the sender named ("" for none); `hint` is one that stands nearby (in the page itself,
    in another part), tried where nothing is declared or where the declared one does not fit. The text is storable.
    Never raises.
    """
    text, defect = _decode(data, declared, hint)
    if not text.isascii():
        once = encoded_once(text)
        if once is not None:
            text, defect = once, defect or TWICE
    made = storable(text)
    if made is not text and not defect and made.count("�") > text.count("�"):
        defect = f"broken {find_charset(declared)}"
    return made, defect


def _decode(data: bytes, declared: str, hint: str) -> tuple[str, str]:
    charset = find_charset(declared)
    if charset == "" and says_nothing(declared):
        charset = None
    if charset in _WIDE and b"\x00" not in data:
        plain = data.decode("ascii") if data.isascii() else as_utf8(data)
        if plain is not None:
            return plain, f"charset {charset} was {'us-ascii' if data.isascii() else 'utf-8'}" if data else ""
    marked = _by_mark(data, charset)
    if marked is not None:
        return marked
    if data.isascii() and charset not in _NOT_ASCII:
        return _decode_seven_bits(data), _unknown(declared) if charset is None else ""
    if charset:
        text = _strictly(data, charset)
        if text is not None:
            better = _better(data, text, charset, hint)
            return (text, "") if better is None else (better[0], f"charset {charset} was {better[1]}")
        if charset in _MANY_BYTES:
            made = _as_far_as_it_goes(data, charset)
            if made is not None:
                return made
    text, found = guess(data, hint)
    if charset is None:
        return text, _unknown(declared)
    return text, f"charset {charset} was {found}" if charset else (
        "" if found == "utf-8" else f"charset guessed: {found}"
    )


def _unknown(declared: str) -> str:
    return f"unknown charset {storable(declared.strip())[:40]}"


def _by_mark(data: bytes, charset: str | None) -> tuple[str, str] | None:
    """What begins with a byte order mark, or shows by its zeros that it is UTF-16, whatever it is called."""
    if data.startswith(codecs.BOM_UTF8) and charset != "utf-8":
        text = as_utf8(data)
        if text is not None:
            return text, f"charset {charset} was utf-8" if charset else ""
    if charset in _WIDE or data.find(b"\x00", 0, 4_096) < 0:
        return None
    found = "utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else surely_utf16(data)
    if not found:
        return None
    text = data.decode(found, "replace")
    return text, f"charset {charset} was {found}" if charset else f"charset guessed: {found}"


def _decode_seven_bits(data: bytes) -> str:
    # ISO-2022-JP is the one charset that hides in seven bits and was often sent without its name.
    if b"\x1b" in data and _ESCAPES.search(data):
        text = _strictly(data, "iso2022_jp_ext")
        if text is not None:
            return text
    return data.decode("ascii", "replace")


def _strictly(data: bytes, charset: str) -> str | None:
    try:
        text = decode_as(data, charset)
    except (UnicodeError, LookupError, ValueError, AttributeError):
        if charset != "cp1252":
            return None
        text = data.decode("cp1252", "surrogateescape").translate(_CONTROLS)
    return text.removeprefix("\ufeff")


def _as_far_as_it_goes(data: bytes, charset: str) -> tuple[str, str] | None:
    """Text of a charset of several bytes that is broken somewhere; None when it was another charset altogether."""
    if charset == "utf-8":
        return (data.decode("utf-8", "replace"), "broken utf-8") if nearly_utf8(data) else None
    text = as_utf8(data)
    if text is not None:
        return text, f"charset {charset} was utf-8"
    wider = _strictly(data, _WIDER[charset]) if charset in _WIDER else None
    if wider is not None:
        return wider, ""
    text = decode_as(data, charset, "replace")
    broken = text.count("�")
    # More holes than characters: it only bears the name.
    return (text, f"broken {charset}") if broken * 2 <= sum(char > "\x7f" for char in text[:MOST]) + 1 else None


def _better(data: bytes, text: str, charset: str, hint: str) -> tuple[str, str] | None:
    """Another reading of `data` when the declared one decodes but cannot be what was meant: (text, charset)."""
    if charset in _MANY_BYTES:
        return _not_two_bytes(data) if charset not in _NOT_ASCII and charset != "utf-8" else None
    unicode = as_utf8(data)
    if unicode is not None:
        return unicode, "utf-8"
    near = _nearby(data, charset, hint)
    if near is not None:
        return near
    if charset == "cp1252":
        return _not_western(data, text)
    if charset == "koi8-r" and is_ukrainian_koi8(data):
        return data.decode("koi8-u"), "koi8-u"
    if charset in ("cp1250", "iso8859-2"):
        other = "iso8859-2" if charset == "cp1250" else "cp1250"
        sample = around_evidence(data)
        if not reads_best(sample, charset):
            worth = values(sample, charset)
            # Nothing can be worth more than 1: most need no second look.
            if sum(worth) <= len(worth) - 1.0 and sum(values(sample, other)) >= sum(worth) + 1.0:
                return data.decode(other, "replace"), other
    return None


def _not_two_bytes(data: bytes) -> tuple[str, str] | None:
    """UTF-8 under the name of a Chinese, Japanese or Korean charset: three octets each, again and again."""
    text = as_utf8(data)
    return (text, "utf-8") if text is not None and sum(char > "\u07ff" for char in text[:MOST]) >= 3 else None


def _nearby(data: bytes, charset: str, hint: str) -> tuple[str, str] | None:
    """The charset that the page names itself, where the one in the header makes no words and this one does."""
    near = find_charset(hint)
    if not near or near == charset or near in _NOT_ASCII:
        return None
    text = _strictly(data, near)
    sample = around_evidence(data)
    if text is None or score(sample, near) < max(0.7, score(sample, charset) + 0.15):
        return None
    return text, near


def _not_western(data: bytes, text: str) -> tuple[str, str] | None:
    """Text labelled ISO 8859-1, as all was by default for years, that is from somewhere else: (text, charset)."""
    evidence, against = czech_in_latin1(text[:MOST])
    if evidence >= 2 and not against:
        found = central_european(data)
        return data.decode(found, "replace"), found
    region = central_or_turkish(text[:MOST])
    if region:
        found = central_european(data) if region == "cp1250" else region
        return data.decode(found, "replace"), found
    if _is_dense(data):
        far = _far(data)
        read = _strictly(data, far) if far else None
        return (read, far) if read is not None else None
    sample = around_evidence(data)
    older = old_charset(sample, "cp1252", max(score(sample, "cp1252"), CONVINCING))
    return (decode_as(data, older[0], "replace"), older[0]) if older else None


def _is_dense(data: bytes) -> bool:
    sample = data[:2_000]
    return len(sample) >= 12 and len(HIGH.findall(sample)) * DENSE > len(sample)


def _far(data: bytes) -> str:
    """The charset of text in another script, "" where nothing is sure."""
    found = east_asian(data[:MOST]) or other_script(around_evidence(data))
    if found:
        return found
    guessed = _normalizer(around_evidence(data)) or ""
    return guessed if guessed in ("gb18030", "cp950") else ""


def guess(data: bytes, hint: str = "") -> tuple[str, str]:
    """The most likely text of `data` without a usable declaration, and the charset taken. `hint` wins a draw."""
    text = as_utf8(data)
    if text is not None:
        return text, "utf-8"
    if data.isascii():
        return _decode_seven_bits(data), "us-ascii"
    if nearly_utf8(data):
        return data.decode("utf-8", "replace"), "utf-8"
    sample = around_evidence(data)
    best, value = likely_charset(sample)
    near = find_charset(hint)
    if near and near != "utf-8" and _fits(data, sample, near, value):
        return decode_as(data, near, "replace"), near
    if _WIDE_SIGNS.fullmatch(sample) and _HOLA.search(sample) is None:
        best = "gb18030"
    elif _is_dense(data):
        best = _far(data) or best
    elif best in ("cp1251", "koi8-r"):
        best = other_script(sample) or best
    elif value < CONVINCING and len(HIGH.findall(sample)) >= 4:
        best = _normalizer(sample) or best
    return decode_as(data, best, "replace"), best


def _fits(data: bytes, sample: bytes, charset: str, value: float) -> bool:
    """Whether the charset that stands nearby reads `data` as well as the best guess (`value`) does."""
    text = _strictly(data, charset)
    if text is None:
        return False
    worse = value - score(sample, charset)
    if charset in _MANY_BYTES or worse <= 0.05:
        return True
    # What is Polish or Hungarian throughout is worth less than Czech misread of it, and meant all the same.
    letters = beyond_ascii(text)
    return worse <= 0.35 and charset in ("cp1250", "iso8859-2") and (letters <= POLISH or letters <= HUNGARIAN)


_ENOUGH = 8  # bytes over 127, below which charset-normalizer takes noise for Japanese
# UTF-16 is known by its zeros; the others are of mainframes.
_NOT_IN_MAIL = [
    "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be", "cp037", "cp273", "cp424", "cp500", "cp875",
    "cp1026", "cp1140",
]  # fmt: skip


def _normalizer(data: bytes) -> str | None:
    """What charset-normalizer takes `data` for, None where it does not know either."""
    match = from_bytes(data[:8_192], steps=3, chunk_size=512, cp_exclusion=_NOT_IN_MAIL).best()
    return find_charset(match.encoding) if match is not None else None
