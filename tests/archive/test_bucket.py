"""The archive with its large contents in a real S3 server: once, exact, and never told as taken while it is away."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from podatelna.archive import sweeping
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Blob, Delivery, Message
from podatelna.archive.store import INLINE, blob_store, erase_delivery, original
from podatelna.blobs import StoreFailed
from tests.buckets import BucketServer, bucket_server

from .mails import NOON, an_origin, arrive
from .test_intake import with_attachment

pytestmark = pytest.mark.django_db

__all__ = ["bucket_server"]

LARGE = INLINE + 1000


@pytest.fixture
def bucket(bucket_server: BucketServer, settings: Settings) -> str:
    settings.BLOBS_URL = bucket_server.new_bucket()
    return settings.BLOBS_URL


def test_large_content_stands_in_the_bucket_once(bucket: str) -> None:
    data = os.urandom(LARGE)
    raws = [with_attachment(data, subject=subject) for subject in ("A", "B")]
    deliveries = [arrive(raw, an_origin(str(number))) for number, raw in enumerate(raws)]
    assert list(blob_store().keys()) == [bytes(Blob.objects.get().sha256).hex()]
    assert [original(Delivery.objects.get(pk=one.pk)) for one in deliveries] == raws


def test_what_is_erased_leaves_the_bucket(bucket: str) -> None:
    erase_delivery(arrive(with_attachment(os.urandom(LARGE)), an_origin()))
    assert sweeping.sweep(NOON) == 1
    assert list(blob_store().keys()) == []


def test_while_the_bucket_is_away_nothing_is_taken(settings: Settings) -> None:
    raw = with_attachment(os.urandom(LARGE))
    with BucketServer() as server:
        settings.BLOBS_URL = server.new_bucket()
        assert list(blob_store().keys()) == []
    with pytest.raises(StoreFailed):
        arrive(raw, an_origin())
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_put_the_same_object_at_once_store_it_once(bucket: str) -> None:
    data, origins = os.urandom(LARGE), [an_origin(str(number)) for number in range(4)]

    def works(number: int) -> None:
        try:
            raw = with_attachment(data, subject=str(number))
            accept([Received(raw, origins[number].pk, "INBOX 1 1", NOON)])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(works, range(4)))
    assert Blob.objects.count() == len(list(blob_store().keys())) == 1
    assert all(original(delivery).endswith(b"--b1--\r\n") for delivery in Delivery.objects.all())
