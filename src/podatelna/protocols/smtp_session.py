"""Getting into an SMTP server (RFC 5321), with every error translated."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BufferedReader

from .certificates import Identity, Notices, context_of
from .errors import (
    ClientCertificateRefused,
    ConnectionLost,
    LoginDisabled,
    LoginRefused,
    ProtocolBroken,
    SenderRefused,
    ServerBusy,
    ServerError,
    ServerSaidBye,
    ServerSaidNo,
    StarttlsMissing,
    TimedOut,
    TokenRefused,
)
from .network import Timeouts, check_security, dial, encrypt, greeting_name, refuses_ours, tls_error
from .sasl import Exchange, bearer, error_words, external

TIMEOUTS = Timeouts(connect=20.0, read=120.0)
_GOODBYE = 10.0
_REPLY_LINE, _REPLY_LINES = 8192, 256


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed over. `security`: "tls", "starttls" or (loopback only) "none"; `login` "": no sign-in."""

    host: str
    port: int
    security: str
    login: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)  # of a provider, instead of the password
    external: bool = False  # the client certificate is all that is shown
    authorities: str = field(default="", repr=False)  # PEM: trusted besides those of this machine
    identity: Identity | None = None
    notices: Notices = field(default_factory=Notices)


@dataclass(frozen=True)
class Reply:
    """What a server answered: its code (RFC 5321 4.2) and its words."""

    code: int
    text: str

    @property
    def accepted(self) -> bool:
        """2xx."""
        return 200 <= self.code < 300

    @property
    def temporary(self) -> bool:
        """4xx: the same again later may succeed."""
        return 400 <= self.code < 500


class Session(smtplib.SMTP):
    """smtplib over a socket that we dialled ourselves."""

    file: BufferedReader | None

    def __init__(self, connected: socket.socket, host: str, port: int, timeouts: Timeouts) -> None:
        self._given = connected
        self._patience = timeouts.final
        self.sock: socket.socket = connected
        super().__init__(host, port, local_hostname=greeting_name(connected), timeout=timeouts.read)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._given

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's, which would go on reading for as long as a server goes on."""
        file = self.file = self.file or self.sock.makefile("rb")
        words: list[bytes] = []
        ends = time.monotonic() + self._patience  # however it trickles
        while len(words) < _REPLY_LINES:
            line = self._line(file, ends)
            words.append(line[4:].strip())
            if not line[:3].isdigit():
                return -1, line
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(words)
        self.close()
        raise smtplib.SMTPResponseException(-1, b"a reply without end")

    def _line(self, file: BufferedReader, ends: float) -> bytes:
        line = b""
        try:
            while not line.endswith(b"\n") and len(line) < _REPLY_LINE and (waiting := file.peek(1)):
                line += file.read(min(waiting.find(b"\n") + 1 or len(waiting), _REPLY_LINE - len(line)))
                if time.monotonic() > ends:
                    raise TimeoutError("the reply does not come to its end")
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(str(error)) from error
        if not line.endswith(b"\n"):
            self.close()
            raise smtplib.SMTPServerDisconnected("the connection was closed" if not line else "a line without end")
        return line

    def say(self, line: str) -> Reply:
        """One command and its reply; UTF-8 only where an address needs it."""
        if "\r" in line or "\n" in line:
            raise ValueError("line break in an SMTP command")
        self._listen()
        self.send(line.encode() + b"\r\n")
        return self.hear()

    def _listen(self) -> None:
        """What a server says unasked is no reply to what is asked next. Raises ServerSaidBye for a 421."""
        self.sock.setblocking(False)
        try:
            overheard = bool(self.file and self.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            overheard = False
        finally:
            self.sock.settimeout(self.timeout)
        if overheard:
            said = self.hear()
            raise (ServerSaidBye if said.code == 421 else ProtocolBroken)(f"{said.code} {said.text}")

    def hear(self) -> Reply:
        """The next reply."""
        code, text = self.getreply()
        if code == -1:
            raise ValueError(f"not an SMTP reply: {text!r}")
        return Reply(code, text.decode("utf-8", "replace").replace("\n", " "))

    def leave(self) -> None:
        """Say goodbye and hang up; errors no longer matter."""
        try:
            self._given.settimeout(_GOODBYE)
            self.quit()
        except (OSError, smtplib.SMTPException):
            self.close()


@contextmanager
def session(
    server: SmtpServer, *, context: ssl.SSLContext | None = None, timeouts: Timeouts = TIMEOUTS
) -> Iterator[Session]:
    """A signed-in session. Raises a ServerError; what the block raises closes the connection without a QUIT."""
    smtp = open_session(server, context=context, timeouts=timeouts)
    try:
        sign_in(smtp, server)
        yield smtp
    except BaseException:
        smtp.close()
        raise
    smtp.leave()


def open_session(
    server: SmtpServer, *, context: ssl.SSLContext | None = None, timeouts: Timeouts = TIMEOUTS
) -> Session:
    """Dial, encrypt, greet; not yet signed in. Raises a ServerError."""
    check_security(server.host, server.security)
    context = context or context_of(server.authorities, server.identity)
    connected = dial(server.host, server.port, timeouts)
    if server.security == "tls":
        connected = encrypt(connected, server.host, context)
    try:
        with translated():
            smtp = Session(connected, server.host, server.port, timeouts)
    except BaseException:
        connected.close()
        raise
    try:
        with translated():
            smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            _starttls(smtp, context)
        server.notices.tell_certificate(smtp.sock)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _starttls(smtp: Session, context: ssl.SSLContext | None) -> None:
    if not smtp.has_extn("starttls"):
        raise StarttlsMissing
    try:
        code, text = smtp.starttls(context=context or ssl.create_default_context())
    except (OSError, ValueError, smtplib.SMTPException) as error:
        cause = error if isinstance(error, OSError | ValueError) else error.__context__
        raise (tls_error(cause) if isinstance(cause, OSError) else StarttlsMissing(str(error))) from error
    if code != 220:
        raise StarttlsMissing(f"{code} {text.decode('utf-8', 'replace')}")
    with translated():
        smtp.ehlo_or_helo_if_needed()


def sign_in(smtp: Session, server: SmtpServer) -> None:
    """As `server` says: with its token, its client certificate, or a password (AUTH PLAIN, else LOGIN, in UTF-8).

    Raises LoginRefused (TokenRefused for a token) or LoginDisabled.
    """
    if not server.login and not server.external:
        return
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if server.token:
        _with_token(smtp, bearer(offered, server.login, server.token, server.host, server.port), server.notices)
    elif server.external:
        _say_auth(smtp, external(offered, server.login), LoginRefused)
    else:
        _with_password(smtp, server, offered)


def _with_token(smtp: Session, exchange: Exchange, notices: Notices) -> None:
    try:
        _say_auth(smtp, exchange, TokenRefused)
    except TokenRefused:
        notices.tell_token_refused()
        raise


def _say_auth(smtp: Session, exchange: Exchange, refused: type[LoginRefused]) -> None:
    # RFC 4954 4: an empty first message is "="; the line may have 12,288 characters.
    first = base64.b64encode(exchange.first).decode("ascii") or "="
    words = ""
    with translated():
        reply = smtp.say(f"AUTH {exchange.mechanism} {first}")
        if reply.code == 334:  # an error, in words that a program reads
            words = error_words(_challenge(reply.text))
            reply = smtp.say(base64.b64encode(exchange.then).decode("ascii"))
    if not reply.accepted:
        raise _sorted_out(reply, refused, words)


def _challenge(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _sorted_out(reply: Reply, refused: type[LoginRefused], words: str = "") -> ServerError:
    # RFC 4954 6: 454 4.7.0 is about the server. Microsoft says 4.3.2 and 4.7.0 while it throttles.
    kind = ServerBusy if reply.temporary else refused
    return kind(f"{reply.code} {reply.text} {words}".rstrip())


def _with_password(smtp: Session, server: SmtpServer, offered: list[str]) -> None:
    with translated():
        if "PLAIN" in offered:
            reply = smtp.say("AUTH PLAIN " + _base64(f"\0{server.login}\0{server.password}"))
        elif "LOGIN" in offered:
            reply = smtp.say("AUTH LOGIN " + _base64(server.login))
            if reply.code == 334:
                reply = smtp.say(_base64(server.password))
        else:
            raise LoginDisabled(" ".join(offered))
    if not reply.accepted:
        raise _sorted_out(reply, LoginRefused)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def check_sender(smtp: Session, address: str) -> None:
    """Ask whether mail from `address` would be taken, and take it back. Raises SenderRefused."""
    with translated():
        reply = smtp.say(f"MAIL FROM:<{on_the_wire(address)}>")
        smtp.say("RSET")
    if not reply.accepted:
        raise SenderRefused(f"{reply.code} {reply.text}")


def on_the_wire(address: str) -> str:
    """The address with its domain in ASCII where that is possible (RFC 5890)."""
    local, at, domain = address.rpartition("@")
    if not at or domain.isascii():
        return address
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return address


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except ServerError:
        raise
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        kind = ServerSaidBye if error.smtp_code == 421 else ProtocolBroken if error.smtp_code < 0 else ServerSaidNo
        raise kind(f"{error.smtp_code} {words}") from error
    except smtplib.SMTPServerDisconnected as error:
        if isinstance(error.__context__, TimeoutError):
            raise TimedOut("no answer") from error
        raise _lost(error, error.__context__) from error
    except smtplib.SMTPException as error:
        raise ProtocolBroken(str(error)) from error
    except TimeoutError as error:
        raise TimedOut("no answer") from error
    except OSError as error:
        raise _lost(error, error) from error
    except (ValueError, LookupError) as error:
        raise ProtocolBroken(str(error)) from error


def _lost(error: Exception, cause: BaseException | None) -> ServerError:
    # Under TLS 1.3 a server says only after the handshake what it thinks of our certificate.
    return ClientCertificateRefused(str(cause)) if refuses_ours(cause) else ConnectionLost(str(error))
