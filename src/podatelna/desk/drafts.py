"""What somebody is writing: opened with what is known, saved as they type, never lost to another tab."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from podatelna.accounts.models import Person
from podatelna.archive import locks, store
from podatelna.archive.erasing import erase_unheld
from podatelna.archive.errors import Damaged
from podatelna.archive.models import Delivery, Message
from podatelna.mail.addresses import Address, written
from podatelna.mail.compose import File, forward_subject, forwarded_file, reply_subject, whom_to_answer
from podatelna.mail.parse import Parsed, parse

from .errors import StaleDraft
from .models import Conversation, Draft, DraftFile, Entry, Process
from .senders import own_addresses, senders

Kind = Draft.Kind
FORWARDS = frozenset({Kind.FORWARD, Kind.FORWARD_FILE})
TYPED = ("kind", "sender", "to", "cc", "bcc", "subject", "text")  # what `save` takes
_NAME_LENGTH = 255


@dataclass(frozen=True)
class _Filled:
    """The fields of a new draft as they follow from what it answers."""

    to: str = ""
    cc: str = ""
    subject: str = ""
    sender: str = ""


@transaction.atomic
def open_draft(
    person: Person,
    kind: str,
    now: datetime,
    *,
    conversation: Conversation | None = None,
    answered: Message | None = None,
    process: Process | None = None,
) -> Draft:
    """The person's draft in the conversation: the one that is there, turned to `kind`, or a new one filled in.

    `answered` is by default the last message from outside. Without a conversation (kind "new") `process` says
    for whom; each call makes another draft then.
    """
    if conversation is None:
        if process is None:
            raise ValueError("a draft needs a conversation or a process")
        filled = _fill(person, Kind(kind), process, None)
        return Draft.objects.create(
            person=person, process=process, kind=kind, sender=filled.sender, created_at=now, updated_at=now
        )
    conversation.locked()  # of two tabs that open a draft at once, one makes it
    if answered is not None and not conversation.entries.filter(message=answered).exists():
        raise ValueError("what is answered must stand in the conversation")
    answered = answered or last_message(conversation)
    draft = Draft.objects.filter(person=person, conversation=conversation).first()
    if draft is not None:
        return _turned(draft, Kind(kind), answered, now)
    filled = _fill(person, Kind(kind), conversation.process, answered, conversation)
    draft = Draft.objects.create(
        person=person,
        process=conversation.process,
        conversation=conversation,
        answered=answered,
        kind=kind,
        sender=filled.sender,
        to=filled.to,
        cc=filled.cc,
        subject=filled.subject,
        created_at=now,
        updated_at=now,
    )
    _attach_forwarded(draft)
    return draft


def save(draft: Draft, now: datetime, *, revision: int, **fields: str) -> Draft:
    """Keep what was typed; `revision` is the one the page had. Raises StaleDraft when another tab saved since.

    `fields` are of TYPED; those left out stay. The draft comes back with its new revision.
    """
    unknown = set(fields) - set(TYPED)
    if unknown:
        raise ValueError(f"not fields of a draft: {sorted(unknown)}")
    clean = {name: value.replace("\0", "") for name, value in fields.items()}
    if "kind" in clean:
        clean["kind"] = Kind(clean["kind"])
    if "sender" in clean:
        clean["sender"] = clean["sender"].strip().lower()[:320]
    seen = Draft.objects.filter(pk=draft.pk, revision=revision)
    if seen.update(**clean, revision=F("revision") + 1, updated_at=now) != 1:
        raise StaleDraft(Draft.objects.get(pk=draft.pk))
    return Draft.objects.get(pk=draft.pk)


@transaction.atomic
def discard(draft: Draft) -> None:
    """Throw it away with its files, and their content where nothing else holds it."""
    blobs = list(draft.files.values_list("blob_id", flat=True))
    if blobs:
        locks.removing()  # before any row is held: who attaches a file takes them in this order too
    draft.delete()
    erase_unheld(blobs)


@transaction.atomic
def attach(draft: Draft, name: str, content_type: str, data: bytes) -> DraftFile:
    """Put a file under the draft."""
    blob = store.put_blob(data)
    return draft.files.create(name=clean_name(name), content_type=content_type[:255], blob=blob)


@transaction.atomic
def detach(file: DraftFile) -> None:
    """Take a file away again, with its content where nothing else holds it."""
    locks.removing()
    file.delete()
    erase_unheld([file.blob_id])


def last_message(conversation: Conversation) -> Message | None:
    """What an answer answers: the last message from outside, else the last one at all."""
    entries = conversation.entries.filter(message__isnull=False).select_related("message").order_by("-at", "-pk")
    entry = entries.filter(kind=Entry.Kind.MESSAGE, person=None).first() or entries.first()
    return entry.message if entry is not None else None


def _turned(draft: Draft, kind: Draft.Kind, answered: Message | None, now: datetime) -> Draft:
    """The draft as another kind or for another message. What was filled in follows; what was typed stays."""
    if draft.kind == kind and draft.answered_id == (answered and answered.pk):
        return draft
    before = _fill(draft.person, Kind(draft.kind), draft.process, draft.answered, draft.conversation)
    after = _fill(draft.person, kind, draft.process, answered, draft.conversation)
    for name in ("to", "cc", "subject"):
        if getattr(draft, name) in ("", getattr(before, name)):
            setattr(draft, name, getattr(after, name))
    forwarded = _forwarded(draft)
    draft.kind, draft.answered, draft.updated_at = kind, answered, now
    draft.sender = draft.sender or after.sender
    draft.revision += 1
    draft.save()
    _detach_forwarded(draft, forwarded)
    _attach_forwarded(draft)
    return draft


def _fill(
    person: Person,
    kind: Draft.Kind,
    process: Process,
    answered: Message | None,
    conversation: Conversation | None = None,
) -> _Filled:
    if kind == Kind.NOTE:
        return _Filled()
    parsed = store.read(answered) if answered is not None else None
    sender = _usual_sender(person, process, parsed, conversation)
    if parsed is None:
        return _Filled(sender=sender)
    if kind in FORWARDS:
        return _Filled(subject=forward_subject(parsed.subject), sender=sender)
    ours = own_addresses(process, conversation) | {person.email}
    to, cc = whom_to_answer(parsed, ours, kind == Kind.REPLY_ALL)
    return _Filled(_joined(to), _joined(cc), reply_subject(parsed.subject), sender)


def _usual_sender(person: Person, process: Process, parsed: Parsed | None, conversation: Conversation | None) -> str:
    """The process's address that the answered mail was written to, else its first one."""
    addresses = [sender.address.address for sender in senders(person, process, conversation)]
    written_to = {address.address for address in (*parsed.to, *parsed.cc)} if parsed is not None else set()
    shared = own_addresses(process, conversation)
    return next((one for one in addresses if one in written_to and one in shared), addresses[0] if addresses else "")


def _joined(addresses: tuple[Address, ...]) -> str:
    return ", ".join(written(address) for address in addresses)


def _attach_forwarded(draft: Draft) -> None:
    """A forwarded message takes its files along, or goes as a file; the writer sees them and can leave some out."""
    for file in _forwarded(draft):
        attach(draft, file.name, file.content_type, file.data)


def _detach_forwarded(draft: Draft, forwarded: Sequence[File]) -> None:
    """Take away what came along only because the draft forwarded something; what the writer put there stays."""
    gone = {(hashlib.sha256(file.data).digest(), clean_name(file.name)) for file in forwarded}
    for row in draft.files.select_related("blob"):
        if (bytes(row.blob.sha256), row.name) in gone:
            detach(row)


def _forwarded(draft: Draft) -> list[File]:
    """What goes along with a message that is forwarded: its files, or all of it as one file."""
    if draft.answered is None or draft.conversation is None or draft.kind not in FORWARDS:
        return []
    if draft.kind == Kind.FORWARD_FILE:
        raw = store.original(_delivery(draft.answered, draft.conversation))
        return [forwarded_file(raw, parse(raw))]
    parts = store.read(draft.answered).parts
    return [
        File(part.filename or f"part-{part.position}", part.content_type, part.content)
        for part in parts
        if part.is_attachment
    ]


def _delivery(message: Message, conversation: Conversation) -> Delivery:
    """How the message came to those who see the conversation: other copies may name other people's mailboxes."""
    scopes = conversation.own_scopes()
    seen = Delivery.objects.filter(message=message, scope_links__scope__in=scopes).select_related("message")
    delivery = seen.order_by("pk").first()
    if delivery is None:
        raise Damaged(f"message {message.pk} has no delivery in conversation {conversation.pk}")
    return delivery


def clean_name(name: str) -> str:
    """A file's name as it is kept: printable, at most 255 characters, never empty."""
    return _shortened("".join(c for c in name if c.isprintable()).strip() or "file")


def _shortened(name: str) -> str:
    """At most 255 characters; the ending stays, it tells what the file is."""
    if len(name) <= _NAME_LENGTH:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: _NAME_LENGTH - len(ending) - 1]}{dot}{ending}" if dot and len(ending) < 20 else name[:_NAME_LENGTH]
