"""Reaching a server: name, connection, TLS; each step by itself, with its own error."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from .errors import (
    CertificateExpired,
    CertificateOfAnother,
    CertificateRefused,
    CertificateUnknown,
    ClientCertificateRefused,
    ConnectionLost,
    NameNotFound,
    PlaintextRefused,
    Refused,
    ServerError,
    TimedOut,
    TlsFailed,
    Unreachable,
)

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True)
class Timeouts:
    """How long to wait, in seconds: for a connection, each next piece of an answer, the reply to a whole message.

    `answer`: for a whole answer, however it trickles; a large one has the time besides that its bytes take at 1 KB/s.
    """

    connect: float = 20.0
    read: float = 60.0
    answer: float = 300.0
    final: float = 600.0  # RFC 5321 4.5.3.2.6: ten minutes, so that slow filters do not make second copies


def check_security(host: str, security: str) -> None:
    """Raises PlaintextRefused when `security` is "none" and `host` is not loopback (127.0.0.0/8, ::1, localhost)."""
    if security == "none" and not is_loopback(host):
        raise PlaintextRefused(host)


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address as written in settings, can only mean this very machine (RFC 6761 6.3)."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet: not private, local, or one that leads there (RFC 6052)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            found = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        elif inner := found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]:
            found = inner
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of `host`. Raises NameNotFound."""
    with _network_errors(host):
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def dial(host: str, port: int, timeouts: Timeouts) -> socket.socket:
    """A connected socket. Raises NameNotFound, Refused, Unreachable or TimedOut."""
    with _network_errors(f"{host}:{port}"):
        connected = socket.create_connection((host.strip("[]"), port), timeouts.connect)
    connected.settimeout(timeouts.read)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # A command in two pieces (SASL, literals) would wait 40 ms for the server's delayed acknowledgement.
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def encrypt(connected: socket.socket, host: str, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    """TLS over `connected`, certificate and name verified. Raises CertificateRefused, TlsFailed or TimedOut."""
    try:
        return (context or ssl.create_default_context()).wrap_socket(connected, server_hostname=host.strip("[]"))
    except (OSError, ValueError) as error:
        connected.close()
        raise tls_error(error) from error


def tls_error(error: OSError | ValueError) -> ServerError:
    """What a failed handshake was: a certificate that is not trusted, no TLS spoken there, silence."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _UNTRUSTED.get(error.verify_code, CertificateRefused)(error.verify_message)
    if isinstance(error, TimeoutError):
        return TimedOut("during the TLS handshake")
    if isinstance(error, ssl.SSLError):
        return ClientCertificateRefused(_reason(error)) if refuses_ours(error) else TlsFailed(_reason(error))
    return TlsFailed(str(error))


def refuses_ours(error: BaseException | None) -> bool:
    """Whether a server's alert is about our certificate (RFC 8446 6.2); under TLS 1.3 it comes after the handshake."""
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    return "ALERT" in reason and any(word in reason for word in ("CERTIFICATE", "UNKNOWN_CA"))


# Verification results of OpenSSL (X509_V_ERR_…).
_UNTRUSTED: dict[int, type[CertificateRefused]] = {
    **dict.fromkeys((9, 10), CertificateExpired),  # not yet valid, has expired
    **dict.fromkeys((2, 18, 19, 20, 21), CertificateUnknown),  # no issuer found, self-signed, cannot be verified
    **dict.fromkeys((62, 64), CertificateOfAnother),  # host name, IP address
}


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()


@contextmanager
def _network_errors(where: str) -> Iterator[None]:
    try:
        yield
    except (socket.gaierror, UnicodeError) as error:
        raise NameNotFound(where) from error
    except TimeoutError as error:
        raise TimedOut(where) from error
    except ConnectionRefusedError as error:
        raise Refused(where) from error
    except OSError as error:
        if error.errno in {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM}:
            raise Unreachable(f"{where}: {error.strerror}") from error
        raise ConnectionLost(f"{where}: {error.strerror or error}") from error


def greeting_name(connected: socket.socket) -> str:
    """How we call ourselves in EHLO: this machine's full name, else an address literal (RFC 5321 4.1.3, 4.1.4)."""
    name = socket.gethostname()
    if re.fullmatch(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*", name):
        return name
    address = str(connected.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
