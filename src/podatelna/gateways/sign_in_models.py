"""Signing in with more than a password, as tables: providers, tokens, consents under way, certificates."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from podatelna import vault
from podatelna.accounts.models import Person


def _seal(secret: str, context: str) -> bytes:
    return vault.seal(secret, vault.read_or_make_key(settings.KEY_FILE), context) if secret else b""


def _unseal(sealed: bytes | memoryview, context: str) -> str:
    return vault.unseal(bytes(sealed), vault.read_or_make_key(settings.KEY_FILE), context) if sealed else ""


class SignInProvider(models.Model):
    """Where people of this company sign in to their mail (RFC 6749): our application there, as it was registered."""

    class Kind(models.TextChoices):
        GOOGLE = "google"
        MICROSOFT = "microsoft"
        CUSTOM = "custom"

    kind = models.CharField(max_length=9, choices=Kind.choices)
    name = models.CharField(max_length=100, unique=True)  # people read it: "Sign in with …"
    client_id = models.CharField(max_length=500)
    secret_sealed = models.BinaryField(default=bytes)  # empty: a public client
    tenant = models.CharField(max_length=200, blank=True, default="")  # Microsoft: of which organisation
    # Of a custom provider; those of the others are known (providers.py).
    authorize_url = models.CharField(max_length=500, blank=True, default="")
    token_url = models.CharField(max_length=500, blank=True, default="")
    device_url = models.CharField(max_length=500, blank=True, default="")  # "": it has no codes for devices
    scope = models.CharField(max_length=1000, blank=True, default="")
    # It did not accept our application (an expired secret): it is not asked again before that.
    refused_until = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=500, blank=True, default="")

    objects: ClassVar[models.Manager[SignInProvider]] = models.Manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def set_secret(self, secret: str) -> None:
        """Encrypt and keep the client's secret; the caller saves."""
        self.secret_sealed = _seal(secret, "provider:secret")

    def secret(self) -> str:
        """The client's secret in clear; "" for a public client. Raises vault.Unreadable."""
        return _unseal(self.secret_sealed, "provider:secret")


class SignIn(models.Model):
    """How a gateway signs in with tokens; its row may wait for the first consent. See tokens.py."""

    gateway = models.OneToOneField("gateways.Gateway", models.CASCADE, related_name="sign_in")
    provider = models.ForeignKey(SignInProvider, models.PROTECT, related_name="sign_ins")
    account = models.CharField(max_length=320, blank=True, default="")  # who consented there, as the provider said
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    signed_in_at = models.DateTimeField(null=True)  # null: nobody has yet
    refresh_sealed = models.BinaryField(default=bytes)
    access_sealed = models.BinaryField(default=bytes)
    expires_at = models.DateTimeField(null=True)  # of the access token
    turn = models.PositiveIntegerField(default=0)  # counts up with each pair of tokens
    renewing_until = models.DateTimeField(null=True)  # somebody is spending the refresh token just now
    dead_at = models.DateTimeField(null=True)  # a person must sign in again
    dead_reason = models.CharField(max_length=500, blank=True, default="")

    objects: ClassVar[models.Manager[SignIn]] = models.Manager()

    def __str__(self) -> str:
        return f"sign-in of gateway {self.gateway_id}"

    def set_tokens(self, access: str, refresh: str) -> None:
        """Encrypt and keep both; the caller saves."""
        # Under the gateway's number: a row that is copied to another gateway does not open there.
        self.access_sealed = _seal(access, f"sign-in:access:{self.gateway_id}")
        self.refresh_sealed = _seal(refresh, f"sign-in:refresh:{self.gateway_id}")

    def access(self) -> str:
        """The access token in clear. Raises vault.Unreadable."""
        return _unseal(self.access_sealed, f"sign-in:access:{self.gateway_id}")

    def refresh(self) -> str:
        """The refresh token in clear; "" when nobody has consented yet. Raises vault.Unreadable."""
        return _unseal(self.refresh_sealed, f"sign-in:refresh:{self.gateway_id}")


class Consent(models.Model):
    """A person is on the way to the provider, or has a code to type there. Gone when it is over. See consents.py."""

    state_sha256 = models.BinaryField(max_length=32, unique=True)
    gateway = models.ForeignKey("gateways.Gateway", models.CASCADE, related_name="+")
    provider = models.ForeignKey(SignInProvider, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    secret_sealed = models.BinaryField(default=bytes)  # the code verifier (RFC 7636), or the device code (RFC 8628)
    return_to = models.CharField(max_length=500, default="/")
    expires_at = models.DateTimeField()
    # With a code to type:
    user_code = models.CharField(max_length=100, blank=True, default="")
    verification_url = models.CharField(max_length=500, blank=True, default="")
    interval = models.PositiveIntegerField(default=5)  # seconds between two questions
    ask_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Consent]] = models.Manager()

    def __str__(self) -> str:
        return f"consent for gateway {self.gateway_id}"

    def set_secret(self, secret: str) -> None:
        """Encrypt and keep; the caller saves."""
        self.secret_sealed = _seal(secret, "consent")

    def secret(self) -> str:
        """In clear. Raises vault.Unreadable."""
        return _unseal(self.secret_sealed, "consent")


class Authority(models.Model):
    """A certificate authority of the company's own: servers below it are trusted, by one gateway or by all."""

    gateway = models.ForeignKey("gateways.Gateway", models.CASCADE, null=True, related_name="authorities")
    pem = models.TextField()
    subject = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)  # its fingerprint, hexadecimal
    expires_at = models.DateTimeField()
    added_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Authority]] = models.Manager()

    class Meta:
        ordering = ["subject", "pk"]

    def __str__(self) -> str:
        return self.subject


class ClientCertificate(models.Model):
    """A certificate that a gateway shows to its servers, with its key."""

    gateway = models.OneToOneField("gateways.Gateway", models.CASCADE, related_name="client_certificate")
    pem = models.TextField()  # it and what it is signed by
    key_sealed = models.BinaryField(default=bytes)  # PKCS 8, PEM
    subject = models.CharField(max_length=500)
    expires_at = models.DateTimeField()

    objects: ClassVar[models.Manager[ClientCertificate]] = models.Manager()

    def __str__(self) -> str:
        return self.subject

    def set_key(self, pem: str) -> None:
        """Encrypt and keep; the caller saves."""
        self.key_sealed = _seal(pem, f"client key:{self.gateway_id}")

    def key(self) -> str:
        """In clear. Raises vault.Unreadable."""
        return _unseal(self.key_sealed, f"client key:{self.gateway_id}")
