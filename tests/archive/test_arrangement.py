"""Threads about which people have decided: the same whatever came first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from podatelna.archive.arrangement import Named, arrange


def mail(*lines: str) -> list[Named]:
    """From "c a b" the message c that answers b, which answers a."""
    return [Named(line.split()[0].encode(), tuple(name.encode() for name in line.split()[1:])) for line in lines]


def threads(messages: list[Named], cuts: str = "", *joins: str) -> list[str]:
    pairs = [(join[0].encode(), join[1].encode()) for join in joins]
    parts = arrange(messages, [key.encode() for key in cuts], pairs)
    return sorted("".join(sorted(key.decode() for key in part.keys)) for part in parts)


def test_without_decisions_whoever_names_each_other_is_one_thread() -> None:
    assert threads(mail("a", "b a", "c a b", "x", "y z", "w z")) == ["abc", "wyz", "x"]


def test_a_cut_takes_what_answers_it_along() -> None:
    assert threads(mail("a", "b a", "c a b", "d a"), "b") == ["ad", "bc"]


def test_an_answer_that_names_only_its_parent_goes_with_it() -> None:
    assert threads(mail("a", "b a", "c b", "d c"), "b") == ["a", "bcd"]


def test_what_answers_through_a_message_that_never_came_goes_with_the_cut() -> None:
    assert threads(mail("a", "b a", "d a b g", "e g"), "b") == ["a", "bdeg"]


def test_a_message_that_says_nothing_is_placed_by_those_that_name_it() -> None:
    assert threads(mail("a", "b a", "c", "d a b c"), "b") == ["a", "bcd"]


def test_an_answer_to_both_sides_does_not_undo_a_cut() -> None:
    assert threads(mail("a", "b a", "c a", "d a b c"), "b") == ["acd", "b"]
    assert threads(mail("a", "b a", "c a", "d a c b"), "b") == ["ac", "bd"]


def test_a_cut_below_a_cut() -> None:
    assert threads(mail("a", "b a", "c a b", "d a b c"), "bc") == ["a", "b", "cd"]


def test_a_join_makes_one_of_two_even_across_a_cut() -> None:
    assert threads(mail("a", "b a", "x"), "", "ax") == ["abx"]
    assert threads(mail("a", "b a", "c a b"), "b", "ab") == ["abc"]


def test_messages_that_name_each_other_end_nowhere() -> None:
    assert threads(mail("a b", "b a"), "") == ["ab"]
    assert threads(mail("m", "a m b", "b m a"), "m") == ["abm"]


def test_threads_below_no_cut_come_first_then_cuts_in_the_order_of_their_making() -> None:
    parts = arrange(mail("z", "a z", "b z"), [b"b", b"a"], [])
    assert [part.head for part in parts] == [None, b"b", b"a"]


NAMES = "abcdefgh"
MESSAGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4)).map(
        lambda pair: Named(pair[0].encode(), tuple(dict.fromkeys(n.encode() for n in pair[1] if n != pair[0])))
    ),
    max_size=8,
)
KEYS = st.lists(st.sampled_from([name.encode() for name in NAMES]), max_size=3, unique=True)
PAIRS = st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.sampled_from([b"d", b"e", b"f"])), max_size=2)


@given(MESSAGES, KEYS, PAIRS, st.data())
def test_the_order_of_mail_and_joins_means_nothing(
    messages: list[Named], cuts: list[bytes], joins: list[tuple[bytes, bytes]], data: st.DataObject
) -> None:
    again, turned = data.draw(st.permutations(messages)), data.draw(st.permutations(joins))
    parts = arrange(messages, cuts, joins)
    assert arrange(again, cuts, turned) == parts
    everything = [key for part in parts for key in part.keys]
    assert len(everything) == len(set(everything))
    assert {one.key for one in messages} <= set(everything)


@given(MESSAGES, KEYS)
def test_two_cuts_are_never_in_one_thread_without_a_join(messages: list[Named], cuts: list[bytes]) -> None:
    for part in arrange(messages, cuts, []):
        assert len(part.keys & set(cuts)) <= 1
        assert part.head is None or part.head in part.keys
