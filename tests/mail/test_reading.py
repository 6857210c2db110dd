"""A message's values are read when they are asked for: each once, and none at the cost of another."""

import dataclasses
import pickle

import pytest

from podatelna.mail.parse import Parsed, parse
from podatelna.mail.reading import READERS, UNREADABLE, Reading

RAW = "From: Jana <jana@acme.cz>\nSubject: Faktura\nDate: Mon, 5 Jan 2026 10:00:00 +0100\n\nDobrý den".encode()


def test_values_are_those_of_a_dataclass() -> None:
    parsed, again = parse(RAW), parse(RAW)
    by_hand = Parsed(**{name: getattr(parsed, name) for name in Parsed.__dataclass_fields__})

    assert again == by_hand
    assert hash(again) == hash(by_hand)
    assert repr(again) == repr(by_hand)
    assert dataclasses.replace(parse(RAW), subject="x").text == "Dobrý den"
    assert pickle.loads(pickle.dumps(parse(RAW))) == by_hand


def test_a_value_is_read_once() -> None:
    parsed = parse(RAW)

    assert parsed.parts is parsed.parts
    assert parsed.sender is parsed.sender


def test_what_is_no_value_is_no_attribute() -> None:
    for name in ("sujet", "_reading_", "__wrapped__"):
        assert not hasattr(parse(RAW), name)


def test_the_original_is_let_go_when_all_is_read() -> None:
    parsed = parse(RAW)
    for name in Parsed.__dataclass_fields__:
        getattr(parsed, name)

    assert set(vars(parsed)) == set(Parsed.__dataclass_fields__)


def test_defects_are_the_same_whatever_was_asked_for_before() -> None:
    raw = b"Date: yesterday\nFrom: x\nContent-Transfer-Encoding: base64\n\nY"
    parsed = parse(raw)
    asked = (parsed.sent_at, parsed.sender, parsed.text)

    assert asked == (None, None, "")
    assert parsed.defects == parse(raw).defects
    assert len(parsed.defects) >= 3


def test_a_mistake_of_ours_costs_one_value_and_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(reading: Reading, defects: list[str]) -> None:
        raise RecursionError("too deep")

    monkeypatch.setitem(READERS, "body", (fail, READERS["body"][1]))
    parsed = parse(RAW)

    assert (parsed.subject, parsed.text, parsed.parts) == ("Faktura", "", ())
    assert parsed.defects == (f"{UNREADABLE} body, RecursionError: too deep",)
