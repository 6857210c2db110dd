"""What was read of attachments so far: for search, for the desk, for an administrator; and having it read again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from podatelna.archive import packing
from podatelna.archive.models import AttachmentText, Message, PartText

State = AttachmentText.State
_ABOUT_TO_BE_HELD = timedelta(minutes=10)


def texts_of(message: Message) -> list[str]:
    """The texts of its attachments that were read, in the order of its parts. Raises Damaged."""
    rows = PartText.objects.filter(message=message, text__state=State.READ, text__characters__gt=0)
    return [text_in(row.text) for row in rows.select_related("text").order_by("position")]


def readings_of(message_id: int) -> dict[int, AttachmentText]:
    """By the position of the part: how the reading of each attachment ended; none for those that were not read yet."""
    rows = PartText.objects.filter(message=message_id).select_related("text").defer("text__text")
    return {row.position: row.text for row in rows}


def text_in(row: AttachmentText) -> str:
    """The text that was read, "" when there is none. Raises Damaged."""
    return "" if row.text is None else packing.read(bytes(row.text), context_of(row)).decode()


def context_of(row: AttachmentText) -> bytes:
    """What its stored text is sealed to: a text moved into another row does not open."""
    return b"text " + row.kind.encode("ascii") + bytes(row.sha256)


def waiting() -> QuerySet[Message]:
    """Messages whose attachments were not read yet, in the order in which they will be: the newest first."""
    rows = Message.objects.filter(texts_at=None, attachment_count__gt=0)
    return rows.order_by("-received_at", "-pk")


def failed(reason: str = "") -> QuerySet[AttachmentText]:
    """What could not be read, the newest first; with `reason` for that one alone. For administrators."""
    rows = AttachmentText.objects.filter(state=State.FAILED).order_by("-extracted_at", "-pk")
    return rows.filter(reason=reason) if reason else rows


def retry(rows: Iterable[AttachmentText]) -> int:
    """Have what failed read once more by the worker; how many they were. What is held by no message is left."""
    wanted = [row.pk for row in rows]
    with transaction.atomic():
        again = AttachmentText.objects.filter(pk__in=wanted, state=State.FAILED)
        count = again.update(state=State.READING, leased_until=None, attempts=0)
        Message.objects.filter(part_texts__text__in=wanted).update(texts_at=None)
    return count


def forget_unheld(now: datetime) -> int:
    """Drop texts whose content no message holds any more, as after an erasure; how many went.

    What was read in the last minutes stays: its message is about to be written down.
    """
    unheld = AttachmentText.objects.filter(part_texts=None, extracted_at__lt=now - _ABOUT_TO_BE_HELD)
    return unheld.exclude(state=State.READING).delete()[0]
