"""What speaks for one charset or another: UTF-8 that fits, letters that make words, signs that stand where none can."""

from __future__ import annotations

import re

from .charset_scripts import beyond_ascii, central_or_turkish, surely_central
from .charset_tables import KAMENICKY, decode_as

MOST = 65_536  # bytes that are looked at where charsets are weighed against each other
HIGH = re.compile(rb"[\x80-\xff]")
CONVINCING = 0.4  # of `score`: what is below is read as words by no candidate


# Where the first byte over 127 is none that UTF-8 begins a letter with: seen sooner than by decoding.
_PERHAPS_UTF8 = re.compile(rb"[\x00-\x7f]*+[\xc2-\xf4][\x80-\xbf]")


def as_utf8(data: bytes) -> str | None:
    """The text when `data` has bytes over 127 and all of them make UTF-8."""
    if _PERHAPS_UTF8.match(data) is None:
        return None
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None


def nearly_utf8(data: bytes) -> bool:
    """UTF-8 with few breaks in it (cut off, or a stray byte) rather than another charset."""
    text = data[:MOST].decode("utf-8", "replace")
    broken = text.count("�")
    whole = sum(1 for char in text if char > "\x7f" and char != "�")
    return broken <= 1 + whole // 10 and (whole > 0 or broken == 0)


# Czech and Slovak in windows-1250 or ISO 8859-2, read as windows-1252: ø is ř, ì is ě, è is č, ù is ů, ï is ď …
# Italian and French have some of these letters, but hardly ever before another one.
_CZECH_IN_LATIN1 = re.compile(
    r"[øØ]|[ìèùò](?=[a-zá-ÿ])|(?<![a-zá-ÿ])[ïÏÌÈÒ](?=[a-zá-ÿ])|(?<=[a-zá-ÿ])[¹¾»]|[¼¾](?=[a-zá-ÿ])|[©®](?=[»¾¹a-zá-ÿ])|[\x8d\x9d]"
)
_CZECH_SIGNS = frozenset("øØìèùòïÏÌÈÒ¹¾»¼©®\x8d\x9d")  # each match has one of these
_WESTERN_ONLY = frozenset("àêãõåæñœçÀÊÃÕÅÆÑÇ")
# No Western language has both: those with è and ù have no á, those with á have no è.
_NEVER_TOGETHER = re.compile(r"[áýÁÝ].*?[èìøùïûÈÌØÙÏÛ]|[èìøùïûÈÌØÙÏÛ].*?[áýÁÝ]", re.DOTALL)
_CZECH_NUMBER = re.compile(rb"(?<![A-Za-z\xc0-\xff])[\xc8\xe8]\. {0,2}\d")  # č. 5


def czech_in_latin1(text: str) -> tuple[int, int]:
    """How many different signs there are that `text` is Czech or Slovak misread, and how many that it is not."""
    letters = beyond_ascii(text)
    signs = 0 if letters.isdisjoint(_CZECH_SIGNS) else len(set(_CZECH_IN_LATIN1.findall(text)))
    if _NEVER_TOGETHER.search(text[:1_000]) is not None:
        signs += 1
    return signs, len(letters & _WESTERN_ONLY)


def only_cp1250(data: bytes) -> bool:
    """Letters where ISO 8859-2 has controls: š ť ž in windows-1250."""
    return re.search(rb"[\x8a\x8d\x8e\x9a\x9d\x9e]", data) is not None


def central_european(data: bytes) -> str:
    """windows-1250 or ISO 8859-2, whichever makes more Czech and Slovak letters inside words."""
    if only_cp1250(data):
        return "cp1250"
    # š ť ľ of ISO 8859-2 are signs in windows-1250, and stand between letters as no sign does; so do ą ś of Polish.
    sample = data[:MOST]
    latin2 = len(re.findall(rb"[\xb9\xbb\xb5\xb1\xb6](?=[a-z\xe0-\xff])|(?<=[a-z\xe0-\xff])[\xb9\xb1\xb6]", sample))
    capitals = len(re.findall(rb"(?<![a-zA-Z\xc0-\xff])[\xa9\xae\xac\xa1\xa6](?=[a-z\xe0-\xff])", sample))
    if b"\xab" not in sample:
        # Ť and ť, which are « and » where both stand.
        latin2 += len(re.findall(rb"(?<=[a-z\xe0-\xff])\xbb", sample))
    elif b"\xbb" not in sample:
        capitals += len(re.findall(rb"(?<![a-zA-Z\xc0-\xff])\xab(?=[a-z\xe0-\xff])", sample))
    return "iso8859-2" if latin2 + capitals + len(_Z_NOT_L.findall(sample)) else "cp1250"


# One byte is ž in ISO 8859-2 and ľ in windows-1250. No ľ stands before e or i, and at the end of words only
# in -teľ and -ieľ.
_Z_NOT_L = re.compile(
    rb"\xbe(?=[eid\xed\xe9\xec])|(?<=[a-z\xe0-\xff])(?<!te)(?<!ie)(?<!\xedte)\xbe(?![a-z\xe0-\xff])|(?<![a-z\xe0-\xff])\xbe(?=[aoun\xe1l])"
)
_UKRAINIAN = re.compile(
    rb"(?<=[\xa3\xb3\xc0-\xff])[\xa4\xa6\xa7\xad]|[\xa4\xa6\xa7\xad\xb4\xb6\xb7\xbd](?=[\xa3\xb3\xc0-\xff])"
)


def is_ukrainian_koi8(data: bytes) -> bool:
    """Whether letters that only KOI8-U has stand in words, where KOI8-R has lines for drawing boxes."""
    return _UKRAINIAN.search(data[:MOST]) is not None


# With what each must be better than windows-1250 by. DOS and Macintosh only where nothing of Windows makes words.
_CANDIDATES = {"cp1250": 0.0, "iso8859-2": 0.01, "cp1252": 0.02, "cp1251": 0.05, "koi8-r": 0.06}
_OLD_CANDIDATES = {"cp852": 0.0, KAMENICKY: 0.02, "mac_latin2": 0.05, "cp850": 0.06, "mac_roman": 0.1}
_CZECH = frozenset("áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽľĽôäŕĺ")
_GERMAN = frozenset("äöüßÄÖÜ")
_WESTERN = frozenset("àèêçñãõåæëïîûâÅÆÀÈÊÇÑÃÕÎÏÛÂ")
_POLISH = frozenset("ąćęłńśźżŁŚŻőűŐŰ")  # and Hungarian
_JOINING = frozenset("’–—…\u00a0")
_SIGNS = frozenset("\u00a0’‘“”„‚–—…•™®©€£¢¥§°·«»¡¿²³½±×")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


# © ® and the like where no letter can stand: they say nothing of Central Europe.
_SIGNS_ONLY = re.compile(rb"(?:[\x00-\x7f]|[\xa9\xae](?![a-zA-Z\xc0-\xff])|[\xa0\xb0\xb2\xb3\xb7])*+")


def likely_charset(sample: bytes) -> tuple[str, float]:
    """The single-byte charset that reads `sample` best, and how well: see `score`."""
    if _SIGNS_ONLY.fullmatch(sample):
        return surely_central(sample.decode("latin-1")) or "cp1252", 0.6
    if b"\xab" in sample and b"\xbb" in sample:
        sample = sample.translate(None, b"\xab\xbb")  # « and », not Ť and ť
    best, value = best_of(_CANDIDATES, sample)
    if best == "cp1250":
        evidence, against = czech_in_latin1(sample.decode("latin-1"))
        western = score(sample, "cp1252")
        if against >= evidence and western > CONVINCING and not only_cp1250(sample):
            best, value = "cp1252", western
    elif best == "cp1252" and _CZECH_NUMBER.search(sample):
        best = "cp1250"
    elif best == "cp1252" and _NEVER_TOGETHER.search(sample[:1_000].decode("latin-1")):
        evidence, against = czech_in_latin1(sample.decode("latin-1"))
        best = "cp1250" if evidence > against else best
    if best in ("cp1252", "cp1250"):
        text = sample.decode("latin-1")
        best = central_or_turkish(text) or surely_central(text) or best
    if best in ("cp1250", "iso8859-2"):
        found = central_european(sample)
        best = found if score(sample, found) >= value - 0.15 else best
    return old_charset(sample, best, value) or (best, value)


def old_charset(sample: bytes, best: str, value: float) -> tuple[str, float] | None:
    """The charset of DOS or of old Macintoshes that reads `sample`, with its score, where `best` (at `value`) fails."""
    fails = value < CONVINCING
    if not fails and min(values(sample, best), default=0.0) > -0.7:
        return None
    # A blank that does not break, quotes and dashes of Windows are letters there.
    telling = sample if fails else sample.translate(_NO_SIGNS)
    older, older_value = best_of(_OLD_CANDIDATES, telling)
    if fails:
        return (older, older_value) if older_value > 0.7 else None
    worth = values(telling, best)
    wrong = sum(one <= -0.7 for one in worth)
    if older_value > 0.93 and wrong >= 2 and wrong * 5 >= len(worth) and min(values(telling, older)) > 0:
        return older, older_value
    return None


_NO_SIGNS = bytes.maketrans(b"\xa0\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97", b"a" * 11)


def best_of(candidates: dict[str, float], sample: bytes) -> tuple[str, float]:
    """The best of `candidates` (with what each must be better by) for `sample`, and its score."""
    found = {name: score(sample, name) - penalty for name, penalty in candidates.items()}
    best = max(found, key=lambda name: found[name])
    return best, found[best]


def around_evidence(data: bytes) -> bytes:
    """A sample of `data` from its first byte over 127 on."""
    first = HIGH.search(data)
    start = max(first.start() - 20, 0) if first else 0
    return data[start : start + 8_192]


def score(data: bytes, charset: str) -> float:
    """How much the bytes over 127 read as letters of words in `charset`: from -1 to 1."""
    found = values(data, charset)
    return sum(found) / len(found) if found else 0.0


# Each letter worth 1 in `values`: a small one beside a letter, a capital at the beginning of a word or behind another.
_LETTERS = "a-zA-Z" + "".join(sorted(_CZECH))
_SMALL = "".join(char for char in sorted(_CZECH) if char.islower())
_LARGE = "".join(char for char in sorted(_CZECH) if char.isupper())
_ALL_CZECH = re.compile(
    rf"[\x00-\x7f]*+(?:(?:[{_SMALL}](?:(?=[{_LETTERS}])|(?<=[{_LETTERS}].))"
    rf"|(?<![a-z{_SMALL}])[{_LARGE}](?:(?=[{_LETTERS}])|(?<=[{_LETTERS}].)))[\x00-\x7f]*+)*+",
    re.DOTALL,
)


def reads_best(sample: bytes, charset: str) -> bool:
    """Whether each character beyond ASCII is worth the most it can be: no charset then reads `sample` better."""
    return _ALL_CZECH.fullmatch(decode_as(sample, charset, "replace")) is not None


def values(data: bytes, charset: str) -> list[float]:
    """What each character beyond ASCII is worth in `charset`, from -1 to 1."""
    text = f" {decode_as(data, charset, 'replace')} "
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
        return 0.4 if char in "àÀéèÉ" else -0.3  # words of one letter
    if "Ѐ" <= char <= "ӿ":
        # Cyrillic words are Cyrillic throughout, and capitals begin them.
        near = [one for one in (before, behind) if one.isalpha()]
        fits = all(one > "\x7f" for one in near) and (char.islower() or not before.islower())
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
