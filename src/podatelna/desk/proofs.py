"""What a proof pack of a conversation or a message is about: the copies that somebody may see, and acts about them."""

from __future__ import annotations

from django.db.models import QuerySet

from podatelna.accounts.models import Person
from podatelna.archive.models import Delivery, Message
from podatelna.archive.proof.packs import Subject

from .custody import deliveries_of
from .models import Conversation


def of_conversation(conversation: Conversation, person: Person | None) -> Subject:
    """The whole conversation as `person` sees it; None: every copy of each message (command line only)."""
    messages = Message.objects.filter(entries__conversation=conversation).order_by("received_at", "pk")
    deliveries = [pk for message in messages.iterator() for pk in _copies(message, person, conversation)]
    names = [f"message {pk}" for pk in messages.values_list("pk", flat=True)]
    about = (f"conversation {conversation.pk}", f"scope {conversation.scope_id}", *names)
    return Subject(f"conversation {conversation.pk}", conversation.subject, tuple(deliveries), about)


def of_message(message: Message, person: Person | None, conversation: Conversation | None = None) -> Subject:
    """One message, in the copies that `person` may see; None: in every copy (command line only)."""
    name = f"message {message.pk}"
    return Subject(name, message.subject, tuple(_copies(message, person, conversation)), (name,))


def _copies(message: Message, person: Person | None, conversation: Conversation | None) -> list[int]:
    rows: QuerySet[Delivery] = message.deliveries.order_by("pk")
    if person is not None:
        rows = deliveries_of(message, person, conversation)
    return list(rows.values_list("pk", flat=True))
