"""Asking a web server over TLS: one request, no redirects, bounded in time and size; of strangers only public ones."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

from .certificates import client_context
from .errors import PlaintextRefused, ProviderFailed, Unreachable
from .network import Timeouts, dial, encrypt, is_loopback, is_public, resolve

_TIMEOUTS = Timeouts(connect=8.0, read=12.0)
_ALTOGETHER_SECONDS = 25.0  # a server that gives a byte now and then must not hold the caller
_LONGEST_ANSWER = 512 * 1024


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer; the body may hold tokens."""

    status: int
    body: bytes = field(repr=False)


def check_https(url: str) -> None:
    """Raises PlaintextRefused for an address without TLS, but on loopback; ProviderFailed for one that is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port == 0 or parts.scheme not in {"https", "http"} or parts.username is not None:
        raise ProviderFailed("no address like https://host/path")
    if parts.scheme == "http" and not is_loopback(host):
        raise PlaintextRefused(host)


def post_form(url: str, fields: Mapping[str, str], *, authorities: str = "") -> Answer:
    """POST `fields` as a form; whatever the status, its answer (RFC 6749 4.1.3 asks of this form and of JSON back).

    `authorities` (PEM) are trusted besides those of this machine. Raises a ServerError.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return request("POST", url, urlencode(fields).encode("ascii"), headers, context=client_context(authorities))


def get_public(url: str, *, timeouts: Timeouts = _TIMEOUTS, altogether: float = _ALTOGETHER_SECONDS) -> Answer:
    """GET from a host of the public internet, over TLS. Raises a ServerError; Unreachable for any other host."""
    if urlsplit(url).scheme != "https":
        raise PlaintextRefused(urlsplit(url).hostname or "")
    return request("GET", url, None, {}, public=True, timeouts=timeouts, altogether=altogether)


def request(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    *,
    public: bool = False,
    context: ssl.SSLContext | None = None,
    timeouts: Timeouts = _TIMEOUTS,
    altogether: float = _ALTOGETHER_SECONDS,
) -> Answer:
    """One request; redirects are not followed, for they could lead a secret away. Raises a ServerError.

    `public`: a host that has any address outside of the public internet is not asked; the address that was checked is
    the one that is dialled.
    """
    check_https(url)
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    connected = dial(_address(host, port, public), port, timeouts)
    over = threading.Timer(altogether, _break_off, [connected])
    over.daemon = True
    over.start()
    try:
        if secure:
            connected = encrypt(connected, host, context or client_context())
        with closing(HTTPConnection(host, port, timeout=timeouts.read)) as connection:
            connection.sock = connected
            connection.request(
                method, _target(url), body, {"User-Agent": "Podatelna", "Connection": "close", **headers}
            )
            answer = connection.getresponse()
            return Answer(answer.status, _body(answer.read(_LONGEST_ANSWER + 1), host))
    except (OSError, HTTPException, ValueError) as error:
        # Not its words: those of http.client quote what was sent.
        raise ProviderFailed(f"{host}: {type(error).__name__}") from error
    finally:
        over.cancel()
        connected.close()


def _address(host: str, port: int, public: bool) -> str:
    # Every address is looked at: a name that has a public and a private one is refused.
    addresses = resolve(host, port) if public else [host]
    if not all(is_public(address) for address in addresses if public):
        raise Unreachable(f"{host} is no host of the public internet")
    return addresses[0]


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def _body(body: bytes, host: str) -> bytes:
    if len(body) > _LONGEST_ANSWER:
        raise ProviderFailed(f"{host}: the answer is too long")
    return body


def _break_off(connected: socket.socket) -> None:
    with suppress(OSError):
        # The TLS layer has the same descriptor: whoever reads there gets the end of the stream.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
