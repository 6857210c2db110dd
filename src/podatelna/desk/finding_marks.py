"""Searching by what people put on conversations: tag: and priority:, of conversations that one may see."""

from __future__ import annotations

from django.db.models import Min, QuerySet

from podatelna.accounts.models import Person
from podatelna.archive.errors import QueryError
from podatelna.archive.search import Condition, Narrowing

from . import tags
from .mark_models import Tagging
from .models import Entry
from .priority import PRIORITIES

NAMES = frozenset({"tag", "priority"})

# A message is worked in a conversation of which `condition` holds.
WORKED = """EXISTS (SELECT 1 FROM desk_entry entry JOIN desk_conversation conversation
    ON conversation.id = entry.conversation_id WHERE entry.message_id = message.id AND {condition})"""
# Of what is worked by others nothing may be told, not even that it is open.
MAY_SEE = """EXISTS (SELECT 1 FROM desk_conversationscope link
    JOIN accounts_holding holding ON holding.scope_id = link.scope_id
    WHERE link.conversation_id = conversation.id AND holding.person_id = %s)"""
NEVER = 1 << 62  # no message stands as late as this
_OFFERED = 12


def condition(narrowing: Narrowing, person: Person | None) -> Condition:
    """What tag: or priority: stands for when `person` asks; None may ask of everything (command line only).

    Raises QueryError for a tag of which they see none, and for a priority that is none.
    """
    if narrowing.name == "tag":
        return _tagged(narrowing, person)
    number = PRIORITIES.get(narrowing.value.lower())
    if number is None:
        known = [f"priority:{name}" for name in PRIORITIES]
        raise QueryError("bad-priority", narrowing.value_position, narrowing.value, known)
    entries = Entry.objects.filter(conversation__priority=number)
    # Most conversations press as most do: where the oldest of them stands is not looked for.
    since = None if number == 0 else _oldest(entries)
    return _condition("conversation.priority = %s", [number], narrowing, person, since)


def _tagged(narrowing: Narrowing, person: Person | None) -> Condition:
    key = tags.key_of(narrowing.value.lstrip("#"))
    rows = Tagging.objects.all() if person is None else Tagging.objects.visible_to(person)
    if not rows.filter(key=key).exists():
        offered = tags.known(person, most=_OFFERED) if person is not None else []
        raise QueryError(
            "bad-tag",
            narrowing.value_position,
            narrowing.value,
            [f'"{name}"' if " " in name else name for name in offered],
        )
    entries = Entry.objects.filter(conversation__taggings__key=key)
    sql = "conversation.id IN (SELECT conversation_id FROM desk_tagging WHERE key = %s)"
    return _condition(sql, [key], narrowing, person, _oldest(entries))


def _oldest(entries: QuerySet[Entry]) -> int:
    found = entries.filter(message__search_id__isnull=False).aggregate(oldest=Min("message__search_id"))
    oldest: int | None = found["oldest"]
    return NEVER if oldest is None else oldest


def _condition(
    sql: str, parameters: list[str | int], narrowing: Narrowing, person: Person | None, since: int | None
) -> Condition:
    if person is not None:
        sql, parameters = f"{sql} AND {MAY_SEE}", [*parameters, person.pk]
    return Condition(
        sql=WORKED.format(condition=sql),
        parameters=tuple(parameters),
        negated=narrowing.negated,
        since=None if narrowing.negated else since,
    )
