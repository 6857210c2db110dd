"""Getting into an IMAP server (RFC 3501) and to its folders, with every error translated."""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

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
from .imap_client import Client
from .network import tls_error

_GOODBYE = 5.0
_NOT_MISSING = ("COMMAND ERROR: BAD", "[UNAVAILABLE]", "[INUSE]", "[NOPERM]", "[SERVERBUG]", "[LIMIT]")  # RFC 5530


@dataclass(frozen=True)
class Selected:
    """What SELECT said about a folder; `uidnext` None: it did not say."""

    name: str
    uidvalidity: int
    exists: int
    uidnext: int | None = None


@dataclass(frozen=True)
class Status:
    """What STATUS said about a folder that need not be selected; None: it did not say."""

    messages: int | None
    uidvalidity: int | None
    uidnext: int | None


class Session:
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
            self._client.socket().settimeout(_GOODBYE)
            self._client.logout()
        except (imaplib.IMAP4.error, OSError, ValueError, AttributeError):
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
        if not isinstance(uidvalidity, int) or not 0 <= uidvalidity < 2**32:  # RFC 3501 9, nz-number
            raise ProtocolBroken("no UIDVALIDITY: the server gives messages no lasting numbers")
        return Selected(name, uidvalidity, int(answer.get(b"EXISTS", 0)), _number(answer, b"UIDNEXT"))

    def status(self, name: str) -> Status | None:
        """How many messages a folder holds and which UID comes next, without opening it; None where it is refused."""
        try:
            with translated(self._client):
                found = self._client.folder_status(encode(name), ["MESSAGES", "UIDVALIDITY", "UIDNEXT"])
        except ServerSaidNo:
            return None
        return Status(*(_number(found, key) for key in (b"MESSAGES", b"UIDVALIDITY", b"UIDNEXT")))


def _number(answer: dict[bytes, object], key: bytes) -> int | None:
    value = answer.get(key)
    return value if isinstance(value, int) and value >= 0 else None


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
