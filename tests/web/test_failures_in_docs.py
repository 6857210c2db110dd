"""The table of failures in the handbook has all of them, in the words that people see."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import override

from podatelna.outbox.queue import CODES
from podatelna.web.administration.words import WORDS

PAGE = Path(__file__).parents[2] / "docs" / "administration" / "failures.md"


@pytest.mark.parametrize("code", WORDS)
def test_every_failure_of_a_gateway_is_in_the_table_in_the_words_of_the_page(code: str) -> None:
    with override("en"):
        row = f"| `{code}` | {WORDS[code].happened} | {WORDS[code].to_do} |"
    assert row in PAGE.read_text("utf-8").splitlines()


@pytest.mark.parametrize("code", CODES)
def test_every_failure_of_the_outbox_is_in_the_table(code: str) -> None:
    assert f"| `{code}` |" in PAGE.read_text("utf-8")
