"""A gateway that is pointed at another server: nothing of the new mailbox is taken for known."""

from __future__ import annotations

from datetime import timedelta

from podatelna.gateways import ledger
from podatelna.gateways.models import Folder, LedgerEntry
from podatelna.gateways.relocation import close_ledgers
from tests.cast import NOON, Cast


def test_uids_of_the_new_mailbox_are_all_new_and_none_is_moved_for_an_old_one(cast: Cast) -> None:
    gateway = cast.helpdesk_gateway
    before = ledger.open_folder(gateway, "INBOX", 1, NOON)
    for uid in (1, 2):
        LedgerEntry.objects.create(folder=before, uid=uid, end="archived", move="pending")
    assert close_ledgers(gateway, NOON) == 1
    after = ledger.open_folder(gateway, "INBOX", 1, NOON)
    assert ledger.to_fetch(after, [1, 2], NOON) == [1, 2]
    assert ledger.to_move(after, 10) == []
    assert before.entries.count() == 2


def test_going_there_and_back_closes_each_ledger_once(cast: Cast) -> None:
    gateway = cast.helpdesk_gateway
    for hour in range(3):
        ledger.open_folder(gateway, "INBOX", 1, NOON)
        assert close_ledgers(gateway, NOON + timedelta(hours=hour)) == 1
    assert Folder.objects.filter(gateway=gateway).count() == 3


def test_the_longest_name_of_a_folder_can_be_closed(cast: Cast) -> None:
    ledger.open_folder(cast.helpdesk_gateway, "x" * 500, 1, NOON)
    close_ledgers(cast.helpdesk_gateway, NOON)
    assert len(Folder.objects.get().name) == 500
