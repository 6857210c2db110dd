"""Verdicts: fresh mail waits for one, silent DNS is asked again, and everybody sees those of their own mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from podatelna.accounts.access import scopes_of
from podatelna.archive import store, verdicts
from podatelna.archive.errors import Damaged
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Blob, Delivery, Verdict
from podatelna.gateways import ledger
from podatelna.gateways.models import Gateway
from podatelna.mail.resolver import Resolver, Unanswered, table_resolver
from tests.cast import NOON, Cast, Clock, a_mail, arrive, receive

pytestmark = pytest.mark.django_db

DNS = {"example.cz": "v=spf1 ip4:192.0.2.0/28 -all", "_dmarc.example.cz": "v=DMARC1; p=reject"}
TRACE = b"Return-Path: <jana@example.cz>\r\nReceived: from mail (mail.example.cz [192.0.2.1]) by mx.acme.cz; x\r\n"
FORGED = TRACE.replace(b"192.0.2.1", b"203.0.113.9")


def waiting(gateway: Gateway, raw: bytes = b"", **how: Any) -> Delivery:
    """A delivery that waits for its verdict."""
    delivery = arrive(raw or TRACE + a_mail(), gateway, **how)
    verdicts.expect([delivery], NOON)
    return delivery


def verdict(delivery: Delivery) -> Verdict:
    return Verdict.objects.get(delivery=delivery)


def judge(dns: dict[str, Any] | None = None, now: Any = NOON, **how: Any) -> int:
    return verdicts.judge_due(now, table_resolver(DNS if dns is None else dns), **how)


def silent(name: str, kind: str, /) -> list[str]:
    raise Unanswered(name)


def test_what_is_fetched_waits_for_its_verdict_from_the_moment_it_is_durable(cast: Cast) -> None:
    folder = ledger.open_folder(cast.helpdesk_gateway, "INBOX", 1, NOON)
    origin = cast.helpdesk_gateway.origin_id
    fresh = Received(a_mail(), origin, "1", NOON)
    old = Received(a_mail(), origin, "2", NOON, received_at=NOON - timedelta(days=400))
    accepted = accept([fresh, old], also=ledger.writer(folder, [1, 2], NOON))
    assert list(Verdict.objects.values_list("delivery", "due_at")) == [(accepted[0].delivery.pk, NOON)]


def test_a_genuine_message_is_verified_and_a_forged_one_is_not(cast: Cast) -> None:
    good, bad = waiting(cast.helpdesk_gateway), waiting(cast.helpdesk_gateway, FORGED + a_mail())
    assert judge() == 2
    assert (verdict(good).summary, verdict(bad).summary) == ("verified", "failed")
    assert (verdict(good).due_at, verdict(good).leased_until, verdict(good).judged_at) == (None, None, NOON)
    assert verdict(bad).found["dmarc"] == "fail"
    assert ["spf", "spf-fail", "example.cz"] in verdict(bad).found["reasons"]
    assert judge() == 0


def test_ones_own_server_is_believed_where_that_is_configured(cast: Cast) -> None:
    said = b"Authentication-Results: mx.acme.cz; dmarc=pass header.from=example.cz; spf=pass; dkim=none\r\n"
    delivery = waiting(cast.helpdesk_gateway, said + FORGED + a_mail())
    asked = []

    def trusted(origin: int) -> frozenset[str]:
        asked.append(origin)
        return frozenset({"mx.acme.cz"})

    judge(trusted=trusted)
    assert asked == [cast.helpdesk_gateway.origin_id]
    assert (verdict(delivery).summary, verdict(delivery).found["server"]) == ("verified", "mx.acme.cz")


def test_silent_dns_is_asked_again_less_and_less_often_and_then_it_stays_so(cast: Cast, clock: Clock) -> None:
    delivery = waiting(cast.helpdesk_gateway)
    pauses = []
    while verdict(delivery).due_at is not None:
        assert verdicts.judge_due(clock(), silent) == 1
        assert verdicts.judge_due(clock(), silent) == 0
        row = verdict(delivery)
        assert (row.summary, row.found["dmarc"]) == ("uncertain", "temperror")
        if row.due_at is not None:
            pauses.append(row.due_at - clock())
            clock.forward(seconds=pauses[-1].total_seconds())
    assert pauses == list(verdicts.PAUSES)


def test_an_answer_that_comes_late_counts(cast: Cast, clock: Clock) -> None:
    delivery = waiting(cast.helpdesk_gateway)
    verdicts.judge_due(clock(), silent)
    judge(now=clock.forward(minutes=1))
    assert (verdict(delivery).summary, verdict(delivery).due_at) == ("verified", None)


def test_where_there_is_no_dns_the_others_wait_without_losing_a_try(cast: Cast) -> None:
    deliveries = [waiting(cast.helpdesk_gateway) for _ in range(5)]
    assert verdicts.judge_due(NOON, silent) == 3
    assert [verdict(one).attempts for one in deliveries] == [1, 1, 1, 0, 0]


def test_one_message_may_wait_for_dns_so_long_and_no_longer(cast: Cast) -> None:
    many = {f"a{number}.example.cz": "v=spf1 -all" for number in range(9)}
    record = "v=spf1 " + " ".join(f"include:{name}" for name in many) + " -all"
    delivery = waiting(cast.helpdesk_gateway)
    now, asked = [0.0], []

    def slow(resolver: Resolver) -> Resolver:
        def ask(name: str, kind: str, /) -> Any:
            asked.append(name)
            now[0] += 4
            return resolver(name, kind)

        return ask

    resolver = slow(table_resolver({**DNS, "example.cz": record, **many}))
    verdicts.judge_due(NOON, resolver, clock=lambda: now[0])
    assert len(asked) == 4
    assert verdict(delivery).summary == "uncertain"


def test_what_cannot_be_read_is_recorded_and_tried_again(cast: Cast, clock: Clock) -> None:
    raw = TRACE + a_mail(files=[("a.bin", "application/octet-stream", bytes(range(256)) * 100)])
    delivery = waiting(cast.helpdesk_gateway, raw)
    Blob.objects.update(sha256=b"x" * 32)
    with pytest.raises(Damaged):
        store.original(Delivery.objects.get(pk=delivery.pk))
    judge()
    row = verdict(delivery)
    assert (row.summary, row.found["error"][:8], row.due_at) == ("uncertain", "Damaged:", NOON + verdicts.PAUSES[0])


def test_what_ends_the_worker_each_time_is_given_up(cast: Cast) -> None:
    delivery = waiting(cast.helpdesk_gateway)
    Verdict.objects.update(attempts=len(verdicts.PAUSES) + 1)
    judge()
    assert (verdict(delivery).due_at, verdict(delivery).found["error"]) == (None, "the worker stopped each time")


def test_imports_are_judged_when_somebody_asks(cast: Cast) -> None:
    deliveries = [arrive(TRACE + a_mail(), cast.helpdesk_gateway) for _ in range(3)]
    assert judge() == 0
    assert verdicts.expect_all(Delivery.objects.filter(origin=cast.helpdesk_gateway.origin_id), NOON, at_once=2) == 3
    assert judge() == 3
    assert {verdict(one).summary for one in deliveries} == {"verified"}


def test_each_new_verdict_is_announced_once(cast: Cast) -> None:
    delivery = waiting(cast.helpdesk_gateway)
    told: list[int] = []
    for dns in ({}, {}, DNS):
        verdicts.expect_all(Delivery.objects.all(), NOON)
        judge(dns, announce=lambda one: told.append(one.pk))
    assert told == [delivery.pk] * 2


def test_a_verdict_is_seen_by_those_who_see_the_delivery(cast: Cast) -> None:
    message = receive(TRACE + a_mail(), cast.helpdesk_gateway).entries.get().message
    assert message is not None
    verdicts.expect(message.deliveries.all(), NOON)
    assert verdicts.found_for([message.pk], scopes_of(cast.bob)) == {}
    judge()
    found = verdicts.found_for([message.pk], scopes_of(cast.bob))[message.pk]
    assert (found.summary, found.spf, found.from_domains, found.policy) == (
        "verified", "pass", ("example.cz",), "reject",
    )  # fmt: skip
    assert [reason.code for reason in found.reasons] == ["spf-pass", "unsigned", "dmarc-pass"]
    assert verdicts.was_verified("jana@example.cz", scopes_of(cast.bob))
    for outsider in (cast.carol, cast.dan, cast.eve):
        assert verdicts.found_for([message.pk], scopes_of(outsider)) == {}
        assert not verdicts.was_verified("jana@example.cz", scopes_of(outsider))


def test_hostile_details_fit_into_the_row(cast: Cast) -> None:
    raw = TRACE + a_mail().replace(b"From: ", b"From: a@" + b"x" * 300 + b".cz, b@" + b"\xff\x00" * 90 + b".cz\r\nX: ")
    delivery = waiting(cast.helpdesk_gateway, raw)
    judge()
    assert verdict(delivery).judged_at is not None
