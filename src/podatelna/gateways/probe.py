"""Testing a connection step by step, so that an administrator sees which step fails and why."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from podatelna.protocols import imap, smtp_session
from podatelna.protocols.errors import CannotMove, FolderMissing, ServerError, VirtualFolder
from podatelna.protocols.folders import FolderName
from podatelna.protocols.imap import Mailbox
from podatelna.protocols.network import Timeouts, dial, resolve

from .models import Gateway
from .personal import said_by
from .servers import imap_door, imap_server, smtp_door, smtp_server

STEPS = (
    "imap-name",  # the server's name has an address
    "imap-connect",  # something listens there
    "imap-tls",  # it speaks TLS (or STARTTLS) with a certificate that is trusted, and IMAP
    "imap-login",
    "imap-folder",  # the chosen folder is there
    "imap-move",  # messages can be moved on; detail: "move", "copy" or "mark", and "new" when the folder will be made
    "smtp-name",
    "smtp-connect",
    "smtp-tls",
    "smtp-login",
    "smtp-sender",  # mail from the gateway's address is accepted
)

_TIMEOUTS = Timeouts(connect=10.0, read=20.0)  # somebody waits in front of a page


@dataclass(frozen=True)
class Step:
    """One step of STEPS: ok True, False, or None for skipped; `code` and `detail` of protocols/errors.py on failure."""

    name: str
    ok: bool | None
    code: str = ""
    detail: str = ""


def probe(gateway: Gateway, *, context: ssl.SSLContext | None = None) -> Iterator[Step]:
    """Try the gateway's settings (saved or not), all STEPS in order; nothing is changed on the server.

    After a failure the rest of IMAP is skipped; SMTP is tested all the same.
    """
    for names, actions in ((STEPS[:6], _imap_actions), (STEPS[6:], _smtp_actions)):
        if gateway.kind == Gateway.Kind.RECEIVING and actions is _imap_actions:
            continue  # it has no mailbox
        with ExitStack() as stack:
            yield from _walk(names, actions(gateway, context, stack))


def folders(gateway: Gateway, *, context: ssl.SSLContext | None = None) -> list[FolderName]:
    """The server's own list of folders, for the picker. Raises a ServerError."""
    said = said_by(gateway, listing=True)
    mailbox = imap.connect(imap_server(gateway), context=context, timeouts=_TIMEOUTS, said=said)
    try:
        return mailbox.list_folders()
    finally:
        mailbox.close()


Action = Callable[[], str]  # does a step and gives its detail; raises a ServerError


def _walk(names: tuple[str, ...], actions: Iterator[Action]) -> Iterator[Step]:
    failed = False
    for name in names:
        if failed:
            yield Step(name, None)
            continue
        try:
            yield Step(name, True, detail=next(actions)())
        except ServerError as error:
            failed = True
            yield Step(name, False, error.code, error.detail)


def _imap_actions(gateway: Gateway, context: ssl.SSLContext | None, stack: ExitStack) -> Iterator[Action]:
    yield lambda: ", ".join(resolve(gateway.imap_host, gateway.imap_port))
    yield lambda: _knock(gateway.imap_host, gateway.imap_port)
    session: list[Mailbox] = []

    def encrypt() -> str:
        server, said = imap_door(gateway), said_by(gateway)
        session.append(imap.open_session(server, context=context, timeouts=_TIMEOUTS, said=said))
        stack.callback(session[0].close)
        return gateway.imap_security

    def login() -> str:
        server = imap_server(gateway)
        imap.sign_in(session[0], server)
        return server.login

    yield encrypt
    yield login
    yield lambda: _look_into(session[0], gateway)
    yield lambda: _can_move(session[0], gateway)


def _look_into(mailbox: Mailbox, gateway: Gateway) -> str:
    if gateway.owner_id is not None and mailbox.find_folder(gateway.folder) is None:
        return "new"  # of a private mailbox it is made when it is connected
    return f"{mailbox.select(gateway.folder).exists}"


def _can_move(mailbox: Mailbox, gateway: Gateway) -> str:
    processed = mailbox.find_folder(gateway.processed_folder)
    if processed and processed.name == gateway.folder:
        raise CannotMove("the processed folder is the folder itself")
    if processed and not processed.selectable:
        raise FolderMissing(f"{processed.name}: cannot hold messages")
    _check_lasting(mailbox.find_folder(gateway.folder), "all", "flagged")
    # What is moved there must stay: Gmail and others empty Trash and Spam after a month.
    _check_lasting(processed, "all", "flagged", "trash", "junk")
    rights = mailbox.rights(gateway.folder)
    # RFC 4314: "t" is deleting, "e" expunging; "d" was both (RFC 2086).
    if rights is not None and "d" not in rights and not {"t", "e"} <= set(rights):
        raise CannotMove(f"rights on {gateway.folder}: {rights}")
    how = "move" if mailbox.can_move else "copy" if mailbox.can_expunge_uids else "mark"
    return how if processed or how == "mark" else f"{how}, new"


def _check_lasting(folder: FolderName | None, *not_for: str) -> None:
    # From Gmail's All Mail nothing can be moved away: it would come in again and again.
    if folder and folder.special in not_for:
        raise VirtualFolder(f"{folder.name}: \\{folder.special}")


def _smtp_actions(gateway: Gateway, context: ssl.SSLContext | None, stack: ExitStack) -> Iterator[Action]:
    yield lambda: ", ".join(resolve(gateway.smtp_host, gateway.smtp_port))
    yield lambda: _knock(gateway.smtp_host, gateway.smtp_port)
    session: list[smtp_session.Session] = []

    def encrypt() -> str:
        session.append(smtp_session.open_session(smtp_door(gateway), context=context, timeouts=_TIMEOUTS))
        stack.callback(session[0].leave)
        return gateway.smtp_security

    def login() -> str:
        smtp_session.sign_in(session[0], smtp_server(gateway))
        return gateway.smtp_login

    def sender() -> str:
        smtp_session.check_sender(session[0], gateway.address)
        return gateway.address

    yield encrypt
    yield login
    yield sender


def _knock(host: str, port: int) -> str:
    dial(host, port, _TIMEOUTS).close()
    return f"{host}:{port}"
