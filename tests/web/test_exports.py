"""Exports from the browser: what one may see comes out byte for byte, and no longer than one may see it."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from array import array
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive import search
from podatelna.archive.models import Delivery, ExportJob
from podatelna.archive.sources import Found, find_mail
from podatelna.desk import custody, export_jobs
from podatelna.desk.chosen import Selection
from podatelna.desk.models import Conversation
from podatelna.desk.processes import remove_member
from podatelna.web.desk import exports
from podatelna.web.paper import conversation_pdf
from tests.cast import Cast, Clock, a_mail, receive

NEW = "/exports/new/"
BROKEN = a_mail("Broken", "Pračka teče\n", sender="Jana <jana@example.cz>")
OFFER = a_mail("Offer", "Pět praček\n", sender="Jana <jana@example.cz>", to="sales@acme.cz")
OTHER = a_mail("Other", "Pračka hučí\n", sender="Petr <petr@partner.cz>")


@pytest.fixture(autouse=True)
def folder() -> Iterator[Path]:
    """Where the files are."""
    place: Path = settings.DATA / "exports"
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def mail(cast: Cast) -> Cast:
    """Two letters to helpdesk, one to sales; who works there may export."""
    receive(BROKEN, cast.helpdesk_gateway)
    receive(OFFER, cast.sales_gateway)
    receive(OTHER, cast.helpdesk_gateway)
    for person in (cast.bob, cast.carol, cast.eve):
        person.may_export = True
        person.save()
    return cast


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is little enough to be waited for."""
    monkeypatch.setattr(exports, "_SOON_COUNT", -1)
    monkeypatch.setattr(exports, "_SOON_PAGES", -1)


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def conversation_of(subject: str) -> Conversation:
    return Conversation.objects.get(subject=subject)


def body(answer: Any) -> bytes:
    assert answer.status_code == 200, (answer.status_code, answer.content[:300])
    return b"".join(answer)


def mails_in(data: bytes, tmp_path: Path) -> set[bytes]:
    (tmp_path / "export").write_bytes(data)
    return {found.raw for found in find_mail([tmp_path / "export"]) if isinstance(found, Found)}


def work(now: datetime | None = None) -> ExportJob:
    """What the worker does; the job afterwards."""
    assert export_jobs.export_due(now=(lambda: now) if now else timezone.now, pdf=conversation_pdf)
    return ExportJob.objects.latest("pk")


def begun(person: Person, **form: object) -> ExportJob:
    """A job that waits for the worker."""
    assert as_(person).post(NEW, {"format": "mbox", **form}).status_code == 303
    return ExportJob.objects.latest("pk")


# --- what comes out


@pytest.mark.parametrize("form", ["zip", "mbox", "maildir"])
@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        ("bob", {"q": "pračka"}, {BROKEN, OTHER}),
        ("carol", {"q": "pračka"}, {OFFER}),
        ("bob", {"q": "pračka from:petr"}, {OTHER}),
        ("bob", {"person": "Jana@example.cz"}, {BROKEN}),
        ("carol", {"person": "jana@example.cz"}, {OFFER}),
        ("eve", {"q": "pračka"}, set()),
        ("eve", {"person": "jana@example.cz"}, set()),
    ],
)
def test_each_gets_what_they_see_and_no_more(
    mail: Cast, name: str, asked: dict[str, str], expected: set[bytes], form: str, tmp_path: Path
) -> None:
    answer = as_(Person.objects.get(name=name.title())).post(NEW, {**asked, "format": form})
    assert mails_in(body(answer), tmp_path) == expected
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "no-store" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]


def test_conversation_is_for_everybody_who_sees_it(mail: Cast, tmp_path: Path) -> None:
    broken = conversation_of("Broken").pk
    assert not mail.alice.may_export
    answer = as_(mail.alice).post(NEW, {"conversation": broken, "format": "mbox"})
    assert mails_in(body(answer), tmp_path) == {BROKEN}
    for outsider in (mail.carol, mail.dan, mail.eve):
        for data in ({"conversation": broken}, {"conversation": broken, "q": "pračka"}):
            assert as_(outsider).get(NEW, data).status_code == 404
            assert as_(outsider).post(NEW, {**data, "format": "mbox"}).status_code == 404


def test_searches_and_correspondences_need_the_right(mail: Cast) -> None:
    for asked in ({"q": "pračka"}, {"person": "jana@example.cz"}, {}, {"conversation": "x" * 30}):
        assert as_(mail.alice).get(NEW, asked).status_code == 404
        assert as_(mail.alice).post(NEW, {**asked, "format": "zip"}).status_code == 404
    assert not ExportJob.objects.exists()


def test_links_are_there_for_those_who_may(mail: Cast) -> None:
    broken = conversation_of("Broken").pk
    assert "Export what was found" in as_(mail.bob).get("/search/", {"q": "pračka"}).content.decode()
    assert "Export what was found" not in as_(mail.alice).get("/search/", {"q": "pračka"}).content.decode()
    assert "Export the correspondence" in as_(mail.bob).get(f"/conversations/{broken}/").content.decode()
    page = as_(mail.alice).get(f"/conversations/{broken}/").content.decode()
    assert f"{NEW}?conversation={broken}" in page
    assert "Export the correspondence" not in page


def test_page_says_how_much_it_is_and_of_what(mail: Cast) -> None:
    page = as_(mail.bob).get(NEW, {"q": "pračka"}).content.decode()
    assert re.search(r"2\s+messages", page)
    assert 'value="pdf"' not in page, "a search is no paper"
    assert 'value="pdf"' in as_(mail.bob).get(NEW, {"conversation": conversation_of("Other").pk}).content.decode()


@pytest.mark.parametrize("form", ["", "exe", "../../etc", "pdf"])
def test_unknown_form_is_nowhere(mail: Cast, form: str) -> None:
    assert as_(mail.bob).post(NEW, {"q": "pračka", "format": form}).status_code == 404


def test_query_that_is_not_understood_is_explained_by_the_search(mail: Cast) -> None:
    for answer in (
        as_(mail.bob).get(NEW, {"q": "after:never"}),
        as_(mail.bob).post(NEW, {"q": "after:never", "format": "zip"}),
    ):
        assert answer.status_code in {302, 303}
        assert answer["Location"].startswith("/search/?q=after")


def test_it_is_in_the_log_with_what_and_how_many(mail: Cast) -> None:
    as_(mail.bob).post(NEW, {"q": "pračka", "format": "zip"})
    entry = AuditEntry.objects.get(act="export")
    assert (entry.person, entry.subject) == (mail.bob, "search")
    assert entry.details["selection"]["query"] == "pračka"
    assert (entry.details["format"], entry.details["count"], entry.details["failed"]) == ("zip", 2, 0)


def test_what_was_handed_over_at_once_is_kept_nowhere(mail: Cast, folder: Path) -> None:
    body(as_(mail.bob).post(NEW, {"q": "pračka", "format": "zip"}))
    assert not list(folder.iterdir())
    assert ExportJob.objects.get().state == "expired"


# --- made by the worker, fetched by its owner


@pytest.mark.usefixtures("later")
def test_worker_makes_it_and_its_owner_alone_fetches_it(mail: Cast, tmp_path: Path) -> None:
    job = begun(mail.bob, q="pračka")
    bob, url = as_(mail.bob), f"/exports/{job.token}/"
    assert "hx-trigger" in bob.get(f"{url}?fragment").content.decode()
    assert bob.get(f"{url}file").status_code == 410
    job = work()
    assert (job.state, job.done, job.total, job.error) == ("done", 2, 2, "")
    assert "hx-trigger" not in bob.get(f"{url}?fragment").content.decode()
    assert f"{url}file" in bob.get(url).content.decode()
    assert "Search: pračka" in bob.get("/exports/").content.decode()
    assert mails_in(body(bob.get(f"{url}file")), tmp_path) == {BROKEN, OTHER}
    for other in (mail.alice, mail.carol, mail.dan, mail.eve):
        for address in (url, f"{url}file"):
            assert as_(other).get(address).status_code == 404
        assert as_(other).post(f"{url}cancellation").status_code == 404
        assert "pračka" not in as_(other).get("/exports/").content.decode()
    assert [one.act for one in AuditEntry.objects.filter(act__contains="export").order_by("pk")] == [
        "export",
        "fetch-export",
    ]


@pytest.mark.usefixtures("later")
def test_file_is_there_for_a_day(mail: Cast, folder: Path) -> None:
    begun(mail.bob, q="pračka")
    job = work()
    now = timezone.now()
    assert export_jobs.fetch(job, mail.bob, now + export_jobs.KEPT - timedelta(minutes=1))
    assert export_jobs.fetch(job, mail.bob, now + export_jobs.KEPT) is None
    export_jobs.sweep(now)
    assert list(folder.iterdir())
    export_jobs.sweep(now + export_jobs.KEPT + timedelta(minutes=1))
    assert not list(folder.iterdir())
    assert as_(mail.bob).get(f"/exports/{job.token}/file").status_code == 410
    assert "is gone" in as_(mail.bob).get(f"/exports/{job.token}/").content.decode()
    export_jobs.sweep(now + export_jobs.FORGOTTEN + timedelta(days=2))
    assert not ExportJob.objects.exists()


def leaves_the_team(cast: Cast) -> None:
    remove_member(cast.helpdesk, cast.bob, cast.dan)


def loses_the_right(cast: Cast) -> None:
    Person.objects.filter(pk=cast.bob.pk).update(may_export=False)


def one_is_hidden(cast: Cast) -> None:
    custody.hide(Delivery.objects.get(message__subject="Other").message, cast.helpdesk, cast.alice, timezone.now())


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("happens", [leaves_the_team, loses_the_right, one_is_hidden])
def test_what_may_not_be_seen_any_more_is_not_fetched(mail: Cast, happens: Any) -> None:
    begun(mail.bob, q="pračka")
    job = work()
    url = f"/exports/{job.token}/file"
    assert as_(mail.bob).get(url).status_code == 200
    happens(mail)
    assert as_(mail.bob).get(url).status_code == 410


@pytest.mark.usefixtures("later")
def test_right_taken_while_it_waits(mail: Cast, folder: Path) -> None:
    job = begun(mail.bob, q="pračka")
    loses_the_right(mail)
    assert (work().state, work_left()) == ("failed", False)
    assert "You may not export this any more" in as_(mail.bob).get(f"/exports/{job.token}/").content.decode()
    assert not AuditEntry.objects.filter(act="export").exists()


def work_left() -> bool:
    return export_jobs.export_due(now=timezone.now, pdf=conversation_pdf)


@pytest.mark.usefixtures("later")
def test_what_may_not_be_seen_any_more_is_not_in_the_file(mail: Cast, tmp_path: Path) -> None:
    job = begun(mail.bob, q="pračka")
    one_is_hidden(mail)
    work()
    assert mails_in(body(as_(mail.bob).get(f"/exports/{job.token}/file")), tmp_path) == {BROKEN}


@pytest.mark.usefixtures("later")
def test_conversation_out_of_sight_is_not_fetched_as_paper(mail: Cast) -> None:
    begun(mail.bob, conversation=conversation_of("Broken").pk, format="pdf")
    job = work()
    assert as_(mail.bob).get(f"/exports/{job.token}/file").status_code == 200
    leaves_the_team(mail)
    assert as_(mail.bob).get(f"/exports/{job.token}/file").status_code == 410


@pytest.mark.usefixtures("later")
def test_person_who_has_left_gets_nothing(mail: Cast) -> None:
    begun(mail.bob, q="pračka")
    Person.objects.filter(pk=mail.bob.pk).update(is_active=False)
    assert work().state == "failed"


@pytest.mark.usefixtures("later")
def test_it_can_be_stopped_before_and_while_it_is_made(mail: Cast, folder: Path) -> None:
    job = begun(mail.bob, q="pračka")
    as_(mail.bob).post(f"/exports/{job.token}/cancellation")
    assert not work_left()
    job = begun(mail.bob, q="pračka")

    class Stopping(Clock):
        """By which every look takes two seconds, and the owner clicks meanwhile."""

        def __call__(self) -> datetime:
            if ExportJob.objects.filter(pk=job.pk, state="running").exists():
                as_(mail.bob).post(f"/exports/{job.token}/cancellation")
            return self.forward(seconds=2)

    assert export_jobs.export_due(now=Stopping(timezone.now()), pdf=conversation_pdf)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not list(folder.iterdir())


@pytest.mark.usefixtures("later")
def test_two_clicks_are_one_export(mail: Cast) -> None:
    assert begun(mail.bob, q="pračka").pk == begun(mail.bob, q="pračka").pk
    assert begun(mail.bob, q="pračka", format="zip").pk != ExportJob.objects.earliest("pk").pk
    assert ExportJob.objects.count() == 2


def test_what_the_desk_began_and_did_not_end_the_worker_makes(mail: Cast) -> None:
    now = timezone.now()
    job = export_jobs.begin(Selection(query="pračka"), "zip", mail.bob, notes=False, now=now, held=True)
    assert not work_left()
    assert work(now + export_jobs.HOLD + timedelta(seconds=1)).pk == job.pk
    job.refresh_from_db()
    assert job.state == "done"


@pytest.mark.usefixtures("later")
def test_worker_that_was_thought_dead_writes_into_nobodys_file(mail: Cast, folder: Path) -> None:
    begun(mail.bob, q="pračka")
    old = ExportJob.objects.get()
    old.leased_until = timezone.now()  # which the row no longer says
    work()
    made = export_jobs.file_of(old).read_bytes()
    export_jobs.carry_out(old, now=timezone.now, pdf=conversation_pdf)
    assert export_jobs.file_of(old).read_bytes() == made
    assert not list(folder.glob("*.part"))
    assert ExportJob.objects.get().expires_at is not None
    assert AuditEntry.objects.filter(act="export").count() == 1


@pytest.mark.usefixtures("later")
def test_fault_is_shown_on_the_page(mail: Cast) -> None:
    job = begun(mail.bob, conversation=conversation_of("Broken").pk, format="pdf")

    def breaks(*_: object) -> Any:
        raise ValueError("no fonts")

    assert export_jobs.export_due(now=timezone.now, pdf=breaks)
    assert "no fonts" in as_(mail.bob).get(f"/exports/{job.token}/").content.decode()


@pytest.mark.usefixtures("later")
def test_list_of_what_is_in_the_file_is_needed_to_fetch_it(mail: Cast) -> None:
    begun(mail.bob, q="pračka")
    job = work()
    listed = export_jobs.file_of(job).with_suffix(".list")
    held = array("Q")
    held.frombytes(listed.read_bytes())
    assert set(held) == set(Delivery.objects.visible_to(mail.bob).values_list("pk", flat=True))
    listed.unlink()
    assert as_(mail.bob).get(f"/exports/{job.token}/file").status_code == 410


def test_files_of_no_job_go(cast: Cast, folder: Path) -> None:
    folder.mkdir()
    (folder / "left.part").write_bytes(b"x")
    export_jobs.sweep(timezone.now())
    assert list(folder.iterdir())
    export_jobs.sweep(timezone.now() + timedelta(days=2))
    assert not list(folder.iterdir())


def test_zip_says_what_is_in_it(mail: Cast) -> None:
    data = body(as_(mail.bob).post(NEW, {"q": "pračka", "format": "zip"}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {"manifest.csv", "manifest.json"} < set(archive.namelist())
    assert search.search("pračka", person=mail.bob)
