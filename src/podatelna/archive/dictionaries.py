"""Dictionaries for zstd, trained on the archive's own mail: headers and small bodies take half the room with one.

A company's mail is much alike: its own servers' Received lines, its signatures, its partners' templates. Trained when
there are 200 messages and again at eight times as many; frames name their dictionary, so none is ever changed or
removed.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator

import zstandard
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Min

from . import compression, packing
from .compression import Trained
from .errors import Damaged
from .models import Body, Dictionary

log = logging.getLogger(__name__)

FIRST_AT = 200  # messages; fewer give a dictionary that is not worth its room
GROWS = 8
MOST = 4  # from 100,000 messages on the mail of one house has little new to teach
_SIZE = 110 * 1024
_SAMPLES = 1500
_LONGEST_SAMPLE = 8 * 1024

_not_before = [0]  # messages; nothing came of the last try of this process


def due(messages: int, have: int) -> bool:
    """Whether an archive of about so many messages, with so many dictionaries, is to have another one."""
    return have < MOST and messages >= FIRST_AT * GROWS**have


def train() -> Trained | None:
    """Make a dictionary from messages all over the archive; None where they do not give one.

    Half a second of one processor. Two workers at once make one.
    """
    samples = _samples()
    number = (Dictionary.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    try:
        trained = compression.train(samples, _SIZE, number)
    except zstandard.ZstdError as error:
        log.info("no dictionary from %d messages: %s", len(samples), error)
        return None
    stored = packing.Packing.plain().store(trained.data, packing.of_dictionary(number))
    try:
        with transaction.atomic():
            Dictionary.objects.create(pk=number, data=stored)
    except IntegrityError:
        log.info("another worker made dictionary %d", number)
    return packing.find(number)


def train_if_useful() -> None:
    """Train now when the archive is due for a dictionary."""
    last = Body.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    train_when_due(last, Dictionary.objects.count())


def train_when_due(last: int, have: int) -> None:
    """Train when the archive is due for it; not in a transaction, which it would hold.

    `last` is the highest key of a message, at least as high as the number of them; `have`: dictionaries.
    """
    if not due(last, have) or last < _not_before[0] or connection.in_atomic_block:
        return
    messages = Body.objects.count()
    if not due(messages, have):
        _not_before[0] = last + FIRST_AT * GROWS**have - messages
    elif not train():
        # The next try is worth its time when there is more mail.
        _not_before[0] = last + messages


def _samples() -> list[bytes]:
    ends = Body.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["last"] is None:
        return []
    keys = range(ends["first"], ends["last"] + 1)
    # The same archive gives the same dictionary.
    chosen = random.Random(ends["last"]).sample(keys, min(len(keys), _SAMPLES))  # noqa: S311  # not a secret
    rows = Body.objects.filter(pk__in=chosen)
    if rows.count() < _SAMPLES // 2:
        # Few messages, or many gaps between them.
        rows = Body.objects.filter(pk__in=list(Body.objects.order_by("-pk").values_list("pk", flat=True)[:_SAMPLES]))
    found = rows.order_by("pk").values_list("message__fingerprint", "skeleton")
    return [sample[:_LONGEST_SAMPLE] for sample in _readable(found.iterator()) if sample]


def _readable(rows: Iterator[tuple[bytes | memoryview, bytes | memoryview]]) -> Iterator[bytes]:
    for fingerprint, skeleton in rows:
        try:
            yield packing.read(bytes(skeleton), packing.of_message(bytes(fingerprint)))
        except Damaged as damage:
            log.warning("a message is left out of the training: %s", damage)
