"""Message-IDs as found in the wild, in Message-ID, In-Reply-To and References (RFC 5322 3.6.4)."""

from __future__ import annotations

import re

from .encoded_words import decode_words

MAX_IDS = 500
MAX_ID = 998  # RFC 5322 2.1.1: no line is longer
MAX_TEXT = 262_144
_COMMON = re.compile(r"[\s,;]*<([!#-'*+\--;=?A-~]+@[!#-'*+\--;=?A-~]+)>[\s,;]*")
_MARK = re.compile(r"[<>()]")
_ENTITIES = re.compile(r"&(lt|gt);", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")
# "Message from Jana <jana@acme.cz> of Monday <1@acme.cz>", and a name before an address: no Message-ID.
_PERSON = re.compile(r"(?:\b(?:from|by|von|od|de)\s[^<>]{0,200}|(?<!of )(?<!on )\"[^\"<>]{0,200}\"\s*)$", re.IGNORECASE)


def find_message_ids(text: str) -> tuple[str, ...]:
    """The Message-IDs named in a Message-ID, In-Reply-To or References value, without <>, each once, in order.

    Reads what is really written: blanks and line breaks inside, missing or doubled brackets, words, addresses and
    comments around (RFC 822's phrases in In-Reply-To), encoded words and entities. Of very many the first, which
    began the thread, and the last are given.
    """
    common = _COMMON.fullmatch(text)
    if common is not None and len(common.group(1)) <= MAX_ID:
        return (common.group(1),)
    text = text[:MAX_TEXT]
    if "=?" in text:
        # A long Message-ID that a program encoded in order to fold it, which RFC 2047 5 (3) forbids.
        text = decode_words(text)
    if "&" in text:
        text = _ENTITIES.sub(lambda match: "<" if match.group(1).lower() == "lt" else ">", text)
    found = list(dict.fromkeys(_in_brackets(text) or _bare(text)))
    if len(found) > MAX_IDS:
        found[1 : len(found) - MAX_IDS + 1] = []
    return tuple(found)


def _in_brackets(text: str) -> list[str]:
    """What stands in <>, but in comments and where a person is named beside a Message-ID."""
    found: list[str] = []
    people: list[str] = []
    depth = 0
    opened = -1  # where the "<" stands that is not closed yet
    behind = 0  # where the last one was closed
    marks = [*((mark.group(), mark.start()) for mark in _MARK.finditer(text)), ("", len(text))]
    comments = text.count("(") == text.count(")")
    for mark, place in marks:
        if mark in ("(", ")"):
            if comments and opened < 0:
                depth = max(depth + (1 if mark == "(" else -1), 0)
            continue
        if depth and mark:
            continue
        if opened >= 0:
            named = mark == ">" and _PERSON.search(text[max(behind, opened - 220) : opened]) is not None
            (people if named else found).extend(_inside(text[opened + 1 : place], closed=mark == ">"))
            behind = place + 1
        elif mark == ">":
            # The "<" is missing: 1@acme.cz>
            found.extend(_bare(text[behind:place])[-1:])
            behind = place + 1
        opened = place if mark == "<" else -1
    return found or people


def _inside(text: str, closed: bool) -> list[str]:
    """The Message-IDs between "<" and ">", or between "<" and what follows it when it is never closed."""
    if not closed and len(text.split()) > 1:
        text = text.split()[0]
    if text.count("@") > 1 and '"' not in text:
        # Several in one pair of brackets.
        words = [word.strip(",;") for word in text.split()]
        if sum("@" in word.strip("@") for word in words) > 1:
            return [word for word in words if "@" in word and len(word) <= MAX_ID]
    message_id = _UNSEEN.sub("", text)
    return [message_id] if 0 < len(message_id) <= MAX_ID else []


def _bare(text: str) -> list[str]:
    words = [_UNSEEN.sub("", word.strip(",;\"'()<>[]")) for word in text.split()]
    found = [word for word in words if "@" in word.strip("@") and len(word) <= MAX_ID]
    if not found and len(words) == 1 and 0 < len(words[0]) <= MAX_ID:
        # An identifier without a domain, alone: "Message-ID: 20260101.4711".
        return words
    return found
