"""Targets in words: what is late and by how much, and what is due soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from podatelna.desk import targets
from podatelna.desk.models import Conversation
from podatelna.desk.process_models import Target
from podatelna.web.templatetags.podatelna import in_words


@dataclass(frozen=True)
class ShownClock:
    """A target as rows and the pane show it."""

    words: str
    due_at: datetime
    late: bool


def shown(clock: targets.Clock, now: datetime) -> ShownClock:
    """`clock` in words, as seen at `now`."""
    return ShownClock(_words(clock, now), clock.due_at, clock.late)


def clock_of(conversation: Conversation, now: datetime) -> ShownClock | None:
    """What is late or due soon in `conversation`; None when nothing is."""
    clock = targets.clocks([conversation.pk], now).get(conversation.pk)
    return shown(clock, now) if clock is not None else None


@dataclass(frozen=True)
class TargetLine:
    """A target in the panel beside the conversation: what, when it is or was due or met, and how it stands."""

    words: str
    at: datetime
    late: bool
    met: bool


def target_lines(conversation: Conversation, now: datetime) -> list[TargetLine]:
    """The targets of `conversation`, what is due first above."""
    is_open = conversation.status == Conversation.Status.OPEN
    return [_line(row, is_open, now) for row in targets.of(conversation)]


def _line(row: Target, is_open: bool, now: datetime) -> TargetLine:
    answer = row.kind == Target.Kind.ANSWER
    if row.met_at is None:
        words = _("First answer due") if answer else _("To be closed by")
        return TargetLine(words, row.due_at, is_open and row.due_at <= now, met=False)
    words = _("First answer given") if answer else _("Closed")
    return TargetLine(words, row.met_at, row.met_at > row.due_at, row.met_at <= row.due_at)


def _words(clock: targets.Clock, now: datetime) -> str:
    answer = clock.kind == targets.Kind.ANSWER
    if clock.late:
        known = {"span": span_words(now - clock.due_at)}
        return (_("Answer %(span)s late") if answer else _("Resolution %(span)s late")) % known
    due, seen = timezone.localtime(clock.due_at), timezone.localtime(now)
    known = {"time": in_words(due, seen, long=due.date() != seen.date())}
    return (_("Answer by %(time)s") if answer else _("Resolve by %(time)s")) % known


def span_words(span: timedelta) -> str:
    """How long, to the largest unit that is whole: "25 min", "3 h", "2 days"."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes < 60:
        return _("%(count)d min") % {"count": max(minutes, 1)}
    if minutes < 24 * 60:
        return _("%(count)d h") % {"count": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
