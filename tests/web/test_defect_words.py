"""What is wrong with a message is said in the reader's language, whatever the reading of mail comes to name."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

from podatelna.mail.parse import parse
from podatelna.web.desk.words import defect_words

CORPUS = Path(__file__).parent.parent / "corpus"
NAMED = sorted({defect for path in CORPUS.rglob("*.eml") for defect in parse(path.read_bytes()).defects})


@pytest.mark.parametrize("defect", NAMED)
def test_no_reader_is_given_the_bare_name(defect: str) -> None:
    for language in ("cs", "en"):
        with translation.override(language):
            assert defect_words(defect) != defect


def test_the_words_say_what_was_done() -> None:
    with translation.override("en"):
        assert defect_words("unreadable date: time of receipt taken") == (
            "its date cannot be read; the time of its receipt was taken"
        )
        assert defect_words("charset guessed: cp1250") == "its character set is not given; guessed: cp1250"
        assert defect_words("never heard of") == "unusual: never heard of"
