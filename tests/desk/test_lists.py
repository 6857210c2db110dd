"""What stands in which list, in which order, and what is bold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.desk import lists
from podatelna.desk.errors import UnknownView
from podatelna.desk.models import Conversation
from tests.cast import NOON, Cast, a_mail, receive

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def desk(cast: Cast) -> dict[str, Conversation]:
    """One of each kind: unassigned, Bob's, closed, one of sales."""
    rows = {
        name: receive(a_mail(name), gateway, NOON + timedelta(minutes=minute))
        for minute, (name, gateway) in enumerate(
            [
                ("new", cast.helpdesk_gateway), ("bobs", cast.helpdesk_gateway),
                ("closed", cast.helpdesk_gateway), ("sales", cast.sales_gateway),
            ]
        )
    }  # fmt: skip
    rows["bobs"].assign(cast.bob, cast.alice, LATER)
    rows["closed"].close(cast.alice, LATER)
    return rows


def subjects(slug: str, person: object) -> list[str]:
    return [row.subject for row in lists.conversations_in(slug, person)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("slug", "found"),
    [
        ("mine", ["bobs"]), ("unassigned", ["new"]), ("all", ["bobs", "new"]), ("closed", ["closed"]),
        ("process-{}", ["bobs", "new"]), ("process-{}-unassigned", ["new"]), ("process-{}-closed", ["closed"]),
    ],
)  # fmt: skip
def test_what_bob_finds(cast: Cast, desk: dict[str, Conversation], slug: str, found: list[str]) -> None:
    assert subjects(slug.format(cast.helpdesk.pk), cast.bob) == found


@pytest.mark.parametrize("slug", ["mine", "unassigned", "all", "closed"])
def test_eve_finds_nothing(cast: Cast, desk: dict[str, Conversation], slug: str) -> None:
    assert subjects(slug, cast.eve) == []


@pytest.mark.parametrize("slug", ["process-{}", "process-{}-closed", "process-999999", "process-", "nonsense", ""])
def test_a_list_of_another_process_is_as_unknown_as_one_that_is_not(cast: Cast, slug: str) -> None:
    with pytest.raises(UnknownView):
        lists.conversations_in(slug.format(cast.sales.pk), cast.bob)


def test_counts(cast: Cast, desk: dict[str, Conversation]) -> None:
    helpdesk = f"process-{cast.helpdesk.pk}"
    assert lists.open_counts(cast.bob) == {
        "mine": 1, "unassigned": 1, "all": 2, helpdesk: 2, f"{helpdesk}-unassigned": 1
    }  # fmt: skip
    assert lists.open_counts(cast.eve) == {"mine": 0, "unassigned": 0, "all": 0}


def test_an_empty_process_counts_nought(cast: Cast) -> None:
    assert lists.open_counts(cast.carol)[f"process-{cast.sales.pk}"] == 0


def test_what_one_is_let_into_alone_is_ones_own(cast: Cast, desk: dict[str, Conversation]) -> None:
    desk["new"].assign(cast.carol, cast.alice, LATER)
    counts = lists.open_counts(cast.carol)
    assert (counts["mine"], counts["all"]) == (1, 2)
    assert f"process-{cast.helpdesk.pk}" not in counts


def test_counts_take_two_queries(cast: Cast, desk: dict[str, Conversation], django_assert_num_queries: object) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]
        lists.open_counts(cast.bob)


def test_pages_hold_every_row_once_also_where_times_are_equal(cast: Cast) -> None:
    for number in range(7):
        receive(a_mail(str(number)), cast.helpdesk_gateway, NOON + timedelta(minutes=number // 3))
    seen: list[int] = []
    before = None
    while True:
        rows, before = lists.page(lists.conversations_in("all", cast.bob), before, size=2)
        seen += [row.pk for row in rows]
        if before is None:
            break
    assert seen == [row.pk for row in lists.conversations_in("all", cast.bob)]
    assert len(set(seen)) == 7


def test_a_full_last_page_has_no_next(cast: Cast, desk: dict[str, Conversation]) -> None:
    rows, before = lists.page(lists.conversations_in("all", cast.bob), None, size=2)
    assert (len(rows), before) == (2, None)


# --- bold ------------------------------------------------------------------------------------------------


def unread(cast: Cast) -> set[int]:
    return lists.unread_ids(Conversation.objects.all(), cast.bob)


def test_new_mail_is_unread_until_it_is_read(cast: Cast) -> None:
    conversation = receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    assert unread(cast) == {conversation.pk}
    lists.mark_read(conversation, cast.bob, LATER)
    assert unread(cast) == set()
    assert lists.unread_ids([conversation], cast.alice) == {conversation.pk}
    receive(a_mail(in_reply_to="one@example.cz"), cast.helpdesk_gateway, LATER + timedelta(minutes=1))
    assert unread(cast) == {conversation.pk}


def test_reading_never_goes_back(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    lists.mark_read(conversation, cast.bob, LATER)
    lists.mark_read(conversation, cast.bob, NOON - timedelta(days=1))
    assert unread(cast) == set()


def test_what_is_closed_is_no_news(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway).close(cast.alice, LATER)
    assert unread(cast) == set()
