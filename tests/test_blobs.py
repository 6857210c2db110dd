"""Blob stores keep what they are given, under its hash, and say when they do not have it."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import AlreadyExistsError
from obstore.store import S3Store

from podatelna.blobs import BlobMissing, BlobStore, BucketStore, FolderStore, StoreFailed, open_store
from tests.buckets import BucketServer, bucket_server

DATA = b"\x00invoice\r\n" * 1000
KEY = hashlib.sha256(DATA).hexdigest()

__all__ = ["bucket_server"]


@pytest.fixture(params=["file", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "s3":
        server: BucketServer = request.getfixturevalue("bucket_server")
        return open_store(server.new_bucket())
    return open_store(f"file://{tmp_path}/bl%20obs" if request.param == "file" else f"memory://{tmp_path.name}")


def test_gives_back_what_was_put(store: BlobStore) -> None:
    store.put(KEY, DATA)
    assert store.get(KEY) == DATA


def test_putting_again_changes_nothing(store: BlobStore) -> None:
    store.put(KEY, DATA)
    store.put(KEY, b"packed in another way")
    assert store.get(KEY) == DATA


def test_empty_content_is_content(store: BlobStore) -> None:
    store.put(KEY, b"")
    assert store.has(KEY)
    assert store.get(KEY) == b""


def test_what_is_not_there_is_missing(store: BlobStore) -> None:
    assert not store.has(KEY)
    with pytest.raises(BlobMissing):
        store.get(KEY)


def test_deleted_content_is_gone_and_deleting_again_is_no_error(store: BlobStore) -> None:
    store.put(KEY, DATA)
    store.delete(KEY)
    store.delete(KEY)
    assert not store.has(KEY)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", KEY.upper(), KEY + "0", KEY + "\n"])
def test_a_key_that_is_no_hash_is_refused(store: BlobStore, key: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        store.put(key, DATA)
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        store.get(key)


def test_many_writers_of_one_hash_leave_one_whole_blob(store: BlobStore) -> None:
    data = bytes(range(256)) * 4000
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: store.put(KEY, data), range(32)))
    assert store.get(KEY) == data


def test_a_folder_holds_nothing_but_whole_blobs(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "blobs")
    store.put(KEY, DATA)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files] == [KEY]
    assert files[0].read_bytes() == DATA


def test_all_keys_are_told(store: BlobStore) -> None:
    assert list(store.keys()) == []
    for key in ("ab" * 32, "cd" * 32, KEY):
        store.put(key, DATA)
    assert sorted(store.keys()) == sorted(["ab" * 32, "cd" * 32, KEY])


def test_a_draft_of_a_killed_writer_is_tidied_away_and_one_in_the_making_is_not(tmp_path: Path) -> None:
    writer = (
        "import os, sys; from pathlib import Path; from podatelna.blobs import FolderStore\n"
        "Path.replace = lambda *paths: os.kill(os.getpid(), 9)\n"
        f"FolderStore(Path({str(tmp_path)!r})).put({KEY!r}, b'half')"
    )
    died = subprocess.run([sys.executable, "-c", writer], check=False)
    assert died.returncode == -signal.SIGKILL
    store = FolderStore(tmp_path)
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"half"]
    assert not store.has(KEY)
    assert store.tidy(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.tidy(datetime.now(UTC) + timedelta(seconds=5)) == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


# --- a bucket behind HTTP --------------------------------------------------------------------------------


def test_a_bucket_itself_refuses_a_second_creation(bucket_server: BucketServer) -> None:
    url = bucket_server.new_bucket()
    open_store(url).put(KEY, DATA)
    with pytest.raises(AlreadyExistsError):
        obstore.put(S3Store.from_url(url), f"{KEY[:2]}/{KEY}", b"other", mode="create")


def test_who_comes_second_after_looking_keeps_the_first(bucket_server: BucketServer) -> None:
    class Late(BucketStore):
        def has(self, sha256_hex: str) -> bool:
            return False  # it was not there yet when this writer looked

    url = bucket_server.new_bucket()
    open_store(url).put(KEY, DATA)
    Late(S3Store.from_url(url)).put(KEY, b"packed in another way")
    assert open_store(url).get(KEY) == DATA


def test_a_large_object_is_one_creation_too(bucket_server: BucketServer) -> None:
    store, data = open_store(bucket_server.new_bucket()), os.urandom(12_000_000)
    store.put(KEY, data)
    store.put(KEY, b"other")
    assert store.get(KEY) == data


def test_nothing_is_put_into_a_bucket_that_is_not_there(bucket_server: BucketServer) -> None:
    with pytest.raises(FileNotFoundError, match="NoSuchBucket"):
        open_store("s3://no-such-bucket/mail").put(KEY, DATA)


def test_a_server_that_is_away_is_an_error_and_not_missing_content() -> None:
    with BucketServer() as server:
        store = open_store(server.new_bucket())
        store.put(KEY, DATA)
    started = time.monotonic()
    with pytest.raises(StoreFailed):
        store.get(KEY)
    with pytest.raises(StoreFailed):
        store.has(KEY)
    with pytest.raises(StoreFailed):
        store.put("ab" * 32, DATA)
    assert time.monotonic() - started < 100  # it gives up: the caller comes again later


def test_a_folder_survives_being_opened_again(tmp_path: Path) -> None:
    FolderStore(tmp_path).put(KEY, DATA)
    assert FolderStore(tmp_path).get(KEY) == DATA


def test_the_same_url_is_the_same_store() -> None:
    assert open_store("memory://one") is open_store("memory://one")


def test_a_bucket_is_opened_by_its_url() -> None:
    assert isinstance(open_store("s3://podatelna/prefix"), BucketStore)


def test_another_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="ftp"):
        open_store("ftp://example.com/blobs")
