"""What people put on two conversations that become one: tags, tasks, mentions and notices go over to what stays."""

from __future__ import annotations

from .models import Conversation


def join(kept: Conversation, other: Conversation) -> None:
    """Everything of `other` stands on `kept`, which is about to be the only one; a tag of both stands there once."""
    other.taggings.exclude(key__in=list(kept.taggings.values_list("key", flat=True))).update(conversation=kept)
    for rows in (other.tasks, other.mentions, other.notices):
        rows.update(conversation=kept)
