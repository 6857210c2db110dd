"""Arrivals are in the sealed log: every delivery once, whatever the order in which ids become visible."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections

from podatelna.accounts.models import LogLeaf
from podatelna.accounts.tree import leaf_hash, node_hash
from podatelna.archive import arrivals
from podatelna.archive.models import ArrivalRun, Delivery
from tests.cast import NOON, Cast, a_mail, arrive


def lines() -> list[dict[str, object]]:
    contents = LogLeaf.objects.order_by("position").values_list("content", flat=True)
    return [line for line in map(json.loads, contents) if line["kind"] == "arrivals"]


def some(cast: Cast, count: int) -> list[Delivery]:
    return [arrive(a_mail(), cast.helpdesk_gateway) for _ in range(count)]


def up(proof: arrivals.ArrivalProof) -> bytes:
    """The root that the proof leads to (RFC 9162 2.1.3.2, the plain way)."""
    found, first, last = leaf_hash(proof.content.encode()), proof.offset, proof.count - 1
    for sibling in proof.path:
        if first % 2 or first == last:
            found = node_hash(sibling, found)
            while not first % 2 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        first, last = first >> 1, last >> 1
    return found


def test_deliveries_are_sealed_together_and_each_can_be_proven(cast: Cast) -> None:
    came = some(cast, 5)
    assert arrivals.seal_arrivals(NOON) == 5
    assert arrivals.seal_arrivals(NOON) == 0
    assert [line["count"] for line in lines()] == [5]
    for delivery in came:
        proof = arrivals.proof_of_arrival(delivery.pk)
        assert proof is not None
        assert up(proof).hex() == lines()[0]["root"]
        assert json.loads(proof.content)["sha256"] == bytes(delivery.sha256).hex()


def test_those_that_come_next_get_a_line_of_their_own(cast: Cast) -> None:
    some(cast, 2)
    arrivals.seal_arrivals(NOON)
    late = some(cast, 1)[0]
    assert arrivals.proof_of_arrival(late.pk) is None
    assert not arrivals.is_sealed(late.pk)
    arrivals.seal_arrivals(NOON)
    assert arrivals.is_sealed(late.pk)
    assert [line["count"] for line in lines()] == [2, 1]


def test_an_id_that_becomes_visible_late_is_sealed_later(cast: Cast) -> None:
    first, second, third = some(cast, 3)
    # As if its transaction had not been committed yet.
    hidden = Delivery.objects.filter(pk=second.pk).values().get()
    Delivery.objects.filter(pk=second.pk).delete()
    arrivals.seal_arrivals(NOON)
    assert lines()[-1]["runs"] == [[first.pk, first.pk], [third.pk, third.pk]]
    Delivery.objects.create(**hidden)
    assert arrivals.seal_arrivals(NOON + timedelta(minutes=1)) == 1
    assert lines()[-1]["runs"] == [[second.pk, second.pk]]
    for delivery in (first, second, third):
        proof = arrivals.proof_of_arrival(delivery.pk)
        assert proof is not None
        assert up(proof).hex() == json.loads(proof.line)["root"]


def test_the_very_first_ids_may_come_late_too(cast: Cast) -> None:
    first, second = some(cast, 2)
    hidden = Delivery.objects.filter(pk=first.pk).values().get()
    Delivery.objects.filter(pk=first.pk).delete()
    arrivals.seal_arrivals(NOON)
    Delivery.objects.create(**hidden)
    assert arrivals.seal_arrivals(NOON) == 1
    assert ArrivalRun.objects.count() == 2
    assert arrivals.is_sealed(second.pk)


def test_a_changed_delivery_no_longer_leads_to_the_root(cast: Cast) -> None:
    delivery, _ = some(cast, 2)
    arrivals.seal_arrivals(NOON)
    Delivery.objects.filter(pk=delivery.pk).update(seen_at=NOON - timedelta(days=1))
    proof = arrivals.proof_of_arrival(delivery.pk)
    assert proof is not None
    assert up(proof).hex() != lines()[0]["root"]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_many_are_sealed_in_steps(cast: Cast, limit: int) -> None:
    some(cast, 3)
    while arrivals.seal_arrivals(NOON, limit):
        pass
    assert sum(int(str(line["count"])) for line in lines()) == 3


@pytest.mark.django_db(transaction=True)
def test_many_sealers_at_once_seal_each_delivery_once(cast: Cast) -> None:
    some(cast, 40)

    def seal() -> None:
        try:
            for _ in range(30):
                arrivals.seal_arrivals(NOON, 3)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while arrivals.seal_arrivals(NOON):
        pass
    ids = [pk for line in lines() for first, last in line["runs"] for pk in range(first, last + 1)]  # type: ignore[attr-defined]  # JSON
    assert sorted(ids) == sorted(Delivery.objects.values_list("pk", flat=True))
