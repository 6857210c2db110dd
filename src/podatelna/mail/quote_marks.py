"""How mail programs mark a quote: prefixes, attribution lines, separators, header blocks, signatures."""

from __future__ import annotations

import re

MAX_LINE = 400  # characters of a line that are looked at: no attribution is longer
MAX_ATTRIBUTION = 4  # lines; clients wrap them

# The verb of "On …, Jana wrote:", one per language and spelling.
_WROTE = (
    r"napsal(?:a|\(a\)|/a|\s\(a\)|\s?\(-a\)|i)?|píše|pise|napísal(?:a|\(a\)|i)?|napisal(?:a|\(a\)|i)?"
    r"|napisał(?:a|\(a\)|/a)?|pisze|wrote|writes|schrieb|schreibt|a écrit|escribió|ha scritto|schreef|escreveu"
    r"|пишет|написал(?:а|\(а\))?|писал(?:а|\(а\))?"
)
_BEGINS = (
    r"on|dne|dňa|dna|am|le|el|il|op|em|w dniu|dnia|po|út|ut|st|čt|ct|pá|pa|so|ne|št|pi|pondělí|úterý|středa|čtvrtek"
    r"|pátek|sobota|neděle"
)
_VERB = re.compile(rf"(?<!\w)(?:{_WROTE})(?!\w)", re.IGNORECASE)
_BEGIN = re.compile(rf"(?:{_BEGINS})(?!\w)", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_STARTS = re.compile(rf"(?:{_BEGINS})\b|\d{{1,4}}[./-]", re.IGNORECASE)
_ENDS = re.compile(r"[:：]\s*$")

_SEPARATOR = re.compile(
    r"[-_*=\s]{2,40}\s?(?:original message|original appointment|původní (?:zpráva|e-?mail|email)"
    r"|puvodni (?:zprava|e-?mail)"
    r"|pôvodná správa|povodna sprava|pôvodný e-?mail|ursprüngliche nachricht|originalnachricht"
    r"|weitergeleitete nachricht|forwarded message"
    r"|přeposlaná zpráva|preposlana zprava|předaná zpráva|preposlaná správa|oryginalna wiadomość"
    r"|message d'origine|mensaje original"
    r"|messaggio originale|oorspronkelijk bericht|mensagem original|исходное сообщение|původní zprávu"
    r"|begin forwarded message)\s?:?\s?[-_*=\s]{0,40}$",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"(?:začátek přeposílané zprávy|begin forwarded message|anfang der weitergeleiteten nachricht)\s?:\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"\s{0,3}[_-]{10,80}\s*$")
_LABEL = re.compile(
    r"\s{0,3}\*?(?:(?P<who>from|od|von|de|da|van|от)|(?P<when>sent|odesláno|odeslano|odoslané|odoslane|gesendet|date|datum|dátum|wysłano|envoyé|enviado"
    r"|inviato|verzonden|дата|отправлено)|(?P<whom>to|komu|an|do|à|para|a|aan|кому|pro)|(?P<copy>cc|kopie|kópia|kopia)"
    r"|(?P<about>subject|předmět|predmet|věc|betreff|temat|objet|asunto|oggetto|onderwerp|assunto|тема))\s?\*?\s?[:：]",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"--\s?\s*$")
_PHONE = re.compile(
    r"\s{0,3}(?:sent from (?:my|outlook|yahoo|mail|samsung|proton)\b|odesláno (?:z|ze|pomocí)\b|odoslané (?:z"
    r"|zo)\b|poslané z\b|von meinem \w{1,20} gesendet"
    r"|gesendet (?:von|mit)\b|get outlook for|získat outlook pro|získejte outlook|envoyé de mon|wysłane z"
    r"|inviato da|enviado desde|verzonden vanaf)"
    r".{0,120}$",
    re.IGNORECASE,
)


def is_quoted(line: str) -> bool:
    """Whether the line has a quote's mark."""
    return line[:4].lstrip(" ").startswith(">")


def is_signature_mark(line: str) -> bool:
    """The "-- " that begins a signature (RFC 3676 4.3), also with the blank lost on the way."""
    return line.startswith("--") and _SIGNATURE.match(line[:20]) is not None


def is_phone_signature(line: str) -> bool:
    """The line that phones and web mail add."""
    return len(line) <= 200 and _PHONE.match(line) is not None


def attribution_size(lines: list[str], position: int) -> int:
    """How many lines from `position` make an attribution like "Dne 5. 1. 2026 Jana napsala:"; 0 when none."""
    if not _may_begin(lines[position]):
        return 0
    joined = ""
    for size in range(1, MAX_ATTRIBUTION + 1):
        if position + size > len(lines):
            return 0
        line = lines[position + size - 1][:MAX_LINE].strip()
        if not line or line.startswith(">"):
            return 0
        joined = f"{joined} {line}".strip()
        if _ENDS.search(line):
            return size if _is_attribution(joined) else 0
    return 0


def _may_begin(line: str) -> bool:
    text = line[:MAX_LINE].strip()
    return _STARTS.match(text) is not None or (len(line) < MAX_LINE and _ENDS.search(text) is not None)


def is_introduction(text: str) -> bool:
    """Whether `text`, one line, introduces a quote: an attribution or a separator."""
    return (_ENDS.search(text) is not None and _is_attribution(text)) or _SEPARATOR.match(text) is not None


def _is_attribution(text: str) -> bool:
    """`text` ends in a colon: it needs a verb of writing, and a date or the verb at its very end."""
    verbs = list(_VERB.finditer(text))
    if not verbs:
        return False
    verb = verbs[-1]
    if _ENDS.match(text, verb.end()):
        return _DIGIT.search(text) is not None or "@" in text or len(text) < 80
    return _BEGIN.match(text) is not None and _DIGIT.search(text, 0, verb.start()) is not None


def separator_size(lines: list[str], position: int) -> int:
    """How many lines from `position` separate an unmarked quote from the reply: 0 when none do.

    "-----Original Message-----" and its kin, or Outlook's header block (From, Sent, To, Subject), with or without a
    rule above it.
    """
    line = lines[position]
    if len(line) <= MAX_LINE and (_SEPARATOR.match(line.strip()) or _FORWARDED.match(line.strip())):
        return 1
    start = position + 1 if _RULE.match(line[:100]) else position
    while start > position and start < len(lines) and start < position + 3 and not lines[start].strip():
        start += 1
    size = _header_block(lines, start)
    return start - position + size if size else 0


def _header_block(lines: list[str], position: int) -> int:
    kinds: set[str] = set()
    size = 0
    for line in lines[position : position + 12]:
        label = _LABEL.match(line[:MAX_LINE])
        if label is None and (not line.strip() or not kinds):
            break
        if label is not None:
            kinds.add(label.lastgroup or "")
        size += 1
        if size == 1 and kinds != {"who"}:
            return 0
    return size if {"who", "about"} <= kinds and ("when" in kinds or "whom" in kinds) else 0
