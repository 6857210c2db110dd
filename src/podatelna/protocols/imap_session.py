"""Getting into an IMAP server (RFC 3501) and to its folders, with every error translated."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from .errors import (
    CannotMove,
    ClientCertificateRefused,
    ConnectionLost,
    FolderMissing,
    LoginDisabled,
    LoginRefused,
    ProtocolBroken,
    ServerBusy,
    ServerSaidBye,
    ServerSaidNo,
    StarttlsMissing,
    TimedOut,
    TokenRefused,
)
from .folders import FolderName, on_the_wire, read_list
from .imap_client import Client
from .network import refuses_ours, tls_error
from .sasl import Exchange, plain

_GOODBYE = 5.0
# What servers say who have no time for us: RFC 5530, and Exchange, Gmail, Yahoo in words of their own.
_BUSY = re.compile(
    r"\[(?:UNAVAILABLE|INUSE|LIMIT|THROTTLED)\]|server unavailable|too many (?:simultaneous |concurrent )?"
    r"(?:connections|sessions)|throttl|authenticated but not connected|try again (?:later|in )|temporar(?:y|ily)",
    re.IGNORECASE,
)
_UTF8 = {"UTF8=ACCEPT", "UTF8=ONLY"}
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
        self._open = ""  # the folder that is selected for writing
        self._reopened = False  # in the middle of a look
        self._asked: list[int] = []  # UIDs whose messages were asked for and not taken yet
        self.utf8 = False  # RFC 6855: names of folders are UTF-8
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
        with self._signing_in(LoginRefused):
            # Not by IMAPClient's plain_login, to which a connection that breaks is a wrong password.
            self._client.sign_in(login, password) if spoken else self._client.authenticate(plain(login, password))

    def authenticate(self, exchange: Exchange) -> None:
        """Sign in without a password (sasl.py). Raises TokenRefused or LoginRefused."""
        with self._signing_in(LoginRefused if exchange.mechanism == "EXTERNAL" else TokenRefused):
            self._client.authenticate(exchange)

    @property
    def mechanisms(self) -> frozenset[str]:
        """How one can sign in, beside LOGIN: "PLAIN", "OAUTHBEARER", …"""
        offered = (name.partition("=") for name in self.capabilities)
        return frozenset(mechanism for auth, _, mechanism in offered if auth == "AUTH")

    @contextmanager
    def _signing_in(self, refused: type[LoginRefused]) -> Iterator[None]:
        try:
            with translated(self._client):
                yield
        except ServerSaidNo as refusal:
            # RFC 5530: not every NO is about the password, and a person who changes it for nothing is misled.
            raise (ServerBusy if _is_busy(refusal.detail) else refused)(refusal.detail) from refusal
        with translated(self._client):
            self.capabilities = self._client.refresh_capabilities()
        self._take_utf8()

    def _take_utf8(self) -> None:
        # Without it a server may hide mail with addresses that are not ASCII, or change it (RFC 6855 6).
        if not (_UTF8 & self.capabilities and "ENABLE" in self.capabilities):
            return
        with suppress(ServerSaidNo), translated(self._client):
            self.utf8 = self._client.enable_utf8()

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
                return self._client.my_rights(self._wire(name))
        except ServerSaidNo:
            return None

    # --- folders

    def list_folders(self, pattern: str = "*") -> list[FolderName]:
        """All folders, or those that match an IMAP pattern."""
        with translated(self._client):
            return read_list(self._client.list_folders("", self._wire(pattern)), utf8=self.utf8)

    def _wire(self, name: str) -> str:
        return on_the_wire(name, utf8=self.utf8)

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
            self._client.create_folder(self._wire(name))
        try:
            with translated(self._client):
                self._client.subscribe_folder(self._wire(name))  # unsubscribed folders are not seen in some clients
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

    def select(self, name: str, *, readonly: bool = False, again: bool = False) -> Selected:
        """Open a folder. Raises FolderMissing; CannotMove when it is read-only there but should not be.

        `again`: in the middle of a look at it. What came since the look began is told by this answer and not announced.
        """
        self._open, self._reopened = "", again
        try:
            with translated(self._client):
                answer = self._client.select_folder(self._wire(name), readonly)
        except ServerSaidNo as refusal:
            if any(word in refusal.detail.upper() for word in _NOT_MISSING):
                raise
            raise FolderMissing(f"{name}: {refusal.detail}") from refusal
        uidvalidity = answer.get(b"UIDVALIDITY")
        if not isinstance(uidvalidity, int) or not 0 <= uidvalidity < 2**32:  # RFC 3501 9, nz-number
            raise ProtocolBroken("no UIDVALIDITY: the server gives messages no lasting numbers")
        self._open = "" if readonly else name
        return Selected(name, uidvalidity, int(answer.get(b"EXISTS", 0)), _number(answer, b"UIDNEXT"))

    def status(self, name: str) -> Status | None:
        """How many messages a folder holds and which UID comes next, without opening it; None where it is refused."""
        try:
            with translated(self._client):
                found = self._client.folder_status(self._wire(name), ["MESSAGES", "UIDVALIDITY", "UIDNEXT"])
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
            raise (ServerBusy if _is_busy(bye) else ServerSaidBye)(bye) from error
        words = str(error)
        if refuses_ours(error.__context__):
            raise ClientCertificateRefused(words) from error
        raise (ProtocolBroken(words) if "unexpected" in words else ConnectionLost(words)) from error
    except imaplib.IMAP4.error as error:
        words = str(error)
        if words.startswith("b'* BYE"):  # its greeting
            raise (ServerBusy if _is_busy(words) else ServerSaidBye)(words) from error
        # Exchange says so to whatever it is asked while it throttles.
        raise (ServerBusy if "authenticated but not connected" in words else ServerSaidNo)(words) from error
    except OSError as error:
        raise (tls_error(error) if tls or refuses_ours(error) else ConnectionLost(str(error))) from error
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, MemoryError) as error:
        raise ProtocolBroken(f"{type(error).__name__}: {error}") from error


def _is_busy(words: str) -> bool:
    # "[AUTHENTICATIONFAILED] temporary password has expired" is no business of the server's.
    return bool(_BUSY.search(words)) and "[AUTHENTICATIONFAILED]" not in words.upper()
