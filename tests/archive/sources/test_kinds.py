"""Separators of every shape, dialects, Apple Mail; folders and flags of each kind of mailbox become labels."""

from __future__ import annotations

import plistlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podatelna.archive.sources import Dialect, Found, Skipped, find_mail

MAIL = b"From: a@b.cz\nTo: c@d.cz\nSubject: one\n\ntext\n"
OTHER = MAIL.replace(b"one", b"two")


def mails(*paths: Path, dialect: Dialect = "auto") -> list[Found]:
    return [one for one in find_mail(paths, dialect=dialect) if isinstance(one, Found)]


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# --- mbox ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"From jana@example.cz Mon May  4 10:00:00 2026",
        b"From jana@example.cz  Mon May 04 10:00:00 2026",
        b"From jana@example.cz Mon May  4 10:00 2026",
        b"From jana@example.cz Mon May  4 10:00:00 CEST 2026",
        b"From jana@example.cz Mon May  4 10:00:00 2026 +0200",
        b"From jana@example.cz Mon, 4 May 2026 10:00:00 +0200",
        b"From jana@example.cz 2026-05-04 10:00:00",
        b"From - Mon May  4 10:00:00 2026",
        b"From ???@??? Mon May 04 10:00:00 2026",
        b'From "Jana N" <jana@example.cz> Mon May  4 10:00:00 2026',
        b"From jana Mon May  4 10:00:00 2026 remote from host",
        b"From 1234567890123456789@xxx Mon May 04 10:00:00 +0000 2026",
        b"From jana@example.cz",
        b"From jana@example.cz \t",
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_separator_of_any_shape(line: bytes, end: bytes, tmp_path: Path) -> None:
    box = b"".join(line + end + mail.replace(b"\n", end) + end for mail in (MAIL, OTHER, MAIL))
    expected = [mail.replace(b"\n", end) for mail in (MAIL, OTHER, MAIL)]
    assert [found.raw for found in mails(write(tmp_path / "box", box))] == expected


def test_a_line_without_time_parts_nothing_where_the_file_has_times(tmp_path: Path) -> None:
    mail = MAIL + b"\nFrom Jana\nSubject: quoted\n"
    box = b"From a@b.cz Mon May  4 10:00:00 2026\n" + mail + b"\n"
    assert [found.raw for found in mails(write(tmp_path / "box", box))] == [mail]


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("auto", b">From me\n>>From you\n"),
        ("mboxo", b"From me\n>>From you\n"),
        ("mboxrd", b"From me\n>From you\n"),
        ("mboxcl", b"From me\n>>From you\n"),
        ("mboxcl2", b">From me\n>>From you\n"),
    ],
)
def test_quoting_is_undone_where_the_dialect_is_named(dialect: Dialect, expected: bytes, tmp_path: Path) -> None:
    box = b"From a@b.cz Mon May  4 10:00:00 2026\n" + MAIL + b">From me\n>>From you\n\n"
    assert [found.raw for found in mails(write(tmp_path / "box", box), dialect=dialect)] == [MAIL + expected]


def test_an_eml_is_one_message_as_it_stands(tmp_path: Path) -> None:
    raw = b"From a@b.cz Mon May  4 10:00:00 2026\n" + MAIL
    assert [found.raw for found in mails(write(tmp_path / "a.eml", raw))] == [raw]


# --- Apple -----------------------------------------------------------------------------------------------------


def an_emlx(raw: bytes, flags: int = 1, at: float = 1777881600) -> bytes:
    return b"%-10d\n" % len(raw) + raw + plistlib.dumps({"flags": flags, "date-received": at})


def test_a_message_of_apple_mail_with_folder_flags_and_time(tmp_path: Path) -> None:
    write(
        tmp_path / "V10" / "Work.mbox" / "2024.mbox" / "A1B2" / "Data" / "Messages" / "1.emlx", an_emlx(MAIL, 0b10001)
    )
    (found,) = mails(tmp_path)
    assert found.raw == MAIL
    assert found.labels == ("Work/2024", "\\Seen", "\\Flagged")
    assert found.at == datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "tail", [b"", b"<?xml", b"<plist><dict><key>flags</key><string>x</string></dict></plist>", b"\xff"]
)
def test_a_broken_list_behind_it_costs_only_the_flags(tail: bytes, tmp_path: Path) -> None:
    (found,) = mails(write(tmp_path / "1.emlx", b"%d\n" % len(MAIL) + MAIL + tail))
    assert (found.raw, found.at) == (MAIL, None)


@pytest.mark.parametrize("data", [b"99999\n" + MAIL, b"5x\n" + MAIL])
def test_a_wrong_length_is_named(data: bytes, tmp_path: Path) -> None:
    (one,) = find_mail([write(tmp_path / "1.emlx", data)])
    assert isinstance(one, Skipped)


# --- labels ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        ("cur/1.x:2,", ()),
        ("cur/1.x:2,FRS", ("\\Flagged", "\\Answered", "\\Seen")),
        ("cur/1.x;2,PT", ("#$Forwarded", "\\Deleted")),
        ("new/1.x", ()),
        (".Work.2024/cur/1.x:2,S", ("Work/2024", "\\Seen")),
        (".Odeslan&AOE- po&AWE-ta/cur/1.x:2,S", ("Odeslaná pošta", "\\Seen")),
        (".Odeslaná pošta/cur/1.x:2,", ("Odeslaná pošta",)),
        ("Work/2024/cur/1.x:2,", ("Work/2024",)),
        ("jana/Maildir/cur/1.x:2,", ("jana",)),
        ("jana/Maildir/.Spam/cur/1.x:2,", ("Spam",)),
        ("cur/1.x:2,Sab", ("\\Seen", "#$Label1", "#Důležité")),
    ],
)
def test_folders_and_flags_of_a_maildir(path: str, labels: tuple[str, ...], tmp_path: Path) -> None:
    file = write(tmp_path / path, MAIL)
    (file.parent.parent / "tmp").mkdir()
    (file.parent.parent / "dovecot-keywords").write_text("0 $Label1\n1 Důležité\n")
    assert [found.labels for found in mails(tmp_path)] == [labels]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("Inbox", "Inbox"),
        ("archive.mbox", "archive"),
        ("Inbox.sbd/Work.sbd/2024", "Inbox/Work/2024"),
        ("Work.mbox/mbox", "Work"),
    ],
)
def test_the_folder_of_an_mbox(path: str, label: str, tmp_path: Path) -> None:
    write(tmp_path / path, b"From a@b.cz Mon May  4 10:00:00 2026\n" + MAIL)
    assert [found.labels for found in mails(tmp_path)] == [(label,)]


def test_what_programs_write_into_the_header_of_an_mbox(tmp_path: Path) -> None:
    written = (
        b'X-Gmail-Labels: =?UTF-8?Q?Doru=C4=8Den=C3=A9,Opened,?=\r\n =?UTF-8?Q?"Work,_old",Unread,Starred?=\r\n'
        b"Status: RO\r\nX-Status: A\r\nX-Keywords: $Label1 later\r\n"
    )
    box = b"From 1@xxx Mon May 04 10:00:00 +0000 2026\r\n" + written + MAIL.replace(b"\n", b"\r\n")
    (found,) = mails(write(tmp_path / "All mail.mbox", box))
    assert set(found.labels) == {
        "All mail", "Doručené", "Work, old", "\\Seen", "\\Flagged", "\\Answered", "#$Label1", "#later",
    }  # fmt: skip


def test_the_folders_around_a_file(tmp_path: Path) -> None:
    write(tmp_path / "Práce" / "2024" / "a.eml", MAIL)
    assert [found.labels for found in mails(tmp_path)] == [("Práce/2024",)]
    assert [found.labels for found in mails(tmp_path / "Práce" / "2024" / "a.eml")] == [()]
