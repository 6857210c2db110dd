"""Strangers' files: given out so that no browser runs them, to those who may see their message."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from podatelna.archive.models import Message, Part
from podatelna.desk.models import Conversation
from podatelna.web.desk.attachments import give
from tests.cast import Cast, a_mail, receive
from tests.web.test_conversation import signed_in, url

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
FILES = [
    ("faktura č. 1.pdf", "application/pdf", b"%PDF-1.7 nonsense"),
    ("evil.html", "text/html", b"<script>alert(1)</script>"),
    ("picture.png", "image/png", PNG),
    ("drawing.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
]


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(files=FILES), cast.helpdesk_gateway)


def part_url(conversation: Conversation, name: str, more: str = "") -> str:
    part = Part.objects.get(message__entries__conversation=conversation, filename=name)
    return url(conversation, f"messages/{part.message_id}/parts/{part.position}{more}")


@pytest.mark.parametrize(("name", "content_type", "data"), FILES)
def test_files_are_downloads_of_no_type(
    cast: Cast, conversation: Conversation, name: str, content_type: str, data: bytes
) -> None:
    answer = signed_in(cast.bob).get(part_url(conversation, name))
    assert answer.content == data
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_name_with_czech_letters_survives(cast: Cast, conversation: Conversation) -> None:
    answer = signed_in(cast.bob).get(part_url(conversation, "faktura č. 1.pdf"))
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''faktura%20%C4%8D.%201.pdf"


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [
        ("picture.png", "image/png"),
        ("evil.html", "text/plain; charset=utf-8"),
        ("faktura č. 1.pdf", "application/pdf"),
        ("drawing.svg", "application/octet-stream"),
    ],
)
def test_only_harmless_types_are_looked_at(cast: Cast, conversation: Conversation, name: str, shown_as: str) -> None:
    answer = signed_in(cast.bob).get(part_url(conversation, name, "?inline"))
    assert answer["Content-Type"] == shown_as
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox;" in answer["Content-Security-Policy"]


def test_what_only_calls_itself_a_pdf_is_a_download() -> None:
    answer = give(b"<script>", "a.pdf", "application/pdf", inline=True)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")


def test_text_that_is_not_utf8_is_read_as_czech_windows() -> None:
    answer = give("žluť".encode("cp1250"), "a.txt", "text/plain", inline=True)
    assert answer["Content-Type"] == "text/plain; charset=windows-1250"


def test_a_name_cannot_break_the_header() -> None:
    answer = give(b"", 'a"\r\nSet-Cookie: x=1; é.txt', "text/plain", inline=False)
    assert "\n" not in answer["Content-Disposition"]


def test_the_page_lists_names_and_sizes(cast: Cast, conversation: Conversation) -> None:
    html = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert all(name in html for name, _, _ in FILES)
    assert "17\xa0bytes" in html


@pytest.mark.parametrize("name", ["carol", "eve"])
def test_outsiders_get_404(cast: Cast, conversation: Conversation, name: str) -> None:
    client = signed_in(getattr(cast, name))
    found = part_url(conversation, "picture.png")
    assert client.get(found).status_code == 404
    assert client.get(found[found.index("/messages") :]).status_code == 404


def test_a_part_of_another_conversation_is_not_here(cast: Cast, conversation: Conversation) -> None:
    other = receive(a_mail("Other"), cast.helpdesk_gateway)
    part = Part.objects.get(filename="picture.png")
    assert signed_in(cast.bob).get(url(other, f"messages/{part.message_id}/parts/{part.position}")).status_code == 404


def test_pictures_inside_the_html_come_from_their_message(cast: Cast) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "jana@example.cz", "helpdesk@acme.cz", "With a logo"
    mail["Message-ID"] = "<logo@example.cz>"
    mail.set_content("see the logo")
    mail.add_alternative('<p><img src="cid:logo@x"><img src="cid:other@x"></p>', subtype="html")
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<logo@x>")
    conversation = receive(mail.as_bytes(), cast.helpdesk_gateway)
    message = Message.objects.get(entries__conversation=conversation)
    client = signed_in(cast.bob)
    html = client.get(url(conversation, f"messages/{message.pk}/body")).content.decode()
    part = Part.objects.get(message=message, content_type="image/png")
    source = url(conversation, f"messages/{message.pk}/parts/{part.position}?inline")
    assert f'src="{source}"' in html
    assert client.get(source).content == PNG
