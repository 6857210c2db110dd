"""Sending what was written: composed once, put into the outbox in the transaction that changes the conversation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from podatelna.accounts.models import Person
from podatelna.archive import store, threads
from podatelna.archive.columns import fit
from podatelna.archive.models import Blob, Thread
from podatelna.contacts import book
from podatelna.mail.addresses import Address, read_addresses
from podatelna.mail.compose import Letter, compose
from podatelna.mail.errors import Unwritable
from podatelna.mail.parse import parse
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing

from . import changes, linked, targets
from .drafts import FORWARDS
from .errors import AnsweredElsewhere, Overtaken, Unsendable
from .letters import body_text, write_letter
from .models import Conversation, Draft, Entry, Process
from .opening import take_up
from .rights import may_act, works_in
from .rules.outgoing import carry_out_all, decide
from .senders import Sender, choose

_KEPT = ("kind", "sender", "to", "cc", "bcc", "subject", "text")


@dataclass(frozen=True)
class _Envelope:
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]

    @property
    def addresses(self) -> list[str]:
        """Each address once, in the order of the headers."""
        return list(dict.fromkeys(one.address for one in (*self.to, *self.cc, *self.bcc)))


@transaction.atomic
def send(
    draft: Draft,
    now: datetime,
    *,
    seen_until: int | None,
    told_until: int | None = None,
    undo_within: timedelta | None = None,
    at: datetime | None = None,
) -> Outgoing:
    """Send `draft` after the time for second thoughts (by default the settings' one), or `at` a time that was chosen.

    The draft is gone then.

    `seen_until` is the id of the last entry that the writer had on the page. Raises Overtaken when somebody wrote
    since, Unsendable when the draft is not fit to be sent or another tab has sent it; nothing changes then.
    `told_until` is the id of the last answer by another process to the same mail that stood on the page (0: none did;
    None: it is not asked); raises AnsweredElsewhere when there is a newer one.
    """
    draft, conversation = _hold(draft)
    if conversation is not None and seen_until is not None:
        _check_overtaken(conversation, draft.person, seen_until)
    if told_until is not None and any(answer.entry > told_until for answer in linked.answers_elsewhere(draft)):
        raise AnsweredElsewhere
    sender, envelope = _sender(draft), _read_envelope(draft)
    letter, raw = _compose(draft, sender, envelope, at or now)
    wanted = decide(raw, sender, draft.process, conversation, draft.person, now)
    if wanted is not None:
        sender, envelope = wanted.sender, replace(envelope, bcc=(*envelope.bcc, *wanted.bcc))
        letter, raw = _compose(draft, sender, envelope, at or now)
    if undo_within is None:
        undo_within = timedelta(seconds=settings.UNDO_SECONDS)
    outgoing = queue.enqueue(
        gateway=sender.gateway,
        person=draft.person,
        # The process's own box even under a person's name: there a bounce is seen by the team, and SPF (RFC 7208)
        # and the server's check of the login speak of this address.
        mail_from=sender.gateway.address,
        rcpt_to=envelope.addresses,
        raw=raw,
        message_id=letter.message_id,
        not_before=at or now + undo_within,
        scheduled=at is not None,
        sent_copy=bool(sender.gateway.sent_folder),
    )
    thread = threads.expect(letter.message_id, conversation.thread if conversation is not None else None)
    if conversation is None:
        partner = envelope.to[0] if envelope.to else (*envelope.cc, *envelope.bcc)[0]
        conversation, _ = take_up(draft.process, thread, letter.subject, partner, now)
    _write_down(conversation, draft, sender, letter, outgoing, now)
    book.remember((*envelope.to, *envelope.cc, *envelope.bcc), now)
    draft.delete()
    if wanted is not None:
        carry_out_all(wanted, conversation, outgoing, outgoing.person or draft.person, now)
    if outgoing.state != Outgoing.State.HELD:  # what waits for a second person counts when it leaves
        targets.answered(conversation, at or now)
    return outgoing


@transaction.atomic
def undo(outgoing: Outgoing, person: Person, now: datetime) -> Draft | None:
    """Take back what `person` has just sent: the draft as it was. None: too late, or it was somebody else's.

    What goes out at a time that was chosen may be taken back by anybody in the conversation, and is their draft then.
    """
    mine = outgoing.person_id == person.pk or outgoing.scheduled
    return take_back(outgoing, person, now) if mine else None


@transaction.atomic
def take_back(outgoing: Outgoing, person: Person, now: datetime) -> Draft | None:
    """The same, whoever wants it back; it is `person`'s draft then."""
    entry = Entry.objects.filter(outgoing=outgoing).select_related("conversation__process").first()
    if entry is None or not queue.withdraw(outgoing):
        return None
    conversation, details = entry.conversation, entry.details
    entry.delete()
    _put_back(conversation, person, details, now)
    letter = outgoing.raw
    process, place = conversation.process, _kept_open(conversation, details["draft"])
    draft = _restore_draft(details["draft"], person, process, place, now, letter)
    if outgoing.scheduled and place is not None:
        conversation.happened("withdrawn", person, now)
    return draft


@transaction.atomic
def write_again(outgoing: Outgoing, person: Person, now: datetime) -> Draft | None:
    """What failed for good as a draft of `person` once more, to be corrected; the failed one stays in the timeline.

    None when it has not failed, or nobody wrote it.
    """
    failed = Entry.objects.filter(outgoing=outgoing, outgoing__state=Outgoing.State.FAILED)
    entry = failed.select_related("conversation__process").first()
    if entry is None or "draft" not in entry.details:
        return None
    entry.details["rewritten"] = True  # what is sent now is the corrected one
    entry.save(update_fields=["details"])
    changes.touched(entry.conversation, now)
    kept, conversation = entry.details["draft"], entry.conversation
    return _restore_draft(kept, person, conversation.process, conversation, now, outgoing.raw)


# --- checks ----------------------------------------------------------------------------------------------


def _hold(draft: Draft) -> tuple[Draft, Conversation | None]:
    """The draft as it is saved and its conversation, held until the transaction ends: of two tabs, one sends it.

    Thread, conversation, draft: the order in which mail that comes in takes them, or the two could wait for each other.
    """
    conversation = draft.conversation
    if conversation is not None:
        Thread.objects.select_for_update().filter(pk=conversation.thread_id).first()
        conversation = Conversation.objects.select_for_update().filter(pk=conversation.pk).first()
    held = Draft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if held is None or held.conversation_id != (conversation and conversation.pk) or not _may_write(held):
        raise Unsendable("gone")
    if held.kind == Draft.Kind.NOTE:
        raise Unsendable("note")
    if not held.text.strip() and held.kind not in FORWARDS and not held.files.exists():
        raise Unsendable("empty")
    return held, conversation


def _may_write(draft: Draft) -> bool:
    """Whether its writer is still let into what it is about: a draft outlives a place in the team."""
    if draft.conversation_id is None:
        return draft.person.is_active and works_in(draft.person, draft.process)
    return draft.conversation is not None and may_act(draft.person, draft.conversation)


def _check_overtaken(conversation: Conversation, writer: Person, seen_until: int) -> None:
    mail = Q(kind=Entry.Kind.MESSAGE) | Q(kind=Entry.Kind.OUTGOING)
    newer = conversation.entries.filter(mail, pk__gt=seen_until).exclude(person=writer)
    newer = newer.exclude(kind=Entry.Kind.OUTGOING, person=None)  # an automatic answer says nothing new
    found = list(newer.select_related("message", "outgoing", "person"))
    if found:
        raise Overtaken(found)


def _sender(draft: Draft) -> Sender:
    sender = choose(draft.person, draft.process, draft.sender, draft.conversation)
    if sender is None:
        raise Unsendable("no-sender", draft.sender)
    return sender


def _read_envelope(draft: Draft) -> _Envelope:
    fields = []
    for typed in (draft.to, draft.cc, draft.bcc):
        good, bad = read_addresses(typed)
        if bad:
            raise Unsendable("bad-address", bad[0])
        fields.append(good)
    envelope = _Envelope(*fields)
    if not envelope.addresses:
        raise Unsendable("no-recipient")
    return envelope


def _compose(draft: Draft, sender: Sender, envelope: _Envelope, now: datetime) -> tuple[Letter, bytes]:
    try:
        letter = write_letter(draft, sender, envelope.to, envelope.cc, envelope.bcc, now)
        return letter, compose(letter)
    except Unwritable as error:
        raise Unsendable("unwritable", f"{error.field}: {error.reason}") from error


# --- the conversation ------------------------------------------------------------------------------------


def _write_down(
    conversation: Conversation, draft: Draft, sender: Sender, letter: Letter, outgoing: Outgoing, now: datetime
) -> None:
    text = body_text(draft, sender)
    before = {"preview": conversation.preview, "last_message_at": conversation.last_message_at.isoformat()}
    entry = conversation.entries.create(
        kind=Entry.Kind.OUTGOING,
        at=now,
        entered_at=now,
        person=draft.person,
        outgoing=outgoing,
        text=text,
        details={"draft": _kept(draft), "before": before},
    )
    conversation.preview = fit(" ".join(draft.text.split()) or letter.subject, 300)
    conversation.last_message_at = max(conversation.last_message_at, now)
    Conversation.objects.filter(pk=conversation.pk).update(
        preview=conversation.preview, last_message_at=conversation.last_message_at
    )
    if conversation.assignee_id is None:
        # Whoever answers has it: else two people wait for each other.
        conversation.assign(draft.person, draft.person, now)
        Entry.objects.filter(pk=entry.pk).update(details={**entry.details, "took": True})
    changes.touched(conversation, now)
    linked.touched(conversation, now)


def _kept(draft: Draft) -> dict[str, Any]:
    """The draft as JSON, for the few seconds in which it may come back. Blobs are not swept that fast."""
    return {
        **{name: getattr(draft, name) for name in _KEPT},
        "answered": draft.answered_id,
        "files": [[file.name, file.content_type, file.blob_id] for file in draft.files.all()],
    }


def _put_back(conversation: Conversation, person: Person, details: dict[str, Any], now: datetime) -> None:
    locked = conversation.locked()
    if details.get("took") and locked.assignee_id == person.pk:
        locked.assign(None, person, now)
        # It never happened: neither line stays.
        pair = locked.entries.filter(kind=Entry.Kind.EVENT, verb="assigned", person=person).order_by("-pk")[:2]
        Entry.objects.filter(pk__in=[entry.pk for entry in pair]).delete()
    targets.unanswered(conversation, now)
    before = details["before"]
    if not locked.entries.filter(
        kind__in=[Entry.Kind.MESSAGE, Entry.Kind.OUTGOING], at__gt=before["last_message_at"]
    ).exists():
        Conversation.objects.filter(pk=conversation.pk).update(**before)
    changes.touched(conversation, now)
    linked.touched(conversation, now)


def _kept_open(conversation: Conversation, kept: dict[str, Any]) -> Conversation | None:
    """The conversation; None for one that never began, which goes with its undone first letter."""
    if kept["kind"] != Draft.Kind.NEW or conversation.entries.exclude(kind=Entry.Kind.EVENT).exists():
        return conversation
    scope = conversation.scope
    conversation.delete()
    scope.delete()
    return None


def _restore_draft(
    kept: dict[str, Any],
    person: Person,
    process: Process,
    conversation: Conversation | None,
    now: datetime,
    letter: Blob,
) -> Draft:
    fields = {name: kept[name] for name in _KEPT}
    other = Draft.objects.filter(person=person, conversation=conversation).first() if conversation is not None else None
    if other is not None and other.text.strip():
        # The next one was begun meanwhile: nothing typed is lost.
        fields["text"] = f"{fields['text']}\n\n{other.text}"
    draft = other or Draft(person=person, process=process, conversation=conversation, created_at=now)
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.answered_id, draft.updated_at = kept["answered"], now
    draft.revision += 1
    draft.save()
    _restore_files(draft, kept["files"], letter)
    return draft


def _restore_files(draft: Draft, files: Iterable[list[Any]], letter: Blob) -> None:
    for name, content_type, blob in files:
        found = Blob.objects.filter(pk=blob).first() or _from_letter(letter, name)
        if found is not None:
            draft.files.create(name=name, content_type=content_type, blob=found)


def _from_letter(letter: Blob, name: str) -> Blob | None:
    """A file that nothing but the letter holds any more, after days of waiting."""
    for part in parse(store.read_blob(letter)).parts:
        if part.is_attachment and part.filename == name:
            return store.put_blob(part.content)
    return None
