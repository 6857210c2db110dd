"""Splitting a thread and joining two, by a person; remembered, so that mail that comes later keeps to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from podatelna.accounts.models import Person

from .arrangement import Named
from .errors import NothingToSplit
from .models import Message, Thread, ThreadDecision, ThreadKey
from .rearranging import below, rearrange, with_families
from .thread_keys import Placed

Kind = ThreadDecision.Kind


@dataclass(frozen=True)
class Decided:
    """A decision and where messages are now: for each thread that it concerns."""

    decision: ThreadDecision
    placed: list[Placed]


@transaction.atomic
def split(message: Message, by: Person | None, now: datetime, also: Sequence[Named] = ()) -> Decided:
    """Make `message` the head of a thread of its own, with what answers it, now and later.

    `also` are letters of the thread that are on their way out. Raises NothingToSplit when nothing would stay behind.
    """
    message.refresh_from_db()
    assert message.thread is not None
    assert message.key is not None
    threads = _locked([message.thread.pk])
    before = set(_messages_of(message.thread))
    decision, new = ThreadDecision.objects.get_or_create(
        kind=Kind.CUT, key=message.key, defaults={"person": by, "at": now}
    )
    # Joined by hand before: what is decided last holds.
    across = _joins_across(message)
    decision.memory = {"joins": [[row.kind, row.key_id, row.other_id] for row in across], "cut_before": not new}
    decision.save(update_fields=["memory"])
    ThreadDecision.objects.filter(pk__in=[row.pk for row in across]).delete()
    placed = rearrange(threads, also=also)
    message.refresh_from_db()
    if before <= set(_messages_of(message.thread)):
        raise NothingToSplit("all of the thread answers it")
    return Decided(decision, placed)


@transaction.atomic
def join(
    thread: Thread,
    other: Thread,
    by: Person | None,
    now: datetime,
    *,
    kind: ThreadDecision.Kind = Kind.JOIN,
    also: Sequence[Named] = (),
) -> Decided:
    """Make two threads one, now and later. Raises Thread.DoesNotExist when one is gone or not another one."""
    if thread.pk == other.pk:
        raise Thread.DoesNotExist("one thread, not two")
    threads = _locked([thread.pk, other.pk])
    decision = ThreadDecision.objects.create(
        kind=kind, key=_anchor(threads[thread.pk]), other=_anchor(threads[other.pk]), person=by, at=now
    )
    return Decided(decision, rearrange(threads, also=also))


@transaction.atomic
def undo(decision: ThreadDecision, also: Sequence[Named] = ()) -> list[Placed]:
    """Take a decision back: messages belong where they would without it."""
    keys = ThreadKey.objects.filter(pk__in=[decision.key_id, decision.other_id or decision.key_id])
    threads = _locked(keys.values_list("thread", flat=True).distinct())
    for kind, key, other in decision.memory.get("joins", []):
        ThreadDecision.objects.create(kind=kind, key_id=key, other_id=other, person=decision.person, at=decision.at)
    if not decision.memory.get("cut_before"):
        decision.delete()
    return rearrange(threads, also=also)


def _locked(threads_now: Iterable[int]) -> dict[int, Thread]:
    """The threads and their families, locked in the order of their ids."""
    ids = set(threads_now)
    wanted = with_families(ids)
    threads = Thread.objects.select_for_update().order_by("pk").in_bulk(wanted)
    missing = ids - set(threads)
    if missing:
        raise Thread.DoesNotExist(f"threads {sorted(missing)} are gone")
    return threads


def _messages_of(thread: Thread) -> Iterable[int]:
    return Message.objects.filter(thread=thread).values_list("pk", flat=True)


def _anchor(thread: Thread) -> ThreadKey:
    """The key that stands for a thread in a decision: that of its first message."""
    first = thread.messages.order_by("received_at", "pk").select_related("key").first()
    key = first.key if first is not None else thread.keys.order_by("pk").first()
    if key is None:
        raise Thread.DoesNotExist(f"thread {thread.pk} is empty")
    return key


def _joins_across(message: Message) -> list[ThreadDecision]:
    """Joins that hold the thread that `message` heads together with something else."""
    inside = below(message)
    joins = ThreadDecision.objects.exclude(kind=Kind.CUT).filter(key__thread=message.thread_id)
    return [row for row in joins if (row.key_id in inside) != (row.other_id in inside)]
