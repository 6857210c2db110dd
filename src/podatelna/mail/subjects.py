"""Subjects: what replying, forwarding and mailing lists add to them, in many languages."""

from __future__ import annotations

import re
import unicodedata

from .subject_words import FORWARDS, REPLIES

MAX_SUBJECT = 2_000
# Re[2]: Re(2): Re^2: Re*2: Re 2: and the colons of the world; none of them can be matched in two ways.
_COUNT = r"\s{0,3}(?:\[\d{1,4}\]|\(\d{1,4}\)|[*^]?\d{1,4})?\s{0,3}[:：﹕︰]+\s*"
_REPLY = re.compile(rf"(?:{REPLIES}){_COUNT}", re.IGNORECASE)
_FORWARD = re.compile(rf"(?:{FORWARDS}){_COUNT}", re.IGNORECASE)
# Names of lists, ticket numbers, and what gateways put in front: [helpdesk] 【公告】 [EXTERNAL] {Spam?} ***SPAM***
_TAG = re.compile(
    r"(?:\[[^\[\]]{0,100}\]|【[^【】]{0,100}】|\{(?:spam|disarmed|virus|filename)[^{}]{0,20}\}|\*{2,5}\s?(?:spam|ext)[^*]{0,30}\*{2,5})\s*",
    re.IGNORECASE,
)
_TRAILER = re.compile(r"\s*\((?:fwd?|wg|tr|přeposláno)\)$", re.IGNORECASE)


def base_subject(subject: str) -> str:
    """The subject without what replying, forwarding and lists add (RFC 5256 2.1, and as written in many languages)."""
    text = _plain(subject)
    # RFC 5256 2.1 (6): again after each step, clients nest them. Each step takes something away.
    while True:
        start = _behind_prefixes(text)
        shorter = _TRAILER.sub("", text[start:]).rstrip()
        if shorter.lower().startswith("[fwd:") and shorter.endswith("]"):
            shorter = shorter[5:-1].strip()
        if shorter == text:
            return text
        text = shorter


def _plain(subject: str) -> str:
    text = " ".join(subject[:MAX_SUBJECT].split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _behind_prefixes(text: str) -> int:
    """Where the subject goes on behind all prefixes and tags at its beginning."""
    position = 0
    while True:
        prefix = _REPLY.match(text, position) or _FORWARD.match(text, position)
        if prefix is None and not text[position : position + 5].lower().startswith("[fwd:"):
            prefix = _TAG.match(text, position)
            # RFC 5256 2.1 (5): a [list] name goes only when something is left.
            if prefix is not None and prefix.end() == len(text):
                prefix = None
        if prefix is None:
            return position
        position = prefix.end()


def reply_subject(subject: str) -> str:
    """The subject of an answer: one "Re:" in front, however many there were in whatever language."""
    text = _plain(subject)
    position = 0
    while prefix := _REPLY.match(text, position):
        position = prefix.end()
    return f"Re: {text[position:]}".strip()


def forward_subject(subject: str) -> str:
    """The subject of a forwarded message: "Fwd:" in front unless one is there."""
    text = _plain(subject)
    prefix = _FORWARD.match(text)
    return f"Fwd: {text[prefix.end() :] if prefix else text}".strip()
