"""`podatelna stats`, `repack` and `rotate-key`, as an administrator types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from typer.testing import CliRunner

from podatelna.archive import store
from podatelna.archive.models import Blob, Delivery
from podatelna.run.cli import app
from podatelna.run.errors import Refused
from tests.cast import Cast, a_mail, receive

LARGE = bytes(range(256)) * 400


@pytest.fixture
def an_archive(cast: Cast, settings: Settings, tmp_path: Path) -> Cast:
    settings.BLOBS_URL = f"file://{tmp_path / 'blobs'}"
    raw = a_mail(files=[("list.bin", "application/octet-stream", LARGE)])
    for gateway in (cast.helpdesk_gateway, cast.sales_gateway):
        receive(f"Delivered-To: {gateway.address}\r\n".encode() + raw, gateway)
    receive(a_mail("Another"), cast.helpdesk_gateway)
    return cast


def said(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("an_archive")
def test_stats_count_every_copy_as_it_came_and_every_content_once() -> None:
    found = json.loads(said("stats", "--json"))
    assert (found["deliveries"], found["messages"], found["contents"]) == (3, 2, 1)
    assert found["raw"] == sum(Delivery.objects.values_list("size", flat=True))
    outside = Blob.objects.get().stored
    assert found["kinds"]["contents_in_the_blob_store"] == outside
    assert found["stored"] == sum(found["kinds"].values())
    assert found["search_index"] > 0
    assert found["ratio"] == round(found["stored"] / found["raw"], 4)


@pytest.mark.usefixtures("an_archive")
def test_stats_tell_what_each_process_holds() -> None:
    helpdesk, sales = json.loads(said("stats", "--json"))["processes"]
    assert (helpdesk["process"], helpdesk["deliveries"]) == ("Helpdesk", 2)
    assert (sales["process"], sales["deliveries"]) == ("Sales", 1)
    outside = Blob.objects.get().stored or 0
    assert outside < sales["stored"] < helpdesk["stored"]  # what both hold counts in both


@pytest.mark.usefixtures("an_archive")
def test_stats_in_words() -> None:
    words = said("stats")
    assert "3 deliveries of 2 messages" in words
    assert "contents in the blob store" in words
    assert "Helpdesk: 2 deliveries" in words


@pytest.mark.django_db
def test_stats_of_an_empty_archive() -> None:
    found = json.loads(said("stats", "--json"))
    assert (found["raw"], found["ratio"], found["processes"]) == (0, 0.0, [])
    assert "0 deliveries" in said("stats")


@pytest.mark.usefixtures("an_archive")
def test_repack_says_what_became_of_it() -> None:
    before = [store.original(one) for one in Delivery.objects.order_by("pk")]
    assert "packed again" in said("repack")
    assert [store.original(one) for one in Delivery.objects.order_by("pk")] == before


@pytest.mark.usefixtures("an_archive")
def test_rotate_key_adds_a_key_and_seals_everything(settings: Settings, tmp_path: Path) -> None:
    before = [store.original(one) for one in Delivery.objects.order_by("pk")]
    settings.CONTENT_KEY_FILE = tmp_path / "content.keys"
    settings.CONTENT_KEY_FILE.write_text("1:" + "5a" * 32)
    said("rotate-key")
    words = said("rotate-key", "--add")
    assert "Key 2 was added" in words
    assert "Everything is sealed with key 2. Keys no longer used: 1." in words
    assert Blob.objects.get().codec == "k2"
    assert [store.original(one) for one in Delivery.objects.order_by("pk")] == before


@pytest.mark.usefixtures("an_archive")
def test_rotate_key_without_a_key_says_where_to_read() -> None:
    result = CliRunner().invoke(app, ["rotate-key"])
    assert isinstance(result.exception, Refused)
    assert "storage.md" in str(result.exception)
