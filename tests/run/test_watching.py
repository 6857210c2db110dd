"""Who looks whether all is well: the worker; a web process when there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from podatelna.gateways.alarm_models import Alarm, AlarmNotice
from podatelna.gateways.models import Gateway
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing
from podatelna.run import watching
from podatelna.watch import beats
from tests.cast import Cast, a_mail
from tests.servers import HOST, Receiver


@pytest.fixture(autouse=True)
def house(cast: Cast, receiver: Receiver) -> None:
    """Gateways that send to a real SMTP server."""
    call_command("createcachetable", verbosity=0)
    Gateway.objects.update(smtp_host=HOST, smtp_port=receiver.port, smtp_security="none", smtp_login="")


def a_reply(gateway: Gateway) -> Outgoing:
    return queue.enqueue(
        gateway=gateway, person=None, mail_from=gateway.address, rcpt_to=["jana@example.cz"], raw=a_mail(),
        message_id="reply@acme.cz", not_before=timezone.now() - timedelta(minutes=1),
    )  # fmt: skip


def test_a_worker_that_was_just_started_does_not_miss_itself(cast: Cast) -> None:
    cache.delete(beats.BEAT_KEY)
    watching.watch()
    assert not Alarm.objects.filter(kind="worker-gone").exists()
    assert beats.alive(timezone.now())


def test_while_there_is_no_worker_a_web_process_tells_and_sends_that_alone(cast: Cast, receiver: Receiver) -> None:
    cache.set(beats.BEAT_KEY, timezone.now() - timedelta(minutes=5), None)
    reply = a_reply(cast.sales_gateway)
    watching.watch_the_worker()
    assert receiver.taken == [], "it has not stood for long enough to be told"
    Alarm.objects.update(raised_at=timezone.now() - timedelta(minutes=3))
    watching.watch_the_worker()
    watching.watch_the_worker()
    assert [list(one.rcpt_to) for one in receiver.taken] == [["dan@acme.cz"]]
    reply.refresh_from_db()
    assert (reply.state, reply.attempts) == (Outgoing.State.WAITING, 0)


def test_while_there_is_one_a_web_process_leaves_the_telling_to_it(cast: Cast, receiver: Receiver) -> None:
    beats.beat(timezone.now())
    AlarmNotice.objects.create(what="test", way="mail", due_at=timezone.now())
    watching.watch_the_worker()
    assert receiver.taken == []
    assert AlarmNotice.objects.get().done_at is None
