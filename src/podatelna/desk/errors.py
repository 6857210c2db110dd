"""What can go wrong on the desk.

DeskError
├── UnknownView        no such list, or not for this person
├── NotAssignable      work cannot be given to somebody who has left
├── NotHandable        a conversation of a personal desk that cannot be handed over like this
├── NotFilable         a conversation that cannot be filed under a case, or a case that cannot be opened
├── NotLetIn           who is let into a case is not theirs to decide
├── BadTag             what was typed is no tag
├── BadTask            a task that says nothing
├── BadAbsence         an absence that cannot be like this
├── BadText            a canned answer or signature that cannot be like this
├── NotLeaving         a leaver's work that cannot be passed on like this
├── AddressTaken       the address already belongs to a process
├── NoProcess          mail came through a gateway that no process uses yet
├── NotSplittable      nothing of the conversation would stay behind
├── NotJoinable        two conversations that cannot be one
├── NotHidable         a view of a message that cannot be taken away
├── StaleDraft         another tab has saved a later text
├── Overtaken          a message came in, or a colleague answered, while one was writing
└── Unsendable         a draft that cannot be sent as it is
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Draft, Entry


class DeskError(Exception):
    """Something that was asked of the desk cannot be done."""


class UnknownView(DeskError):
    """No such list, or not for this person."""


class NotAssignable(DeskError):
    """Work cannot be given to somebody who has left."""


class NotAllowed(DeskError):
    """They may read it and nothing more: a reader of the process, or an auditor in an inspection."""


class NotHandable(DeskError):
    """Not the owner's to hand over, or not to be given to them."""


class NotConfidable(DeskError):
    """Not theirs to make confidential or to open again, or nobody would be left who sees it."""


class NotFilable(DeskError):
    """Not theirs to file under a case or to take out, or no process of theirs to open a case in."""


class NotLetIn(DeskError):
    """Not theirs to let into a case, or somebody who has left."""


class BadTag(DeskError):
    """What was typed is no tag; `code` is one of CODES."""

    CODES = ("empty", "too-long", "sign", "too-many")

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadTask(DeskError):
    """A task that says nothing."""


class BadAbsence(DeskError):
    """An absence that cannot be like this; `code` is one of CODES."""

    CODES = ("not-yours", "order", "past", "substitute", "overlap")

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadText(DeskError):
    """A canned answer or a signature that cannot be like this; `code` is one of CODES, `detail` what it is about."""

    CODES = ("empty", "placeholder", "taken", "not-yours")

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


class NotLeaving(DeskError):
    """The work of somebody cannot be passed on like this; `code` is one of CODES, `detail` what it is about."""

    CODES = ("gone", "heir", "changed")

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


class AddressTaken(DeskError):
    """The address already belongs to a process."""


class NoProcess(DeskError):
    """Mail came through a gateway that no process uses yet."""


class NotSplittable(DeskError):
    """A conversation cannot be split there: nothing of it would stay behind."""


class NotJoinable(DeskError):
    """Two conversations cannot be one: they are one already, or work of two processes."""


class NotHidable(DeskError):
    """A view of a message cannot be taken away: there is none, or it is a letter that was written here."""


class StaleDraft(DeskError):
    """Another tab has saved a later text; `saved` is the draft as it stands, and nothing was overwritten."""

    def __init__(self, saved: Draft) -> None:
        super().__init__(f"draft {saved.pk} is at revision {saved.revision}")
        self.saved = saved


class Overtaken(DeskError):
    """`entries` came into the conversation since the writer last looked; nothing was sent."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__(f"{len(entries)} newer entries")
        self.entries = tuple(entries)


class AnsweredElsewhere(DeskError):
    """Another process has answered the same mail, which the writer was not told yet; nothing was sent."""


class Unsendable(DeskError):
    """A draft that cannot be sent as it is. `code` is one of the CODES, `detail` what it is about (an address)."""

    CODES = ("no-recipient", "bad-address", "no-sender", "empty", "note", "unwritable", "gone")

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail
