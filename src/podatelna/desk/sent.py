"""What the outbox has sent goes into the archive and its conversation; people decide about what it could not send."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from podatelna.accounts.models import Person
from podatelna.archive import search, store
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Delivery, Message, Origin
from podatelna.archive.reading import fill
from podatelna.archive.threads import place
from podatelna.mail.parse import parse
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing, Recipient

from . import changes, targets
from .bounces import note_refusals, tell
from .merging import absorb
from .models import Conversation, Entry


@transaction.atomic
def file_sent(outgoing: Outgoing, raw: bytes) -> Message:
    """Put a sent letter into the archive, where whoever sees its conversation finds it; idempotent."""
    at = outgoing.sent_at or outgoing.created_at
    received = Received(
        raw=raw,
        origin_id=_origin().pk,
        place=f"outgoing {outgoing.pk}",
        seen_at=at,
        mail_from=outgoing.mail_from,
        rcpt_to=tuple(outgoing.recipients.values_list("address", flat=True)),
    )
    delivery = accept([received], state=Delivery.State.DONE)[0].delivery
    message, parsed = delivery.message, parse(raw)
    fill(message, parsed)
    absorb(place(message, parsed), at)
    entry = Entry.objects.filter(outgoing=outgoing).select_related("conversation", "outgoing").first()
    if entry is not None:
        _enter(entry, message, delivery)
    search.index(message, parsed)
    return message


def in_turn(rows: QuerySet[Outgoing]) -> QuerySet[Outgoing]:
    """Those of `rows` that need not wait for an earlier letter of their conversation to somebody it goes to as well.

    Earlier is what was planned to go earlier. What has failed or is uncertain holds up nothing: a person decides there.
    """
    return rows.exclude(Q(state=Outgoing.State.WAITING) & Exists(_before()))


def waits_for(outgoing: Outgoing) -> int | None:
    """The id of the earlier letter that has to go first; None when nothing is in its way. See `in_turn`."""
    waiting = Outgoing.objects.filter(pk=outgoing.pk, state=Outgoing.State.WAITING)
    first = _before().order_by("outgoing__planned_at", "outgoing").values("outgoing")[:1]
    return waiting.annotate(first=Subquery(first)).values_list("first", flat=True).first()


def _before() -> QuerySet[Recipient]:
    """Of a letter: who waits for an earlier one of the same conversation, and for this one too."""
    planned, waiting = OuterRef("planned_at"), Recipient.State.WAITING
    also_mine = Recipient.objects.filter(outgoing=OuterRef(OuterRef("pk")), state=waiting, address=OuterRef("address"))
    return Recipient.objects.filter(
        Q(outgoing__planned_at__lt=planned) | Q(outgoing__planned_at=planned, outgoing__lt=OuterRef("pk")),
        Exists(also_mine),
        outgoing__entry__conversation=OuterRef("entry__conversation"),
        outgoing__state__in=[Outgoing.State.WAITING, Outgoing.State.SENDING],
        state=waiting,
    )


def announce(outgoing: Outgoing, now: datetime) -> None:
    """Tell the pages on which the letter is shown that its state changed, and its writer when it did not go out."""
    entry = Entry.objects.filter(outgoing=outgoing).select_related("conversation").first()
    if entry is None:
        return
    if _went_wrong(outgoing) and not entry.details.get("told"):
        _tell(entry, outgoing, now)
    changes.touched(entry.conversation, now)


@transaction.atomic
def _tell(entry: Entry, outgoing: Outgoing, now: datetime) -> None:
    """Once for each failure: whoever closes the conversation then has seen it."""
    Entry.objects.filter(pk=entry.pk).update(details={**entry.details, "told": True})
    note_refusals(outgoing, now)
    if outgoing.person_id is None:
        return  # an automatic answer: nobody waits for it
    tell(entry.conversation, outgoing.person, now)
    if outgoing.state == Outgoing.State.FAILED:
        targets.unanswered(entry.conversation, now)
    Conversation.objects.filter(pk=entry.conversation_id).update(last_inbound_at=now)  # news, also to who has read it


def _went_wrong(outgoing: Outgoing) -> bool:
    if outgoing.state in (Outgoing.State.FAILED, Outgoing.State.UNCERTAIN):
        return True
    return outgoing.recipients.filter(state=Recipient.State.REFUSED).exists()


def retry(outgoing: Outgoing, by: Person, now: datetime) -> bool:
    """`by` wants it tried again now; False when there is nothing to try. See outbox.queue.retry."""
    return queue.retry(outgoing, by, now) and _decided(outgoing, "retried", by, now)


def mark_sent(outgoing: Outgoing, by: Person, now: datetime) -> bool:
    """`by` found that an uncertain letter did arrive; False when it is not uncertain."""
    return queue.mark_sent(outgoing, by, now) and _decided(outgoing, "marked-sent", by, now)


def give_up(outgoing: Outgoing, by: Person, now: datetime) -> bool:
    """`by` does not want it tried again; False when it is too late for that."""
    return queue.give_up(outgoing, by, now) and _decided(outgoing, "gave-up", by, now)


def _decided(outgoing: Outgoing, verb: str, by: Person, now: datetime) -> bool:
    entry = Entry.objects.filter(outgoing=outgoing).select_related("conversation").first()
    if entry is not None:
        details = {name: value for name, value in entry.details.items() if name != "told"}
        Entry.objects.filter(pk=entry.pk).update(details=details)
        entry.conversation.happened(verb, by, now, outgoing=outgoing.pk)
    return True


def _enter(entry: Entry, message: Message, delivery: Delivery) -> None:
    conversation = entry.conversation.locked()
    # A copy may have come in by mail first (the process in Cc): one line in the timeline, the one that knows more.
    conversation.entries.filter(message=message).exclude(pk=entry.pk).delete()
    details = {name: value for name, value in entry.details.items() if name not in ("draft", "before", "took")}
    Entry.objects.filter(pk=entry.pk).update(message=message, details=details)
    outgoing = entry.outgoing
    if outgoing is not None and outgoing.scheduled and outgoing.sent_at is not None:
        # It stands where it left, below what came in while it waited.
        Entry.objects.filter(pk=entry.pk).update(at=outgoing.sent_at)
        Conversation.objects.filter(pk=conversation.pk, last_message_at__lt=outgoing.sent_at).update(
            last_message_at=outgoing.sent_at
        )
    for link in conversation.scope_links.select_related("scope"):
        store.give_scope(delivery, link.scope)
    if entry.person_id is not None and outgoing is not None:
        targets.answered(conversation, outgoing.sent_at or entry.at)


def _origin() -> Origin:
    origin = Origin.objects.filter(kind=Origin.Kind.SENT).order_by("pk").first()
    return origin or Origin.objects.create(kind=Origin.Kind.SENT, name="sent")
