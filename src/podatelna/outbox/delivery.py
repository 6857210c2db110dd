"""Sending what is due: an attempt is on record before anybody is dialled, and nothing is ever sent twice by itself."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import F, Q, QuerySet

from podatelna import vault
from podatelna.archive import store
from podatelna.archive.models import Message
from podatelna.claims import lease, prolong, settle, waiting
from podatelna.gateways.servers import PasswordUnreadable, smtp_server
from podatelna.protocols.errors import ServerError, Uncertain
from podatelna.protocols.smtp import Outcome, Reply, SmtpServer

from .models import Attempt, Outgoing, Recipient
from .pace import full_until, growing, next_try
from .preparing import final_bytes
from .queue import PATIENCE

log = logging.getLogger(__name__)

State = Outgoing.State
Clock = Callable[[], datetime]
Archive = Callable[[Outgoing, bytes], Message]
Announce = Callable[[Outgoing, datetime], None]
InTurn = Callable[[QuerySet[Outgoing]], QuerySet[Outgoing]]

DIALLING = timedelta(minutes=3)  # a worker that is gone for longer lost its claim before it handed anything over
_LOOKED_AT = 1000
HANDING_OVER = timedelta(minutes=15)  # RFC 5321 4.5.3.2.6: the answer to the final dot may take 10 minutes


class Transport(Protocol):
    """Speaks SMTP; protocols.smtp.deliver in production. `handing_over` is called before the message is spoken."""

    def __call__(
        self,
        server: SmtpServer,
        raw: bytes,
        mail_from: str,
        rcpt_to: Sequence[str],
        *,
        handing_over: Callable[[], None],
    ) -> Outcome: ...


class _Lost(Exception):
    """Another worker has taken the message over: this one must not hand it to the server."""


@dataclass(frozen=True)
class _Verdict:
    """How an attempt ended: "done" with the server's replies, "failed" (nothing handed over) or "uncertain"."""

    kind: str
    code: str = ""
    detail: str = ""
    outcome: Outcome | None = None


def deliver_due(
    *,
    transport: Transport,
    now: Clock,
    archive: Archive,
    announce: Announce = lambda outgoing, at: None,
    in_turn: InTurn = lambda rows: rows,
    chance: Callable[[], float] = random.random,
    limit: int = 50,
) -> int:
    """Work off up to `limit` due messages; how many were touched.

    `archive` files a sent message (idempotent, within the caller's transaction); `announce` hears of every change.
    `in_turn` leaves out what has to wait for another one. `chance` (0 to 1) spreads the next tries.
    """
    rows = in_turn(_unfinished().select_related("gateway", "raw"))
    for count in range(limit):
        outgoing = lease(rows, now(), DIALLING)
        if outgoing is None:
            return count
        _work(outgoing, transport, now, archive, chance)
        announce(outgoing, now())
    return limit


def due_gateways(now: datetime, in_turn: InTurn = lambda rows: rows) -> list[int]:
    """Keys of the gateways through which something is to be sent now, who waits longest first; see side_by_side.py."""
    rows = waiting(in_turn(_unfinished()), now).values_list("gateway_id", flat=True)
    return list(dict.fromkeys(rows[:_LOOKED_AT]))


def _unfinished() -> QuerySet[Outgoing]:
    unfinished = Q(state__in=[State.WAITING, State.SENDING]) | Q(state=State.SENT, archived=None)
    return Outgoing.objects.filter(unfinished)


def _work(outgoing: Outgoing, transport: Transport, now: Clock, archive: Archive, chance: Callable[[], float]) -> None:
    if outgoing.state == State.SENDING and not _pick_up(outgoing, now()):
        return
    if outgoing.state == State.WAITING:
        attempt = _begin(outgoing, now())
        if attempt is None:
            return
        _conclude(outgoing, attempt, _try(outgoing, attempt, transport, now), now(), chance())
    if outgoing.sent_at is not None and outgoing.archived_id is None:
        _file(outgoing, archive, now())


def _pick_up(outgoing: Outgoing, now: datetime) -> bool:
    """What a worker left behind that is gone. True when it may be tried again: nothing had been handed over."""
    open_attempts = outgoing.attempt_log.filter(ended_at=None)
    with transaction.atomic():
        # In this order: the other worker, if it lives after all, cannot hand over once its attempt is ended.
        open_attempts.filter(handed_over_at=None).update(ended_at=now, outcome="crashed")
        if open_attempts.update(ended_at=now, outcome="uncertain"):
            Outgoing.objects.filter(pk=outgoing.pk, state=State.SENDING).update(
                state=State.UNCERTAIN, last_code="uncertain", last_reply="", due_at=None, leased_until=None
            )
        else:
            Outgoing.objects.filter(pk=outgoing.pk, state=State.SENDING).update(
                state=State.WAITING, last_code="crashed", last_reply=""
            )
    outgoing.refresh_from_db()
    return outgoing.state == State.WAITING


def _begin(outgoing: Outgoing, now: datetime) -> Attempt | None:
    """Record an attempt, before anybody is dialled; None when it has to wait, was withdrawn or taken meanwhile."""
    with transaction.atomic():
        mine = Outgoing.objects.filter(pk=outgoing.pk, state=State.WAITING, leased_until=outgoing.leased_until)
        full = full_until(outgoing.gateway_id, now)
        if full is not None:
            mine.update(due_at=full, last_code="limit", leased_until=None)
            return None
        if outgoing.attempts == 0:
            # Waiting for its turn has cost it none of the patience.
            mine.update(give_up_at=now + PATIENCE)
        if mine.update(state=State.SENDING, attempts=F("attempts") + 1) != 1:
            return None
        outgoing.state, outgoing.attempts = State.SENDING, outgoing.attempts + 1
        return Attempt.objects.create(outgoing=outgoing, started_at=now)


def _try(outgoing: Outgoing, attempt: Attempt, transport: Transport, now: Clock) -> _Verdict:
    handed_over = False

    def handing_over() -> None:
        nonlocal handed_over
        _hand_over(outgoing, attempt, now())
        handed_over = True

    waiting = list(outgoing.recipients.filter(state=Recipient.State.WAITING).values_list("address", flat=True))
    try:
        raw = final_bytes(outgoing, now())
        server = smtp_server(outgoing.gateway)
        return _Verdict(
            "done",
            outcome=transport(server, raw, outgoing.mail_from, waiting, handing_over=handing_over),
        )
    except PasswordUnreadable as error:
        return _Verdict("failed", "secret", error.detail)
    except Uncertain as error:
        return _Verdict("uncertain", error.code, error.detail)
    except ServerError as error:
        return _Verdict("uncertain" if handed_over else "failed", error.code, error.detail)
    except vault.Unreadable as error:
        return _Verdict("failed", "secret", str(error))
    except _Lost:
        return _Verdict("lost")
    except Exception as error:  # recorded and shown: whatever it was, it must not stop the other messages
        log.exception("sending message %s", outgoing.pk)
        return _Verdict("uncertain" if handed_over else "failed", "internal", f"{type(error).__name__}: {error}")


def _hand_over(outgoing: Outgoing, attempt: Attempt, now: datetime) -> None:
    """Record that from here on it may have been sent, and hold the claim for as long as the server may take."""
    with transaction.atomic():
        mine = Attempt.objects.filter(pk=attempt.pk, ended_at=None)
        if not prolong(outgoing, now, HANDING_OVER) or mine.update(handed_over_at=now) != 1:
            raise _Lost


@transaction.atomic
def _conclude(outgoing: Outgoing, attempt: Attempt, verdict: _Verdict, now: datetime, chance: float) -> None:
    """Write down how the attempt ended and what follows from it."""
    current = Outgoing.objects.select_for_update().get(pk=outgoing.pk)
    if verdict.kind == "lost" or current.attempts != outgoing.attempts:
        outgoing.refresh_from_db()
        return
    if current.state not in (State.SENDING, State.UNCERTAIN):
        outgoing.refresh_from_db()  # somebody decided meanwhile
        return
    if verdict.outcome is not None:
        _settle_recipients(current, verdict.outcome)
        _after_replies(current, verdict.outcome, now, chance)
    elif verdict.kind == "uncertain":
        _set(current, State.UNCERTAIN, verdict.code, verdict.detail, None)
    else:
        _set_waiting(current, verdict.code, verdict.detail, now, chance)
    Attempt.objects.filter(pk=attempt.pk).update(
        ended_at=now, outcome=current.state, reply=current.last_reply or current.last_code
    )
    current.save()
    outgoing.refresh_from_db()


def _settle_recipients(outgoing: Outgoing, outcome: Outcome) -> None:
    """What each recipient's server said: RCPT's answer, and for those it took, the one to the message itself."""
    for recipient in outgoing.recipients.filter(state=Recipient.State.WAITING):
        reply = outcome.replies.get(recipient.address)
        if reply is not None and _accepts(reply):
            reply = outcome.final
        recipient.reply = _words(reply)
        if reply is not None and _accepts(reply):
            recipient.state = Recipient.State.ACCEPTED
        elif reply is not None and reply.code >= 500:
            recipient.state = Recipient.State.REFUSED
        recipient.save()


def _after_replies(outgoing: Outgoing, outcome: Outcome, now: datetime, chance: float) -> None:
    states = list(outgoing.recipients.values_list("state", flat=True))
    accepted, refused = Recipient.State.ACCEPTED in states, Recipient.State.REFUSED in states
    words = _words(outcome.final) or next((_words(reply) for reply in outcome.replies.values()), "")
    if accepted and outgoing.sent_at is None:
        outgoing.sent_at = now
    if Recipient.State.WAITING in states:
        _set_waiting(outgoing, "temporary", words, now, chance)
    elif accepted:
        _set(outgoing, State.SENT, "some-rejected" if refused else "", words, _next_step(outgoing, now))
    else:
        _set(outgoing, State.FAILED, "rejected", words, None)


def _set_waiting(outgoing: Outgoing, code: str, words: str, now: datetime, chance: float) -> None:
    """Again later, each time after a longer while, until patience is over."""
    again = next_try(outgoing, now, chance)
    if again is not None:
        _set(outgoing, State.WAITING, code, words, again)
        return
    outgoing.recipients.filter(state=Recipient.State.WAITING).update(state=Recipient.State.REFUSED)
    if outgoing.sent_at is None:
        _set(outgoing, State.FAILED, "gave-up" if code == "temporary" else code, words, None)
    else:
        _set(outgoing, State.SENT, "some-rejected", words, _next_step(outgoing, now))


def _set(outgoing: Outgoing, state: Outgoing.State, code: str, words: str, due_at: datetime | None) -> None:
    outgoing.state, outgoing.last_code, outgoing.last_reply = state, code, words.replace("\0", "")
    outgoing.due_at = due_at
    # A message that is sent stays claimed: filing it follows at once, by the same worker.
    outgoing.leased_until = outgoing.leased_until if state == State.SENT else None


def _next_step(outgoing: Outgoing, now: datetime) -> datetime | None:
    """When a sent message is due again: now, as long as it is to be filed or copied."""
    return now if outgoing.archived_id is None or outgoing.sent_copy == "due" else None


def _file(outgoing: Outgoing, archive: Archive, now: datetime) -> None:
    """Put the sent message into the archive. By itself: that it was sent is committed already, come what may."""
    try:
        with transaction.atomic():
            message = archive(outgoing, store.read_blob(outgoing.raw))
            Outgoing.objects.filter(pk=outgoing.pk).update(archived=message)
        outgoing.archived = message
        if outgoing.last_code == "unfiled":
            Outgoing.objects.filter(pk=outgoing.pk).update(last_code="", last_reply="")
    except Exception as error:  # recorded and shown: the message has left, filing it is tried until it works
        log.exception("filing sent message %s", outgoing.pk)
        words = f"{type(error).__name__}: {error}".replace("\0", "")
        Outgoing.objects.filter(pk=outgoing.pk).update(last_code="unfiled", last_reply=words)
        due_at: datetime | None = now + growing(outgoing.sent_at or now, now)
    else:
        due_at = now if outgoing.sent_copy == "due" else None
    if outgoing.state == State.SENT:
        settle(outgoing, due_at)
    outgoing.refresh_from_db()


def _accepts(reply: Reply) -> bool:
    return 200 <= reply.code < 300


def _words(reply: Reply | None) -> str:
    return f"{reply.code} {reply.text}".replace("\0", "").strip() if reply is not None else ""
