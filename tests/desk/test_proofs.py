"""A proof pack shows what the person who asks may see, and is made for nobody else."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from django.test import Client
from django.utils import timezone
from typer.testing import CliRunner

from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive.models import Delivery
from podatelna.archive.proof import verifier
from podatelna.archive.proof.packs import make_pack
from podatelna.desk import proofs
from podatelna.desk.models import Conversation
from podatelna.run.cli import app
from tests.cast import Cast, a_mail, receive


def one_mail_to_two_processes(cast: Cast) -> tuple[Conversation, Conversation]:
    raw = a_mail(to="helpdesk@acme.cz, sales@acme.cz", message_id="both@example.cz")
    helpdesk = receive(b"Delivered-To: helpdesk@acme.cz\r\n" + raw, cast.helpdesk_gateway)
    return helpdesk, receive(b"Delivered-To: sales@acme.cz\r\n" + raw, cast.sales_gateway)


def files_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_only_the_copies_that_one_may_see_are_in_it(cast: Cast) -> None:
    helpdesk, sales = one_mail_to_two_processes(cast)
    assert helpdesk.entries.get(kind="message").message == sales.entries.get(kind="message").message
    data = b"".join(make_pack(proofs.of_conversation(helpdesk, cast.bob), cast.bob, timezone.now))
    originals = [content for name, content in files_of(data).items() if name.endswith(".eml")]
    assert [b"Delivered-To: helpdesk" in original for original in originals] == [True]
    assert b"Delivered-To: sales" not in data


def test_on_the_command_line_every_copy_is_in_it(cast: Cast, tmp_path: Path) -> None:
    helpdesk, _ = one_mail_to_two_processes(cast)
    message = helpdesk.entries.get(kind="message").message_id
    to = tmp_path / "proof.zip"
    said = CliRunner().invoke(app, ["proof", "--message", str(message), "--to", str(to)])
    assert said.exit_code == 0, said.output
    assert "2 deliveries" in said.output
    assert verifier.main([str(to)]) == 0
    assert sum(name.endswith(".eml") for name in files_of(to.read_bytes())) == Delivery.objects.count() == 2
    again = CliRunner().invoke(app, ["proof", "--conversation", str(helpdesk.pk), "--to", str(to)])
    assert "is there already" in str(again.exception)


def test_it_is_downloaded_from_the_desk(cast: Cast, tmp_path: Path) -> None:
    conversation = receive(a_mail("Reklamace"), cast.helpdesk_gateway)
    page = client_of(cast.bob).get(f"/conversations/{conversation.pk}/")
    assert f'action="/conversations/{conversation.pk}/proof"' in page.content.decode()
    response = client_of(cast.bob).post(f"/conversations/{conversation.pk}/proof")
    path = tmp_path / "pack.zip"
    path.write_bytes(b"".join(response))
    assert verifier.main([str(path)]) == 0
    assert "attachment" in response["Content-Disposition"]
    assert json.loads(files_of(path.read_bytes())["manifest.json"])["subject"] == f"conversation {conversation.pk}"
    assert AuditEntry.objects.filter(act="make-proof", person=cast.bob).count() == 1


def test_outsiders_and_other_teams_get_none(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    message = conversation.entries.get(kind="message").message_id
    for person in (cast.carol, cast.dan, cast.eve):
        for url in (f"/conversations/{conversation.pk}/proof", f"/messages/{message}/proof"):
            assert client_of(person).post(url).status_code == 404
    assert client_of(cast.bob).get(f"/conversations/{conversation.pk}/proof").status_code == 405
    assert not AuditEntry.objects.filter(act="make-proof").exists()
