"""Content stored once by its hash: small in the database, large in the blob store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import zstandard
from django.conf import settings
from django.db import IntegrityError, transaction

from podatelna.blobs import BlobMissing, BlobStore, open_store

from . import locks, packing, sealing
from .errors import Damaged, KeyMissing
from .models import Blob, DoomedBlob
from .packing import Packing

# Larger content goes to the blob store: a database of small rows is quick to copy and to vacuum.
INLINE = 64 * 1024


def put_blob(data: bytes) -> Blob:
    """The row of this content, stored now when it was not here yet. Durable once the caller's transaction commits.

    Inside a transaction the row stays until its end; outside of one it may be gone again when its last holder goes.
    """
    digest = hashlib.sha256(data).digest()
    row = None if Blob.objects.filter(sha256=digest).exists() else new_blob(digest, data, Packing.now())
    with transaction.atomic():
        locks.adding()
        known = Blob.objects.filter(sha256=digest).first()
        if known:
            return known
        row = row or new_blob(digest, data, Packing.now())
        keep([(row, data)])
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            # Somebody stored the same content meanwhile; theirs is as good.
            return Blob.objects.get(sha256=digest)
        return row


def new_blob(sha256: bytes, data: bytes, how: Packing) -> Blob:
    """An unsaved row for `data`. Large content is durable in the blob store when this returns; see `keep`."""
    if len(data) > INLINE:
        # Without a key always a whole zstd frame: what lies under a hash reads the same whichever version put it.
        row = Blob(sha256=sha256, size=len(data), codec=how.codec if how.key else "zstd")
        packed = how.frame(data, packing.of_blob(sha256))
        blob_store().put(name_in_store(row), packed)
        row.stored = len(packed)
        return row
    inline = how.store(data, packing.of_blob(sha256))
    return Blob(sha256=sha256, size=len(data), codec=how.codec, inline=inline)


def keep(rows: Iterable[tuple[Blob, bytes]]) -> None:
    """Make sure that the objects of new rows are not swept; in their transaction, after `locks.adding()`.

    An object that was put before the transaction may have been there already, doomed by an erasure, and be gone now.
    """
    large = {name_in_store(row): (row, data) for row, data in rows if row.inline is None}
    doomed = DoomedBlob.objects.filter(name__in=list(large)) if large else ()
    for one in doomed:
        row, data = large[one.name]
        stored = Packing(None, sealing.key_in(row.codec)).frame(data, packing.of_blob(bytes(row.sha256)))
        blob_store().put(one.name, stored)
        one.delete()


def read_blob(blob: Blob) -> bytes:
    """The plain content. Raises Damaged when it is missing or does not hash to its name."""
    name = bytes(blob.sha256)
    try:
        stored = bytes(blob.inline) if blob.inline is not None else blob_store().get(name_in_store(blob))
        data = stored if blob.codec == "" else packing.read(stored, packing.of_blob(name))
    except (BlobMissing, zstandard.ZstdError) as error:
        raise Damaged(f"blob {name.hex()}: {error!r}") from error
    except KeyMissing as error:
        raise KeyMissing(f"blob {name.hex()}: {error}") from error
    except Damaged as error:
        raise Damaged(f"blob {name.hex()}: {error}") from error
    if hashlib.sha256(data).digest() != name:
        raise Damaged(f"blob {name.hex()}: the stored bytes hash to something else")
    return data


def name_in_store(blob: Blob) -> str:
    """What a large blob is called in the blob store: 64 hexadecimal digits."""
    return sealing.name_of(bytes(blob.sha256), sealing.key_in(blob.codec))


def blob_store() -> BlobStore:
    """The store that the settings name."""
    return open_store(settings.BLOBS_URL)
