"""Bytes by content hash: put, get, delete; in a local folder or an S3 bucket.

What is put here is durable when `put` returns, so a database row that names it may be committed. Keys are the SHA-256
of the *plain* content; what the bytes under a key look like (compressed or not) is the caller's business.
"""

from __future__ import annotations

import os
import re
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, NotFoundError, NotSupportedError
from obstore.store import MemoryStore, ObjectStore, S3Store

_KEY = re.compile(r"[0-9a-f]{64}\Z")


class BlobMissing(Exception):
    """Nothing is stored under that hash."""


class BlobStore(Protocol):
    """Bytes by the hexadecimal SHA-256 of their plain content (64 lower-case digits)."""

    def put(self, sha256_hex: str, data: bytes) -> None:
        """Store durably; what is there already is kept and made sure of."""

    def get(self, sha256_hex: str) -> bytes:
        """What was put. Raises BlobMissing."""

    def has(self, sha256_hex: str) -> bool:
        """Whether something is stored under that hash."""

    def delete(self, sha256_hex: str) -> None:
        """Remove; what is not there is no error."""


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
        return BucketStore(cast(ObjectStore, S3Store.from_url(url)))
    if parts.scheme == "memory":
        return BucketStore(MemoryStore())
    raise ValueError(f"no blob store for {parts.scheme}://; expected file:// or s3://")


class FolderStore:
    """Blobs as files: `folder/ab/abcdef…`."""

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

    def _path(self, sha256_hex: str) -> Path:
        return self._folder / _checked(sha256_hex)[:2] / sha256_hex

    def _make_folder(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _sync(folder.parent)

    def _write(self, path: Path, data: bytes) -> None:
        # Written aside, synced, then renamed: under its name there are never half its bytes, whatever is cut off.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


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
        try:
            obstore.put(self._bucket, _name(sha256_hex), data, mode="create")
        except AlreadyExistsError:
            return
        except NotSupportedError:
            # A server without conditional create: two writers of one hash write the same content anyway.
            obstore.put(self._bucket, _name(sha256_hex), data)

    def get(self, sha256_hex: str) -> bytes:
        try:
            return bytes(obstore.get(self._bucket, _name(sha256_hex)).bytes())
        except (FileNotFoundError, NotFoundError):
            raise BlobMissing(sha256_hex) from None

    def has(self, sha256_hex: str) -> bool:
        try:
            obstore.head(self._bucket, _name(sha256_hex))
        except (FileNotFoundError, NotFoundError):
            return False
        return True

    def delete(self, sha256_hex: str) -> None:
        try:
            obstore.delete(self._bucket, _name(sha256_hex))
        except (FileNotFoundError, NotFoundError):
            return


def _name(sha256_hex: str) -> str:
    return f"{_checked(sha256_hex)[:2]}/{sha256_hex}"


def _checked(sha256_hex: str) -> str:
    if not _KEY.match(sha256_hex):
        raise ValueError("a blob's key is 64 hexadecimal digits in lower case")
    return sha256_hex
