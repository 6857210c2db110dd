"""What the composer shows: a draft, whom it can be from, and what stands in the way of sending it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from podatelna.accounts.models import Person
from podatelna.desk.bounces import known_bad
from podatelna.desk.errors import Unsendable
from podatelna.desk.linked import Answer, answers_elsewhere
from podatelna.desk.models import Draft, Entry
from podatelna.desk.senders import Sender, senders, signature_of
from podatelna.mail.addresses import read_addresses
from podatelna.mail.quotes import new_text

from .later import Offer, offers
from .message_view import MessageView
from .places import Place, find_conversation
from .status_words import status_words

FILES_LIMIT = 25 * 1024 * 1024  # bytes together; base64 makes them a third larger, and 35 MB is what servers take
FIELDS = ("sender", "to", "cc", "bcc", "subject", "text")


@dataclass(frozen=True)
class Composer:
    """A draft ready to be written on."""

    draft: Draft
    senders: Sequence[Sender]
    seen_until: int  # id of the newest entry that its writer has seen
    errors: dict[str, str] = field(default_factory=dict)  # name of a field ("" for the whole) to words
    overtaken: Sequence[Entry] = ()  # what came in since the composer was opened
    doubled: bool = False  # another process has answered the same mail since the composer was opened
    own_time: str = ""  # when it is to go out, as typed
    stale: Draft | None = None  # the draft as another window saved it, when that is not what stands in this one

    @property
    def url(self) -> str:
        """Where it is saved; its files and its sending are below."""
        return reverse("draft", args=[self.draft.pk])

    @property
    def is_note(self) -> bool:
        """Whether it stays in the house."""
        return self.draft.kind == Draft.Kind.NOTE

    @property
    def sender(self) -> Sender | None:
        """The chosen sender, else the usual one."""
        chosen = [s for s in self.senders if s.address.address == self.draft.sender]
        return next(iter([*chosen, *self.senders]), None)

    def signature_of(self, sender: Sender) -> str:
        """The signature that goes with `sender`."""
        return signature_of(sender, self.draft.person)

    @property
    def answered(self) -> MessageView | None:
        """What is quoted below, or forwarded."""
        if self.draft.answered is None or self.is_note or self.draft.kind == Draft.Kind.FORWARD_FILE:
            return None
        return MessageView(Place(self.draft.answered, self.draft.conversation))

    @property
    def quoted_text(self) -> str:
        """The beginning of what is quoted; enough to know it by."""
        parsed = self.answered.parsed if self.answered else None
        return parsed.text[:4000] if parsed else ""

    @property
    def kinds(self) -> list[tuple[str, str, str, str]]:
        """What the draft can be turned into: value, words, icon, key."""
        return [
            (Draft.Kind.REPLY, _("Reply"), "reply", "r"),
            (Draft.Kind.REPLY_ALL, _("Reply all"), "reply-all", "a"),
            (Draft.Kind.FORWARD, _("Forward"), "forward", "f"),
            (Draft.Kind.NOTE, _("Note"), "note", "n"),
        ]

    @property
    def kind(self) -> str:
        """Which of `kinds` it is; a message is forwarded in one way or the other."""
        return Draft.Kind.FORWARD if self.draft.kind == Draft.Kind.FORWARD_FILE else self.draft.kind

    @property
    def other_forward(self) -> tuple[str, str] | None:
        """The other way of forwarding, as value and words; None for what forwards nothing."""
        return {
            Draft.Kind.FORWARD: (Draft.Kind.FORWARD_FILE, _("Send it as a file instead")),
            Draft.Kind.FORWARD_FILE: (Draft.Kind.FORWARD, _("Put it below the text instead")),
        }.get(Draft.Kind(self.draft.kind))

    @property
    def signatures(self) -> list[tuple[Sender, str]]:
        """Each sender with what stands below their text."""
        return [(sender, self.signature_of(sender)) for sender in self.senders if self.signature_of(sender)]

    @property
    def copies(self) -> list[tuple[str, str, str, str]]:
        """Cc and Bcc: name, words, value, error."""
        named = [("cc", pgettext("mail", "Cc")), ("bcc", pgettext("mail", "Bcc"))]
        return [(name, words, getattr(self.draft, name), self.errors.get(name, "")) for name, words in named]

    @property
    def general_error(self) -> str:
        """What stands in the way and belongs to no field."""
        return self.errors.get("", "")

    @property
    def news(self) -> list[News]:
        """What came in meanwhile, to be read before sending."""
        return [news_of(entry) for entry in self.overtaken]

    @cached_property
    def elsewhere(self) -> list[Answer]:
        """How other processes have answered the same mail already."""
        return answers_elsewhere(self.draft)

    @property
    def told_until(self) -> int:
        """The id of the newest of them: the one that sits at this composer has been told of it."""
        return max((answer.entry for answer in self.elsewhere), default=0)

    @property
    def bad_addresses(self) -> list[Bad]:
        """Those it is to go to that mail came back from."""
        return bad_addresses(self.draft)

    @property
    def later_offers(self) -> list[Offer]:
        """Times at which it may go out instead of now."""
        return offers(timezone.now())

    @property
    def files_limit(self) -> int:
        """How many bytes the files may have together."""
        return FILES_LIMIT

    @property
    def limit_words(self) -> str:
        """Said when files are too large, before they are sent here."""
        return too_large(None)

    @property
    def has_copies(self) -> bool:
        """Whether Cc and Bcc are open from the start."""
        return bool(self.draft.cc or self.draft.bcc or {"cc", "bcc"} & self.errors.keys())


@dataclass(frozen=True)
class Bad:
    """An address that mail came back from: when, what that means, and in the server's words."""

    address: str
    at: datetime
    words: str
    reason: str


def bad_addresses(draft: Draft) -> list[Bad]:
    """Of the addresses in `draft` those that mail came back from, as far as its writer may know."""
    typed = [read_addresses(text)[0] for text in (draft.to, draft.cc, draft.bcc)]
    rows = known_bad((one.address for some in typed for one in some), draft.person)
    return [Bad(row.address, row.at, status_words(row.status), row.reason) for row in rows]


def composer_of(draft: Draft, person: Person, *, seen_until: int = 0, **more: Any) -> Composer:
    """The composer for a draft of `person`; `more` as in Composer."""
    return Composer(draft, senders(person, draft.process, draft.conversation), seen_until, **more)


def find_draft(person: Person, pk: int) -> Draft:
    """A draft of `person`, as long as they may see its conversation. Raises Http404."""
    mine = Draft.objects.select_related("conversation", "process", "answered", "person")
    draft = get_object_or_404(mine, pk=pk, person=person)
    if draft.conversation_id is not None:
        find_conversation(person, draft.conversation_id)
    return draft


@dataclass(frozen=True)
class News:
    """Something that came into the conversation: who wrote it, when, and what is new in it."""

    who: str
    at: datetime
    text: str


def news_of(entry: Entry) -> News:
    """A message or a colleague's answer as the writer must see it before sending."""
    if entry.message is not None and entry.outgoing is None:
        view = MessageView(Place(entry.message, entry.conversation))
        text = new_text(view.parsed.text) if view.parsed else entry.message.preview
        return News(entry.message.from_name or entry.message.from_address, entry.at, text)
    return News(str(entry.person or ""), entry.at, new_text(entry.text))


def too_large(total: int | None) -> str:
    """Why files of `total` bytes together are not taken."""
    limit = filesizeformat(FILES_LIMIT)
    if total is None:
        return _("All files together may have %(limit)s: most mail servers take no more.") % {"limit": limit}
    words = _("The files would have %(total)s together; most mail servers take %(limit)s at most.")
    return words % {"total": filesizeformat(total), "limit": limit}


def fields_of(posted: Any) -> dict[str, str]:
    """The fields of a draft that a form has sent, line ends as text has them."""
    return {name: str(posted[name]).replace("\r\n", "\n") for name in FIELDS if name in posted}


def in_words(error: Unsendable, draft: Draft) -> dict[str, str]:
    """Why it cannot be sent, beside the field that it is about."""
    detail = {"detail": error.detail}
    match error.code:
        case "no-recipient":
            return {"to": _("Say whom it goes to.")}
        case "bad-address":
            words = _("“%(detail)s” is no e-mail address. Correct it, or take it out.") % detail
            return {_field_with(draft, error.detail): words}
        case "no-sender":
            return {"sender": _("You may not write from this address. Choose another one.")}
        case "empty":
            return {"text": _("There is nothing in it yet.")}
        case "note":
            return {"": _("A note is not sent.")}
        case "gone":
            return {"": _("This draft was sent or discarded in another window.")}
    return {"": _("This cannot be written as e-mail: %(detail)s") % detail}


def _field_with(draft: Draft, text: str) -> str:
    for name in ("to", "cc", "bcc"):
        if any(text in wrong or wrong in text for wrong in _not_understood(getattr(draft, name))):
            return name
    return "to"


def _not_understood(typed: str) -> Iterable[str]:
    return read_addresses(typed)[1]
