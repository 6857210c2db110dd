"""The outbox: what is to be sent, when, and what people may decide about it. Sending itself is in delivery.py.

`Outgoing.last_code` says why a message is not (wholly) sent: a code of protocols/errors.py, or one of CODES.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.gateways.models import Gateway

from .models import Outgoing, Recipient

State = Outgoing.State
PATIENCE = timedelta(days=3)  # RFC 5321 4.5.4.1 asks for 4 to 5 days between servers; a person at a desk waits less

CODES = {
    "temporary": "the server cannot take it now (4xx): it is tried again by itself",
    "rejected": "the server refused the message or all recipients (5xx)",
    "some-rejected": "some recipients were refused (5xx), the others have it",
    "gave-up": "it was tried for three days, or somebody gave it up",
    "crashed": "this program stopped while sending: nothing had been handed over, it is tried again",
    "secret": "the stored password cannot be opened with this installation's key file",
    "internal": "an error in this program; the reply has its words",
    "limit": "the mailbox has sent as many messages within an hour as it may: it goes when there is room",
    "unfiled": "it was sent, but could not be put into the archive yet: that is tried again",
}


@transaction.atomic
def enqueue(
    *,
    gateway: Gateway,
    person: Person | None,
    mail_from: str,
    rcpt_to: Sequence[str],
    raw: bytes,
    message_id: str,
    not_before: datetime,
    scheduled: bool = False,
    sent_copy: bool = False,
) -> Outgoing:
    """Put composed bytes on their way, part of the caller's transaction.

    `mail_from` and `rcpt_to` are the envelope (RFC 5321), `message_id` is without <>. `scheduled`: `not_before` is a
    time that somebody chose. `sent_copy`: append it to the
    mailbox's Sent folder afterwards.
    """
    outgoing = Outgoing.objects.create(
        gateway=gateway,
        person=person,
        message_id=message_id,
        mail_from=mail_from,
        raw=store.put_blob(raw),
        due_at=not_before,
        planned_at=not_before,
        scheduled=scheduled,
        give_up_at=not_before + PATIENCE,
        sent_copy="due" if sent_copy else "",
    )
    Recipient.objects.bulk_create(Recipient(outgoing=outgoing, address=address) for address in dict.fromkeys(rcpt_to))
    return outgoing


def withdraw(outgoing: Outgoing) -> bool:
    """Take it back before its first attempt; False when it is too late."""
    unsent = Outgoing.objects.filter(pk=outgoing.pk, state__in=[State.WAITING, State.HELD], attempts=0)
    if unsent.update(state=State.WITHDRAWN, due_at=None) != 1:
        return False
    outgoing.state, outgoing.due_at = State.WITHDRAWN, None
    return True


def hold(outgoing: Outgoing) -> bool:
    """Keep it back until `let_go`; False after its first attempt."""
    unsent = Outgoing.objects.filter(pk=outgoing.pk, state=State.WAITING, attempts=0)
    if unsent.update(state=State.HELD, due_at=None, leased_until=None) != 1:
        return False
    outgoing.state, outgoing.due_at = State.HELD, None
    return True


def let_go(outgoing: Outgoing, now: datetime) -> bool:
    """Have what was held sent: now, or when it was planned; False when it is not held (any more)."""
    due = max(outgoing.planned_at or now, now)
    held = Outgoing.objects.filter(pk=outgoing.pk, state=State.HELD)
    if held.update(state=State.WAITING, due_at=due, planned_at=due, give_up_at=due + PATIENCE) != 1:
        return False
    outgoing.refresh_from_db()
    return True


def reschedule(outgoing: Outgoing, at: datetime) -> bool:
    """Have it go out at `at` instead; False when an attempt was made already."""
    unsent = Outgoing.objects.filter(pk=outgoing.pk, state=State.WAITING, attempts=0)
    # The lease goes too: a worker that has just taken it up must not begin.
    changed = {"planned_at": at, "due_at": at, "scheduled": True, "last_code": ""}
    if unsent.update(**changed, leased_until=None) != 1:
        return False
    for name, value in changed.items():
        setattr(outgoing, name, value)
    return True


@transaction.atomic
def retry(outgoing: Outgoing, by: Person | None, now: datetime) -> bool:
    """Try those recipients again who do not have it, at once; False when nothing is left to try or it is under way.

    For an uncertain message that is a person's decision: the partner may get it twice.
    """
    missing = Outgoing.objects.select_for_update().filter(pk=outgoing.pk)
    missing = missing.filter(state__in=[State.WAITING, State.FAILED, State.UNCERTAIN, State.SENT])
    if not missing.exists() or not outgoing.recipients.exclude(state=Recipient.State.ACCEPTED).exists():
        return False
    outgoing.recipients.filter(state=Recipient.State.REFUSED).update(state=Recipient.State.WAITING)
    missing.update(state=State.WAITING, due_at=now, leased_until=None, give_up_at=now + PATIENCE)
    record(by, "retry-sending", f"outgoing {outgoing.pk}", message_id=outgoing.message_id)
    outgoing.refresh_from_db()
    return True


@transaction.atomic
def mark_sent(outgoing: Outgoing, by: Person | None, now: datetime) -> bool:
    """Somebody found that an uncertain message did arrive; False when it is not uncertain (any more)."""
    uncertain = Outgoing.objects.filter(pk=outgoing.pk, state=State.UNCERTAIN)
    if uncertain.update(state=State.SENT, sent_at=now, last_code="", due_at=now, leased_until=None) != 1:
        return False
    outgoing.recipients.filter(state=Recipient.State.WAITING).update(state=Recipient.State.ACCEPTED)
    record(by, "mark-sent", f"outgoing {outgoing.pk}", message_id=outgoing.message_id)
    outgoing.refresh_from_db()
    return True


@transaction.atomic
def give_up(outgoing: Outgoing, by: Person | None, now: datetime) -> bool:
    """Try no more; False when it is under way or over. Who has it already keeps it."""
    waiting = Outgoing.objects.filter(pk=outgoing.pk, state__in=[State.WAITING, State.UNCERTAIN])
    failed = waiting.filter(sent_at=None).update(state=State.FAILED, last_code="gave-up", due_at=None)
    # In part it was sent: what follows sending (archive, copy) is still to be done.
    in_part = waiting.filter(sent_at__isnull=False)
    if not failed and not in_part.update(state=State.SENT, last_code="some-rejected", due_at=now, leased_until=None):
        return False
    outgoing.recipients.filter(state=Recipient.State.WAITING).update(state=Recipient.State.REFUSED)
    record(by, "give-up-sending", f"outgoing {outgoing.pk}", message_id=outgoing.message_id)
    outgoing.refresh_from_db()
    return True


def troubled() -> Q:
    """Which rows somebody should look at: failed, uncertain, partly refused, or waiting after a failed attempt."""
    return Q(state__in=[State.FAILED, State.UNCERTAIN]) | ~Q(last_code__in=["", "limit"]) | Q(sent_copy="failed")
