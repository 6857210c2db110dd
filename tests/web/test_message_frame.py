"""A stranger's HTML in its frame, and the archive's page of one message."""

from __future__ import annotations

import pytest
from django.db.models import CharField, Value
from django.db.models.functions import Concat
from django.utils.translation import override

from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.models import Delivery, Message
from podatelna.desk.models import Conversation
from podatelna.mail.lookalike import CODES
from podatelna.web.desk.message_view import SANDBOX
from podatelna.web.desk.messages import frame_policy
from podatelna.web.desk.words import SUSPICIONS, suspicion_words
from tests.cast import Cast, a_mail, arrive, receive
from tests.web.test_conversation import signed_in, url

HOSTILE = """<html><head><style>p{color:red}</style><script>alert(1)</script></head><body onload="alert(2)">
<p onclick="alert(3)">Hello</p><form action="https://evil.example/"><input name=p></form>
<img src="https://tracker.example/pixel.gif"><a href="javascript:alert(4)">click</a></body></html>"""


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail("Newsletter", html=HOSTILE), cast.helpdesk_gateway)


def message_of(conversation: Conversation) -> Message:
    return Message.objects.get(entries__conversation=conversation)


def body_url(conversation: Conversation) -> str:
    return url(conversation, f"messages/{message_of(conversation).pk}/body")


def test_nothing_in_the_frame_can_run_or_load(cast: Cast, conversation: Conversation) -> None:
    answer = signed_in(cast.bob).get(body_url(conversation))
    html = answer.content.decode()
    assert "Hello" in html
    for evil in ("<script", "onload", "onclick", "<form", "javascript:", "tracker.example"):
        assert evil not in html
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy.replace("allow-scripts", "SCRIPTS")
    assert "SCRIPTS" not in policy.replace("allow-scripts", "SCRIPTS")
    assert "form-action 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "https:" not in policy
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_the_frame_may_load_pictures_of_this_message_only(cast: Cast, conversation: Conversation) -> None:
    policy = signed_in(cast.bob).get(body_url(conversation))["Content-Security-Policy"]
    pk = message_of(conversation).pk
    assert f"img-src data: http://testserver/conversations/{conversation.pk}/messages/{pk}/parts/;" in policy


def test_remote_images_come_when_asked_for_and_over_https_only(cast: Cast, conversation: Conversation) -> None:
    answer = signed_in(cast.bob).get(body_url(conversation) + "?images=1")
    assert "tracker.example/pixel.gif" in answer.content.decode()
    assert " https:;" in answer["Content-Security-Policy"]
    assert "http:;" not in answer["Content-Security-Policy"].replace("https:;", "")


def test_scripts_and_the_same_origin_never_come_together() -> None:
    assert "allow-scripts" not in SANDBOX
    assert "allow-forms" not in SANDBOX
    assert SANDBOX in frame_policy("https://desk.example.com/x/", True)


def test_the_page_offers_the_images_and_embeds_the_frame_in_a_sandbox(cast: Cast, conversation: Conversation) -> None:
    html = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert "Show images" in html
    assert f'sandbox="{SANDBOX}"' in html
    assert "alert(" not in html


def test_plain_text_needs_no_frame(cast: Cast) -> None:
    html = signed_in(cast.bob).get(url(receive(a_mail(), cast.helpdesk_gateway))).content.decode()
    assert "<iframe" not in html


def test_an_unreadable_message_is_shown_as_such_with_its_original(cast: Cast) -> None:
    raw = b"\xff\xfe\x00 this is no e-mail at all \x80\x81\r\n\r\n"
    conversation = receive(raw, cast.helpdesk_gateway)
    client = signed_in(cast.bob)
    html = client.get(url(conversation)).content.decode()
    pk = message_of(conversation).pk
    assert f"/messages/{pk}/original" in html
    assert client.get(url(conversation, f"messages/{pk}/original")).content == raw


def test_damage_in_the_archive_is_said_and_breaks_no_page(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    Delivery.objects.update(sha256=b"\0" * 32)
    client = signed_in(cast.bob)
    answer = client.get(url(conversation))
    assert answer.status_code == 200
    assert "The archive cannot give the content" in answer.content.decode()
    assert client.get(body_url(conversation)).status_code == 404
    assert client.get(url(conversation, f"messages/{message_of(conversation).pk}/original")).status_code == 404


def test_the_original_comes_byte_for_byte_as_a_download(cast: Cast) -> None:
    raw = a_mail("Žlutý kůň")
    conversation = receive(raw, cast.helpdesk_gateway)
    answer = signed_in(cast.bob).get(url(conversation, f"messages/{message_of(conversation).pk}/original"))
    assert answer.content == raw
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%C5%BDlut%C3%BD")


def test_each_sees_the_headers_of_their_own_delivery(cast: Cast) -> None:
    raw = a_mail(to="helpdesk@acme.cz, sales@acme.cz", message_id="both")
    for_helpdesk = receive(b"Delivered-To: helpdesk-box@acme.cz\r\n" + raw, cast.helpdesk_gateway)
    for_sales = receive(b"Delivered-To: sales-box@acme.cz\r\n" + raw, cast.sales_gateway)
    assert message_of(for_helpdesk) == message_of(for_sales)
    more = f"messages/{message_of(for_sales).pk}/headers"
    html = signed_in(cast.carol).get(url(for_sales, more)).content.decode()
    assert "sales-box@acme.cz" in html
    assert "helpdesk-box@acme.cz" not in html


def test_a_message_without_a_conversation_has_a_page_of_the_archive(cast: Cast) -> None:
    delivery = arrive(a_mail("From the archive"), cast.helpdesk_gateway)
    store.give_scope(delivery, cast.helpdesk.scope)
    page = f"/messages/{delivery.message_id}/"
    assert "in the archive" in signed_in(cast.bob).get(page).content.decode()
    assert signed_in(cast.eve).get(page).status_code == 404
    assert signed_in(cast.bob).get(page + "original").status_code == 200
    assert signed_in(cast.eve).get(page + "original").status_code == 404


def test_the_page_of_a_message_leads_to_its_conversation(cast: Cast, conversation: Conversation) -> None:
    html = signed_in(cast.bob).get(f"/messages/{message_of(conversation).pk}/").content.decode()
    assert "Open its conversation in Helpdesk" in html


def test_a_name_that_pretends_to_be_another_address_is_said_in_words(cast: Cast) -> None:
    conversation = receive(a_mail(sender='"director@acme.cz" <thief@evil.example>'), cast.helpdesk_gateway)
    html = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert "The name shows director@acme.cz, but the message came from thief@evil.example." in html


def test_a_name_with_its_own_address_is_no_warning(cast: Cast) -> None:
    conversation = receive(a_mail(sender='"Jana@example.cz" <jana@example.cz>'), cast.helpdesk_gateway)
    assert "Be careful" not in signed_in(cast.bob).get(url(conversation)).content.decode()


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        ("Bob <bob.acme@gmail.com>", ""),
        ("Alice Nová <alice@acme.cz.zlo.example>", "begins like acme.cz, but it belongs to somebody else"),
        (
            "Platby <platby@acrne.cz>",
            "looks like acme.cz, but it is another one. The message came from platby@acrne.cz.",
        ),
        ("Platby <platby@аcme.cz>", "The message came from platby@xn--cme-5cd.cz."),
        ("Acme účtárna <x@zlo.example>", "The name is your own company’s, but the message came from outside"),
    ],
)
def test_a_sender_who_looks_like_one_of_us_is_said_in_words(cast: Cast, sender: str, words: str) -> None:
    html = signed_in(cast.bob).get(url(receive(a_mail(sender=sender), cast.helpdesk_gateway))).content.decode()
    assert words in html
    assert ("Be careful with what it asks for." in html) is bool(words)


def test_an_answer_that_goes_elsewhere_is_said_and_is_no_alarm(cast: Cast) -> None:
    raw = a_mail(sender="Formulář <web@hoster.example>", headers=[("Reply-To", "eva@seznam.cz")])
    html = signed_in(cast.bob).get(url(receive(raw, cast.helpdesk_gateway))).content.decode()
    assert "The message came from web@hoster.example, but an answer would go to eva@seznam.cz." in html
    assert "Be careful with what it asks for." not in html


def test_a_company_at_a_free_provider_is_not_everybody_there(cast: Cast) -> None:
    Person.objects.update(email=Concat("pk", Value("@seznam.cz"), output_field=CharField()))
    raw = a_mail(sender='"alice@acme.cz" <nekdo@seznam.cz>')
    html = signed_in(Person.objects.get(pk=cast.bob.pk)).get(url(receive(raw, cast.helpdesk_gateway))).content.decode()
    assert "The name shows alice@acme.cz, but the message came from nekdo@seznam.cz." in html


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["en", "cs"])
def test_every_suspicion_has_words(code: str, language: str) -> None:
    with override(language):
        words = suspicion_words(code, shown="acme.cz", true="a@zlo.cz")
    assert words.endswith(".")
    assert words != code
    assert set(SUSPICIONS) == set(CODES)


def test_czech_words_are_not_the_english_ones() -> None:
    english = {str(words) for words in SUSPICIONS.values()}
    with override("cs"):
        assert not english & {str(words) for words in SUSPICIONS.values()}


def test_defects_are_said_in_words(cast: Cast) -> None:
    raw = a_mail().replace(b'charset="utf-8"', b'charset="x-foo"')
    html = signed_in(cast.bob).get(url(receive(raw, cast.helpdesk_gateway))).content.decode()
    assert "its character set is not known: x-foo" in html
