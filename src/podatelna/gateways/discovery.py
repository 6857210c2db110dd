"""Where a mailbox is, asked of the domain of its address and of nobody else: MX, autoconfig, SRV (RFC 6186, 8314)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar
from urllib.parse import quote
from xml.etree import ElementTree

import idna

from podatelna.mail.resolver import Resolver, Unanswered
from podatelna.protocols.dns import Dns
from podatelna.protocols.errors import ServerError
from podatelna.protocols.https import Answer, get_public
from podatelna.protocols.network import Timeouts, is_loopback

from .guess import HOSTERS, PROVIDERS, Guess, guess

_SECONDS = 6.0  # somebody waits in front of a page
_TIMEOUTS = Timeouts(connect=3.0, read=3.0)
_MOST_XML = 64 * 1024
_TLS, _STARTTLS = "tls", "starttls"
_SOCKETS = {"SSL": _TLS, "STARTTLS": _STARTTLS}  # "plain" is not wanted
_SERVICES = {
    "imap": (("_imaps._tcp", _TLS), ("_imap._tcp", _STARTTLS)),
    "smtp": (("_submissions._tcp", _TLS), ("_submission._tcp", _STARTTLS)),
}

T = TypeVar("T")
Get = Callable[[str], Answer]
Server = tuple[str, int, str]  # host, port, security


def discover(address: str, *, ask: Callable[[], Resolver] = Dns, get: Get | None = None) -> Guess:
    """Settings likely right for `address`, after a few seconds at most; what cannot be found is guessed.

    Only the domain of the address is asked, over TLS and only on the public internet; what it says is for a person to
    look at before a password is typed, which the hint "published" asks for.
    """
    domain = _domain(address)
    if domain in PROVIDERS or not domain or "." not in domain or is_loopback(domain):
        return guess(address)
    pool = ThreadPoolExecutor(8, thread_name_prefix="discovery")
    try:
        mx = pool.submit(_mx, domain, ask())
        published = pool.submit(_published, address, domain, get or _get)
        services = {side: pool.submit(_service, side, domain, ask()) for side in _SERVICES}
        every: list[Future[Any]] = [mx, published, *services.values()]
        wait(every, _SECONDS)
        return _best(address, mx, published, services)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _domain(address: str) -> str:
    written = address.rpartition("@")[2].strip().rstrip(".").lower()
    try:
        return written if written.isascii() else idna.encode(written).decode("ascii")
    except idna.IDNAError:
        return ""


def _best(
    address: str,
    mx: Future[str],
    published: Future[Guess | None],
    services: dict[str, Future[Server | None]],
) -> Guess:
    host = _brought(mx, "")
    likely = guess(address, host)
    if likely in HOSTERS.values():
        return likely
    if found := _brought(published, None):
        return found
    imap, smtp = (_brought(services[side], None) for side in ("imap", "smtp"))
    if imap is None and smtp is None:
        return likely
    usual_imap = (likely.imap_host, likely.imap_port, likely.imap_security)
    usual_smtp = (likely.smtp_host, likely.smtp_port, likely.smtp_security)
    return Guess(*(imap or usual_imap), *(smtp or usual_smtp), hint="published", known=False)


def _brought(future: Future[T], otherwise: T) -> T:
    return future.result() if future.done() and future.exception() is None else otherwise


# --- DNS --------------------------------------------------------------------------------------------------


def _mx(domain: str, ask: Resolver) -> str:
    """The name of the first mail exchanger; "" where there is none."""
    found = sorted(_records(ask(domain, "MX"), 2))
    return str(found[0][-1]) if found else ""


def _service(side: str, domain: str, ask: Resolver) -> Server | None:
    """The server that SRV records name (RFC 6186 3); None when there is none, or the domain says it has none."""
    for service, security in _SERVICES[side]:
        try:
            found = sorted(_records(ask(f"{service}.{domain}", "SRV"), 4))
        except Unanswered:
            continue
        if found:
            *_, port, host = found[0]
            return (str(host), int(port), security) if _fits(str(host), int(port)) else None
    return None


def _records(texts: Sequence[str], columns: int) -> list[tuple[int | str, ...]]:
    rows = [text.split() for text in texts]
    return [
        (*(int(number) for number in row[:-1]), row[-1].rstrip(".").lower())
        for row in rows
        if len(row) == columns and all(number.isdecimal() for number in row[:-1])
    ]


def _fits(host: str, port: int) -> bool:
    return 0 < port < 65536 and "." in host and not is_loopback(host) and all(c.isalnum() or c in ".-" for c in host)


# --- autoconfig -------------------------------------------------------------------------------------------


def _get(url: str) -> Answer:
    return get_public(url, timeouts=_TIMEOUTS, altogether=_SECONDS)


def _published(address: str, domain: str, get: Get) -> Guess | None:
    """What the domain publishes for mail programs, as Thunderbird reads it."""
    # The address goes to the web server of its own domain, where some look up which server it is on.
    query = f"?emailaddress={quote(address, safe='@')}"
    for url in (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml{query}",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml{query}",
    ):
        try:
            answer = get(url)
        except ServerError:
            continue
        found = read_autoconfig(answer.body) if answer.status == 200 else None
        if found:
            return found
    return None


def read_autoconfig(xml: bytes) -> Guess | None:
    """The first IMAP and SMTP server with encryption that an autoconfig file names; None for a useless one."""
    # Entities could make it grow without end; a file of this kind needs none.
    if len(xml) > _MOST_XML or b"<!" in xml.replace(b"<!--", b""):
        return None
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314  # without a document type there are no entities
    except (ElementTree.ParseError, ValueError, RecursionError):
        return None
    imap = _first(root, "incomingServer", "imap")
    smtp = _first(root, "outgoingServer", "smtp")
    if imap is None or smtp is None:
        return None
    return Guess(*imap, *smtp, hint="published", known=False)


def _first(root: ElementTree.Element, kind: str, protocol: str) -> Server | None:
    for one in root.iter(kind):
        host = (one.findtext("hostname") or "").strip().rstrip(".").lower()
        port = (one.findtext("port") or "").strip()
        security = _SOCKETS.get((one.findtext("socketType") or "").strip().upper())
        if one.get("type") == protocol and security and port.isdecimal() and len(port) < 6 and _fits(host, int(port)):
            return host, int(port), security
    return None
