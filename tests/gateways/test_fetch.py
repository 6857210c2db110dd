"""What stood in the folder is here exactly once, and on the server it is moved and never lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import OperationalError

from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Delivery, Message
from podatelna.archive.store import original
from podatelna.gateways import cycle
from podatelna.gateways.cycle import Looked
from podatelna.gateways.ledger import retry_after
from podatelna.gateways.models import Folder, LedgerEntry
from podatelna.protocols import errors
from podatelna.protocols.imap import ImapServer, Mailbox, connect
from podatelna.protocols.imap_answers import Fetched
from tests.cast import Clock, a_mail
from tests.servers import HOST, SECRET, Box, Dovecot

from .boxes import Killed, Tripwire, a_box, dying_at, entries, gateway_to, take_in

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db]


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return a_box(dovecot)


# --- the ordinary way


def test_mail_is_archived_byte_exact_and_moved_with_its_flags(box: Box, clock: Clock) -> None:
    raw = a_mail("Žluťoučký kůň")
    box.put(raw, flags=("\\Flagged", "$Label1"))
    gateway = gateway_to(box, processed_folder="Vyřízeno")
    assert take_in(gateway, clock) == Looked(new=1)
    [delivery] = Delivery.objects.all()
    assert original(delivery) == raw
    assert delivery.origin_id == gateway.origin_id
    assert box.messages() == []
    [moved] = box.messages("Vyřízeno")
    assert (moved.raw, moved.flags) == (raw, {"\\Flagged", "$Label1"})
    assert entries(gateway) == [(1, "archived", "moved")]


def test_mail_that_others_have_read_is_taken_too(box: Box, clock: Clock) -> None:
    box.put(a_mail(), flags=("\\Seen", "\\Answered", "\\Deleted"))
    assert take_in(gateway_to(box), clock).new == 1


def test_nothing_new_is_nothing_done(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box)
    take_in(gateway, clock)
    box.server.listen_to(box.user)
    assert take_in(gateway, clock) == Looked()
    assert not {"MOVE", "COPY", "STORE", "FETCH", "CREATE"} & set(box.server.spoken(box.user).split())
    assert Delivery.objects.count() == 1


def test_only_the_chosen_folders_are_ever_named(box: Box, clock: Clock) -> None:
    box.put(a_mail("for us"), folder="INBOX")
    with box.session() as client:
        for name in ("Předat", "Soukromé", "Banka"):
            client.create_folder(name)
    box.put(a_mail("private"), folder="Soukromé")
    box.put(a_mail("handed over"), folder="Předat")
    box.server.listen_to(box.user)
    take_in(gateway_to(box, folder="Předat", processed_folder="Hotovo"), clock)
    spoken = box.server.spoken(box.user)
    commands = [line.split(" ", 2)[2] for line in spoken.splitlines() if line.count(" ") > 1]
    naming = {command.split("(")[0] for command in commands if command.startswith(("SELECT", "EXAMINE", "STATUS"))}
    assert naming == {'SELECT "P&AVk-edat"', 'STATUS "Hotovo" '}
    assert not any(name in spoken for name in ("INBOX", "Soukrom", "Banka"))
    assert not any(command.startswith(("EXPUNGE", "CLOSE", "DELETE", "UID EXPUNGE")) for command in commands)
    assert len(box.messages()) == len(box.messages("Soukromé")) == 1


def test_many_messages_come_in_batches_and_small_transactions(box: Box, clock: Clock) -> None:
    sizes: list[int] = []

    def watched(batch: Sequence[Received], **also: object) -> object:
        sizes.append(len(batch))
        return accept(batch, **also)

    box.put(*(a_mail(f"Number {number}") for number in range(261)))
    gateway = gateway_to(box)
    assert take_in(gateway, clock, accept=watched).new == 261
    assert max(sizes) <= 100
    assert entries(gateway) == [(uid, "archived", "moved") for uid in range(1, 262)]
    assert len(box.messages("Podatelna")) == 261


def test_a_large_message_goes_alone(box: Box, clock: Clock) -> None:
    large = a_mail(files=[("disk.bin", "application/octet-stream", bytes(range(256)) * 40_000)])
    box.put(a_mail(), large, a_mail())
    assert take_in(gateway_to(box), clock).new == 3
    assert [len(original(row)) for row in Delivery.objects.order_by("pk")][1] == len(large)


def test_arrival_is_announced_after_it_is_durable(box: Box, clock: Clock) -> None:
    seen: list[int] = []
    box.put(a_mail(), a_mail())
    take_in(gateway_to(box), clock, arrived=lambda: seen.append(LedgerEntry.objects.count()))
    assert seen == [2]


def test_mailbox_time_is_kept(box: Box, clock: Clock) -> None:
    clock.forward(days=3650)
    box.put(a_mail())
    take_in(gateway_to(box), clock)
    message, delivery = Message.objects.get(), Delivery.objects.get()
    assert delivery.seen_at == clock.now
    assert message.received_at < clock.now


def test_a_missing_folder_is_said_and_nothing_is_made(box: Box, clock: Clock) -> None:
    with pytest.raises(errors.FolderMissing):
        take_in(gateway_to(box, folder="Nikde"), clock)
    assert box.folders() == {"INBOX"}


# --- what the server cannot do


def test_without_move_it_is_copied_and_only_the_copied_are_expunged(
    dovecot_without_move: Dovecot, clock: Clock
) -> None:
    box = a_box(dovecot_without_move)
    box.put(a_mail("one"), a_mail("two"), flags=("\\Flagged",))
    gateway = gateway_to(box)
    box.server.listen_to(box.user)
    assert take_in(gateway, clock).new == 2
    assert box.messages() == []
    assert [message.flags for message in box.messages("Podatelna")] == [{"\\Flagged"}, {"\\Flagged"}]
    assert "UID EXPUNGE 1:2" in box.server.spoken(box.user)
    assert entries(gateway) == [(1, "archived", "moved"), (2, "archived", "moved")]


def test_without_move_and_uidplus_it_stays_with_a_mark(dovecot_without_anything: Dovecot, clock: Clock) -> None:
    box = a_box(dovecot_without_anything)
    box.put(a_mail(), flags=("\\Flagged",))
    gateway = gateway_to(box)
    assert take_in(gateway, clock).new == 1
    assert take_in(gateway, clock) == Looked()
    assert [message.flags for message in box.messages()] == [{"\\Flagged", "$Podatelna"}]
    assert box.folders() == {"INBOX"}
    assert entries(gateway) == [(1, "archived", "marked")]


def test_days_of_polling_a_folder_that_cannot_be_emptied_change_nothing(
    dovecot_without_anything: Dovecot, clock: Clock
) -> None:
    box = a_box(dovecot_without_anything)
    box.put(a_mail(), a_mail())
    gateway = gateway_to(box)
    for _ in range(10):
        take_in(gateway, clock)
        clock.forward(hours=12)
    assert Delivery.objects.count() == len(box.messages()) == 2


# --- the process dies


@pytest.mark.parametrize("method", ["select", "uids", "sizes", "fetch", "move"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_anywhere_and_started_again_each_message_is_here_once(
    box: Box, clock: Clock, method: str, after: bool
) -> None:
    mails = [a_mail(f"Number {number}") for number in range(3)]
    box.put(*mails)
    gateway = gateway_to(box)
    with pytest.raises(Killed):
        take_in(gateway, clock, connect=dying_at(method, after=after))
    take_in(gateway, clock)
    assert sorted(original(row) for row in Delivery.objects.all()) == sorted(mails)
    assert sorted(box.raws("Podatelna")) == sorted(mails)
    assert box.raws() == []
    assert not LedgerEntry.objects.filter(move="pending").exists()


@pytest.mark.parametrize("method", ["copy", "expunge"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_between_copy_and_expunge_there_is_one_copy(
    dovecot_without_move: Dovecot, clock: Clock, method: str, after: bool
) -> None:
    box = a_box(dovecot_without_move)
    mails = [a_mail("one"), a_mail("two", text="of another length altogether\n")]
    box.put(*mails)
    gateway = gateway_to(box)
    for _ in range(1 if after else 3):
        with pytest.raises(Killed):
            take_in(gateway, clock, connect=dying_at(method, after=after))
    take_in(gateway, clock)
    assert sorted(box.raws("Podatelna")) == sorted(mails)
    assert box.raws() == []
    assert Delivery.objects.count() == 2


def test_killed_inside_the_transaction_nothing_is_half_there(box: Box, clock: Clock) -> None:
    def dying(batch: Sequence[Received], *, also: object) -> object:
        def then_die(accepted: object) -> None:
            also(accepted)  # type: ignore[operator]
            raise Killed

        return accept(batch, also=then_die)

    box.put(a_mail())
    gateway = gateway_to(box)
    with pytest.raises(Killed):
        take_in(gateway, clock, accept=dying)
    assert Delivery.objects.count() == LedgerEntry.objects.count() == 0
    assert len(box.messages()) == 1
    assert take_in(gateway, clock).new == 1


def test_database_that_fails_leaves_the_mail_on_the_server(box: Box, clock: Clock) -> None:
    def failing(batch: Sequence[Received], **also: object) -> object:
        raise OperationalError("disk I/O error")

    box.put(a_mail())
    gateway = gateway_to(box)
    with pytest.raises(OperationalError):
        take_in(gateway, clock, accept=failing)
    assert len(box.messages()) == 1
    assert entries(gateway) == []


# --- people and servers do odd things


def test_dragged_back_by_hand_it_is_known_and_moved_again(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box)
    take_in(gateway, clock)
    with box.session() as client:
        client.select_folder("Podatelna")
        client.move([1], "INBOX")
    assert take_in(gateway, clock) == Looked(duplicates=1)
    assert entries(gateway) == [(1, "archived", "moved"), (2, "duplicate", "moved")]
    assert Message.objects.count() == 1
    assert len(box.messages("Podatelna")) == 1


def test_folder_made_anew_has_another_uidvalidity_and_another_ledger(box: Box, clock: Clock) -> None:
    with box.session() as client:
        client.create_folder("Předat")
    same, new = a_mail("the same"), a_mail("new")
    box.put(same, folder="Předat")
    gateway = gateway_to(box, folder="Předat")
    take_in(gateway, clock)
    with box.session() as client:
        client.delete_folder("Předat")
        client.create_folder("Předat")
    box.put(same, new, folder="Předat")
    assert take_in(gateway, clock) == Looked(new=1, duplicates=1)
    assert Folder.objects.filter(gateway=gateway).count() == 2
    assert entries(gateway) == [(1, "archived", "moved"), (1, "duplicate", "moved"), (2, "archived", "moved")]
    assert Message.objects.count() == 2


def test_moved_away_by_somebody_before_we_did_it_is_gone(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box)
    with pytest.raises(Killed):
        take_in(gateway, clock, connect=dying_at("move"))
    assert entries(gateway) == [(1, "archived", "pending")]
    with box.session() as client:
        client.select_folder("INBOX")
        client.create_folder("Elsewhere")
        client.move([1], "Elsewhere")
    assert take_in(gateway, clock) == Looked()
    assert entries(gateway) == [(1, "archived", "gone")]


def test_gone_before_it_was_fetched_is_in_the_ledger(box: Box, clock: Clock) -> None:
    class Slow(Tripwire):
        def fetch(self, uids: Sequence[int]) -> dict[int, Fetched]:
            with box.session() as client:
                client.select_folder("INBOX")
                client.move([2], "Elsewhere")
            return self._mailbox.fetch(uids)

    box.put(a_mail("one"), a_mail("two"))
    with box.session() as client:
        client.create_folder("Elsewhere")
    gateway = gateway_to(box)
    looked = take_in(gateway, clock, connect=lambda server: Slow(connect(server), "", after=False))
    assert looked == Looked(new=1, failed=1)
    assert entries(gateway) == [(1, "archived", "moved"), (2, "failed", "gone")]


def test_when_the_server_will_not_move_mail_still_comes_in(box: Box, clock: Clock) -> None:
    class Full(Tripwire):
        def move(self, uids: Sequence[int], to: str) -> None:
            raise errors.CannotMove("[OVERQUOTA] mailbox is full")

    def full(server: ImapServer) -> Full:
        return Full(connect(server), "", after=False)

    box.put(*(a_mail() for _ in range(60)))
    gateway = gateway_to(box)
    with pytest.raises(errors.CannotMove):
        take_in(gateway, clock, connect=full)
    assert Delivery.objects.count() == 60
    assert len(box.messages()) == 60
    box.put(a_mail())
    with pytest.raises(errors.CannotMove):
        take_in(gateway, clock, connect=full)
    assert Delivery.objects.count() == 61
    assert take_in(gateway, clock) == Looked()
    assert len(box.messages("Podatelna")) == 61


def test_one_message_that_will_not_move_does_not_hold_the_others(box: Box, clock: Clock) -> None:
    class Picky(Tripwire):
        def move(self, uids: Sequence[int], to: str) -> None:
            if 2 in uids:
                raise errors.CannotMove("not that one")
            self._mailbox.move(uids, to)

    box.put(a_mail("one"), a_mail("two"), a_mail("three"))
    gateway = gateway_to(box)
    with pytest.raises(errors.CannotMove):
        take_in(gateway, clock, connect=lambda server: Picky(connect(server), "", after=False))
    assert entries(gateway) == [(1, "archived", "moved"), (2, "archived", "pending"), (3, "archived", "moved")]


def test_a_folder_is_never_moved_into_itself(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box, processed_folder="inbox")
    for _ in range(2):
        with pytest.raises(errors.CannotMove):
            take_in(gateway, clock)
    assert [message.uid for message in box.messages()] == [1]
    assert entries(gateway) == [(1, "archived", "pending")]


# --- one bad message


class Choking(Tripwire):
    """A server that answers NO, or hangs up, when it is asked for message 2."""

    error: errors.ServerError = errors.ServerSaidNo("internal error")

    def fetch(self, uids: Sequence[int]) -> dict[int, Fetched]:
        if 2 in uids:
            raise self.error
        return self._mailbox.fetch(uids)


class HangingUp(Choking):
    error = errors.ConnectionLost("EOF")


class LeavingOut(Choking):
    def fetch(self, uids: Sequence[int]) -> dict[int, Fetched]:
        return self._mailbox.fetch([uid for uid in uids if uid != 2])


@pytest.mark.parametrize("kind", [Choking, LeavingOut])
def test_a_message_that_the_server_cannot_give_costs_itself_only(box: Box, clock: Clock, kind: type[Choking]) -> None:
    def choking(server: ImapServer) -> Choking:
        return kind(connect(server), "", after=False)

    box.put(a_mail("one"), a_mail("two"), a_mail("three"))
    gateway = gateway_to(box)
    assert take_in(gateway, clock, connect=choking) == Looked(new=2, failed=1)
    assert entries(gateway) == [(1, "archived", "moved"), (2, "failed", "pending"), (3, "archived", "moved")]
    assert LedgerEntry.objects.get(uid=2).reason
    assert take_in(gateway, clock, connect=choking) == Looked(), "it is left alone until its time has come"
    clock.forward(minutes=2)
    assert take_in(gateway, clock, connect=choking) == Looked(failed=1)
    assert LedgerEntry.objects.get(uid=2).attempts == 2
    clock.forward(hours=7)
    assert take_in(gateway, clock) == Looked(new=1)
    assert entries(gateway)[1] == (2, "archived", "moved")


def test_a_message_over_which_the_server_hangs_up_is_found_and_left_behind(box: Box, clock: Clock) -> None:
    box.put(*(a_mail(f"Number {number}") for number in range(1, 5)))
    gateway = gateway_to(box)
    looking = cycle.Cycle(gateway, accept, clock, lambda: None)
    for _ in range(2):
        with pytest.raises(errors.ConnectionLost):
            looking.look(HangingUp(connect_to(box), "", after=False))
    assert entries(gateway) == [(1, "archived", "moved"), (2, "failed", "pending")]
    assert looking.look(HangingUp(connect_to(box), "", after=False)) == Looked(new=2)
    assert entries(gateway)[1:] == [(2, "failed", "pending"), (3, "archived", "moved"), (4, "archived", "moved")]


def connect_to(box: Box) -> Mailbox:
    return connect(ImapServer(HOST, box.server.imap_port, "none", box.user, SECRET))


def test_a_message_that_the_archive_cannot_take_costs_itself_only(box: Box, clock: Clock) -> None:
    def picky(batch: Sequence[Received], **also: object) -> object:
        if any(b"two" in received.raw for received in batch):
            raise ValueError("cannot take it")
        return accept(batch, **also)

    box.put(a_mail("one"), a_mail("two"), a_mail("three"))
    gateway = gateway_to(box)
    assert take_in(gateway, clock, accept=picky) == Looked(new=2, failed=1)
    assert entries(gateway) == [(1, "archived", "moved"), (2, "failed", "pending"), (3, "archived", "moved")]
    assert LedgerEntry.objects.get(uid=2).reason == "ValueError: cannot take it"
    assert [message.uid for message in box.messages()] == [2]


def test_retries_grow_to_hours() -> None:
    waits = [retry_after(attempts).total_seconds() / 60 for attempts in range(1, 9)]
    assert waits == [1, 4, 16, 64, 256, 360, 360, 360]


@pytest.mark.parametrize("raw", [b"\r\n", b"\xff" * 1000, b"Subject: x", b"A: b\r\n" * 5000, b"\r\n\r\n\r\n."])
def test_anything_a_server_can_store_is_taken(box: Box, clock: Clock, raw: bytes) -> None:
    box.put(raw)
    assert take_in(gateway_to(box), clock) == Looked(new=1)
    assert original(Delivery.objects.get()) == raw
