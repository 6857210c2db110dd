"""What the worker's loops do, one step each, with the world's transports and clock handed in."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import connections
from django.utils import timezone

from podatelna import pipeline
from podatelna.archive import extraction, sweeping, verdicts
from podatelna.archive.intake import accept
from podatelna.archive.models import Delivery
from podatelna.archive.search import building, layout, marks
from podatelna.desk import absence, automatic_answers, changes, notices, personal, presence, sent, targets, tasks
from podatelna.desk.rules import calls, incoming
from podatelna.extractor.process import Helper
from podatelna.gateways import tokens, transcript
from podatelna.gateways.alarm_models import AlarmRoute
from podatelna.gateways.fetch import run_gateways
from podatelna.gateways.sent import append_sent
from podatelna.gateways.trusted import trusted_servers
from podatelna.mail.resolver import Resolver, table_resolver
from podatelna.mailserver import directory
from podatelna.outbox.copies import copy_due as copy_sent
from podatelna.outbox.delivery import deliver_due, due_gateways
from podatelna.outbox.side_by_side import SideBySide
from podatelna.protocols import smtp, webhooks
from podatelna.protocols.dns import Dns
from podatelna.watch import beats

log = logging.getLogger(__name__)

_IDLE_SECONDS = 1.0
_TIDY_SECONDS = 60.0
_SHORT_PAUSE = 0.02  # lets whoever else wants to write go first
_ATTACHMENTS_AT_ONCE = 10  # messages: then it is looked again whether newer ones came
_HELPER_KEPT_SECONDS = 60.0
_JUDGED_AT_ONCE = 50
_DIRECTORY_SECONDS = 2.0
_SWEEP_SECONDS = 600.0
_TARGET_SECONDS = 15.0
_BEAT_SECONDS = 15.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0


_helper = Helper()


def fetch(stop: threading.Event, arrived: threading.Event) -> None:
    """Work every gateway until `stop`; `arrived` is set whenever mail has become durable."""
    keep_doing("gateways", lambda: _run_gateways(stop, arrived), stop)


def _run_gateways(stop: threading.Event, arrived: threading.Event) -> float:
    run_gateways(accept=accept, now=timezone.now, stop=stop, arrived=arrived.set, answering=personal.answering)
    return 0.0


def process_due() -> float:
    """Take a group of deliveries through the pipeline; how many seconds to wait before the next."""
    return 0.0 if pipeline.receive_due(timezone.now()) else _IDLE_SECONDS


def send_due() -> float:
    """Have what is due sent, through all gateways at once."""
    _sending.begin(due_gateways(timezone.now(), sent.in_turn))
    return _IDLE_SECONDS


def end_sending(seconds: float) -> None:
    """Wait at most so long for what is being sent; nothing else is begun."""
    _sending.end(seconds)


def _send_through(gateway: int) -> int:
    return deliver_due(
        transport=smtp.deliver,
        now=timezone.now,
        archive=sent.file_sent,
        announce=sent.announce,
        in_turn=lambda rows: sent.in_turn(rows).filter(gateway=gateway),
        limit=1,
    )


_sending = SideBySide(_send_through)


def answer_due() -> float:
    """Give the automatic answers that processes give."""
    automatic_answers.answer_due(timezone.now())
    return _IDLE_SECONDS


def apply_rules() -> float:
    """Apply rules that have waited for a verdict, and post the webhooks that rules have called for."""
    now = timezone.now()
    incoming.apply_due(now)
    calls.call_due(now, webhooks.post, lambda: AlarmRoute.current().webhook_secret())
    return _IDLE_SECONDS


def copy_due() -> float:
    """Put sent messages into the mailboxes' own Sent folders."""
    copy_sent(append=append_sent, now=timezone.now, announce=sent.announce)
    return _IDLE_SECONDS


def renew_tokens() -> float:
    """Renew what gateways sign in with before it ends; one that is dead is found though nothing is dialled."""
    tokens.renew_due(timezone.now)
    return _TIDY_SECONDS


def judge_due() -> float:
    """Find out whether what has come is from whom it says. Each time with answers of DNS that are not older."""
    judged = verdicts.judge_due(
        timezone.now(), _resolver(), _JUDGED_AT_ONCE, trusted=trusted_servers, announce=_announce_verdict
    )
    return 0.0 if judged == _JUDGED_AT_ONCE else _IDLE_SECONDS


def _resolver() -> Resolver:
    if not settings.DEMO:
        return Dns()
    from .demo.records import records

    return table_resolver(records())


def _announce_verdict(delivery: Delivery) -> None:
    changes.message_touched(delivery.message_id, timezone.now())


def read_attachments() -> float:
    """Read the text inside attachments, so that it is found; the process that does it is kept while there are any."""
    if extraction.extract_due(timezone.now(), _ATTACHMENTS_AT_ONCE, helper=_helper):
        return 0.0
    _helper.close_idle(_HELPER_KEPT_SECONDS)
    return _IDLE_SECONDS


def sweep() -> float:
    """Drop what is only of the moment, who looked at what, what changed; and what nobody holds in the blob store."""
    now = timezone.now()
    presence.sweep(now)
    changes.sweep(now)
    notices.sweep(now)
    transcript.sweep(now)
    extraction.forget_unheld(now)
    sweeping.sweep(now)
    return _SWEEP_SECONDS


def remind() -> float:
    """Tell people of their tasks whose day has come."""
    tasks.remind(timezone.now())
    return _SWEEP_SECONDS


def attend_absences() -> float:
    """Begin and end absences, and show substitutes what is theirs to see."""
    absence.attend(timezone.now())
    return _TIDY_SECONDS


def tell_of_targets() -> float:
    """Tell people what will soon be late, and what is."""
    return 0.0 if targets.tell_due(timezone.now()) else _TARGET_SECONDS


def tend_index() -> float:
    """Bring the search index one step on: scopes that changed, and what a new index still lacks."""
    worked = bool(marks.complete()) | building.step()
    return _SHORT_PAUSE if worked else _IDLE_SECONDS


def tidy_index() -> float:
    """Merge what the search index has gathered in pieces."""
    return _SHORT_PAUSE if layout.tidy() else _TIDY_SECONDS


def write_directory() -> float:
    """Give a mail server of our own the domains and mailboxes that changed."""
    if settings.MAILSERVER is None:
        return _TIDY_SECONDS
    directory.write_due(settings.MAILSERVER, timezone.now())
    return _DIRECTORY_SECONDS


def beat() -> float:
    """Leave a sign of life."""
    beats.beat(timezone.now())
    return _BEAT_SECONDS


def keep_doing(
    name: str, step: Callable[[], float], stop: threading.Event, sooner: threading.Event | None = None
) -> None:
    """Call `step` until `stop`, with as many seconds between as it returns; `sooner` ends a wait early.

    A step that raises is logged and called again, after a pause that doubles up to a minute.
    """
    failures = 0
    while not stop.is_set():
        if sooner is not None:
            sooner.clear()
        try:
            pause = step()
            failures = 0
        except Exception as error:  # logged; the loop must outlive a database that is away and a bug in one step
            failures += 1
            beats.note_failure(error)
            pause = min(_FIRST_PAUSE_SECONDS * 2 ** (failures - 1), _LONGEST_PAUSE_SECONDS)
            log.exception("%s: trying again in %.0f s", name, pause)
            connections.close_all()
        _wait(pause, stop, sooner if not failures else None)
    connections.close_all()


def _wait(seconds: float, stop: threading.Event, sooner: threading.Event | None) -> None:
    if sooner is None:
        stop.wait(seconds)
    elif seconds > 0:
        # `stop` is looked at when the wait is over: it is at most a second.
        sooner.wait(seconds)
