"""A whole IMAP account comes in with its folders, nothing in it is touched, and it can be cut off anywhere."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from podatelna.archive.account import import_account
from podatelna.archive.labels import labels_of
from podatelna.archive.models import Delivery, ImportPosition
from podatelna.archive.store import original
from podatelna.archive.transfer import BATCH_BYTES, Progress, Report, import_origin
from podatelna.protocols.errors import ConnectionLost, LoginRefused, ServerError
from podatelna.protocols.imap import ImapServer, Mailbox, connect
from tests.servers import HOST, SECRET, Box, Dovecot, scripted

from .mails import NOON, a_message

pytestmark = [pytest.mark.django_db, pytest.mark.dovecot]
_users = count(1)


def a_box(dovecot: Dovecot) -> Box:
    return dovecot.mailbox(f"account{next(_users)}")


def server_of(box: Box, password: str = SECRET) -> ImapServer:
    return ImapServer(HOST, box.server.imap_port, "none", box.user, password)


def bring(box: Box, *folders: str, **instead: Any) -> Report:
    known: dict[str, Any] = {"now": lambda: NOON, "take": done, "progress": lambda progress: None}
    return import_account(server_of(box), folders, **{**known, **instead})


def done(deliveries: object) -> None:
    Delivery.objects.filter(state="received").update(state="done", due_at=None)


def originals() -> set[bytes]:
    return {original(delivery) for delivery in Delivery.objects.select_related("message")}


def put(box: Box, folder: str, *messages: bytes, flags: tuple[str, ...] = ()) -> None:
    with box.session() as client:
        if not client.folder_exists(folder):
            client.create_folder(folder)
    box.put(*messages, folder=folder, flags=flags)


def test_every_folder_comes_in_with_its_flags_and_nothing_is_touched(dovecot: Dovecot) -> None:
    box = a_box(dovecot)
    new, read, filed = a_message("new"), a_message("read"), a_message("filed")
    box.put(new)
    box.put(read, flags=("\\Seen", "\\Flagged", "$Label1"))
    put(box, "Práce/2024", filed, flags=("\\Answered",))
    before = [box.messages(folder) for folder in ("INBOX", "Práce/2024")]
    dovecot.listen_to(box.user)
    report = bring(box)
    assert (report.new, report.skipped) == (3, ())
    labels = {original(one): labels_of([one.pk])[one.pk] for one in Delivery.objects.select_related("message")}
    assert labels == {
        new: ["INBOX"],
        read: ["#$Label1", "INBOX", "\\Flagged", "\\Seen"],
        filed: ["Práce/2024", "\\Answered"],
    }
    assert [box.messages(folder) for folder in ("INBOX", "Práce/2024")] == before
    spoken = dovecot.spoken(box.user).upper()
    assert "EXAMINE" in spoken
    for command in ("SELECT ", "STORE", "EXPUNGE", "MOVE", "COPY", "APPEND", "CREATE", "DELETE", "RENAME", "BODY[]"):
        assert command not in spoken.replace("UNSELECT", ""), command


def test_chosen_folders_alone_and_one_that_is_not_there_is_named(dovecot: Dovecot) -> None:
    box = a_box(dovecot)
    box.put(a_message("inbox"))
    put(box, "Sent", a_message("sent"))
    report = bring(box, "Sent", "Nowhere")
    assert report.new == 1
    assert [skipped.path.name for skipped in report.skipped] == ["Nowhere"]


def test_a_message_in_two_folders_is_one_delivery_with_both(dovecot: Dovecot) -> None:
    box, raw = a_box(dovecot), a_message()
    box.put(raw)
    put(box, "Copy", raw)
    report = bring(box)
    assert (report.new, report.already_here) == (1, 1)
    assert set(labels_of([Delivery.objects.get().pk]).popitem()[1]) == {"INBOX", "Copy"}


def test_what_was_fetched_is_not_fetched_again(dovecot: Dovecot) -> None:
    box = a_box(dovecot)
    box.put(a_message("1"), a_message("2"))
    bring(box)
    box.put(a_message("3"))
    fetched: list[int] = []
    report = bring(box, connect=watched("fetch", lambda mailbox, uids: fetched.extend(uids)))
    assert (report.new, report.already_here) == (1, 0)
    assert fetched == [3]


def test_another_import_takes_it_for_itself(dovecot: Dovecot) -> None:
    box = a_box(dovecot)
    box.put(a_message())
    bring(box)
    assert bring(box, origin=import_origin("process 1")).new == 1


def test_a_new_uidvalidity_begins_again_and_adds_nothing_twice(dovecot: Dovecot) -> None:
    box, raw = a_box(dovecot), a_message()
    put(box, "Work", raw)
    bring(box, "Work")
    with box.session() as client:
        client.delete_folder("Work")
    put(box, "Other", a_message("in between"))
    put(box, "Work", raw, a_message("newer"))
    report = bring(box, "Work")
    assert (report.new, report.already_here) == (1, 1)
    assert ImportPosition.objects.count() == 2


def watched(method: str, look: Callable[..., None]) -> Callable[[ImapServer], Any]:
    """Sessions whose `method` first calls `look`, which may raise."""

    class Watched:
        def __init__(self, mailbox: Mailbox) -> None:
            self._mailbox = mailbox

        def __getattr__(self, name: str) -> Any:
            found = getattr(self._mailbox, name)
            if name != method:
                return found

            def asked(*arguments: Any) -> Any:
                look(self._mailbox, *arguments)
                return found(*arguments)

            return asked

    return lambda server: Watched(connect(server))


@pytest.mark.parametrize("last", [1, 2, 3, 4, 5])
def test_cut_off_anywhere_and_repeated_each_message_is_here_once(dovecot: Dovecot, last: int) -> None:
    box = a_box(dovecot)
    mails = [a_message(f"{number}", "x" * (BATCH_BYTES // 2 - 20_000)) for number in range(5)]  # two a lot
    box.put(*mails)
    fetched = count(1)

    def dies(mailbox: Mailbox, uids: object) -> None:
        if next(fetched) == last:
            raise KeyboardInterrupt

    if last < 4:
        with pytest.raises(KeyboardInterrupt):
            bring(box, connect=watched("fetch", dies))
    bring(box)
    assert originals() == set(mails)
    assert Delivery.objects.count() == 5


def test_a_broken_line_is_dialled_again_and_a_message_that_breaks_it_costs_itself(dovecot: Dovecot) -> None:
    box = a_box(dovecot)
    mails = [a_message(f"{number}") for number in range(6)]
    box.put(*mails)

    def breaks(mailbox: Mailbox, uids: list[int]) -> None:
        if 4 in uids:
            mailbox.interrupt()
            raise ConnectionLost("gone")

    report = bring(box, connect=watched("fetch", breaks))
    assert originals() == {*mails[:3], *mails[4:]}
    assert [skipped.path.name for skipped in report.skipped] == ["UID 4"]
    again = bring(box)
    assert (again.new, again.already_here) == (1, 0)
    assert originals() == set(mails)


def test_a_server_that_is_gone_for_good_ends_the_folder_with_a_reason(dovecot: Dovecot) -> None:
    box = a_box(dovecot)
    box.put(a_message())

    def breaks(mailbox: Mailbox, uids: object) -> None:
        raise ConnectionLost("gone")

    report = bring(box, connect=watched("sizes", breaks))
    assert report.new == 0
    assert "broke again and again" in report.skipped[0].reason


def test_a_wrong_password_is_said(dovecot: Dovecot) -> None:
    box = a_box(dovecot)
    with pytest.raises(LoginRefused):
        import_account(server_of(box, "wrong"), now=lambda: NOON, take=done, progress=lambda progress: None)


def test_progress_says_how_much_is_done(dovecot: Dovecot) -> None:
    box = a_box(dovecot)
    box.put(*(a_message(f"{number}", "x" * (BATCH_BYTES - 20_000)) for number in range(4)))
    told: list[Progress] = []
    bring(box, progress=told.append)
    assert [one.fraction for one in told] == [0.25, 0.5, 0.75, 1.0]


def test_a_server_that_speaks_nonsense_is_an_error_and_no_loop() -> None:
    with (
        scripted(lambda file: file.write(b"* OK hi\r\n* CAPABILITY nonsense\r\n") and None) as server,
        pytest.raises(ServerError),
    ):
        import_account(
            ImapServer("127.0.0.1", server.port, "none", "a", "b"),
            now=lambda: NOON, take=done, progress=lambda progress: None,
        )  # fmt: skip
