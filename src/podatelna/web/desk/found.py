"""What a search found, as the list shows it: messages under the conversation one may see them in."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from podatelna.accounts.models import Person
from podatelna.archive.models import Message
from podatelna.archive.search import WINDOW, Counts, Marker, QueryError, building, count, read_query, search
from podatelna.desk.case_models import Case
from podatelna.desk.case_numbers import read_number
from podatelna.desk.cases import find
from podatelna.desk.finding import resolver_for
from podatelna.desk.models import Conversation, Entry

from .excerpts import Excerpt, Pieces, excerpts
from .facets import Facet, facets
from .query_words import meant, words_for

PAGE = 50  # messages
MOST_CASES = 5  # of one number: each process counts for itself
LINES = 4  # of one conversation; the rest is a number


@dataclass(frozen=True)
class FoundMessage:
    """One hit: whose it is and when, with the hits marked in its sender, its subject and the text around one.

    That text is from inside an attachment when `in_file`.
    """

    message: Message
    url: str
    sender: Pieces
    subject: Pieces
    text: Pieces
    in_file: bool


@dataclass(frozen=True)
class Group:
    """Hits of one conversation; or one message that lies in the archive without a conversation of the person's."""

    conversation: Conversation | None
    url: str
    selected: bool
    messages: list[FoundMessage]

    @property
    def first(self) -> FoundMessage:
        """The newest hit, which gives the group its place."""
        return self.messages[0]

    @property
    def rest(self) -> int:
        """How many hits do not get a line of their own."""
        return max(len(self.messages) - LINES, 0)


@dataclass(frozen=True)
class Results:
    """A page of results. `older` is the key of the next page ("" at the end).

    `problem` says what was not understood, if anything; then `pieces` are the query with the place marked, and `meant`
    other queries that would do. `building`: of how many messages in a hundred the index knows, while it is filled.
    """

    query: str = ""
    groups: list[Group] = field(default_factory=list)
    older: str = ""
    problem: str = ""
    pieces: Pieces = field(default_factory=list)
    meant: list[str] = field(default_factory=list)
    counts: Counts | None = None
    facets: list[Facet] = field(default_factory=list)
    by_relevance: bool = False
    shown: int = 0  # messages on this page
    other_order: str = ""  # the query, sorted the other way
    building: int | None = None
    window: int = WINDOW
    cases: list[Case] = field(default_factory=list)  # whose number the query is


def found_by(
    query: str, person: Person, *, before: str = "", selected: int | None = None, brief: bool = False
) -> Results:
    """A page of what `person` may see of the archive and `query` finds, the newest first unless it says otherwise.

    Numbers stand beside the first page alone; `brief` results have none, and no text around the hits either.
    """
    query = query.strip()
    if not query:
        return Results(building=_building())
    after = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    resolve = resolver_for(person)
    try:
        hits = search(query, person=person, limit=PAGE + 1, before=after, resolve=resolve)
        counts = count(query, person=person, resolve=resolve) if after is None and not brief else None
    except QueryError as error:
        return _not_understood(query, error)
    page = hits[:PAGE]
    by_relevance = read_query(query).by_relevance
    messages = _messages([hit.message_id for hit in page], person)
    groups = _grouped(messages, query, person, selected, brief)
    return Results(
        query,
        groups,
        older=str(page[-1].search_id) if len(hits) > PAGE and not by_relevance else "",
        counts=counts,
        facets=facets(counts, query, person) if counts else [],
        by_relevance=by_relevance,
        shown=len(page),
        other_order=_other_order(query, by_relevance),
        building=_building(),
        cases=[] if brief or after is not None else _cases(query, person),
    )


def _cases(query: str, person: Person) -> list[Case]:
    """Those whose number the whole query is; one is looked for by its number anywhere."""
    return list(find(person, words=query)[:MOST_CASES]) if read_number(query) else []


def _other_order(query: str, by_relevance: bool) -> str:
    """The same query, sorted the other way."""
    words = [word for word in query.split() if not word.lower().startswith("sort:")]
    return " ".join(words if by_relevance else [*words, "sort:relevance"])


def _building() -> int | None:
    """While the index is filled after a change of its layout: how many of a hundred messages are found again."""
    state = building.state()
    if state is None or state.kind != state.Kind.FILLING:
        return None
    return min(99, 100 * state.done // max(state.total, 1))


def _messages(ids: list[int], person: Person) -> list[Message]:
    """In the order of `ids`. What may no longer be seen since it was found is left out."""
    rows = Message.objects.visible_to(person).in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def _grouped(messages: list[Message], query: str, person: Person, selected: int | None, brief: bool) -> list[Group]:
    homes = _homes([message.pk for message in messages], person)
    grouped: dict[tuple[str, int], tuple[Conversation | None, list[Message]]] = {}
    for message in messages:
        home = homes.get(message.pk)
        key = ("conversation", home.pk) if home else ("message", message.pk)
        grouped.setdefault(key, (home, []))[1].append(message)
    marker = Marker(query)
    shown = [message for _home, rows in grouped.values() for message in rows[:LINES]]
    texts = {} if brief else excerpts(shown, marker)
    return [_group(home, rows, query, selected, marker, texts) for home, rows in grouped.values()]


def _homes(messages: list[int], person: Person) -> dict[int, Conversation]:
    """For each message a conversation with it that `person` may see, if there is one."""
    visible = Conversation.objects.visible_to(person).filter(entries__message__in=messages)
    conversations = visible.select_related("process", "assignee").distinct().in_bulk()
    entries = Entry.objects.filter(message__in=messages, conversation__in=conversations).order_by("-conversation_id")
    pairs = entries.values_list("message_id", "conversation_id")
    return {message: conversations[conversation] for message, conversation in pairs}


def _group(
    home: Conversation | None,
    rows: list[Message],
    query: str,
    selected: int | None,
    marker: Marker,
    texts: dict[int, Excerpt],
) -> Group:
    found = [_found(row, home, query, marker, texts.get(row.pk, Excerpt([]))) for row in rows]
    url = _url(home, query) if home else found[0].url
    return Group(home, url, home is not None and home.pk == selected, found)


def _found(message: Message, home: Conversation | None, query: str, marker: Marker, excerpt: Excerpt) -> FoundMessage:
    if home:
        url = f"{_url(home, query)}#message-{message.pk}"
    else:
        url = reverse("message", args=[message.pk]) + "?" + urlencode({"in": "search", "q": query})
    sender = message.from_name or message.from_address or _("(unknown sender)")
    subject = message.subject or _("(no subject)")
    return FoundMessage(
        message, url, marker.mark(sender, "sender"), marker.mark(subject, "subject"), excerpt.pieces, excerpt.in_file
    )


def _url(home: Conversation, query: str) -> str:
    return reverse("conversation", args=[home.pk]) + "?" + urlencode({"in": "search", "q": query})


def _not_understood(query: str, error: QueryError) -> Results:
    end = error.position + len(error.detail)
    pieces = [(query[: error.position], False), (query[error.position : end], True), (query[end:], False)]
    return Results(
        query, problem=words_for(error), pieces=[piece for piece in pieces if piece[0]], meant=meant(query, error)
    )
