"""Who else is there."""

from __future__ import annotations

from datetime import timedelta

from podatelna.desk import presence
from podatelna.desk.models import Presence
from tests.cast import NOON, Cast, a_mail, receive

SOON = NOON + timedelta(seconds=5)


def test_others_are_seen_and_whether_they_write(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    presence.seen(conversation, cast.alice, NOON, False)
    presence.seen(conversation, cast.bob, NOON, False)
    presence.seen(conversation, cast.bob, SOON, True)
    assert presence.others(conversation, cast.alice, SOON) == [(cast.bob, True)]
    assert presence.others(conversation, cast.bob, SOON) == [(cast.alice, False)]


def test_who_has_gone_is_not_there(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    presence.seen(conversation, cast.alice, NOON, False)
    presence.seen(conversation, cast.bob, NOON, False)
    presence.left(conversation, cast.bob)
    assert presence.others(conversation, cast.alice, SOON) == []
    assert presence.others(conversation, cast.bob, NOON + presence.GONE_AFTER) == []


def test_traces_are_swept(cast: Cast) -> None:
    presence.seen(receive(a_mail(), cast.helpdesk_gateway), cast.alice, NOON, False)
    presence.sweep(NOON + timedelta(days=1))
    assert not Presence.objects.exists()
