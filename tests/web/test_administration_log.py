"""The log in the administration: who may read it, what is listed, roots and verification."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts import day_roots, sealing
from podatelna.accounts.audit import record
from podatelna.accounts.models import AuditEntry, DayRoot, Person
from podatelna.archive.models import Finding, Verification
from tests.cast import Cast, a_person

LOG = "/administration/log/"


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(client: Client, url: str, **query: object) -> str:
    response = client.get(url, query)
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode().partition("<main")[2]))


@pytest.fixture
def auditor(cast: Cast) -> Person:
    return a_person("Olga", is_auditor=True)


def test_auditors_and_administrators_read_it_and_nobody_else(cast: Cast, auditor: Person) -> None:
    record(cast.alice, "export", "search", query="reklamace")
    for person in (auditor, cast.dan):
        assert "exported mail" in text(as_(person), LOG)
    for person in (cast.alice, cast.eve):
        for url in (LOG, f"{LOG}roots/", f"{LOG}verification/"):
            assert as_(person).get(url).status_code == 404


def test_auditors_reach_no_other_page_of_the_administration(auditor: Person) -> None:
    client = as_(auditor)
    page = client.get(LOG).content.decode()
    for url in ("/administration/", "/administration/people/", "/administration/gateways/"):
        assert client.get(url).status_code == 404
        assert f'href="{url}"' not in page
    assert client.post(f"{LOG}roots/stamping/").status_code == 404
    assert f'href="{LOG}"' in client.get("/").content.decode() or f'href="{LOG}"' in page


def test_what_an_act_is_about_is_named(cast: Cast, auditor: Person) -> None:
    record(cast.dan, "change-person", f"person {cast.eve.pk}")
    record(cast.dan, "change-process", f"process {cast.sales.pk}")
    record(cast.dan, "change-person", "person 99999")
    page = text(as_(auditor), LOG)
    assert f"Eve person {cast.eve.pk}" in page
    assert f"Sales process {cast.sales.pk}" in page
    assert "person 99999" in page


def test_entries_are_found_by_person_kind_date_and_what_they_are_about(cast: Cast) -> None:
    client = as_(cast.dan)
    record(cast.alice, "export", "search", query="old")
    AuditEntry.objects.filter(act="export").update(at=timezone.now() - timedelta(days=40))
    record(cast.bob, "make-proof", "conversation 4711")
    month_ago = (timezone.localdate() - timedelta(days=30)).isoformat()
    count = "began a proof pack conversation 4711"
    assert "exported mail" in text(client, LOG, person=cast.alice.pk)
    assert count not in text(client, LOG, person=cast.alice.pk)
    assert "exported mail search" not in text(client, LOG, act="make-proof").partition("When Who")[2]
    assert "conversation 4711" in text(client, LOG, subject="conversation 47")
    assert "conversation 4711" in text(client, LOG, since=month_ago)
    assert "query: old" not in text(client, LOG, since=month_ago)
    assert "query: old" in text(client, LOG, until=month_ago)
    assert "Nothing like this is in the log" in text(client, LOG, subject="nothing")
    assert client.get(LOG, {"since": "yesterday"}).status_code == 422


def test_it_goes_on_where_a_page_ends(cast: Cast) -> None:
    AuditEntry.objects.all().delete()
    for number in range(70):
        record(cast.dan, "replay", f"delivery {number}")
    client = as_(cast.dan)
    first = client.get(LOG, {"act": "replay"}).content.decode()
    older = re.search(r'href="(\?[^"]*before=\d+)"', first)
    assert older
    second = client.get(LOG + older[1].replace("&amp;", "&")).content.decode()
    shown = [re.findall(r"<code>delivery (\d+)</code>", page) for page in (first, second)]
    assert [len(page) for page in shown] == [50, 20]
    assert sorted(int(number) for page in shown for number in page) == list(range(70))


def test_it_is_said_what_is_sealed(cast: Cast) -> None:
    AuditEntry.objects.all().delete()
    record(cast.dan, "replay", "delivery 1")
    assert "waits" in text(as_(cast.dan), LOG)
    sealing.seal_acts(timezone.now())
    assert "line 1" in text(as_(cast.dan), LOG)


def test_strangers_words_in_details_are_escaped(cast: Cast) -> None:
    record(cast.dan, "export", "search", query="<script>alert(1)</script>")
    assert "<script>alert" not in as_(cast.dan).get(LOG).content.decode()


def test_roots_are_listed_and_downloaded(cast: Cast, auditor: Person) -> None:
    record(cast.dan, "replay", "delivery 1")
    sealing.seal_acts(timezone.now())
    day = day_roots.close_day(timezone.now() + timedelta(days=1), stamp=False)
    assert day is not None
    assert bytes(day.root).hex() in text(as_(auditor), f"{LOG}roots/")
    response = as_(auditor).get(f"{LOG}roots/{day.pk}/")
    assert json.loads(response.content)["root"] == bytes(day.root).hex()
    assert as_(auditor).get(f"{LOG}roots/{day.pk}/?token").status_code == 404
    DayRoot.objects.update(token=b"token", stamped_at=timezone.now())
    assert as_(auditor).get(f"{LOG}roots/{day.pk}/?token").content == b"token"


def test_time_stamps_that_fail_are_said_and_asked_for_again(cast: Cast, settings: object) -> None:
    settings.TIMESTAMP_URL = "https://tsa.example.com"  # type: ignore[attr-defined]  # pytest-django's
    error = "the server could not be asked"
    later = timezone.now() + timedelta(hours=6)
    DayRoot.objects.create(date=timezone.localdate(), size=1, root=bytes(32), chain=bytes(32), made_at=timezone.now(),
                           due_at=later, attempts=9, error=error)  # fmt: skip
    assert error in text(as_(cast.dan), f"{LOG}roots/")
    assert "1 root of the log has no time-stamp." in text(as_(cast.dan), "/administration/")
    as_(cast.dan).post(f"{LOG}roots/stamping/")
    due_at = DayRoot.objects.get().due_at
    assert due_at is not None
    assert due_at <= timezone.now()


def test_damage_is_shown_and_said_on_the_first_page(cast: Cast) -> None:
    assert "Nothing was read again yet" in text(as_(cast.dan), f"{LOG}verification/")
    run = Verification.objects.create(kind="nightly", stage="blobs", counts={"deliveries": 1200, "blobs": 3})
    assert "Nothing is damaged." in text(as_(cast.dan), f"{LOG}verification/")
    Finding.objects.create(
        verification=run, kind="changed", subject="delivery 7", words="delivery 7: it hashes to else"
    )
    shown = text(as_(cast.dan), f"{LOG}verification/")
    assert "delivery 7: it hashes to else" in shown
    assert "1,203" in shown
    assert "1 thing in the archive is damaged." in text(as_(cast.dan), "/administration/")
