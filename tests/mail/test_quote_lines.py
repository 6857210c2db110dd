"""The quick look at a line never takes for ordinary what a closer look would not."""

import random

import pytest

from podatelna.mail import quotes
from podatelna.mail.quote_lines import ABOVE_WORDS, BLANK, MARKED, PLAIN, QUOTED, looks
from podatelna.mail.quote_words import ABOVE, FORWARDED, SEPARATORS
from podatelna.mail.signature_words import SCANNED, SENT
from tests.mail import replies


def texts() -> list[str]:
    """Replies of many programs in many languages, and the same with their lines mixed."""
    found = [str(getattr(one, "text", one)) for one in [*replies.TEXTS.values(), *replies.PEOPLE]]
    lines = [line for text in found for line in text.splitlines()]
    lines += [f" {phrase}: " for phrase in sorted({*ABOVE, *FORWARDED, *SEPARATORS, *SENT, *SCANNED})]
    lines += ["", "Dobrý den,", "v příloze posílám 5 ks.", "Jana Nováková", "05.01.2026 09:14", "> Kdy?", "JN> Kdy?"]
    chance = random.Random(7)
    return found + ["\n".join(chance.choices(lines, k=25)) for _ in range(1_500)]


def test_a_text_is_folded_as_if_each_line_had_been_looked_at_closely(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = texts()
    quick = [quotes.fold(text) for text in wanted]
    monkeypatch.setattr(quotes, "looks", lambda lines: [MARKED] * len(lines))
    for text, blocks in zip(wanted, quick, strict=True):
        assert quotes.fold(text) == blocks


def test_each_phrase_that_asks_for_an_answer_above_has_a_word_that_tells_it() -> None:
    assert [phrase for phrase in ABOVE if not any(word in phrase for word in ABOVE_WORDS)] == []


def test_ordinary_lines_are_told() -> None:
    lines = ["Dobrý den,\n", "\n", "posílám nabídku na 5 ks.\n", "> Kdy?\n", ">>> Jana >>>\n", "Jana napsala:"]
    assert looks(lines)[:5] == [PLAIN, BLANK, PLAIN, QUOTED, MARKED]
    assert looks(lines)[5] & MARKED
