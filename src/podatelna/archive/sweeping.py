"""Objects of the blob store that no row holds any more are removed, after the commit that dropped them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from . import locks
from .contents import blob_store, name_in_store
from .models import Blob, DoomedBlob

_AT_ONCE = 200
# Longer than anybody takes between putting an object and committing the row that names it.
_REMEMBERED = timedelta(days=1)
_DRAFT_AGE = timedelta(hours=1)


def sweep(now: datetime) -> int:
    """Remove what is doomed, and drafts that a killed writer left; how many objects were removed."""
    removed = sum(_remove(name, now) for name in _doomed())
    DoomedBlob.objects.filter(removed_at__lt=now - _REMEMBERED).delete()
    return removed + blob_store().tidy(now - _DRAFT_AGE)


def _doomed() -> list[str]:
    rows = DoomedBlob.objects.filter(removed_at=None).order_by("doomed_at")
    return list(rows.values_list("name", flat=True)[:_AT_ONCE])


@transaction.atomic
def _remove(name: str, now: datetime) -> bool:
    # Nobody adds content until this is committed, so that a row that is not there now cannot come meanwhile. Who has
    # put the same object before finds its name among the doomed and puts it again (contents.keep).
    locks.removing()
    doomed = DoomedBlob.objects.filter(name=name, removed_at=None).first()
    if doomed is None:
        return False
    held = Blob.objects.filter(sha256=bytes(doomed.sha256), inline=None).first()
    if held and name_in_store(held) == name:
        doomed.delete()
        return False
    blob_store().delete(name)
    DoomedBlob.objects.filter(name=name).update(removed_at=now)
    return True


# --- orphans ---------------------------------------------------------------------------------------------


def orphans() -> Iterator[str]:
    """Keys of objects that no row names: their writer was killed before its commit, or they are being written now."""
    keys = blob_store().keys()
    while step := list(islice(keys, _AT_ONCE)):
        yield from _without_row(step)


def doom_orphans(now: datetime) -> int:
    """Have all orphans removed by the next sweeps; how many. Who is just writing one puts it again in time."""
    doomed = 0
    found = orphans()
    while step := list(islice(found, _AT_ONCE)):
        with transaction.atomic():
            # Looked at once more while nobody adds a row; whoever does so later finds the name among the doomed.
            locks.removing()
            rows = [DoomedBlob(name=name, sha256=b"", doomed_at=now) for name in _without_row(step)]
            doomed += len(DoomedBlob.objects.bulk_create(rows, ignore_conflicts=True))
    return doomed


def _without_row(keys: Sequence[str]) -> list[str]:
    large = Blob.objects.filter(inline=None)
    hashes = large.filter(sha256__in=[bytes.fromhex(key) for key in keys]).exclude(codec__startswith="k")
    held = {bytes(sha256).hex() for sha256 in hashes.values_list("sha256", flat=True)}
    missing = set(keys) - held
    if missing:
        # A sealed object's name does not tell its hash: each row says what its object is called.
        sealed = large.filter(codec__startswith="k").only("sha256", "codec").iterator()
        missing -= {name_in_store(row) for row in sealed}
    return [key for key in keys if key in missing]
