"""An unchanged folder costs one command and no write; whatever could have changed is gone through."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from podatelna.archive.intake import accept
from podatelna.gateways.cycle import Cycle, Looked
from podatelna.gateways.models import Folder, Gateway, LedgerEntry
from podatelna.protocols.imap import ImapServer, Mailbox, connect
from podatelna.protocols.imap_session import Selected
from tests.cast import Clock, a_mail
from tests.servers import HOST, SECRET, Box, Dovecot

from .boxes import Killed, Tripwire, a_box, dying_at, entries, gateway_to, take_in

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db]


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return a_box(dovecot)


def commands(box: Box) -> list[str]:
    """What was said since `listen_to`, without signing in and out."""
    lines = [line.split(" ", 2)[-1].strip() for line in box.server.spoken(box.user).splitlines()]
    return [line for line in lines if not line.startswith(("CAPABILITY", "LOGOUT", "AUTHENTICATE"))]


def session(box: Box) -> Mailbox:
    return connect(ImapServer(HOST, box.server.imap_port, "none", box.user, SECRET))


def cycle_of(gateway: Gateway, clock: Clock) -> Cycle:
    return Cycle(gateway, accept, clock, lambda: None)


def test_an_unchanged_folder_is_selected_and_that_is_all(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box, history="new")
    take_in(gateway, clock)
    box.server.listen_to(box.user)
    take_in(gateway, clock)
    assert commands(box) == ['SELECT "INBOX"']


def test_while_connected_it_does_not_even_ask_the_database(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    cycle, mailbox = cycle_of(gateway_to(box), clock), session(box)
    cycle.look(mailbox)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert cycle.look(mailbox) == Looked()
    mailbox.close()
    assert len(queries) == 0


def test_within_a_session_an_unchanged_folder_is_asked_after_and_opened_anew_only_now_and_then(
    box: Box, clock: Clock
) -> None:
    box.put(a_mail())
    cycle, mailbox = cycle_of(gateway_to(box, history="new"), clock), session(box)
    cycle.look(mailbox)
    box.server.listen_to(box.user)
    mailbox.close()
    mailbox = session(box)
    for _ in range(3):
        cycle.look(mailbox)
    clock.forward(minutes=6)
    cycle.look(mailbox)
    mailbox.close()
    assert commands(box) == ['SELECT "INBOX"', "NOOP", "NOOP", 'SELECT "INBOX"']


def test_within_a_session_what_comes_and_what_goes_is_seen(box: Box, clock: Clock) -> None:
    box.put(a_mail("old"))
    gateway = gateway_to(box, history="new")
    cycle, mailbox = cycle_of(gateway, clock), session(box)
    assert cycle.look(mailbox) == cycle.look(mailbox) == Looked()
    with box.session() as client:
        client.select_folder("INBOX")
        client.delete_messages([1])
        client.expunge()
    box.put(a_mail("new"))
    assert cycle.look(mailbox) == Looked(new=1)
    assert cycle.look(mailbox) == cycle.look(mailbox) == Looked()
    box.put(a_mail("newer"))
    assert cycle.look(mailbox) == Looked(new=1)
    mailbox.close()


def test_another_folder_that_was_opened_meanwhile_is_not_taken_for_the_chosen_one(box: Box, clock: Clock) -> None:
    cycle, mailbox = cycle_of(gateway_to(box), clock), session(box)
    cycle.look(mailbox)
    box.put(a_mail())
    mailbox.select("INBOX", readonly=True)
    assert cycle.look(mailbox) == Looked(new=1)
    mailbox.close()


def test_a_new_session_writes_nothing_when_nothing_has_changed(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box)
    take_in(gateway, clock)
    with CaptureQueriesContext(connection) as queries:
        take_in(gateway, clock)
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}


def test_what_is_new_is_asked_for_by_its_number(dovecot_without_anything: Dovecot, clock: Clock) -> None:
    box = a_box(dovecot_without_anything)
    box.put(a_mail("one"), a_mail("two"))
    gateway = gateway_to(box)
    take_in(gateway, clock)
    box.put(a_mail("three"))
    box.server.listen_to(box.user)
    assert take_in(gateway, clock) == Looked(new=1)
    assert [line for line in commands(box) if "SEARCH" in line] == ["UID SEARCH UID 3:*"]


def test_what_people_take_away_is_no_reason_to_go_through_it_all(box: Box, clock: Clock) -> None:
    box.put(a_mail("one"), a_mail("two"), a_mail("three"))
    gateway = gateway_to(box, history="new")
    take_in(gateway, clock)
    with box.session() as client:
        client.select_folder("INBOX")
        client.delete_messages([2])
        client.expunge()
    box.server.listen_to(box.user)
    for _ in range(2):
        take_in(gateway, clock)
    assert commands(box) == ['SELECT "INBOX"'] * 2


def test_more_messages_than_can_have_come_are_gone_through(box: Box, clock: Clock) -> None:
    class Hiding(Tripwire):
        """A server that gives a message a lower number than it said the next one would have."""

        def select(self, name: str, *, readonly: bool = False, again: bool = False) -> Selected:
            found = self._mailbox.select(name, readonly=readonly, again=again)
            return Selected(found.name, found.uidvalidity, found.exists, 9)

    def hiding(server: ImapServer) -> Hiding:
        return Hiding(connect(server), "", after=False)

    box.put(a_mail("one"))
    gateway = gateway_to(box)
    take_in(gateway, clock, connect=hiding)
    box.put(a_mail("two"))
    assert take_in(gateway, clock, connect=hiding) == Looked(new=1)


def test_a_failed_message_is_tried_again_without_going_through_it_all(box: Box, clock: Clock) -> None:
    class Choking(Tripwire):
        def fetch(self, uids: list[int]) -> object:
            return self._mailbox.fetch([uid for uid in uids if uid != 2])

    box.put(a_mail("one"), a_mail("two"), a_mail("three"))
    gateway = gateway_to(box)
    cycle = cycle_of(gateway, clock)
    mailbox = session(box)
    assert cycle.look(Choking(mailbox, "", after=False)).failed == 1
    assert cycle.look(mailbox) == Looked()
    clock.forward(minutes=2)
    box.server.listen_to(box.user)
    assert cycle.look(mailbox) == Looked(new=1)
    mailbox.close()
    assert entries(gateway)[1] == (2, "archived", "moved")


@pytest.mark.parametrize("method", ["fetch", "move"])
def test_after_a_look_that_was_cut_off_all_is_gone_through(box: Box, clock: Clock, method: str) -> None:
    box.put(a_mail("one"))
    gateway = gateway_to(box)
    take_in(gateway, clock)
    box.put(a_mail("two"), a_mail("three"))
    with pytest.raises(Killed):
        take_in(gateway, clock, connect=dying_at(method))
    take_in(gateway, clock)
    assert entries(gateway) == [(uid, "archived", "moved") for uid in (1, 2, 3)]
    assert box.messages() == []


def test_once_a_day_all_is_gone_through_whatever_the_server_says(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box, history="new")
    cycle, mailbox = cycle_of(gateway, clock), session(box)
    cycle.look(mailbox)
    LedgerEntry.objects.all().delete()
    assert cycle.look(mailbox) == Looked()
    clock.now += timedelta(days=1)
    cycle.look(mailbox)
    mailbox.close()
    assert entries(gateway) == [(1, "left", "stays")]


def test_who_asks_for_it_has_it_gone_through(box: Box, clock: Clock) -> None:
    box.put(a_mail())
    gateway = gateway_to(box, history="new")
    cycle, mailbox = cycle_of(gateway, clock), session(box)
    cycle.look(mailbox)
    Folder.objects.update(uidnext=None)
    cycle.forget()
    cycle.look(mailbox)
    mailbox.close()
    assert Folder.objects.get().uidnext == 2


def test_what_comes_while_the_folder_is_counted_is_not_waited_for(box: Box, clock: Clock) -> None:
    cycle, mailbox = cycle_of(gateway_to(box), clock), session(box)

    class Late:
        """Puts a message into the folder right before it is opened for its count, the second time within a look."""

        opened = 0

        def __getattr__(self, name: str) -> object:
            return getattr(mailbox, name)

        def select(self, name: str, *, readonly: bool = False, again: bool = False) -> Selected:
            self.opened += 1
            if self.opened == 2:
                box.put(a_mail())
            return mailbox.select(name, readonly=readonly, again=again)

    cycle.look(Late())  # type: ignore[arg-type]  # stands for a Mailbox
    assert mailbox.stirred()
    assert cycle.look(mailbox).new == 1
    mailbox.close()
