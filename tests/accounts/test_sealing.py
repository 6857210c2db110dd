"""The audit trail is sealed in order, by one sealer or several, and proofs lead from each line to the root."""

from __future__ import annotations

import json
import threading

import pytest
from django.db import connection, connections

from podatelna.accounts import sealing
from podatelna.accounts.audit import canonical, commitment, record
from podatelna.accounts.models import AuditEntry, LogLeaf, LogNode
from podatelna.accounts.tree import NO_CHAIN, chained, inclusion, leaf_hash, root, root_of
from tests.cast import NOON, Cast


def hashes() -> list[bytes]:
    return [
        leaf_hash(content.encode())
        for content in LogLeaf.objects.order_by("position").values_list("content", flat=True)
    ]


@pytest.mark.django_db
def test_what_was_recorded_is_sealed_in_order() -> None:
    entries = [record(None, "add-member", f"process {number}", member=number) for number in range(3)]
    assert sealing.seal_acts(NOON) == 3
    assert sealing.seal_acts(NOON) == 0
    lines = [json.loads(leaf.content) for leaf in LogLeaf.objects.order_by("position")]
    assert [line["kind"] for line in lines] == ["start", "act", "act", "act"]
    assert [line["entry"] for line in lines[1:]] == [entry.pk for entry in entries]
    assert list(AuditEntry.objects.order_by("pk").values_list("position", flat=True)) == [1, 2, 3]


@pytest.mark.django_db
def test_details_stand_in_the_log_as_a_salted_commitment_only() -> None:
    first, second = (record(None, "export", "search", query="Nováková") for _ in range(2))
    sealing.seal_acts(NOON)
    lines = [json.loads(leaf.content) for leaf in LogLeaf.objects.filter(position__gt=0)]
    assert "Nov" not in canonical(lines)
    first.refresh_from_db()
    assert lines[0]["details"] == commitment(bytes(first.salt or b""), {"query": "Nováková"})
    assert lines[0]["details"] != lines[1]["details"], "the same details of two rows cannot be told to be the same"
    assert second.salt != first.salt


@pytest.mark.django_db
def test_the_chain_goes_over_every_line() -> None:
    for number in range(5):
        record(None, "act", f"thing {number}")
    sealing.seal_acts(NOON, limit=2)
    sealing.seal_acts(NOON)
    chain = NO_CHAIN
    for leaf in LogLeaf.objects.order_by("position"):
        chain = chained(chain, leaf_hash(leaf.content.encode()))
        assert bytes(leaf.chain) == chain


@pytest.mark.django_db
def test_roots_and_proofs_from_the_stored_nodes_are_those_of_all_leaves() -> None:
    AuditEntry.objects.bulk_create(AuditEntry(act="act", subject=f"thing {number}") for number in range(1300))
    for limit in (1, 254, 1, 700, 344):  # across, before and on the borders of kept subtrees
        sealing.seal_acts(NOON, limit=limit)
    leaves, tree = hashes(), sealing.stored_subtrees()
    assert len(leaves) == 1301
    assert LogNode.objects.filter(level=8).count() == 5
    for size in (1, 2, 255, 256, 257, 512, 1000, 1301):
        assert root(tree, size) == root_of(leaves[:size]), size
    from podatelna.accounts.tree import subtrees_of

    for position in (0, 255, 256, 700, 1300):
        assert inclusion(tree, position, 1301) == inclusion(subtrees_of(leaves), position, 1301)


@pytest.mark.django_db(transaction=True)
def test_many_sealers_at_once_seal_each_row_once() -> None:
    for number in range(60):
        record(None, "act", f"thing {number}")

    def seal() -> None:
        try:
            for _ in range(40):
                sealing.seal_acts(NOON, limit=5)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while sealing.seal_acts(NOON):
        pass
    leaves = list(LogLeaf.objects.order_by("position"))
    assert [leaf.position for leaf in leaves] == list(range(61))
    assert sorted(json.loads(leaf.content)["entry"] for leaf in leaves[1:]) == sorted(
        AuditEntry.objects.values_list("pk", flat=True)
    )


@pytest.mark.parametrize(
    "details",
    [
        {"text": "NUL \0 and a lone \ud800"},
        {"number": 1.5, "large": 10**30, "huge": 1e22},
        {"nested": [{"b": 1, "a": None}], "yes": True},
        {"long": "x" * 10_000},
    ],
)
def test_any_details_hash_the_same_after_a_round_through_the_database(cast: Cast, details: dict[str, object]) -> None:
    entry = record(cast.dan, "act", "thing", **details)
    before = sealing.act_content(entry)
    entry.refresh_from_db()
    assert sealing.act_content(entry) == before


@pytest.mark.django_db
def test_secrets_of_other_kinds_are_no_details() -> None:
    with pytest.raises(TypeError):
        record(None, "act", "thing", key=b"bytes")


@pytest.mark.django_db
def test_writing_an_act_takes_one_statement(django_assert_num_queries: object) -> None:
    with connection.execute_wrapper(lambda execute, sql, params, many, context: execute(sql, params, many, context)):
        assert callable(django_assert_num_queries)
        with django_assert_num_queries(1):
            record(None, "act", "thing")
