"""Private mailboxes: which folders may be named in one, and how it is dialled so that nothing else ever is.

Of a private mailbox (a gateway with an owner) the server hears the names of two folders: the one that mail is handed
over in and the one it is moved to; and of Sent, when the owner says so. Each command passes `check` before it is sent,
and is written into the transcript first (transcript.py). This is the last door and not the plan: nothing in this
package asks for another folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from podatelna.protocols import imap, imap_client
from podatelna.protocols.errors import ServerError
from podatelna.protocols.folders import decode
from podatelna.protocols.imap import Mailbox

from .models import Gateway
from .servers import imap_server
from .transcript import Writer

# Commands that name no folder, or work on the selected one, and delete nothing but what was copied by UID just before.
_NAMELESS = frozenset(
    """CAPABILITY NOOP LOGOUT LOGIN AUTHENTICATE STARTTLS NAMESPACE ID ENABLE IDLE DONE SEARCH UNSELECT COMPRESS
    UID-SEARCH UID-FETCH UID-STORE UID-EXPUNGE""".split()
)
# The folder is their first argument.
_FIRST = frozenset("SELECT EXAMINE STATUS CREATE SUBSCRIBE APPEND MYRIGHTS".split())
_LAST = frozenset({"UID-MOVE", "UID-COPY"})  # and here the last one
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|([^ "(){}]+)')
_BESIDE = re.compile(r"INBOX[./]", re.IGNORECASE)  # where some servers want all folders (RFC 2342)


class ForeignFolder(ServerError):
    """A command that would have named a folder which is none of ours: it was not sent."""

    code = "foreign-folder"


def is_watched() -> Q:
    """Of gateways, those that are to be worked: a private one stops when its owner leaves."""
    return Q(owner=None) | Q(owner__is_active=True)


def folder_names(gateway: Gateway) -> frozenset[str]:
    """The folders that may be named."""
    return frozenset(name for name in (gateway.folder, gateway.processed_folder, gateway.sent_folder) if name)


def check(line: str, names: Iterable[str], *, listing: bool = False) -> None:
    """Raises ForeignFolder unless `line`, as told by protocols.imap_client, names none but `names`.

    `listing`: whether the list of all folders may be asked for, which the owner chooses from.
    """
    if re.fullmatch(r"\(\d+ bytes\)", line):
        return
    words = line.split(" ")
    verb = words[0].upper()
    if verb == "UID":
        verb = f"UID-{words[1].upper()}" if len(words) > 1 else verb
    if verb in _NAMELESS:
        return
    arguments = line.partition(" ")[2]
    if verb in _FIRST:
        found = _STRING.match(arguments)
    elif verb in _LAST:
        found = re.search(rf"(?:{_STRING.pattern})$", arguments)
    elif verb == "LIST":
        _check_list(arguments, names, listing)
        return
    else:
        raise ForeignFolder(verb)
    if found is None or not _is_ours(_name(found), names):
        raise ForeignFolder(verb)


def _check_list(arguments: str, names: Iterable[str], listing: bool) -> None:
    """LIST "" pattern: all folders, or one of ours."""
    found = re.fullmatch(rf'"" (?:{_STRING.pattern})', arguments)
    if found is None or not ((listing and _name(found) == "*") or _is_ours(_name(found), names)):
        raise ForeignFolder("LIST")


def _name(found: re.Match[str]) -> str:
    written = re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2]
    return decode(written.encode()) or written


def _is_ours(name: str, names: Iterable[str]) -> bool:
    bare = _BESIDE.sub("", name, count=1) if _BESIDE.match(name) else name
    return any(name == one or bare == one or name.upper() == one.upper() == "INBOX" for one in names)


def said_by(
    gateway: Gateway, *, now: Callable[[], datetime] = timezone.now, listing: bool = False
) -> imap_client.Said | None:
    """What watches over a session of a private mailbox: for `protocols.imap.connect`; None for a process's mailbox."""
    if gateway.owner_id is None:
        return None
    names, write = folder_names(gateway), Writer(gateway, now) if gateway.pk else None

    def said(line: str) -> None:
        check(line, names, listing=listing)
        if write is not None:
            write(line)

    return said


def dial(
    gateway: Gateway, connect: Callable[..., Mailbox] = imap.connect, *, now: Callable[[], datetime] = timezone.now
) -> Mailbox:
    """A signed-in session of any gateway, watched over where it is a private one. Raises a ServerError."""
    more: dict[str, Any] = {"said": said} if (said := said_by(gateway, now=now)) else {}
    return connect(imap_server(gateway), **more)


def settle_folders(gateway: Gateway, *, connect: Callable[..., Mailbox] = imap.connect) -> None:
    """Make the hand-over and the processed folder where they are missing, and note the names they have there.

    The caller saves. Raises a ServerError.
    """
    mailbox = dial(gateway, connect)
    try:
        gateway.folder = mailbox.ensure_folder(gateway.folder)
        gateway.processed_folder = mailbox.ensure_folder(gateway.processed_folder)
    finally:
        mailbox.close()
