"""What stands in attachments is found; what cannot be read costs its own text only, and says why."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from podatelna.archive import extraction, search, store
from podatelna.archive.models import AttachmentText, Message, Origin
from podatelna.archive.reading import fill
from podatelna.extractor.limits import Limits
from podatelna.extractor.process import Helper
from tests.extractor import files
from tests.extractor.hostile import COMMAND as HOSTILE

from .mails import NOON, an_origin, arrive, filed

pytestmark = pytest.mark.django_db
State = AttachmentText.State


@pytest.fixture
def origin(db: None) -> Origin:
    return an_origin()


@pytest.fixture(scope="module")
def helper() -> Iterator[Helper]:
    helper = Helper()
    yield helper
    helper.close()


def a_letter(subject: str, *attached: tuple[str, str, bytes], text: str = "See the file.") -> bytes:
    """A message with attachments: type, name, content."""
    head = f"From: Jana <jana@example.cz>\r\nTo: helpdesk@acme.cz\r\nSubject: {subject}\r\n"
    head += "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    parts = [f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()]
    for content_type, name, content in attached:
        fields = f'--b\r\nContent-Type: {content_type}; name="{name}"\r\nContent-Disposition: attachment\r\n'
        fields += "Content-Transfer-Encoding: base64\r\n\r\n"
        parts.append(fields.encode() + base64.encodebytes(content).replace(b"\n", b"\r\n"))
    return b"".join([head.encode(), *parts, b"--b--\r\n"])


def pdf(text: str) -> tuple[str, str, bytes]:
    return "application/pdf", "smlouva.pdf", files.pdf(text)


def found(query: str) -> list[str]:
    hits = search.search(query, person=None)
    subjects = dict(Message.objects.values_list("pk", "subject"))
    return [subjects[hit.message_id] for hit in hits]


def extract(helper: Helper, now: datetime = NOON) -> int:
    return extraction.extract_due(now, helper=helper)


# --- what is found ---------------------------------------------------------------------------------------


def test_a_word_inside_an_attachment_finds_its_message(origin: Origin, helper: Helper) -> None:
    filed(a_letter("With", pdf("Výpověď z nájmu")), origin)
    filed(a_letter("Without"), origin)
    assert found("výpovědi") == []
    assert extract(helper) == 1
    assert found("výpovědi") == found("vypoved") == ["With"]


def test_attachments_are_read_once_and_then_rest(origin: Origin, helper: Helper) -> None:
    filed(a_letter("With", pdf("Smlouva")), origin)
    assert extract(helper) == 1
    assert extract(helper) == 0


def test_small_contents_inside_the_message_are_read_like_those_stored_by_themselves(
    origin: Origin, helper: Helper
) -> None:
    content = "položka;cena\nšroubovák;120\n".encode("cp1250")
    message = filed(a_letter("List", ("text/csv", "ceník.csv", content)), origin)
    assert message.parts.get(filename="ceník.csv").blob is None
    extract(helper)
    assert found("šroubováky") == ["List"]


def test_texts_come_in_the_order_of_the_parts(origin: Origin, helper: Helper) -> None:
    letter = a_letter("Two", ("text/plain", "a.txt", b"first"), ("image/png", "b.png", b"\x89PNG"), pdf("second"))
    message = filed(letter, origin)
    assert extraction.texts_of(message) == []
    extract(helper)
    assert extraction.texts_of(message) == ["first", "second"]


def test_one_content_in_many_messages_is_read_once(origin: Origin, helper: Helper) -> None:
    contract = pdf("Smlouva o dílo")
    filed(a_letter("One", contract), origin)
    filed(a_letter("Two", contract, text="Again"), origin)
    assert extract(helper) == 2
    assert AttachmentText.objects.count() == 1
    assert sorted(found("dílo")) == ["One", "Two"]


def test_the_newest_message_is_read_first(origin: Origin, helper: Helper) -> None:
    filed(a_letter("Old", pdf("kolo")), origin, seen_at=NOON - timedelta(days=400))
    filed(a_letter("New", pdf("auto")), origin)
    assert extraction.extract_due(NOON, 1, helper=helper) == 1
    assert (found("auto"), found("kolo")) == (["New"], [])


def test_pictures_cost_nothing(origin: Origin, helper: Helper) -> None:
    filed(a_letter("Picture", ("image/jpeg", "foto.jpg", b"\xff\xd8" + b"x" * 5000)), origin)
    assert extract(helper) == 1
    assert not AttachmentText.objects.exists()


def test_after_reading_a_message_anew_its_attachments_are_looked_at_again(origin: Origin, helper: Helper) -> None:
    message = filed(a_letter("With", pdf("Smlouva")), origin)
    extract(helper)
    fill(message, store.read(message))
    assert extract(helper) == 1
    assert found("smlouvy") == ["With"]


def test_removing_a_message_takes_the_words_of_its_attachments_along(origin: Origin, helper: Helper) -> None:
    message = filed(a_letter("With", pdf("Smlouva")), origin)
    extract(helper)
    message.refresh_from_db()
    search.remove(message)
    assert found("smlouva") == []


# --- what cannot be read ---------------------------------------------------------------------------------


def test_what_cannot_be_read_is_said_and_the_rest_is_found(origin: Origin, helper: Helper) -> None:
    message = filed(a_letter("Mixed", ("application/pdf", "broken.pdf", b"%PDF-1.7 nonsense"), pdf("Smlouva")), origin)
    extract(helper)
    broken, fine = extraction.readings_of(message.pk).values()
    assert (broken.state, broken.reason) == (State.FAILED, "broken")
    assert (fine.state, fine.reason) == (State.READ, "")
    assert found("smlouva") == ["Mixed"]


@pytest.mark.parametrize(("deed", "reason"), [(b"crash", "crash"), (b"sleep", "too-long")])
def test_a_crash_or_a_hang_costs_that_text_alone(origin: Origin, deed: bytes, reason: str) -> None:
    hostile = Helper(Limits(seconds=2), HOSTILE)
    letter = a_letter("Hostile", ("application/pdf", "bad.pdf", deed), ("application/pdf", "good.pdf", b"say Smlouva"))
    message = filed(letter, origin)
    extract(hostile)
    hostile.close()
    assert [row.reason for row in extraction.readings_of(message.pk).values()] == [reason, ""]
    assert found("smlouva") == ["Hostile"]


def test_an_administrator_has_what_failed_read_again(origin: Origin, helper: Helper) -> None:
    content = files.pdf("Smlouva")
    message = filed(a_letter("With", ("application/pdf", "a.pdf", content), ("text/plain", "b.txt", b"dopis")), origin)
    hostile = Helper(Limits(), HOSTILE)
    extract(hostile)
    hostile.close()
    assert [row.reason for row in extraction.failed()] == ["crash"]
    assert extraction.retry(extraction.failed()) == 1
    assert extract(helper) == 1
    assert not extraction.failed().exists()
    assert found("smlouva dopis") == ["With"]
    assert extraction.texts_of(message) == ["Smlouva", "dopis"]


def test_what_another_worker_reads_is_left_to_it_until_its_lease_ends(origin: Origin, helper: Helper) -> None:
    content = files.pdf("Smlouva")
    filed(a_letter("With", ("application/pdf", "a.pdf", content)), origin)
    AttachmentText.objects.create(
        sha256=hashlib.sha256(content).digest(), kind="document", leased_until=NOON + timedelta(minutes=1), attempts=1
    )
    assert extract(helper, NOON) == 0
    assert extract(helper, NOON + timedelta(minutes=2)) == 1
    assert found("smlouva") == ["With"]


def test_what_stops_the_whole_worker_each_time_is_given_up(origin: Origin, helper: Helper) -> None:
    content = files.pdf("Smlouva")
    message = filed(a_letter("With", ("application/pdf", "a.pdf", content)), origin)
    AttachmentText.objects.create(
        sha256=hashlib.sha256(content).digest(), kind="document", leased_until=NOON - timedelta(1), attempts=3
    )
    assert extract(helper) == 1
    assert [row.reason for row in extraction.readings_of(message.pk).values()] == ["crash"]


def test_a_blob_that_is_lost_is_said_and_stops_nobody(origin: Origin, helper: Helper) -> None:
    message = filed(a_letter("Lost", pdf("Smlouva")), origin)
    filed(a_letter("Fine", pdf("Objednávka")), origin)
    blob = message.parts.get(filename="smlouva.pdf").blob
    assert blob is not None
    assert blob.inline is not None
    blob.inline = bytes(blob.inline)[:-1]
    blob.save()
    assert extract(helper) == 2
    assert [row.reason for row in extraction.readings_of(message.pk).values()] == ["damaged"]
    assert found("objednávka") == ["Fine"]


def test_texts_that_no_message_holds_any_more_are_forgotten(origin: Origin, helper: Helper) -> None:
    message = filed(a_letter("With", pdf("Smlouva")), origin)
    filed(a_letter("Other", pdf("Jiná")), origin)
    extract(helper)
    message.deliveries.all().delete()
    message.delete()
    assert extraction.forget_unheld(NOON) == 0
    assert extraction.forget_unheld(NOON + timedelta(hours=1)) == 1
    assert [extraction.texts.text_in(row) for row in AttachmentText.objects.all()] == ["Jiná"]


def test_a_message_not_parsed_yet_waits(origin: Origin, helper: Helper) -> None:
    arrive(a_letter("With", pdf("Smlouva")), origin)
    assert extract(helper) == 0
