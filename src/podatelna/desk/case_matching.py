"""A case's number in a message files its conversation by itself: in the subject, or in the address it was written to.

A number is no key. It counts only where

- the author is known in the case: its contact, or somebody with whom mail that is filed under it was exchanged,
- the conversation's process has to do with the case already: it is the case's own, or a person has filed another
  conversation of it there,
- it is a process's conversation (what is on a personal desk, its owner files), and nobody has taken it out before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from podatelna.archive.models import Correspondent
from podatelna.mail.parse import Parsed

from .case_models import Case, Filing
from .case_numbers import written
from .filing import enter
from .models import Conversation, Process

_IN_SUBJECT = re.compile(r"(?<![\w-])(20[0-9]{2})-([0-9]{4,9})(?![\w-])", re.ASCII)
_IN_DETAIL = re.compile(r"case-(?:(20[0-9]{2})-)?([0-9]{1,9})", re.ASCII)
_MOST = 5  # numbers of one message

Named = tuple[int | None, int]  # year (None: the last one that has it) and serial


def file_by_number(conversation: Conversation, parsed: Parsed, recipients: Iterable[str], now: datetime) -> list[Case]:
    """File `conversation` under the cases that the message from outside names; which ones it was not under before.

    `recipients`: everybody it was for, lower case. In the caller's transaction.
    """
    process = conversation.process
    author = parsed.sender.address.lower() if parsed.sender is not None else ""
    found = [*_in_subject(parsed.subject), *_in_addresses(recipients, process)]
    if not found or not author or process.owner_id is not None:
        return []
    filed = []
    for case in _cases(found[:_MOST], process):
        if _is_known(author, case) and not _was_taken_out(conversation, case) and _file(conversation, case, now):
            filed.append(case)
    return filed


def _in_subject(subject: str) -> list[Named]:
    return [(int(year), int(serial)) for year, serial in _IN_SUBJECT.findall(subject[:1000])]


def _in_addresses(recipients: Iterable[str], process: Process) -> list[Named]:
    """Of helpdesk+case-17@ and helpdesk+case-2026-17@ (RFC 5233), where helpdesk@ is the process's."""
    details = []
    for address in recipients:
        local, _, domain = address.rpartition("@")
        name, plus, detail = local.partition("+")
        match = _IN_DETAIL.fullmatch(detail) if plus else None
        if match is not None:
            details.append((f"{name}@{domain}", match))
    own = set(process.addresses.values_list("address", flat=True)) if details else set()
    return [(int(match[1]) if match[1] else None, int(match[2])) for address, match in details if address in own]


def _cases(named: Iterable[Named], process: Process) -> list[Case]:
    """Those with the numbers that the process has to do with; its own before another's of the same number."""
    found: dict[int, Case] = {}
    for year, serial in dict.fromkeys(named):
        if year is None:
            rows = Case.objects.filter(process=process, serial=serial).order_by("-year")
        else:
            theirs = Q(process=process) | Q(filings__conversation__process=process, filings__by__isnull=False)
            rows = Case.objects.filter(theirs, number=written(year, serial)).distinct().order_by("pk")
        cases = sorted(rows[:20], key=lambda case: (case.process_id != process.pk, -case.year, case.pk))
        found |= {case.pk: case for case in cases[:1]}
    return list(found.values())


def _is_known(author: str, case: Case) -> bool:
    if case.contact_address == author:
        return True
    # What was filed by its number alone makes nobody known: else one acquaintance would bring in the next.
    filed = Filing.objects.filter(case=case, by__isnull=False).values("conversation")
    return Correspondent.objects.filter(address=author, message__entries__conversation__in=filed).exists()


def _was_taken_out(conversation: Conversation, case: Case) -> bool:
    return case.entries.filter(verb="taken-out", details__conversation=conversation.pk).exists()


def _file(conversation: Conversation, case: Case, now: datetime) -> bool:
    if not enter(conversation, case, None, now, by_number=True):
        return False
    conversation.happened("filed", None, now, case=case.pk)
    return True
