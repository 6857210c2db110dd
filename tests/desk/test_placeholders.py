"""Places in texts: known when saved, filled in as one plain line."""

from __future__ import annotations

import pytest

from podatelna.desk.placeholders import PLACEHOLDERS, fill, unknown


@pytest.mark.parametrize("text", ["{contact.nmae}", "{Contact.Name}", "{ contact.name }", "{foo}", "{kontakt.jméno}"])
def test_what_only_looks_like_a_place_is_found(text: str) -> None:
    assert len(unknown(f"Hello {text}, {{me.name}}")) == 1


@pytest.mark.parametrize(
    "text", [r"\p{Lu}[0-9]{2,3}", "{}", "{ }", "a {1} b", *(f"{{{name}}}" for name in PLACEHOLDERS)]
)
def test_a_place_and_what_is_none_are_left(text: str) -> None:
    assert unknown(text) == []


def test_what_is_filled_in_is_one_line_and_not_looked_at_again() -> None:
    values = {"contact.name": "Eve\r\nBcc: all@acme.cz\u2028 {me.name}", "me.name": "Bob"}
    assert fill("Dear {contact.name},\n{me.name}", values) == "Dear Eve Bcc: all@acme.cz {me.name},\nBob"


def test_what_has_no_value_leaves_nothing() -> None:
    assert fill("Case {case.number}.", {}) == "Case ."
