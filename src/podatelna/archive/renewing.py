"""What was stored earlier is stored again as it would be now: with the newest dictionary, sealed with the newest key.

A few rows a transaction, so that the desk stays up; what is as good as new already is passed over, so that whoever was
interrupted begins again and is soon where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import models, transaction

from . import locks, packing, sealing
from .contents import keep, new_blob, read_blob
from .erasing import doom
from .errors import Damaged
from .extraction.texts import context_of
from .models import AttachmentText, Blob, Body, Delivery, Dictionary
from .originals import header_of, unpacked
from .packing import Packing
from .skeleton import part_header, with_header

_AT_ONCE = 50
Row = TypeVar("Row", bound=models.Model)


@dataclass
class Renewed:
    """How far it is. `before` and `after` are the bytes of what was written again; `unreadable` is as it was."""

    looked_at: int = 0
    written: int = 0
    before: int = 0
    after: int = 0
    unreadable: list[str] = field(default_factory=list)


def repack(progress: Callable[[Renewed], None]) -> Renewed:
    """Pack again what an older version or an older dictionary packed, where it becomes smaller."""
    return _Work(Packing.now(), keys_only=False).all(progress)


def rotate(progress: Callable[[Renewed], None]) -> Renewed:
    """Seal with the newest key what is not. Repeat it until nothing is written: others may still use an older one."""
    return _Work(Packing.now(), keys_only=True).all(progress)


def to_do() -> int:
    """How many rows are looked at."""
    return sum(model._default_manager.count() for model in (Dictionary, Body, Blob, AttachmentText))


@dataclass
class _Work:
    how: Packing
    keys_only: bool
    done: Renewed = field(default_factory=Renewed)

    def all(self, progress: Callable[[Renewed], None]) -> Renewed:
        """Every row, with `progress` told after each step."""
        self._each(Dictionary.objects.all(), self._dictionary, progress)
        self._each(Body.objects.select_related("message"), self._message, progress)
        self._each(Blob.objects.all(), self._blob, progress)
        self._each(AttachmentText.objects.exclude(text=None), self._text, progress)
        return self.done

    def _each(
        self, rows: models.QuerySet[Row], renew: Callable[[Row], None], progress: Callable[[Renewed], None]
    ) -> None:
        for keys in _steps(rows):
            with transaction.atomic():
                # No copy's header block is coded against another one meanwhile, and no content erased.
                locks.adding()
                for row in rows.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"):
                    self.done.looked_at += 1
                    try:
                        renew(row)
                    except Damaged as damage:
                        self.done.unreadable.append(f"{row._meta.verbose_name} {row.pk}: {damage}")
            progress(self.done)

    def _dictionary(self, row: Dictionary) -> None:
        context = packing.of_dictionary(row.pk)
        # Itself packed without one.
        new = self._anew(bytes(row.data), context, how=Packing(None, self.how.key))
        if new is not None:
            Dictionary.objects.filter(pk=row.pk).update(data=new)

    def _text(self, row: AttachmentText) -> None:
        new = self._anew(bytes(row.text or b""), context_of(row))
        if new is not None:
            AttachmentText.objects.filter(pk=row.pk).update(text=new)

    def _message(self, row: Body) -> None:
        stored, context = bytes(row.skeleton), packing.of_message(bytes(row.message.fingerprint))
        base, skeleton = part_header(unpacked(row.message))
        deliveries = list(Delivery.objects.filter(message=row.pk).only("header", "sha256").order_by("pk"))
        if base is None and deliveries and not self.keys_only:
            self._join_headers(row, skeleton, deliveries)
            return
        new = self._anew(stored, context)
        if new is not None:
            Body.objects.filter(pk=row.pk).update(skeleton=new)
        for delivery in deliveries:
            self._header(delivery, base)

    def _join_headers(self, row: Body, skeleton: bytes, deliveries: list[Delivery]) -> None:
        """A message of old: each copy had its whole header block; now they are coded against the first one's."""
        headers = [header_of(delivery, None) for delivery in deliveries]
        new = self.how.store(with_header(headers[0], skeleton), packing.of_message(bytes(row.message.fingerprint)))
        self._written(len(row.skeleton), len(new))
        Body.objects.filter(pk=row.pk).update(skeleton=new)
        for delivery, header in zip(deliveries, headers, strict=True):
            coded = self.how.store_like(header, headers[0], packing.of_delivery(bytes(delivery.sha256)))
            self._written(len(delivery.header), len(coded))
            Delivery.objects.filter(pk=delivery.pk).update(header=coded)

    def _header(self, delivery: Delivery, base: bytes | None) -> None:
        stored, context = bytes(delivery.header), packing.of_delivery(bytes(delivery.sha256))
        stale = bool(stored) and sealing.key_of(stored) != self.how.key
        if not stale and (self.keys_only or not packing.stands_alone(stored, context)):
            return
        header = header_of(delivery, base)
        new = self.how.store(header, context) if base is None else self.how.store_like(header, base, context)
        if stale or len(new) < len(stored):
            self._written(len(stored), len(new))
            Delivery.objects.filter(pk=delivery.pk).update(header=new)

    def _blob(self, row: Blob) -> None:
        if row.inline is None:
            self._large(row)
            return
        stored, context = bytes(row.inline), packing.of_blob(bytes(row.sha256))
        if row.codec == "":
            # From a time when what did not shrink was kept without a first byte that says how.
            if self.keys_only and not self.how.key:
                return
            new: bytes | None = self.how.store(stored, context)
            self._written(len(stored), len(new or b""))
        else:
            new = self._anew(stored, context)
        if new is not None:
            Blob.objects.filter(pk=row.pk).update(inline=new, codec=self.how.codec)

    def _large(self, row: Blob) -> None:
        if row.stored is not None and sealing.key_in(row.codec) == self.how.key:
            return
        data = read_blob(row)
        new = new_blob(bytes(row.sha256), data, self.how)
        keep([(new, data)])
        if new.codec != row.codec:
            doom(row)
        self._written(row.stored or row.size, new.stored or 0)
        Blob.objects.filter(pk=row.pk).update(codec=new.codec, stored=new.stored)

    def _anew(self, stored: bytes, context: bytes, how: Packing | None = None) -> bytes | None:
        """What to write instead of `stored`; None where it is as good as new."""
        how = how or self.how
        stale = sealing.key_of(stored) != how.key
        if not stale and (self.keys_only or packing.dictionary_of(stored, context) == how.number):
            return None
        new = how.store(packing.read(stored, context), context)
        if not stale and len(new) >= len(stored):
            return None
        self._written(len(stored), len(new))
        return new

    def _written(self, before: int, after: int) -> None:
        self.done.written += 1
        self.done.before += before
        self.done.after += after


def _steps(rows: models.QuerySet[Row]) -> Iterator[list[int]]:
    last = -1
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        yield keys
        last = keys[-1]
