"""Outlook's files become the e-mail that they were: header, bodies, files; always the same bytes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podatelna.archive.sources import Found, Skipped, find_mail
from podatelna.archive.sources.outlook import File, Item, as_mail
from podatelna.mail.addresses import Address
from podatelna.mail.parse import Parsed, parse

from .compound import Saved, a_msg, compound

HEADERS = (
    "Microsoft Mail Internet Headers Version 2.0\r\n"
    "Received: from mx.acme.cz by mail; Mon, 04 May 2026 10:00:01 +0200\r\n"
    "From: =?utf-8?q?Jana_Nov=C3=A1kov=C3=A1?= <jana@acme.cz>\r\nTo: petr@firma.cz,\r\n\tkarel@firma.cz\r\n"
    "Subject: Reklamace\r\nMessage-ID: <1@acme.cz>\r\nDate: Mon, 04 May 2026 10:00:00 +0200\r\n"
    'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n\tboundary="gone"\r\nX-Last: yes\r\n\r\n'
)
CAME = Saved(
    {0x007D: HEADERS, 0x001A: "IPM.Note", 0x0037: "Reklamace", 0x1000: "Pračka teče.\r\n", 0x0E07: 1,
     0x1013: "<p>Pračka <b>teče</b>.</p>".encode("cp1250"), 0x3FDE: 1250},
    attachments=[
        {0x3707: "faktura č. 5.pdf", 0x370E: "application/pdf", 0x3701: b"%PDF-" + bytes(range(256)), 0x3705: 1},
    ],
)  # fmt: skip
SENT = Saved(
    {0x001A: "IPM.Note", 0x0037: "Nabídka: pět praček", 0x1000: "Dobrý den", 0x0C1A: "Petr Šedivý",
     0x5D01: "petr@firma.cz", 0x0039: datetime(2026, 5, 4, 8, 0, tzinfo=UTC), 0x1035: "<2@firma.cz>", 0x0E07: 0},
    recipients=[
        {0x3001: "Jana Nováková", 0x39FE: "jana@acme.cz", 0x0C15: 1},
        {0x3001: "Karel", 0x3003: "karel@firma.cz", 0x0C15: 2},
        {0x3001: "Tajný", 0x39FE: "tajny@firma.cz", 0x0C15: 3},
    ],
)  # fmt: skip


def saved(message: Saved, folder: Path) -> Found:
    (folder / "letter.msg").write_bytes(a_msg(message))
    (found,) = find_mail([folder])
    assert isinstance(found, Found), found
    return found


def read(message: Saved, folder: Path) -> Parsed:
    return parse(saved(message, folder).raw)


def test_a_letter_that_came_has_its_own_header_both_bodies_and_its_files(tmp_path: Path) -> None:
    parsed = read(CAME, tmp_path)
    assert parsed.defects == ()
    assert parsed.sender == Address("Jana Nováková", "jana@acme.cz")
    assert (parsed.message_id, parsed.subject) == ("1@acme.cz", "Reklamace")
    assert [one.address for one in parsed.to] == ["petr@firma.cz", "karel@firma.cz"]
    assert parsed.text.strip() == "Pračka teče."
    assert "Pračka <b>teče</b>" in parsed.html
    (file,) = (part for part in parsed.parts if part.is_attachment)
    assert (file.filename, file.content) == ("faktura č. 5.pdf", b"%PDF-" + bytes(range(256)))
    names = [name for name, _ in parsed.headers]
    assert names.count("Content-Type") == 1
    assert "X-Last" in names
    assert "Microsoft" not in names[0]


def test_a_letter_that_was_sent_gets_the_header_that_outlook_knows(tmp_path: Path) -> None:
    parsed = read(SENT, tmp_path)
    assert parsed.sender == Address("Petr Šedivý", "petr@firma.cz")
    assert [one.address for one in (*parsed.to, *parsed.cc, *parsed.bcc)] == [
        "jana@acme.cz", "karel@firma.cz", "tajny@firma.cz",
    ]  # fmt: skip
    assert (parsed.subject, parsed.message_id) == ("Nabídka: pět praček", "2@firma.cz")
    assert parsed.sent_at == datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def test_whether_it_was_read_is_kept(tmp_path: Path) -> None:
    assert saved(CAME, tmp_path).labels == ("\\Seen",)
    assert saved(SENT, tmp_path).labels == ()


def test_the_same_file_gives_the_same_bytes_in_another_process_too(tmp_path: Path) -> None:
    first = saved(CAME, tmp_path).raw
    code = (
        "import sys; from podatelna.archive.sources.outlook_msg import as_mail;"
        "sys.stdout.buffer.write(as_mail(open(sys.argv[1], 'rb').read())[0])"
    )
    setup = "import django; django.setup();"
    again = subprocess.run(
        [sys.executable, "-c", setup + code, str(tmp_path / "letter.msg")], capture_output=True, check=True,
        env={**__import__("os").environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert again.stdout == first


def test_a_message_attached_to_a_message(tmp_path: Path) -> None:
    parsed = read(replace(CAME, attachments=[SENT]), tmp_path)
    (file,) = (part for part in parsed.parts if part.content_type == "message/rfc822")
    assert parse(file.content).subject == "Nabídka: pět praček"


def test_a_picture_in_the_text_stays_there(tmp_path: Path) -> None:
    picture = {0x3707: "logo.png", 0x370E: "image/png", 0x3701: b"\x89PNG", 0x3712: "logo@acme", 0x3705: 1}
    parsed = read(replace(CAME, attachments=[picture]), tmp_path)
    assert [part.content_id for part in parsed.parts if part.content_type == "image/png"] == ["logo@acme"]


def test_people_without_an_address_are_named(tmp_path: Path) -> None:
    inside = replace(SENT, recipients=[{0x3001: "Účtárna", 0x3003: "/O=FIRMA/OU=X/CN=UCTARNA", 0x0C15: 1}])
    assert "Účtárna".encode() not in saved(inside, tmp_path).raw.partition(b"\r\n\r\n")[0]
    assert "Účtárna" in dict(read(inside, tmp_path).headers)["To"]


def test_the_content_of_a_signed_letter_is_kept_to_the_byte(tmp_path: Path) -> None:
    content = b'Content-Type: multipart/signed; protocol="x"; boundary="b"\r\n\r\n--b\r\n\r\nHi\r\n--b--\r\n'
    properties = {**CAME.properties, 0x001A: "IPM.Note.SMIME.MultipartSigned"}
    signed = Saved(properties, attachments=[{0x3707: "smime.p7m", 0x3701: content, 0x3705: 1}])
    assert saved(signed, tmp_path).raw.endswith(content)


def test_headers_cannot_be_made_by_what_a_stranger_wrote(tmp_path: Path) -> None:
    evil = {**SENT.properties, 0x0037: "a\r\nBcc: x@y.cz\r\n\r\nbody", 0x1035: "x>\r\nX-Evil: 1", 0x0C1A: "A\r\nX-B: 1"}
    files = [{0x3707: 'a"\r\nX-C: 1', 0x370E: "text/html\r\nX-D: 1", 0x3712: "c>\r\nX-E: 1", 0x3701: b"x"}]
    names = {name for name, _ in read(Saved(evil, attachments=files), tmp_path).headers}
    assert not names & {"X-Evil", "X-B", "Bcc"}
    raw = saved(Saved(evil, attachments=files), tmp_path).raw
    assert not any(line.startswith((b"X-C", b"X-D", b"X-E")) for line in raw.splitlines())


def test_a_word_document_is_no_message(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_bytes(compound({"WordDocument": b"x" * 600}))
    (tmp_path / "b.msg").write_bytes(compound({"WordDocument": b"x" * 600}))
    reasons = {one.path.name: one.reason for one in find_mail([tmp_path]) if isinstance(one, Skipped)}
    assert reasons["a.doc"] == "does not look like mail"
    assert reasons["b.msg"].startswith("not a message that can be read")


@pytest.mark.parametrize("cut", [8, 100, 511, 512, 1500, 3000])
def test_what_is_cut_off_or_changed_is_skipped_and_never_raised(cut: int, tmp_path: Path) -> None:
    data = a_msg(CAME)
    (tmp_path / "cut.msg").write_bytes(data[:cut])
    (tmp_path / "changed.msg").write_bytes(data[:cut] + b"\xff" * 64 + data[cut + 64 :])
    assert len(list(find_mail([tmp_path]))) == 2


def test_what_is_no_mailbox_of_outlook_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.pst").write_bytes(b"!BDN" + bytes(5000))
    (one,) = find_mail([tmp_path])
    assert isinstance(one, Skipped)
    assert one.reason.startswith("not a mailbox that can be read")


@pytest.mark.parametrize(("module", "name", "extra"), [("oxmsg", "a.msg", "msg"), ("pypff", "a.pst", "pst")])
def test_without_the_extra_it_says_what_to_install(
    module: str, name: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / name).write_bytes(a_msg(CAME) if extra == "msg" else b"!BDN" + bytes(600))
    (one,) = find_mail([tmp_path])
    assert isinstance(one, Skipped)
    assert f"podatelna[{extra}]" in one.reason


def test_an_item_with_nothing_in_it_is_a_message() -> None:
    assert parse(as_mail(Item())).text == ""
    deep = Item(subject="deepest")
    for _ in range(50):
        deep = Item(files=[File("m", "message/rfc822", item=deep)])
    assert len(as_mail(deep)) < 10_000
