"""Posting JSON to an address that an administrator chose: signed, bounded in time, and never where it must not go."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Any, ClassVar
from urllib.parse import urlsplit

from .errors import ServerError
from .network import Timeouts, dial, encrypt, is_public, resolve

_TIMEOUTS = Timeouts(connect=5.0, read=10.0)
_ALTOGETHER_SECONDS = 20.0  # a server that gives a byte now and then must not hold the caller
_LONGEST_URL = 500


class WebhookRefused(ServerError):
    """The address is none that may be posted to; the detail says why."""

    code: ClassVar[str] = "webhook-address"


class WebhookFailed(ServerError):
    """The server did not answer with 2xx."""

    code: ClassVar[str] = "webhook-answer"


def check_url(url: str, *, internal: bool) -> None:
    """Raises WebhookRefused for what is no address of a webhook: https, or http too where `internal` hosts are allowed.

    Whether the host is a public one is found when it is dialled: names change what they mean.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookRefused(str(error)) from None
    if len(url) > _LONGEST_URL or any(c.isspace() or not c.isprintable() for c in url):
        raise WebhookRefused("it is too long, or has blanks in it")
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0:
        raise WebhookRefused("it must look like https://host/path")
    if parts.username is not None or parts.password is not None:
        raise WebhookRefused("it must not carry a name or a password")
    if parts.scheme == "http" and not internal:
        raise WebhookRefused("without encryption only hosts of the company's own network may be posted to")


def sign(body: bytes, secret: str, at: datetime) -> str:
    """The signature header: "t=<seconds since 1970>,v1=<HMAC-SHA256 in hexadecimal of "<t>." and the body>".

    The time is signed too, so that whoever receives it can refuse what is old.
    """
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def post(
    url: str,
    payload: Mapping[str, Any],
    secret: str,
    *,
    at: datetime,
    internal: bool = False,
    context: ssl.SSLContext | None = None,
    timeouts: Timeouts = _TIMEOUTS,
) -> int:
    """POST `payload` as JSON; the status of the answer, 200 to 299. Redirects are not followed.

    Unless `internal`, a host that has any address outside of the public internet is refused; the address that was
    checked is the one that is dialled. Raises a ServerError.
    """
    check_url(url, internal=internal)
    body = json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Podatelna",
        "X-Podatelna-Event": str(payload.get("event", "")),
        "X-Podatelna-Id": str(payload.get("id", "")),
        "Connection": "close",
    }
    if secret:
        headers["X-Podatelna-Signature"] = sign(body, secret, at)
    status = _exchange(url, body, headers, internal, context, timeouts)
    if not 200 <= status < 300:
        raise WebhookFailed(f"HTTP {status}" + (" (redirects are not followed)" if 300 <= status < 400 else ""))
    return status


def _exchange(
    url: str, body: bytes, headers: dict[str, str], internal: bool, context: ssl.SSLContext | None, timeouts: Timeouts
) -> int:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    connected = dial(_allowed_address(host, port, internal), port, timeouts)
    over = threading.Timer(_ALTOGETHER_SECONDS, _break_off, [connected])
    over.daemon = True
    over.start()
    connection = HTTPConnection(host, port, timeout=timeouts.read)
    try:
        connection.sock = encrypt(connected, host, context) if secure else connected
        connection.request("POST", f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, headers)
        return connection.getresponse().status
    except (OSError, HTTPException, ValueError) as error:
        raise WebhookFailed(f"{type(error).__name__}: {error}") from error
    finally:
        over.cancel()
        with suppress(OSError):
            connection.close()
        connected.close()


def _allowed_address(host: str, port: int, internal: bool) -> str:
    """An address to dial. All are looked at: a name that has a public and a private one is refused."""
    addresses = resolve(host, port)
    if not internal:
        for address in addresses:
            if not is_public(address):
                raise WebhookRefused(
                    "its host is one of an internal network, which the settings of alarms do not allow"
                )
    return addresses[0]


def _break_off(connected: socket.socket) -> None:
    with suppress(OSError):
        # The TLS layer has the same descriptor: whoever reads there gets the end of the stream.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
