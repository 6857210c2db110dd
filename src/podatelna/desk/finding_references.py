"""Searching by order and reference numbers: order:4711, of conversations that one may see."""

from __future__ import annotations

from django.db.models import Min

from podatelna.accounts.models import Person
from podatelna.archive.search import Condition, Narrowing

from .finding_marks import MAY_SEE, NEVER, WORKED
from .models import Entry
from .reference_models import Reference
from .references import key_of

_NAMED = """conversation.id IN (SELECT naming.conversation_id FROM desk_entry naming
    JOIN desk_reference named ON named.message_id = naming.message_id WHERE named.key = %s)"""


def condition(narrowing: Narrowing, person: Person | None) -> Condition:
    """All messages of conversations in which the number was recognised; nothing where there is none.

    None may ask of everything (command line only).
    """
    key = key_of(narrowing.value)
    naming = Entry.objects.filter(message__in=Reference.objects.filter(key=key).values("message"))
    entries = Entry.objects.filter(conversation__in=naming.values("conversation"), message__search_id__isnull=False)
    oldest: int | None = entries.aggregate(oldest=Min("message__search_id"))["oldest"]
    if person is not None:
        return _of(f"{_NAMED} AND {MAY_SEE}", (key, person.pk), narrowing, oldest)
    return _of(_NAMED, (key,), narrowing, oldest)


def _of(sql: str, parameters: tuple[str | int, ...], narrowing: Narrowing, oldest: int | None) -> Condition:
    since = None if narrowing.negated else NEVER if oldest is None else oldest
    return Condition(sql=WORKED.format(condition=sql), parameters=parameters, negated=narrowing.negated, since=since)
