"""Bytes by content hash: put, get, delete; in a local folder or an S3 bucket.

What is put here is durable when `put` returns, so a database row that names it may be committed. Keys are 64
hexadecimal digits made from the SHA-256 of the *plain* content; what the bytes under a key look like is the caller's
business.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, NotSupportedError
from obstore.store import MemoryStore, ObjectStore, S3Store

if TYPE_CHECKING:
    from obstore.store import RetryConfig

# A worker that waits for the store holds up its mailbox; it comes again by itself.
_RETRY: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}
_KEY = re.compile(r"[0-9a-f]{64}\Z")


class BlobMissing(Exception):
    """Nothing is stored under that hash."""


class StoreFailed(OSError):
    """The store cannot be reached, or does not do what it is asked: for now, as a full disk does not."""


class BlobStore(Protocol):
    """Bytes by a key of 64 lower-case hexadecimal digits that stands for their plain content."""

    def put(self, sha256_hex: str, data: bytes) -> None:
        """Store durably; what is there already is kept and made sure of."""

    def get(self, sha256_hex: str) -> bytes:
        """What was put. Raises BlobMissing."""

    def has(self, sha256_hex: str) -> bool:
        """Whether something is stored under that hash."""

    def delete(self, sha256_hex: str) -> None:
        """Remove; what is not there is no error."""

    def keys(self) -> Iterator[str]:
        """All that is stored, in no order; what is put or removed meanwhile may be among it or not."""

    def tidy(self, before: datetime) -> int:
        """Remove what a writer that was killed before then left half done; how many."""


@lru_cache
def open_store(url: str) -> BlobStore:
    """The store at `file:///folder`, `s3://bucket/prefix` or `memory://name` (for tests). Same URL, same store.

    For S3, credentials, region and endpoint come from the usual AWS_… variables of the environment.
    Raises ValueError for another scheme.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderStore(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return BucketStore(cast(ObjectStore, S3Store.from_url(url, retry_config=_RETRY)))
    if parts.scheme == "memory":
        return BucketStore(MemoryStore())
    raise ValueError(f"no blob store for {parts.scheme}://; expected file:// or s3://")


class FolderStore:
    """Blobs as files: `folder/ab/abcdef…`; in `folder/drafts` what is just being written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, sha256_hex: str, data: bytes) -> None:
        path = self._path(sha256_hex)
        if not path.exists():
            self._make_folder(path.parent)
            self._write(path, data)
        # Also when it was there: whoever wrote it may not have come this far yet.
        _sync(path.parent)

    def get(self, sha256_hex: str) -> bytes:
        try:
            return self._path(sha256_hex).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(sha256_hex) from None

    def has(self, sha256_hex: str) -> bool:
        return self._path(sha256_hex).exists()

    def delete(self, sha256_hex: str) -> None:
        self._path(sha256_hex).unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            with os.scandir(folder) as files:
                yield from (file.name for file in files if _KEY.match(file.name))

    def tidy(self, before: datetime) -> int:
        # A draft is written within seconds; one that is older than `before` has no writer any more.
        old = [draft for draft in self._drafts.glob("*") if _changed(draft) < before.timestamp()]
        for draft in old:
            draft.unlink(missing_ok=True)
        return len(old)

    @property
    def _drafts(self) -> Path:
        return self._folder / "drafts"

    def _path(self, sha256_hex: str) -> Path:
        return self._folder / _checked(sha256_hex)[:2] / sha256_hex

    def _make_folder(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _sync(folder.parent)

    def _write(self, path: Path, data: bytes) -> None:
        # Written aside, synced, then renamed: under its name there are never half its bytes, whatever is cut off.
        self._drafts.mkdir(exist_ok=True)
        draft = self._drafts / f"{path.name}.{secrets.token_hex(6)}"
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return float("inf")  # its writer has just put it in place


def _sync(folder: Path) -> None:
    """Make names in `folder` durable; a new name is lost in a power cut until its folder is synced too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class BucketStore:
    """Blobs as objects of a bucket: `ab/abcdef…`."""

    def __init__(self, bucket: ObjectStore) -> None:
        self._bucket = bucket

    def put(self, sha256_hex: str, data: bytes) -> None:
        if self.has(sha256_hex):
            return
        with _translated():
            try:
                obstore.put(self._bucket, _name(sha256_hex), data, mode="create")
            except AlreadyExistsError:
                return
            except NotSupportedError:
                # A server without conditional create: two writers of one hash write the same content anyway.
                obstore.put(self._bucket, _name(sha256_hex), data)

    def get(self, sha256_hex: str) -> bytes:
        with _translated():
            try:
                return bytes(obstore.get(self._bucket, _name(sha256_hex)).bytes())
            except (FileNotFoundError, NotFoundError):
                raise BlobMissing(sha256_hex) from None

    def has(self, sha256_hex: str) -> bool:
        with _translated():
            try:
                obstore.head(self._bucket, _name(sha256_hex))
            except (FileNotFoundError, NotFoundError):
                return False
        return True

    def delete(self, sha256_hex: str) -> None:
        with _translated():
            try:
                obstore.delete(self._bucket, _name(sha256_hex))
            except (FileNotFoundError, NotFoundError):
                return

    def keys(self) -> Iterator[str]:
        with _translated():
            for step in obstore.list(self._bucket):
                for found in step:
                    key = found["path"].rpartition("/")[2]
                    if _KEY.match(key):
                        yield key

    def tidy(self, before: datetime) -> int:
        # An object is there whole or not at all.
        return 0


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        raise StoreFailed(" ".join(str(error).split())[:500]) from error


def _name(sha256_hex: str) -> str:
    return f"{_checked(sha256_hex)[:2]}/{sha256_hex}"


def _checked(sha256_hex: str) -> str:
    if not _KEY.match(sha256_hex):
        raise ValueError("a blob's key is 64 hexadecimal digits in lower case")
    return sha256_hex
