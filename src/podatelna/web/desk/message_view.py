"""A message as templates show it: from whom, its text in blocks or a frame, its files, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from podatelna.archive import store
from podatelna.archive.models import Message
from podatelna.mail.addresses import Address
from podatelna.mail.html import safe_html
from podatelna.mail.parse import Parsed
from podatelna.mail.quotes import Block, fold

from .attachments import FileView, files_of
from .cautions import Caution, cautions
from .places import UNREADABLE, Place
from .words import defect_words

# What the frame may do. There is no allow-scripts, here and in the iframe's attribute, and default-src 'none' forbids
# scripts once more, so nothing in it ever runs. allow-same-origin therefore gives the mail no power; it lets the page
# around it measure the height, and the browser send the session along for pictures that are parts of the message.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-same-origin"


@dataclass(frozen=True)
class MessageView:
    """A message ready to be shown; its content is read from the archive only when the template asks for it."""

    place: Place

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
        if not (self.parsed.text.strip() or self.parsed.html.strip()) and self.defects:
            return _("This message could not be read as e-mail. Nothing of it is lost: the original is kept.")
        return ""

    @property
    def defects(self) -> tuple[str, ...]:
        """What is wrong with the message, in words."""
        return tuple(defect_words(defect) for defect in self.parsed.defects) if self.parsed else ()

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """Why to look twice at its sender, in words."""
        return cautions(self.parsed) if self.parsed else ()

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
        return folded(self.parsed.text) if self.parsed else ()

    @cached_property
    def files(self) -> list[FileView]:
        """Its attachments."""
        return files_of(self.message.parts.all(), self.url)


def folded(text: str) -> tuple[Block, ...]:
    """The text in blocks where a signature and the quote behind it are one: one thing to unfold, not two."""
    blocks: list[Block] = []
    for block in fold(text):
        if blocks and "new" not in (block.kind, blocks[-1].kind):
            blocks[-1] = Block("quote", blocks[-1].text + block.text)
        else:
            blocks.append(block)
    return tuple(blocks)
