"""A flood of one sender's mail: held beside the desk until a person lets it in or puts it away.

From so many messages of one sender to one process within so many minutes on (both set for each process) the
conversations that they open are held: archived, found and listed, but in no list of work, with no automatic answer and
no notice. What the flood had opened before it was one is held too, unless somebody works on it already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F, QuerySet

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.gateways.alarms import end_alarm, raise_alarm

from . import assignment, changes, targets
from .automatic_models import Flood
from .models import Conversation, Entry, Process

_AT_ONCE = 500
# A mailbox may have had it for a while before it is fetched.
_UNDER_WAY = timedelta(days=1)


class Came(NamedTuple):
    """Mail from outside that has just come into a conversation; `address` as the message's row has it."""

    process: Process
    address: str
    conversation: Conversation
    opened: bool  # whether the conversation is new


def watch(mails: Sequence[Came], now: datetime) -> set[int]:
    """Hold what is a flood; the ids of the conversations that are held. In the caller's transaction."""
    groups: dict[tuple[int, str], list[Came]] = {}
    for mail in mails:
        if mail.process.flood_messages and mail.address:
            groups.setdefault((mail.process.pk, mail.address), []).append(mail)
    if not groups:
        return set()
    floods = _last_floods(groups)
    counts = _counts([group[0].process for group in groups.values()], {address for _, address in groups}, now)
    held: set[int] = set()
    for key, group in groups.items():
        flood = _flood(group[0], floods.get(key), counts, now, len(group))
        if flood is not None:
            held |= _hold(flood, group, now)
    return held


@transaction.atomic
def release(flood: Flood, by: Person, now: datetime) -> bool:
    """Let its conversations onto the desk; False when that was decided already."""
    return _end(flood, Flood.State.RELEASED, by, now)


@transaction.atomic
def put_away(flood: Flood, by: Person, now: datetime) -> bool:
    """Close its conversations; what goes on coming without a pause is held again at once. False: decided already."""
    return _end(flood, Flood.State.CLOSED, by, now)


def held(processes: Iterable[Process] | QuerySet[Process]) -> QuerySet[Flood]:
    """Floods of `processes` that nobody has decided about, the latest first."""
    return Flood.objects.filter(process__in=processes, state=Flood.State.HELD).select_related("process")


# --- is it one -------------------------------------------------------------------------------------------


def _last_floods(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Flood]:
    wanted = set(keys)
    rows = Flood.objects.filter(
        process__in={process for process, _ in wanted}, address__in={address.lower() for _, address in wanted}
    )
    last = {(row.process_id, row.address): row for row in rows.order_by("pk")}
    return {key: last[found] for key in wanted if (found := (key[0], key[1].lower())) in last}


def _counts(processes: Iterable[Process], addresses: set[str], now: datetime) -> dict[tuple[int, str, int], int]:
    """How many messages came by process, sender and window in minutes; of most batches with one statement."""
    by_window: dict[int, set[int]] = {}
    for process in processes:
        by_window.setdefault(process.flood_minutes, set()).add(process.pk)
    found: dict[tuple[int, str, int], int] = {}
    for minutes, pks in by_window.items():
        since = now - timedelta(minutes=minutes)
        rows = Entry.objects.filter(
            kind=Entry.Kind.MESSAGE,
            conversation__process__in=pks,
            message__from_address__in=addresses,
            message__received_at__gt=since - _UNDER_WAY,
            entered_at__gt=since,
        )
        counted = rows.order_by().values_list("conversation__process", "message__from_address")
        for process, address, count in counted.annotate(count=Count("pk")):
            found[process, address, minutes] = count
    return found


def _flood(
    mail: Came, last: Flood | None, counts: dict[tuple[int, str, int], int], now: datetime, new: int
) -> Flood | None:
    """The flood that the mail belongs to, begun or gone on with; None for ordinary mail."""
    window = timedelta(minutes=mail.process.flood_minutes)
    if last is not None and last.state == Flood.State.HELD:
        Flood.objects.filter(pk=last.pk).update(messages=F("messages") + new, last_at=now)
        return last
    if last is not None and last.state == Flood.State.CLOSED and now - last.last_at < window:
        Flood.objects.filter(pk=last.pk).update(last_at=now)
        return _begin(mail, new, now - window, now)
    count, since = counts.get((mail.process.pk, mail.address, mail.process.flood_minutes), 0), now - window
    if last is not None and last.ended_at is not None and last.ended_at > since:
        # What a person has let in counts no more.
        count, since = _since(mail, last.ended_at), last.ended_at
    return _begin(mail, count, since, now) if count >= mail.process.flood_messages else None


def _since(mail: Came, at: datetime) -> int:
    rows = Entry.objects.filter(kind=Entry.Kind.MESSAGE, conversation__process=mail.process, entered_at__gt=at)
    return rows.filter(message__from_address=mail.address).count()


def _begin(mail: Came, count: int, since: datetime, now: datetime) -> Flood:
    flood, new = Flood.objects.get_or_create(
        process=mail.process,
        address=mail.address.lower(),
        state=Flood.State.HELD,
        defaults={"messages": count, "began_at": now, "last_at": now},
    )
    if new:
        raise_alarm("flood", _alarm(flood), now=now, details={"process": mail.process.name})
        _collect(flood, mail, since, now)
    return flood


def _collect(flood: Flood, mail: Came, since: datetime, now: datetime) -> None:
    """What the flood had opened before it was known for one; not what somebody has taken, answered or touched."""
    recent = Entry.objects.filter(
        kind=Entry.Kind.MESSAGE, message__from_address=mail.address, entered_at__gt=since
    ).values("conversation")
    opened = Conversation.objects.filter(process=mail.process, pk__in=recent, partner_address=flood.address)
    untouched = opened.filter(status=Conversation.Status.OPEN, flood=None)
    # Opened by the flood: nothing in it is older.
    older = Entry.objects.filter(at__lte=since - _UNDER_WAY)
    worked = Entry.objects.filter(kind__in=[Entry.Kind.OUTGOING, Entry.Kind.NOTE])
    by_hand = Entry.objects.filter(person__isnull=False)
    for entries in (older, worked, by_hand):
        untouched = untouched.exclude(pk__in=entries.filter(conversation__in=opened).values("conversation"))
    held = list(untouched.select_for_update().order_by("pk"))
    for one in held:
        # Given by itself: nobody has chosen it.
        one.assign(None, None, now)
    Conversation.objects.filter(pk__in=[one.pk for one in held]).update(flood=flood)


def _hold(flood: Flood, group: Sequence[Came], now: datetime) -> set[int]:
    """Hold the conversations that the mail has opened; what goes on in others is quiet, where nobody works on it."""
    opened = {mail.conversation.pk for mail in group if mail.opened}
    Conversation.objects.filter(pk__in=opened, assignee=None).update(flood=flood)
    for mail in group:
        if mail.opened:
            mail.conversation.flood = flood
    return {mail.conversation.pk for mail in group}


# --- a person decides ------------------------------------------------------------------------------------


def _end(flood: Flood, state: Flood.State, by: Person, now: datetime) -> bool:
    standing = Flood.objects.filter(pk=flood.pk, state=Flood.State.HELD)
    if standing.update(state=state, ended_at=now, ended_by=by) != 1:
        return False
    flood.state, flood.ended_at = state, now
    end_alarm("flood", _alarm(flood), now=now)
    count = 0
    while some := list(Conversation.objects.select_for_update().filter(flood=flood).order_by("pk")[:_AT_ONCE]):
        _let_go(some, state, by, now)
        count += len(some)
    act = "release-flood" if state == Flood.State.RELEASED else "put-flood-away"
    record(by, act, f"process {flood.process_id}", address=flood.address, conversations=count)
    return True


def _let_go(conversations: Sequence[Conversation], state: Flood.State, by: Person, now: datetime) -> None:
    rows = Conversation.objects.filter(pk__in=[one.pk for one in conversations])
    if state == Flood.State.CLOSED:
        still_open = [one for one in conversations if one.status == Conversation.Status.OPEN]
        closed = {"verb": "closed", "kind": Entry.Kind.EVENT, "person": by, "at": now, "entered_at": now}
        Entry.objects.bulk_create(Entry(conversation=one, **closed) for one in still_open)
        rows.filter(status=Conversation.Status.OPEN).update(status=Conversation.Status.CLOSED, closed_at=now)
    rows.update(flood=None)
    if state == Flood.State.RELEASED:
        new = list(rows.open().select_related("process"))
        targets.begin(new, now)
        assignment.assign_many(new, now)
    changes.all_touched(conversations, now)


def _alarm(flood: Flood) -> str:
    return f"flood {flood.pk}"
