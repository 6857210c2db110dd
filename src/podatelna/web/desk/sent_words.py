"""What became of a letter at each addressee, in words: refused at once, late, or come back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from podatelna.outbox.models import Recipient

from .status_words import reply_words, status_words


@dataclass(frozen=True)
class Refused:
    """An addressee that a server would not take it for: why in our words, and the server's."""

    address: str
    why: str
    reply: str


@dataclass(frozen=True)
class ReportedLine:
    """What a delivery report says of an addressee."""

    heading: str
    why: str
    said: str
    at: datetime | None
    failed: bool


def refused_lines(recipients: Iterable[Recipient]) -> list[Refused]:
    """Of `recipients` those that were refused."""
    refused = [one for one in recipients if one.state == Recipient.State.REFUSED]
    return [Refused(one.address, reply_words(one.reply), one.reply) for one in refused]


def reported_lines(recipients: Iterable[Recipient]) -> list[ReportedLine]:
    """Of `recipients` those that a report says it is late for, or will never reach."""
    return [_line(one) for one in recipients if one.reported in ("failed", "delayed")]


def _line(one: Recipient) -> ReportedLine:
    failed = one.reported == "failed"
    said = one.reported_reason
    if one.reported_status and one.reported_status not in said:
        said = f"{said} ({one.reported_status})".strip()
    return ReportedLine(_heading(one), status_words(one.reported_status), said, one.reported_at, failed)


def _heading(one: Recipient) -> str:
    address = {"address": one.address}
    if one.reported == "delayed":
        return _("It has not reached %(address)s yet; the servers go on trying.") % address
    if one.reported_permanent:
        return _("It could not be delivered to %(address)s, and trying again will not help.") % address
    return _("It could not be delivered to %(address)s. Later it may work.") % address
