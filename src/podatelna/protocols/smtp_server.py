"""Our own SMTP and LMTP server (RFC 5321, RFC 2033): takes mail for whom it is told to, and answers when it is durable.

It relays nothing and nobody signs in here. Who accepts is handed in as a Reception; no database is known here. Of
aiosmtpd it has the commands and STARTTLS; DATA is read by smtp_data.py, for aiosmtpd holds all of a message in memory
and refuses long lines. Nothing is written into a message: where RFC 5321 4.4 has a server add Received and Return-Path,
the envelope and the client are handed on beside the bytes, which stay as they came.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from .listening import Place
from .smtp_data import Text, TooLong
from .smtp_limits import Door, Limits

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd writes down every command

_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")
_LATER = "451 4.3.0 This server cannot take mail just now, nothing was lost, try again later"
_STRAY = "521 5.5.2 A line ended with a bare LF or CR, see RFC 5321 2.3.8"
_UNKNOWN = "550 5.1.1 There is no such address here"
_GONE_AFTER = 3.0  # seconds that a stop waits for what is being made durable
_TICK = 0.2
T = TypeVar("T")


class UnknownRecipient(Exception):
    """No such address is ours."""


class NotNow(Exception):
    """It cannot be taken just now; the client shall come again."""


@dataclass(frozen=True)
class Client:
    """Who brings a message. `named`: one of those that the limits name, or on this machine's own socket."""

    address: str  # IP; "" on a socket in the file system
    helo: str
    named: bool
    protocol: str  # "smtp" or "lmtp"
    tls: str = ""  # like "TLSv1.3"; "": in clear


@dataclass(frozen=True)
class Brought:
    """A message with its envelope, as a client handed it over; `recipients` as RCPT TO has them, with their detail."""

    client: Client
    mail_from: str  # "" is the null sender of reports
    recipients: tuple[str, ...]
    raw: bytes


class Reception(Protocol):
    """Who decides for whom mail is taken, and takes it. Called in threads of the server's own."""

    def check(self, recipient: str) -> None:
        """Raises UnknownRecipient when the address is not ours, NotNow when that cannot be said."""
        ...

    def accept(self, brought: Brought) -> None:
        """Make it durable, for all its recipients or for none. Raises NotNow; UnknownRecipient when one is gone."""
        ...


@dataclass
class House:
    """What the sessions of one server share."""

    reception: Reception
    limits: Limits
    name: str  # of this host, in greetings
    protocol: str = "smtp"
    certificate: Callable[[], ssl.SSLContext | None] = lambda: None  # asked for each connection
    spool: Path | None = None  # folder for what does not go into memory; None: the system's
    door: Door = field(init=False)
    # One message at a time is all in memory while it is made durable, whatever the number of clients.
    accepting: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "smtp accepting"))
    checking: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "smtp recipients"))

    def __post_init__(self) -> None:
        self.door = Door(self.limits)

    @property
    def is_lmtp(self) -> bool:
        """Whether each recipient has a reply of its own after DATA."""
        return self.protocol == "lmtp"

    def session(self) -> Conversation:
        """The protocol for a new connection."""
        return (LmtpConversation if self.is_lmtp else Conversation)(self)

    def close(self) -> None:
        """No more work; what is under way comes to its end by itself."""
        self.accepting.shutdown(wait=False, cancel_futures=True)
        self.checking.shutdown(wait=False, cancel_futures=True)


class Conversation(SMTP):
    """One connection of a client."""

    line_length_limit = 64 * 1024  # what is read at once: longer lines come in pieces, and are taken
    command_size_limit = 2048
    command_size_limits: dict[str, int] = defaultdict(lambda: 2048)

    def __init__(self, house: House) -> None:
        self.house = house
        self.client_address = ""
        self.refused = False
        self.unknown = 0
        self._in_text = False
        self._last = b""
        super().__init__(
            _Hooks(),
            data_size_limit=house.limits.size,
            enable_SMTPUTF8=True,
            hostname=house.name,
            ident="Podatelna",
            tls_context=house.certificate(),
            timeout=house.limits.command_seconds,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            command_call_limit={"*": house.limits.commands},
            loop=asyncio.get_running_loop(),
        )

    # --- the connection

    def connection_made(self, transport: Any) -> None:
        """Let the client in, or say why not and hang up. Called again when TLS has begun."""
        if self._original_transport is None:
            peer = transport.get_extra_info("peername")
            self.client_address = str(peer[0]) if isinstance(peer, tuple) else ""
            refusal = self.house.door.enter(self.client_address)
            if refusal:
                self.refused = True
                log.warning("%s from %s: %s", self.house.protocol, self.client_address, refusal)
                transport.write(f"{refusal}\r\n".encode())
                transport.close()
                return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone."""
        if self.refused:
            return
        self.house.door.leave(self.client_address)
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """It sends no more."""
        return False if self.refused else super().eof_received()

    def data_received(self, data: bytes) -> None:
        """Commands end with CRLF and nothing else (RFC 5321 2.3.8); what stands in a message smtp_data.py looks at."""
        if self.refused:
            return
        stray = not self._in_text and _BARE.search(self._last + data)
        self._last = data[-1:] if data.endswith(b"\r") else b""
        if stray:
            self.hang_up(_STRAY)
            return
        super().data_received(data)

    def _timeout_cb(self) -> None:
        self.hang_up("421 4.4.2 Nothing came for too long")

    def hang_up(self, reply: str = "") -> None:
        """Say a last thing and close the connection."""
        if self.transport is not None and not self.transport.is_closing():
            log.info("%s from %s: hung up: %s", self.house.protocol, self.client_address, reply)
            self._writer.write(f"{reply}\r\n".encode() if reply else b"")
            self.transport.close()

    # --- commands that say less, or more, than aiosmtpd's

    async def smtp_AUTH(self, arg: str) -> None:
        """Nobody has an account here."""
        await self.push("502 5.5.1 Nobody signs in here")

    @syntax("VRFY <address>")
    async def smtp_VRFY(self, arg: str) -> None:
        """RFC 5321 3.5.3: whom we know is nobody's business."""
        await self.push("252 2.1.5 Try RCPT TO")

    @syntax("HELP")
    async def smtp_HELP(self, arg: str) -> None:
        """Where to read on."""
        await self.push("214 2.0.0 See RFC 2033" if self.house.is_lmtp else "214 2.0.0 See RFC 5321")

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """Take the text, make it durable, and only then say so."""
        if await self.check_helo_needed():
            return
        assert self.envelope is not None
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Need RCPT first")
        elif arg:
            await self.push("501 5.5.4 Syntax: DATA")
        else:
            limits = self.house.limits
            with Text(limits.size, limits.in_memory, self.house.spool) as text:
                await self._take(self.envelope, text)

    async def _take(self, envelope: Envelope, text: Text) -> None:
        self._in_text = True
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            await text.receive(self._reader, self._pace())
        except TooLong:
            self.hang_up("552 5.3.4 The message is larger than this server takes")
            return
        finally:
            self._in_text, self._last = False, b""
        self.envelope = self._create_envelope()
        self._reset_timeout(self.house.limits.accept_seconds)
        reply = _fault(text) or await self._accept(envelope, text)
        self._reset_timeout()
        log.info(
            "%s from %s: %d octets from <%s> for %s: %s",
            self.house.protocol, self.client_address, text.size, _sender(envelope), ", ".join(envelope.rcpt_tos), reply,
        )  # fmt: skip
        # RFC 2033 4.2: a reply for each recipient that was not refused, also when none of them has the message.
        for _ in envelope.rcpt_tos if self.house.is_lmtp else (1,):
            await self.push(reply)

    def _pace(self) -> Callable[[], None]:
        """To be called with each piece of a text: puts off the timeout, but not for ever."""
        limits, now = self.house.limits, self.loop.time
        ends, put_off = now() + limits.data_seconds, now()
        self._reset_timeout(min(limits.data_idle_seconds, limits.data_seconds))

        def alive() -> None:
            nonlocal put_off
            if now() - put_off > 1.0:
                put_off = now()
                self._reset_timeout(max(0.001, min(limits.data_idle_seconds, ends - put_off)))

        return alive

    async def _accept(self, envelope: Envelope, text: Text) -> str:
        client, recipients = self._client(), tuple(envelope.rcpt_tos)
        sender = _sender(envelope)

        def accept() -> None:
            self.house.reception.accept(Brought(client, sender, recipients, text.read()))

        return await self.in_thread(self.house.accepting, accept) or "250 2.0.0 Stored"

    async def in_thread(self, threads: ThreadPoolExecutor, work: Callable[[], None]) -> str:
        """Do what may wait for a database; why it failed, as a reply, or ""."""
        return await self.loop.run_in_executor(threads, self._outcome, work)

    def _outcome(self, work: Callable[[], None]) -> str:
        # In the thread: when the client is gone nobody waits for the answer any more, and the log has it all the same.
        try:
            work()
        except UnknownRecipient:
            return _UNKNOWN
        except NotNow as later:
            log.warning("%s from %s: %s", self.house.protocol, self.client_address, later)
            return _LATER
        except Exception:  # the log has it; the client keeps the message and comes again
            log.exception("%s from %s", self.house.protocol, self.client_address)
            return _LATER
        return ""

    def _client(self) -> Client:
        assert self.session is not None
        tls = self.transport.get_extra_info("ssl_object") if self.transport is not None else None
        return Client(
            self.client_address,
            str(self.session.host_name or ""),
            self.house.limits.names(self.client_address),
            self.house.protocol,
            str(tls.version() or "") if tls is not None else "",
        )


class LmtpConversation(Conversation):
    """One connection of a client that speaks LMTP: LHLO in place of EHLO, and more replies after DATA."""

    show_smtp_greeting = False

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, arg: str) -> None:
        """RFC 2033 4.1."""
        await super().smtp_EHLO(arg)

    async def smtp_HELO(self, arg: str) -> None:
        """RFC 2033 4.1: not here."""
        await self.push("500 5.5.1 This is LMTP: say LHLO")

    smtp_EHLO = smtp_HELO


class _Hooks:
    """What aiosmtpd asks at a command."""

    async def handle_EHLO(
        self, server: Conversation, session: Session, envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        """What we can."""
        session.host_name = hostname
        kept = [reply for reply in replies if not reply.startswith(("250-AUTH", "250 HELP"))]
        return [*kept, "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def handle_MAIL(
        self, server: Conversation, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A message begins, unless the client has brought enough for now."""
        if not _is_clean(address):
            return "553 5.1.7 The sender's address cannot be read"
        if not server.house.door.may_bring(server.client_address):
            return "450 4.7.1 Too many messages from your address, try again later"
        envelope.mail_from = address
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: Conversation, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only addresses of ours, and not too many of them."""
        if len(envelope.rcpt_tos) >= server.house.limits.recipients:
            return "452 4.5.3 Too many recipients"
        if _is_clean(address):
            check = server.house.reception.check
            refusal = await server.in_thread(server.house.checking, lambda: check(address))
        else:
            refusal = _UNKNOWN
        if not refusal:
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 Ok"
        if refusal == _UNKNOWN:
            server.unknown += 1
            if server.unknown > server.house.limits.unknown_recipients:
                server.loop.call_soon(server.hang_up)
                return "421 4.7.0 Too many unknown recipients"
        return refusal

    async def handle_exception(self, error: Exception) -> str:
        """Something that nobody thought of: logged, and the client comes again."""
        log.error("a command could not be answered", exc_info=error)
        return _LATER


def _is_clean(address: str) -> bool:
    """Whether an address can be written down: UTF-8 (RFC 6531) without controls, and not longer than one can be."""
    return len(address) <= 320 and address.isprintable()


def _sender(envelope: Envelope) -> str:
    return "" if envelope.mail_from == "<>" else str(envelope.mail_from)


def _fault(text: Text) -> str:
    """Why a text is not taken; "" for nearly all."""
    if text.large:
        return "552 5.3.4 The message is larger than this server takes"
    if text.bare:
        return "550 5.6.0 The message has a bare LF or CR, see RFC 5321 2.3.8"
    return "452 4.3.1 The disk is full, nothing was lost, try again later" if text.full else ""


# --- listening -------------------------------------------------------------------------------------------


async def serve(
    places: Sequence[tuple[Place, House]],
    stopped: Callable[[], bool],
    listening: Callable[[list[Place]], None] = lambda places: None,
) -> None:
    """Take mail at all `places` until `stopped`; `listening` is told where, with the ports that 0 became.

    Raises OSError when one of them cannot be had.
    """
    loop = asyncio.get_running_loop()
    servers = []
    try:
        for place, house in places:
            servers.append(await _listen(loop, place, house))
        listening([_bound(server, place) for server, (place, _) in zip(servers, places, strict=True)])
        while not stopped():
            await asyncio.sleep(_TICK)
    finally:
        for server in servers:
            server.close()
        await asyncio.get_running_loop().run_in_executor(None, _finish, [house for _, house in places])


async def _listen(loop: asyncio.AbstractEventLoop, place: Place, house: House) -> asyncio.Server:
    if not place.path:
        # Every worker listens: the system gives each connection to one of them.
        return await loop.create_server(house.session, place.host, place.port, reuse_port=True)
    server = await loop.create_unix_server(house.session, place.path)
    # Whoever can reach the folder may connect: the folder's rights say who that is.
    Path(place.path).chmod(0o666)
    return server


def _bound(server: asyncio.Server, place: Place) -> Place:
    return place if place.path else Place(place.host, int(server.sockets[0].getsockname()[1]))


def _finish(houses: Sequence[House]) -> None:
    """Wait a little for what is just being made durable: its client is then told so."""
    for house in houses:
        marker = house.accepting.submit(lambda: None)
        house.checking.shutdown(wait=False, cancel_futures=True)
        try:
            marker.result(_GONE_AFTER)
        except TimeoutError:
            log.warning("a message was not yet durable; its client was not told that it was, and brings it again")
        house.accepting.shutdown(wait=False, cancel_futures=True)
