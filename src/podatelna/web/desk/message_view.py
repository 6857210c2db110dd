"""A message as templates show it: from whom, its text in blocks or a frame, its files, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from podatelna.archive import store
from podatelna.archive.models import Message
from podatelna.archive.verdicts import Found
from podatelna.mail.addresses import Address
from podatelna.mail.calendars import is_calendar
from podatelna.mail.html import safe_html
from podatelna.mail.parse import Parsed
from podatelna.mail.quotes import Block, fold
from podatelna.mail.sealed import find_seals, is_wrapping, without_armour

from .attachments import FileView, files_of
from .cautions import Caution, cautions
from .circle import Circle
from .invitations import InvitationView, invitation_of
from .places import UNREADABLE, Place
from .proof import Proof, proof_of
from .reports import TYPES as REPORT_TYPES
from .reports import ReportView, report_of
from .seals import Seal, seals_of
from .words import defect_words

# What the frame may do. There is no allow-scripts, here and in the iframe's attribute, and default-src 'none' forbids
# scripts once more, so nothing in it ever runs. allow-same-origin therefore gives the mail no power; it lets the page
# around it measure the height, and the browser send the session along for pictures that are parts of the message.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-same-origin"


@dataclass(frozen=True)
class MessageView:
    """A message ready to be shown; its content is read from the archive only when the template asks for it.

    Without a `circle` nothing is said of its sender.
    """

    place: Place
    circle: Circle | None = None

    @property
    def message(self) -> Message:
        """Its row."""
        return self.place.message

    @property
    def url(self) -> str:
        """Its address."""
        return self.place.url

    @cached_property
    def parsed(self) -> Parsed | None:
        """Its content, or None when the archive cannot give it (`problem` says why)."""
        try:
            return store.read(self.message)
        except UNREADABLE:
            return None

    @property
    def problem(self) -> str:
        """In words why nothing can be shown, else ""."""
        if self.parsed is None:
            return _("The archive cannot give the content of this message. An administrator has to look at it.")
        if not (self.parsed.text.strip() or self.parsed.html.strip() or self.seals) and self.defects:
            return _("This message could not be read as e-mail. Nothing of it is lost: the original is kept.")
        return ""

    @property
    def defects(self) -> tuple[str, ...]:
        """What is wrong with the message, in words."""
        return tuple(defect_words(defect) for defect in self.parsed.defects) if self.parsed else ()

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """Why to look twice at its sender, in words."""
        if self.parsed is None or self.circle is None:
            return ()
        return cautions(self.parsed, self.circle, self.found, by_form=self.circle.by_form(self.message))

    @property
    def found(self) -> Found | None:
        """What is proven of its sender."""
        return self.circle.found(self.message) if self.circle else None

    @property
    def proof(self) -> Proof | None:
        """The same for the reader."""
        return proof_of(self.found)

    @cached_property
    def seals(self) -> list[Seal]:
        """How it is signed or encrypted."""
        return seals_of(find_seals(self.parsed.parts, self.parsed.text)) if self.parsed else []

    @cached_property
    def invitation(self) -> InvitationView | None:
        """The event that it invites to, or what became of one."""
        return invitation_of(self.parsed.parts, self.url) if self.parsed else None

    @cached_property
    def report(self) -> ReportView | None:
        """What it reports of another message."""
        if self.parsed is None or self.parsed.automatic != "report":
            return None
        return report_of(self.parsed, self.place.conversation)

    @property
    def sender(self) -> Address:
        """Who it says it is from; the address is what a reader must see, the name is free text."""
        return Address(self.message.from_name, self.message.from_address)

    @property
    def is_html(self) -> bool:
        """Whether it is shown in a frame."""
        return bool(self.parsed and self.parsed.html.strip())

    @property
    def sandbox(self) -> str:
        """What its frame may do."""
        return SANDBOX

    @cached_property
    def blocked(self) -> int:
        """How many remote things the frame does not load until the reader asks."""
        if not self.parsed or not self.is_html:
            return 0
        return safe_html(self.parsed.html, remote=False, cid_url=lambda cid: None).blocked

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its plain text in blocks: new, quote, signature."""
        return folded(without_armour(self.parsed.text)) if self.parsed else ()

    @cached_property
    def files(self) -> list[FileView]:
        """Its attachments, without what is said in words."""
        told = self._told
        return files_of((part for part in self.message.parts.all() if part.position not in told), self.url)

    @cached_property
    def sealed_files(self) -> list[FileView]:
        """The signatures, and what is encrypted, as far as they have a name."""
        parts = self.parsed.parts if self.parsed else ()
        wrapping = {part.position for part in parts if is_wrapping(part) and part.filename}
        return files_of((part for part in self.message.parts.all() if part.position in wrapping), self.url)

    @property
    def _told(self) -> set[int]:
        """Positions of parts that the page speaks of elsewhere: signatures, the invitation, what programs report."""
        if self.parsed is None:
            return set()
        return {
            part.position
            for part in self.parsed.parts
            if is_wrapping(part)
            or (self.report is not None and part.content_type in REPORT_TYPES)
            or (self.invitation is not None and is_calendar(part.content_type, part.filename))
        }


def folded(text: str) -> tuple[Block, ...]:
    """The text in blocks where a signature and the quote behind it are one: one thing to unfold, not two."""
    blocks: list[Block] = []
    for block in fold(text):
        if blocks and "new" not in (block.kind, blocks[-1].kind):
            blocks[-1] = Block("quote", blocks[-1].text + block.text)
        else:
            blocks.append(block)
    return tuple(blocks)
