"""What stands in a folder when it is connected: everything, since a day, or none of it; and more of it later."""

from __future__ import annotations

import datetime

import pytest

from podatelna.archive.models import Delivery
from podatelna.archive.store import original
from podatelna.gateways import backlog, cycle
from podatelna.gateways.cycle import Looked
from podatelna.gateways.models import Count, Folder, Gateway, LedgerEntry
from podatelna.protocols.imap import ImapServer, connect
from tests.cast import Clock, a_mail
from tests.servers import Box, Dovecot

from .boxes import Killed, Tripwire, a_box, entries, gateway_to, take_in

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db]

MARCH, APRIL = (
    datetime.datetime(2026, 3, 10, 9, tzinfo=datetime.UTC),
    datetime.datetime(2026, 4, 29, 9, tzinfo=datetime.UTC),
)


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return a_box(dovecot)


def put(box: Box, at: datetime.datetime, *raws: bytes, folder: str = "INBOX") -> None:
    """Store messages that the mailbox got at a time of the past."""
    with box.session() as client:
        for raw in raws:
            client.append(folder, raw, msg_time=at)


def counted(gateway: Gateway) -> tuple[int, int, int]:
    """Of the last count: on the server, in the ledger, the gap."""
    found = Count.objects.filter(folder__gateway=gateway)[0]
    return found.on_server, found.in_ledger, found.gap


def test_only_new_leaves_what_stands_there_and_accounts_for_it(box: Box, clock: Clock) -> None:
    put(box, MARCH, a_mail("old"), a_mail("older"))
    gateway = gateway_to(box, history="new")
    assert take_in(gateway, clock) == Looked()
    box.put(a_mail("new"))
    assert take_in(gateway, clock) == Looked(new=1)
    assert entries(gateway) == [(1, "left", "stays"), (2, "left", "stays"), (3, "archived", "moved")]
    assert [message.uid for message in box.messages()] == [1, 2]
    assert counted(gateway) == (2, 2, 0)


def test_since_a_day_takes_what_the_mailbox_got_from_then_on(box: Box, clock: Clock) -> None:
    put(box, MARCH, a_mail("March"))
    put(box, APRIL, a_mail("April"))
    put(box, MARCH, a_mail("moved here from March"))
    gateway = gateway_to(box, history="since", history_since=datetime.date(2026, 4, 1))
    assert take_in(gateway, clock) == Looked(new=1)
    assert entries(gateway) == [(1, "left", "stays"), (2, "archived", "moved"), (3, "left", "stays")]
    assert counted(gateway) == (2, 2, 0)


def test_mail_that_comes_later_is_taken_however_old_it_is(box: Box, clock: Clock) -> None:
    gateway = gateway_to(box, history="new")
    take_in(gateway, clock)
    put(box, MARCH, a_mail("dragged here from another folder"))
    assert take_in(gateway, clock) == Looked(new=1)


def test_more_of_the_history_can_be_taken_later(box: Box, clock: Clock) -> None:
    put(box, MARCH, a_mail("March"))
    put(box, APRIL, a_mail("April"))
    gateway = gateway_to(box, history="new")
    take_in(gateway, clock)
    Gateway.objects.update(history="since", history_since=datetime.date(2026, 4, 1))
    gateway.refresh_from_db()
    assert take_in(gateway, clock) == Looked(new=1)
    assert entries(gateway) == [(1, "left", "stays"), (2, "archived", "moved")]
    Gateway.objects.update(history="everything")
    gateway.refresh_from_db()
    assert take_in(gateway, clock) == Looked(new=1)
    assert entries(gateway) == [(1, "archived", "moved"), (2, "archived", "moved")]
    assert box.messages() == []


def test_a_narrower_choice_takes_nothing_back(box: Box, clock: Clock) -> None:
    put(box, MARCH, a_mail("March"))
    gateway = gateway_to(box)
    take_in(gateway, clock)
    Gateway.objects.update(history="new")
    gateway.refresh_from_db()
    take_in(gateway, clock)
    assert entries(gateway) == [(1, "archived", "moved")]


def test_in_a_folder_made_anew_what_came_since_it_was_connected_is_no_history(box: Box, clock: Clock) -> None:
    with box.session() as client:
        client.create_folder("Předat")
    put(box, MARCH, a_mail("old"), folder="Předat")
    gateway = gateway_to(box, folder="Předat", history="new")
    take_in(gateway, clock)
    with box.session() as client:
        client.delete_folder("Předat")
        client.create_folder("Předat")
    clock.forward(days=10)
    put(box, MARCH, a_mail("old"), folder="Předat")
    put(box, clock.now, a_mail("came in between"), folder="Předat")
    assert take_in(gateway, clock) == Looked(new=1)
    assert entries(gateway)[1:] == [(1, "left", "stays"), (2, "archived", "moved")]


def test_what_was_old_when_the_mailbox_was_connected_is_history(box: Box, clock: Clock) -> None:
    put(box, MARCH, a_mail("March"))
    put(box, APRIL, a_mail("April"))
    gateway = gateway_to(box, history_closed_days=14)
    take_in(gateway, clock)
    clock.forward(days=60)
    put(box, MARCH, a_mail("put there later"))
    take_in(gateway, clock)
    assert list(LedgerEntry.objects.order_by("uid").values_list("past", flat=True)) == [True, None, None]
    assert [entry.stood_at for entry in LedgerEntry.objects.order_by("uid")] == [MARCH, APRIL, MARCH]


def test_everything_of_a_gateway_from_before_the_choice_is_new(box: Box, clock: Clock) -> None:
    put(box, MARCH, a_mail("March"))
    gateway = gateway_to(box, history_closed_days=14)
    with box.session() as client:
        uidvalidity = client.select_folder("INBOX")[b"UIDVALIDITY"]
    Folder.objects.create(gateway=gateway, name="INBOX", uidvalidity=uidvalidity)
    take_in(gateway, clock)
    assert LedgerEntry.objects.get().past is None


# --- a large folder


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a handful of messages were thousands."""
    monkeypatch.setattr(cycle, "_WINDOW", 4)
    monkeypatch.setattr(backlog, "_LARGE", 4)


def numbers() -> list[int]:
    """The numbers in the subjects of what is archived, batch by batch as it was taken."""
    return [int(original(row).split(b"Number ")[1].split()[0]) for row in Delivery.objects.order_by("pk")]


@pytest.mark.usefixtures("small_steps")
def test_the_newest_come_first(box: Box, clock: Clock) -> None:
    box.put(*(a_mail(f"Number {number}") for number in range(1, 11)))
    take_in(gateway_to(box), clock)
    assert [set(numbers()[:4]), set(numbers()[4:8]), set(numbers()[8:])] == [{7, 8, 9, 10}, {3, 4, 5, 6}, {1, 2}]


@pytest.mark.usefixtures("small_steps")
def test_what_comes_meanwhile_goes_before_what_is_older(box: Box, clock: Clock) -> None:
    class Busy(Tripwire):
        sizes_asked = 0

        def sizes(self, uids: list[int]) -> dict[int, int]:
            if self.sizes_asked == 0:
                box.put(a_mail("Number 11"))
            self.sizes_asked += 1
            return self._mailbox.sizes(uids)  # type: ignore[no-any-return]

    box.put(*(a_mail(f"Number {number}") for number in range(1, 11)))
    gateway = gateway_to(box)
    looked = take_in(gateway, clock, connect=lambda server: Busy(connect(server), "", after=False))
    assert looked == Looked(new=11)
    assert [set(numbers()[:4]), numbers()[4], set(numbers()[5:9])] == [{7, 8, 9, 10}, 11, {3, 4, 5, 6}]
    box.server.listen_to(box.user)
    assert take_in(gateway, clock) == Looked()
    assert "SEARCH" not in box.server.spoken(box.user)


@pytest.mark.usefixtures("small_steps")
def test_killed_it_goes_on_where_it_was_and_says_how_far_it_is(box: Box, clock: Clock) -> None:
    class Dying(Tripwire):
        lives = 2

        def fetch(self, uids: list[int]) -> object:
            self.lives -= 1
            if self.lives < 0:
                raise Killed
            clock.forward(seconds=2)
            return self._mailbox.fetch(uids)

    def dying(server: ImapServer) -> Dying:
        return Dying(connect(server), "", after=False)

    box.put(*(a_mail(f"Number {number}") for number in range(1, 15)))
    gateway = gateway_to(box)
    with pytest.raises(Killed):
        take_in(gateway, clock, connect=dying)
    folder = Folder.objects.get()
    assert (folder.backlog, folder.backlog_left, folder.backlog_rate) == (14, 6, 2.0)
    assert backlog.time_left(folder) == datetime.timedelta(seconds=3)
    assert take_in(gateway, clock) == Looked(new=6)
    assert Folder.objects.get().backlog_left == 0
    assert sorted(numbers()) == list(range(1, 15))
    assert box.messages() == []


def test_a_few_messages_are_no_backlog(box: Box, clock: Clock) -> None:
    box.put(*(a_mail() for _ in range(3)))
    take_in(gateway_to(box), clock)
    assert Folder.objects.get().backlog == 0
