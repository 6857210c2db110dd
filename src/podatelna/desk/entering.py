"""Mail put into the timelines of conversations: its place there, and what the list then shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from podatelna import rows
from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.columns import fit
from podatelna.archive.models import Delivery, Message
from podatelna.mail.addresses import Address
from podatelna.mail.parse import Parsed

from .models import Conversation, ConversationScope, Entry

_NEAREST = 5  # of the messages that an answer names, the last ones
_LETTERS = (Entry.Kind.MESSAGE, Entry.Kind.OUTGOING)


@dataclass(frozen=True)
class Mail:
    """One delivery on its way to the desk."""

    delivery: Delivery
    message: Message
    parsed: Parsed
    at: datetime
    imported: bool


@dataclass(frozen=True)
class Author:
    """Who wrote it, as one process sees it. `ours`: an answer by one of us to somebody outside."""

    ours: bool
    person: Person | None
    partner: Address | None


class _Letter(NamedTuple):
    """An entry that is mail, with what is compared."""

    at: datetime
    pk: int
    message: int | None
    key: int | None  # of the message
    parent: int | None
    sent_as: str | None  # the Message-ID of a letter sent from here


@dataclass
class Timeline:
    """A conversation that mail comes into: of its letters those that decide where the coming mail has its place."""

    conversation: Conversation
    new: bool
    scopes: list[int] = field(default_factory=list)
    letters: dict[int, _Letter] = field(default_factory=dict)  # by the entries' keys: the first two, and the answered
    here: set[int] = field(default_factory=set)  # of the coming messages those that are in it
    sent: dict[str, Entry] = field(default_factory=dict)  # letters sent from here and not filed yet, by Message-ID
    entries: list[Sequence[object]] = field(default_factory=list)  # to be written
    changed: bool = False

    def put(self, mail: Mail, author: Author, pk: int, now: datetime) -> bool:
        """Let `mail` in; False when it is there already. `pk` is for its entry. `write_all` writes what has changed."""
        new, self.new = self.new, False
        if new and mail.imported:
            self.conversation.status, self.conversation.closed_at = Conversation.Status.CLOSED, mail.at
        mail = replace(mail, at=self._below_what_it_answers(mail))
        entered = self._enter(mail, author, pk, now)
        if entered or not self.conversation.subject:  # without subject it may have been unreadable until now
            self._update(mail, author, new, now)
        return entered

    def _below_what_it_answers(self, mail: Mail) -> datetime:
        """When it came; mailboxes keep whole seconds, and a quick answer must not stand above its question for that."""
        last = max((letter.at for letter in self.letters.values() if _answers(mail, letter)), default=None)
        if last is None or not mail.at <= last < mail.at + timedelta(seconds=1):
            return mail.at
        return last + timedelta(microseconds=1)

    def _enter(self, mail: Mail, author: Author, pk: int, now: datetime) -> bool:
        message = mail.message
        if message.pk in self.here:
            return False
        self.here.add(message.pk)
        own = self._sent_from_here(mail)
        if own is not None:
            # Our own letter came back as a copy before it was filed.
            Entry.objects.filter(pk=own.pk).update(message=message)
            sent_as = mail.parsed.message_id
            self.letters[own.pk] = _Letter(own.at, own.pk, message.pk, message.key_id, message.parent_id, sent_as)
            return False
        self.letters[pk] = _Letter(mail.at, pk, message.pk, message.key_id, message.parent_id, None)
        person = author.person.pk if author.person is not None else None
        entered = None if mail.imported else now
        self.entries.append((pk, self.conversation.pk, Entry.Kind.MESSAGE.value, mail.at, entered, person, message.pk))
        return True

    def _sent_from_here(self, mail: Mail) -> Entry | None:
        entry = self.sent.get(mail.parsed.message_id)
        if entry is None or entry.outgoing is None:
            return None
        # Message-ID is not identity: the body must be the very same.
        ours, theirs = store.read_blob(entry.outgoing.raw), store.original(mail.delivery)
        if ours.partition(b"\r\n\r\n")[2] != theirs.partition(b"\r\n\r\n")[2]:
            return None
        return self.sent.pop(mail.parsed.message_id)

    def _update(self, mail: Mail, author: Author, new: bool, now: datetime) -> None:
        """What the list shows. Mail is not always processed in the order in which it came."""
        conversation = self.conversation
        if new or mail.at >= conversation.last_message_at:
            conversation.preview = mail.message.preview
            conversation.last_message_at = mail.at
        if not mail.imported and (new or not author.ours):
            conversation.last_inbound_at = max(now, conversation.last_inbound_at or now)
        if not conversation.subject or (mail.parsed.subject and self._begins_with(mail)):
            conversation.subject = fit(mail.parsed.subject, 2000)
        if not conversation.partner_address and author.partner is not None:
            conversation.partner_name = fit(author.partner.name, 300)
            conversation.partner_address = fit(author.partner.address, 320).lower()
        self.changed = True

    def _begins_with(self, mail: Mail) -> bool:
        """Whether the conversation began with this message, although others of it were here first."""
        others = [letter for letter in self.letters.values() if letter.message != mail.message.pk]
        if not others or any(_answers(mail, letter) for letter in others):
            return False
        first = min(others)
        return mail.at < first.at or (first.parent is not None and first.parent == mail.message.key_id)


def _answers(mail: Mail, letter: _Letter) -> bool:
    """Whether the mail names the letter as what it answers."""
    if letter.key is not None and letter.key == mail.message.parent_id:
        return True
    return letter.sent_as is not None and letter.sent_as in mail.parsed.references[-_NEAREST:]


# --- read and written for a whole batch ----------------------------------------------------------------------------


def timelines(conversations: Iterable[tuple[Conversation, bool]], mails: Sequence[Mail]) -> dict[int, Timeline]:
    """What must be known of `conversations` (each with whether it is new) to put `mails` into them; by their keys."""
    found = {conversation.pk: Timeline(conversation, new) for conversation, new in conversations}
    for timeline in found.values():
        if timeline.new:
            timeline.scopes.append(timeline.conversation.process.scope_id)
    old = [pk for pk, timeline in found.items() if not timeline.new]
    if old:
        for pk, scope in ConversationScope.objects.filter(conversation__in=old).values_list("conversation", "scope"):
            found[pk].scopes.append(scope)
        _read_letters(found, old, mails)
    return found


def _read_letters(found: dict[int, Timeline], old: Sequence[int], mails: Sequence[Mail]) -> None:
    entries = Entry.objects.filter(conversation__in=old)
    coming = {mail.message.pk for mail in mails}
    for pk, message in entries.filter(message__in=coming).values_list("conversation", "message"):
        found[pk].here.add(message)  # type: ignore[arg-type]  # never null here
    parents = {mail.message.parent_id for mail in mails} - {None}
    named = {name for mail in mails for name in mail.parsed.references[-_NEAREST:]}
    for letters in (
        Entry.objects.filter(pk__in=_firsts(old)),
        entries.filter(message__key__in=parents),
        entries.filter(outgoing__message_id__in=named),
    ):
        for conversation, letter in _letters(letters):
            found[conversation].letters[letter.pk] = letter
    names = {mail.parsed.message_id for mail in mails}
    waiting = entries.filter(kind=Entry.Kind.OUTGOING, message=None, outgoing__message_id__in=names)
    for entry in waiting.select_related("outgoing__raw"):
        assert entry.outgoing is not None
        found[entry.conversation_id].sent[entry.outgoing.message_id] = entry


def _firsts(conversations: Sequence[int]) -> list[int]:
    """The first two letters of each: one of them may be the coming mail itself."""
    letters = Entry.objects.filter(conversation=OuterRef("pk"), kind__in=_LETTERS).order_by("at", "pk").values("pk")
    both = Conversation.objects.filter(pk__in=conversations).values_list(Subquery(letters[:1]), Subquery(letters[1:2]))
    return [pk for pair in both for pk in pair if pk is not None]


def _letters(entries: QuerySet[Entry]) -> Iterable[tuple[int, _Letter]]:
    columns = ("message_id", "message__key_id", "message__parent_id", "outgoing__message_id")
    for conversation, at, pk, *rest in entries.values_list("conversation_id", "at", "pk", *columns):
        yield conversation, _Letter(at, pk, *rest)


_ENTRY = ("id", "conversation", "kind", "at", "entered_at", "person", "message")
_LISTED = (
    "subject", "status", "closed_at", "partner_name", "partner_address", "preview", "last_message_at",
    "last_inbound_at",
)  # fmt: skip


def write_all(found: Iterable[Timeline]) -> None:
    """Write the entries and the conversations that `put` has made or changed."""
    changed = sorted((one for one in found if one.changed), key=lambda one: one.conversation.pk)
    rows.insert(Entry, _ENTRY, [entry for one in changed for entry in one.entries])
    conversations = [one.conversation for one in changed]
    rows.update(Conversation, _LISTED, [(*(getattr(one, name) for name in _LISTED), one.pk) for one in conversations])
