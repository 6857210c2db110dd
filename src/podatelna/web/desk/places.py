"""Where a message is seen: in a conversation or by itself; every look-up of one starts here, from what may be seen."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from podatelna.accounts.access import scopes_of
from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.errors import ArchiveError
from podatelna.archive.models import Delivery, Message
from podatelna.blobs import BlobMissing
from podatelna.desk.models import Conversation

_log = logging.getLogger(__name__)
UNREADABLE = (ArchiveError, BlobMissing)  # the archive cannot give what it should


@dataclass(frozen=True)
class Place:
    """A message where somebody sees it; it decides the message's URLs."""

    message: Message
    conversation: Conversation | None

    @property
    def url(self) -> str:
        """Its address; parts, body, headers and original are below it."""
        if self.conversation is None:
            return reverse("message", args=[self.message.pk])
        return reverse("conversation-message", args=[self.conversation.pk, self.message.pk])


def find(person: Person, message: int, conversation: int | None) -> Place:
    """The message if `person` may see it there: who sees a conversation sees its messages. Raises Http404."""
    if conversation is None:
        return Place(get_object_or_404(Message.objects.visible_to(person), pk=message), None)
    seen = find_conversation(person, conversation)
    return Place(get_object_or_404(Message, entries__conversation=seen, pk=message), seen)


def find_conversation(person: Person, pk: int) -> Conversation:
    """The conversation if `person` may see it. Raises Http404."""
    visible = Conversation.objects.visible_to(person).select_related("process__owner", "worked_by", "assignee")
    return get_object_or_404(visible, pk=pk)


def own_original(place: Place, person: Person) -> bytes:
    """The bytes as they came in the delivery through which `person` sees the message. Raises Http404.

    Each delivery has header lines of its own, and those of another one may name other people's mailboxes.
    """
    try:
        return store.original(_own_delivery(place, person))
    except UNREADABLE as error:
        _log.error("message %s: %s", place.message.pk, error)  # damage is for an administrator to see
        raise Http404 from error


def _own_delivery(place: Place, person: Person) -> Delivery:
    scopes = Q(scope_links__scope__in=scopes_of(person))
    if place.conversation is not None:
        scopes |= Q(scope_links__scope__in=place.conversation.own_scopes())
    delivery = Delivery.objects.filter(scopes, message=place.message).order_by("pk").first()
    if delivery is None:
        raise Http404
    return delivery
