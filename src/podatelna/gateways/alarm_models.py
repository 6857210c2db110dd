"""Alarms, where they are told, and each telling of one, as tables."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from podatelna import vault
from podatelna.accounts.models import Person
from podatelna.claims import Claimable


class Alarm(models.Model):
    """Something that an administrator must know of, from when it was found until it is over. See alarms.py."""

    kind = models.CharField(max_length=32)  # of alarms.KINDS
    subject = models.CharField(max_length=200)  # what it is about: "gateway 7", "data folder", …
    gateway = models.ForeignKey("gateways.Gateway", models.SET_NULL, null=True, related_name="alarms")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")  # is told too: whose mailbox it is
    details = models.JSONField(default=dict)  # numbers, names of folders and servers; never a secret, never mail
    raised_at = models.DateTimeField(default=timezone.now)
    well_since = models.DateTimeField(null=True)  # it looks over, but has to stay so for a while
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")  # null: it ended by itself
    told_at = models.DateTimeField(null=True)  # null: it has not stood long enough to be told
    end_told_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Alarm]] = models.Manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(ended_at__isnull=True), name="alarm_open_once"
            )
        ]
        indexes = [models.Index(fields=["ended_at", "raised_at"], name="alarm_by_end")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"


class AlarmRoute(models.Model):
    """Where alarms are told; its one row is made when somebody changes it."""

    mail = models.BooleanField(default=True)  # to every administrator
    also_to = models.TextField(blank=True, default="")  # further addresses, one a line
    gateway = models.ForeignKey(
        "gateways.Gateway", models.SET_NULL, null=True, related_name="+"
    )  # null: any that works
    webhook_url = models.CharField(max_length=500, blank=True, default="")  # "": none
    webhook_sealed = models.BinaryField(default=bytes)  # the secret that signs what is posted
    webhook_internal = models.BooleanField(default=False)  # may it be a host of the company's own network

    @classmethod
    def current(cls) -> AlarmRoute:
        """The row, or what holds without one."""
        return cls.objects.order_by("pk").first() or cls()

    def set_webhook_secret(self, secret: str) -> None:
        """Encrypt and keep; the caller saves."""
        self.webhook_sealed = vault.seal(secret, vault.read_or_make_key(settings.KEY_FILE), "alarm:webhook")

    def webhook_secret(self) -> str:
        """The secret in clear; "" where there is none. Raises vault.Unreadable."""
        if not self.webhook_sealed:
            return ""
        return vault.unseal(bytes(self.webhook_sealed), vault.read_or_make_key(settings.KEY_FILE), "alarm:webhook")


class AlarmNotice(Claimable):
    """One telling of an alarm, by one way, due until it is done. Without an alarm it is somebody's test."""

    class What(models.TextChoices):
        BEGUN = "begun"
        OVER = "over"
        TEST = "test"

    class Way(models.TextChoices):
        MAIL = "mail"
        WEBHOOK = "webhook"

    alarm = models.ForeignKey(Alarm, models.CASCADE, null=True, related_name="notices")
    what = models.CharField(max_length=8, choices=What.choices)
    way = models.CharField(max_length=8, choices=Way.choices)
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")  # why the last attempt did not work

    objects: ClassVar[models.Manager[AlarmNotice]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["alarm", "what", "way"], condition=models.Q(alarm__isnull=False), name="alarm_told_once"
            )
        ]
