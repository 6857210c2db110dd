"""Order and reference numbers: recognised in subject and text when mail comes or goes, shown, linked, found by order:.

They belong to messages, so that they go along wherever a message goes; a number is shown in every conversation that
the message stands in, unless its pattern is another process's. The same number in mail of another thread is flagged,
to whom may see both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.archive.models import Message
from podatelna.mail.language import folded
from podatelna.mail.parse import Parsed

from .case_models import Case
from .cases import filed_under
from .models import Conversation, Process
from .reference_models import LONGEST_NUMBER, Reference, ReferencePattern
from .rules.matching import BadPattern, Pattern, pattern

MOST_NUMBERS = 20  # of one pattern in one message
_MOST_TEXT = 1_000_000  # characters that are looked through


def key_of(number: str) -> str:
    """What two ways of writing a number have in common: "OBJ-2026/55" and "obj 2026 55" are one."""
    return "".join(letter for letter in folded(number) if letter.isalnum())[:LONGEST_NUMBER]


def compiled(text: str) -> Pattern:
    """The pattern; raises BadPattern for what RE2 does not take, and for what every text has."""
    found = pattern(text)
    if not text.strip() or found.search("") is not None:
        raise BadPattern("it matches an empty text")
    return found


def numbers_in(text: str, wanted: Pattern, most: int = MOST_NUMBERS) -> list[str]:
    """The numbers that `wanted` finds in `text`, each once, in their order. In linear time."""
    found: dict[str, str] = {}
    for match in wanted.finditer(text[:_MOST_TEXT]):
        groups = match.groups()
        number = " ".join(str((groups[0] if groups else None) or match.group()).split())[:LONGEST_NUMBER]
        if key_of(number):
            found.setdefault(key_of(number), number)
        if len(found) >= most:
            break
    return list(found.values())


# --- when mail comes or goes -----------------------------------------------------------------------------


def recognise(mails: Sequence[tuple[Conversation, Message, Parsed]]) -> None:
    """Write down the numbers that these messages name. Idempotent; one statement where there is no pattern."""
    rules = list(ReferencePattern.objects.filter(is_on=True)) if mails else []
    if not rules:
        return
    rows = [
        Reference(pattern=rule, message=message, number=number, key=key_of(number))
        for conversation, message, parsed in mails
        for rule in rules
        if _is_for(rule, conversation, message)
        for number in _found(rule, parsed)
    ]
    Reference.objects.bulk_create(rows, ignore_conflicts=True)


def _is_for(rule: ReferencePattern, conversation: Conversation, message: Message) -> bool:
    if rule.process_id is not None and rule.process_id not in (conversation.process_id, conversation.worked_by_id):
        return False
    people = (message.from_address.lower(), conversation.partner_address.lower())
    hosts = [address.rpartition("@")[2] for address in people]
    return not rule.domains or any(_is_below(host, domain) for host in hosts for domain in rule.domains)


def _is_below(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _found(rule: ReferencePattern, parsed: Parsed) -> list[str]:
    try:
        wanted = compiled(rule.pattern)
    except BadPattern:  # checked when it was saved; a later RE2 may see it otherwise, and mail comes all the same
        return []
    return numbers_in(f"{parsed.subject}\n{parsed.text}", wanted)


# --- what is shown ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """A number as a page shows it, with the conversations of other threads that name it, as far as one sees them."""

    kind: str
    number: str
    key: str
    others: list[Conversation]


def of_conversation(conversation: Conversation) -> list[Reference]:
    """The numbers that its messages name, each once, the first named first."""
    return _once(_seen_in(Q(message__entries__conversation=conversation), conversation))


def named_in(conversation: Conversation, person: Person, most: int = 3) -> list[Named]:
    """The same for a page of `person`, with where else each stands."""
    return [
        Named(row.pattern.name, row.number, row.key, list(elsewhere(row, conversation, person)[:most]))
        for row in of_conversation(conversation)
    ]


def elsewhere(row: Reference, conversation: Conversation, person: Person) -> QuerySet[Conversation]:
    """Conversations of other threads that `person` may see and that name the same number, the newest first."""
    same = Reference.objects.filter(pattern=row.pattern_id, key=row.key).values("message")
    rows = Conversation.objects.visible_to(person).filter(entries__message__in=same)
    if row.pattern.process_id is not None:
        rows = rows.filter(Q(process=row.pattern.process_id) | Q(worked_by=row.pattern.process_id))
    rows = rows.exclude(pk=conversation.pk).exclude(thread=conversation.thread_id)
    return rows.distinct().order_by("-last_message_at", "-pk")


def of_case(case: Case, person: Person) -> list[Reference]:
    """The numbers that conversations of the case name, those that `person` may see."""
    found = [row for one in filed_under(case, person)[:_MOST_OF_CASE] for row in of_conversation(one)]
    return list({(row.pattern_id, row.key): row for row in found}.values())


_MOST_OF_CASE = 50  # conversations, the last written to first


def first_number(conversation: Conversation) -> str:
    """What {order.number} stands for; "" where none is named."""
    return next((row.number for row in of_conversation(conversation)), "")


def _seen_in(where: Q, conversation: Conversation) -> QuerySet[Reference]:
    processes = [pk for pk in (conversation.process_id, conversation.worked_by_id) if pk is not None]
    mine = Q(pattern__process=None) | Q(pattern__process__in=processes)
    return Reference.objects.filter(where & mine).select_related("pattern").order_by("message__received_at", "pk")


def _once(rows: Iterable[Reference]) -> list[Reference]:
    found: dict[tuple[int, str], Reference] = {}
    for row in rows:
        found.setdefault((row.pattern_id, row.key), row)
    return list(found.values())


# --- patterns --------------------------------------------------------------------------------------------


@transaction.atomic
def set_pattern(
    row: ReferencePattern | None, by: Person, now: datetime, *, name: str, pattern: str, process: Process | None,
    domains: Sequence[str], is_on: bool,
) -> ReferencePattern:  # fmt: skip
    """A new pattern, or another one in its place; what was recognised stays. Raises BadPattern."""
    compiled(pattern)
    before = _told(row) if row is not None else None
    row = row or ReferencePattern(created_at=now)
    row.name, row.pattern, row.process, row.is_on = name, pattern, process, is_on
    row.domains = sorted({domain.lower() for domain in domains})
    row.save()
    if before != _told(row):
        record(by, "set-reference-pattern", f"reference-pattern {row.pk}", before=before, after=_told(row))
    return row


@transaction.atomic
def remove_pattern(row: ReferencePattern, by: Person) -> int:
    """Take it away with all that it recognised; how many numbers that were."""
    count = row.found.count()
    record(by, "remove-reference-pattern", f"reference-pattern {row.pk}", before=_told(row), numbers=count)
    row.delete()
    return count


def _told(row: ReferencePattern) -> dict[str, object]:
    return {
        "name": row.name, "pattern": row.pattern, "process": row.process_id, "domains": row.domains, "is_on": row.is_on,
    }  # fmt: skip
