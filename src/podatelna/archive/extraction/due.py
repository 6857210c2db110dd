"""extract_due(): the newest messages whose attachments were not read yet, each content once however many hold it.

A message waits while `texts_at` is null, its index is by time. What is read is kept by content, so the second message
with the same contract costs a look-up. A message is put into the search index anew once, when all it holds is read.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction

from podatelna.archive import packing, search
from podatelna.archive.errors import Damaged
from podatelna.archive.models import AttachmentText, Message, Part, PartText
from podatelna.extractor.findings import CRASH, CUT, EMPTY, Found
from podatelna.extractor.kinds import kind_of
from podatelna.extractor.plain import PLAIN
from podatelna.extractor.process import Helper
from podatelna.extractor.reading import read_file

from .contents import Contents
from .texts import context_of, waiting

log = logging.getLogger(__name__)

State = AttachmentText.State
HOLD = timedelta(minutes=5)
MOST_ATTEMPTS = 3
DAMAGED = "damaged"  # the archive cannot give it: beside the reasons of extractor/findings.py
_READ = ("", CUT, EMPTY)


def extract_due(now: datetime, limit: int = 20, *, helper: Helper) -> int:
    """Read the attachments of up to `limit` messages, the newest first; how many messages are done with.

    Any number of workers may do so at once. What another one is reading just now is left for a later call.
    """
    return sum(_read_attachments(message, now, helper) for message in waiting()[:limit])


def _read_attachments(message: Message, now: datetime, helper: Helper) -> bool:
    contents = Contents(message)
    texts: dict[int, AttachmentText] = {}
    for part in message.parts.filter(is_attachment=True).select_related("blob"):
        kind = kind_of(part.content_type, part.filename)
        if not kind or not contents.has(part):
            continue
        text = _text_of(part, kind, contents, now, helper)
        if text is None:
            return False
        texts[part.position] = text
    _keep(message, texts)
    _make_findable(message, contents, texts)
    Message.objects.filter(pk=message.pk).update(texts_at=now)
    return True


# --- one content -----------------------------------------------------------------------------------------


def _text_of(part: Part, kind: str, contents: Contents, now: datetime, helper: Helper) -> AttachmentText | None:
    """The row of what is in a part, read now where it was not before; None while another worker reads it."""
    sha256 = contents.sha256(part)
    row = AttachmentText.objects.filter(sha256=sha256, kind=kind).defer("text").first()
    if row is not None and row.state != State.READING:
        return row
    # Before it is taken: a blob store that is away must not count as an attempt.
    data = _content(part, contents)
    row = _taken(sha256, kind, now)
    if row is not None and row.state == State.READING:
        _write(row, data if isinstance(data, Found) else _read(row, data, helper), now)
    return row


def _content(part: Part, contents: Contents) -> bytes | Found:
    try:
        return contents.data(part)
    except Damaged as damage:
        return Found("", DAMAGED, str(damage))


def _read(row: AttachmentText, data: bytes, helper: Helper) -> Found:
    if row.attempts > MOST_ATTEMPTS:
        return Found("", CRASH, "the worker stopped each time")
    if row.kind not in PLAIN:
        return helper.read(row.kind, data)
    try:
        # What is text itself is read here, with the code that reads the bodies of messages.
        return read_file(row.kind, data)
    except Exception as error:  # kept with the text, and shown with the attachment
        log.exception("an attachment could not be read")
        return Found("", CRASH, f"{type(error).__name__}: {error}")


def _taken(sha256: bytes, kind: str, now: datetime) -> AttachmentText | None:
    """The row, leased by us unless it was finished meanwhile; None when somebody else has it."""
    lease = {"leased_until": now + HOLD, "attempts": 1}
    row, is_mine = AttachmentText.objects.get_or_create(sha256=sha256, kind=kind, defaults=lease)
    return row if is_mine or row.state != State.READING or _take(row, now) else None


def _take(row: AttachmentText, now: datetime) -> bool:
    if row.leased_until is not None and row.leased_until > now:
        return False
    same = AttachmentText.objects.filter(pk=row.pk, state=State.READING, leased_until=row.leased_until)
    # Counted before the work: what brings the whole worker down must not do so for ever.
    if same.update(leased_until=now + HOLD, attempts=row.attempts + 1) != 1:
        return False
    row.attempts += 1
    return True


def _write(row: AttachmentText, found: Found, now: datetime) -> None:
    row.state = State.READ if found.text or found.reason in _READ else State.FAILED
    row.reason, row.detail = found.reason, found.detail.replace("\0", "")[:1000]
    row.text = packing.Packing.now().store(found.text.encode(), context_of(row)) if found.text else None
    row.characters, row.extracted_at, row.leased_until = len(found.text), now, None
    row.save()


# --- the message that holds it ---------------------------------------------------------------------------


def _keep(message: Message, texts: dict[int, AttachmentText]) -> None:
    with transaction.atomic():
        message.part_texts.all().delete()
        PartText.objects.bulk_create(
            PartText(message=message, position=position, text=text) for position, text in texts.items()
        )


def _make_findable(message: Message, contents: Contents, texts: dict[int, AttachmentText]) -> None:
    """A message that is not in the index yet was shunted: the replay that can read it comes through here again."""
    if message.search_id is None or not any(text.characters for text in texts.values()):
        return
    try:
        search.reindex(message, contents.parsed)
    except (OperationalError, InterfaceError):
        raise  # the database is away: all of it again later
    except Exception:  # logged, and the check of the index sees that the message lacks its words
        log.exception("message %s: the text of its attachments could not be indexed", message.pk)
