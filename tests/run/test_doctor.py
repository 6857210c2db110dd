"""What doctor finds in an installation, and what it says to do."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from pytest_django.fixtures import Settings
from typer.testing import CliRunner

from podatelna.archive.models import Delivery
from podatelna.gateways.models import Gateway
from podatelna.run import chores
from podatelna.run.cli import app
from podatelna.run.examination import of_the_house, of_the_machine
from podatelna.run.findings import Finding
from podatelna.watch import beats
from tests.cast import Cast, a_mail, arrive
from tests.gateways.boxes import a_box
from tests.servers import HOST, SECRET, Dovecot, Receiver


@pytest.fixture(autouse=True)
def installation(db: None, settings: Settings, tmp_path: Path) -> Path:
    """A data folder as `podatelna` makes it, with a key and a worker that was just seen."""
    call_command("createcachetable", verbosity=0)
    tmp_path.chmod(0o700)
    settings.DATA, settings.KEY_FILE = tmp_path, tmp_path / "secret.key"
    settings.BLOBS_URL = f"file://{tmp_path / 'blobs'}"
    settings.KEY_FILE.touch(0o600)
    settings.KEY_FILE.write_text("ab" * 32)
    chores.beat()
    return tmp_path


def findings(probe: bool = False) -> dict[str, Finding]:
    return {finding.what: finding for finding in of_the_house(probe)}


def test_an_installation_in_order_has_nothing_wrong(cast: Cast) -> None:
    assert [finding for finding in (*of_the_machine(), *of_the_house(False)) if not finding.fine] == []
    shown = CliRunner().invoke(app, ["doctor", "--no-probe"])
    assert shown.exit_code == 0
    assert "Everything is in order." in shown.output


def test_something_wrong_is_said_with_a_remedy_and_exit_code_1() -> None:
    cache.delete(beats.BEAT_KEY)
    shown = CliRunner().invoke(app, ["doctor", "--no-probe"])
    assert shown.exit_code == 1
    assert "BAD  worker: never seen" in shown.output
    assert "start `podatelna run`" in shown.output
    assert "1 problem found." in shown.output


def test_a_worker_that_was_seen_long_ago_is_missed() -> None:
    cache.set(beats.BEAT_KEY, timezone.now() - timedelta(hours=2), None)
    assert not findings()["worker"].fine


def test_a_key_that_others_can_read_is_a_finding(installation: Path) -> None:
    (installation / "secret.key").chmod(0o644)
    found = findings()["key file"]
    assert not found.fine
    assert found.remedy == f"Others must not read it: chmod 600 {installation / 'secret.key'}"


def test_mail_that_everybody_can_read_is_a_finding(installation: Path) -> None:
    (installation / "blobs").mkdir(exist_ok=True)
    installation.chmod(0o755)
    (installation / "blobs").chmod(0o755)
    assert not findings()["data folder"].fine


def test_a_missing_data_folder_is_a_finding(settings: Settings, installation: Path) -> None:
    settings.DATA = installation / "nowhere"
    assert not findings()["data folder"].fine


def test_passwords_that_another_key_had_sealed_are_a_finding(cast: Cast, installation: Path) -> None:
    gateway = cast.helpdesk_gateway
    gateway.set_imap_password("secret")
    gateway.save()
    assert findings()["stored passwords"].fine
    (installation / "secret.key").write_text("cd" * 32)
    found = findings()["stored passwords"]
    assert not found.fine
    assert gateway.address in found.words


def test_a_blob_store_that_cannot_be_written_is_a_finding(settings: Settings, installation: Path) -> None:
    (installation / "file").write_text("in the way")
    settings.BLOBS_URL = f"file://{installation / 'file' / 'blobs'}"
    assert not findings()["blob store"].fine


def test_a_failing_gateway_is_said_with_its_error(cast: Cast) -> None:
    cast.helpdesk_gateway.state = Gateway.State.FAILING
    cast.helpdesk_gateway.last_error = json.dumps({"code": "login-refused", "detail": "no such user"})
    cast.helpdesk_gateway.save()
    found = findings()["gateway helpdesk@acme.cz"]
    assert not found.fine
    assert "login-refused" in found.words
    assert findings()["gateway sales@acme.cz"].fine


def test_probing_really_dials_and_says_what_to_do(cast: Cast) -> None:
    for gateway in (cast.helpdesk_gateway, cast.sales_gateway):
        gateway.imap_host = gateway.smtp_host = "127.0.0.1"
        gateway.imap_port = gateway.smtp_port = 1  # nobody listens there
        gateway.save()
    found = findings(probe=True)
    refused = found["gateway helpdesk@acme.cz imap-connect"]
    assert not refused.fine
    assert refused.words == "refused – 127.0.0.1:1"
    assert refused.remedy.startswith("Check the port")
    assert not found["gateway sales@acme.cz smtp-connect"].fine
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 1


def test_a_paused_gateway_is_not_dialled(cast: Cast) -> None:
    Gateway.objects.update(state=Gateway.State.PAUSED)
    assert [what for what in findings(probe=True) if "probed" in what or "imap" in what] == []


def test_of_a_private_mailbox_doctor_says_whose_it_is_and_nothing_of_its_server(cast: Cast) -> None:
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(
        owner=cast.carol,
        state=Gateway.State.FAILING,
        last_error=json.dumps({"code": "login-refused", "detail": "carol.secret@elsewhere.cz"}),
    )
    shown = CliRunner().invoke(app, ["doctor", "--no-probe"]).output
    assert "private mailbox of Carol: login-refused (last success: never)" in shown
    assert "sales@acme.cz" not in shown
    assert "carol.secret" not in shown


def test_a_certificate_that_ends_soon_is_a_finding(cast: Cast) -> None:
    Gateway.objects.update(imap_certificate_expires_at=timezone.now() + timedelta(days=90))
    assert findings()["gateway sales@acme.cz, certificate"].fine
    Gateway.objects.update(smtp_certificate_expires_at=timezone.now() + timedelta(days=9))
    assert not findings()["gateway sales@acme.cz, certificate"].fine


@pytest.mark.dovecot
def test_servers_that_let_us_in_are_one_line(cast: Cast, dovecot: Dovecot, receiver: Receiver) -> None:
    box = a_box(dovecot)
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(state=Gateway.State.PAUSED)
    gateway = cast.helpdesk_gateway
    gateway.imap_host, gateway.imap_port, gateway.imap_security = HOST, dovecot.imap_port, "none"
    gateway.smtp_host, gateway.smtp_port, gateway.smtp_security = HOST, receiver.port, "none"
    gateway.imap_login = box.user
    gateway.set_imap_password(SECRET)
    gateway.save()
    found = findings(probe=True)["gateway helpdesk@acme.cz, probed"]
    assert found.fine
    assert found.words == (
        "IMAP lets us in and has the folder, the processed folder will be made, SMTP lets us in and takes mail from it"
    )
    gateway.folder = "Nowhere"
    gateway.save()
    missing = findings(probe=True)["gateway helpdesk@acme.cz imap-folder"]
    assert not missing.fine
    assert missing.words.startswith("folder-missing")


def test_programs_get_one_json_object(cast: Cast) -> None:
    cache.delete(beats.BEAT_KEY)
    shown = CliRunner().invoke(app, ["doctor", "--no-probe", "--json"])
    said = json.loads(shown.output)
    assert shown.exit_code == 1
    assert said["problems"] == 1
    assert [one["what"] for one in said["findings"] if not one["fine"]] == ["worker"]
    assert all(set(one) == {"what", "fine", "words", "remedy"} for one in said["findings"])


def test_shunted_mail_is_a_finding_and_can_be_listed_and_replayed(cast: Cast) -> None:
    delivery = arrive(a_mail("Odd one"), cast.helpdesk_gateway)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.SHUNTED, stage="route", error="NoProcess: nobody", due_at=None
    )
    assert not findings()["processing"].fine
    assert f"{delivery.pk}  " in CliRunner().invoke(app, ["shunted"]).output
    refused = CliRunner().invoke(app, ["replay", "999999"])
    assert "not shunted: 999999" in str(refused.exception)
    assert "1 will be processed again" in CliRunner().invoke(app, ["replay", str(delivery.pk)]).output
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.RECEIVED
    assert delivery.due_at is not None
    assert "Nothing is shunted." in CliRunner().invoke(app, ["shunted"]).output


def test_looking_leaves_nothing_behind(installation: Path) -> None:
    findings()
    assert [path for path in (installation / "blobs").rglob("*") if path.is_file()] == []
    assert sorted(os.listdir(installation)) == ["blobs", "secret.key"]
