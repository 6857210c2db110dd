"""All gateways at once: each by itself, found again after every failure, leased, changed and ended while running."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from podatelna import claims
from podatelna.archive.intake import accept
from podatelna.archive.models import Delivery
from podatelna.gateways import fetch
from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.fetch import fetch_now, run_gateways
from podatelna.gateways.health import backing_off, last_error
from podatelna.gateways.models import Gateway
from podatelna.protocols import errors
from podatelna.protocols.imap import ImapServer, Mailbox, connect
from podatelna.protocols.imap_answers import Fetched
from podatelna.protocols.imap_session import Selected
from podatelna.protocols.wake import Wake
from tests.cast import a_mail
from tests.servers import Box, Dovecot, free_port, running_dovecot, until

from .boxes import Tripwire, a_box, entries, gateway_to

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return a_box(dovecot)


@contextmanager
def watching(**instead: Any) -> Iterator[threading.Event]:
    """The watch in a thread of its own; gives the event that mail's arrival sets."""
    stop, arrived = threading.Event(), threading.Event()
    settings: dict[str, Any] = {
        "accept": accept,
        "now": timezone.now,
        "stop": stop,
        "arrived": arrived.set,
        "watch_seconds": 0.05,
        "backing_off": lambda error, failures: timedelta(seconds=0.1),
    }
    thread = threading.Thread(target=run_gateways, kwargs={**settings, **instead})
    thread.start()
    try:
        yield arrived
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def state(gateway: Gateway) -> str:
    gateway.refresh_from_db()
    return str(gateway.state)


def code(gateway: Gateway) -> str:
    gateway.refresh_from_db()
    error = last_error(gateway)
    return error[0] if error else ""


def archived(count: int) -> Callable[[], bool]:
    return lambda: Delivery.objects.count() == count


def test_new_mail_is_noticed_by_idle_without_polling(box: Box) -> None:
    gateway = gateway_to(box, poll_seconds=3600)
    with watching() as arrived:
        until(lambda: state(gateway) == "working")
        for number in range(1, 4):
            box.put(a_mail())
            until(archived(number))
        assert arrived.is_set()
        until(lambda: len(box.messages("Podatelna")) == 3)
    assert gateway.failures == 0
    assert gateway.last_success_at is not None


def test_without_idle_it_is_polled(dovecot_without_anything: Dovecot) -> None:
    box = a_box(dovecot_without_anything)
    gateway = gateway_to(box, poll_seconds=1)
    with watching():
        until(lambda: state(gateway) == "working")
        box.put(a_mail())
        until(archived(1))


def test_fetching_now_does_not_wait_for_the_next_poll_and_waits_again(dovecot_without_anything: Dovecot) -> None:
    looks: list[str] = []

    class Counting(Tripwire):
        def select(self, name: str, *, again: bool = False) -> Selected:
            looks.append(name)
            return self._mailbox.select(name, again=again)

    box = a_box(dovecot_without_anything)
    gateway = gateway_to(box, poll_seconds=3600)
    with watching(connect=lambda server: Counting(connect(server), "", after=False)):
        until(lambda: state(gateway) == "working")
        box.put(a_mail())
        fetch_now(gateway, timezone.now())
        until(archived(1))
        time.sleep(0.5)
    assert len(looks) < 8


def test_it_ends_at_once_also_out_of_idle_and_gives_its_leases_back(box: Box) -> None:
    gateway = gateway_to(box, poll_seconds=3600)
    with watching():
        until(lambda: state(gateway) == "working")
        began = time.monotonic()
    assert time.monotonic() - began < 15
    gateway.refresh_from_db()
    assert (gateway.leased_until, gateway.due_at) == (None, None)


def test_it_ends_although_a_server_is_silent(box: Box) -> None:
    asked = threading.Event()

    class Silent(Tripwire):
        def uids(self, exists: int) -> list[int]:
            asked.set()
            self._mailbox.idle(600, Wake())  # an answer that does not come
            return []

    gateway_to(box)
    with watching(connect=lambda server: Silent(connect(server), "", after=False)):
        assert asked.wait(30)
        began = time.monotonic()
    assert time.monotonic() - began < 15


def test_a_server_that_restarts_is_dialled_again_and_nothing_is_lost() -> None:
    with running_dovecot() as server:
        box = a_box(server)
        gateway = gateway_to(box)
        with watching():
            until(lambda: state(gateway) == "working")
            server.stop()
            until(lambda: code(gateway) == "refused")
            assert gateway.state == "failing"
            until(lambda: Gateway.objects.get(pk=gateway.pk).failures >= 3)
            server.start()
            until(lambda: state(gateway) == "working")
            assert gateway.failures == 0
            box.put(a_mail())
            until(archived(1))


def test_one_broken_gateway_does_not_hold_the_others(box: Box, dovecot: Dovecot) -> None:
    broken = gateway_to(a_box(dovecot), imap_port=free_port())
    missing = gateway_to(a_box(dovecot), folder="Nikde")
    wrong = gateway_to(a_box(dovecot))
    wrong.set_imap_password("wrong")
    wrong.save()
    unreadable = gateway_to(a_box(dovecot), imap_sealed=b"\x01nonsense")
    Gateway.objects.filter(pk=unreadable.pk).update(imap_sealed=b"\x01nonsense")
    plain = gateway_to(a_box(dovecot), imap_host="imap.acme.cz")
    working = gateway_to(box)
    with watching():
        box.put(a_mail())
        until(archived(1))
        until(lambda: all(code(gateway) for gateway in (broken, missing, wrong, unreadable, plain)))
        codes = [code(gateway) for gateway in (broken, missing, wrong, unreadable, plain, working)]
    assert codes == ["refused", "folder-missing", "login-refused", "password-unreadable", "plaintext-refused", ""]


def test_a_bug_or_a_database_error_in_one_gateway_is_shown_and_tried_again(box: Box) -> None:
    tries: list[int] = []

    def failing_at_first(batch: Any, **also: Any) -> Any:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("database is locked")
        return accept(batch, **also)

    box.put(a_mail())
    gateway = gateway_to(box)
    with watching(accept=failing_at_first):
        until(archived(1))
        until(lambda: state(gateway) == "working")
    assert last_error(gateway) == ("storage", "database is locked")


def test_a_message_over_which_the_server_hangs_up_costs_itself_only(box: Box) -> None:
    class HangingUp(Tripwire):
        def fetch(self, uids: Sequence[int]) -> dict[int, Fetched]:
            if 2 in uids:
                raise errors.ConnectionLost("EOF")
            return self._mailbox.fetch(uids)

    box.put(*(a_mail(f"Number {number}") for number in range(1, 5)))
    gateway = gateway_to(box)
    with watching(connect=lambda server: HangingUp(connect(server), "", after=False)):
        until(archived(3))
        until(lambda: state(gateway) == "working")
    assert [end for _, end, _ in entries(gateway)] == ["archived", "failed", "archived", "archived"]


def test_where_idle_is_offered_and_refused_it_is_polled(box: Box) -> None:
    class Refusing(Tripwire):
        def idle(self, seconds: float, wake: Wake) -> bool:
            raise errors.ServerSaidNo("IDLE not allowed")

    gateway = gateway_to(box, poll_seconds=1)
    with watching(connect=lambda server: Refusing(connect(server), "", after=False)):
        until(lambda: state(gateway) == "working")
        box.put(a_mail())
        until(archived(1))
    assert gateway.failures == 0


def test_gateways_are_noticed_changed_paused_and_resumed_while_running(box: Box, dovecot: Dovecot) -> None:
    with box.session() as client:
        client.create_folder("Předat")
    with watching():
        gateway = gateway_to(box)
        until(lambda: state(gateway) == "working")
        Gateway.objects.filter(pk=gateway.pk).update(folder="Předat")
        box.put(a_mail("first"), folder="Předat")
        until(archived(1))
        Gateway.objects.filter(pk=gateway.pk).update(state="paused")
        until(lambda: Gateway.objects.get(pk=gateway.pk).leased_until is None)
        assert state(gateway) == "paused"
        box.put(a_mail("second"), folder="Předat")
        time.sleep(0.3)
        assert archived(1)()
        Gateway.objects.filter(pk=gateway.pk).update(state="new")
        until(archived(2))


def test_two_workers_share_and_one_takes_over_from_the_dead(box: Box, dovecot: Dovecot) -> None:
    other = a_box(dovecot)
    first, second = gateway_to(box), gateway_to(other)
    # Held by a worker that is gone: nobody prolongs it.
    Gateway.objects.filter(pk=first.pk).update(leased_until=timezone.now() + timedelta(seconds=1))
    dialled: list[str] = []

    def watched(server: ImapServer) -> Mailbox:
        dialled.append(server.login)
        return connect(server)

    with watching(connect=watched), watching(connect=watched):
        box.put(a_mail())
        other.put(a_mail())
        until(archived(2))
        until(lambda: state(first) == state(second) == "working")
    assert sorted(dialled) == sorted([box.user, other.user])


def test_a_lease_is_prolonged_while_it_works(box: Box) -> None:
    gateway = gateway_to(box, poll_seconds=3600)
    leases = set()

    def prolonged() -> bool:
        leases.add(Gateway.objects.get(pk=gateway.pk).leased_until)
        return len(leases - {None}) > 3

    with watching(hold=timedelta(seconds=3)):
        until(prolonged)


def test_a_worker_that_lost_its_lease_lets_go(box: Box) -> None:
    gateway = gateway_to(box, poll_seconds=3600)
    dialled: list[str] = []

    def watched(server: ImapServer) -> Mailbox:
        dialled.append(server.login)
        return connect(server)

    with watching(hold=timedelta(seconds=0.6), connect=watched):
        until(lambda: state(gateway) == "working")
        taken = timezone.now() + timedelta(hours=1)
        Gateway.objects.filter(pk=gateway.pk).update(leased_until=taken)
        time.sleep(1)
        assert Gateway.objects.get(pk=gateway.pk).leased_until == taken
        assert len(dialled) == 1
        claims.release(Gateway.objects.all())
        until(lambda: len(dialled) == 2)


def test_backing_off_doubles_to_minutes_and_is_slower_for_refused_logins() -> None:
    def delays(error: Exception) -> list[float]:
        return [backing_off(error, failures).total_seconds() for failures in (1, 2, 5, 12, 1000)]

    for delay, expected in zip(delays(errors.Refused()), [1, 2, 16, 300, 300], strict=True):
        assert 0.8 * expected <= delay <= 1.2 * expected
    for delay, expected in zip(delays(errors.LoginRefused()), [120, 240, 1920, 3600, 3600], strict=True):
        assert 0.8 * expected <= delay <= 1.2 * expected


def test_a_folder_that_is_gone_alarms_and_is_found_again_by_itself(box: Box) -> None:
    with box.session() as client:
        client.create_folder("Předat")
    gateway = gateway_to(box, folder="Předat", poll_seconds=1)
    alarms = Alarm.objects.filter(kind="folder-gone")
    with watching():
        until(lambda: state(gateway) == "working")
        with box.session() as client:
            client.rename_folder("Předat", "Jinam")
        until(alarms.filter(ended_at=None, gateway=gateway, details__folder="Předat").exists)
        assert code(gateway) == "folder-missing"
        with box.session() as client:
            client.rename_folder("Jinam", "Předat")
        box.put(a_mail(), folder="Předat")
        until(archived(1))
        until(lambda: alarms.filter(ended_at=None).count() == 0)
    assert "Předat" in box.folders()
    assert alarms.count() == 1


def test_looks_that_find_nothing_are_marked_together(
    dovecot_without_anything: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_WRITE_EVERY", 0.1)
    gateways = [gateway_to(a_box(dovecot_without_anything), poll_seconds=1) for _ in range(2)]
    with watching(hold=timedelta(seconds=0.6)):
        until(lambda: all(state(gateway) == "working" for gateway in gateways))
        before = min(gateway.last_success_at for gateway in gateways if gateway.last_success_at)
        until(lambda: all(row.last_success_at > before for row in Gateway.objects.all() if row.last_success_at))
