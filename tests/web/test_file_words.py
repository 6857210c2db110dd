"""Why search does not find a file by what is in it stands beside the file, in words."""

from __future__ import annotations

import pytest

from podatelna.archive import extraction
from podatelna.archive.models import AttachmentText
from podatelna.extractor import findings
from podatelna.extractor.process import Helper
from podatelna.web.desk.file_words import WHYS, reading_words
from tests.cast import NOON, Cast, a_mail, receive
from tests.web.test_conversation import signed_in, url

State = AttachmentText.State


def test_what_could_not_be_read_is_said_beside_the_file(cast: Cast) -> None:
    bad = ("smlouva.pdf", "application/pdf", b"%PDF-1.7 nonsense")
    conversation = receive(a_mail(files=[bad, ("list.txt", "text/plain", b"in order")]), cast.helpdesk_gateway)
    helper = Helper()
    extraction.extract_due(NOON, helper=helper)
    helper.close()
    page = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert page.count("file-note") == 1
    assert "Its text could not be read: it is damaged, or not what its name says, so search does not find it." in page


def test_every_reason_has_words() -> None:
    reasons = {value for name, value in vars(findings).items() if name.isupper() and isinstance(value, str)} - {
        findings.EMPTY,
        findings.CUT,
    }
    assert reasons | {"damaged"} == set(WHYS)


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        (State.READ, "", ""),
        (State.READING, "", ""),
        (State.READ, "empty", "No text was found in it"),
        (State.READ, "cut", "by its beginning"),
        (State.READ, "password", "Part of its text could not be read"),
        (State.FAILED, "password", "protected by a password, so search does not find it"),
    ],
)
def test_words_say_how_much_is_found(state: str, reason: str, words: str) -> None:
    said = reading_words(AttachmentText(state=state, reason=reason))
    assert words in said
    assert bool(words) == bool(said)


def test_nothing_is_said_of_what_was_not_read_yet() -> None:
    assert reading_words(None) == ""
