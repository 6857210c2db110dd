"""Recipients and reasons out of the free text of a delivery report: one pass over its lines, whoever wrote it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from .addresses import normal_address
from .bounce_lines import (
    ADDRESS,
    ADDRESS_ALONE,
    ANSWERED,
    ASKED,
    BEFORE_SENDER,
    HEADER_LINE,
    LIKELY,
    OTHER_ADDRESS,
    REFUSED,
    SURE,
    SYSTEM,
    TELLING,
    TRACE,
)
from .bounce_shapes import END, IDLE, LEAD
from .bounce_words import Trouble, readable, reply_code, status_code, will_retry
from .failed import FailedRecipient
from .signs import fold, plain

MAX_REPORT = 40_000  # characters of a report that are read
MAX_LINES = 800
MAX_LINE = 1_000
MAX_RECIPIENTS = 300
_NOBODY = "\0"


@dataclass
class Report:
    """The free text of a report, apart from the message that it returns."""

    lines: list[str]
    copy: str  # the returned message or its header, "" when it does not follow

    @cached_property
    def text(self) -> str:
        """What the system itself says."""
        return "\n".join(self.lines)

    @cached_property
    def retries(self) -> bool:
        """Whether it says that delivery is still being tried."""
        return will_retry(self.text)

    @cached_property
    def coded(self) -> list[str]:
        """The paragraphs that have a code in them."""
        return [text for text in _paragraphs(self.lines) if _has_code(text)]


@dataclass
class _Found:
    line: int
    rest: str
    sure: bool
    system: bool = False


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
    if line[:1] not in ("", " ", "\t") and HEADER_LINE.match(line) and index + 1 < len(lines):
        following = lines[index + 1][:300]
        if (following[:1] in (" ", "\t") and line.lower().startswith(TRACE)) or (
            HEADER_LINE.match(following) and (line + following).lower().startswith(TRACE)
        ):
            return True
    bare = line.strip().lstrip("|")
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
        following = bisect_right(starts, place.line)
        stop = starts[following] if following < len(starts) else len(report.lines)
        alone = len(found) == 1
        reason = transcript.get(address.lower(), "") or _reason(report, address, place, stop, alone)
        recipients.append(make_recipient(address, reason, report.retries))
    return tuple(recipients)


def make_recipient(address: str, reason: str, retries: bool) -> FailedRecipient:
    """A recipient from the words about it; `retries` when the report says that delivery is still being tried."""
    code, status = reply_code(reason), status_code(reason)
    action = "delayed" if retries and (code or 400) < 500 and not status.startswith("5") else "failed"
    trouble = Trouble(action, status, code, reason)
    return FailedRecipient(address, action, status, code, readable(reason), trouble.permanent())


def _find(report: Report, own: frozenset[str]) -> dict[str, _Found]:
    """Where each failed recipient is named first, the sure ones only where there are any."""
    found: dict[str, _Found] = {}
    before = ""
    for index, line in enumerate(report.lines):
        if "@" in line and not OTHER_ADDRESS.match(line) and not BEFORE_SENDER.search(before):
            named = _named_in(line)
            if named is not None:
                address, rest, sure = named
                place = _Found(index, rest, sure, bool(SYSTEM.match(address)))
                if address not in found or (sure and not found[address].sure):
                    found[address] = place
        before = line.strip()[-80:] or before
    return _best(found, own) or _in_codes(report, own)


def _named_in(line: str) -> tuple[str, str, bool] | None:
    bare = line.strip()
    for patterns, sure in ((SURE, True), (LIKELY, False)):
        for pattern in patterns:
            match = pattern.match(bare)
            address = clean_address(match.group(1)) if match is not None else ""
            if match is not None and address:
                # "Unknown user: petr@firma.cz" is the reason itself.
                return address, match.group(2).strip() or (bare if TELLING.match(bare) else ""), sure
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
        if "@" in line and reply_code(line) and not OTHER_ADDRESS.match(line):
            for raw in ADDRESS.findall(line)[:5]:
                address = clean_address(raw)
                if address and address not in own and not SYSTEM.match(address):
                    found.setdefault(address, _Found(index, line.strip(), False))
    return found


def clean_address(raw: str) -> str:
    """`raw` as an address, "" when it is none: `SMTP=`, quotes and full stops around it are taken off."""
    text = re.sub(r"^(?:smtp|to|rcpt|orcpt|mailto|for)[=]", "", raw, flags=re.IGNORECASE).strip(".'\"`*|!?…")
    address = normal_address(text)
    domain = address.rpartition("@")[2]
    return address if "." in domain or domain in ("localhost",) or domain.startswith("[") or domain.isalnum() else ""


def _transcript(lines: list[str]) -> dict[str, str]:
    """What the server answered to RCPT TO of each address, from a transcript as Sendmail and MDaemon give it."""
    answers: dict[str, str] = {}
    current = _NOBODY
    for line in lines:
        bare = line.strip()
        asked, answer = ASKED.match(bare), ANSWERED.match(bare)
        if asked is not None:
            named = ADDRESS.search(asked.group(1)) if asked.group(1)[:4].lower() == "rcpt" else None
            current = clean_address(named.group(1)).lower() if named is not None else _NOBODY
        elif answer is not None:
            if current != _NOBODY:
                answers[current] = f"{answers.get(current, '')} {answer.group(1).strip()}".lstrip()[: MAX_LINE * 2]
        else:
            refused = REFUSED.match(bare)
            if refused is not None:
                answers.setdefault(clean_address(refused.group(1)).lower(), bare)
    answers.pop("", None)
    return answers


def _reason(report: Report, address: str, place: _Found, stop: int, alone: bool) -> str:
    """The paragraph that tells why: one with a code goes first, near the address before anywhere."""
    near = _paragraphs([place.rest, *report.lines[place.line + 1 : stop]])
    coded = [text for text in near if _has_code(text)]
    if not coded:
        coded = report.coded if alone else [text for text in report.coded[:200] if address.lower() in text.lower()]
        if not coded and not near and place.line > 0:
            # Lotus Notes tells the reason before the address.
            near = _paragraphs(report.lines[max(place.line - 3, 0) : place.line])[-1:]
    return _led(next(iter(coded or near), ""))


def _paragraphs(lines: list[str]) -> list[str]:
    found: list[str] = []
    open_ = False
    for line in lines:
        bare = line.strip()
        if not bare or ADDRESS_ALONE.fullmatch(bare) or (IDLE.match(fold(bare[:80])) and not _has_code(bare)):
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
    text = text.strip(" #:;,-").lstrip(". ")
    if (text[:1], text[-1:]) in (("(", ")"), ("[", "]")) and text.count(text[0]) == 1:
        return text[1:-1].strip()
    for quote in "'\"":
        if text.count(quote) % 2:
            text = text.removeprefix(quote) if text.startswith(quote) else text.removesuffix(quote)
    text = text.strip(" #:;,-")
    if text.count("(") > text.count(")"):
        text = text.removeprefix("(")
    if text.count(")") > text.count("("):
        text = text.removesuffix(")")
    return text.strip()
