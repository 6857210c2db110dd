"""A second pair of eyes: letters that a rule has held, until somebody else than their writer has looked at them.

Anybody else who may act on the conversation approves a letter or gives it back with a reason; its writer can take it
back at any time.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.desk import notices
from podatelna.desk.models import Conversation
from podatelna.desk.replies import take_back
from podatelna.desk.rights import may_act
from podatelna.desk.rule_models import Review
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing


def waiting_for(person: Person) -> list[Review]:
    """The letters that wait for somebody else than their writer, in conversations on which `person` may act."""
    rows = Review.objects.filter(state=Review.State.HELD, outgoing__state=Outgoing.State.HELD)
    rows = rows.filter(outgoing__entry__conversation__in=Conversation.objects.visible_to(person))
    rows = rows.select_related("outgoing__entry__conversation__process", "writer", "rule").order_by("pk")
    return [row for row in rows[:500] if may_decide(row, person)]


def may_decide(review: Review, person: Person) -> bool:
    """Whether `person` may approve the letter, or give it back: not its writer."""
    return review.writer_id != person.pk and may_act(person, review.outgoing.entry.conversation)


@transaction.atomic
def approve(review: Review, by: Person, now: datetime) -> bool:
    """Let it go out; False when somebody has decided already, or it was taken back."""
    held = Outgoing.objects.select_for_update(of=("self",)).filter(pk=review.outgoing_id, state=Outgoing.State.HELD)
    if not held.exists() or not _decided(review, Review.State.APPROVED, by, now):
        return False
    queue.let_go(review.outgoing, now)
    conversation = review.outgoing.entry.conversation
    conversation.happened("approved", by, now)
    record(by, "approve-letter", f"outgoing {review.outgoing_id}", rule=review.rule_id)
    return True


@transaction.atomic
def give_back(review: Review, by: Person, why: str, now: datetime) -> bool:
    """It does not go out: its writer has it as a draft again, and is told why; False when it is too late."""
    held = Outgoing.objects.select_for_update(of=("self",)).filter(pk=review.outgoing_id, state=Outgoing.State.HELD)
    if review.writer is None or not held.exists():
        return False
    conversation, writer = review.outgoing.entry.conversation, review.writer
    if not _decided(review, Review.State.RETURNED, by, now, " ".join(why.split())[:500]):
        return False
    take_back(review.outgoing, writer, now)
    conversation.happened("given-back", by, now, reason=review.reason)
    record(by, "give-letter-back", f"outgoing {review.outgoing_id}", rule=review.rule_id)
    details = {"name": review.rule.name if review.rule is not None else "", "returned": True}
    notices.notify(writer, "rule", now, conversation=conversation, details=details)
    return True


def _decided(review: Review, state: str, by: Person, now: datetime, reason: str = "") -> bool:
    if not may_decide(review, by):
        return False
    held = Review.objects.filter(pk=review.pk, state=Review.State.HELD)
    if held.update(state=state, decided_by=by, decided_at=now, reason=reason) != 1:
        return False
    review.refresh_from_db()
    return True
