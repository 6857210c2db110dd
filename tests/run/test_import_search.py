"""`podatelna import` and `podatelna search`."""

from __future__ import annotations

import json
import mailbox
from pathlib import Path

from typer.testing import CliRunner, Result

from podatelna.archive.models import Delivery, Message
from podatelna.archive.store import original
from podatelna.desk.models import Conversation
from podatelna.run.cli import app
from podatelna.run.errors import Refused
from tests.cast import Cast, a_mail


def podatelna(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def a_folder_of_mail(folder: Path) -> Path:
    """Two .eml files, an mbox with two messages, a Maildir with one, and a file that is no mail."""
    (folder / "one.eml").write_bytes(a_mail("Reklamace pračky", "Pračka teče.\n"))
    (folder / "two.eml").write_bytes(a_mail("Objednávka", "Pět kusů prosím.\n"))
    box = mailbox.mbox(folder / "old.mbox")
    for number in range(2):
        box.add(mailbox.mboxMessage(a_mail(f"Old letter {number}")))
    box.close()
    mailbox.Maildir(folder / "Maildir", create=True).add(a_mail("From the Maildir"))
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\0")
    return folder


def test_import_counts_what_is_new_and_names_what_was_skipped(cast: Cast, tmp_path: Path) -> None:
    done = podatelna("import", str(a_folder_of_mail(tmp_path)))
    assert done.exit_code == 0, done.output
    assert "new 5, already here 0, quarantined 0, skipped 1" in done.stdout
    assert f"skipped {tmp_path / 'picture.png'}" in done.stdout
    assert Message.objects.count() == 5


def test_import_again_takes_nothing_twice(cast: Cast, tmp_path: Path) -> None:
    podatelna("import", str(a_folder_of_mail(tmp_path)))
    again = podatelna("import", str(tmp_path))
    assert "new 0, already here 5, quarantined 0, skipped 1" in again.stdout
    assert Delivery.objects.count() == 5


def test_imported_mail_is_byte_exact(cast: Cast, tmp_path: Path) -> None:
    raw = a_mail("Exact", "Žluťoučký kůň\n", files=[("a.bin", "application/octet-stream", bytes(range(256)) * 50)])
    (tmp_path / "exact.eml").write_bytes(raw)
    podatelna("import", str(tmp_path / "exact.eml"))
    assert original(Delivery.objects.get()) == raw


def test_a_process_gets_closed_conversations_and_its_team_sees_them(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(a_mail("Reklamace pračky"))
    done = podatelna("import", str(tmp_path), "--process", "helpdesk")
    assert done.exit_code == 0, done.output
    conversation = Conversation.objects.visible_to(cast.bob).get()
    assert conversation.status == Conversation.Status.CLOSED
    assert not Conversation.objects.visible_to(cast.carol).exists()


def test_without_a_process_nobody_sees_it_on_the_desk(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(a_mail("Reklamace pračky"))
    podatelna("import", str(tmp_path))
    assert not Message.objects.visible_to(cast.alice).exists()
    assert not Conversation.objects.exists()


def test_a_process_that_is_not_there_is_refused_and_the_known_ones_are_named(cast: Cast, tmp_path: Path) -> None:
    refused = podatelna("import", str(tmp_path), "--process", "Press")
    assert isinstance(refused.exception, Refused)
    assert str(refused.exception) == "there is no process 'Press'. Processes are: Helpdesk, Sales."


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refused = podatelna("import", str(tmp_path / "nowhere.mbox"))
    assert isinstance(refused.exception, Refused)
    assert "no such file or folder" in str(refused.exception)


def test_search_finds_other_word_forms_and_missing_diacritics(cast: Cast, tmp_path: Path) -> None:
    podatelna("import", str(a_folder_of_mail(tmp_path)))
    shown = podatelna("search", "reklamaci pracky")
    assert shown.exit_code == 0
    assert "Reklamace pračky" in shown.stdout
    assert len(shown.stdout.splitlines()) == 1
    assert podatelna("search", "velbloud").stdout == "Nothing found.\n"


def test_search_as_json_has_what_programs_need(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(a_mail("Reklamace pračky"))
    podatelna("import", str(tmp_path), "--process", "Helpdesk")
    rows = json.loads(podatelna("search", "reklamace", "--json").stdout)
    assert rows == [
        {
            "id": Message.objects.get().pk,
            "date": "2026-05-04T10:00:00+00:00",
            "from": "Jana Nováková <jana@example.cz>",
            "subject": "Reklamace pračky",
            "conversation": Conversation.objects.get().pk,
        }
    ]
    assert json.loads(podatelna("search", "velbloud", "--json").stdout) == []


def test_search_gives_no_more_than_asked_for_the_newest_first(cast: Cast, tmp_path: Path) -> None:
    podatelna("import", str(a_folder_of_mail(tmp_path)))
    every = json.loads(podatelna("search", "spin", "--json").stdout)
    two = json.loads(podatelna("search", "spin", "--json", "--limit", "2").stdout)
    assert len(every) == 3
    assert two == every[:2]


def test_a_question_that_is_not_understood_is_refused_in_words(cast: Cast) -> None:
    refused = podatelna("search", "colour:blue")
    assert isinstance(refused.exception, Refused)
    assert "there is no operator colour:" in str(refused.exception)
