"""What filing does to who sees what: a filed conversation and its mail carry the scope of the case.

The conversation's own copies alone: where two processes got one message and both conversations are filed, each team
goes on seeing its own copy, and the people of the case both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from podatelna.accounts.access import record
from podatelna.accounts.models import Person, Scope
from podatelna.archive.models import Delivery, DeliveryScope

from .case_models import Case, Filing
from .models import Conversation, ConversationScope, Entry

Link = tuple[int, int]  # of a delivery and a scope


def put_right(messages: Iterable[int]) -> None:
    """Let the copies of `messages` (ids) carry the scopes of exactly those cases that they are filed under now."""
    ids = {pk for pk in messages if pk is not None}
    wanted = _wanted(ids)
    links = DeliveryScope.objects.filter(message__in=ids, scope__kind=Scope.Kind.CASE)
    there = {(delivery, scope): pk for pk, delivery, scope in links.values_list("pk", "delivery_id", "scope_id")}
    DeliveryScope.objects.filter(pk__in=[pk for link, pk in there.items() if link not in wanted]).delete()
    new = [
        DeliveryScope(delivery_id=delivery, scope_id=scope, message_id=message)
        for (delivery, scope), message in sorted(wanted.items())
        if (delivery, scope) not in there
    ]
    DeliveryScope.objects.bulk_create(new, ignore_conflicts=True)


def _wanted(messages: set[int]) -> dict[Link, int]:
    """The links that ought to be, with the message of each."""
    filings = Filing.objects.filter(conversation__entries__message__in=messages).distinct()
    found: dict[Link, int] = {}
    for filing in filings.select_related("case", "conversation"):
        own = filing.conversation.own_scopes()
        here = Delivery.objects.filter(message__in=messages, message__entries__conversation=filing.conversation)
        for delivery, message in here.filter(scope_links__scope__in=own).values_list("pk", "message_id"):
            found[delivery, filing.case.scope_id] = message
    return found


def messages_of(conversation: Conversation) -> list[int]:
    """The ids of its messages."""
    rows = Entry.objects.filter(conversation=conversation, message__isnull=False)
    return [pk for pk in rows.values_list("message_id", flat=True) if pk is not None]


def carry_cases(conversation: Conversation) -> None:
    """Let it, and its messages, carry the scopes of exactly the cases that it is filed under."""
    wanted = set(Filing.objects.filter(conversation=conversation).values_list("case__scope", flat=True))
    links = ConversationScope.objects.filter(conversation=conversation, scope__kind=Scope.Kind.CASE)
    links.exclude(scope__in=wanted).delete()
    new = [ConversationScope(conversation=conversation, scope_id=scope) for scope in sorted(wanted)]
    ConversationScope.objects.bulk_create(new, ignore_conflicts=True)
    put_right(messages_of(conversation))


def enter(conversation: Conversation, case: Case, by: Person | None, now: datetime, **how: Any) -> bool:
    """File it under the case, whoever may; False when it was there. `how` stands in the log: by a number, by a rule.

    In the caller's transaction; who or what filed it is the caller's to write into the conversation.
    """
    _, new = Filing.objects.get_or_create(case=case, conversation=conversation, defaults={"by": by, "at": now})
    if not new:
        return False
    carry_cases(conversation)
    case.happened("filed", by, now, conversation=conversation.pk)
    record(by, "file-conversation", f"conversation {conversation.pk}", case=case.pk, **how)
    return True


def restore(cases: Mapping[int, Sequence[int]]) -> None:
    """File conversations (ids) that were one for a while under the cases that each of them was under before."""
    every = {case for some in cases.values() for case in some}
    for conversation in Conversation.objects.filter(pk__in=cases if every else []):
        mine = set(cases[conversation.pk])
        Filing.objects.filter(conversation=conversation, case__in=every - mine).delete()
        for case in Case.objects.filter(pk__in=mine):
            Filing.objects.get_or_create(case=case, conversation=conversation)
        carry_cases(conversation)


def join(kept: Conversation, other: Conversation, *, by_person: bool) -> None:
    """Two conversations become one, filed under the cases of both, and `other` is about to go.

    On a personal desk mail that grew together of itself stays out of cases that only one of them was filed under.
    """
    of_kept = set(kept.filings.values_list("case", flat=True))
    of_other = {row.case_id: row for row in other.filings.all()}
    if kept.process.owner_id is not None and not by_person:
        kept.filings.filter(case__in=of_kept - set(of_other)).delete()
        return
    for case, row in of_other.items():
        if case not in of_kept:
            Filing.objects.filter(pk=row.pk).update(conversation=kept)
