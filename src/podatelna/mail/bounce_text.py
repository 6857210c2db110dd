"""Recipients and reasons out of the free text of a delivery report: one pass over its lines, whatever system wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .addresses import normal_address
from .bounce_shapes import END, IDLE, LEAD
from .bounce_words import Trouble, readable, reply_code, status_code, will_retry
from .failed import FailedRecipient
from .signs import fold, plain

MAX_REPORT = 40_000  # characters of a report that are read
MAX_LINES = 800
MAX_LINE = 1_000
MAX_RECIPIENTS = 300
_AT = r"((?:[^\s<>()\[\],;:\"@']|(?<=\w)'(?=\w)){1,64}@(?:[^\s<>()\[\],;:\"'@/]{1,255}|\[[0-9.]{7,15}\]))"
_ANY = re.compile(_AT)
# Lines that name a failed recipient and nobody else, by how sure that is.
_SURE = (
    re.compile(rf"{_AT}\s+()on\s+(?:\w{{2,9}}[.,]?\s+)?\d{{1,4}}[\s./-].{{0,60}}()$"),
    re.compile(rf"(?:to\s?:\s?)?<{_AT}>\s*[:;]?\s*()(.*)", re.IGNORECASE),
    re.compile(rf"[\"']{_AT}[\"']\s*:?\s*()(.*)"),
    re.compile(rf"(?:[*>•→·+-]{{1,3}}\s{{0,4}}|\d{{1,3}}[.)]\s{{1,4}})?{_AT}\s*()[:;,]?$()"),
    re.compile(
        rf"(?:failed[ -]recipients?|recipient(?: e-?mail)?(?: address)?(?:\(s\)|es|s)?|final[ -]recipient|original[ -]recipient"
        rf"|intended recipient|undeliverable address|error-for|delivery failed|delivery userid|unknown user|user unknown|user mailbox"
        rf"|invalid (?:final )?(?:delivery )?(?:userid|address|user|recipient)|no such user|user's mailbox is full"
        rf"|unknown (?:local )?(?:recipient|address|mailbox)|rcpt to|(?:failed|undelivered|rejected|bounced) (?:e-?mail )?(?:to|address|for)"
        rf"|unable to find user|message for|adresát|adresat|příjemce|prijemce|príjemca|prijemca|adresa (?:příjemce|adresáta)|empf(?:ä|ae)nger(?:adresse)?"
        rf"|destinataire|destinatario|destinat[áa]rio|odbiorca|adresat|ontvanger|получатель|адрес(?: получателя)?|modtager|mottagare)"
        rf"\s?(?:\([^)]{{0,60}}\)\s?)?[:=]\s?(?:\[?(?:smtp|rfc822|mailto)[:;]\s?)?[<\"'\[]?{_AT}[>\"'\]]?()(.*)",
        re.IGNORECASE,
    ),
    re.compile(rf".{{0,200}}\bSMTP[=:]{_AT}()(.*)", re.IGNORECASE),
    re.compile(rf"\s*\[?status: ?error, address: <{_AT}>()(.*)", re.IGNORECASE),
)
_LIKELY = (
    re.compile(rf"[<]?{_AT}[>]?()(?:\s?[:(]|\s+on\s|\s+-+\s?|,?\s+)(.*)"),
    re.compile(rf"\(generated from {_AT}\)()()"),
    re.compile(rf"[^<>@:=]{{1,80}}[<(\[](?:mailto:|smtp:)?{_AT}[>)\]]()(.*)", re.IGNORECASE),
    re.compile(
        rf".{{0,300}}?\b(?:to|for|addressed to|mailbox|user|recipient|address|addresses|an|pour|para|à|a|dla|do|aan|adresu|adrese|adresy|pro"
        rf"|schránk[auy]|příjemci|příjemce|adresátovi|adresát|uživatele?|для|адресу|адресату|till|til|destinataire|destinatario)"
        rf"\s?:?\s{{0,3}}[<\"'(\[]?(?:mailto:)?{_AT}[>\"')\]]?()(.*)",
        re.IGNORECASE,
    ),
)
_TELLING = re.compile(r"(?:unknown|no such|invalid|unable to find|user.{0,10} mailbox).{0,30}:", re.IGNORECASE)
_NOT_RECIPIENT = re.compile(
    r"(?:\W{0,3}(?:from|mail from|message-id|sender|return-path|reply-to|subject|date|sent|received|cc|reporting-mta|remote-mta"
    r"|original sender|sender address|x-[\w-]{1,40}|od|von|de|from address|absender|expéditeur|odesílatel|in-reply-to|references|user-agent"
    r"|content-[\w-]{1,30}|message id|envelope-from|queue id|mailfrom)\s?[:=])|.{0,200}(?:https?://|please contact|contact (?:the|your|us)|send mail to|write to|e-?mail (?:us|to))",
    re.IGNORECASE,
)
_BEFORE_SENDER = re.compile(r"(?:sent by|from|sender|contact|administrator|originator|od|von)\s?:?$", re.IGNORECASE)
_SYSTEM = re.compile(r"(?:postmaster|mailer-daemon|abuse|hostmaster|mail-?admin|helpdesk|noc)@", re.IGNORECASE)
_HEADER_LINE = re.compile(
    r"(?:received|return-path|from|to|subject|date|message-id|mime-version|x-[\w-]{1,60}|content-type|delivered-to|reply-to"
    r"|dkim-signature|arc-[\w-]{1,40}|sender|cc|domainkey-signature|thread-topic|user-agent|references|in-reply-to)\s?:",
    re.IGNORECASE,
)
_TRACE = ("received", "return-path", "message-id", "mime-version", "from:", "dkim", "arc-", "delivered-to", "x-")
_NOBODY = "\0"
_ASKED = re.compile(r".{0,60}?(?:>>>|-->)\s{0,4}(.*)")
_ANSWERED = re.compile(r".{0,60}?(?:<<<|<--)\s{0,4}(.*)")
_ALONE = re.compile(rf"[<\"']?{_AT}[>\"']?\s?:?(?:\s?[<(\[](?:mailto:)?{_AT}[>)\]])?:?")
_REFUSED = re.compile(rf"[245]\d\d[ -](?:[245]\.\d{{1,3}}\.\d{{1,3}} )?<?{_AT}>?\.\.\.\s?(.*)")


@dataclass
class Report:
    """The free text of a report, apart from the message that it returns."""

    lines: list[str]
    copy: str  # the returned message or its header, "" when it does not follow

    @property
    def text(self) -> str:
        """What the system itself says."""
        return "\n".join(self.lines)


@dataclass
class _Found:
    line: int
    rest: str
    sure: bool
    system: bool = False
    answers: list[str] = field(default_factory=list)


def split_report(text: str) -> Report:
    """`text` parted where the returned message begins."""
    lines = text[: MAX_REPORT * 4].split("\n")
    size = 0
    for index, line in enumerate(lines[:MAX_LINES]):
        size += len(line)
        if size > MAX_REPORT or (index and _begins_copy(lines, index)):
            return Report([line[:MAX_LINE] for line in lines[:index]], "\n".join(lines[index:]))
    return Report([line[:MAX_LINE] for line in lines[:MAX_LINES]], "\n".join(lines[MAX_LINES:]))


def _begins_copy(lines: list[str], index: int) -> bool:
    line = lines[index][:300]
    if line[:1] not in ("", " ", "\t") and _HEADER_LINE.match(line) and index + 1 < len(lines):
        following = lines[index + 1][:300]
        if (following[:1] in (" ", "\t") and line.lower().startswith(_TRACE)) or (
            _HEADER_LINE.match(following) and (line + following).lower().startswith(_TRACE)
        ):
            return True
    bare = line.strip()
    return bool(bare) and END.match(fold(bare)) is not None


def read_recipients(report: Report, known: tuple[str, ...], own: frozenset[str]) -> tuple[FailedRecipient, ...]:
    """Who a report of no standard form is about.

    `known` are addresses that it names for certain (X-Failed-Recipients); then there are no others.
    `own` are the addresses that the report was sent to: hardly the ones that failed.
    """
    found = _find(report, own)
    if known:
        found = {address: found.get(address, _Found(-1, "", True)) for address in known}
    transcript = _transcript(report.lines)
    starts = sorted(place.line for place in found.values())
    recipients = []
    for address, place in list(found.items())[:MAX_RECIPIENTS]:
        stop = next((start for start in starts if start > place.line), len(report.lines))
        alone = len(found) == 1
        reason = transcript.get(address.lower(), "") or _reason(report, address, place, stop, alone)
        recipients.append(make_recipient(address, reason, report.text))
    return tuple(recipients)


def make_recipient(address: str, reason: str, said: str) -> FailedRecipient:
    """A recipient from the words about it, and from all that the report says."""
    code, status = reply_code(reason), status_code(reason)
    action = "delayed" if will_retry(said) and (code or 400) < 500 and not status.startswith("5") else "failed"
    trouble = Trouble(action, status, code, reason)
    return FailedRecipient(address, action, status, code, readable(reason), trouble.permanent())


def _find(report: Report, own: frozenset[str]) -> dict[str, _Found]:
    """Where each failed recipient is named first, the sure ones only where there are any."""
    found: dict[str, _Found] = {}
    before = ""
    for index, line in enumerate(report.lines):
        if "@" in line and not _NOT_RECIPIENT.match(line) and not _BEFORE_SENDER.search(before):
            named = _named_in(line)
            if named is not None:
                address, rest, sure = named
                place = _Found(index, rest, sure, bool(_SYSTEM.match(address)))
                if address not in found or (sure and not found[address].sure):
                    found[address] = place
        before = line.strip()[-80:] or before
    return _best(found, own) or _in_codes(report, own)


def _named_in(line: str) -> tuple[str, str, bool] | None:
    bare = line.strip()
    for patterns, sure in ((_SURE, True), (_LIKELY, False)):
        for pattern in patterns:
            match = pattern.match(bare)
            address = clean_address(match.group(1)) if match is not None else ""
            if match is not None and address:
                # "Unknown user: petr@firma.cz" is the reason itself.
                return address, match.group(3).strip() or (bare if _TELLING.match(bare) else ""), sure
    return None


def _best(found: dict[str, _Found], own: frozenset[str]) -> dict[str, _Found]:
    """The most certain of the candidates; systems' and one's own addresses only when nobody else is left."""
    others = {address: place for address, place in found.items() if address not in own and not place.system}
    for candidates in (others, found):
        sure = {address: place for address, place in candidates.items() if place.sure}
        if sure:
            return sure | {address: place for address, place in candidates.items() if _stands_alike(place, sure)}
        if candidates and candidates is others:
            return others
    return {}


def _stands_alike(place: _Found, sure: dict[str, _Found]) -> bool:
    return place.rest.startswith(":") and bool(sure)


def _in_codes(report: Report, own: frozenset[str]) -> dict[str, _Found]:
    """Addresses in the lines that have a code: `550 5.1.1 <jana@acme.cz> User unknown`."""
    found: dict[str, _Found] = {}
    for index, line in enumerate(report.lines):
        if "@" in line and reply_code(line) and not _NOT_RECIPIENT.match(line):
            for raw in _ANY.findall(line)[:5]:
                address = clean_address(raw)
                if address and address not in own and not _SYSTEM.match(address):
                    found.setdefault(address, _Found(index, line.strip(), False))
    return found


def clean_address(raw: str) -> str:
    """`raw` as an address, "" when it is none: `SMTP=`, quotes and full stops around it are taken off."""
    text = re.sub(r"^(?:smtp|to|rcpt|orcpt|mailto|for)[=]", "", raw, flags=re.IGNORECASE).strip(".'\"`*|!?…")
    address = normal_address(text)
    domain = address.rpartition("@")[2]
    return address if "." in domain or domain in ("localhost",) or domain.startswith("[") or domain.isalnum() else ""


def _transcript(lines: list[str]) -> dict[str, str]:
    """What the server answered to RCPT TO of each address, from a transcript as Sendmail, Courier and MDaemon give it."""
    answers: dict[str, str] = {}
    current = _NOBODY
    for line in lines:
        bare = line.strip()
        asked, answer = _ASKED.match(bare), _ANSWERED.match(bare)
        if asked is not None:
            named = _ANY.search(asked.group(1)) if asked.group(1)[:4].lower() == "rcpt" else None
            current = clean_address(named.group(1)).lower() if named is not None else _NOBODY
        elif answer is not None:
            if current != _NOBODY:
                answers[current] = f"{answers.get(current, '')} {answer.group(1).strip()}".lstrip()[: MAX_LINE * 2]
        else:
            refused = _REFUSED.match(bare)
            if refused is not None:
                answers.setdefault(clean_address(refused.group(1)).lower(), bare)
    answers.pop("", None)
    return answers


def _reason(report: Report, address: str, place: _Found, stop: int, alone: bool) -> str:
    """The paragraph that tells why: one with a code goes first, near the address before anywhere."""
    near = _paragraphs([place.rest, *report.lines[place.line + 1 : stop]])
    coded = [text for text in near if _has_code(text)]
    if not coded:
        everywhere = _paragraphs(report.lines)
        coded = [text for text in everywhere if _has_code(text) and (alone or address in text.lower())]
        if not coded and not near and place.line > 0:
            # Lotus Notes tells the reason before the address.
            near = _paragraphs(report.lines[max(place.line - 3, 0) : place.line])[-1:]
    return _led(next(iter(coded or near), ""))


def _paragraphs(lines: list[str]) -> list[str]:
    found: list[str] = []
    open_ = False
    for line in lines:
        bare = line.strip()
        if not bare:
            open_ = False
        elif _ALONE.fullmatch(bare) or (IDLE.match(fold(bare[:80])) and not _has_code(bare)):
            open_ = False
        elif open_ and len(found[-1]) < MAX_LINE * 2:
            found[-1] = f"{found[-1]} {bare}"
        else:
            found.append(bare)
            open_ = True
    return found


def _has_code(text: str) -> bool:
    return bool(status_code(text) or reply_code(text))


def _led(text: str) -> str:
    """`text` from where the refusing server's own words begin."""
    text = text[: MAX_LINE * 2]
    coded = _has_code(text)
    start = 0
    for match in LEAD.finditer(plain(text)):
        rest = text[match.end() :]
        if len(rest) > 3 and (not coded or _has_code(rest)):
            start = match.end()
    return _trimmed(text[start:])


def _trimmed(text: str) -> str:
    """Without the marks around it, and without half of a pair of brackets."""
    text = text.strip(" #:;,-")
    for quote in "'\"":
        if text.count(quote) % 2:
            text = text.removeprefix(quote) if text.startswith(quote) else text.removesuffix(quote)
    text = text.strip(" #:;,-")
    if text.count("(") > text.count(")"):
        text = text.removeprefix("(")
    if text.count(")") > text.count("("):
        text = text.removesuffix(")")
    return text.strip()
