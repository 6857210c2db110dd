"""Certificates as settings: what a server is checked against, and what we show it ourselves."""

from __future__ import annotations

import secrets
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization import PublicFormat as Public
from cryptography.x509.oid import NameOID

from .errors import ClientCertificateRefused

MOST_PEM = 256 * 1024  # characters


class CertificateUnusable(ValueError):
    """A certificate or key that was handed in cannot be used; `code` says why, its words are for a page.

    "not-pem", "no-certificate", "no-authority", "no-key", "key-locked" (a passphrase is wanted, or is wrong),
    "key-of-another", "expired".
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Identity:
    """A client certificate: `certificate` (PEM, with what it is signed by) and its `key` (PEM, no passphrase)."""

    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class Described:
    """What a page says of a certificate; `sha256` is its fingerprint in hexadecimal."""

    pem: str
    subject: str
    sha256: str
    expires_at: datetime


def read_authorities(pem: str, now: datetime) -> list[Described]:
    """The certificate authorities in a PEM text. Raises CertificateUnusable."""
    found = _certificates(pem)
    if not all(_may_sign(one) for one in found):
        raise CertificateUnusable("no-authority")
    return [_described(one, now) for one in found]


def read_identity(certificate: str, key: str, passphrase: str, now: datetime) -> tuple[Identity, Described]:
    """A client certificate and its key, as uploaded (both may stand in one file). Raises CertificateUnusable."""
    chain = _certificates(certificate)
    try:
        private = load_pem_private_key(key.encode(), passphrase.encode() if passphrase else None)
    except TypeError:
        raise CertificateUnusable("key-locked") from None
    except ValueError as error:
        locked = "ENCRYPTED" in key and passphrase
        raise CertificateUnusable("key-locked" if locked else "no-key") from error
    public = private.public_key().public_bytes(Encoding.DER, Public.SubjectPublicKeyInfo)
    mine = [one for one in chain if one.public_key().public_bytes(Encoding.DER, Public.SubjectPublicKeyInfo) == public]
    if not mine:
        raise CertificateUnusable("key-of-another")
    ordered = [mine[0], *(one for one in chain if one != mine[0])]
    pem = "".join(one.public_bytes(Encoding.PEM).decode("ascii") for one in ordered)
    clear = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
    return Identity(pem, clear), _described(mine[0], now)


@dataclass(frozen=True)
class Notices:
    """Who is told what is found on the way into a server: they must not raise, and be done at once."""

    certificate: Callable[[datetime], None] | None = None  # when the server's certificate runs out
    token_refused: Callable[[], None] | None = None

    def tell_certificate(self, connected: object) -> None:
        """The connection is made."""
        if self.certificate and (end := expires_at(connected)):
            self.certificate(end)

    def tell_token_refused(self) -> None:
        """The token was not accepted."""
        if self.token_refused:
            self.token_refused()


def context_of(authorities: str, identity: Identity | None) -> ssl.SSLContext:
    """As `client_context`; what cannot be used is a ClientCertificateRefused, like a server's refusal."""
    try:
        return client_context(authorities, identity)
    except CertificateUnusable as error:
        raise ClientCertificateRefused(f"what is stored here cannot be used: {error.code}") from error


def client_context(authorities: str = "", identity: Identity | None = None) -> ssl.SSLContext:
    """A context that verifies certificate and name: against what this machine trusts, and `authorities` (PEM) besides.

    Raises CertificateUnusable.
    """
    context = ssl.create_default_context()
    try:
        if authorities:
            context.load_verify_locations(cadata=authorities)
            # Python 3.13 asks certificates to be as RFC 5280 4.2 wants them, and a company's own authority often leaves
            # the key identifiers out. Name, time and signature are verified all the same.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if identity:
            _show(context, identity)
    except (ssl.SSLError, ValueError) as error:
        raise CertificateUnusable("no-certificate") from error
    return context


def expires_at(connected: object) -> datetime | None:
    """When the certificate that the server showed on this connection runs out; None without TLS."""
    shown = connected.getpeercert() if isinstance(connected, ssl.SSLSocket) else None
    end = shown.get("notAfter") if shown else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) if isinstance(end, str) else None


def _show(context: ssl.SSLContext, identity: Identity) -> None:
    # OpenSSL as Python has it reads keys from files only. This one is encrypted with a word that nobody ever sees.
    word = secrets.token_hex(16).encode()
    private = load_pem_private_key(identity.key.encode(), None)
    locked = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(word))
    with tempfile.TemporaryDirectory(prefix="podatelna-") as folder:
        certificate, key = Path(folder) / "certificate.pem", Path(folder) / "key.pem"
        certificate.write_text(identity.certificate, "ascii")
        key.write_bytes(locked)
        context.load_cert_chain(certificate, key, word)


def _certificates(pem: str) -> list[x509.Certificate]:
    if len(pem) > MOST_PEM or "-----BEGIN" not in pem:
        raise CertificateUnusable("not-pem")
    try:
        return list(dict.fromkeys(x509.load_pem_x509_certificates(pem.encode())))
    except ValueError as error:
        raise CertificateUnusable("no-certificate") from error


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        # The oldest kind of root has no such extension; it signs itself.
        return certificate.subject == certificate.issuer


def _described(certificate: x509.Certificate, now: datetime) -> Described:
    if certificate.not_valid_after_utc <= now:
        raise CertificateUnusable("expired")
    pem = certificate.public_bytes(Encoding.PEM).decode("ascii")
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    return Described(pem, _name(certificate.subject), fingerprint, certificate.not_valid_after_utc)


def _name(subject: x509.Name) -> str:
    common = [str(one.value) for one in subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    text = ", ".join(common) or subject.rfc4514_string()
    return "".join(c if c.isprintable() else " " for c in text)[:500]
