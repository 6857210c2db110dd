"""Bytes to text: the declared charset where it fits, and evidence where it is missing, wrong or unknown."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

from .charset_evidence import (
    CONVINCING,
    HIGH,
    MOST,
    around_evidence,
    as_utf8,
    best_of,
    central_european,
    czech_in_latin1,
    likely_charset,
    nearly_utf8,
    score,
    values,
)
from .text import storable

# What senders write, and what they mean by it. The supersets are what mail programs really used.
_MEANT = {
    "us-ascii": "", "ascii": "", "ansi_x3.4-1968": "", "646": "", "default": "", "unknown": "", "unknown-8bit": "",
    "x-unknown": "", "x-user-defined": "", "none": "", "binary": "", "8bit": "", "7bit": "", "iso-8859": "", "ansi": "",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "l1": "cp1252", "iso88591": "cp1252", "iso-8859-8-i": "iso-8859-8", "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874",
    "iso8859_2": "iso-8859-2", "latin2": "iso-8859-2", "latin-2": "iso-8859-2", "iso88592": "iso-8859-2",
    "cp-1250": "cp1250", "win-1250": "cp1250", "win1250": "cp1250", "x-cp1250": "cp1250", "windows1250": "cp1250",
    "cswindows1250": "cp1250", "1250": "cp1250", "windows-latin2": "cp1250", "cp-1252": "cp1252",
    "x-cp1251": "cp1251", "x-cp1252": "cp1252", "x-ansi": "cp1252", "windows1252": "cp1252", "win-1251": "cp1251",
    "utf8": "utf-8", "utf-8mb4": "utf-8", "utf8mb4": "utf-8", "x-utf-8": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "_utf-8": "utf-8", "utf": "utf-8", "unicode-1-1-utf-7": "utf-7", "unicode": "utf-16",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "euc-cn": "gb18030",
    "chinese": "gb18030", "cp936": "gb18030", "ms936": "gb18030", "hz": "hz", "big5": "cp950", "x-big5": "cp950",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "ksc5601": "cp949", "x-windows-949": "cp949",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "ms_kanji": "cp932",
    "windows-31j": "cp932", "iso-2022-jp": "iso2022_jp_ext", "x-euc-jp": "euc_jp",
    "x-mac-ce": "mac_latin2", "x-mac-centraleurroman": "mac_latin2", "macce": "mac_latin2", "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman", "mac": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "x-mac-greek": "mac_greek",
    "koi8-ru": "koi8-u", "koi": "koi8-r", "dos-852": "cp852", "ibm-852": "cp852", "pclatin2": "cp852",
    "unicodefffe": "utf-16-be", "logical": "iso-8859-8", "visual": "iso-8859-8", "x-iscii-de": "",
}  # fmt: skip
# Codecs of Python that are no charset of text, or that would let a sender do work we do not want.
_NO_CHARSET = {
    "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem", "charmap", "unicode-escape",
}  # fmt: skip
_ESCAPES = re.compile(rb"\x1b[$(][@-B]")


@lru_cache(maxsize=512)
def find_charset(label: str) -> str | None:
    """Python's name for a charset label as senders write it; "" for ASCII and labels that say nothing, None unknown."""
    name = label.strip().strip("\"'").strip().lower()[:64]
    name = name.split("*", 1)[0] if "*" in name else name
    if not name or name in _MEANT:
        return _MEANT.get(name, "")
    if not name.isascii() or name in _NO_CHARSET or not re.fullmatch(r"[a-z0-9_.:+-]+", name):
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(found, "_is_text_encoding", True) or found.name in _NO_CHARSET:
        return None
    return _MEANT.get(found.name, found.name) or None


def decode_bytes(data: bytes, declared: str = "", hint: str = "") -> tuple[str, str]:
    """`data` as text, and what was wrong ("" when nothing was).

    `declared` is the charset that the sender named ("" for none); `hint` is one that stands nearby, tried where nothing
    is declared. The text is storable. Never raises.
    """
    text, defect = _decode(data, declared, hint)
    made = storable(text)
    if made is not text and not defect and made.count("�") > text.count("�"):
        defect = f"broken {find_charset(declared)}"
    return made, defect


def _decode(data: bytes, declared: str, hint: str) -> tuple[str, str]:
    charset = find_charset(declared)
    if charset == "" and declared.strip().lower() not in ("", "us-ascii", "ascii"):
        charset = None if declared.strip().lower() in ("unknown-8bit", "x-unknown") else charset
    if HIGH.search(data) is None and charset in ("", None, "utf-8", "cp1252", "cp1250", "iso8859-2"):
        return _decode_seven_bits(data), _unknown(declared) if charset is None else ""
    if charset:
        text = _strictly(data, charset)
        if text is not None:
            better = _better(data, text, charset)
            return (text, "") if better is None else (better[0], f"charset {charset} was {better[1]}")
        if charset == "utf-8" and nearly_utf8(data):
            return data.decode("utf-8", "replace"), "broken utf-8"
        if charset not in _SINGLE_BYTE and charset != "utf-8":
            return data.decode(charset, "replace"), f"broken {charset}"
    text, found = guess(data, hint)
    if charset is None:
        return text, _unknown(declared)
    return text, f"charset {charset} was {found}" if charset else (
        "" if found == "utf-8" else f"charset guessed: {found}"
    )


def _unknown(declared: str) -> str:
    return f"unknown charset {storable(declared.strip())[:40]}"


def _decode_seven_bits(data: bytes) -> str:
    # ISO-2022-JP is the one charset that hides in seven bits and was often sent without its name.
    if b"\x1b" in data and _ESCAPES.search(data):
        text = _strictly(data, "iso2022_jp_ext")
        if text is not None:
            return text
    return data.decode("ascii", "replace")


def _strictly(data: bytes, charset: str) -> str | None:
    try:
        text = data.decode(charset)
    except (UnicodeError, LookupError, ValueError, AttributeError):
        if charset != "cp1252":
            return None
        text = data.decode("cp1252", "surrogateescape").translate(_CONTROLS)
    return text.removeprefix("\ufeff")


# Five bytes have no meaning in windows-1252; browsers read them as the controls of ISO 8859-1.
_CONTROLS = {0xDC00 + octet: octet for octet in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_SINGLE_BYTE = {
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1254",
    "cp852",
    "cp437",
    "iso8859-2",
    "iso8859-15",
    "koi8-r",
    "mac_latin2",
}


def _better(data: bytes, text: str, charset: str) -> tuple[str, str] | None:
    """Another reading of `data` when the declared one decodes but cannot be what was meant: (text, charset)."""
    if charset not in _SINGLE_BYTE:
        return None
    unicode = as_utf8(data)
    if unicode is not None:
        return unicode, "utf-8"
    if charset == "cp1252":
        return _not_western(data, text)
    if charset in ("cp1250", "iso8859-2"):
        other = "iso8859-2" if charset == "cp1250" else "cp1250"
        sample = around_evidence(data)
        if sum(values(sample, other)) >= sum(values(sample, charset)) + 1.0:
            return data.decode(other, "replace"), other
    return None


def _not_western(data: bytes, text: str) -> tuple[str, str] | None:
    """Text labelled ISO 8859-1, as it was by default for years, that is Czech, Slovak or Russian: (text, charset)."""
    evidence, against = czech_in_latin1(text[:MOST])
    if evidence >= 2 and not against:
        found = central_european(data)
        return data.decode(found, "replace"), found
    if len(HIGH.findall(data[:2_000])) * 3 > len(data[:2_000]):
        best, value = best_of({"cp1251": 0.0, "koi8-r": 0.0}, around_evidence(data))
        if value > 0.7:
            return data.decode(best, "replace"), best
    return None


def guess(data: bytes, hint: str = "") -> tuple[str, str]:
    """The most likely text of `data` without a usable declaration, and the charset taken. `hint` wins a draw."""
    text = as_utf8(data)
    if text is not None:
        return text, "utf-8"
    if not HIGH.search(data):
        return _decode_seven_bits(data), "us-ascii"
    if nearly_utf8(data):
        return data.decode("utf-8", "replace"), "utf-8"
    sample = around_evidence(data)
    best, value = likely_charset(sample)
    near = find_charset(hint)
    if near and near != "utf-8" and _fits(data, sample, near, value):
        return data.decode(near, "replace"), near
    if value < CONVINCING:
        best = _normalizer(sample) or best
    return data.decode(best, "replace"), best


def _fits(data: bytes, sample: bytes, charset: str, value: float) -> bool:
    """Whether the charset that stands nearby reads `data` as well as the best guess (`value`) does."""
    if _strictly(data, charset) is None:
        return False
    return charset not in _SINGLE_BYTE or score(sample, charset) >= value - 0.05


def _normalizer(data: bytes) -> str | None:
    """What charset-normalizer takes `data` for, None where it does not know either."""
    match = from_bytes(data[:8_192], steps=3, chunk_size=512).best()
    return find_charset(match.encoding) if match is not None else None
