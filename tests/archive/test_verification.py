"""Verification notices whatever was lost or changed, in the archive and in the log, and says what it is."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django.fixtures import Settings

from podatelna.accounts import day_roots, sealing
from podatelna.accounts.audit import record
from podatelna.accounts.models import AuditEntry, DayRoot, LogLeaf, LogNode
from podatelna.archive import arrivals, store, verification
from podatelna.archive.arrivals import arrival_content
from podatelna.archive.models import ArrivalRun, Blob, Body, Delivery, Part, Tombstone, Verification
from podatelna.blobs import open_store
from podatelna.protocols import timestamps
from tests.cast import NOON, Cast, Clock, a_mail, receive
from tests.tsa import Authority, serving

LARGE = bytes(range(256)) * 400


@pytest.fixture(autouse=True)
def _own_blob_store(settings: Settings, tmp_path: Path) -> None:
    settings.BLOBS_URL = f"file://{tmp_path / 'blobs'}"


@pytest.fixture
def archive(cast: Cast) -> Cast:
    """Mail with a large attachment and mail without, an act, all sealed, with yesterday's root."""
    receive(a_mail(files=[("list.bin", "application/octet-stream", LARGE)]), cast.helpdesk_gateway)
    receive(a_mail("Another"), cast.helpdesk_gateway)
    record(cast.dan, "export", "search", query="secret")
    now = timezone.now()
    while sealing.seal_acts(now) or arrivals.seal_arrivals(now):
        pass
    day_roots.close_day(now + timedelta(days=1), stamp=True)
    return cast


def found(**more: object) -> list[tuple[str, str]]:
    """What a whole run finds: kind and subject."""
    run = verification.verify(timezone.now, afresh=True, **more)  # type: ignore[arg-type]  # handed on
    return sorted(run.findings.values_list("kind", "subject"))


def leaf(kind: str) -> LogLeaf:
    return next(row for row in LogLeaf.objects.order_by("-position") if json.loads(row.content)["kind"] == kind)


@pytest.mark.usefixtures("archive")
def test_a_whole_archive_is_whole() -> None:
    run = verification.verify(timezone.now)
    assert not run.findings.exists()
    assert run.counts["deliveries"] == 2
    assert run.counts["blobs"] == Blob.objects.count()
    assert run.counts["arrivals"] == 2
    assert run.counts["log"] == LogLeaf.objects.count()


@pytest.mark.usefixtures("archive")
def test_a_lost_file_is_missing_for_itself_and_for_its_delivery() -> None:
    blob = Blob.objects.get(inline=None)
    open_store(settings.BLOBS_URL).delete(store.name_in_store(blob))
    first = Delivery.objects.order_by("pk")[0]
    assert found() == [("missing", f"blob {bytes(blob.sha256).hex()}"), ("missing", f"delivery {first.pk}")]


@pytest.mark.usefixtures("archive")
def test_a_changed_file_is_changed() -> None:
    blob = Blob.objects.get(inline=None)
    name, objects = store.name_in_store(blob), open_store(settings.BLOBS_URL)
    data = bytearray(objects.get(name))
    data[-5] ^= 1
    objects.delete(name)
    objects.put(name, bytes(data))
    assert ("changed", f"blob {bytes(blob.sha256).hex()}") in found()


@pytest.mark.usefixtures("archive")
def test_a_changed_body_is_changed() -> None:
    delivery = Delivery.objects.order_by("-pk")[0]
    body = Body.objects.get(message=delivery.message_id)
    Body.objects.filter(pk=body.pk).update(skeleton=bytes(body.skeleton)[:-1] + b"\0")
    assert found() == [("changed", f"delivery {delivery.pk}")]


@pytest.mark.usefixtures("archive")
def test_an_attachment_that_is_not_the_originals_is_changed() -> None:
    part = Part.objects.get(blob__isnull=False)
    part.blob = store.put_blob(b"another invoice" * 10_000)
    part.save()
    assert ("changed", f"part {part.position} of message {part.message_id}") in found()


@pytest.mark.usefixtures("archive")
def test_what_nobody_holds_is_orphaned_and_no_damage() -> None:
    blob = store.put_blob(b"nobody's")
    open_store(settings.BLOBS_URL).put("ab" * 32, b"left behind")
    assert found() == [("orphaned", f"blob {bytes(blob.sha256).hex()}"), ("orphaned", f"object {'ab' * 32}")]
    assert verification.damage() == 0
    open_store(settings.BLOBS_URL).delete("ab" * 32)


@pytest.mark.usefixtures("archive")
def test_a_delivery_that_was_taken_away_is_missing() -> None:
    delivery = Delivery.objects.order_by("-pk")[0]
    delivery.message.entries.all().delete()
    store.erase_delivery(delivery)
    assert ("missing", f"delivery {delivery.pk}") in found()


@pytest.mark.usefixtures("archive")
def test_a_tombstone_is_believed_only_with_its_erasure_in_the_log() -> None:
    delivery = Delivery.objects.order_by("-pk")[0]
    Tombstone.objects.create(
        delivery_id=delivery.pk, message_id=delivery.message_id, arrival=arrival_content(delivery), with_message=True
    )
    delivery.message.entries.all().delete()
    store.erase_delivery(delivery)
    assert found() == [("changed", f"delivery {delivery.pk}")]
    record(None, "erase-delivery", f"delivery {delivery.pk}")
    assert found() == []
    sealing.seal_acts(timezone.now())
    assert found() == []


@pytest.mark.parametrize("change", [{"seen_at": NOON - timedelta(days=1)}, {"size": 5}, {"place": bytes(20)}])
def test_what_is_known_of_an_arrival_cannot_be_changed(archive: Cast, change: dict[str, object]) -> None:
    Delivery.objects.filter(pk=Delivery.objects.order_by("-pk")[0].pk).update(**change)
    assert ("changed", f"log line {leaf('arrivals').position}") in found()


@pytest.mark.usefixtures("archive")
def test_a_delivery_that_was_slipped_in_is_named() -> None:
    first, second = Delivery.objects.order_by("pk")
    ArrivalRun.objects.all().delete()
    ArrivalRun.objects.create(
        first=second.pk, last=second.pk, position=leaf("arrivals").position, offset=1, sealed_at=NOON
    )
    assert ("changed", f"delivery {first.pk}") in found()


@pytest.mark.usefixtures("archive")
def test_an_act_cannot_be_changed_or_taken_away() -> None:
    entry = AuditEntry.objects.get(act="export")
    for change in ({"details": {"query": "harmless"}}, {"act": "look"}, {"person": None}, {"at": NOON}, {"salt": b"s"}):
        before = AuditEntry.objects.filter(pk=entry.pk).values().get()
        AuditEntry.objects.filter(pk=entry.pk).update(**change)
        assert found() == [("changed", f"entry {entry.pk}")], change
        AuditEntry.objects.filter(pk=entry.pk).update(**before)
    AuditEntry.objects.filter(pk=entry.pk).delete()
    assert found() == [("missing", f"entry {entry.pk}")]


@pytest.mark.usefixtures("archive")
def test_erased_details_are_believed_only_with_their_erasure_in_the_log() -> None:
    entry = AuditEntry.objects.get(act="export")
    AuditEntry.objects.filter(pk=entry.pk).update(details={}, salt=None, erased_at=NOON)
    assert found() == [("changed", f"entry {entry.pk}")]
    record(None, "erase-details", f"entry {entry.pk}")
    sealing.seal_acts(timezone.now())
    assert found() == []


@pytest.mark.usefixtures("archive")
def test_a_line_of_the_log_cannot_be_changed_even_with_its_row() -> None:
    entry = AuditEntry.objects.get(act="export")
    entry.act = "look"
    entry.save()
    LogLeaf.objects.filter(position=entry.position).update(content=sealing.act_content(entry))
    day = DayRoot.objects.get()
    assert found() == [("changed", f"log line {entry.position}"), ("changed", f"root of {day.date}")]


@pytest.mark.usefixtures("archive")
def test_who_makes_the_whole_chain_anew_is_given_away_by_the_days_root() -> None:
    entry = AuditEntry.objects.get(act="export")
    AuditEntry.objects.filter(pk=entry.pk).update(act="look")
    LogLeaf.objects.all().delete()
    ArrivalRun.objects.all().delete()
    AuditEntry.objects.update(position=None)
    while sealing.seal_acts(NOON) or arrivals.seal_arrivals(NOON):
        pass
    assert ("changed", f"root of {DayRoot.objects.get().date}") in found()


@pytest.mark.usefixtures("archive")
def test_lines_cut_off_the_end_are_missed() -> None:
    last = LogLeaf.objects.order_by("-position")[0]
    last.delete()
    assert ("missing", f"root of {DayRoot.objects.get().date}") in found()


@pytest.mark.usefixtures("archive")
def test_a_line_cut_out_of_the_middle_is_missed() -> None:
    LogLeaf.objects.filter(position=2).delete()
    assert ("missing", "log line 2") in found()


@pytest.mark.django_db
def test_kept_nodes_are_checked() -> None:
    AuditEntry.objects.bulk_create(AuditEntry(act="act", subject=f"thing {number}") for number in range(600))
    sealing.seal_acts(NOON, limit=600)
    assert found() == []
    LogNode.objects.filter(level=8, number=1).update(sha256=bytes(32))
    assert found() == [("changed", "log node 8/1")]


@pytest.mark.usefixtures("archive")
def test_time_stamps_are_checked(tmp_path: Path) -> None:
    with serving(Authority(tmp_path).make()) as tsa:
        certificates = timestamps.read_certificates(tsa.certificates)
        ask = lambda data: timestamps.ask(tsa.url, data, certificates)  # noqa: E731
        day_roots.stamp_due(Clock(timezone.now() + timedelta(days=2)), tsa.url, ask)
        other, _ = ask(b"something else")
    assert found() == []
    assert found(certificates=certificates) == []
    day = DayRoot.objects.get()
    assert day.token
    DayRoot.objects.update(token=bytes(day.token)[:-3] + b"xyz")  # of the signature
    assert found(certificates=certificates) == [("changed", f"root of {day.date}")]
    DayRoot.objects.update(token=other)
    assert found() == [("changed", f"root of {day.date}")]


@pytest.mark.usefixtures("archive")
def test_a_run_that_was_cut_off_goes_on_where_it_was() -> None:
    class Cut(Exception):
        pass

    def cut(run: Verification) -> None:
        if run.stage == "orphans":
            raise Cut

    with pytest.raises(Cut):
        verification.verify(timezone.now, cut)
    stages: list[str] = []
    run = verification.verify(timezone.now, lambda run: stages.append(run.stage))
    assert "deliveries" not in stages
    assert run.counts["deliveries"] == 2
    assert Verification.objects.count() == 1


@pytest.mark.usefixtures("archive")
def test_each_night_a_slice_is_read_until_all_is() -> None:
    clock, nights = Clock(NOON), 0
    while not Verification.objects.filter(finished_at__isnull=False).exists():
        tonight = clock.now
        assert not verification.nightly(tonight, tonight + timedelta(days=1), is_night=False, certificates=())
        while verification.nightly(clock.now, tonight + timedelta(days=1), is_night=True, certificates=()):
            pass
        assert not verification.nightly(clock.now, tonight + timedelta(days=1), is_night=True, certificates=())
        clock.forward(days=1)
        nights += 1
        assert nights < 40
    run = Verification.objects.get()
    assert run.counts["deliveries"] == 2
    assert not run.findings.exists()


@pytest.mark.usefixtures("archive")
def test_damage_found_at_night_is_counted_until_a_night_finds_none() -> None:
    Delivery.objects.filter(pk=Delivery.objects.order_by("pk")[0].pk).update(sha256=bytes(32))
    for night in range(40):
        now = NOON + timedelta(days=night)
        while verification.nightly(now, now + timedelta(days=1), is_night=True, certificates=()):
            pass
    assert verification.damage() > 0
