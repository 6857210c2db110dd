"""A conversation's timeline as a page shows it: which entries, which of them open, and each one's state in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import cached_property

from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.desk import sent
from podatelna.desk.models import Conversation, Entry, Reading
from podatelna.desk.rule_models import Review
from podatelna.desk.rules import reviewing
from podatelna.mail.addresses import Address
from podatelna.mail.parse import Parsed, parse
from podatelna.mail.quotes import Block
from podatelna.outbox.models import Outgoing, Recipient

from .attachments import FileView, file_of, files_of
from .circle import Circle
from .later import as_typed
from .message_view import MessageView, folded
from .places import UNREADABLE, Place
from .sent_words import Refused, ReportedLine, refused_lines, reported_lines
from .words import sending_words

AT_ONCE = 40  # entries shown without asking for the earlier ones
OPEN_AT_ONCE = 8  # messages whose content is read for the first look; each costs a parse


@dataclass(frozen=True)
class OutgoingView:
    """What was written here, on its way or sent."""

    entry: Entry
    outgoing: Outgoing
    person: Person  # who looks
    now: datetime

    @cached_property
    def parsed(self) -> Parsed | None:
        """Its content from the very bytes that are sent, None when the archive cannot give them."""
        try:
            return parse(store.read_blob(self.outgoing.raw))
        except UNREADABLE:
            return None

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its plain text in blocks."""
        return folded(self.parsed.text) if self.parsed else ()

    @cached_property
    def files(self) -> list[FileView]:
        """Its attachments; they can be fetched once it is in the archive."""
        if self.entry.message is not None:
            return files_of(self.entry.message.parts.all(), Place(self.entry.message, self.entry.conversation).url)
        return [file_of(part) for part in self.parsed.parts if part.is_attachment] if self.parsed else []

    @cached_property
    def hidden(self) -> list[Address]:
        """Those it goes to without the others' knowing: in the envelope, and in no header."""
        if self.parsed is None:
            return []
        named = {one.address.lower() for one in (*self.parsed.to, *self.parsed.cc)}
        return [Address("", r.address) for r in self.recipients if r.address.lower() not in named]

    @property
    def is_mine(self) -> bool:
        """Whether who looks has sent it, and may take it back."""
        return self.outgoing.person_id == self.person.pk

    @property
    def reason(self) -> str:
        """Why it is not (wholly) sent, in words; "" when nothing is wrong."""
        return sending_words(self.outgoing.last_code)

    @cached_property
    def recipients(self) -> list[Recipient]:
        """Whom it goes to, with what their server said."""
        return list(self.outgoing.recipients.all())

    @property
    def refused(self) -> list[Refused]:
        """Those a server would not take it for, and why."""
        return refused_lines(self.recipients)

    @cached_property
    def reported(self) -> list[ReportedLine]:
        """What delivery reports say of it that somebody should know: late, or not delivered."""
        return reported_lines(self.recipients)

    @property
    def came_back(self) -> bool:
        """Whether somebody will not get it."""
        return any(line.failed for line in self.reported)

    @cached_property
    def review(self) -> Review | None:
        """Why it is held."""
        return Review.objects.filter(outgoing=self.outgoing).select_related("rule").first()

    @cached_property
    def may_decide(self) -> bool:
        """Whether the reader lets it go out, or gives it back."""
        return self.review is not None and reviewing.may_decide(self.review, self.person)

    @property
    def is_automatic(self) -> bool:
        """Whether the process answered by itself."""
        return bool(self.entry.details.get("automatic"))

    @property
    def planned(self) -> str:
        """When it is to go out, as a form has it."""
        return as_typed(self.outgoing.due_at) if self.outgoing.due_at else ""

    @property
    def phase(self) -> str:
        """undo later limited turn queued retrying sending sent partly failed rewritten uncertain withdrawn."""
        state = self.outgoing.state
        if state == Outgoing.State.WAITING:
            return "retrying" if self.outgoing.attempts else self._waits
        if state == Outgoing.State.SENT and self.refused:
            return "partly"
        if state == Outgoing.State.FAILED and self.entry.details.get("rewritten"):
            return "rewritten"
        return state

    @cached_property
    def _waits(self) -> str:
        """What it waits for before its first attempt."""
        due = self.outgoing.due_at
        if due is not None and due > self.now:
            if self.outgoing.last_code == "limit":
                return "limited"
            return "later" if self.outgoing.scheduled else "undo"
        return "turn" if sent.waits_for(self.outgoing) is not None else "queued"

    @property
    def version(self) -> str:
        """Changes whenever the entry looks different, so that a page need not replace what is the same."""
        results = "".join(r.state[0] + r.reported[:3] for r in self.recipients)
        when = (
            int(self.outgoing.due_at.timestamp()) if self.phase in {"later", "limited"} and self.outgoing.due_at else ""
        )
        return f"{self.phase}-{self.outgoing.attempts}-{results}{when}"


@dataclass(frozen=True)
class EntryView:
    """One entry and how it is shown."""

    entry: Entry
    message: MessageView | None
    outgoing: OutgoingView | None
    is_unread: bool
    is_open: bool
    is_first_unread: bool

    @property
    def version(self) -> str:
        """See OutgoingView.version; of a message only what is proven changes, of notes and events nothing."""
        if self.message is not None and self.message.found is not None:
            return f"1-{self.message.found.summary}"
        return self.outgoing.version if self.outgoing else "1"


@dataclass(frozen=True)
class Timeline:
    """What of a conversation is shown."""

    entries: list[EntryView]
    earlier: int  # entries that are left out before the first
    everything: bool  # whether all of them were asked for

    @property
    def last_message(self) -> MessageView | None:
        """The last message from outside that is shown."""
        return next((view.message for view in reversed(self.entries) if view.message is not None), None)


def timeline(conversation: Conversation, person: Person, now: datetime, *, everything: bool = False) -> Timeline:
    """The last entries, or everything; unread messages and the last ones are open."""
    rows = conversation.entries.select_related(
        "message", "outgoing__raw", "outgoing__gateway", "person", "conversation"
    )
    rows = rows.prefetch_related("outgoing__recipients", "message__parts").order_by("-at", "-pk")
    total = conversation.entries.count()
    shown = list(rows if everything else rows[:AT_ONCE])[::-1]
    read_at = Reading.objects.filter(conversation=conversation, person=person).values_list("read_at", flat=True).first()
    unread = [e.pk for e in shown if is_unread(e, read_at, person)]
    opened = _opened(shown, unread)
    circle = Circle(person, conversation, [e.message for e in shown if e.message is not None])
    views = [
        EntryView(
            entry=entry,
            message=_message(entry, conversation, circle),
            outgoing=OutgoingView(entry, entry.outgoing, person, now) if entry.outgoing else None,
            is_unread=entry.pk in unread,
            is_open=entry.pk in opened,
            is_first_unread=bool(unread) and entry.pk == unread[0],
        )
        for entry in shown
        if not _is_withdrawn(entry)
    ]
    return Timeline(views, total - len(shown), everything)


def is_unread(entry: Entry, read_at: datetime | None, person: Person) -> bool:
    """Whether `person` has not seen this entry: not their own, no event, no history, later than they read."""
    if entry.kind == Entry.Kind.EVENT or (entry.person is not None and entry.person == person):
        return False
    return entry.entered_at is not None and (read_at is None or entry.entered_at > read_at)


def _opened(shown: Sequence[Entry], unread: Sequence[int]) -> set[int]:
    mail = [e.pk for e in shown if e.kind in {Entry.Kind.MESSAGE, Entry.Kind.OUTGOING}]
    # The last two are open though they are read: what is being answered, and our last word.
    wanted = [pk for pk in mail if pk in unread] or mail[-2:]
    return set(wanted[-OPEN_AT_ONCE:]) | set(mail[-1:])


def _message(entry: Entry, conversation: Conversation, circle: Circle) -> MessageView | None:
    if entry.kind != Entry.Kind.MESSAGE or entry.message is None:
        return None
    return MessageView(Place(entry.message, conversation), circle)


def _is_withdrawn(entry: Entry) -> bool:
    return entry.outgoing is not None and entry.outgoing.state == Outgoing.State.WITHDRAWN
