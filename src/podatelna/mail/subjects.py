"""Subjects: what replying, forwarding and mailing lists add to them, in many languages."""

from __future__ import annotations

import re

MAX_SUBJECT = 2_000
_COUNT = r"\s{0,3}(?:\[\d{1,4}\]|\(\d{1,4}\)|\*\d{1,4}|\^\d{1,4}|\d{1,3})?\s{0,3}[:：]\s*"
_REPLIES = (
    r"re|aw|antw|antwort|sv|vs|odp|odpov[eě][dď]|bet|ynt|res|rif|r|ref|ad|vá|válasz|hal|atb|ats|отв|на|ответ"
    r"|回复|答复|回覆|返信|απ|σχετ"
)
_FORWARDS = (
    r"fw|fwd|wg|wtr|tr|pd|p[rř]ed|p[rř]eposlat|vl|doorst|ilt|enc|rv|fs|vb|továb|vs\sfwd|пересл"
    r"|转发|轉寄|転送|πρθ|i|inoltra"
)
_REPLY = re.compile(rf"(?:{_REPLIES}){_COUNT}", re.IGNORECASE)
_FORWARD = re.compile(rf"(?:{_FORWARDS}){_COUNT}", re.IGNORECASE)
_LIST = re.compile(r"\[[^\[\]]{0,100}\]\s*")
_TRAILER = re.compile(r"\s?\(fwd\)$", re.IGNORECASE)


def base_subject(subject: str) -> str:
    """The subject without what replying, forwarding and lists add (RFC 5256 2.1, and as written in many languages)."""
    text = " ".join(subject[:MAX_SUBJECT].split())
    # RFC 5256 2.1 (6): again after each step, clients nest them. The bound is for hostile subjects.
    for _ in range(50):
        before = text
        text = _TRAILER.sub("", text).strip()
        text = _without_prefix(text)
        if text.lower().startswith("[fwd:") and text.endswith("]"):
            text = text[5:-1].strip()
        if text == before:
            break
    return text


def _without_prefix(text: str) -> str:
    prefix = _REPLY.match(text) or _FORWARD.match(text)
    if prefix:
        return text[prefix.end() :].strip()
    name = _LIST.match(text)
    # RFC 5256 2.1 (5): a [list] name goes only when something is left.
    if name and name.end() < len(text) and not text.lower().startswith("[fwd:"):
        return text[name.end() :].strip()
    return text


def reply_subject(subject: str) -> str:
    """The subject of an answer: one "Re:" in front, however many there were in whatever language."""
    text = " ".join(subject[:MAX_SUBJECT].split())
    for _ in range(50):
        prefix = _REPLY.match(text)
        if prefix is None:
            break
        text = text[prefix.end() :].strip()
    return f"Re: {text}".strip()


def forward_subject(subject: str) -> str:
    """The subject of a forwarded message: "Fwd:" in front unless one is there."""
    text = " ".join(subject[:MAX_SUBJECT].split())
    prefix = _FORWARD.match(text)
    return f"Fwd: {text[prefix.end() :] if prefix else text}".strip()
