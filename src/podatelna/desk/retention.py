"""Rules that say how long a process's mail is kept, and legal holds that come before everything."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice, takewhile

from django.db import transaction
from django.db.models import QuerySet

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive import locks
from podatelna.archive.errors import Damaged
from podatelna.outbox.models import Outgoing

from .case_keeping import is_kept
from .erasing import erase_conversation
from .erasures import normal
from .keeping import conversation_is_held, months_after
from .models import Conversation, Process
from .retention_models import Hold, RetentionPolicy, RetentionRule

log = logging.getLogger(__name__)

AT_ONCE = 20
_IN_HAND = (Outgoing.State.WAITING, Outgoing.State.SENDING, Outgoing.State.UNCERTAIN)


# --- rules -----------------------------------------------------------------------------------------------


@transaction.atomic
def set_rule(process: Process, months: int | None, erases: bool, by: Person | None) -> None:
    """Keep the process's mail so many months after its conversation was closed; None: for good, without a rule."""
    before = RetentionRule.objects.filter(process=process).values("months", "erases").first()
    after = None if months is None else {"months": months, "erases": erases}
    if before == after:
        return
    if months is None:
        RetentionRule.objects.filter(process=process).delete()
    else:
        RetentionRule.objects.update_or_create(process=process, defaults={"months": months, "erases": erases})
    record(by, "set-retention", f"process {process.pk}", before=before, after=after)


@transaction.atomic
def set_four_eyes(four_eyes: bool, by: Person | None) -> None:
    """Whether somebody else than who asks for an erasure must confirm it."""
    policy = RetentionPolicy.current()
    if policy.four_eyes != four_eyes:
        policy.four_eyes = four_eyes
        policy.save()
        record(by, "change-erasure-policy", "company", four_eyes=four_eyes)


# --- holds -----------------------------------------------------------------------------------------------


@transaction.atomic
def hold_person(address: str, reason: str, by: Person | None, now: datetime) -> Hold:
    """Nothing that names this address may be erased until the hold is released."""
    locks.removing()  # what is being erased now is gone before this holds
    row = Hold.objects.create(address=normal(address), reason=reason[:500], set_by=by, set_at=now)
    record(by, "hold", f"hold {row.pk}", address=row.address, reason=reason)
    return row


@transaction.atomic
def hold_conversation(conversation: Conversation, reason: str, by: Person | None, now: datetime) -> Hold:
    """Nothing of this conversation may be erased until the hold is released."""
    locks.removing()
    row = Hold.objects.create(conversation=conversation, reason=reason[:500], set_by=by, set_at=now)
    record(by, "hold", f"conversation {conversation.pk}", hold=row.pk, reason=reason)
    return row


@transaction.atomic
def release(hold: Hold, by: Person | None, now: datetime, *, reason: str = "") -> bool:
    """Let the hold go; False when it was released already."""
    if Hold.objects.filter(pk=hold.pk, released_at=None).update(released_by=by, released_at=now) != 1:
        return False
    about = f"conversation {hold.conversation_id}" if hold.conversation_id else f"hold {hold.pk}"
    record(by, "release-hold", about, hold=hold.pk, reason=reason)
    return True


# --- what is due -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A conversation whose time is over; `held`: a hold keeps it all the same."""

    conversation: Conversation
    since: datetime
    held: bool


def due(now: datetime) -> Iterator[Due]:
    """Conversations that rules erase, those of one process after another, the longest closed first."""
    for rule in RetentionRule.objects.filter(erases=True).select_related("process").order_by("process"):
        for conversation in _closed(rule.process).iterator():
            assert conversation.closed_at is not None
            over = months_after(conversation.closed_at, rule.months)
            if over > now:
                break
            if is_kept(conversation, now):
                continue  # a case keeps it longer
            yield Due(conversation, over, conversation_is_held(conversation))


def count_due(process: Process, months: int, now: datetime) -> int:
    """How many conversations of the process a rule of so many months would erase at once, held ones among them."""
    closed = _closed(process).values_list("closed_at", flat=True)
    return sum(1 for _ in takewhile(lambda at: at is not None and months_after(at, months) <= now, closed.iterator()))


def _closed(process: Process) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(process=process, status=Conversation.Status.CLOSED, closed_at__isnull=False)
    return rows.exclude(entries__outgoing__state__in=_IN_HAND).order_by("closed_at", "pk").select_related("process")


def erase_due(now: datetime, limit: int = AT_ONCE) -> int:
    """Erase conversations whose time is over and that nothing holds; how many. Others may do the same meanwhile."""
    done = 0
    going = (one.conversation for one in due(now) if not one.held)
    # A few more than wanted: those that cannot be read must not stand in the way of the others for ever.
    for conversation in list(islice(going, limit * 5)):
        if done == limit:
            break
        reason = f"rule of process {conversation.process_id}"
        try:
            done += erase_conversation(conversation, None, reason, now, unless=partial(_stays, conversation, now))
        except Damaged as damage:
            log.warning(
                "conversation %d cannot be erased, a copy that stays would be lost: %s", conversation.pk, damage
            )
    return done


def _stays(conversation: Conversation, now: datetime) -> bool:
    """As it stands now: it may have been taken up again, held, or erased by another worker."""
    fresh = Conversation.objects.select_for_update(of=("self",)).filter(pk=conversation.pk).first()
    if fresh is None or fresh.status != Conversation.Status.CLOSED or fresh.closed_at != conversation.closed_at:
        return True
    return conversation_is_held(fresh) or is_kept(fresh, now)
