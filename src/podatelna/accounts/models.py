"""People, and the scopes that decide what each of them may see."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class PersonManager(BaseUserManager["Person"]):
    """Makes people; e-mail addresses are compared without regard to case."""

    def create_person(self, email: str, name: str, password: str | None = None, **fields: Any) -> Person:
        """A new person; without `password` they can sign in only after a one-time link."""
        person = self.model(email=email.strip().lower(), name=name.strip(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Someone who works here."""

    class Theme(models.TextChoices):
        SYSTEM = "system"
        LIGHT = "light"
        DARK = "dark"

    email = models.EmailField(max_length=254, unique=True)  # lower case
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=8, default="cs")
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")  # IANA; "": the installation's
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    signature = models.TextField(blank=True, default="")
    is_administrator = models.BooleanField(default=False)
    may_export = models.BooleanField(default=False)  # whole searches and correspondences, of what they may see
    is_auditor = models.BooleanField(default=False)  # may open inspections, which are logged; see inspections.py
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[PersonManager] = PersonManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name


class Scope(models.Model):
    """Something one can be let into. What can be seen carries scopes, a person holds scopes."""

    class Kind(models.TextChoices):
        PROCESS = "process"
        CONVERSATION = "conversation"
        DESK = "desk"
        CASE = "case"

    kind = models.CharField(max_length=16, choices=Kind.choices)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Holding(models.Model):
    """A person holds a scope, for a reason ("member", "assigned"); each reason is granted and withdrawn by itself."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="holdings")
    scope = models.ForeignKey(Scope, models.CASCADE, related_name="holdings")
    reason = models.CharField(max_length=32)
    granted_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "scope", "reason"], name="holding_once")]
        indexes = [models.Index(fields=["scope", "person"])]


class Inspection(models.Model):
    """An auditor reads everything for a while and has said why; see inspections.py."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="inspections")
    reason = models.CharField(max_length=500)
    begun_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # before its time, by the auditor

    class Meta:
        indexes = [models.Index(fields=["person", "ends_at"], name="inspection_of_person")]


class OneTimeLink(models.Model):
    """A link that lets its holder set a password once. Only a hash of its secret is kept; see links.py."""

    class Purpose(models.TextChoices):
        SET_UP = "set-up"  # makes the first administrator; `person` is null
        PASSWORD = "password"  # noqa: S105  # `person` chooses a password

    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="links")
    sha256 = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


def new_salt() -> bytes:
    """16 random bytes: nobody can guess what a commitment stands for."""
    return secrets.token_bytes(16)


class AuditEntry(models.Model):
    """One act that must be traceable: a right granted, a gateway changed, an export. Rows are only ever added.

    `position` and `salt`: see sealing.py. The details of a row can be erased (`erased_at`) and nothing else of it.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    act = models.CharField(max_length=64)
    subject = models.CharField(max_length=200)
    details = models.JSONField(default=dict)
    salt = models.BinaryField(max_length=16, null=True, default=new_salt)  # null: with the details erased
    position = models.BigIntegerField(null=True, unique=True)  # in the sealed log; null: it waits to be sealed
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(position__isnull=True), name="audit_unsealed"),
            models.Index(fields=["subject", "id"], name="audit_subject"),
        ]


class LogLeaf(models.Model):
    """One sealed line of the log. `content` is what was hashed, byte for byte; see docs/administration/proof.md."""

    position = models.BigIntegerField(primary_key=True)  # from 0, without a gap
    content = models.TextField()  # canonical JSON, ASCII
    chain = models.BinaryField(max_length=32)  # over this leaf and the chain before it
    sealed_at = models.DateTimeField()


class LogNode(models.Model):
    """The hash of a full subtree of the log, kept for every 256 and 65,536 leaves: a proof needs few of them."""

    level = models.PositiveSmallIntegerField()  # it spans 2**level leaves
    number = models.BigIntegerField()  # of its kind, from the left
    sha256 = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "number"], name="log_node_once")]


class DayRoot(models.Model):
    """The root of the log at the end of a day (UTC), and the time-stamp of a server over it."""

    date = models.DateField(unique=True)
    size = models.BigIntegerField()  # leaves
    root = models.BinaryField(max_length=32)
    chain = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    token = models.BinaryField(null=True)  # RFC 3161 response, DER
    stamped_at = models.DateTimeField(null=True)  # as the server says
    server = models.CharField(max_length=300, blank=True, default="")
    # When to ask the server (again); null: stamped, or no server was set when it was made.
    due_at = models.DateTimeField(null=True, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
