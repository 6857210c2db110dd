"""The same UIDs come to mean other messages: nothing is taken for known that is not, and nothing is lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from podatelna.archive.models import Delivery, Message
from podatelna.archive.store import original
from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.cycle import Looked
from podatelna.gateways.models import Folder, Gateway, LedgerEntry
from podatelna.gateways.relocation import RENUMBERED, RESTORED
from podatelna.protocols import errors
from podatelna.protocols.imap import ImapServer, connect
from podatelna.protocols.imap_session import Selected
from tests.cast import Clock, a_mail
from tests.servers import Box, Dovecot

from .boxes import Killed, Tripwire, a_box, dying_at, entries, gateway_to, take_in

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db]


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return a_box(dovecot)


def back_up(box: Box) -> Callable[[], None]:
    """Keep the mailbox as it is on the server's disk; gives what brings it back."""
    there = box.server.folder / "mail" / box.user
    kept = there.with_name(f"{box.user}.kept")
    shutil.copytree(there, kept, copy_function=_copy)
    _own(there, kept)

    def restore() -> None:
        shutil.rmtree(there)
        shutil.copytree(kept, there, copy_function=_copy)
        _own(kept, there)

    return restore


def _copy(source: str, target: str) -> str:
    shutil.copy2(source, target)
    _own(Path(source), Path(target))
    return target


def _own(source: Path, target: Path) -> None:
    if os.getuid() == 0:
        for path in (target, *target.rglob("*")):
            os.chown(path, source.stat().st_uid, source.stat().st_gid)


def used(box: Box, clock: Clock) -> Gateway:
    """A gateway that has fetched once: the mailbox is on the disk."""
    gateway = gateway_to(box)
    box.put(a_mail("the first"))
    take_in(gateway, clock)
    return gateway


def alarm() -> Alarm:
    return Alarm.objects.get(kind="uidvalidity")


# --- UIDVALIDITY


def make_anew(box: Box, folder: str) -> None:
    with box.session() as client:
        client.delete_folder(folder)
        client.create_folder(folder)


def test_another_uidvalidity_begins_another_ledger_with_an_alarm(box: Box, clock: Clock) -> None:
    same, new = a_mail("the same"), a_mail("new")
    box.put(same, folder="INBOX")
    with box.session() as client:
        client.create_folder("Předat")
    box.put(same, folder="Předat")
    gateway = gateway_to(box, folder="Předat")
    take_in(gateway, clock)
    make_anew(box, "Předat")
    box.put(new, same, folder="Předat")
    assert take_in(gateway, clock) == Looked(new=1, duplicates=1)
    before, after = Folder.objects.filter(gateway=gateway).order_by("pk")
    assert (before.current, before.closed_why, after.current) == (False, RENUMBERED, True)
    assert alarm().details == {
        "folder": "Předat", "why": RENUMBERED, "before": before.uidvalidity, "after": after.uidvalidity,
    }  # fmt: skip
    assert take_in(gateway, clock) == Looked()
    assert Alarm.objects.count() == 1


def test_what_had_still_to_be_moved_is_moved_under_its_new_number(box: Box, clock: Clock) -> None:
    with box.session() as client:
        client.create_folder("Předat")
    mail = a_mail()
    box.put(mail, folder="Předat")
    gateway = gateway_to(box, folder="Předat")
    with pytest.raises(Killed):
        take_in(gateway, clock, connect=dying_at("move"))
    make_anew(box, "Předat")
    box.put(mail, folder="Předat")
    take_in(gateway, clock)
    assert entries(gateway) == [(1, "archived", "gone"), (1, "duplicate", "moved")]
    assert box.raws("Podatelna") == [mail]


class Flapping(Tripwire):
    """A cluster whose one half numbers the folder otherwise."""

    def select(self, name: str, *, readonly: bool = False, again: bool = False) -> Selected:
        found = self._mailbox.select(name, readonly=readonly, again=again)
        return Selected(found.name, found.uidvalidity + 1, found.exists, found.uidnext)


def test_a_uidvalidity_that_comes_back_finds_its_ledger(dovecot_without_anything: Dovecot, clock: Clock) -> None:
    box = a_box(dovecot_without_anything)
    box.put(a_mail("one"), a_mail("two"))
    gateway = gateway_to(box)
    for number in range(6):
        other = number % 2 == 1
        take_in(
            gateway, clock, connect=(lambda server: Flapping(connect(server), "", after=False)) if other else connect
        )
    assert Folder.objects.filter(gateway=gateway).count() == 2
    assert Delivery.objects.count() == 4
    assert Message.objects.count() == 2


# --- a server that was brought back from a backup


def test_a_restored_server_gives_out_uids_again_and_nothing_is_taken_for_known(box: Box, clock: Clock) -> None:
    gateway = used(box, clock)
    restore = back_up(box)
    box.put(a_mail("lost there, not here"))
    take_in(gateway, clock)
    restore()
    new = a_mail("under the number of the lost one")
    box.put(new)
    assert take_in(gateway, clock) == Looked(new=1)
    assert original(Delivery.objects.latest("pk")) == new
    assert new in box.raws("Podatelna")
    before, _ = Folder.objects.filter(gateway=gateway).order_by("pk")
    assert (before.current, before.closed_why) == (False, RESTORED)
    assert alarm().details["why"] == RESTORED


def test_it_is_noticed_before_a_new_message_comes(box: Box, clock: Clock) -> None:
    gateway = used(box, clock)
    restore = back_up(box)
    box.put(a_mail("lost there"))
    take_in(gateway, clock)
    restore()
    assert take_in(gateway, clock) == Looked()
    assert alarm().details["why"] == RESTORED


def test_what_was_moved_and_is_there_again_is_moved_again(box: Box, clock: Clock) -> None:
    gateway = used(box, clock)
    mails = [a_mail("one"), a_mail("two")]
    box.put(*mails)
    restore = back_up(box)
    take_in(gateway, clock)
    restore()
    assert take_in(gateway, clock) == Looked()
    assert box.raws() == []
    assert set(box.raws("Podatelna")) > set(mails)
    assert Delivery.objects.count() == 3
    assert entries(gateway) == [(uid, "archived", "moved") for uid in (1, 2, 3)]


def test_numbers_used_again_are_noticed_although_the_server_is_past_them(box: Box, clock: Clock) -> None:
    gateway = used(box, clock)
    restore = back_up(box)
    box.put(a_mail("lost there"))
    take_in(gateway, clock)
    restore()
    news = [a_mail("under the same number"), a_mail("and more"), a_mail("and more still")]
    box.put(*news)
    assert take_in(gateway, clock) == Looked(new=3)
    assert sorted(box.raws("Podatelna")[1:]) == sorted(news)
    assert alarm().details["why"] == RESTORED


def test_one_that_waits_to_be_moved_is_never_moved_unseen(box: Box, clock: Clock) -> None:
    gateway = used(box, clock)
    restore = back_up(box)
    box.put(a_mail("archived, not moved yet"))
    with pytest.raises(Killed):
        take_in(gateway, clock, connect=dying_at("move"))
    restore()
    clock.forward(hours=1)
    news = [a_mail("under the same number"), a_mail("and more")]
    with box.session() as client:
        client.select_folder("INBOX")
        for raw in news:
            client.append("INBOX", raw, msg_time=clock.now)
    assert take_in(gateway, clock) == Looked(new=2)
    archived = [original(row) for row in Delivery.objects.all()]
    assert set(box.raws("Podatelna")[1:]) == set(news) < set(archived)


class Returning(Tripwire):
    """A server that says it moved messages and keeps them."""

    def move(self, uids: list[int], to: str) -> None:
        self._mailbox.copy(uids, to)


def test_a_server_that_gives_moved_mail_back_is_not_made_to_copy_it_for_ever(box: Box, clock: Clock) -> None:
    def returning(server: ImapServer) -> Returning:
        return Returning(connect(server), "", after=False)

    box.put(a_mail())
    gateway = gateway_to(box)
    for _ in range(8):
        take_in(gateway, clock, connect=returning)
        clock.forward(hours=12)
    assert len(box.messages("Podatelna")) == 2
    assert Delivery.objects.count() == 1
    [entry] = LedgerEntry.objects.all()
    assert (entry.move, entry.reason) == ("stays", "came back")


# --- the folder is gone


def test_a_renamed_folder_is_not_made_anew_and_is_found_when_it_is_back(box: Box, clock: Clock) -> None:
    with box.session() as client:
        client.create_folder("Předat")
    box.put(a_mail("one"), folder="Předat")
    gateway = gateway_to(box, folder="Předat")
    take_in(gateway, clock)
    with box.session() as client:
        client.rename_folder("Předat", "Jinam")
    box.put(a_mail("two"), folder="Jinam")
    for _ in range(2):
        with pytest.raises(errors.FolderMissing):
            take_in(gateway, clock)
    assert box.folders() == {"INBOX", "Jinam", "Podatelna"}
    assert len(box.messages("Jinam")) == 1
    with box.session() as client:
        client.rename_folder("Jinam", "Předat")
    assert take_in(gateway, clock) == Looked(new=1)
    assert Message.objects.count() == 2
