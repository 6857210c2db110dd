"""Mail from files comes in once, whole, in whatever box it lies, and an import can be cut off anywhere."""

from __future__ import annotations

import io
import mailbox
import os
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from podatelna.archive import quarantine
from podatelna.archive.models import Delivery, Message
from podatelna.archive.sources.mbox import TooLong, split
from podatelna.archive.store import original
from podatelna.archive.transfer import Progress, Report, Take, arrival_time, import_origin, import_paths

from .mails import NOON, a_message

pytestmark = pytest.mark.django_db


def bring(*paths: Path, take: Callable[[Delivery], None] | None = None, told: list[Progress] | None = None) -> Report:
    """Import with a pipeline that only marks what it got."""
    return import_paths(
        paths,
        now=lambda: NOON,
        take=each(take or done),
        progress=told.append if told is not None else lambda progress: None,
    )


def each(take: Callable[[Delivery], None]) -> Take:
    def all_of_them(deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            take(delivery)

    return all_of_them


def done(delivery: Delivery) -> None:
    assert Delivery.objects.filter(pk=delivery.pk, state="received").update(state="done", due_at=None) == 1


def originals() -> set[bytes]:
    return {original(delivery) for delivery in Delivery.objects.select_related("message")}


def unix(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n")


def an_mbox(*messages: bytes, line: bytes = b"From jana@example.cz Mon May  4 10:00:00 2026\n") -> bytes:
    return b"".join(line + message + b"\n" for message in messages)


# --- kinds -------------------------------------------------------------------------------------------------


def test_an_mbox_gives_each_message_to_the_byte(tmp_path: Path) -> None:
    messages = [unix(a_message(f"{number}", "text\n\nFrom here to there\n>From quoted\n")) for number in range(100)]
    (tmp_path / "inbox").write_bytes(an_mbox(*messages))
    report = bring(tmp_path / "inbox")
    assert (report.new, report.already_here, report.skipped) == (100, 0, ())
    assert originals() == set(messages)


def test_an_mbox_that_python_wrote_is_read_as_python_reads_it(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(5):
        box.add(message_from_bytes(a_message(f"{number}", "Hello\n\nFrom here\n\n")))
    box.flush()
    bring(tmp_path / "box")
    assert originals() == {box.get_bytes(key) for key in box.keys()}  # noqa: SIM118  # no dictionary


def test_crlf_mboxes_are_read(tmp_path: Path) -> None:
    messages = [a_message("1"), a_message("2")]
    line = b"From jana@example.cz Mon May  4 10:00:00 2026\r\n"
    (tmp_path / "box").write_bytes(b"".join(line + message + b"\r\n" for message in messages))
    bring(tmp_path / "box")
    assert originals() == set(messages)


def test_messages_without_a_last_line_break_are_parted_by_the_full_separator(tmp_path: Path) -> None:
    messages = [unix(a_message(f"{number}")).rstrip(b"\n") for number in range(3)]
    (tmp_path / "box").write_bytes(an_mbox(*messages))
    bring(tmp_path / "box")
    assert originals() == {message + b"\n" for message in messages}


@pytest.mark.parametrize(
    "line",
    [
        b"From here on it is 10:00 2026\nTime: goes by",
        b"From bob@example.cz Mon May  4 10:00:00 2026\nno field follows",
        b">From bob@example.cz Mon May  4 10:00:00 2026\nSubject: quoted",
    ],
)
def test_a_line_of_text_that_begins_like_a_separator_parts_nothing(tmp_path: Path, line: bytes) -> None:
    message = b"From: a@b.cz\nTo: c@d.cz\n\nText\n" + line + b"\nmore\n"
    (tmp_path / "box").write_bytes(an_mbox(message))
    bring(tmp_path / "box")
    assert originals() == {message}


def test_content_length_tells_an_unquoted_separator_from_a_new_message(tmp_path: Path) -> None:
    body = b"Forwarded:\n\nFrom bob@example.cz Mon May  4 10:00:00 2026\nSubject: inner\n\nInner.\n"
    outer = b"From: a@b.cz\nSubject: outer\nContent-Length: %d\n\n" % len(body) + body
    other = unix(a_message("other"))
    (tmp_path / "cl2").write_bytes(an_mbox(outer, other, outer.replace(b"outer", b"last!")))
    bring(tmp_path / "cl2")
    assert originals() == {outer, other, outer.replace(b"outer", b"last!")}


@pytest.mark.parametrize("length", [b"0", b"1", b"60", b"999999", b"99999999999", b"-3", b"x"])
def test_a_wrong_content_length_is_not_believed(tmp_path: Path, length: bytes) -> None:
    first = b"From: a@b.cz\nContent-Length: " + length + b"\n\nSome text that goes on.\nAnd on.\n"
    second = unix(a_message("second"))
    (tmp_path / "box").write_bytes(an_mbox(first, second))
    bring(tmp_path / "box")
    assert originals() == {first, second}


def test_messages_across_the_chunks_of_reading_are_whole(tmp_path: Path) -> None:
    messages = [unix(a_message(f"{number}", os.urandom(170_000).hex())) for number in range(9)]
    (tmp_path / "box").write_bytes(an_mbox(*messages))
    bring(tmp_path / "box")
    assert originals() == set(messages)


def test_an_mbox_of_one_message_without_line_break_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes(b"From x Mon May  4 10:00:00 2026\nFrom: a@b.cz\nTo: c@d.cz\n\nno end")
    bring(tmp_path / "box")
    assert originals() == {b"From: a@b.cz\nTo: c@d.cz\n\nno end"}


def test_what_is_too_long_is_passed_over_and_the_next_one_is_read() -> None:
    small = unix(a_message("small"))
    box = an_mbox(small, small + b"x" * 6_000_000 + b"\n", small)
    found = list(split(io.BytesIO(box), longest=3_000_000))
    assert [type(message) for message in found] == [bytes, TooLong, bytes]
    assert found[0] == found[2] == small


def test_a_maildir_gives_new_and_read_mail_and_leaves_what_is_unfinished(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "Maildir")
    read, new, inner = a_message("read"), a_message("new"), a_message("inner")
    box.add(new)
    kept = mailbox.MaildirMessage(message_from_bytes(read))
    kept.set_subdir("cur")
    kept.set_flags("S")
    box.add(kept)
    box.add_folder("Práce").add(inner)
    (tmp_path / "Maildir" / "tmp" / "1.half").write_bytes(new[:50])
    (tmp_path / "Maildir" / "dovecot.index").write_bytes(b"\x07\x02\x00")
    report = bring(tmp_path)
    assert report.new == 3
    assert {skipped.path.name for skipped in report.skipped} == {"1.half", "dovecot.index", "maildirfolder"}
    assert {new, inner} <= originals()


def test_files_that_are_mail_are_taken_and_others_are_named(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "a.eml").write_bytes(a_message("a"))
    (tmp_path / "deep" / "b.txt").write_bytes(a_message("b"))
    (tmp_path / "deep" / "er" / "no-suffix").write_bytes(b"Received: by mx\nFrom: a@b.cz\n\nc")
    (tmp_path / "odd.eml").write_bytes(b"\x00 not a mail, but called one")
    (tmp_path / "notes.txt").write_bytes(b"Dear diary,\nfrom: here\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "empty.eml").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    report = bring(tmp_path)
    assert report.new == 4
    assert {skipped.path.name: skipped.reason for skipped in report.skipped} == {
        "notes.txt": "does not look like mail",
        "picture.png": "does not look like mail",
        "empty.eml": "empty file",
        "pipe": "not a regular file",
    }


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    report = bring(tmp_path / "nowhere")
    assert [skipped.reason for skipped in report.skipped] == ["no such file or folder"]


def test_a_text_file_with_a_separator_line_is_one_message(tmp_path: Path) -> None:
    raw = b"Return-Path: <a@b.cz>\nReceived: by mx\nSubject: x\n\nBody\n"
    (tmp_path / "0001.txt").write_bytes(b"From a@b.cz  Thu Aug 22 12:36:23 2002\n" + raw)
    bring(tmp_path)
    assert originals() == {raw}


# --- again and again ----------------------------------------------------------------------------------------


def test_an_import_repeated_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "box").write_bytes(an_mbox(*(unix(a_message(f"{number}")) for number in range(40))))
    bring(tmp_path)
    report = bring(tmp_path)
    assert (report.new, report.already_here) == (0, 40)
    assert Delivery.objects.count() == Message.objects.count() == 40


def test_the_same_mail_in_two_files_is_one_delivery(tmp_path: Path) -> None:
    raw = a_message()
    (tmp_path / "a.eml").write_bytes(raw)
    (tmp_path / "b.eml").write_bytes(raw)
    report = bring(tmp_path)
    assert (report.new, report.already_here) == (1, 1)


@pytest.mark.parametrize("stop", [0, 1, 31, 32, 33, 50])
def test_an_import_that_is_cut_off_and_repeated_processes_each_message_once(tmp_path: Path, stop: int) -> None:
    (tmp_path / "box").write_bytes(an_mbox(*(unix(a_message(f"{number}")) for number in range(70))))
    taken: list[int] = []

    def take(delivery: Delivery) -> None:
        if len(taken) == stop and cut:
            raise KeyboardInterrupt
        taken.append(delivery.pk)
        done(delivery)

    cut = True
    with pytest.raises(KeyboardInterrupt):
        bring(tmp_path, take=take)
    cut = False
    bring(tmp_path, take=take)
    assert len(taken) == len(set(taken)) == Delivery.objects.filter(state="done").count() == 70


def test_what_an_interrupted_import_left_is_due_for_the_worker(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(a_message())

    def dies(delivery: Delivery) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(tmp_path, take=dies)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.due_at) == ("received", NOON + timedelta(minutes=10))


def test_imports_of_different_names_do_not_hide_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(a_message())
    bring(tmp_path)
    report = import_paths(
        [tmp_path],
        now=lambda: NOON,
        take=each(done),
        progress=lambda progress: None,
        origin=import_origin("process:sales"),
    )
    assert report.new == 1
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 2)


# --- counts and progress ---------------------------------------------------------------------------------------


def test_what_a_stage_could_not_take_is_counted_listed_and_played_again(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.eml").write_bytes(a_message(f"{number}"))

    def take(delivery: Delivery) -> None:
        state = "shunted" if original(delivery).count(b"Subject: 1") else "done"
        Delivery.objects.filter(pk=delivery.pk).update(state=state, due_at=None, stage="thread", error="boom")

    report = bring(tmp_path, take=take)
    assert (report.new, report.quarantined) == (3, 1)
    shunted = quarantine.shunted().get()
    assert quarantine.replay(Delivery.objects.all(), NOON) == 1
    assert quarantine.replay(Delivery.objects.all(), NOON) == 0
    shunted.refresh_from_db()
    assert (shunted.state, shunted.due_at) == ("received", NOON)


def test_progress_counts_messages_and_bytes(tmp_path: Path) -> None:
    messages = [unix(a_message(f"{number}")) for number in range(450)]
    (tmp_path / "box").write_bytes(an_mbox(*messages))
    told: list[Progress] = []
    report = bring(tmp_path, told=told)
    assert [progress.messages for progress in told] == [400, 450]
    assert told[-1].bytes == report.bytes == sum(map(len, messages))
    assert told[-1].messages_per_second == 0.0


def test_a_large_mbox_is_read_in_flat_memory(tmp_path: Path) -> None:
    message = unix(a_message("same", "x" * 70 + "\n" * 1000))
    with (tmp_path / "box").open("wb") as box:
        for number in range(400):
            box.write(an_mbox(message + b"%d" % number + b"y" * 100_000 + b"\n"))
    tracemalloc.start()
    report = bring(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.bytes > 40_000_000
    assert peak < 25_000_000


# --- times -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"Received: by a;\r\n Fri, 01 May 2026 08:00:00 +0000\r\nReceived: by b; Thu, 30 Apr 2026 07:00:00 +0000\r\n"
         b"Date: Wed, 01 Jan 2020 00:00:00 +0000\r\n", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        (b"Date: Fri, 01 May 2026 10:00:00 +0200\r\n", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        (b"Received: by a; soon\r\nDate: Fri, 01 May 2026 10:00:00 +0200\r\n", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        (b"Date: Fri, 01 May 2043 10:00:00 +0200\r\n", NOON),
        (b"Subject: x\r\n", NOON),
    ],
)  # fmt: skip
def test_the_time_of_arrival_is_what_the_header_can_be_believed(header: bytes, expected: datetime) -> None:
    assert arrival_time(header + b"\r\nDate: Fri, 01 May 2015 10:00:00 +0200\r\n", NOON) == expected
