"""Domains, mailboxes and aliases of the provided mail server, as tables. The verbs are in domains.py."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from podatelna import vault

_CONTEXT = "mailserver:dkim"


class MailDomain(models.Model):
    """A domain whose mail our own server takes, with the key that signs what leaves it."""

    name = models.CharField(max_length=253, unique=True)  # lower case, A-labels (RFC 5890)
    selector = models.CharField(max_length=63)
    public_key = models.TextField()  # p= of the DKIM record: base64 of a DER public key
    sealed_key = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def set_private_key(self, pem: str) -> None:
        """Encrypt and keep; the caller saves."""
        self.sealed_key = vault.seal(pem, vault.read_or_make_key(settings.KEY_FILE), _CONTEXT)

    def private_key(self) -> str:
        """The private half as PEM. Raises vault.Unreadable."""
        return vault.unseal(bytes(self.sealed_key), vault.read_or_make_key(settings.KEY_FILE), _CONTEXT)


class Mailbox(models.Model):
    """A mailbox on our own server. A closed one takes and shows nothing; its mail stays on the disk."""

    domain = models.ForeignKey(MailDomain, models.PROTECT, related_name="mailboxes")
    local_part = models.CharField(max_length=64)  # lower case
    name = models.CharField(max_length=200, blank=True, default="")
    password_hash = models.CharField(max_length=200)  # Argon2id in PHC format, as Dovecot reads it after {ARGON2ID}
    quota_megabytes = models.PositiveIntegerField(default=0)  # 0: no limit
    is_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["local_part"]
        constraints = [models.UniqueConstraint(fields=["domain", "local_part"], name="mailbox_once")]

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        """As it is written."""
        return f"{self.local_part}@{self.domain.name}"


class Alias(models.Model):
    """An address without a mailbox; its mail goes to other addresses, here or elsewhere."""

    domain = models.ForeignKey(MailDomain, models.PROTECT, related_name="aliases")
    local_part = models.CharField(max_length=64)  # lower case
    targets = models.JSONField(default=list)  # addresses
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["local_part"]
        constraints = [models.UniqueConstraint(fields=["domain", "local_part"], name="alias_once")]

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        """As it is written."""
        return f"{self.local_part}@{self.domain.name}"


class Directory(models.Model):
    """One row: which state of all this there is, and which one the mail server has been given; see directory.py."""

    revision = models.BigIntegerField(default=0)
    written_revision = models.BigIntegerField(default=-1)
    written_at = models.DateTimeField(null=True)
