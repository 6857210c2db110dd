"""`podatelna texts` says what could not be read and why, and has it read once more."""

from __future__ import annotations

import sys

import pytest
from typer.testing import CliRunner

from podatelna.archive import extraction
from podatelna.archive.models import AttachmentText
from podatelna.extractor.process import Helper
from podatelna.run.cli import app
from podatelna.run.examination import of_the_house
from tests.cast import NOON, Cast, a_mail, receive
from tests.extractor import files

pytestmark = pytest.mark.django_db


def podatelna(*words: str) -> str:
    shown = CliRunner().invoke(app, list(words))
    assert shown.exit_code == 0, shown.output
    return shown.output


@pytest.fixture
def unread(cast: Cast) -> AttachmentText:
    """A contract that came while the reader was missing."""
    receive(a_mail(files=[("smlouva.pdf", "application/pdf", files.pdf("Smlouva"))]), cast.helpdesk_gateway)
    missing = Helper(command=(sys.executable, "-c", "raise SystemExit('nothing here')"))
    extraction.extract_due(NOON, helper=missing)
    return AttachmentText.objects.get()


def test_nothing_to_say() -> None:
    assert "Everything could be read." in podatelna("texts")


def test_the_list_names_file_message_and_reason(unread: AttachmentText) -> None:
    shown = podatelna("texts")
    message = unread.part_texts.get().message_id
    assert f"{unread.pk}  unavailable: smlouva.pdf in message {message}" in shown
    assert "nothing here" in shown
    assert "1 unavailable" in shown


def test_what_failed_is_read_again_after_the_cause_was_mended(unread: AttachmentText) -> None:
    assert "1 will be read again" in podatelna("texts", "--again", "--reason", "unavailable")
    helper = Helper()
    assert extraction.extract_due(NOON, helper=helper) == 1
    helper.close()
    unread.refresh_from_db()
    assert unread.state == AttachmentText.State.READ
    assert "Everything could be read." in podatelna("texts")


def test_a_number_that_is_none_of_them_is_refused(unread: AttachmentText) -> None:
    shown = CliRunner().invoke(app, ["texts", "--again", str(unread.pk + 1)])
    assert shown.exit_code != 0
    assert extraction.failed().count() == 1


def test_doctor_says_that_another_try_may_help(unread: AttachmentText) -> None:
    [found] = [finding for finding in of_the_house(False) if finding.what == "attachment texts"]
    assert found.fine
    assert "1 attachments could not be" in found.words
    assert "podatelna texts --again" in found.remedy
