"""Blob stores keep what they are given, under its hash, and say when they do not have it."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from podatelna.blobs import BlobMissing, BlobStore, BucketStore, FolderStore, open_store

DATA = b"\x00invoice\r\n" * 1000
KEY = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
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
