"""The words and numbers of a failed delivery: status, reply code, a readable reason, and whether it is for good."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from .encoded_words import decode_words
from .signs import fold
from .text import one_line
from .word_tables import alternatives

MAX_REASON = 1_000
# RFC 3463: class, subject, detail. Four numbers with dots are an IP address, and versions have other subjects.
_STATUS = re.compile(r"(?<![\w.])([245]\.\d{1,3}\.\d{1,3})(?![.]?\d)")
_NUMBERED = re.compile(r"(?<![\d.])([245]\d\d)[ -]{1,2}(?:\d{3}[ -])?[(#\[]?([245]\.\d{1,3}\.\d{1,3})(?![.]?\d)")
_CODES = (
    re.compile(r"^[\s\W]{0,10}([245]\d\d)(?=[ -]|$|[:;,.]\s)"),
    re.compile(r"<<<\s{0,3}([245]\d\d)(?=[ -])"),
    re.compile(
        r"(?:said|returned|response|responsecode|error_code|error|reply|code|was|reason|refused|rejected|answer|odpov[eě][dď]|]|command)"
        r"[^\w\n]{0,6}\s{0,3}([45]\d\d)(?![\d.])",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![\w.#+/:-])([45]\d\d)(?=[ -][A-Za-z<#]| - |$)"),
)
_TAG = re.compile(
    r"</?(?:br|p|b|i|u|a|font|div|span|html|body|strong|em|tt|pre|td|tr|table)(?:\s[^<>]{0,300})?/?>", re.I
)
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|nbsp|apos|#\d{1,6}|#x[0-9a-f]{1,5});", re.IGNORECASE)
_FIRST = re.compile(r"([245]\d\d)-\s?([245]\.\d{1,3}\.\d{1,3}\b)?")
_RETRY = re.compile(
    alternatives(
        r"""
        will be retried|will (?:be )?re-?tr(?:y|ied)
        (?:attempts|we|server|system|google|gmail|it) will (?:continue|keep|try again)|will continue (?:to|for|trying)
        not yet been delivered|has (?:been|not yet) delay|been delayed|delayed (?:for|delivery|mail)
        warning message only|still be(?:ing)? retried|delivery (?:is|has been) delayed
        (?:not|no) need to (?:resend|re-send)|no action is required on your part|has been postponed|delivery incomplete
        keep trying|will try to deliver|pokusy o doruceni (?:budou|zpravy budou)|budeme se (?:dale )?pokouset
        server se bude (?:dale )?pokouset|zatim ne(?:byla|lze|doruc)
        doruceni (?:zpravy )?se (?:opozdilo|opozduje|zdrzelo)|zpozdeni doruceni|pokus bude opakovan|zatial nebola
        bude sa (?:dalej )?pokusat|noch nicht zugestellt|weiterhin versucht|verzogert|erneut versucht|n'a pas encore
        retarde|sera de nouveau|aun no se ha|se reintentara|non e ancora stat|verra ritentat
        nog niet (?:bezorgd|afgeleverd)|ainda nao foi|opoznion|ponowion|еще не доставлен|будут продолжены|задержан
        """
    )
)


@dataclass(frozen=True)
class Trouble:
    """What is known of one failed delivery."""

    action: str
    status: str
    code: int | None
    text: str

    def permanent(self) -> bool | None:
        """Whether trying again is in vain: as the action, the status, the reply and the words say, in this order."""
        action = self.action or self.action_said()
        if action in ("delivered", "relayed", "expanded"):
            return None
        if action == "delayed":
            return False
        if self.status[:1] in ("4", "5"):
            return self.status.startswith("5")
        if self.code is not None and self.code >= 400:
            return self.code >= 500
        return True

    def action_said(self) -> str:
        """The action where the report names none."""
        if self.status.startswith("2"):
            return "delivered"
        return "delayed" if will_retry(self.text) else "failed"


def will_retry(text: str) -> bool:
    """Whether `text` says that delivery is still being tried."""
    return _RETRY.search(fold(text[:20_000])) is not None


def status_code(text: str) -> str:
    """The enhanced status (RFC 3463) in `text`, "" when there is none. One beside a reply code goes first."""
    numbered = _NUMBERED.search(text)
    if numbered is not None:
        return numbered.group(2)
    found = _STATUS.search(text)
    return found.group(1) if found is not None and int(found.group(1).split(".")[1]) <= 7 else ""


def reply_code(text: str) -> int | None:
    """The SMTP reply code in `text`, None when there is none."""
    numbered = _NUMBERED.search(text)
    if numbered is not None:
        return int(numbered.group(1))
    for pattern in _CODES:
        found = pattern.search(text)
        if found is not None:
            return int(found.group(1))
    return None


def readable(text: str) -> str:
    """A server's words as one line: encoded words and markup undone, the codes of continued lines said once."""
    text = decode_words(text[: MAX_REASON * 8])
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    return one_line(_said_once(one_line(text, MAX_REASON * 4)), MAX_REASON)


def _said_once(text: str) -> str:
    """`550-5.1.1 No such 550 5.1.1 user`: RFC 5321 4.2.1 repeats the code on each line of an answer."""
    first = _FIRST.match(text)
    if first is None:
        return text
    code, status = first.group(1), first.group(2) or ""
    head = f"{code} {status}".rstrip()
    rest = text[first.end() :].strip()
    for mark in (f"{code}-{status}", f"{code} {status}") if status else ():
        rest = f" {rest} ".replace(f" {mark} ", " ").strip()
    rest = f" {rest}".replace(f" {code}-", " ").strip()
    return f"{head} {f' {rest} '.replace(f' {code} ', ' ').strip()}"
