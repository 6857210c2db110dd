"""FETCH answers as imaplib gives them, read without trusting their order or form."""

from datetime import UTC, datetime

import pytest

from podatelna.protocols.imap_answers import Answer, Fetched, read_bodies, read_sizes
from podatelna.protocols.imap_client import quoted, uid_set


@pytest.mark.parametrize(
    ("uids", "written"), [({1, 2, 3, 7}, "1:3,7"), ({5}, "5"), ({2, 1}, "1:2"), ({4, 6, 8}, "4,6,8"), (set(), "")]
)
def test_uids_are_written_as_runs(uids: set[int], written: str) -> None:
    assert uid_set(uids) == written


def test_body_is_found_whether_the_uid_comes_before_or_after() -> None:
    before = [(b"1 (UID 5 BODY[] {3}", b"abc"), b")"]
    after = [(b"2 (BODY[] {3}", b"def"), b" UID 6)"]
    assert read_bodies([*before, *after]) == {5: Fetched(b"abc", None), 6: Fetched(b"def", None)}


def test_internal_date_comes_along_and_nonsense_is_no_date() -> None:
    answer = [(b'1 (INTERNALDATE "04-May-2026 12:00:00 +0200" UID 5 BODY[] {1}', b"a"), b")"]
    assert read_bodies(answer)[5].at == datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    answer = [(b'1 (INTERNALDATE "99-Xyz-2026 12:00:00 +0200" UID 5 BODY[] {1}', b"a"), b")"]
    assert read_bodies(answer)[5] == Fetched(b"a", None)


def test_unasked_flags_are_passed_over() -> None:
    answer = [b"1 (FLAGS (\\Seen) UID 5)", (b"2 (UID 6 BODY[] {1}", b"x"), b")", b"3 (FLAGS ())"]
    assert read_bodies(answer) == {6: Fetched(b"x", None)}


def test_short_body_as_quoted_string_and_empty_body_as_literal() -> None:
    empty = (b"2 (UID 6 RFC822.SIZE 0 BODY[] {0}", b"")
    answer = [b'1 (UID 5 BODY[] "a \\"b\\" UID 9 \\\\")', empty, b")", b"3 (UID 7 BODY[] NIL)"]
    assert read_bodies(answer) == {5: Fetched(b'a "b" UID 9 \\', None), 6: Fetched(b"", None)}


def test_an_empty_body_of_a_message_that_has_a_size_is_none() -> None:
    assert read_bodies([(b"2 (UID 6 RFC822.SIZE 700 BODY[] {0}", b""), b")"]) == {}
    assert read_bodies([b'2 (UID 6 RFC822.SIZE 700 BODY[] "")']) == {}


@pytest.mark.parametrize(
    "answer",
    [
        [(b"1 (UID 5 BODY[] {3}", b"abc"), (b" * 2 FETCH (UID 6 BODY[] {1}", b"x"), b")"],
        [(b"1 (UID 5 BODY[] {3}", b"abc"), b"the rest of it"],
        [(b"1 (UID 5 BODY[] {1}", b"a"), b")", (b"2 (UID 5 BODY[] {1}", b"b"), b")"],
    ],
    ids=["too long", "too short", "two under one UID"],
)
def test_bodies_of_which_it_is_not_sure_whose_they_are_are_refused(answer: Answer) -> None:
    with pytest.raises(ValueError):
        read_bodies(answer)


def test_a_body_that_looks_like_an_answer_is_only_a_body() -> None:
    forged = b"2 (UID 66 BODY[] {1}\r\nx)\r\n"
    assert read_bodies([(b"1 (UID 5 BODY[] {24}", forged), b")"]) == {5: Fetched(forged, None)}


def test_no_answer_at_all() -> None:
    assert read_bodies([None]) == {}
    assert read_sizes([]) == {}


def test_sizes_by_uid() -> None:
    assert read_sizes([b"1 (UID 5 RFC822.SIZE 4711)", b"2 (RFC822.SIZE 12 UID 6)", b"3 (UID 7)"]) == {5: 4711, 6: 12}


def test_quoted_strings_cannot_end_early() -> None:
    assert quoted('pass"word\\') == '"pass\\"word\\\\"'
