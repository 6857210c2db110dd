"""Naming a colleague in a note: `@petr` tells Petr of it, and lets him into the conversation if he was outside.

Only into this conversation, with what it holds, and it is written down. Nobody is let into a personal desk in this way,
for its owner alone decides there; nor into what is confidential, except by who may let people in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction

from podatelna.accounts.access import grant, record, withdraw
from podatelna.accounts.models import Person
from podatelna.mail.language import folded

from . import notices
from .confidential import may_decide
from .mark_models import Mention, Notice
from .models import MENTIONED, Conversation, Entry

_MOST = 20  # people who are named in one note
_MOST_LOOKED_AT = 100  # @ in one note; each is held against everybody's names
_WORD = r"\w[\w.+'-]*"


@dataclass(frozen=True)
class Named:
    """Somebody named in a text: `text` as it stands there with its @; `person` None when it could be several."""

    text: str
    person: Person | None


def named_in(text: str, near: Sequence[Person], others: Sequence[Person] = ()) -> list[Named]:
    """Who is named with @ in `text`, each once: by full name, by what their address begins with, or by first name.

    Those `near` come before `others`: of two Petrs the one who sees the conversation is meant. What fits nobody is
    only text, what fits several alike is Named without a person. The longest name that fits counts.
    """
    found: dict[str, Named] = {}
    for start in _ats(text):
        named = _at(text, start, near) or _at(text, start, others)
        if named is not None and len(found) < _MOST:
            found.setdefault(str(named.person.pk) if named.person else named.text, named)
    return list(found.values())


def _ats(text: str) -> list[int]:
    """Where an @ stands that begins a word, as it does not in an address."""
    places = [place for place, letter in enumerate(text) if letter == "@"]
    begins = (p for p in places if p == 0 or not (text[p - 1].isalnum() or text[p - 1] in "._-+@"))
    return list(islice(begins, _MOST_LOOKED_AT))


def _at(text: str, start: int, people: Iterable[Person]) -> Named | None:
    """Of the names that fit behind the @, the longest."""
    best: dict[int, set[Person]] = {}
    for person in people:
        for name in handles(person):
            length = _fits(text, start + 1, name)
            if length:
                best.setdefault(length, set()).add(person)
    if not best:
        return None
    length = max(best)
    fitting = best[length]
    return Named(text[start : start + 1 + length], fitting.pop() if len(fitting) == 1 else None)


def handles(person: Person) -> set[str]:
    """Under which names somebody can be called, folded: "petr novak", "petr.novak", "petr"."""
    words = folded(person.name).split()
    return {name for name in (" ".join(words), folded(person.email.partition("@")[0]), *words[:1]) if len(name) > 1}


def _fits(text: str, at: int, name: str) -> int:
    """How many letters of `text` from `at` on are `name`; 0 if others stand there, or its word goes on."""
    words = re.compile(rf"{_WORD}(?: {_WORD}){{{name.count(' ')}}}").match(text, at)
    piece = words.group().rstrip(".+'-") if words else ""
    return len(piece) if folded(piece) == name else 0


@transaction.atomic
def tell(entry: Entry, by: Person, now: datetime) -> None:
    """Tell everybody named in the note `entry`, in the transaction that writes it.

    Who is outside is let in, where `by` may do so. Its details name whom it "mentions" (person, text), and as "untold"
    the names that could be several people's or whom `by` may not let in.
    """
    conversation = entry.conversation
    if not _ats(entry.text):
        return
    near = seeing(conversation)
    others = list(_outside(near))
    untold: list[Named] = []
    spans: list[dict[str, object]] = []
    for named in named_in(entry.text, near, others):
        person = named.person
        if person is None or not (person in near or _let_in(conversation, person, by, now)):
            untold.append(named)
            continue
        spans.append({"person": person.pk, "text": named.text})
        Mention.objects.get_or_create(
            entry=entry, person=person, defaults={"conversation": conversation, "by": by, "at": now}
        )
        if person != by:
            details = {"by": by.name, "entry": entry.pk}
            notices.notify(person, Notice.Kind.MENTION, now, conversation=conversation, details=details)
    if spans or untold:
        entry.details = {"mentions": spans, "untold": [named.text for named in untold]}
        entry.save(update_fields=["details"])


def may_let_in(conversation: Conversation, by: Person) -> bool:
    """Whether a mention by `by` lets somebody in from outside."""
    if conversation.is_confidential:
        return may_decide(conversation, by)
    return conversation.process.owner_id is None


def _let_in(conversation: Conversation, person: Person, by: Person, now: datetime) -> bool:
    if not may_let_in(conversation, by):
        return False
    conversation.carry(conversation.scope)
    grant(conversation.scope, person, MENTIONED, by)
    record(by, "mention", f"conversation {conversation.pk}", to=person.pk)
    conversation.happened("let-in", by, now, to=person.pk, name=person.name, mention=True)
    return True


@transaction.atomic
def let_out(conversation: Conversation, person: Person, by: Person, now: datetime) -> bool:
    """Who was let in by a mention sees it no more, unless for another reason.

    False when they were not let in, or when `by` is not one who lets people in there.
    """
    if not may_let_in(conversation, by):
        return False
    if not conversation.scope.holdings.filter(person=person, reason=MENTIONED).exists():
        return False
    withdraw(conversation.scope, person, MENTIONED, by)
    conversation.happened("let-out", by, now, of=person.pk, name=person.name)
    return True


def let_in_by_mention(conversation: Conversation) -> list[Person]:
    """Who was let in because they were named."""
    holdings = conversation.scope.holdings.filter(reason=MENTIONED, person__is_active=True)
    return [row.person for row in holdings.select_related("person").order_by("person__name", "person_id")]


def seeing(conversation: Conversation) -> list[Person]:
    """Who sees the conversation, by name."""
    holders = Person.objects.filter(is_active=True, holdings__scope__conversation_links__conversation=conversation)
    return list(holders.distinct().order_by("name", "pk"))


def offered(conversation: Conversation, by: Person, begins: str = "", most: int = 8) -> list[Person]:
    """Whom `by` may name there, those who see it first; with `begins` those of whose name a word begins so."""
    near = seeing(conversation)
    people = near if not may_let_in(conversation, by) else [*near, *_outside(near)]
    wanted = " ".join(folded(begins).split())
    fitting = [one for one in people if one != by and any(_begins(wanted, handle) for handle in handles(one))]
    return fitting[:most]


def _outside(near: Sequence[Person]) -> Iterable[Person]:
    return Person.objects.filter(is_active=True).exclude(pk__in=[one.pk for one in near])


def _begins(wanted: str, handle: str) -> bool:
    return handle.startswith(wanted) or f" {wanted}" in handle
