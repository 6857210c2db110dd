"""`podatelna verify` reads everything again and says what is damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.fixtures import Settings
from typer.testing import CliRunner

from podatelna.archive.models import Blob, Delivery
from podatelna.blobs import open_store
from podatelna.run.cli import app
from tests.cast import Cast, a_mail, receive

LARGE = bytes(range(256)) * 400


@pytest.fixture
def an_archive(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    settings.BLOBS_URL = f"file://{tmp_path / 'blobs'}"
    receive(a_mail(files=[("list.bin", "application/octet-stream", LARGE)]), cast.helpdesk_gateway)
    receive(a_mail("Another"), cast.helpdesk_gateway)


@pytest.mark.usefixtures("an_archive")
def test_a_whole_archive_is_called_whole() -> None:
    said = CliRunner().invoke(app, ["verify"])
    assert said.exit_code == 0, said.output
    assert (
        f"2 deliveries, {Blob.objects.count()} stored files and 0 lines of the log read: nothing is damaged."
        in said.output
    )


@pytest.mark.usefixtures("an_archive")
def test_a_changed_original_is_named() -> None:
    first = Delivery.objects.order_by("pk")[0]
    Delivery.objects.filter(pk=first.pk).update(sha256=bytes(32))
    said = CliRunner().invoke(app, ["verify"])
    assert said.exit_code == 1
    assert f"CHANGED    delivery {first.pk}:" in said.output


@pytest.mark.usefixtures("an_archive")
def test_a_missing_file_is_named_for_itself_and_for_its_message() -> None:
    stored = Blob.objects.get(inline=None)
    open_store(settings.BLOBS_URL).delete(bytes(stored.sha256).hex())
    said = CliRunner().invoke(app, ["verify"])
    assert said.exit_code == 1
    assert said.output.count("MISSING    ") == 2


@pytest.mark.usefixtures("an_archive")
def test_the_result_is_given_as_json() -> None:
    first = Delivery.objects.order_by("pk")[0]
    Delivery.objects.filter(pk=first.pk).update(sha256=bytes(32))
    said = CliRunner().invoke(app, ["verify", "--json"])
    assert said.exit_code == 1
    result = json.loads(said.stdout)
    assert result["read"]["deliveries"] == 2
    assert [(one["kind"], one["subject"]) for one in result["findings"]] == [("changed", f"delivery {first.pk}")]
