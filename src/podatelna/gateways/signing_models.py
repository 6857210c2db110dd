"""Keys that sign what goes out through a gateway (DKIM), as a table."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from podatelna import vault

from .models import Gateway

_CONTEXT = "gateway:dkim"


class DkimKey(models.Model):
    """A key of a gateway: the private half sealed, the public half for DNS. It signs while it is switched on."""

    class Algorithm(models.TextChoices):
        RSA = "rsa-sha256"
        ED25519 = "ed25519-sha256"

    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="dkim_keys")
    domain = models.CharField(max_length=253)  # d=, in ASCII and lower case
    selector = models.CharField(max_length=63)  # s=
    algorithm = models.CharField(max_length=14, choices=Algorithm.choices)
    sealed = models.BinaryField()
    public = models.TextField()  # p=, base64
    is_on = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(null=True)  # when DNS was last asked
    found = models.CharField(max_length=16, blank=True, default="")  # what it said: see signing.py

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["domain", "selector"], name="dkim_selector_once")]

    @property
    def name(self) -> str:
        """Where its public half stands in DNS (RFC 6376 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The TXT record to publish at `name` (RFC 6376 3.6.1, RFC 8463 4)."""
        kind = "rsa" if self.algorithm == self.Algorithm.RSA else "ed25519"
        return f"v=DKIM1; k={kind}; p={self.public}"

    def set_private(self, pem: str) -> None:
        """Encrypt and keep; the caller saves."""
        self.sealed = vault.seal(pem, vault.read_or_make_key(settings.KEY_FILE), _CONTEXT)

    def private(self) -> str:
        """The private half as PEM. Raises vault.Unreadable."""
        return vault.unseal(bytes(self.sealed), vault.read_or_make_key(settings.KEY_FILE), _CONTEXT)
