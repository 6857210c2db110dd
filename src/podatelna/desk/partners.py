"""What is known of somebody outside: the conversations one has had with them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from podatelna.accounts.models import Person
from podatelna.contacts.models import Contact

from .models import Conversation, ConversationQuerySet


def history_with(contacts: QuerySet[Contact], viewer: Person) -> ConversationQuerySet:
    """Conversations of all processes with `contacts` and what was merged into them, as far as `viewer` may see."""
    group = Contact.objects.filter(Q(pk__in=contacts.values("pk")) | Q(merged_into__in=contacts.values("pk")))
    rows = Conversation.objects.visible_to(viewer).filter(partner_address__in=group.values("address"))
    return rows.select_related("process__owner", "worked_by", "assignee")


def history(address: str, viewer: Person, *, but: Conversation | None = None) -> ConversationQuerySet:
    """Conversations with this address that `viewer` may see, the last first; without `but`, the one on screen."""
    rows = Conversation.objects.visible_to(viewer).filter(partner_address=address.lower())
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    return rows.select_related("process", "assignee").order_by("-last_message_at", "-id")
