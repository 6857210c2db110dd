"""Messages put into the index, taken out of it, and put in anew; each in few statements for many messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from django.db import IntegrityError, connection, transaction

from podatelna.archive import store
from podatelna.archive.models import DeliveryScope, IndexBuild, Message
from podatelna.mail.parse import Parsed

from . import marks, postgresql, sqlite
from .builds import current_build, tables_of
from .documents import Document, digest_of, document_of
from .hits import Backend, Placed
from .ids import free_seconds, second_of
from .layout import ACTIVE, NEW

_TRIES = 20


def index(message: Message, parsed: Parsed) -> None:
    """Make `message` findable and set its `search_id`; one that is in the index already is left as it is."""
    index_many([(message, parsed)])


def index_many(pairs: Sequence[tuple[Message, Parsed]], made: Sequence[Document] | None = None) -> None:
    """Make the messages of one batch findable and set their `search_id`; those in the index already are left.

    `made` are their documents, where the caller has them already. Inside the caller's transaction if there is one; all
    of them or, when it raises, none.
    """
    made = made or [document_of(parsed) for _, parsed in pairs]
    documents = {message.pk: document for (message, _), document in zip(pairs, made, strict=True)}
    _in_turns(lambda tried: add([message for message, _ in pairs], documents, tried))


def reindex(message: Message, parsed: Parsed | None = None) -> None:
    """Put `message` in as it is now, in place of what the index has of it: after reading it anew, or its attachments.

    Without `parsed` it is read from the archive. Raises Damaged.
    """
    parsed = parsed or store.read(message)
    texts = attachment_texts(message)
    document = document_of(parsed, texts)

    def work(tried: int) -> None:
        _take_out(message, parsed, texts)
        add([message], {message.pk: document}, tried)

    _in_turns(work)


def remove(message: Message, parsed: Parsed | None = None) -> None:
    """Take `message` out of the index. Without `parsed` it is read from the archive. Raises Damaged."""
    parsed = parsed or store.read(message)
    with transaction.atomic():
        _take_out(message, parsed, attachment_texts(message))


def attachment_texts(message: Message) -> list[str]:
    """What was read of the attachments of `message` so far, in their order."""
    # Here, because whoever reads attachments puts the message in anew.
    from podatelna.archive import extraction

    return extraction.texts_of(message)


def backend() -> Backend:
    """The index of the database that is connected."""
    if connection.vendor == "postgresql":
        return postgresql.BACKEND
    return sqlite.BACKEND


def add(messages: Sequence[Message], documents: dict[int, Document], tried: int = 0) -> None:
    """Give those of `messages` a place that have none, and write their documents (by pk) there.

    In a transaction. Raises IntegrityError when another worker took one of the places meanwhile.
    """
    rows = Message.objects.select_for_update().order_by("pk").filter(pk__in=documents)
    present = dict(rows.values_list("pk", "search_id"))
    new = {message.pk: message for message in messages if present[message.pk] is None}
    # Workers that met at one second must not meet again at the next one.
    pass_over = min(new, default=0) % 8 * tried
    places = dict(zip(new, free_seconds([second_of(message) for message in new.values()], pass_over), strict=True))
    for message in messages:
        message.search_id = places.get(message.pk, present[message.pk])
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE archive_message SET search_id = %s, search_digest = %s WHERE id = %s",
            [(place, digest_of(documents[pk]), pk) for pk, place in places.items()],
        )
    build = current_build()
    for table in (ACTIVE, NEW):
        here = {pk: documents[pk] for pk in places if table in tables_of(pk, build)}
        write(table, here, places)
    marks.forget(places)


def write(table: str, documents: dict[int, Document], places: dict[int, int]) -> None:
    """Write documents (by the message's pk) to their places in one table of the index."""
    scopes = scopes_of(documents)
    # In the order of their ids: FTS5 begins a new segment with each step backwards.
    rows = sorted((places[pk], pk) for pk in documents)
    if rows:
        backend().add(table, [Placed(place, documents[pk], scopes[pk]) for place, pk in rows])


def scopes_of(messages: Iterable[int]) -> defaultdict[int, tuple[int, ...]]:
    """The scopes of each message (by pk), in order."""
    found: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    links = DeliveryScope.objects.filter(message__in=list(messages)).order_by("message", "scope").distinct()
    for message, scope in links.values_list("message_id", "scope_id"):
        found[message] += (scope,)
    return found


def give_up(message: Message, build: IndexBuild | None) -> None:
    """Make `message` lose its place though nobody can say what words stand there."""
    tables = tables_of(message.pk, build)
    if message.search_id is not None and ACTIVE in tables:
        backend().leave([message.search_id], also_new=NEW in tables)
    _forget(message)


def _in_turns(work: Callable[[int], None]) -> None:
    """Do `work(tried)`, all or nothing; again when another worker took the same second meanwhile."""
    for tried in range(_TRIES):
        try:
            with transaction.atomic():
                return work(tried)
        except IntegrityError as error:
            conflict = error
    raise conflict


def _take_out(message: Message, parsed: Parsed, texts: Sequence[str]) -> None:
    row = Message.objects.select_for_update().only("search_id", "search_digest").get(pk=message.pk)
    if row.search_id is not None:
        build = current_build()
        marks.complete_for([row.pk])
        old = _as_put_in(bytes(row.search_digest or b""), parsed, texts)
        if old is None:
            give_up(row, build)
        else:
            placed = Placed(row.search_id, old, scopes_of([row.pk])[row.pk])
            for table in tables_of(row.pk, build):
                backend().remove(table, [placed])
    _forget(message)


def _forget(message: Message) -> None:
    message.search_id = message.search_digest = None
    message.save(update_fields=["search_id", "search_digest"])


def _as_put_in(digest: bytes, parsed: Parsed, texts: Sequence[str]) -> Document | None:
    """The document that has this digest: with the texts of no attachment, of all, or of all but one; None if none has.

    What was put in by an earlier version of the parser has words that nobody knows any more.
    """
    without_one = ([*texts[:position], *texts[position + 1 :]] for position in range(len(texts)))
    for some in ([], texts, *without_one):
        document = document_of(parsed, some)
        if digest_of(document) == digest:
            return document
    return None
