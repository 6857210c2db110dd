"""Text without diacritics: the short way gives what taking each character apart gives."""

import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from podatelna.mail.bare import bare, replacing

characters = st.one_of(st.characters(min_codepoint=0x20, max_codepoint=0x370), st.characters(exclude_categories=["Cs"]))


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet=characters, max_size=20))
@example("Příliš žluťoučký kůň – ﬁnále")
@example("a\u034fb\u0301")
@example("Ёлка й")
def test_marks_go_and_letters_stay(text: str) -> None:
    expected = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))

    assert bare(text) == expected


def test_letters_are_replaced_by_the_table() -> None:
    assert replacing({"ł": "l", "-": "", "æ": "ae", "]": ")"})("Łłæ-]x") == "Łlae)x"
