"""The demo's mail server on loopback: IMAP by pymap, SMTP by aiosmtpd, mailboxes in memory.

A real server in small: it takes mail for its own addresses from anybody, relays only for who has signed in, puts the
trace headers on and what it has found out about the sender, and knows nothing of Podatelna.
"""

from __future__ import annotations

import asyncio
import threading
from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, DictBackend, Login
from pymap.backend.dict.mailbox import MailboxSet
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

_START_SECONDS = 20


@dataclass(frozen=True)
class Taken:
    """A message that the company sent to somebody outside."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    raw: bytes


@dataclass
class MailServer:
    """Mailboxes `passwords` (address to password) with `aliases`; what goes outside is handed to `outside`.

    `refuses` says, for a recipient outside, with which SMTP reply its server would refuse it, or None. `known` are the
    domains whose mail can be known: what names one of them as its sender must have it in its envelope, too.
    """

    domain: str
    passwords: Mapping[str, str]
    aliases: Mapping[str, str]
    folders: tuple[str, ...]
    outside: Callable[[Taken], None]
    refuses: Callable[[str], str | None] = lambda address: None
    known: frozenset[str] = frozenset()
    imap_port: int = 0
    smtp_port: int = 0
    _mailboxes: dict[str, MailboxSet] = field(default_factory=dict)
    _ready: threading.Event = field(default_factory=threading.Event)
    _failure: BaseException | None = None
    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _stop: asyncio.Event | None = None

    def start(self) -> None:
        """Listen on two free ports of loopback. Raises what went wrong."""
        self._thread = threading.Thread(target=self._run, name="demo mail server", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_SECONDS) or self._failure:
            raise RuntimeError("the demo's mail server does not start") from self._failure

    def stop(self) -> None:
        """Close every connection; the mail is forgotten."""
        if self._loop and self._stop and self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(5)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with AsyncExitStack() as stack:
            imap = await asyncio.start_server(await self._imap(), "127.0.0.1", 0)
            smtp = await self._loop.create_server(self._smtp, "127.0.0.1", 0)
            stack.callback(imap.close)
            stack.callback(smtp.close)
            self.imap_port = imap.sockets[0].getsockname()[1]
            self.smtp_port = smtp.sockets[0].getsockname()[1]
            self._ready.set()
            await self._stop.wait()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    # --- IMAP ---------------------------------------------------------------------------------------------

    async def _imap(self) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        args = Namespace(passlib_cfg=None, proxy_protocol="noop", inherited_sockets=None)
        # Passwords in clear: made up for this run, and never leaving this process.
        config = Config(
            args, demo_data=False, demo_user="", demo_password="", host="127.0.0.1", port=0, tls_enabled=False,
            hash_context=Cleartext(),
        )  # fmt: skip
        config.apply_context()
        backend = DictBackend(Login(config), config)
        for address, password in self.passwords.items():
            backend.login.users_dict[address] = UserMetadata(config, address, password=password)
            mailboxes = MailboxSet()
            for name in self.folders:
                await mailboxes.add_mailbox(name)
            _, filters = config.set_cache.get(address, (None, None))
            config.set_cache[address] = (mailboxes, filters or _no_filters())
            self._mailboxes[address] = mailboxes
        server, sessions = IMAPServer(backend.login, config), set[asyncio.Task[None]]()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # Held here: asyncio itself refers to tasks weakly, and one in IDLE may be collected while it waits.
            session = asyncio.ensure_future(server(reader, writer, SocketInfo.get(writer, None)))
            sessions.add(session)
            session.add_done_callback(sessions.discard)
            await session

        return serve

    async def _put(self, address: str, raw: bytes) -> None:
        inbox = await self._mailboxes[address].get_mailbox("INBOX")
        await inbox.append(AppendMessage(raw, _arrival(raw), frozenset()), recent=True)

    # --- SMTP ---------------------------------------------------------------------------------------------

    def _smtp(self) -> SMTP:
        return _Smtp(
            self,
            hostname=f"mail.{self.domain}",
            ident="ESMTP",
            enable_SMTPUTF8=True,
            data_size_limit=40 * 1024 * 1024,
            authenticator=self._authenticate,
            auth_require_tls=False,
            loop=self._loop,
        )

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, way: str, proof: Any) -> AuthResult:
        if not isinstance(proof, LoginPassword):
            return AuthResult(success=False, handled=False)
        known = self.passwords.get(proof.login.decode("utf-8", "replace"))
        right = known is not None and known == proof.password.decode("utf-8", "replace")
        return AuthResult(success=right, handled=False)

    def mailbox_of(self, address: str) -> str | None:
        """The mailbox that mail for `address` goes to, or None when it is not one of ours."""
        address = address.lower()
        address = self.aliases.get(address, address)
        return address if address in self.passwords else None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """RFC 5321 3.3: take our own addresses from anybody, others only from who has signed in."""
        if address.lower().endswith(f"@{self.domain}"):
            if self.mailbox_of(address) is None:
                return f"550 5.1.1 <{address}>: no such user here"
        elif not session.authenticated:
            return "554 5.7.1 relay access denied"
        elif refusal := self.refuses(address.lower()):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Put it into the mailboxes of those inside, and hand it over for those outside."""
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        sender = (envelope.mail_from or "").strip("<>")  # aiosmtpd gives the null sender as "<>"
        recipients = tuple(envelope.rcpt_tos)
        inside = {box for address in recipients if (box := self.mailbox_of(address))}
        for box in sorted(inside):
            await self._put(box, self._traced(session, sender, box) + self._checked(session, sender, raw) + raw)
        outside = tuple(address for address in recipients if self.mailbox_of(address) is None)
        if outside:
            self.outside(Taken(sender, outside, raw))
        return "250 2.0.0 stored"

    def _traced(self, session: Session, sender: str, box: str) -> bytes:
        now = format_datetime(datetime.now(UTC))
        client = session.host_name or "unknown"
        lines = (
            f"Return-Path: <{sender}>",
            f"Delivered-To: {box}",
            f"Received: from {client} (localhost [127.0.0.1])",
            f"\tby mail.{self.domain} with ESMTP{'A' if session.authenticated else ''} for <{box}>; {now}",
        )
        return "".join(f"{line}\r\n" for line in lines).encode("utf-8")

    def _checked(self, session: Session, sender: str, raw: bytes) -> bytes:
        """What was found out about the sender (RFC 8601); nothing about one's own people who have signed in."""
        if session.authenticated:
            return b""
        named = parseaddr(str(BytesHeaderParser().parsebytes(raw)["From"] or ""))[1]
        shown, envelope = (address.rpartition("@")[2].lower() for address in (named, sender))
        spf = "pass" if envelope in self.known else "none"
        dmarc = "none" if shown not in self.known else "pass" if shown == envelope else "fail"
        found = f"spf={spf} smtp.mailfrom={envelope or 'none'}; dmarc={dmarc} header.from={shown or 'none'}"
        return f"Authentication-Results: mail.{self.domain}; {found}\r\n".encode()


class _Smtp(SMTP):
    """Takes longer lines than RFC 5321 4.5.3.1.6 asks for, as real servers do: strangers' programs write such."""

    line_length_limit = 1024 * 1024


def _arrival(raw: bytes) -> datetime:
    """When it came (INTERNALDATE): now, and the letters of the days before stand there as if since then."""
    now = datetime.now(UTC)
    with suppress(TypeError, ValueError):
        return min(now, parsedate_to_datetime(str(BytesHeaderParser().parsebytes(raw)["Date"])))
    return now


def _no_filters() -> Any:
    from pymap.backend.dict.filter import FilterSet

    return FilterSet()
