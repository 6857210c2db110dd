"""What is known of somebody outside: the conversations one has had with them."""

from __future__ import annotations

from podatelna.accounts.models import Person

from .models import Conversation, ConversationQuerySet


def history(address: str, viewer: Person, *, but: Conversation | None = None) -> ConversationQuerySet:
    """Conversations with this address that `viewer` may see, the last first; without `but`, the one on screen."""
    rows = Conversation.objects.visible_to(viewer).filter(partner_address=address.lower())
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    return rows.select_related("process", "assignee").order_by("-last_message_at", "-id")
