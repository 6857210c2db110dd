"""Gateways and their ledger as tables."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from podatelna import vault
from podatelna.accounts.models import Person
from podatelna.archive.models import Origin
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

    class History(models.TextChoices):
        EVERYTHING = "everything"
        SINCE = "since"  # `history_since`, by the server's date
        NEW = "new"  # none of it

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
    # What is fetched of the messages that stand in the folder already when it is connected; see history.py.
    history = models.CharField(
        max_length=10, choices=History.choices, default=History.EVERYTHING, db_default=History.EVERYTHING
    )
    history_since = models.DateField(null=True, blank=True)
    # Of those, messages older than so many days come onto the desk as closed conversations.
    history_closed_days = models.PositiveIntegerField(default=14, db_default=14)
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


from .alarm_models import Alarm, AlarmNotice, AlarmRoute  # noqa: E402, F401  # tables of this app
from .form_models import FormCount, WebForm  # noqa: E402, F401
from .ledger_models import Count as Count  # noqa: E402
from .ledger_models import Folder as Folder  # noqa: E402
from .ledger_models import LedgerEntry as LedgerEntry  # noqa: E402
from .sign_in_models import Authority, ClientCertificate, Consent, SignIn, SignInProvider  # noqa: E402, F401
from .signing_models import DkimKey  # noqa: E402, F401
from .transcript_models import Said, SentMark, Unsaid  # noqa: E402, F401
