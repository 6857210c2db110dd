"""A company's own certificate authority, and a Dovecot that takes a provider's tokens and client certificates."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.servers import HOST, Certificate, Dovecot, _dovecot_version, _need_dovecot


@dataclass(frozen=True)
class Made:
    """A certificate and its key, PEM."""

    certificate: str
    key: str

    def written(self, folder: Path, name: str) -> Certificate:
        """The same as files."""
        made = Certificate(folder / f"{name}.pem", folder / f"{name}-key.pem")
        made.certificate.write_text(self.certificate)
        made.key.write_text(self.key)
        return made


_SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
)  # fmt: skip


class OwnAuthority:
    """Signs certificates for a company."""

    def __init__(self, name: str = "ACME Root") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._made = self._sign(self._name, self._key, days=365, authority=True)
        self.pem = self._made.public_bytes(serialization.Encoding.PEM).decode()

    def for_server(self, name: str = "localhost", days: int = 30) -> Made:
        """For a server; one named localhost is 127.0.0.1 too. Negative `days` make it an expired one."""
        names: list[x509.GeneralName] = [x509.DNSName(name)]
        if name == "localhost":
            names.append(x509.IPAddress(ipaddress.ip_address(HOST)))
        return self._make(name, x509.SubjectAlternativeName(names), ExtendedKeyUsageOID.SERVER_AUTH, days)

    def for_client(self, name: str, days: int = 30) -> Made:
        """For whoever is called `name`."""
        names = x509.SubjectAlternativeName([x509.DNSName("client.acme.cz")])
        return self._make(name, names, ExtendedKeyUsageOID.CLIENT_AUTH, days)

    def _make(self, name: str, names: x509.SubjectAlternativeName, use: x509.ObjectIdentifier, days: int) -> Made:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._sign(subject, key, days=days, more=[(names, False), (x509.ExtendedKeyUsage([use]), False)])
        clear = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Made(made.public_bytes(serialization.Encoding.PEM).decode(), clear.decode())

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        days: int,
        authority: bool = False,
        more: list[tuple[x509.ExtensionType, bool]] | None = None,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=60))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        # Python 3.13 wants these of everybody (VERIFY_X509_STRICT, RFC 5280 4.2.1).
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(issuer, False)
        if authority:
            builder = builder.add_extension(_SIGNS_CERTIFICATES, True)
        for extension, critical in more or []:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self._key, hashes.SHA256())


def serving(made: Made, folder: Path, *, wants_client_of: OwnAuthority | None = None) -> ssl.SSLContext:
    """A server's context; it may insist on a client certificate of an authority."""
    written = made.written(folder, "server")
    context = written.serving()
    if wants_client_of:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=wants_client_of.pem)
    return context


class SigningDovecot(Dovecot):
    """Takes tokens that the provider at `introspection` knows, and client certificates of `authority`."""

    def __init__(self, introspection: str, authority: OwnAuthority) -> None:
        self.introspection, self.authority = introspection, authority
        super().__init__()

    def _prepare(self) -> None:
        (self.folder / "oauth2.conf").write_text(
            f"introspection_url = {self.introspection}\nintrospection_mode = auth\nforce_introspection = yes\n"
            "username_attribute = email\nactive_attribute = active\nactive_value = true\n"
        )
        (self.folder / "authority.pem").write_text(self.authority.pem)
        self.certificate = self.authority.for_server().written(self.folder, "certificate-of-acme")
        super()._prepare()

    def _common(self) -> str:
        common = super()._common()
        mechanisms = "auth_mechanisms = plain login xoauth2 oauthbearer external"
        assert "auth_mechanisms = plain login" in common
        return common.replace("auth_mechanisms = plain login", mechanisms) + (
            self._old_ways() if _dovecot_version() < (2, 4) else self._new_ways()
        )

    def _old_ways(self) -> str:
        return f"""
            ssl_ca = <{self.folder}/authority.pem
            ssl_require_crl = no
            ssl_verify_client_cert = yes
            ssl_cert_username_field = commonName
            auth_ssl_username_from_cert = yes
            passdb {{
              driver = oauth2
              mechanisms = xoauth2 oauthbearer
              args = {self.folder}/oauth2.conf
            }}
            passdb {{
              driver = static
              mechanisms = external
              args = nopassword
            }}
        """

    def _new_ways(self) -> str:
        return f"""
            ssl_server_ca_file = {self.folder}/authority.pem
            ssl_server_require_crl = no
            ssl_server_request_client_cert = yes
            ssl_server_cert_username_field = commonName
            auth_ssl_username_from_cert = yes
            oauth2 {{
              introspection_url = {self.introspection}
              introspection_mode = auth
              force_introspection = yes
              username_attribute = email
              active_attribute = active
              active_value = true
            }}
            passdb oauth2 {{
              mechanisms_filter = xoauth2 oauthbearer
            }}
            passdb external {{
              driver = static
              mechanisms_filter = external
              fields {{
                nopassword = yes
              }}
            }}
        """


@contextmanager
def signing_dovecot(introspection: str, authority: OwnAuthority) -> Iterator[SigningDovecot]:
    """One for the length of a block."""
    _need_dovecot()
    server = SigningDovecot(introspection, authority)
    try:
        server.start()
        yield server
    finally:
        server.remove()
