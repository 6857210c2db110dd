"""A private mailbox: two folders are named to its server and no other one, and every command is in the transcript."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from podatelna.archive.intake import accept
from podatelna.archive.models import Delivery
from podatelna.gateways import personal, probe, transcript
from podatelna.gateways.models import Gateway, Said, SentMark, Unsaid
from podatelna.gateways.personal import ForeignFolder, check
from podatelna.gateways.sent import append_sent
from podatelna.gateways.sent_watch import look_into_sent
from tests.cast import NOON, Clock, a_gateway, a_mail, a_person
from tests.servers import SECRET, Box, Dovecot

from .boxes import a_box, entries, gateway_to, take_in

OURS = {"Předat", "Hotovo"}


# --- the last door ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        'SELECT "P&AVk-edat"',
        "EXAMINE Hotovo",
        'CREATE "INBOX.Hotovo"',
        'SUBSCRIBE "INBOX/Hotovo"',
        'APPEND "Hotovo" (\\Seen) {12}',
        'UID MOVE 1:3,7 "Hotovo"',
        "UID COPY 1 Hotovo",
        'LIST "" "P&AVk-edat"',
        "MYRIGHTS Hotovo",
        'STATUS "Hotovo" (MESSAGES)',
        "UID FETCH 1 (UID BODY.PEEK[])",
        'UID SEARCH HEADER Message-ID "INBOX"',
        "NOOP",
        "(12 bytes)",
        "AUTHENTICATE PLAIN (secret)",
        'SELECT "Předat"',
    ],
)
def test_commands_for_ones_own_folders_pass(line: str) -> None:
    check(line, OURS)


@pytest.mark.parametrize(
    "line",
    [
        'SELECT "INBOX"',
        "EXAMINE Archiv",
        'SELECT "Hotovo/Private"',
        'SELECT "Private/Hotovo"',
        'SELECT "INBOX.Private.Hotovo"',
        'SELECT "hotovo"',
        "SELECT {6}",
        "SELECT",
        'STATUS "INBOX" (MESSAGES)',
        'UID MOVE 1 "Trash"',
        "UID COPY 1 {5}",
        'LIST "" "*"',
        'LIST "" "%"',
        'LIST "INBOX" "Hotovo"',
        'LIST "" "Hotovo" RETURN (STATUS (MESSAGES))',
        'LSUB "" "*"',
        'XLIST "" "*"',
        'DELETE "Hotovo"',
        'RENAME "Hotovo" "Jinam"',
        "EXPUNGE",
        "CLOSE",
        "FETCH 1 BODY[]",
        'GETQUOTAROOT "INBOX"',
        "NOTIFY SET STATUS (personal (MessageNew))",
        "UID",
        "",
    ],
)
def test_any_other_folder_is_never_named(line: str) -> None:
    with pytest.raises(ForeignFolder):
        check(line, OURS)


def test_all_folders_are_listed_only_for_the_owner_to_choose_from() -> None:
    check('LIST "" "*"', OURS, listing=True)
    with pytest.raises(ForeignFolder):
        check('LIST "" "INBOX/*"', OURS, listing=True)


# --- against a Dovecot -----------------------------------------------------------------------------------


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    box = a_box(dovecot)
    with box.session() as session:
        for name in ("Předat", "Soukromé", "Archiv 2020", "Sent"):
            session.create_folder(name)
    box.put(a_mail("Private"), folder="Soukromé")
    box.put(a_mail("In the inbox"))
    dovecot.listen_to(box.user)
    return box


def private(box: Box, **fields: object) -> Gateway:
    settings = {"folder": "Předat", "processed_folder": "Hotovo", "owner": a_person(f"Owner{box.user}")}
    return gateway_to(box, **{**settings, **fields})


def named(text: str) -> set[str]:
    """Every word or string in these commands that is the name of a folder of the mailbox, or a pattern of LIST."""
    folders = ("INBOX", "Soukrom", "Archiv 2020", "P&AVk-edat", "Hotovo", "Sent", "*", "%")
    return {name for name in folders if re.search(rf'["( ]{re.escape(name)}', text)}


@pytest.mark.dovecot
@pytest.mark.django_db
def test_the_server_hears_of_two_folders_and_of_no_other(box: Box, dovecot: Dovecot, clock: Clock) -> None:
    gateway = private(box)
    first, second = a_mail("One"), a_mail("Two")
    box.put(first, folder="Předat", flags=("\\Seen", "\\Flagged"))
    take_in(gateway, clock)
    box.put(second, folder="Předat")
    take_in(gateway, clock)
    take_in(gateway, clock)
    moved = box.messages("Hotovo")
    assert [(one.raw, one.flags) for one in moved] == [(first, {"\\Seen", "\\Flagged"}), (second, set())]
    assert box.messages("Předat") == []
    told = "\n".join(row.lines for row in Said.objects.filter(gateway=gateway))
    assert named(told) == {"P&AVk-edat", "Hotovo"}
    # What the server heard besides is of the owner's mail program, which is this test.
    heard = re.findall(r"^[\d.]+ [A-Z]+\d+ (.*?)\r?$", dovecot.spoken(box.user), re.MULTILINE)
    assert not [line for line in heard if line not in told and re.match("UID (MOVE|STORE|EXPUNGE)|CREATE|STATUS", line)]


@pytest.mark.dovecot
@pytest.mark.django_db
def test_with_nobody_else_signed_in_the_transcript_is_what_the_server_heard(
    box: Box, dovecot: Dovecot, clock: Clock
) -> None:
    box.put(a_mail("One"), folder="Předat")
    gateway = private(box)
    before = len(dovecot.spoken(box.user))
    take_in(gateway, clock)
    heard = re.findall(r"^[\d.]+ [A-Z]+\d+ (.*?)\r?$", dovecot.spoken(box.user)[before:], re.MULTILINE)
    told = "\n".join(row.lines for row in Said.objects.filter(gateway=gateway).order_by("pk")).split("\n")
    signed_in = next(i for i, line in enumerate(told) if line.startswith(("LOGIN", "AUTHENTICATE")))
    assert heard == [line for line in told[signed_in + 1 :] if not line.startswith("(")]
    assert named("\n".join(heard)) == {"P&AVk-edat", "Hotovo"}
    assert SECRET not in "\n".join(told)


@pytest.mark.dovecot
@pytest.mark.django_db
def test_a_message_dragged_back_is_recognised_and_moved_again(box: Box, clock: Clock) -> None:
    gateway = private(box)
    box.put(a_mail("One"), folder="Předat")
    take_in(gateway, clock)
    with box.session() as session:
        session.select_folder("Hotovo")
        session.move(session.search(), "Předat")
    looked = take_in(gateway, clock)
    assert (looked.new, looked.duplicates) == (0, 1)
    assert Delivery.objects.count() == 2
    assert len(box.messages("Hotovo")) == 1
    assert [end for _, end, _ in entries(gateway)] == ["archived", "duplicate"]


@pytest.mark.dovecot
@pytest.mark.django_db
def test_the_owner_chooses_from_the_list_and_the_test_names_no_other(box: Box, dovecot: Dovecot) -> None:
    gateway = private(box)
    assert {row.name for row in probe.folders(gateway)} >= {"INBOX", "Soukromé", "Předat"}
    before = len(dovecot.spoken(box.user))
    steps = {step.name: (step.ok, step.detail) for step in probe.probe(gateway)}
    assert steps["imap-folder"] == (True, "0")
    assert steps["imap-move"] == (True, "move, new")
    assert named(dovecot.spoken(box.user)[before:]) == {"P&AVk-edat", "Hotovo"}


@pytest.mark.dovecot
@pytest.mark.django_db
def test_folders_that_are_missing_are_made(box: Box) -> None:
    gateway = private(box, folder="Nové")
    assert next(step for step in probe.probe(gateway) if step.name == "imap-folder").detail == "new"
    personal.settle_folders(gateway)
    assert {"Nové", "Hotovo"} <= box.folders()
    assert (gateway.folder, gateway.processed_folder) == ("Nové", "Hotovo")


# --- the transcript --------------------------------------------------------------------------------------


@pytest.mark.dovecot
@pytest.mark.django_db
def test_looks_that_are_the_same_are_counted(box: Box, clock: Clock) -> None:
    gateway = private(box)
    mailbox = personal.dial(gateway, now=clock)
    for _ in range(5):
        clock.forward(minutes=1)
        mailbox.select("Předat")
        mailbox.uids(1)
    mailbox.close()
    rows = list(Said.objects.filter(gateway=gateway).order_by("pk"))
    assert [row.times for row in rows] == [1, 4, 1]  # signing in; the same looks; the last one with the goodbye
    assert rows[1].ended_at - rows[1].began_at == timedelta(minutes=3)
    text = "\n".join(transcript.written(gateway))
    assert "4 times the same" in text
    assert "LOGOUT" in text
    assert SECRET not in text


@pytest.mark.django_db
def test_what_is_dropped_is_said(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = _nobody_dials()
    for day in range(5):
        at = NOON + timedelta(days=day)
        lines = f'SELECT "{day}"\nUID SEARCH 1:{day}'
        Said.objects.create(gateway=gateway, began_at=at, ended_at=at, lines=lines, size=len(lines), times=2)
    assert transcript.sweep(NOON + transcript.KEEP + timedelta(days=1, hours=1)) == 8
    gap = Unsaid.objects.get(gateway=gateway)
    assert (gap.commands, gap.until) == (8, NOON + timedelta(days=1))
    monkeypatch.setattr(transcript, "MOST", 60)
    assert transcript.sweep(NOON + timedelta(days=5)) == 4
    assert Said.objects.filter(gateway=gateway).count() == 2
    assert "12 older commands, until 2026-05-06 10:00:00 UTC, are kept no longer." in transcript.written(gateway)
    assert transcript.sweep(NOON + timedelta(days=5)) == 0


@pytest.mark.django_db
def test_one_long_line_is_shortened_and_says_so(clock: Clock) -> None:
    gateway = _nobody_dials()
    said = personal.said_by(gateway, now=clock)
    assert said is not None
    said("UID FETCH " + "1," * 5000 + "2 (UID)")
    assert Said.objects.get().lines.endswith("more characters)")


@pytest.mark.django_db
def test_what_is_refused_is_not_in_the_transcript(clock: Clock) -> None:
    said = personal.said_by(_nobody_dials(), now=clock)
    assert said is not None
    with pytest.raises(ForeignFolder):
        said('SELECT "INBOX"')
    assert not Said.objects.exists()


def test_a_process_mailbox_is_not_listened_to() -> None:
    assert personal.said_by(Gateway(folder="INBOX")) is None


def _nobody_dials() -> Gateway:
    return a_gateway("alice@acme.cz", owner=a_person("Alice"), folder="Předat", processed_folder="Hotovo")


# --- an owner who leaves ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_mailbox_of_somebody_who_left_is_not_looked_into() -> None:
    gateway = _nobody_dials()
    assert Gateway.objects.filter(personal.is_watched(), pk=gateway.pk).exists()
    assert gateway.owner is not None
    gateway.owner.is_active = False
    gateway.owner.save()
    assert not Gateway.objects.filter(personal.is_watched(), pk=gateway.pk).exists()


# --- Sent ------------------------------------------------------------------------------------------------


def _answers(gateway: Gateway, headers: Mapping[int, bytes]) -> set[int]:
    return {uid for uid, lines in headers.items() if b"handed@example.cz" in lines}


@pytest.mark.dovecot
@pytest.mark.django_db
def test_of_sent_only_answers_are_fetched_and_nothing_else_is_kept(box: Box, dovecot: Dovecot, clock: Clock) -> None:
    gateway = private(box, sent_folder="Sent", watch_sent=True)
    box.put(a_mail("Older", in_reply_to="handed@example.cz"), folder="Sent")
    _look(gateway, clock)
    assert not Delivery.objects.exists()  # from here on, not what stood there before
    answer = a_mail("Re: handed over", in_reply_to="handed@example.cz")
    box.put(a_mail("Private letter", in_reply_to="other@example.cz"), answer, a_mail("Love letter"), folder="Sent")
    before = len(dovecot.spoken(box.user))
    assert _look(gateway, clock) == 1
    assert _look(gateway, clock) == 0
    assert Delivery.objects.get().size == len(answer)
    said = dovecot.spoken(box.user)[before:]
    assert re.findall(r"UID FETCH (\S+) .*BODY\.PEEK\[\]", said) == ["3"]
    assert named(said) == {"Sent"}
    assert len(box.messages("Sent")) == 4


@pytest.mark.dovecot
@pytest.mark.django_db
def test_without_leave_sent_is_not_named(box: Box, dovecot: Dovecot, clock: Clock) -> None:
    gateway = private(box)
    assert _look(gateway, clock) == 0
    append_sent(gateway, a_mail(), "x@y")
    assert "Sent" not in dovecot.spoken(box.user)


@pytest.mark.dovecot
@pytest.mark.django_db
def test_a_sent_folder_that_was_made_anew_is_begun_anew(box: Box, clock: Clock) -> None:
    gateway = private(box, sent_folder="Odesl", watch_sent=True)
    assert _look(gateway, clock) == 0  # it is not there
    with box.session() as session:
        session.create_folder("Odesl")
    _look(gateway, clock)
    SentMark.objects.update(uidvalidity=1)
    box.put(a_mail(in_reply_to="handed@example.cz"), folder="Odesl")
    assert _look(gateway, clock) == 0
    box.put(a_mail("Again", in_reply_to="handed@example.cz"), folder="Odesl")
    assert _look(gateway, clock) == 1


def _look(gateway: Gateway, clock: Clock) -> int:
    mailbox = personal.dial(gateway, now=clock)
    try:
        return look_into_sent(mailbox, gateway, answering=_answers, accept=accept, now=clock)
    finally:
        mailbox.close()
