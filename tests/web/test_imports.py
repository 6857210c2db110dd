"""Imports from the browser: administrators begin them, a worker carries them out; watched, stopped, taken up again."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from podatelna import pipeline
from podatelna.accounts.models import AuditEntry
from podatelna.archive import import_jobs
from podatelna.archive.models import Delivery, ImportJob
from podatelna.archive.store import original
from podatelna.archive.transfer import BATCH_COUNT, import_origin
from podatelna.desk.models import Conversation
from tests.cast import NOON, Cast, Clock, a_mail
from tests.servers import HOST, SECRET, Dovecot

IMPORTS = "/administration/imports/"
ONE, TWO = a_mail("One", "Stará pračka\n"), a_mail("Two", "Nová pračka\n")
_users = count(1)


@pytest.fixture(autouse=True)
def folder() -> Iterator[Path]:
    """The folder of what is imported from the server; with it goes what was uploaded."""
    place = import_jobs.import_folder()
    place.mkdir()
    yield place
    for name in ("imports", "uploads", "reports"):
        shutil.rmtree(settings.DATA / name, ignore_errors=True)


@pytest.fixture
def dan(cast: Cast, client: Client) -> Client:
    client.force_login(cast.dan)
    return client


def take(deliveries: Sequence[Delivery]) -> None:
    pipeline.receive_batch(deliveries, now=timezone.now())


def work(now: Callable[[], Any] = timezone.now, take: Callable[[Sequence[Delivery]], None] = take) -> ImportJob:
    """What the worker does; the job afterwards."""
    assert import_jobs.import_due(now=now, take=take)
    return ImportJob.objects.latest("pk")


def each_second_later() -> Clock:
    """A clock by which every look takes two seconds."""

    class Hurried(Clock):
        def __call__(self) -> Any:
            return self.forward(seconds=2)

    return Hurried(timezone.now())


def an_mbox(raws: Iterable[bytes]) -> bytes:
    return b"".join(
        b"From jana@example.cz Mon May  4 10:00:00 2026\n" + raw.replace(b"\r\n", b"\n") + b"\n" for raw in raws
    )


def many() -> list[bytes]:
    """More than two batches."""
    return [a_mail(f"Letter {number}", "Text\n") for number in range(2 * BATCH_COUNT + 50)]


def upload(dan: Client, *files: tuple[str, bytes], process: object = "") -> Any:
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return dan.post(IMPORTS, {"kind": "upload", "uploads": uploads, "process": process})


def from_folder(dan: Client, *names: str, process: object = "") -> Any:
    return dan.post(IMPORTS, {"kind": "folder", "names": list(names), "process": process})


def from_account(dan: Client, dovecot: Dovecot, user: str, **change: object) -> Any:
    box = {"host": HOST, "port": dovecot.imap_port, "security": "none", "login": user, "password": SECRET}
    return dan.post(IMPORTS, {"kind": "imap", **box, **change})


def originals() -> set[bytes]:
    return {original(delivery) for delivery in Delivery.objects.select_related("message")}


# --- begun and done


def test_uploaded_files_come_in_byte_for_byte_for_the_team_alone(cast: Cast, dan: Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("old/two.eml", TWO)
    answer = upload(dan, ("one.eml", ONE), ("old.zip", packed.getvalue()), process=cast.helpdesk.pk)
    job = ImportJob.objects.get()
    assert answer.url == f"{IMPORTS}{job.pk}/"
    assert job.state == "waiting"
    job = work()
    assert (job.state, job.new, job.skipped, job.error) == ("done", 2, 0, "")
    assert originals() == {ONE, TWO}
    assert {one.status for one in Conversation.objects.visible_to(cast.bob)} == {"closed"}
    assert Conversation.objects.visible_to(cast.bob).count() == 2
    for outsider in (cast.carol, cast.dan, cast.eve):
        assert not Delivery.objects.visible_to(outsider).exists()
    assert not list((settings.DATA / "uploads").iterdir()), "what was uploaded goes when it is done"


def test_archive_alone_shows_the_mail_to_nobody(cast: Cast, dan: Client) -> None:
    upload(dan, ("one.eml", ONE))
    assert work().new == 1
    for person in (cast.alice, cast.bob, cast.dan):
        assert not Delivery.objects.visible_to(person).exists()


def test_files_on_the_server_are_chosen_by_name(dan: Client, folder: Path) -> None:
    (folder / "old.mbox").write_bytes(an_mbox([ONE, TWO]))
    (folder / "other.mbox").write_bytes(an_mbox([a_mail("Other")]))
    assert "other.mbox" in dan.get(IMPORTS).content.decode()
    from_folder(dan, "old.mbox")
    job = work()
    assert (job.state, job.new) == ("done", 2)
    assert (folder / "old.mbox").exists(), "what others have put there stays"


@pytest.mark.dovecot
def test_whole_account_comes_in_and_its_password_is_kept_for_no_longer(dan: Client, dovecot: Dovecot) -> None:
    box = dovecot.mailbox(f"webimport{next(_users)}")
    box.put(ONE, TWO)
    from_account(dan, dovecot, box.user)
    waiting = ImportJob.objects.get()
    assert SECRET.encode() not in bytes(waiting.sealed)
    assert SECRET not in json.dumps(waiting.source) + json.dumps([one.details for one in AuditEntry.objects.all()])
    job = work()
    assert (job.state, job.new, bytes(job.sealed)) == ("done", 2, b"")
    assert originals() == {ONE, TWO}


@pytest.mark.dovecot
def test_refused_password_is_explained_and_shown_nowhere(dan: Client, dovecot: Dovecot) -> None:
    box = dovecot.mailbox(f"webimport{next(_users)}")
    from_account(dan, dovecot, box.user, password="nesprávné-heslo")
    job = work()
    assert job.state == "failed"
    page = dan.get(f"{IMPORTS}{job.pk}/").content.decode()
    assert "Go on" in page
    assert "nesprávné-heslo" not in page + job.error


def test_account_without_encryption_is_reached_on_this_computer_only(dan: Client) -> None:
    form = {"kind": "imap", "host": "imap.example.cz", "port": 143, "security": "none", "login": "a", "password": "b"}
    assert dan.post(IMPORTS, form).status_code == 422
    assert not ImportJob.objects.exists()


def test_beginning_stopping_and_going_on_are_in_the_log(cast: Cast, dan: Client, folder: Path) -> None:
    (folder / "old.mbox").write_bytes(an_mbox([ONE]))
    from_folder(dan, "old.mbox", process=cast.helpdesk.pk)
    job = ImportJob.objects.get()
    dan.post(f"{IMPORTS}{job.pk}/cancellation/")
    dan.post(f"{IMPORTS}{job.pk}/resumption/")
    log = AuditEntry.objects.filter(subject=f"import {job.pk}").order_by("pk")
    assert [(one.person, one.act) for one in log] == [
        (cast.dan, "import"),
        (cast.dan, "cancel-import"),
        (cast.dan, "resume-import"),
    ]


# --- watched, stopped, taken up again


def test_one_sees_how_far_it_is_stops_it_and_goes_on_without_a_loss_or_a_double(dan: Client, folder: Path) -> None:
    raws = many()
    (folder / "old.mbox").write_bytes(an_mbox(raws))
    from_folder(dan, "old.mbox")
    job = ImportJob.objects.get()
    pages = []

    def looking(deliveries: Sequence[Delivery]) -> None:
        take(deliveries)
        pages.append(dan.get(f"{IMPORTS}{job.pk}/?fragment").content.decode())
        if len(pages) == 2:  # a batch has been told of
            dan.post(f"{IMPORTS}{job.pk}/cancellation/")

    job = work(each_second_later(), looking)
    assert job.state == "cancelled"
    assert 'value="0"' not in pages[1]
    assert "hx-trigger" in pages[1], "the page looks again"
    assert "old.mbox" in pages[1]
    assert str(folder) not in pages[1]
    assert 0 < Delivery.objects.count() < len(raws)
    report = json.loads(b"".join(dan.get(f"{IMPORTS}{job.pk}/report/")))
    assert report["complete"] is False
    dan.post(f"{IMPORTS}{job.pk}/resumption/")
    job = work()
    assert (job.state, job.new + job.already_here, job.fraction) == ("done", len(raws), 1.0)
    assert job.already_here > 0
    assert Delivery.objects.count() == len(raws)
    assert "hx-trigger" not in dan.get(f"{IMPORTS}{job.pk}/?fragment").content.decode()


def test_stopped_before_it_began_it_brings_nothing(dan: Client) -> None:
    upload(dan, ("one.eml", ONE))
    job = ImportJob.objects.get()
    dan.post(f"{IMPORTS}{job.pk}/cancellation/")
    assert not import_jobs.import_due(now=timezone.now, take=take)
    dan.post(f"{IMPORTS}{job.pk}/resumption/")
    assert work().new == 1


def test_done_is_done(dan: Client) -> None:
    upload(dan, ("one.eml", ONE))
    job = work()
    dan.post(f"{IMPORTS}{job.pk}/resumption/")
    dan.post(f"{IMPORTS}{job.pk}/cancellation/")
    job.refresh_from_db()
    assert job.state == "done"
    assert not import_jobs.import_due(now=timezone.now, take=take)


def test_worker_that_died_is_followed_by_another(dan: Client, folder: Path) -> None:
    raws = many()
    (folder / "old.mbox").write_bytes(an_mbox(raws))
    from_folder(dan, "old.mbox")

    def dies(deliveries: Sequence[Delivery]) -> None:
        raise SystemExit  # as a killed process: nothing of ours writes down how it ended

    with pytest.raises(SystemExit):
        import_jobs.import_due(now=timezone.now, take=dies)
    assert ImportJob.objects.get().state == "running"
    assert not import_jobs.import_due(now=timezone.now, take=take), "another holds it"
    job = work(lambda: timezone.now() + import_jobs.HOLD + timedelta(seconds=1))
    assert job.state == "done"
    assert Delivery.objects.filter(state="done").count() == len(raws)


def test_what_brings_the_worker_down_each_time_is_given_up(dan: Client) -> None:
    upload(dan, ("one.eml", ONE))

    def dies(deliveries: Sequence[Delivery]) -> None:
        raise SystemExit

    clock = Clock(timezone.now())
    for _ in range(5):
        with pytest.raises(SystemExit):
            import_jobs.import_due(now=clock, take=dies)
        clock.forward(hours=1)
    assert work(clock).state == "failed"


def test_worker_that_lost_its_lease_leaves_the_job_to_the_other(dan: Client, folder: Path) -> None:
    (folder / "old.mbox").write_bytes(an_mbox(many()))
    from_folder(dan, "old.mbox")

    def stolen(deliveries: Sequence[Delivery]) -> None:
        take(deliveries)
        ImportJob.objects.update(leased_until=NOON + timedelta(days=9000))

    assert work(each_second_later(), stolen).state == "running"


def test_fault_of_ours_is_shown_and_may_be_gone_on_from(dan: Client) -> None:
    upload(dan, ("one.eml", ONE))

    def breaks(deliveries: Sequence[Delivery]) -> None:
        raise ValueError("the disk is on fire")

    job = work(take=breaks)
    page = dan.get(f"{IMPORTS}{job.pk}/").content.decode()
    assert job.state == "failed"
    assert "the disk is on fire" in page
    dan.post(f"{IMPORTS}{job.pk}/resumption/")
    assert work().state == "done"


# --- what may not be


def test_only_administrators(cast: Cast, client: Client, folder: Path) -> None:
    (folder / "old.mbox").write_bytes(an_mbox([ONE]))
    for person in (cast.alice, cast.bob, cast.eve):
        client.force_login(person)
        assert client.get(IMPORTS).status_code == 404
        assert from_folder(client, "old.mbox").status_code == 404
        assert upload(client, ("one.eml", ONE)).status_code == 404
    assert not ImportJob.objects.exists()
    assert not (settings.DATA / "uploads").exists()


@pytest.mark.parametrize(
    "name", ["../secret.mbox", "/etc/passwd", "..", ".", "", "link.mbox", "linked", ".hidden", "no"]
)
def test_nothing_outside_the_folder_is_imported(dan: Client, folder: Path, name: str) -> None:
    secret = folder.parent / "secret.mbox"
    secret.write_bytes(an_mbox([ONE]))
    (folder / "link.mbox").symlink_to(secret)
    (folder / "linked").symlink_to(folder.parent)
    (folder / ".hidden").write_bytes(an_mbox([ONE]))
    assert from_folder(dan, name).status_code == 422
    assert not ImportJob.objects.exists()
    # Nor when the row says so.
    ImportJob.objects.create(kind="folder", source={"names": [name]}, origin=import_origin(), due_at=timezone.now())
    job = work()
    assert (job.state, job.new) == ("done", 0)
    assert not Delivery.objects.exists()


def test_links_out_of_a_folder_that_somebody_put_there_are_passed_over_and_named(dan: Client, folder: Path) -> None:
    secret = folder.parent / "secret.mbox"
    secret.write_bytes(an_mbox([ONE]))
    (folder / "mails").mkdir()
    (folder / "mails" / "theirs.mbox").symlink_to(secret)
    (folder / "mails" / "own.eml").write_bytes(TWO)
    (folder / "mails" / "again.eml").symlink_to("own.eml")
    from_folder(dan, "mails")
    job = work()
    assert originals() == {TWO}
    report = json.loads(b"".join(dan.get(f"{IMPORTS}{job.pk}/report/")))
    assert [(one["path"], one["reason"]) for one in report["skipped"]] == [
        ("mails/theirs.mbox", "a link that leads out of the folder")
    ]


@pytest.mark.parametrize(
    "name", ["../../evil.eml", "/etc/evil.eml", "..\\..\\evil.eml", "...", "a\x00b\n.eml", "x" * 300]
)
def test_names_of_uploads_lead_nowhere_else(name: str) -> None:
    source = import_jobs.keep_upload([(name, io.BytesIO(ONE))])
    place = settings.DATA / "uploads" / source["folder"]
    kept = [path for path in settings.DATA.rglob("*") if path.is_file() and path.read_bytes() == ONE]
    assert [path.parent.parent for path in kept] == [place]
    assert source["names"] == [kept[0].name]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("rubbish.zip", b"PK\x03\x04" + b"\xff" * 200),
        ("rubbish.pst", b"!BDN" + b"\x00" * 600),
        ("rubbish.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
        ("rubbish.tar.gz", b"\x1f\x8b\x08" + b"\x00" * 100),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100),
    ],
)
def test_bad_upload_costs_itself_alone_and_is_named(dan: Client, name: str, data: bytes) -> None:
    upload(dan, (name, data), ("one.eml", ONE))
    job = work()
    assert (job.state, job.new) == ("done", 1)
    assert job.skipped
    report = json.loads(b"".join(dan.get(f"{IMPORTS}{job.pk}/report/")))
    assert report["complete"] is True
    assert report["skipped_count"] == job.skipped
    assert all(one["path"].startswith(name) and one["reason"] for one in report["skipped"])


def test_nothing_uploaded_is_an_error_in_the_form(dan: Client) -> None:
    assert upload(dan).status_code == 422
    assert upload(dan, ("empty.eml", b"")).status_code == 422
    assert dan.post(IMPORTS, {"kind": "elsewhere"}).status_code == 200
    assert not ImportJob.objects.exists()


def test_full_disk_is_said_and_leaves_nothing(dan: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: Any, length: int) -> None:
        target.write(b"x")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    answer = upload(dan, ("one.eml", ONE))
    assert answer.status_code == 422
    assert "No space left on device" in answer.content.decode()
    assert not ImportJob.objects.exists()
    assert not list((settings.DATA / "uploads").iterdir())


# --- tidied


def test_what_an_import_left_goes_after_a_month(dan: Client) -> None:
    upload(dan, ("one.eml", ONE))
    job = ImportJob.objects.get()
    dan.post(f"{IMPORTS}{job.pk}/cancellation/")
    kept = settings.DATA / "uploads" / job.source["folder"]
    import_jobs.sweep(timezone.now())
    assert kept.exists()
    import_jobs.sweep(timezone.now() + import_jobs.KEPT + timedelta(minutes=1))
    assert not kept.exists()
    assert "Go on" not in dan.get(f"{IMPORTS}{job.pk}/").content.decode()
    dan.post(f"{IMPORTS}{job.pk}/resumption/")
    assert not import_jobs.import_due(now=timezone.now, take=take)


def test_uploads_of_no_job_go_after_a_day(db: None) -> None:
    source = import_jobs.keep_upload([("one.eml", io.BytesIO(ONE))])
    kept = settings.DATA / "uploads" / source["folder"]
    import_jobs.sweep(timezone.now())
    assert kept.exists()
    import_jobs.sweep(timezone.now() + timedelta(days=1, minutes=1))
    assert not kept.exists()
