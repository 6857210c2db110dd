"""A mailbox on an IMAP server (RFC 3501): only what handing mail over needs, byte-exact, with every error translated.

Nothing here deletes: the one command that removes is `UID EXPUNGE` of UIDs that were copied just before.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from .errors import (
    CannotMove,
    ConnectionLost,
    FolderMissing,
    LoginDisabled,
    LoginRefused,
    ProtocolBroken,
    ServerSaidBye,
    ServerSaidNo,
    StarttlsMissing,
    TimedOut,
)
from .folders import FolderName, encode, read_list
from .imap_client import Client, Fetched, quoted, read_bodies, read_sizes, uid_set
from .network import Timeouts, check_security, dial, encrypt, tls_error
from .wake import Wake

_TIMEOUTS = Timeouts()
KEYWORD = "$Podatelna"
_NOT_MISSING = ("COMMAND ERROR: BAD", "[UNAVAILABLE]", "[INUSE]", "[NOPERM]", "[SERVERBUG]", "[LIMIT]")  # RFC 5530
_SLICE = 50_000  # imaplib takes no line above 1 MB: longer lists of UIDs are asked for in slices


@dataclass(frozen=True)
class ImapServer:
    """Where a mailbox is and how to get in. `security` is "tls", "starttls" or (loopback only) "none"."""

    host: str
    port: int
    security: str
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Selected:
    """What SELECT said about a folder."""

    name: str
    uidvalidity: int
    exists: int


def connect(server: ImapServer, *, context: ssl.SSLContext | None = None, timeouts: Timeouts = _TIMEOUTS) -> Mailbox:
    """Dial, encrypt, sign in. Raises a ServerError (errors.py)."""
    mailbox = open_session(server, context=context, timeouts=timeouts)
    try:
        mailbox.login(server.login, server.password)
    except BaseException:
        mailbox.close()
        raise
    return mailbox


def open_session(
    server: ImapServer, *, context: ssl.SSLContext | None = None, timeouts: Timeouts = _TIMEOUTS
) -> Mailbox:
    """Dial and encrypt, without signing in. Raises a ServerError."""
    check_security(server.host, server.security)
    connected = dial(server.host, server.port, timeouts)
    if server.security == "tls":
        connected = encrypt(connected, server.host, context)
    try:
        with translated(None):
            client = Client(connected, server.host, timeouts, encrypted=server.security == "tls")
    except BaseException:
        connected.close()
        raise
    mailbox = Mailbox(client)
    if server.security == "starttls":
        try:
            mailbox.starttls(context)
        except BaseException:
            mailbox.close()
            raise
    return mailbox


class Mailbox:
    """A session with an IMAP server. Not thread-safe, but for `interrupt`. Every method may raise a ServerError."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._made: dict[str, str] = {}
        with translated(client):
            self.capabilities = client.refresh_capabilities()

    # --- getting in and out

    def starttls(self, context: ssl.SSLContext | None) -> None:
        """RFC 3501 6.2.1: encrypt, or raise StarttlsMissing; what was said before is forgotten."""
        if "STARTTLS" not in self.capabilities:
            raise StarttlsMissing
        try:
            with translated(self._client, tls=True):
                self._client.starttls(context or ssl.create_default_context())
                self.capabilities = self._client.refresh_capabilities()
        except ServerSaidNo as refusal:
            raise StarttlsMissing(refusal.detail) from refusal

    def login(self, login: str, password: str) -> None:
        """Sign in with LOGIN, or AUTHENTICATE PLAIN where that is needed. Raises LoginRefused or LoginDisabled."""
        if any(c in login + password for c in "\r\n\0"):
            raise LoginRefused("login or password contains a line break")
        spoken = (login + password).isascii() and "LOGINDISABLED" not in self.capabilities
        if not spoken and "AUTH=PLAIN" not in self.capabilities:
            raise LoginDisabled
        try:
            with translated(self._client):
                self._client.sign_in(login, password) if spoken else self._client.plain_login(login, password)
        except ServerSaidNo as refusal:
            raise LoginRefused(refusal.detail) from refusal
        with translated(self._client):
            self.capabilities = self._client.refresh_capabilities()

    def close(self) -> None:
        """Say goodbye and hang up; errors no longer matter."""
        try:
            self._client.logout()
        except (imaplib.IMAP4.error, OSError, ValueError):
            self.interrupt()
            with suppress(OSError):
                self._client.shutdown()

    def interrupt(self) -> None:
        """Break the connection from another thread: whoever waits in it gets ConnectionLost."""
        with suppress(OSError, AttributeError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    # --- what the server can

    @property
    def can_move(self) -> bool:
        """RFC 6851."""
        return bool({"MOVE", "IMAP4REV2"} & self.capabilities)

    @property
    def can_expunge_uids(self) -> bool:
        """RFC 4315."""
        return bool({"UIDPLUS", "IMAP4REV2"} & self.capabilities)

    @property
    def can_idle(self) -> bool:
        """RFC 2177."""
        return bool({"IDLE", "IMAP4REV2"} & self.capabilities)

    def rights(self, name: str) -> str | None:
        """Our rights on a folder where the server tells (RFC 4314), else None."""
        if "ACL" not in self.capabilities:
            return None
        try:
            with translated(self._client):
                return self._client.my_rights(encode(name))
        except ServerSaidNo:
            return None

    # --- folders

    def list_folders(self, pattern: str = "*") -> list[FolderName]:
        """All folders, or those that match an IMAP pattern."""
        with translated(self._client):
            return read_list(self._client.list_folders("", encode(pattern)))

    def find_folder(self, name: str) -> FolderName | None:
        """The folder of that name, also below the prefix that some servers want ("INBOX.")."""
        for candidate in dict.fromkeys((name, self._personal(name))):
            found = [folder for folder in self.list_folders(candidate) if folder.name == candidate]
            if found:
                return found[0]
        return None

    def ensure_folder(self, name: str) -> str:
        """The name under which `name` is on the server; made and subscribed when it was missing."""
        if name not in self._made:
            found = self.find_folder(name)
            self._made[name] = found.name if found else self._create(self._personal(name))
        return self._made[name]

    def _create(self, name: str) -> str:
        with translated(self._client):
            self._client.create_folder(encode(name))
        try:
            with translated(self._client):
                self._client.subscribe_folder(encode(name))  # unsubscribed folders are not seen in some clients
        except ServerSaidNo:
            pass
        return name

    def _personal(self, name: str) -> str:
        if "NAMESPACE" not in self.capabilities or name.upper() == "INBOX":
            return name
        try:
            with translated(self._client):
                personal = self._client.namespace().personal
        except ServerSaidNo:
            return name
        prefix = personal[0][0] if personal else ""
        prefix = prefix.decode("ascii", "replace") if isinstance(prefix, bytes) else str(prefix or "")
        return name if name.startswith(prefix) else prefix + name

    def select(self, name: str, *, readonly: bool = False) -> Selected:
        """Open a folder. Raises FolderMissing; CannotMove when it is read-only there but should not be."""
        try:
            with translated(self._client):
                answer = self._client.select_folder(encode(name), readonly)
        except ServerSaidNo as refusal:
            if any(word in refusal.detail.upper() for word in _NOT_MISSING):
                raise
            raise FolderMissing(f"{name}: {refusal.detail}") from refusal
        uidvalidity = answer.get(b"UIDVALIDITY")
        if not isinstance(uidvalidity, int):
            raise ProtocolBroken("no UIDVALIDITY: the server gives messages no lasting numbers")
        return Selected(name, uidvalidity, int(answer.get(b"EXISTS", 0)))

    # --- messages of the selected folder

    def uids(self, exists: int) -> list[int]:
        """UIDs of all messages; `exists` as SELECT told. Flags play no part: another client may have read them."""
        found: set[int] = set()
        for first in range(1, exists + 1, _SLICE):
            last = "*" if first + _SLICE > exists else str(first + _SLICE - 1)
            found.update(self._search(f"{first}:{last}"))
        return sorted(found)

    def present(self, uids: Collection[int]) -> set[int]:
        """Those of `uids` that are still in the folder."""
        # RFC 3501 6.4.8: "n:*" would always name the last message too, so the answer is compared with what was asked.
        return set(self._search(f"UID {uid_set(uids)}")) & set(uids) if uids else set()

    def with_size(self, size: int) -> list[int]:
        """UIDs of the messages of exactly so many bytes."""
        return self._search(f"LARGER {size - 1} SMALLER {size + 1}" if size else "SMALLER 1")

    def with_message_id(self, message_id: str) -> list[int]:
        """UIDs of the messages that carry this Message-ID (without angle brackets)."""
        return self._search(f"HEADER Message-ID {quoted(message_id)}")

    def _search(self, criteria: str) -> list[int]:
        with translated(self._client):
            return list(self._client.search(criteria))

    def sizes(self, uids: Collection[int]) -> dict[int, int]:
        """RFC822.SIZE by UID; servers are known to be wrong about it, so it serves for planning only."""
        if not uids:
            return {}
        with translated(self._client):
            return read_sizes(self._client.uid_command("FETCH", uid_set(uids), "(UID RFC822.SIZE)"))

    def fetch(self, uids: Collection[int]) -> dict[int, Fetched]:
        """The messages by UID, \\Seen left alone (PEEK); those that the server leaves out are missing here."""
        if not uids:
            return {}
        with translated(self._client):
            found = read_bodies(self._client.uid_command("FETCH", uid_set(uids), "(UID INTERNALDATE BODY.PEEK[])"))
        return {uid: found[uid] for uid in uids if uid in found}

    def move(self, uids: Collection[int], to: str) -> None:
        """UID MOVE (RFC 6851), flags kept. Raises CannotMove."""
        with _moving(), translated(self._client):
            self._client.uid_command("MOVE", uid_set(uids), quoted(encode(to).decode("ascii")))

    def copy(self, uids: Collection[int], to: str) -> None:
        """UID COPY, flags kept. Raises CannotMove."""
        with _moving(), translated(self._client):
            self._client.uid_command("COPY", uid_set(uids), quoted(encode(to).decode("ascii")))

    def expunge(self, uids: Collection[int]) -> None:
        """Remove exactly these (UID EXPUNGE, RFC 4315): never what somebody else has marked as deleted."""
        if not self.can_expunge_uids:
            raise CannotMove("no UIDPLUS")
        with _moving(), translated(self._client):
            self._client.uid_command("STORE", uid_set(uids), "+FLAGS.SILENT", "(\\Deleted)")
            self._client.uid_command("EXPUNGE", uid_set(uids))

    def mark(self, uids: Collection[int]) -> None:
        """Put our keyword on messages that can only stay where they are. Raises CannotMove."""
        with _moving(), translated(self._client):
            self._client.uid_command("STORE", uid_set(uids), "+FLAGS.SILENT", f"({KEYWORD})")

    def append(self, folder: str, raw: bytes) -> None:
        """Put a message (CRLF lines) into a folder, as read."""
        with translated(self._client):
            self._client.append(encode(folder), raw, (b"\\Seen",))

    # --- waiting

    def stirred(self) -> bool:
        """Whether new messages were announced since SELECT; asked for by NOOP, as not every IDLE begins with it."""
        with translated(self._client):
            self._client.noop()
            return self._client.announcements() > 1

    def idle(self, seconds: float, wake: Wake) -> bool:
        """Wait until the server says something, `wake` is set or the time is over; True when the server spoke.

        RFC 2177. The caller renews it in time (29 minutes); what came is for a new look at the folder to find out.
        """
        with translated(self._client):
            return self._client.idle_until(seconds, wake)


@contextmanager
def _moving() -> Iterator[None]:
    try:
        yield
    except ServerSaidNo as refusal:
        raise CannotMove(refusal.detail) from refusal


@contextmanager
def translated(client: Client | None, *, tls: bool = False) -> Iterator[None]:
    """What imaplib, ssl, socket and the parsers raise, as errors of errors.py."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise tls_error(error) from error
    except TimeoutError as error:
        raise TimedOut("no answer") from error
    except imaplib.IMAP4.readonly as error:
        raise CannotMove(f"read-only: {error}") from error
    except imaplib.IMAP4.abort as error:
        bye = client.farewell() if client else None
        if bye is not None:
            raise ServerSaidBye(bye) from error
        words = str(error)
        raise (ProtocolBroken(words) if "unexpected" in words else ConnectionLost(words)) from error
    except imaplib.IMAP4.error as error:
        raise ServerSaidNo(str(error)) from error
    except OSError as error:
        raise (tls_error(error) if tls else ConnectionLost(str(error))) from error
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, MemoryError) as error:
        raise ProtocolBroken(f"{type(error).__name__}: {error}") from error
