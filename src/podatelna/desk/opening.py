"""A new conversation: a process takes up a thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from podatelna import rows
from podatelna.accounts.models import Scope
from podatelna.archive.columns import fit
from podatelna.archive.models import Thread
from podatelna.mail.addresses import Address

from .models import Conversation, ConversationScope, Process

_TRIES = 20

Key = tuple[int, int]  # of a process and a thread


@dataclass(frozen=True)
class Opening:
    """What a conversation is opened with where there is none yet."""

    process: Process
    thread: Thread
    subject: str
    partner: Address | None
    at: datetime

    @property
    def key(self) -> Key:
        """There is one conversation to it."""
        return self.process.pk, self.thread.pk


def take_up(
    process: Process, thread: Thread, subject: str, partner: Address | None, at: datetime
) -> tuple[Conversation, bool]:
    """The process's conversation on the thread, locked, and whether it is new; a new one is open and nobody's."""
    opening = Opening(process, thread, subject, partner, at)
    return take_up_many([opening])[opening.key]


def take_up_many(openings: Sequence[Opening]) -> dict[Key, tuple[Conversation, bool]]:
    """The same for many, in few statements. Of several with one key the first opens the conversation."""
    wanted: dict[Key, Opening] = {}
    for opening in openings:
        wanted.setdefault(opening.key, opening)
    for _ in range(_TRIES):
        known = _locked(wanted)
        try:
            with transaction.atomic():
                new = _open([opening for key, opening in wanted.items() if key not in known])
        except IntegrityError as error:
            # Another worker took one of them up meanwhile, for another message of the thread.
            conflict = error
        else:
            return {key: (one, False) for key, one in known.items()} | {key: (one, True) for key, one in new.items()}
    raise conflict


def _locked(wanted: Iterable[Key]) -> dict[Key, Conversation]:
    processes, threads = {process for process, _ in wanted}, {thread for _, thread in wanted}
    found = Conversation.objects.select_for_update().filter(process__in=processes, thread__in=threads).order_by("pk")
    return {key: one for one in found if (key := (one.process_id, one.thread_id)) in wanted}


def _open(openings: Sequence[Opening]) -> dict[Key, Conversation]:
    scopes, ids = rows.allot(Scope, len(openings)), rows.allot(Conversation, len(openings))
    new = [_conversation(pk, scope, one) for pk, scope, one in zip(ids, scopes, openings, strict=True)]
    rows.insert(Scope, ("id", "kind"), [(scope, Scope.Kind.CONVERSATION.value) for scope in scopes])
    # In the order of what is unique, so that two workers wait for each other in one direction only.
    in_order = sorted(new, key=lambda one: (one.process_id, one.thread_id))
    rows.insert(Conversation, _COLUMNS, [[getattr(one, name) for name in _ATTRIBUTES] for one in in_order])
    links = [(pk, one.process.scope_id) for pk, one in zip(ids, openings, strict=True)]
    rows.insert(ConversationScope, ("conversation", "scope"), links)
    return {one.key: conversation for one, conversation in zip(openings, new, strict=True)}


def _conversation(pk: int, scope: int, opening: Opening) -> Conversation:
    partner = opening.partner
    return Conversation(
        pk=pk,
        process=opening.process,
        worked_by=opening.process,
        thread=opening.thread,
        scope_id=scope,
        assignee_id=opening.process.owner_id,  # what somebody hands over is theirs until another has it
        subject=fit(opening.subject, 2000),
        partner_name=fit(partner.name, 300) if partner else "",
        partner_address=fit(partner.address, 320).lower() if partner else "",
        created_at=opening.at,
        last_message_at=opening.at,
    )


_COLUMNS = [field.name for field in Conversation._meta.concrete_fields]
_ATTRIBUTES = [field.attname for field in Conversation._meta.concrete_fields]
