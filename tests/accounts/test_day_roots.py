"""The root of each day: what it covers, that it is time-stamped, and that a server that is away is asked again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from podatelna.accounts import day_roots, sealing
from podatelna.accounts.audit import record
from podatelna.accounts.models import AuditEntry, DayRoot
from podatelna.accounts.tree import root
from podatelna.protocols import timestamps
from tests.cast import NOON, Clock
from tests.tsa import Authority, serving

pytestmark = pytest.mark.django_db
TOMORROW = NOON + timedelta(days=1)


def an_act(at: datetime = NOON) -> AuditEntry:
    entry = record(None, "act", "thing")
    AuditEntry.objects.filter(pk=entry.pk).update(at=at)
    return entry


def test_a_day_gets_its_root_when_it_has_ended() -> None:
    an_act()
    sealing.seal_acts(NOON)
    day = day_roots.close_day(TOMORROW, stamp=False)
    assert day is not None
    assert (day.date, day.size) == (date(2026, 5, 4), 2)
    assert bytes(day.root) == root(sealing.stored_subtrees(), 2)
    assert day_roots.close_day(TOMORROW, stamp=False) is None, "once"


def test_the_statement_names_the_log_the_day_and_the_root() -> None:
    an_act()
    sealing.seal_acts(NOON)
    day = day_roots.close_day(TOMORROW, stamp=False)
    assert day is not None
    said = json.loads(day_roots.statement(DayRoot.objects.get()))
    assert said["date"] == "2026-05-04"
    assert said["root"] == bytes(day.root).hex()
    assert said["log"] == sealing.log_name() != ""
    assert day_roots.statement(DayRoot.objects.get()) == day_roots.statement(day)


def test_no_root_while_something_of_the_day_waits() -> None:
    an_act()
    sealing.seal_acts(NOON)
    an_act(NOON + timedelta(hours=1))
    assert day_roots.close_day(TOMORROW, stamp=False) is None
    an_act(TOMORROW)
    sealing.seal_acts(TOMORROW, limit=1)
    assert day_roots.close_day(TOMORROW, stamp=False) is not None, "what came after midnight may wait"


def test_the_root_of_a_quiet_day_is_made_too() -> None:
    an_act()
    sealing.seal_acts(NOON)
    day_roots.close_day(TOMORROW, stamp=False)
    day = day_roots.close_day(TOMORROW + timedelta(days=1), stamp=False)
    assert day is not None
    assert day.size == 2


@pytest.fixture
def stamped_day() -> DayRoot:
    an_act()
    sealing.seal_acts(NOON)
    day = day_roots.close_day(TOMORROW, stamp=True)
    assert day is not None
    return day


def test_a_root_is_time_stamped_and_the_token_kept(stamped_day: DayRoot, tmp_path: Path) -> None:
    with serving(Authority(tmp_path).make()) as tsa:
        roots = timestamps.read_certificates(tsa.certificates)
        ask = lambda data: timestamps.ask(tsa.url, data, roots)  # noqa: E731
        assert day_roots.stamp_due(Clock(TOMORROW), tsa.url, ask) == 1
        assert day_roots.stamp_due(Clock(TOMORROW), tsa.url, ask) == 0
    day = DayRoot.objects.get()
    assert timestamps.check(bytes(day.token or b""), day_roots.statement(day), roots) == day.stamped_at
    assert day.server == tsa.url


def test_a_server_that_is_away_is_asked_again_later_and_later(stamped_day: DayRoot) -> None:
    def away(data: bytes) -> tuple[bytes, datetime]:
        raise day_roots.NotStamped("the server could not be asked")

    clock, pauses = Clock(TOMORROW), []
    for _ in range(12):
        assert day_roots.stamp_due(clock, "https://tsa", away) == 0
        day = DayRoot.objects.get()
        assert day.error == "the server could not be asked"
        assert day.due_at is not None
        pauses.append(day.due_at - clock.now)
        clock.now = day.due_at
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)
    assert day_roots.stamp_due(clock, "https://tsa", lambda data: (b"token", datetime(2026, 5, 6, tzinfo=UTC))) == 1
    assert DayRoot.objects.get().error == ""


def test_roots_from_before_a_server_was_set_can_be_stamped_later() -> None:
    an_act()
    sealing.seal_acts(NOON)
    day_roots.close_day(TOMORROW, stamp=False)
    assert day_roots.want_stamps(TOMORROW) == 1
    assert day_roots.stamp_due(Clock(TOMORROW), "https://tsa", lambda data: (b"token", TOMORROW)) == 1
