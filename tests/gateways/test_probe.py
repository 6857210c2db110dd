"""Testing a connection names the step that fails, and changes nothing."""

from __future__ import annotations

from typing import BinaryIO

import pytest

from podatelna.gateways.models import Gateway
from podatelna.gateways.probe import STEPS, Step, folders, probe
from podatelna.protocols import errors
from tests.servers import HOST, SECRET, Box, Certificate, Dovecot, Receiver, free_port, make_certificate, scripted

from .boxes import a_box

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db]


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return a_box(dovecot)


def unsaved(box: Box, receiver: Receiver | None = None, **settings: object) -> Gateway:
    """Settings as a form has them before anything is saved."""
    fine = {
        "address": "helpdesk@acme.cz",
        "imap_host": "localhost",
        "imap_port": box.server.imaps_port,
        "imap_security": "tls",
        "imap_login": box.user,
        "smtp_host": HOST,
        "smtp_port": receiver.port if receiver else free_port(),
        "smtp_security": "none",
    }
    gateway = Gateway(**{**fine, **settings})
    gateway.set_imap_password(SECRET)
    return gateway


def walk(gateway: Gateway, box: Box) -> dict[str, Step]:
    steps = list(probe(gateway, context=box.server.certificate.trusting()))
    assert tuple(step.name for step in steps) == STEPS
    return {step.name: step for step in steps}


def failed(steps: dict[str, Step]) -> list[tuple[str, str]]:
    return [(step.name, step.code) for step in steps.values() if step.ok is False]


def skipped(steps: dict[str, Step]) -> list[str]:
    return [step.name for step in steps.values() if step.ok is None]


def test_everything_fine(box: Box, receiver: Receiver) -> None:
    box.put(b"Subject: x\r\n\r\nx\r\n")
    steps = walk(unsaved(box, receiver), box)
    assert [step.ok for step in steps.values()] == [True] * len(STEPS)
    assert steps["imap-folder"].detail == "1"
    assert steps["imap-move"].detail == "move, new"
    assert box.folders() == {"INBOX"}, "the processed folder is not made by a test"
    assert len(box.messages()) == 1
    assert not receiver.taken


@pytest.mark.parametrize(
    ("settings", "failure", "skips"),
    [
        ({"imap_host": "no-such-host.invalid"}, ("imap-name", "name-not-found"), 5),
        ({"imap_port": 1}, ("imap-connect", "refused"), 4),
        ({"imap_host": "127.0.0.2"}, ("imap-tls", "certificate-name"), 3),
        ({"folder": "Nikde"}, ("imap-folder", "folder-missing"), 1),
        ({"processed_folder": "INBOX"}, ("imap-move", "cannot-move"), 0),
    ],
    ids=lambda value: str(value),
)
def test_the_step_that_fails_is_named_and_the_rest_skipped(
    box: Box, receiver: Receiver, settings: dict[str, object], failure: tuple[str, str], skips: int
) -> None:
    steps = walk(unsaved(box, receiver, **settings), box)
    assert failed(steps) == [failure]
    assert len(skipped(steps)) == skips
    assert all(steps[name].ok for name in STEPS if name.startswith("smtp")), "SMTP is tested all the same"


def test_tls_on_a_port_that_speaks_none(box: Box, receiver: Receiver) -> None:
    assert failed(walk(unsaved(box, receiver, imap_port=box.server.imap_port), box)) == [("imap-tls", "tls")]


def test_wrong_password(box: Box, receiver: Receiver) -> None:
    gateway = unsaved(box, receiver)
    gateway.set_imap_password("wrong")
    steps = walk(gateway, box)
    assert failed(steps) == [("imap-login", "login-refused")]


def test_a_password_of_another_key(box: Box, receiver: Receiver) -> None:
    gateway = unsaved(box, receiver)
    gateway.imap_sealed = b"\x01" + b"x" * 40
    assert failed(walk(gateway, box)) == [("imap-login", "password-unreadable")]


def test_what_the_server_can_do_about_moving(
    dovecot_without_move: Dovecot, dovecot_without_anything: Dovecot, receiver: Receiver
) -> None:
    for server, how in ((dovecot_without_move, "copy, new"), (dovecot_without_anything, "mark")):
        box = a_box(server)
        assert walk(unsaved(box, receiver), box)["imap-move"].detail == how


def test_an_existing_processed_folder_need_not_be_made(box: Box, receiver: Receiver) -> None:
    with box.session() as client:
        client.create_folder("Vyřízeno")
    assert walk(unsaved(box, receiver, processed_folder="Vyřízeno"), box)["imap-move"].detail == "move"


def test_smtp_fails_by_itself(box: Box, receiver: Receiver) -> None:
    receiver.script.mail = "553 5.7.1 not your address"
    steps = walk(unsaved(box, receiver), box)
    assert failed(steps) == [("smtp-sender", "sender-refused")]
    assert "not your address" in steps["smtp-sender"].detail
    closed = walk(unsaved(box, None), box)
    assert failed(closed) == [("smtp-connect", "refused")]
    assert skipped(closed) == ["smtp-tls", "smtp-login", "smtp-sender"]


def test_smtp_sign_in_and_certificate(box: Box, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = make_certificate(tmp_path_factory.mktemp("other"), name="mail.example.com")
    for certificate, login, failure in (
        (box.server.certificate, "wrong", [("smtp-login", "login-refused")]),
        (other, "helpdesk", [("smtp-tls", "certificate-unknown")]),
        (box.server.certificate, "helpdesk", []),
    ):
        assert failed(_with_smtp(box, certificate, login)) == failure


def _with_smtp(box: Box, certificate: Certificate, login: str) -> dict[str, Step]:
    receiver = Receiver(certificate=certificate, login="helpdesk")
    receiver.start()
    try:
        gateway = unsaved(box, receiver, smtp_host="localhost", smtp_security="starttls", smtp_login=login)
        gateway.set_smtp_password(SECRET)
        return walk(gateway, box)
    finally:
        receiver.stop()


def test_folders_for_the_picker(box: Box) -> None:
    with box.session() as client:
        for name in ("Žluté", "Sent", "Archiv/2026"):
            client.create_folder(name)
    found = folders(unsaved(box), context=box.server.certificate.trusting())
    assert found[0].name == "INBOX"
    assert {"Žluté", "Sent", "Archiv/2026"} <= {row.name for row in found}
    assert [row.name for row in found if row.special == "sent"] == ["Sent"]
    with pytest.raises(errors.CertificateRefused):
        folders(unsaved(box))


GMAIL = (
    b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n'
    b'* LIST (\\All \\HasNoChildren) "/" "[Gmail]/All Mail"\r\n'
    b'* LIST (\\HasNoChildren \\Trash) "/" "[Gmail]/Trash"\r\n'
    b'* LIST (\\HasNoChildren) "/" "Podatelna"\r\n'
)


def like_gmail(file: BinaryIO) -> None:
    file.write(b"* OK Gimap ready\r\n")
    while line := file.readline():
        tag, _, rest = line.rstrip().partition(b" ")
        if rest.startswith(b"CAPABILITY"):
            file.write(b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS MOVE SPECIAL-USE X-GM-EXT-1\r\n")
        elif rest.startswith(b"LIST"):
            wanted = rest.split(b'"')[3]
            file.writelines(row for row in GMAIL.splitlines(True) if b'"%s"' % wanted in row)
        elif rest.startswith(b"SELECT"):
            file.write(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n")
        file.write(tag + b" OK done\r\n")


@pytest.mark.parametrize(
    ("folder", "processed", "code"),
    [
        ("INBOX", "Podatelna", ""),
        # What is moved out of it stays in it: it would come in again and again.
        ("[Gmail]/All Mail", "Podatelna", "virtual-folder"),
        # Archived, with no label that anybody would find it by.
        ("INBOX", "[Gmail]/All Mail", "virtual-folder"),
        # Emptied after thirty days.
        ("INBOX", "[Gmail]/Trash", "virtual-folder"),
    ],
)
def test_gmails_folders_that_nothing_can_be_moved_out_of_or_into(folder: str, processed: str, code: str) -> None:
    with scripted(like_gmail) as server:
        gateway = Gateway(
            address="a@gmail.com", imap_host=HOST, imap_port=server.port, imap_security="none", imap_login="a",
            folder=folder, processed_folder=processed, smtp_host=HOST, smtp_port=1, smtp_security="none",
        )  # fmt: skip
        gateway.set_imap_password("x")
        moving = {step.name: step for step in probe(gateway)}["imap-move"]
    assert (moving.ok, moving.code) == (not code, code)
