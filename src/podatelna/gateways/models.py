"""Gateways and their ledger as tables."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from podatelna import vault
from podatelna.accounts.models import Person
from podatelna.archive.models import Delivery, Origin
from podatelna.claims import Claimable


class Security(models.TextChoices):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"  # on loopback only


class Authentication(models.TextChoices):
    """How a gateway shows a server who it is."""

    PASSWORD = "password"  # noqa: S105  # the word itself
    TOKEN = "token"  # noqa: S105  # of a provider: see SignIn
    CERTIFICATE = "cert"  # the client certificate alone (SASL EXTERNAL)


class Gateway(Claimable):
    """A connection to a mail server. A mailbox: IMAP in, SMTP out, worked by one worker at a time (lease).

    One that only receives has no IMAP side: mail to its process's addresses is brought to us by SMTP or LMTP (see
    reception.py), and goes out through its SMTP settings.
    """

    class Kind(models.TextChoices):
        MAILBOX = "mailbox"
        RECEIVING = "receiving"

    class State(models.TextChoices):
        NEW = "new"
        WORKING = "working"
        FAILING = "failing"
        PAUSED = "paused"
        SIGN_IN = "sign-in"  # waits until a person signs in at its provider

    origin = models.OneToOneField(Origin, models.PROTECT, related_name="gateway")
    # Whose private mailbox it is; null: a process's. See personal.py for what may be touched in it.
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="private_gateways")
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.MAILBOX, db_default=Kind.MAILBOX)
    address = models.EmailField(max_length=320)
    display_name = models.CharField(max_length=200, blank=True, default="")
    signature = models.TextField(blank=True, default="")

    imap_host = models.CharField(max_length=255)
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(max_length=8, choices=Security.choices, default=Security.TLS)
    imap_login = models.CharField(max_length=320)
    imap_sealed = models.BinaryField(default=bytes)
    imap_authentication = models.CharField(
        max_length=8, choices=Authentication.choices, default=Authentication.PASSWORD, db_default="password"
    )
    imap_certificate_expires_at = models.DateTimeField(null=True, blank=True)  # the server's, as last seen
    folder = models.CharField(max_length=500, default="INBOX")
    processed_folder = models.CharField(max_length=500, default="Podatelna")
    sent_folder = models.CharField(max_length=500, blank=True, default="")  # "": no copy there
    poll_seconds = models.PositiveIntegerField(default=60)
    watch_sent = models.BooleanField(default=False, db_default=False)  # of a private one: see personal.py
    # Names under which one's own mail server writes down what it found (see trusted.py), with blanks between.
    trusted_servers = models.CharField(max_length=1000, blank=True, default="")

    smtp_host = models.CharField(max_length=255)
    smtp_port = models.PositiveIntegerField(default=465)
    smtp_security = models.CharField(max_length=8, choices=Security.choices, default=Security.TLS)
    smtp_login = models.CharField(max_length=320, blank=True, default="")  # "": no sign-in
    smtp_sealed = models.BinaryField(default=bytes)
    smtp_authentication = models.CharField(
        max_length=8, choices=Authentication.choices, default=Authentication.PASSWORD, db_default="password"
    )
    smtp_certificate_expires_at = models.DateTimeField(null=True, blank=True)
    redials = models.PositiveIntegerField(default=0, db_default=0)  # counts up when certificates or tokens are replaced
    own_addresses = models.BooleanField(default=False)  # may the team send from their own addresses through it
    # Messages that may go out through it within an hour; 0: as many as there are.
    hourly_limit = models.PositiveIntegerField(default=0, db_default=0)

    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    failures = models.PositiveIntegerField(default=0)  # in a row
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")  # a code of protocols/errors.py with its details, JSON
    last_error_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["address", "pk"]

    def __str__(self) -> str:
        return self.address

    @property
    def certificate_expires_at(self) -> datetime | None:
        """When the first of its servers' certificates runs out, as last seen; None where none was seen."""
        seen = (self.imap_certificate_expires_at, self.smtp_certificate_expires_at)
        return min((at for at in seen if at), default=None)

    def set_imap_password(self, password: str) -> None:
        """Encrypt and keep; the caller saves."""
        self.imap_sealed = vault.seal(password, vault.read_or_make_key(settings.KEY_FILE), "gateway:imap")

    def imap_password(self) -> str:
        """The password in clear. Raises vault.Unreadable."""
        return vault.unseal(bytes(self.imap_sealed), vault.read_or_make_key(settings.KEY_FILE), "gateway:imap")

    def set_smtp_password(self, password: str) -> None:
        """Encrypt and keep; the caller saves."""
        self.smtp_sealed = vault.seal(password, vault.read_or_make_key(settings.KEY_FILE), "gateway:smtp")

    def smtp_password(self) -> str:
        """The password in clear; "" where none is needed. Raises vault.Unreadable."""
        if not self.smtp_sealed:
            return ""
        return vault.unseal(bytes(self.smtp_sealed), vault.read_or_make_key(settings.KEY_FILE), "gateway:smtp")


class Folder(models.Model):
    """A mailbox folder under one UIDVALIDITY (RFC 3501 2.3.1.1): UIDs mean something only together with it."""

    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="folders")
    name = models.CharField(max_length=500)
    uidvalidity = models.BigIntegerField()
    first_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "name", "uidvalidity"], name="folder_once")]


class LedgerEntry(models.Model):
    """One UID that stood in a folder, and how it ended."""

    class End(models.TextChoices):
        ARCHIVED = "archived"
        DUPLICATE = "duplicate"  # these very bytes had come through this gateway before (moved back by hand)
        FAILED = "failed"  # could not be fetched: `reason` says why, it is tried again

    class Move(models.TextChoices):
        PENDING = "pending"
        MOVED = "moved"
        MARKED = "marked"  # the server can neither MOVE nor UID EXPUNGE: a keyword says that it was taken
        GONE = "gone"  # somebody else had moved or removed it before we did

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="entries")
    uid = models.BigIntegerField()
    end = models.CharField(max_length=10, choices=End.choices)
    move = models.CharField(max_length=8, choices=Move.choices, default=Move.PENDING)
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, related_name="ledger_entries")
    reason = models.TextField(blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "uid"], name="ledger_uid_once")]
        indexes = [models.Index(fields=["folder", "move"])]


from .alarm_models import Alarm, AlarmNotice, AlarmRoute  # noqa: E402, F401  # tables of this app
from .signing_models import DkimKey  # noqa: E402, F401
from .sign_in_models import Authority, ClientCertificate, Consent, SignIn, SignInProvider  # noqa: E402, F401
