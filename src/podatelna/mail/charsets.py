"""Bytes to text: the declared charset where it fits, and evidence where it is missing, wrong or unknown."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

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
_EVIDENCE = 65_536  # bytes that are looked at where charsets are weighed against each other
_HIGH = re.compile(rb"[\x80-\xff]")
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
    if _HIGH.search(data) is None and charset in ("", None, "utf-8", "cp1252", "cp1250", "iso8859-2"):
        return _decode_seven_bits(data), _unknown(declared) if charset is None else ""
    if charset:
        text = _strictly(data, charset)
        if text is not None:
            better = _better(data, text, charset)
            return (text, "") if better is None else (better[0], f"charset {charset} was {better[1]}")
        if charset == "utf-8" and _nearly_utf8(data):
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
        # Five bytes have no meaning in windows-1252; browsers read them as the controls of ISO 8859-1.
        text = data.decode("cp1252", "replace") if len(_CONTROLS.findall(data)) == 0 else data.decode("latin-1")
    return text.removeprefix("\ufeff")


_CONTROLS = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
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
    as_utf8 = _utf8(data)
    if as_utf8 is not None:
        return as_utf8, "utf-8"
    if charset == "cp1252":
        return _not_western(data, text)
    if charset in ("cp1250", "iso8859-2"):
        other = "iso8859-2" if charset == "cp1250" else "cp1250"
        sample = _around_evidence(data)
        if sum(_values(sample, other)) >= sum(_values(sample, charset)) + 1.0:
            return data.decode(other, "replace"), other
    return None


def _not_western(data: bytes, text: str) -> tuple[str, str] | None:
    """Text labelled ISO 8859-1, as it was by default for years, that is Czech, Slovak or Russian: (text, charset)."""
    evidence, against = _czech_in_latin1(text[:_EVIDENCE])
    if evidence >= 2 and not against:
        found = _central_european(data)
        return data.decode(found, "replace"), found
    if len(_HIGH.findall(data[:2_000])) * 3 > len(data[:2_000]):
        best, score = _best_of({"cp1251": 0.0, "koi8-r": 0.0}, _around_evidence(data))
        if score > 0.7:
            return data.decode(best, "replace"), best
    return None


def _utf8(data: bytes) -> str | None:
    """The text when `data` has bytes over 127 and all of them make UTF-8."""
    if _HIGH.search(data) is None:
        return None
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None


def _nearly_utf8(data: bytes) -> bool:
    """UTF-8 with few breaks in it (cut off, or a stray byte) rather than another charset."""
    text = data[:_EVIDENCE].decode("utf-8", "replace")
    broken = text.count("�")
    whole = sum(1 for char in text if char > "\x7f" and char != "�")
    return broken <= 1 + whole // 10 and (whole > 0 or broken == 0)


# Czech and Slovak in windows-1250 or ISO 8859-2, read as windows-1252: ø is ř, ì is ě, è is č, ù is ů, ï is ď …
# Italian and French have some of these letters, but hardly ever before another one.
_CZECH_IN_LATIN1 = re.compile(
    r"[øØ]|[ìèùò](?=[a-zá-ÿ])|(?<![a-zá-ÿ])[ïÏÌÈÒ](?=[a-zá-ÿ])|(?<=[a-zá-ÿ])[¹¾»]|[¼¾](?=[a-zá-ÿ])|[©®](?=[»¾¹a-zá-ÿ])|[\x8d\x9d]"
)
_WESTERN_ONLY = re.compile(r"[àêãõåæñœÀÊÃÕÅÆÑ]")


def _czech_in_latin1(text: str) -> tuple[int, int]:
    """How many different signs there are that `text` is Czech or Slovak misread, and how many that it is not."""
    return len(set(_CZECH_IN_LATIN1.findall(text))), len(set(_WESTERN_ONLY.findall(text)))


def _only_cp1250(data: bytes) -> bool:
    """Letters where ISO 8859-2 has controls: š ť ž in windows-1250."""
    return re.search(rb"[\x8a\x8d\x8e\x9a\x9d\x9e]", data) is not None


def _central_european(data: bytes) -> str:
    """windows-1250 or ISO 8859-2, whichever makes more Czech and Slovak letters inside words."""
    if _only_cp1250(data):
        return "cp1250"
    # š ť ž ľ of ISO 8859-2 are signs in windows-1250, and stand between letters as no sign does.
    latin2 = len(re.findall(rb"[\xb9\xbb\xbe\xb5](?=[a-z\xe0-\xff])|(?<=[a-z\xe0-\xff])[\xb9\xbb]", data[:_EVIDENCE]))
    capitals = len(re.findall(rb"(?<![a-z])[\xa9\xab\xae](?=[a-z\xe0-\xff])", data[:_EVIDENCE]))
    return "iso8859-2" if latin2 + capitals else "cp1250"


# With what each must be better than windows-1250 by. DOS and Macintosh only where nothing of Windows makes words.
_CANDIDATES = {"cp1250": 0.0, "iso8859-2": 0.01, "cp1252": 0.02, "cp1251": 0.05, "koi8-r": 0.06}
_OLD_CANDIDATES = {"cp852": 0.0, "mac_latin2": 0.05}
_CONVINCING = 0.4
_CZECH = frozenset("áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽľĽôä")
_GERMAN = frozenset("äöüßÄÖÜ")
_WESTERN = frozenset("àèêçñãõåæëïîûâÅÆ")
_POLISH = frozenset("ąćęłńśźżŁŚŻ")
_JOINING = frozenset("’–—\u00a0")
_SIGNS = frozenset("\u00a0’‘“”„‚–—…•™®©€£§°·«»¡¿²³½±×")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


def guess(data: bytes, hint: str = "") -> tuple[str, str]:
    """The most likely text of `data` without a usable declaration, and the charset taken. `hint` wins a draw."""
    as_utf8 = _utf8(data)
    if as_utf8 is not None:
        return as_utf8, "utf-8"
    if _HIGH.search(data) is None:
        return _decode_seven_bits(data), "us-ascii"
    near = find_charset(hint)
    if near and near != "utf-8":
        text = _strictly(data, near)
        if text is not None:
            return text, near
    if _nearly_utf8(data):
        return data.decode("utf-8", "replace"), "utf-8"
    sample = _around_evidence(data)
    best, score = _best_of(_CANDIDATES, sample)
    if best == "cp1250":
        evidence, against = _czech_in_latin1(sample.decode("latin-1"))
        western = _score(sample, "cp1252")
        if against >= evidence and western > _CONVINCING and not _only_cp1250(sample):
            best, score = "cp1252", western
    if score < _CONVINCING:
        older, older_score = _best_of(_OLD_CANDIDATES, sample)
        best = older if older_score > 0.7 else _normalizer(sample) or best
    return data.decode(best, "replace"), best


def _best_of(candidates: dict[str, float], sample: bytes) -> tuple[str, float]:
    scores = {name: _score(sample, name) - penalty for name, penalty in candidates.items()}
    best = max(scores, key=lambda name: scores[name])
    return best, scores[best]


def _around_evidence(data: bytes) -> bytes:
    """A sample of `data` from its first byte over 127 on."""
    first = _HIGH.search(data)
    start = max(first.start() - 20, 0) if first else 0
    return data[start : start + 8_192]


def _score(data: bytes, charset: str) -> float:
    """How much the bytes over 127 read as letters of words in `charset`: from -1 to 1."""
    values = _values(data, charset)
    return sum(values) / len(values) if values else 0.0


def _values(data: bytes, charset: str) -> list[float]:
    text = f" {data.decode(charset, 'replace')} "
    return [_value(match.group(), text[match.start() - 1], text[match.end()]) for match in _BEYOND_ASCII.finditer(text)]


def _value(char: str, before: str, behind: str) -> float:
    """How well `char` stands between its neighbours: 1 a letter that belongs there, -1 no character at all."""
    if char == "�" or "\x80" <= char < "\xa0":
        return -1.0
    inside = before.isalpha() and behind.isalpha()
    if char in _SIGNS:
        return 0.6 if char in _JOINING or not inside else -0.8
    if not char.isalpha():
        return -0.8 if inside else 0.2
    if not before.isalpha() and not behind.isalpha():
        return -0.3
    if "Ѐ" <= char <= "ӿ":
        # Cyrillic words are Cyrillic throughout, and capitals begin them.
        near = before if before.isalpha() else behind
        fits = near > "\x7f" and near.isalpha() and (char.islower() or not before.islower())
        return 0.95 if fits else -1.0
    if char.isupper() and before.islower():
        return -0.7
    if char in _CZECH:
        return 1.0
    if char in _GERMAN:
        return 0.9
    if char in _WESTERN or char in _POLISH:
        return 0.7
    return 0.5 if char.islower() else -0.2


def _normalizer(data: bytes) -> str | None:
    """What charset-normalizer takes `data` for, None where it does not know either."""
    match = from_bytes(data[:8_192], steps=3, chunk_size=512).best()
    return find_charset(match.encoding) if match is not None else None
