"""`podatelna export`: what is asked for comes out, byte for byte, and what cannot is said."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from podatelna.accounts.models import AuditEntry
from podatelna.archive.models import Delivery
from podatelna.archive.sources import Found, find_mail
from podatelna.run.cli import app
from tests.cast import Cast, a_mail, receive

OFFER = a_mail("Offer", "Pět praček\n", sender="Petr <petr@partner.cz>")
BROKEN = a_mail("Broken", "Pračka teče\n", sender="Jana <jana@example.cz>")


def podatelna(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def mails_in(path: Path) -> set[bytes]:
    return {found.raw for found in find_mail([path]) if isinstance(found, Found)}


@pytest.fixture
def mail(cast: Cast) -> Cast:
    receive(BROKEN, cast.helpdesk_gateway)
    receive(OFFER, cast.sales_gateway)
    return cast


@pytest.mark.parametrize("form", ["maildir", "mbox", "zip"])
def test_the_whole_archive(mail: Cast, form: str, tmp_path: Path) -> None:
    done = podatelna("export", "--format", form, "--to", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert "exported 2 messages" in done.stdout
    assert mails_in(tmp_path / "out") == {OFFER, BROKEN}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--query", "pračka"), {BROKEN, OFFER}),
        (("--query", "pračka in:sales"), {OFFER}),
        (("--process", "helpdesk"), {BROKEN}),
        (("--person", "PETR@partner.cz"), {OFFER}),
        (("--person", "petr@partner.cz", "--process", "Helpdesk"), set()),
    ],
)
def test_what_was_chosen(mail: Cast, words: tuple[str, ...], expected: set[bytes], tmp_path: Path) -> None:
    done = podatelna("export", *words, "--format", "zip", "--to", str(tmp_path / "out.zip"))
    assert done.exit_code == 0, done.output
    assert mails_in(tmp_path / "out.zip") == expected


def test_a_conversation(cast: Cast, tmp_path: Path) -> None:
    conversation = receive(BROKEN, cast.helpdesk_gateway)
    receive(OFFER, cast.sales_gateway)
    podatelna("export", "--conversation", str(conversation.pk), "--format", "mbox", "--to", str(tmp_path / "out"))
    assert mails_in(tmp_path / "out") == {BROKEN}
    assert json.loads((tmp_path / "out.manifest.json").read_text())[0]["subject"] == "Broken"


def test_what_is_damaged_costs_itself_alone_and_the_exit_code_says_so(mail: Cast, tmp_path: Path) -> None:
    broken = Delivery.objects.order_by("pk")[0]
    Delivery.objects.filter(pk=broken.pk).update(sha256=b"\1" * 32)
    done = podatelna("export", "--format", "zip", "--to", str(tmp_path / "out.zip"))
    assert done.exit_code == 3
    assert f"delivery {broken.pk} could not be read" in done.stderr
    assert mails_in(tmp_path / "out.zip") == {OFFER}


def test_it_is_written_down(mail: Cast, tmp_path: Path) -> None:
    podatelna("export", "--query", "pračka", "--format", "mbox", "--to", str(tmp_path / "out"))
    entry = AuditEntry.objects.get(act="export")
    assert entry.details["count"] == 2
    assert entry.details["selection"]["query"] == "pračka"


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "pst"),
        ("--format", "zip", "--query", "before:never"),
        ("--format", "zip", "--conversation", "4711"),
        ("--format", "zip", "--process", "nobody"),
    ],
)
def test_what_cannot_be_done_is_refused_and_leaves_nothing(cast: Cast, words: tuple[str, ...], tmp_path: Path) -> None:
    done = podatelna("export", *words, "--to", str(tmp_path / "out.zip"))
    assert done.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_written_over_unasked(mail: Cast, tmp_path: Path) -> None:
    (tmp_path / "out.zip").write_bytes(b"dear to somebody")
    assert podatelna("export", "--format", "zip", "--to", str(tmp_path / "out.zip")).exit_code == 1
    assert (tmp_path / "out.zip").read_bytes() == b"dear to somebody"
    assert podatelna("export", "--format", "zip", "--to", str(tmp_path / "out.zip"), "--force").exit_code == 0
    assert zipfile.is_zipfile(tmp_path / "out.zip")
