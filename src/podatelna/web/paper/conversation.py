"""What stands on the paper: a conversation's messages as its reader may see them, in words of the reader's language."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.models import Delivery
from podatelna.desk.chosen import Selection, deliveries
from podatelna.desk.export_jobs import Pdf
from podatelna.desk.models import Conversation, Entry
from podatelna.mail.addresses import Address
from podatelna.mail.html_text import display_text
from podatelna.mail.parse import Parsed, ParsedPart, parse
from podatelna.outbox.models import Outgoing
from podatelna.web.desk.message_view import folded
from podatelna.web.desk.places import UNREADABLE

from .pictures import suffix_of, width_of
from .press import NotPrinted, print_pdf

_LONGEST = 200_000  # characters of one message; what is longer is shortened and said to be
_MOST_PICTURES = 60
_LONG_WORD = re.compile(r"\S{40,}")
# What has no shape on paper, and would hide what a line says: controls, marks of direction, halves of characters.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def conversation_pdf(conversation: Conversation, person: Person, notes: bool, language: str) -> Pdf:
    """The conversation as `person` may see it, with the team's notes if they want them. Raises NotPrinted."""
    with translation.override(language or person.language):
        sheet = _Sheet()
        data = sheet.data(conversation, person, notes)
    try:
        return Pdf(print_pdf(data, sheet.pictures), sheet.deliveries)
    except NotPrinted:
        if not sheet.pictures:
            raise
        # One that Typst cannot read spoils the whole: then none is printed, and all are listed as files.
        for letter in data["letters"]:
            letter["pictures"] = []
        return Pdf(print_pdf(data, {}), sheet.deliveries)


@dataclass
class _Sheet:
    pictures: dict[str, bytes] = field(default_factory=dict)
    deliveries: list[int] = field(default_factory=list)

    def data(self, conversation: Conversation, person: Person, notes: bool) -> dict[str, Any]:
        letters = list(self._letters(conversation, person, notes))
        now = date_format(timezone.localtime(), "SHORT_DATETIME_FORMAT")
        return {
            "lang": translation.get_language() or "en",
            "title": _clean(conversation.subject) or _("(no subject)"),
            "printed": _clean(_("%(name)s, %(time)s") % {"name": person.name, "time": now}),
            "facts": self._facts(conversation, letters),
            "letters": letters,
            "words": {"file": _("File"), "type": pgettext("a file", "Type"), "size": _("Size")},
        }

    def _facts(self, conversation: Conversation, letters: list[dict[str, Any]]) -> list[tuple[str, str]]:
        partner = Address(conversation.partner_name, conversation.partner_address)
        closed = conversation.status == Conversation.Status.CLOSED
        state = pgettext("conversation", "closed") if closed else pgettext("conversation", "open")
        count = sum(not letter["note"] for letter in letters)
        return [
            (_("Process"), _clean(conversation.process.name)),
            (_("With"), _people([partner])),
            (_("State"), state),
            (_("Messages"), str(count)),
        ]

    def _letters(self, conversation: Conversation, person: Person, notes: bool) -> Iterator[dict[str, Any]]:
        own = self._own(conversation, person)
        entries = conversation.entries.exclude(kind=Entry.Kind.EVENT).select_related("person", "outgoing__raw")
        for entry in entries.order_by("at", "pk"):
            if entry.kind == Entry.Kind.NOTE:
                if notes:
                    yield self._note(entry)
            elif entry.message_id is not None:
                delivery = own.get(entry.message_id)
                if delivery is not None:
                    self.deliveries.append(delivery.pk)
                    yield self._letter(entry, _read(delivery))
            elif entry.outgoing is not None and entry.outgoing.state == Outgoing.State.SENT:
                yield self._letter(entry, _sent(entry.outgoing))

    def _own(self, conversation: Conversation, person: Person) -> dict[int, Delivery]:
        """Of each message the first copy that this person may see here."""
        found: dict[int, Delivery] = {}
        for delivery in deliveries(Selection(conversation=conversation.pk), person):
            found.setdefault(delivery.message_id, delivery)
        return found

    def _note(self, entry: Entry) -> dict[str, Any]:
        name = entry.person.name if entry.person else ""
        words = pgettext("a note of the team", "Note: %(name)s") % {"name": name}
        return _sheet_row(_clean(words), entry.at, note=True, blocks=[_block(entry.text, False)])

    def _letter(self, entry: Entry, parsed: Parsed | None) -> dict[str, Any]:
        if parsed is None:
            return _sheet_row("–", entry.at, notice=_("The archive cannot give the content of this message."))
        text = display_text(parsed.html) if parsed.html.strip() else parsed.text
        fields = [(_("To"), parsed.to), (pgettext("recipients", "Cc"), parsed.cc)]
        files = [part for part in parsed.parts if part.is_attachment]
        return _sheet_row(
            _people([parsed.sender] if parsed.sender else []) or _("(unknown sender)"),
            entry.at,
            fields=[(_("Subject"), _clean(parsed.subject)), *((name, _people(who)) for name, who in fields if who)],
            blocks=[_block(one.text, one.kind != "new") for one in folded(text[:_LONGEST])],
            notice=_("Shortened: the original is longer.") if len(text) > _LONGEST else "",
            pictures=list(self._pictures(parsed.parts)),
            files=[_file(part) for part in files],
        )

    def _pictures(self, parts: Iterable[ParsedPart]) -> Iterator[dict[str, Any]]:
        for part in parts:
            suffix = suffix_of(part.content) if part.content_type.startswith("image/") else ""
            if suffix and len(self.pictures) < _MOST_PICTURES:
                file = f"picture-{len(self.pictures)}{suffix}"
                self.pictures[file] = part.content
                yield {"file": file, "name": _clean(part.filename), "width": width_of(part.content)}


def _sheet_row(
    who: str,
    at: datetime,
    *,
    note: bool = False,
    fields: list[tuple[str, str]] | None = None,
    blocks: list[dict[str, Any]] | None = None,
    notice: str = "",
    pictures: list[dict[str, Any]] | None = None,
    files: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """One entry as the template reads it."""
    return {
        "from": who,
        "date": date_format(timezone.localtime(at), "DATETIME_FORMAT"),
        "note": note,
        "fields": fields or [],
        "blocks": blocks or [],
        "notice": notice,
        "pictures": pictures or [],
        "files": files or [],
    }


def _read(delivery: Delivery) -> Parsed | None:
    try:
        return parse(store.original(delivery))
    except UNREADABLE:
        return None


def _sent(outgoing: Outgoing) -> Parsed | None:
    try:
        return parse(store.read_blob(outgoing.raw))
    except UNREADABLE:
        return None


def _block(text: str, quote: bool) -> dict[str, Any]:
    return {"text": _clean(text.strip("\n")), "quote": quote}


def _file(part: ParsedPart) -> dict[str, str]:
    return {
        "name": _clean(part.filename) or _("attachment %(number)d") % {"number": part.position + 1},
        "type": _clean(part.content_type),
        "size": filesizeformat(len(part.content)),
        "sha256": hashlib.sha256(part.content).hexdigest(),
    }


def _people(people: Iterable[Address]) -> str:
    shown = (f"{one.name} <{one.address}>" if one.name and one.address else one.name or one.address for one in people)
    return _clean(", ".join(shown))


def _clean(text: str) -> str:
    """Text without what cannot be seen; a long word may break anywhere, or it would leave the page."""
    visible = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\t", "    "))
    return _LONG_WORD.sub(lambda word: "\u200b".join(_pieces(word[0])), visible)


def _pieces(word: str) -> Iterator[str]:
    for start in range(0, len(word), 20):
        yield word[start : start + 20]
