"""Forms on other people's pages: what a visitor sends is on the desk, and what must not come does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from podatelna import pipeline
from podatelna.archive import store
from podatelna.archive.models import Delivery, Origin, Verdict
from podatelna.desk.models import Conversation
from podatelna.desk.processes import add_address
from podatelna.gateways.form_models import WebForm
from podatelna.gateways.forms import FormRefused, Submission, counts_today, take
from podatelna.mail.parse import parse
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db

PAGE = "https://www.acme.cz"
JANA = {"name": "Jana Nováková", "email": "jana@example.cz", "subject": "Pračka", "message": "Nejde.\n\nJana"}
FETCH = {"Accept": "application/json", "Origin": PAGE}


@pytest.fixture
def form(cast: Cast) -> WebForm:
    return a_form()


def a_form(**fields: object) -> WebForm:
    """A form that writes to helpdesk@, on the company's page."""
    origin = Origin.objects.create(kind=Origin.Kind.FORM, name="Kontakt")
    return WebForm.objects.create(
        **{"origin": origin, "name": "Kontakt", "address": "helpdesk@acme.cz", "origins": PAGE, **fields}
    )


def sent(form: WebForm, fields: dict[str, object] | None = None, **headers: str) -> object:
    """What a browser without scripts gets."""
    given = {"Origin": PAGE, "Accept": "text/html", "Accept-Language": "en", **headers}
    return Client().post(f"/forms/{form.key}/", {**JANA, **(fields or {})}, headers=given)


def onto_the_desk() -> Conversation:
    while pipeline.receive_due(timezone.now()):
        pass
    return Conversation.objects.get()


# --- what comes


def test_a_visitors_message_is_a_mail_from_the_visitor_on_the_desk_of_the_process(cast: Cast, form: WebForm) -> None:
    answer = sent(form, {"phone": "123 456", "city": "Brno"})
    assert (answer.status_code, "Your message has arrived" in answer.content.decode()) == (200, True)
    conversation = onto_the_desk()
    assert (conversation.process, conversation.subject) == (cast.helpdesk, "Pračka")
    assert conversation.partner_address == "jana@example.cz"
    delivery = Delivery.objects.get()
    mail = parse(store.original(delivery))
    assert (mail.sender.name, mail.sender.address) == ("Jana Nováková", "jana@example.cz")
    assert [one.address for one in mail.to] == ["helpdesk@acme.cz"]
    assert mail.text.replace("\r\n", "\n").rstrip() == "Nejde.\n\nJana\n\nphone: 123 456\ncity: Brno"
    assert dict(mail.headers)["X-Podatelna-Form"] == "Kontakt"
    assert mail.message_id.endswith("@acme.cz")
    assert (delivery.mail_from, delivery.rcpt_to, delivery.origin.kind) == (
        "jana@example.cz", ["helpdesk@acme.cz"], Origin.Kind.FORM,
    )  # fmt: skip


def test_nothing_is_to_be_proven_of_it_and_the_desk_says_so(cast: Cast, form: WebForm) -> None:
    sent(form)
    conversation = onto_the_desk()
    assert not Verdict.objects.exists()
    client = Client()
    client.force_login(cast.alice)
    page = client.get(f"/conversations/{conversation.pk}/").content.decode()
    assert "By web form: the address is what the visitor typed, and is not verified." in page


def test_files_come_along(form: WebForm) -> None:
    files = [
        SimpleUploadedFile("účet č. 1.pdf", b"%PDF-1.4 x", "application/pdf"),
        SimpleUploadedFile("no type", b"\0\xff", "not a type"),
    ]
    assert sent(form, {"photos": files}).status_code == 200
    parts = [part for part in parse(store.original(Delivery.objects.get())).parts if part.filename]
    assert [(part.filename, part.content_type) for part in parts] == [
        ("účet č. 1.pdf", "application/pdf"),
        ("no type", "application/octet-stream"),
    ]


def test_other_names_of_fields_are_as_the_administrator_says(cast: Cast) -> None:
    form = a_form(name_field="jmeno", email_field="mail", subject_field="", text_field="dotaz", subject="Dotaz z webu")
    fields = {"jmeno": "Petr", "mail": "petr@example.cz", "dotaz": "Kolik?", "message": "more"}
    client = Client()
    assert client.post(f"/forms/{form.key}/", fields, headers={"Origin": PAGE}).status_code == 200
    mail = parse(store.original(Delivery.objects.get()))
    assert (mail.subject, mail.sender.name, mail.text.split()) == (
        "Dotaz z webu",
        "Petr",
        ["Kolik?", "message:", "more"],
    )


def test_with_fetch_the_answer_is_json_that_the_page_may_read(form: WebForm) -> None:
    answer = Client().post(f"/forms/{form.key}/", JANA, headers={**FETCH, "Accept-Language": "cs"})
    assert answer.json()["ok"] is True
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    refused = Client().post(f"/forms/{form.key}/", {**JANA, "email": "jana"}, headers=FETCH)
    assert (refused.status_code, refused.json()["code"]) == (422, "email-wrong")
    assert refused.headers["Access-Control-Allow-Origin"] == PAGE


def test_the_way_back_is_the_one_that_was_set(cast: Cast) -> None:
    form = a_form(thanks_url=f"{PAGE}/thanks")
    answer = sent(form, {"next": "https://evil.example/", "thanks_url": "https://evil.example/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}/thanks")


def test_a_second_click_sends_nothing_twice_and_another_message_does(form: WebForm) -> None:
    for seconds in ("5", "6"):
        assert sent(form, {"_seconds": seconds}).status_code == 200
    assert Delivery.objects.count() == 1
    sent(form, {"message": "And one more thing"})
    assert Delivery.objects.count() == 2


def test_no_cookie_is_ever_set(form: WebForm) -> None:
    client = Client(enforce_csrf_checks=True)
    answers = [
        client.post(f"/forms/{form.key}/", JANA, headers={"Origin": PAGE}),
        client.post(f"/forms/{form.key}/", {}, headers={"Origin": PAGE}),
        client.get(f"/forms/{form.key}/"),
        client.options(f"/forms/{form.key}/", headers={"Origin": PAGE}),
    ]
    assert [answer.status_code for answer in answers] == [200, 422, 405, 204]
    assert not any(answer.cookies for answer in answers)
    assert not client.cookies


def test_an_address_without_a_process_any_more_keeps_what_comes_until_it_has_one(cast: Cast, form: WebForm) -> None:
    cast.helpdesk.addresses.all().delete()
    sent(form)
    while pipeline.receive_due(timezone.now()):
        pass
    assert Delivery.objects.get().state == Delivery.State.SHUNTED
    add_address(cast.sales, cast.sales_gateway, "helpdesk@acme.cz", cast.dan)
    assert onto_the_desk().process == cast.sales


# --- what does not come


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"email": ""}, 422, "email-missing"),
        ({"email": "jana"}, 422, "email-wrong"),
        ({"email": "a@b.cz, c@d.cz"}, 422, "email-wrong"),
        ({"email": "a@" + "b" * 400 + ".cz"}, 422, "email-wrong"),
        ({"message": " \n "}, 422, "text-missing"),
        ({"website": "http://spam.example"}, 422, "trap"),
        ({"message": "x" * 500_001}, 413, "too-large"),
        ({f"f{n}": "x" for n in range(101)}, 413, "too-large"),
        ({f"f{n}": "x" for n in range(1001)}, 400, "malformed"),
    ],
    ids=["no address", "no @", "two", "long", "empty", "trap", "long text", "many fields", "too many fields"],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_a_sentence(
    form: WebForm, fields: dict[str, str], status: int, code: str
) -> None:
    answer = Client().post(f"/forms/{form.key}/", {**JANA, **fields}, headers=FETCH)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://www.acme.cz"},
     {"Origin": "https://www.acme.cz.evil.example"}, {"Referer": "https://evil.example/https://www.acme.cz"},
     {"Origin": "https://evil.example", "Referer": "https://www.acme.cz/contact"}, {"Referer": "https://[broken"}],
    ids=["none", "other", "null", "http", "longer", "referer", "both", "broken"],
)  # fmt: skip
def test_from_a_page_that_is_not_allowed_nothing_comes(form: WebForm, headers: dict[str, str]) -> None:
    answer = Client().post(f"/forms/{form.key}/", JANA, headers=headers)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not Delivery.objects.exists()
    assert counts_today(form, timezone.now()) == {"origin": 1}


def test_a_browser_that_names_the_page_only_in_referer_is_believed(form: WebForm) -> None:
    answer = Client().post(f"/forms/{form.key}/", JANA, headers={"Referer": f"{PAGE}/contact?x=1"})
    assert answer.status_code == 200


def test_nothing_that_was_sent_is_shown_again_and_nothing_gets_into_the_header(form: WebForm) -> None:
    evil = "<script>alert(1)</script>"
    wrong = sent(form, {"email": f"{evil}@", "name": evil, "message": evil})
    assert "alert" not in wrong.content.decode()
    break_out = "x\r\nBcc: victim@example.com\r\n\r\n<b>body</b>"
    sent(form, {"name": break_out, "subject": break_out, "odd\r\nBcc: v@example.com": break_out, "message": break_out})
    mail = parse(store.original(Delivery.objects.get()))
    assert mail.bcc == ()
    assert [name for name, _ in mail.headers] == [
        "X-Podatelna-Form", "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    ]  # fmt: skip
    assert (mail.subject, mail.html) == ("x Bcc: victim@example.com <b>body</b>", "")


def test_an_address_with_a_line_break_brings_no_second_recipient(form: WebForm) -> None:
    answer = sent(form, {"email": "jana@example.cz\r\nBcc: victim@example.com"})
    assert answer.status_code == 422
    assert not Delivery.objects.exists()


def test_more_than_a_visitor_may_send_in_an_hour_is_refused_in_the_visitors_language(cast: Cast) -> None:
    form = a_form(per_hour=2)
    statuses = [sent(form, {"message": str(n)}, **{"Accept-Language": "cs"}).status_code for n in range(3)]
    assert statuses == [200, 200, 429]
    elsewhere = Client(REMOTE_ADDR="192.0.2.77").post(f"/forms/{form.key}/", JANA, headers={"Origin": PAGE})
    assert elsewhere.status_code == 200
    assert counts_today(form, timezone.now()) == {"taken": 3, "too-many": 1}


def test_more_than_all_may_send_in_a_day_is_refused_until_tomorrow(cast: Cast) -> None:
    form = a_form(per_day=1)

    def send(text: str, day: int) -> None:
        fields = tuple({**JANA, "message": text}.items())
        take(form, Submission(fields, client=text), accept=accept_in_tests, now=NOON + timedelta(days=day))

    send("one", 0)
    with pytest.raises(FormRefused, match="too-many-today"):
        send("two", 0)
    send("three", 1)
    assert Delivery.objects.count() == 2


def accept_in_tests(batch: object, **more: object) -> object:
    from podatelna.archive.intake import accept

    return accept(batch, **more)


def test_who_is_faster_than_anybody_can_write_is_asked_to_wait(cast: Cast) -> None:
    form = a_form(least_seconds=3)
    assert sent(form, {"_seconds": "1"}).status_code == 422
    assert sent(form, {"_seconds": "3"}).status_code == 200
    assert sent(form, {"message": "from a page without scripts"}).status_code == 200


def test_files_over_the_limit_are_refused_before_they_are_read(cast: Cast) -> None:
    form = a_form(megabytes=1, files=1)
    large = SimpleUploadedFile("x.bin", b"x" * (2 * 1024 * 1024))
    assert sent(form, {"file": large}).status_code == 413
    two = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(2)]
    assert sent(form, {"file": two}).status_code == 413
    assert not Delivery.objects.exists()


def test_a_closed_form_says_so_and_an_unknown_one_is_not_found(form: WebForm) -> None:
    WebForm.objects.update(is_open=False)
    assert sent(form).status_code == 410
    assert Client().post("/forms/nothing/", JANA, headers={"Origin": PAGE}).status_code == 404


def test_a_body_that_is_no_form_is_refused(form: WebForm) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "application/json", "text/plain"):
        answer = Client().generic("POST", f"/forms/{form.key}/", b'--x\r\nrubbish"', kind, headers={"Origin": PAGE})
        assert answer.status_code in (400, 422), kind
    assert not Delivery.objects.exists()
