"""A new conversation: a process takes up a thread."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from podatelna.accounts.models import Scope
from podatelna.archive.columns import fit
from podatelna.archive.models import Thread
from podatelna.mail.addresses import Address

from .models import Conversation, ConversationScope, Process


def take_up(
    process: Process, thread: Thread, subject: str, partner: Address | None, at: datetime
) -> tuple[Conversation, bool]:
    """The process's conversation on the thread, locked, and whether it is new; a new one is open and nobody's."""
    known = Conversation.objects.select_for_update().filter(process=process, thread=thread).first()
    if known is not None:
        return known, False
    try:
        with transaction.atomic():
            return _open(process, thread, subject, partner, at), True
    except IntegrityError:
        # Another worker took it up meanwhile, for another message of the thread.
        return Conversation.objects.select_for_update().get(process=process, thread=thread), False


def _open(process: Process, thread: Thread, subject: str, partner: Address | None, at: datetime) -> Conversation:
    conversation = Conversation.objects.create(
        process=process,
        thread=thread,
        scope=Scope.objects.create(kind=Scope.Kind.CONVERSATION),
        subject=fit(subject, 2000),
        partner_name=fit(partner.name, 300) if partner else "",
        partner_address=fit(partner.address, 320).lower() if partner else "",
        created_at=at,
        last_message_at=at,
    )
    ConversationScope.objects.create(conversation=conversation, scope=process.scope)
    return conversation
