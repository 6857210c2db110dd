"""Charsets that Python lacks or reads too strictly: Kamenický, ISO-2022-JP of Microsoft, UTF-16 without a mark."""

from __future__ import annotations

import codecs
import re
import unicodedata

from .euc_tw import decode_euc_tw

# KEYBCS2, the charset of the Kamenický brothers for Czech and Slovak under DOS; the rest is code page 437.
_KAMENICKY_LETTERS = "ČüéďäĎŤčěĚĹÍľĺÄÁÉžŽôöÓůÚýÖÜŠĽÝŘťáíóúňŇŮÔšřŕŔ¼§«»"
KAMENICKY = "keybcs2"
_KAMENICKY = (
    "".join(map(chr, range(128)))
    + _KAMENICKY_LETTERS
    + bytes(range(0x80 + len(_KAMENICKY_LETTERS), 256)).decode("cp437")
)
VISCII = "viscii"  # Vietnamese, RFC 1456: six rare capitals stand where ASCII has controls
_VISCII = (
    "".join({2: "Ẳ", 5: "Ẵ", 6: "Ẫ", 20: "Ỷ", 25: "Ỹ", 30: "Ỵ"}.get(code, chr(code)) for code in range(128))
    + "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    + "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_MAPS = {KAMENICKY: _KAMENICKY, VISCII: _VISCII}
_OWN = frozenset({*_MAPS, "iso2022_jp_ext", "utf-16", "utf-32", "cp1258", "iso2022_cn", "euc_tw"})
_ESCAPE = re.compile(rb"\x1b(?:\$\([A-Z@]|\$[@AB]|\([A-Z]|\.[AF]|&@)")
_JIS = (b"\x1b$B", b"\x1b$@", b"\x1b$(B", b"\x1b$(@")
_CHINESE = re.compile(rb"\x0e([^\x0f\r\n]*)\x0f?")


def decode_as(data: bytes, charset: str, errors: str = "strict") -> str:
    """`data` in `charset` (a name that `find_charset` gives). Raises UnicodeError and what codecs raise."""
    if charset not in _OWN:
        return data.decode(charset, errors)
    if charset in _MAPS:
        return codecs.charmap_decode(data, errors, _MAPS[charset])[0]
    if charset == "euc_tw":
        return decode_euc_tw(data, errors)
    if charset == "iso2022_jp_ext":
        return _japanese(data, errors)
    if charset == "iso2022_cn":
        return _chinese(data, errors)
    if charset == "cp1258":
        # Vietnamese tone marks stand behind their letter there.
        return unicodedata.normalize("NFC", data.decode(charset, errors))
    return data.decode(byte_order(data, charset), errors)


def codepage(number: int) -> str | None:
    """Python's name for a code page of Windows, None when it has none."""
    special = {
        65001: "utf-8", 1200: "utf-16-le", 1201: "utf-16-be", 20127: "cp1252", 20866: "koi8-r", 21866: "koi8-u",
        28591: "cp1252", 28592: "iso8859-2", 936: "gb18030", 54936: "gb18030", 50220: "iso2022_jp_ext", 51932: "euc_jp",
        50221: "iso2022_jp_ext", 50222: "iso2022_jp_ext", 949: "cp949", 51949: "cp949", 10000: "mac_roman",
        10029: "mac_latin2", 10007: "mac_cyrillic", 1361: "johab", 895: KAMENICKY,
    }  # fmt: skip
    if number in special:
        return special[number]
    if 28593 <= number <= 28605:
        return f"iso8859-{number - 28590}"
    try:
        return codecs.lookup(f"cp{number}").name if 0 < number < 65_000 else None
    except LookupError:
        return None


def byte_order(data: bytes, charset: str) -> str:
    """The codec that reads UTF-16 or UTF-32 as it was written: by its mark, else by where its zeros stand."""
    if charset == "utf-32":
        return "utf-32" if data[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE) else "utf-32-be"
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    return looks_like_utf16(data) or "utf-16-be"


def looks_like_utf16(data: bytes) -> str:
    """ "utf-16-le" or "utf-16-be" when zeros stand at every other place as they do in Latin text, else ""."""
    sample = data[:4_096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    pairs = len(sample) // 2
    if odd * 4 >= pairs and even * 8 < odd:
        return "utf-16-le"
    return "utf-16-be" if even * 4 >= pairs and odd * 8 < even else ""


def surely_utf16(data: bytes) -> str:
    """As `looks_like_utf16`, where nobody says so: enough text, most of it Latin, and no zero at the other places."""
    found = looks_like_utf16(data[:4_096]) if len(data) >= 16 else ""
    high = data[:4_096][1 if found == "utf-16-le" else 0 :: 2]
    other = data[:4_096][0 if found == "utf-16-le" else 1 :: 2]
    return found if found and high.count(0) * 10 >= len(high) * 7 and 0 not in other else ""


def _japanese(data: bytes, errors: str) -> str:
    """ISO-2022-JP, its extensions, and the characters of Microsoft and NEC in it (①, ㈱) that are in no standard."""
    for codec in ("iso2022_jp_ext", "iso2022_jp_3", "iso2022_jp_2"):
        try:
            return data.decode(codec)
        except UnicodeError:
            continue
    out: list[str] = []
    mode = b""
    position = 0
    for escape in _ESCAPE.finditer(data):
        out.append(_segment(data[position : escape.start()], mode, errors))
        mode, position = escape.group(), escape.end()
    out.append(_segment(data[position:], mode, errors))
    return "".join(out)


def _segment(data: bytes, mode: bytes, errors: str) -> str:
    if mode in _JIS:
        return "".join(_jis_line(line, errors) for line in re.split(rb"([\r\n]+)", data))
    if mode == b"\x1b$(D":
        return b"".join(b"\x8f" + pair for pair in _pairs(data)).decode("euc_jp", errors)
    if mode == b"\x1b(I":
        return bytes(octet | 0x80 for octet in data).decode("cp932", errors)
    return data.decode("cp932", errors)


def _pairs(data: bytes) -> list[bytes]:
    return [bytes(octet | 0x80 for octet in data[start : start + 2]) for start in range(0, len(data), 2)]


def _jis_line(line: bytes, errors: str) -> str:
    """A line of two-byte JIS X 0208, by way of code page 932, which has the characters of Microsoft."""
    if not line or line[:1] in b"\r\n":
        return line.decode("ascii")
    shifted = bytearray()
    for start in range(0, len(line) - 1, 2):
        row, cell = line[start], line[start + 1]
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            shifted += b"\xff"
            continue
        lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
        trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
        shifted += bytes((lead, trail))
    if len(line) % 2:
        shifted += b"\xff"
    return bytes(shifted).decode("cp932", errors).replace("\x7f", "�")


def _chinese(data: bytes, errors: str) -> str:
    """ISO-2022-CN (RFC 1922), its GB 2312 part: what stands between SO and SI is two-byte Chinese."""
    bare = re.sub(rb"\x1b\$[)*+][AEGHIJKLM]|\x1b[NO]", b"", data)
    plain = _CHINESE.sub(lambda found: bytes(octet | 0x80 for octet in found.group(1)), bare)
    return plain.decode("gb2312", errors)
