"""The index made anew from the archive in small steps, the newest messages first, while the desk is used.

A new one grows beside the one that is searched and takes its place when it is whole; what arrives meanwhile is put
into both. After a change of the layout there is no old one to search: then the index itself is filled. Either way a row
(IndexBuild) remembers how far it has come, so that any worker may go on, after a crash too.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from podatelna.archive.models import IndexBuild, LeftoverDocument, Message

from . import layout, marks
from .builds import current_build
from .documents import Document, digest_of
from .indexing import add, give_up, write
from .layout import ACTIVE, NEW, OLD
from .reading import documents

STEP = 50  # messages whose words are written in one transaction: well below 100 ms
_ROWS_AT_ONCE = 500  # of an FTS5 table's data, 4 kB each

Kind = IndexBuild.Kind


def state() -> IndexBuild | None:
    """How far the index is being made anew, for being shown; None when it is not."""
    return IndexBuild.objects.first()


def begin() -> IndexBuild:
    """Start a new index beside the present one; when one is being made already, that one."""
    with transaction.atomic():
        # One of several that begin at once waits here, and finds what the other has begun.
        Message.objects.select_for_update().order_by("-pk").first()
        going_on = IndexBuild.objects.select_for_update().first()
        if going_on is not None:
            return going_on
        layout.run((f"DROP TABLE IF EXISTS {NEW}", *layout.create(NEW)))
        return IndexBuild.objects.create(
            kind=Kind.BESIDE,
            cursor=(Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1,
            total=Message.objects.filter(search_id__isnull=False).count(),
        )


def step(size: int = STEP) -> bool:
    """Take the next messages into the new index, or put it in its place; False when there is nothing to do."""
    build = state()
    if build is None:
        return False
    if build.kind == Kind.CLEARING:
        return _clear(build)
    messages = _next(build.cursor, size)
    if not messages:
        _finish(build)
        return True
    unread: list[int] = []
    # Read outside of the transaction: it takes ten times as long as writing.
    found = [
        (message.pk, document)
        for message, document in documents([one for one in messages if one.search_id is not None], unread)
    ]
    _take_in(build, messages, dict(found), unread)
    return True


def _next(cursor: int, size: int, *, lock: bool = False) -> list[Message]:
    rows = Message.objects.select_for_update() if lock else Message.objects.all()
    rows = rows.filter(pk__lt=cursor).order_by("-pk")
    return list(rows.only("pk", "search_id", "search_digest", "sent_at", "received_at")[:size])


@transaction.atomic
def _take_in(build: IndexBuild, messages: Sequence[Message], found: dict[int, Document], unread: list[int]) -> None:
    now = current_build(for_update=True)
    if now is None or (now.pk, now.cursor) != (build.pk, build.cursor):
        return  # another worker took the same step
    # Locked as indexing locks them: who is at it now has finished when this goes on.
    rows = _next(now.cursor, len(messages), lock=True)
    if list(map(_as_read, rows)) != list(map(_as_read, messages)):
        return  # one was put in, or is gone, since it was read: the next step looks again
    now.cursor = messages[-1].pk
    now.done += len([row for row in rows if row.search_id is not None])
    now.unread += len(unread)
    now.save(update_fields=["cursor", "done", "unread"])
    here = [row for row in rows if row.search_id is not None and row.pk in found]
    same = [row for row in here if now.kind == Kind.FILLING or _is_in(row, found[row.pk])]
    places = {row.pk: row.search_id for row in same if row.search_id is not None}
    write(ACTIVE if now.kind == Kind.FILLING else NEW, {pk: found[pk] for pk in places}, places)
    if now.kind == Kind.FILLING:
        _note_digests(places, found)
        marks.forget(places)
    # Other words stand in the old index, and nobody can say which: there too they are put in as they are now.
    for row in (row for row in here if row.pk not in places):
        give_up(row, None)
        add([row], found)


def _as_read(row: Message) -> tuple[int, int | None, bytes]:
    return row.pk, row.search_id, bytes(row.search_digest or b"")


def _is_in(row: Message, document: Document) -> bool:
    return bytes(row.search_digest or b"") == digest_of(document)


def _note_digests(places: dict[int, int], found: dict[int, Document]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE archive_message SET search_digest = %s WHERE id = %s", [(digest_of(found[pk]), pk) for pk in places]
        )


@transaction.atomic
def _finish(build: IndexBuild) -> None:
    now = current_build(for_update=True)
    if now is None or now.pk != build.pk or _next(now.cursor, 1):
        return
    if now.kind == Kind.FILLING:
        now.delete()
        return
    layout.run((f"DROP TABLE IF EXISTS {OLD}", *layout.swap()))
    LeftoverDocument.objects.filter(also_new=False).delete()
    LeftoverDocument.objects.update(also_new=False)
    now.kind = Kind.CLEARING
    now.save(update_fields=["kind"])


def _clear(build: IndexBuild) -> bool:
    """Take away the old index. SQLite does so bit by bit: as one statement it would keep every writer waiting."""
    with transaction.atomic():
        if IndexBuild.objects.select_for_update().filter(pk=build.pk, kind=Kind.CLEARING).first() is None:
            return True
        if connection.vendor == "sqlite" and _delete_some():
            return True
        layout.run((f"DROP TABLE IF EXISTS {OLD}",))
        build.delete()
    return True


def _delete_some() -> int:
    """Delete some rows of the old FTS5 table; how many. The last ones go with the table."""
    sql = f"DELETE FROM {OLD}_data WHERE id IN (SELECT id FROM {OLD}_data WHERE id > 10 LIMIT %s)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [_ROWS_AT_ONCE])
        return int(cursor.rowcount)
