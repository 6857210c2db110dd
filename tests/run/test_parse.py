"""`podatelna parse`: a message as people and programs want it, whatever the file."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from podatelna.run.cli import app
from tests.cast import a_mail
from tests.run.processes import command, own_environment

FIELDS = {
    "subject", "from", "to", "cc", "reply_to", "sender_effective", "date", "message_id", "in_reply_to", "references",
    "text", "html", "html_safe", "reply_text", "attachments", "auto_submitted", "bounce", "is_feedback_report",
    "is_receipt", "thread_id", "thread_parent", "auth", "defects",
}  # fmt: skip
TRACE = b"Received: from mx.example.cz (mx.example.cz [192.0.2.1]) by mx.acme.cz; Mon, 4 May 2026 12:00:00 +0200\r\n"
NO_DNS: dict[str, Any] = {}


@pytest.fixture
def no_dns(tmp_path: Path) -> str:
    table = tmp_path / "dns.json"
    table.write_text(json.dumps(NO_DNS))
    return str(table)


def a_file(folder: Path, name: str, raw: bytes) -> str:
    path = folder / name
    path.write_bytes(raw)
    return str(path)


def batch(paths: list[str], *options: str) -> list[dict[str, Any]]:
    said = CliRunner().invoke(app, ["parse", "--batch", *options], input="\n".join(paths) + "\n")
    assert said.exit_code == 0, said.output
    return [json.loads(line) for line in said.output.splitlines()]


def test_one_message_as_json_has_exactly_the_fields(tmp_path: Path, no_dns: str) -> None:
    raw = a_mail(
        "Reklamace č. 7",
        "Dobrý den,\nnejde.\n\n> starší text\n",
        cc="Petr <petr@example.cz>",
        message_id="two@example.cz",
        in_reply_to="one@example.cz",
        html='<p>Dobrý den<img src="https://sledovani.example/x.png"></p>',
        files=[("účet.pdf", "application/pdf", b"%PDF-1.4")],
    )
    said = CliRunner().invoke(app, ["parse", "--json", "--dns", no_dns, a_file(tmp_path, "a.eml", raw)])
    (told,) = [json.loads(line) for line in said.output.splitlines()]
    assert told.keys() == FIELDS
    assert told["from"] == {"name": "Jana Nováková", "email": "jana@example.cz"}
    assert (told["subject"], told["cc"]) == ("Reklamace č. 7", [{"name": "Petr", "email": "petr@example.cz"}])
    assert told["date"] == "2026-05-04T10:00:00+00:00"
    assert (told["message_id"], told["in_reply_to"]) == ("two@example.cz", "one@example.cz")
    assert (told["references"], told["thread_parent"]) == (["one@example.cz"], "one@example.cz")
    assert told["reply_text"] == "Dobrý den,\nnejde."
    assert "sledovani.example/x.png" in told["html"]
    assert "sledovani.example" not in told["html_safe"]
    (file,) = told["attachments"]
    assert (file["filename"], file["content_type"], file["size"]) == ("účet.pdf", "application/pdf", 8)
    assert file["sha256"] == hashlib.sha256(b"%PDF-1.4").hexdigest()
    assert told["auto_submitted"] is False
    assert told["bounce"] == {"is_bounce": False, "recipients": [], "original_message_id": None}
    assert told["auth"] == dict.fromkeys(("spf", "dkim", "dmarc", "arc"), "none")


def test_a_batch_answers_each_path_in_order_whatever_the_file(tmp_path: Path, no_dns: str) -> None:
    paths = [
        a_file(tmp_path, "good.eml", a_mail("One")),
        str(tmp_path / "missing.eml"),
        str(tmp_path),
        a_file(tmp_path, "garbage.bin", bytes(range(256)) * 50),
        a_file(tmp_path, "empty.eml", b""),
        a_file(tmp_path, "name with spaces ž.eml", a_mail("Last")),
    ]
    told = batch(paths, "--dns", no_dns)
    assert [one.get("subject") for one in told] == ["One", None, None, "", "", "Last"]
    assert [sorted(one) == ["error"] for one in told] == [False, True, True, False, False, False]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_threads_do_not_depend_on_the_order(tmp_path: Path, no_dns: str, order: tuple[int, ...]) -> None:
    mails = [
        a_mail("Dotaz", message_id="a@example.cz"),
        a_mail("Re: Dotaz", message_id="b@example.cz", in_reply_to="a@example.cz"),
        a_mail("Re: Dotaz", message_id="c@example.cz", in_reply_to="b@example.cz"),
        a_mail("Dotaz", message_id="other@example.cz"),
    ]
    paths = [a_file(tmp_path, f"{number}.eml", raw) for number, raw in enumerate(mails)]
    told = batch([paths[number] for number in order], "--dns", no_dns)
    threads = {number: one["thread_id"] for number, one in zip(order, told, strict=True)}
    assert threads[0] == threads[1] == threads[2] != threads[3]
    straight = {number: one["thread_id"] for number, one in enumerate(batch(paths, "--dns", no_dns))}
    assert threads == straight


def test_records_beside_a_message_answer_instead_of_dns(tmp_path: Path, no_dns: str) -> None:
    raw = b"Return-Path: <jana@example.cz>\r\n" + TRACE + a_mail("One")
    path = a_file(tmp_path, "a.eml", raw)
    Path(path + ".dns.json").write_text(json.dumps({"example.cz": "v=spf1 ip4:192.0.2.1 -all"}))
    (told,) = batch([path])
    assert told["auth"]["spf"] == "pass"


@pytest.mark.parametrize("beside", ["a.eml.dns.json", "a.dns.json"])
def test_both_names_of_a_table_beside_a_message_are_known(tmp_path: Path, beside: str) -> None:
    path = a_file(tmp_path, "a.eml", b"Return-Path: <jana@example.cz>\r\n" + TRACE + a_mail("One"))
    (tmp_path / beside).write_text(json.dumps({"example.cz": "v=spf1 ip4:192.0.2.1 -all"}))
    assert batch([path])[0]["auth"]["spf"] == "pass"


def test_several_authors_are_all_told(tmp_path: Path, no_dns: str) -> None:
    path = a_file(tmp_path, "a.eml", a_mail("One", sender="Jana <jana@example.cz>, Petr <petr@example.cz>"))
    (told,) = batch([path], "--dns", no_dns)
    assert told["from"] == [{"name": "Jana", "email": "jana@example.cz"}, {"name": "Petr", "email": "petr@example.cz"}]
    said = CliRunner().invoke(app, ["parse", "--dns", no_dns, path]).output
    assert "From:     Jana <jana@example.cz>, Petr <petr@example.cz>" in said


def test_there_are_as_many_answers_as_lines(tmp_path: Path, no_dns: str) -> None:
    """Run as a program in another locale: the worst of files, each answered in its line."""
    os.mkfifo(tmp_path / "pipe")
    secret = Path(a_file(tmp_path, "secret.eml", a_mail("Secret")))
    secret.chmod(0)
    paths: list[bytes] = [
        a_file(tmp_path, "good.eml", a_mail("Číslo jedna")).encode(),
        b"",
        b"a\0b",
        b"\xff\xfe.eml",
        str(tmp_path / "pipe").encode(),
        b"/dev/zero",
        str(tmp_path).encode(),
        str(secret).encode(),
        b"x" * 5000,
        a_file(tmp_path, "large.eml", a_mail("Large") + b"x" * 76 + b"\r\n" * 15_000_000).encode(),
        a_file(tmp_path, "separators.eml", a_mail("A", "one\u2028two\x85three\x0bfour")).encode(),
        a_file(tmp_path, "last.eml", a_mail("Poslední")).encode(),
    ]
    environment = own_environment(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    said = subprocess.run(
        command("parse", "--batch", "--dns", no_dns),
        env=environment,
        input=b"".join(path + b"\n" for path in paths),
        capture_output=True,
        timeout=120,
    )
    assert (said.returncode, said.stderr) == (0, b"")
    told = [json.loads(line) for line in said.stdout.decode().splitlines()]
    readable = {0, 9, 10, 11} | ({7} if os.geteuid() == 0 else set())  # root reads what nobody may read
    assert [number for number, one in enumerate(told) if "error" not in one] == sorted(readable)
    assert all(one.keys() == {"error"} and one["error"] for number, one in enumerate(told) if number not in readable)
    assert len(told) == len(paths)
    assert [told[number]["subject"] for number in (0, 9, 11)] == ["Číslo jedna", "Large", "Poslední"]


def test_a_broken_table_beside_a_message_is_an_error_of_that_one(tmp_path: Path) -> None:
    paths = [a_file(tmp_path, f"{name}.eml", a_mail(name)) for name in ("a", "b", "c")]
    for name, table in (("a", "{}"), ("b", "["), ("c", "{}")):
        (tmp_path / f"{name}.dns.json").write_text(table)
    assert [one.get("subject") for one in batch(paths)] == ["a", None, "c"]


def test_a_person_reads_a_letter(tmp_path: Path, no_dns: str) -> None:
    path = a_file(tmp_path, "a.eml", a_mail("Reklamace", "Nejde.\n"))
    said = CliRunner().invoke(app, ["parse", "--dns", no_dns, path]).output
    assert "From:     Jana Nováková <jana@example.cz>" in said
    assert "Subject:  Reklamace" in said
    assert said.rstrip().endswith("Nejde.")


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    said = subprocess.run(
        command("parse", str(tmp_path / "missing.eml")), env=own_environment(), capture_output=True, text=True
    )
    assert said.returncode == 1
    assert len(said.stderr.strip().splitlines()) == 1
    assert "missing.eml" in said.stderr
