"""Text of other scripts than Latin, and of Latin ones that ISO 8859-1 was written over: which charset it was."""

from __future__ import annotations

import re

from .charset_tables import decode_as

DENSE = 3  # one byte of so many beyond ASCII: the text is in another script
_SAMPLE = 4_096
# The letters that make up most of a text in each script.
_COMMON = frozenset(
    "оеаинтсрвлкмдпуяьызбйіОПНСВД"
    "αοιετσνηυρκπμλςάίόέήύώωθδγχ"
    "יוהלארמתבשנדחקע"
    "اليمنترهبعدةفسوقأك"
    "กขคงจชซดตถทธนบปผพภมยรลวสหอาิีึืุูเแโใไัะำ่้์"
)
# With what each must be better by.
_CANDIDATES = {
    "cp1251": 0.0, "koi8-r": 0.01, "koi8-u": 0.02, "iso8859-5": 0.03, "cp866": 0.03, "mac_cyrillic": 0.1,
    "cp1253": 0.02,
    "iso8859-7": 0.03, "cp1255": 0.02, "cp1256": 0.02, "iso8859-6": 0.03, "cp874": 0.05,
}  # fmt: skip
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u04ff\u0590-\u06ff\u0e00-\u0e7f]")
_NONE = re.compile("[\ufffd\x80-\x9f─-╿▀-▟]")
# What stands in no word: a capital behind a small letter, a sign or a Latin letter beside a foreign one, a vowel or
# tone of Thai without its consonant.
_BROKEN_WORD = re.compile(
    "[а-яёіїєґ][А-ЯЁІЇЄҐ]|[α-ώ][Α-Ω]|[а-яα-ω][^\\w\\s.,;:!?'’\"()/<>=&*@+\u00a0-][а-яα-ω]|[\u0600-\u06ff\u0590-\u05ff][à-ÿ¬¤×÷]"
    "|[a-zA-Z][а-яα-ωА-Я\u05d0-\u06ff]|[а-яα-ωА-Я\u05d0-\u06ff][a-zA-Z]|[^ก-ฮ\u0e31-\u0e4e][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]|[เแโใไ]{2}"
)
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
_ODD_EAST = re.compile("[\ufffd\uff61-\uff9f\u3131-\u318e\ue000-\uf8ff]")


def other_script(data: bytes) -> str:
    """The single-byte charset of Cyrillic, Greek, Hebrew, Arabic or Thai text, "" where it is none of these."""
    sample = data[:_SAMPLE]
    best, value = "", 0.0
    for charset, penalty in _CANDIDATES.items():
        text = decode_as(sample, charset, "replace")
        letters = _FOREIGN.findall(text)
        if len(letters) < 4 or len(set(letters)) < 3:
            continue
        common = sum(char.lower() in _COMMON or char in _COMMON for char in letters)
        wrong = len(_NONE.findall(text)) + 2 * len(_BROKEN_WORD.findall(text))
        share = (common - wrong) / len(letters) - penalty
        if share > value:
            best, value = charset, share
    return best if value > 0.65 else ""


def east_asian(data: bytes) -> str:
    """The charset of Japanese or Korean text, by its own letters; "" where it is neither (Chinese has none)."""
    for charset, own, enough in (("euc_jp", _KANA, 0.25), ("cp932", _KANA, 0.25), ("cp949", _HANGUL, 0.8)):
        try:
            text = decode_as(data, charset)[:_SAMPLE]
        except UnicodeError:
            continue
        wide = len(own.findall(text)) + len(_IDEOGRAPH.findall(text))
        if wide >= 4 and len(own.findall(text)) >= wide * enough and len(_ODD_EAST.findall(text)) * 10 < wide:
            return charset
    return ""


_POLISH = re.compile(r"(?<=[a-zà-ÿ])(?:[³¿±¶]|¹(?![stdm]\b))(?=[a-zà-ÿ])|³(?=[a-zà-ÿ])|(?<=[a-z])[³¹±](?!\w)")
_POLISH_TOO = re.compile(r"(?<=[a-z])[ñæ](?![aeiouyà-ÿ])|£(?=[a-z])|(?<=[a-z])ê(?!\w)")
_HUNGARIAN = re.compile(
    r"\b(?:és|hogy|nem|egy|az|van|szerint|kérem|kérjük|tisztelt|üdvözlettel|jó|napot|köszönjük|köszönöm)\b",
    re.IGNORECASE,
)
_ROMANIAN = re.compile(r"[ºª](?=[a-z])|(?<=[a-z])[ºþ]|ã(?=[a-z ])")
_TURKISH = re.compile(r"(?<=[a-zçüö])[ýþð]|[ýÝÞ](?=[a-zçüö])")
_NOT_TURKISH = frozenset("áíúæóéåøñ")
_ASCII = bytes(range(128))
# All letters beyond ASCII that the languages have, and the dashes and quotes beside them.
POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ–„”")
HUNGARIAN = frozenset("áéíóöőúüűÁÉÍÓÖŐÚÜŰ–„”")


def beyond_ascii(text: str) -> frozenset[str]:
    """The different characters beyond ASCII in `text`. Far faster than to look for some of them."""
    return frozenset(text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass"))


def central_or_turkish(text: str) -> str:
    """The charset of Polish, Hungarian, Romanian or Turkish text that is `text` read as ISO 8859-1; "" for none.

    windows-1250 stands for itself and ISO 8859-2 here.
    """
    letters = beyond_ascii(text)
    polish = set() if letters.isdisjoint("³¿±¶¹") else set(_POLISH.findall(text))
    # "³so²" and "it¹s" are quotes of old Macintoshes.
    if polish and "²" not in text and len(polish) + len(set(_POLISH_TOO.findall(text))) >= 2:
        return "cp1250"
    if not letters.isdisjoint("õû") and len({word.lower() for word in _HUNGARIAN.findall(text)}) >= 2:
        return "cp1250"
    if not letters.isdisjoint("ºªþ") and len(set(_ROMANIAN.findall(text))) >= 2:
        return "cp1250"
    if "ý" in letters and letters.isdisjoint(_NOT_TURKISH) and len(set(_TURKISH.findall(text))) >= 2:
        return "cp1254"
    return ""


_SHORT = 400  # characters: a subject, a name; in a longer text one sign alone may be anything
# Each is a letter of Polish in windows-1250 or ISO 8859-2, read as ISO 8859-1, where no Western language has it: ³ in a
# word or behind a vowel (m³ has none), £ before a vowel, ñ before no vowel, ść, and frequent words with ę.
_SURELY_POLISH = re.compile(
    r"(?<=[a-zó])³(?=[a-zó¹ê])|(?<=[a-z][aeiouyó])³(?![\w²])|(?<![\w£])£(?=[aeouóy¹ê][a-z³ñ])"
    r"|(?<=[a-zó])ñ(?![aeiouáéíóúàêëüãõ])|[\x9c¶]æ|(?<=[aeiy])æ(?!\w)"
    r"|\b(?:prosz|si|ofert|faktur|cen|wycen|umow|spraw|firm|pro[\x9c¶]b|prac|stron|informacj|p³atno[\x9c¶]ci|dostaw|kaw)ê(?!\w)",
    re.IGNORECASE,
)
_SURELY_SLOVAK = re.compile("[ôÔ][òÒ]")  # kôň, vôňa
# ő at the end of a word, in a later syllable than the first (Estonian õ) and not before e (Portuguese); both behind
# letters that only Hungarian writes together.
_SURELY_HUNGARIAN = re.compile(
    r"(?<=[a-zà-ÿ])õ(?!\w)|[aeiouáéíóúöü][a-zß]{1,6}õ(?![eo\W])|(?:gy|sz|cs|ny|ty|zs)[õû]|[õû](?=sz|ly|gy|ny)",
    re.IGNORECASE,
)


def surely_central(text: str) -> str:
    """As `central_or_turkish`, for a name or subject, in which one sign is enough: "cp1250" or ""."""
    if len(text) > _SHORT:
        return ""
    surely = (_SURELY_POLISH, _SURELY_HUNGARIAN, _SURELY_SLOVAK)
    return "cp1250" if any(signs.search(text) for signs in surely) else ""
