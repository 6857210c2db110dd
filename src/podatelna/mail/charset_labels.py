"""What senders call charsets, and what they mean by it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache

from .charset_tables import KAMENICKY, VISCII, codepage

# Labels that say nothing about the charset; the bytes have to.
_SILENT = """
us-ascii ascii ansi_x3.4-1968 ansi_x3.4-1986 iso646-us iso_646.irv:1991 iso-ir-6 646 us default unknown
x-unknown unknown-8bit x-user-defined user-defined user_defined none null nil binary 8bit 7bit 8-bit 7-bit iso-8859
iso8859 ansi oem dos windows mime text plain charset auto _autodetect _autodetect_all _auto autodetect
x-iscii-de unspecified default_charset other local en cs""".split()
# The supersets are what mail programs really used under the name of the smaller charset.
_MEANT = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "l1": "cp1252", "iso-8859-1-windows-3.1-latin-1": "cp1252", "iso-8859-1-windows-3.0-latin-1": "cp1252",
    "ansi_x3.110-1983": "cp1252", "x-ansi": "cp1252", "western": "cp1252", "windows-latin1": "cp1252",
    "iso-8859-8-i": "cp1255", "iso-8859-8-e": "cp1255", "logical": "cp1255", "visual": "iso8859-8",
    "iso-8859-9": "cp1254", "iso8859-9": "cp1254", "latin5": "cp1254",
    "iso-8859-11": "cp874", "iso8859-11": "cp874", "tis-620": "cp874", "tis620": "cp874",
    "latin2": "iso8859-2", "latin-2": "iso8859-2", "windows-latin2": "cp1250",
    "iso-8859-2-windows-latin-2": "cp1250", "pclatin2": "cp852", "latin2dos": "cp852",
    KAMENICKY: KAMENICKY, "kamenicky": KAMENICKY, "kamenický": KAMENICKY, "kam": KAMENICKY, "x-kam": KAMENICKY,
    "utf8": "utf-8", "utf-8": "utf-8", "utf-8mb4": "utf-8", "utf8mb4": "utf-8", "utf_8": "utf-8", "utf": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "_utf-8": "utf-8", "utf-8-sig": "utf-8", "csutf8": "utf-8", "uft-8": "utf-8",
    "utf-8-mac": "utf-8", "utf-8n": "utf-8", "iso-utf-8": "utf-8", "iso-10646-utf-8": "utf-8",
    "unicode-2-0-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "unicode-2-0-utf-7": "utf-7", "utf7": "utf-7", "csunicode11utf7": "utf-7",
    "unicode": "utf-16", "unicodefffe": "utf-16-be", "iso-10646-ucs-2": "utf-16", "ucs-2": "utf-16", "ucs2": "utf-16",
    "iso-10646-j-1": "iso2022_jp_ext", "ucs-4": "utf-32",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "gb2312-80": "gb18030", "x-gbk": "gb18030",
    "euc-cn": "gb18030", "gb": "gb18030", "gb2312_charset": "gb18030", "gb18030-2000": "gb18030",
    "chinese": "gb18030", "chinesebig5": "cp950", "hz-gb-2312": "hz", "hz": "hz",
    "iso-2022-cn": "iso2022_cn", "iso-2022-cn-ext": "iso2022_cn",
    "big5": "cp950", "x-big5": "cp950", "big-5": "cp950", "big5-eten": "cp950", "x-x-big5": "cp950", "cn-big5": "cp950",
    "big5-hkscs": "big5hkscs", "big5hkscs": "big5hkscs", "hkscs": "big5hkscs",
    "ks_c_5601-1987": "cp949", "ks_c_5601-1989": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "ksc_5601": "cp949",
    "euc-kr": "cp949", "euckr": "cp949", "euc_kr": "cp949", "korean": "cp949", "uhc": "cp949", "x-euc-kr": "cp949",
    "ks_x_1001": "cp949", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932",
    "ms_kanji": "cp932", "windows-31j": "cp932", "shiftjis": "cp932", "x-ms-cp932": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso2022_jp": "iso2022_jp_ext", "iso-2022-jp-ms": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext",
    "jis": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext", "cp50222": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext", "x-windows-iso2022jp":
    "iso2022_jp_ext", "iso2022jp": "iso2022_jp_ext", "iso-2022-jp-2": "iso2022_jp_2", "x-euc-jp": "euc_jp",
    "x-euc": "euc_jp",
    "eucjp-ms": "euc_jp", "eucjp": "euc_jp", "cp51932": "euc_jp", "iso-2022-kr": "iso2022_kr",
    "x-mac-ce": "mac_latin2", "x-mac-centraleurroman": "mac_latin2", "macce": "mac_latin2", "mac-ce": "mac_latin2",
    "mac-latin2": "mac_latin2", "mac_latin2": "mac_latin2", "mac-centraleurope": "mac_latin2",
    "x-mac-latin2": "mac_latin2",
    "maccentraleurope": "mac_latin2", "x-mac-roman": "mac_roman", "macroman": "mac_roman", "mac-roman": "mac_roman",
    "macintosh": "mac_roman", "mac": "mac_roman", "apple-roman": "mac_roman", "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic", "x-mac-greek": "mac_greek", "x-mac-turkish": "mac_turkish", "x-mac-croatian":
    "mac_croatian", "x-mac-icelandic": "mac_iceland", "x-mac-romanian": "mac_romanian",
    "koi8-ru": "koi8-u", "koi": "koi8-r", "koi8": "koi8-r", "koi8r": "koi8-r", "koi8u": "koi8-u", "cskoi8r": "koi8-r",
    "cyrillic": "iso8859-5", "greek": "iso8859-7", "hebrew": "cp1255", "arabic": "iso8859-6",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6", "asmo-708": "iso8859-6", "thai": "cp874", "turkish": "cp1254", "latin-9": "iso8859-15",
    "latin9": "iso8859-15",
    VISCII: VISCII, "csviscii": VISCII, "viscii1.1-1": VISCII,
    "euc_tw": "euc_tw", "euc-tw": "euc_tw", "euctw": "euc_tw", "cns11643": "euc_tw",
}  # fmt: skip
_MEANT.update(dict.fromkeys(_SILENT, ""))
# Codecs of Python that are no charset of text, or that would let a sender do work we do not want.
_NO_CHARSET = {
    "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs", "oem", "charmap", "unicode-escape",
    "raw-unicode-escape",
}  # fmt: skip
_TOKEN = re.compile(r"[^\W_][\w.:+-]*")
_PAGE = re.compile(r"(?:x-)?(?:cs)?(?:cp|win|windows|ibm|dos|ms|msdos|microsoft-cp|codepage)?[-_ .]?(\d{3,5})(?!\d)")
_ISO = re.compile(r"(?:x-)?(?:cs)?(?:iso)?[-_ ]?8859[-_ ]?(\d{1,2})(?!\d)")


@lru_cache(maxsize=2_048)
def find_charset(label: str) -> str | None:
    """Python's name for a charset label as senders write it; "" for ASCII and labels that say nothing, None unknown.

    Quotes, comments and other junk around the label are passed over, and so is its spelling: cp-1250, "Windows 1250",
    win1250, x-cp1250.
    """
    bare = label.replace("\x00", "").strip().strip("\"'`<>;,[]() \t").lower()[:64]
    if not bare:
        return ""
    for name in _spellings(bare):
        found = _MEANT.get(name)
        if found is None:
            found = _codec(name)
        if found is not None:
            return found
    return None


def says_nothing(label: str) -> bool:
    """Whether a label was written that admits that the charset is not known."""
    return label.strip().strip("\"'").lower() in ("unknown-8bit", "x-unknown")


def _spellings(bare: str) -> Iterator[str]:
    bare = bare.removeprefix("charset=").strip("\"' ")
    yield bare
    page, iso = _PAGE.match(bare), _ISO.match(bare)
    if iso:
        yield f"iso-8859-{int(iso.group(1))}"
    elif page:
        yield codepage(int(page.group(1))) or ""
    token = _TOKEN.search(bare)
    first = token.group().rstrip(".:+-") if token else ""
    # RFC 2231 5: a language may follow; and lists, whose first name counts.
    yield first
    yield first.removeprefix("x-")
    yield first.replace("_", "-")


def _codec(name: str) -> str | None:
    if not name.isascii() or name in _NO_CHARSET or not re.fullmatch(r"[a-z0-9_.:+-]{2,60}", name):
        return None
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(found, "_is_text_encoding", True) or found.name in _NO_CHARSET:
        return None
    return _MEANT.get(found.name, found.name)
