"""What a search found, as the list shows it: messages under the conversation one may see them in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from podatelna.accounts.models import Person
from podatelna.archive.models import Message
from podatelna.archive.search import QueryError, highlight, search
from podatelna.desk.models import Conversation, Entry

PAGE = 50  # messages
Pieces = list[tuple[str, bool]]  # text, whether it is a hit


@dataclass(frozen=True)
class FoundMessage:
    """One hit: whose it is and when, with the hits in its subject and its first words marked."""

    message: Message
    url: str
    subject: Pieces
    preview: Pieces


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
        return max(len(self.messages) - 4, 0)


@dataclass(frozen=True)
class Results:
    """A page of results. `older` is the key of the next page ("" at the end).

    `problem` says what was not understood, if anything; then `pieces` are the query with the place marked.
    """

    query: str = ""
    groups: list[Group] = field(default_factory=list)
    older: str = ""
    problem: str = ""
    pieces: Pieces = field(default_factory=list)


def found_by(query: str, person: Person, *, before: str = "", selected: int | None = None) -> Results:
    """A page of what `person` may see of the archive and `query` finds, the newest first."""
    query = query.strip()
    if not query:
        return Results()
    after = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    try:
        hits = search(query, person=person, limit=PAGE + 1, before=after)
    except QueryError as error:
        return _not_understood(query, error)
    page = hits[:PAGE]
    messages = _messages([hit.message_id for hit in page], person)
    groups = _grouped(messages, query, person, selected)
    return Results(query, groups, older=str(page[-1].search_id) if len(hits) > PAGE else "")


def _messages(ids: list[int], person: Person) -> list[Message]:
    """In the order of `ids`. What may no longer be seen since it was found is left out."""
    rows = Message.objects.visible_to(person).in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def _grouped(messages: Iterable[Message], query: str, person: Person, selected: int | None) -> list[Group]:
    messages = list(messages)
    homes = _homes([message.pk for message in messages], person)
    grouped: dict[tuple[str, int], tuple[Conversation | None, list[Message]]] = {}
    for message in messages:
        home = homes.get(message.pk)
        key = ("conversation", home.pk) if home else ("message", message.pk)
        grouped.setdefault(key, (home, []))[1].append(message)
    return [_group(home, rows, query, selected) for home, rows in grouped.values()]


def _homes(messages: list[int], person: Person) -> dict[int, Conversation]:
    """For each message a conversation with it that `person` may see, if there is one."""
    visible = Conversation.objects.visible_to(person).filter(entries__message__in=messages)
    conversations = visible.select_related("process", "assignee").distinct().in_bulk()
    entries = Entry.objects.filter(message__in=messages, conversation__in=conversations).order_by("-conversation_id")
    pairs = entries.values_list("message_id", "conversation_id")
    return {message: conversations[conversation] for message, conversation in pairs}


def _group(home: Conversation | None, rows: list[Message], query: str, selected: int | None) -> Group:
    found = [_found(message, home, query) for message in rows]
    url = _url(home, query) if home else found[0].url
    return Group(home, url, home is not None and home.pk == selected, found)


def _found(message: Message, home: Conversation | None, query: str) -> FoundMessage:
    if home:
        url = f"{_url(home, query)}#message-{message.pk}"
    else:
        url = reverse("message", args=[message.pk]) + "?" + urlencode({"in": "search", "q": query})
    subject = message.subject or _("(no subject)")
    return FoundMessage(message, url, highlight(subject, query), highlight(message.preview, query))


def _url(home: Conversation, query: str) -> str:
    return reverse("conversation", args=[home.pk]) + "?" + urlencode({"in": "search", "q": query})


def _not_understood(query: str, error: QueryError) -> Results:
    end = error.position + len(error.detail)
    pieces = [(query[: error.position], False), (query[error.position : end], True), (query[end:], False)]
    return Results(query, problem=words_for(error), pieces=[piece for piece in pieces if piece[0]])


def words_for(error: QueryError) -> str:
    """What is wrong with the query and how to say it instead, in the reader's language."""
    words = {
        "empty": _("There is nothing to search for: type a word."),
        "too-long": _("The search is too long. A few words are enough."),
        "unknown-operator": _(
            "“%(detail)s” is not known here. There are from: to: subject: has: after: and before:."
            " To search for the words themselves, put them into quotes."
        ),
        "needs-value": _("“%(detail)s” needs something after the colon, without a space."),
        "bad-date": _("“%(detail)s” is not a date. Write 2026, 2026-05, 2026-05-31 or 31.5.2026."),
        "bad-has": _("“has:%(detail)s” is not known. Write has:attachment."),
        "date-in-or": _("“%(detail)s” holds for the whole search: it cannot stand beside OR or after a minus."),
    }
    return words.get(error.code, str(error)) % {"detail": error.detail}
