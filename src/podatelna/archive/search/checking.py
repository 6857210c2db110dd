"""The index compared with the archive: what is missing, what is too much, what has other words; and mended.

Every message is read from the archive, and its words are compared with those that really stand in the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from podatelna.archive.models import Delivery, LeftoverDocument, Message

from . import layout, marks
from .builds import current_build, tables_of
from .documents import Document, digest_of
from .hits import Placed
from .indexing import add, backend, give_up, scopes_of
from .reading import documents
from .standing import Standing, standing

_AT_ONCE = 100


@dataclass
class Checked:
    """What a comparison found: lists hold pks of messages, `extra` places in the index that no message has."""

    messages: int = 0
    missing: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)  # cannot be read from the archive: `podatelna verify` says more
    triggers: int = 0  # that were gone
    leftovers: int = 0  # places out of use until the next rebuilding; nothing is found by them
    building: bool = False  # the index is being made anew; what it has not come to yet was not compared

    @property
    def is_whole(self) -> bool:
        """Whether everything in the archive is found by its words, and nothing else is."""
        return not (self.missing or self.changed or self.extra or self.unread or self.triggers)


def check(*, repair: bool = False, progress: Callable[[int], None] = lambda done: None) -> Checked:
    """Compare, and with `repair` put right what differs; `progress` is told how many messages are done.

    The desk may be used meanwhile: before something is repaired it is looked at again, with a lock.
    """
    while marks.complete():
        pass
    checked = Checked(building=current_build() is not None, triggers=len(layout.missing_triggers()))
    if repair:
        layout.mend_triggers()
    present = standing()
    for batch in _batches():
        _compare(batch, present, checked, repair)
        checked.messages += len(batch)
        progress(checked.messages)
    checked.extra = _extra(present)
    if repair:
        _leave(checked.extra)
    checked.leftovers = LeftoverDocument.objects.count()
    return checked


def _batches() -> Iterator[list[Message]]:
    """The messages that were there when it began and should be found."""
    after, last = 0, Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    rows = Message.objects.order_by("pk").filter(pk__lte=last)
    rows = rows.only("pk", "search_id", "search_digest", "sent_at", "received_at")
    while batch := list(rows.filter(pk__gt=after)[:_AT_ONCE]):
        # What the pipeline has not been through yet, or could not parse, has no place in the index.
        through = Delivery.objects.filter(message__in=batch)
        through = through.filter(Q(state=Delivery.State.DONE) | Q(stage__in=("index", "announce")))
        due = set(through.values_list("message_id", flat=True))
        yield [message for message in batch if message.search_id is not None or message.pk in due]
        after = batch[-1].pk


def _compare(batch: list[Message], present: Standing, checked: Checked, repair: bool) -> None:
    build = current_build()
    compared = [message for message in batch if tables_of(message.pk, build)]
    found = {message.pk: document for message, document in documents(compared, checked.unread)}
    scopes = scopes_of(found)
    placed = [
        Placed(message.search_id, found[message.pk], scopes[message.pk])
        for message in compared
        if message.search_id is not None and message.pk in found
    ]
    wrong = present.wrong(placed)
    bad: list[Message] = []
    for message in compared:
        document = found.get(message.pk)
        if document is None:
            continue
        if message.search_id is None or (message.search_id in wrong and not present.has(message.search_id)):
            checked.missing.append(message.pk)
        elif message.search_id in wrong or digest_of(document) != bytes(message.search_digest or b""):
            checked.changed.append(message.pk)
        else:
            continue
        bad.append(message)
    if repair and bad:
        _repair(bad, found)


@transaction.atomic
def _repair(messages: list[Message], found: dict[int, Document]) -> None:
    build = current_build()
    rows = Message.objects.select_for_update().only("pk", "search_id", "search_digest", "sent_at", "received_at")
    locked = rows.in_bulk([message.pk for message in messages])
    for message in messages:
        row = locked.get(message.pk)
        if row is None or _place_of(row) != _place_of(message):
            continue  # it is gone, or was put in anew meanwhile
        # Nobody can say what words stand there.
        give_up(row, build)
        add([row], {row.pk: found[row.pk]})


def _place_of(row: Message) -> tuple[int | None, bytes]:
    return row.search_id, bytes(row.search_digest or b"")


def _extra(present: Standing) -> list[int]:
    """Places that have words, and neither a message nor a note that they are out of use."""
    return sorted(present.places() - _known_places())


def _known_places() -> set[int]:
    known = set(Message.objects.filter(search_id__isnull=False).values_list("search_id", flat=True).iterator())
    return {place for place in known if place is not None} | set(
        LeftoverDocument.objects.values_list("search_id", flat=True)
    )


@transaction.atomic
def _leave(places: list[int]) -> None:
    # Again with the writers kept away: one may have been given to a message meanwhile.
    still = sorted(set(places) - _known_places())
    if still:
        backend().leave(still, also_new=current_build() is not None)
