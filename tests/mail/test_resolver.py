"""A table answers like DNS: whatever way it is written, and nothing that is not in it."""

import pytest

from podatelna.mail.resolver import MAX_QUESTIONS, Questions, Unanswered, table_resolver


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"a.cz": "x"}, ["x"]),
        ({"A.CZ.": ["x", "y"]}, ["x", "y"]),
        ({"a.cz": '"x" "y"'}, ["xy"]),
        ({"a.cz": '"x\\"y"'}, ['x"y']),
        ({"a.cz": [["x", "y"], ["z"]]}, ["xy", "z"]),
        ({"a.cz": {"TXT": "x", "A": ["192.0.2.1"]}}, ["x"]),
        ({"TXT": {"a.cz": ["x"]}, "A": {"a.cz": "192.0.2.1"}}, ["x"]),
        ({"a.cz": {"CNAME": ["b.cz."]}, "b.cz": "x"}, ["x"]),
        ({"a.cz": {"CNAME": ["a.cz"]}}, []),
        ({"b.cz": "x"}, []),
        ({}, []),
    ],
)
def test_the_ways_to_write_a_table(table: dict[str, object], expected: list[str]) -> None:
    assert list(table_resolver(table)("a.cz", "TXT")) == expected


@pytest.mark.parametrize("value", [None, "TIMEOUT", "servfail", {"TXT": None}])
def test_no_answer(value: object) -> None:
    with pytest.raises(Unanswered):
        table_resolver({"a.cz": value})("a.cz", "TXT")


def test_names_in_any_letters_are_asked_for_in_ascii() -> None:
    assert list(table_resolver({"žluťoučký.cz": "x"})("xn--luouk-uva4it5a4g.cz", "TXT")) == ["x"]


def test_each_thing_is_asked_once_and_not_for_ever() -> None:
    asked: list[str] = []

    def resolve(name: str, kind: str, /) -> list[str]:
        asked.append(name)
        return [kind]

    questions = Questions(resolve)
    assert [list(questions("A.cz.", "TXT")), list(questions("a.cz", "TXT")), list(questions("a..cz", "TXT"))] == [
        ["TXT"], ["TXT"], [],
    ]  # fmt: skip
    assert asked == ["a.cz"]
    for number in range(MAX_QUESTIONS - 1):
        questions(f"{number}.cz", "TXT")
    with pytest.raises(Unanswered):
        questions("posledni.cz", "TXT")
