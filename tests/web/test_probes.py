"""What machines ask: alive, ready, metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from podatelna.gateways.alarms import raise_alarm
from podatelna.watch import beats
from podatelna.web import probes
from tests.cast import NOON, Cast, a_mail, arrive, receive

TOKEN = "a token of prometheus"


@pytest.fixture(autouse=True)
def installation(db: None, settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """A data folder of its own and a worker that was just seen."""
    call_command("createcachetable", verbosity=0)
    settings.DATA, settings.BLOBS_URL = tmp_path, f"file://{tmp_path / 'blobs'}"
    beats.beat(timezone.now())
    probes.forget()
    yield tmp_path
    probes.forget()


def test_healthz_needs_no_session_no_person_and_no_name_of_ours() -> None:
    answer = Client().get("/healthz", headers={"host": "10.1.2.3"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_readyz_says_what_is_missing(installation: Path, settings: Settings) -> None:
    assert Client().get("/readyz").status_code == 200
    cache.set(beats.BEAT_KEY, timezone.now() - timedelta(minutes=3), None)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready: no worker was seen for two minutes\n")
    (installation / "file").write_text("in the way")
    settings.BLOBS_URL = f"file://{installation / 'file' / 'blobs'}"
    probes.forget()
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"not ready: the blob store cannot be written\n")


def test_readyz_says_that_the_database_is_not_prepared() -> None:
    MigrationRecorder(connection).migration_qs.filter(app="gateways").delete()
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert b"the database is not prepared" in answer.content


def test_probes_are_only_read() -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert Client().post(path).status_code == 405
        assert Client().head(path).status_code == 200


def test_metrics_are_read_with_the_token_alone_where_there_is_one(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert Client().get("/metrics").status_code == 403
    assert Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}x"}).status_code == 403
    shown = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}, REMOTE_ADDR="203.0.113.9")
    assert shown.status_code == 200


def test_without_a_token_metrics_are_for_this_machine_and_never_through_a_proxy(settings: Settings) -> None:
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    settings.ORIGIN = "https://desk.example.com"
    assert Client().get("/metrics").status_code == 403


def metrics() -> dict[str, float]:
    """Samples by name with labels, each line checked against the grammar of the format."""
    answer = Client().get("/metrics")
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.content.decode()
    assert text.endswith("\n")
    found, typed = {}, {}
    for line in text.splitlines():
        if line.startswith("# "):
            kind, name, rest = line.removeprefix("# ").split(" ", 2)
            assert kind in {"HELP", "TYPE"}
            assert rest
            if kind == "TYPE":
                assert name not in typed, "each family is told once"
                typed[name] = rest
            continue
        match = re.fullmatch(
            r'([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?[\d.e+-]+)', line, re.ASCII
        )
        assert match, line
        assert match[1] in typed, "HELP and TYPE come before their samples"
        found[match[1] + (match[2] or "")] = float(match[3])
    return found


def test_metrics_say_how_the_house_is_doing(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway, NOON)
    arrive(a_mail(), cast.helpdesk_gateway, timezone.now() - timedelta(minutes=7))
    raise_alarm("disk", "data folder", now=timezone.now())
    found = metrics()
    assert found['podatelna_gateways{state="new",kind="mailbox"}'] == 2
    assert found["podatelna_deliveries_total"] >= 2
    assert found['podatelna_queue_waiting{queue="pipeline"}'] == 1
    assert found['podatelna_queue_oldest_seconds{queue="pipeline"}'] >= 420
    assert found['podatelna_alarms{kind="disk"}'] == 1
    assert found["podatelna_worker_up"] == found["podatelna_blob_store_up"] == found["podatelna_database_up"] == 1
    assert found["podatelna_disk_free_bytes"] > 0


def test_failures_of_workers_are_counted_by_what_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beats, "_failures", type(beats._failures)())
    beats.note_failure(OSError("disk"))
    beats.note_failure(ValueError("a bug"))
    beats.beat(timezone.now())
    found = metrics()
    assert found['podatelna_worker_failures_total{kind="blob store"}'] == 1
    assert found['podatelna_worker_failures_total{kind="other"}'] == 1
    assert found['podatelna_worker_failures_total{kind="database"}'] == 0


def test_metrics_ask_the_same_few_questions_however_much_there_is(
    cast: Cast,
) -> None:
    metrics()  # what is prepared is remembered
    with CaptureQueriesContext(connection) as before:
        metrics()
    for _ in range(30):
        arrive(a_mail(), cast.helpdesk_gateway)
    with CaptureQueriesContext(connection) as after:
        metrics()
    assert len(after) == len(before)
    counts = [one["sql"] for one in after.captured_queries if "COUNT(" in one["sql"] and "LIMIT" not in one["sql"]]
    assert [sql for sql in counts if '"gateways_alarm"' not in sql] == [], "every count has an end"
