"""Once a day the server is counted against the ledger, and what is missing is said and alarms until it is there."""

from __future__ import annotations

import pytest

from podatelna.gateways import reconciliation
from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.models import Count, Folder, Gateway, LedgerEntry
from podatelna.protocols import errors
from podatelna.protocols.imap import ImapServer, connect
from podatelna.protocols.imap_session import Status
from tests.cast import Clock, a_mail
from tests.servers import Box, Dovecot

from .boxes import Tripwire, a_box, entries, gateway_to, take_in

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db]


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return a_box(dovecot)


def last() -> Count:
    return Count.objects.all()[0]


def alarms() -> list[bool]:
    """Of each alarm about a gap whether it still stands."""
    found = Alarm.objects.filter(kind="ledger-gap").order_by("pk")
    return [ended is None for ended in found.values_list("ended_at", flat=True)]


def test_a_folder_is_counted_once_a_day(box: Box, clock: Clock) -> None:
    box.put(a_mail(), a_mail())
    gateway = gateway_to(box)
    take_in(gateway, clock)
    box.put(a_mail())
    take_in(gateway, clock)
    assert Count.objects.count() == 1
    clock.forward(days=1)
    box.put(a_mail())
    take_in(gateway, clock)
    assert [(count.moved, count.arrived) for count in Count.objects.order_by("day")] == [(2, 2), (2, 2)]
    assert (last().entries, last().on_server, last().in_ledger, last().gap) == (4, 0, 0, 0)
    assert alarms() == []


def test_the_sums_are_equal_where_nothing_can_be_moved(dovecot_without_anything: Dovecot, clock: Clock) -> None:
    box = a_box(dovecot_without_anything)
    box.put(*(a_mail() for _ in range(5)))
    gateway = gateway_to(box)
    take_in(gateway, clock)
    with box.session() as client:
        client.select_folder("INBOX")
        client.delete_messages([2, 4])
        client.expunge()
    clock.forward(days=1)
    take_in(gateway, clock)
    assert (last().on_server, last().in_ledger, last().entries, last().gap) == (3, 3, 5, 0)
    assert [move for _, _, move in entries(gateway)] == ["marked", "gone", "marked", "gone", "marked"]


class Hiding(Tripwire):
    """A server that leaves a message out when it is asked what is there, but for the count."""

    asked = 0

    def uids(self, exists: int) -> list[int]:
        self.asked += 1
        found: list[int] = self._mailbox.uids(exists)
        return [uid for uid in found if uid != 2 or self.asked > 1]


def hiding(server: ImapServer) -> Hiding:
    return Hiding(connect(server), "", after=False)


def test_a_message_without_an_entry_is_a_gap_until_it_is_fetched(box: Box, clock: Clock) -> None:
    box.put(a_mail("one"), a_mail("two"), a_mail("three"))
    gateway = gateway_to(box)
    take_in(gateway, clock, connect=hiding)
    assert (last().on_server, last().unknown, last().gap) == (1, 1, 1)
    assert alarms() == [True]
    alarm = Alarm.objects.get()
    assert (alarm.gateway, alarm.details["unknown"]) == (gateway, 1)
    reconciliation.ask_count(gateway, clock.now)
    take_in(gateway, clock)
    assert last().gap == 0
    assert alarms() == [False]
    assert [end for _, end, _ in entries(gateway)] == ["archived"] * 3


class Swallowing(Tripwire):
    """A server that says it moved messages and loses them."""

    def move(self, uids: list[int], to: str) -> None:
        self._mailbox.expunge(uids)


def swallowing(server: ImapServer) -> Swallowing:
    return Swallowing(connect(server), "", after=False)


def test_what_never_got_to_the_processed_folder_is_a_gap_that_stays(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box)
    take_in(gateway, clock)
    box.put(a_mail(), a_mail())
    take_in(gateway, clock, connect=swallowing)
    for _ in range(3):
        clock.forward(days=1)
        box.put(a_mail())
        take_in(gateway, clock)
        assert (last().unarrived, last().gap) == (2, 2)
    assert alarms() == [True]


def test_people_may_take_mail_from_the_processed_folder(box: Box, clock: Clock) -> None:
    box.put(a_mail(), a_mail())
    gateway = gateway_to(box)
    take_in(gateway, clock)
    with box.session() as client:
        client.select_folder("Podatelna")
        client.delete_messages([1, 2])
        client.expunge()
    clock.forward(days=1)
    box.put(a_mail())
    take_in(gateway, clock)
    assert (last().moved, last().arrived, last().gap) == (1, 1, 0)


def test_a_gap_that_somebody_has_accepted_is_over_and_a_new_one_is_found(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box)
    take_in(gateway, clock)
    box.put(a_mail(), a_mail())
    take_in(gateway, clock, connect=swallowing)
    clock.forward(days=1)
    take_in(gateway, clock)
    assert alarms() == [True]
    settled = reconciliation.accept_gap(Folder.objects.get(), clock.now)
    assert settled is not None
    assert settled.unarrived == 2
    clock.forward(days=1)
    take_in(gateway, clock)
    assert (last().gap, alarms()) == (0, [False])
    box.put(a_mail())
    take_in(gateway, clock, connect=swallowing)
    clock.forward(days=1)
    take_in(gateway, clock)
    assert (last().gap, alarms()) == (1, [False, True])


def test_entries_that_are_not_there_any_more_are_a_gap(box: Box, clock: Clock) -> None:
    box.put(*(a_mail() for _ in range(4)))
    gateway = gateway_to(box)
    take_in(gateway, clock)
    LedgerEntry.objects.filter(uid__in=(1, 2)).delete()
    for _ in range(2):
        clock.forward(days=1)
        take_in(gateway, clock)
        assert (last().entries, last().lost_entries, last().gap) == (2, 2, 2)
    assert alarms() == [True]


def test_where_the_server_does_not_tell_nothing_is_made_up(box: Box, clock: Clock) -> None:
    class Silent(Tripwire):
        def status(self, name: str) -> Status | None:
            return None

    box.put(a_mail())
    gateway = gateway_to(box)
    take_in(gateway, clock, connect=lambda server: Silent(connect(server), "", after=False))
    assert (last().moved, last().arrived, last().gap) == (1, None, 0)


def test_a_gateway_from_before_counts_from_what_it_finds(box: Box, clock: Clock) -> None:
    box.put(a_mail(), a_mail())
    gateway = gateway_to(box)
    take_in(gateway, clock)
    Count.objects.all().delete()
    Folder.objects.update(processed_uidnext=None, processed_moved=0, uidnext=None, exists=None, connected_at=None)
    take_in(gateway, clock)
    assert (last().moved, last().arrived, last().entries, last().gap) == (0, 0, 2, 0)


def test_when_the_server_will_not_move_it_is_counted_all_the_same(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway: Gateway = gateway_to(box, processed_folder="inbox")
    for _ in range(2):
        with pytest.raises(errors.CannotMove):
            take_in(gateway, clock)
        clock.forward(days=1)
    assert [(count.on_server, count.in_ledger, count.gap) for count in Count.objects.all()] == [(1, 1, 0)] * 2
