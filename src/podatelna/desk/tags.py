"""Tags on conversations: words of one's own, put on, taken off, offered and counted as far as one may see them.

A tag is met with and without capitals and accents. It has no row of its own, so nobody learns from a list of tags what
others work on: what is offered to somebody stands on conversations that they see.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from podatelna.accounts.models import Person
from podatelna.mail.language import folded

from .errors import BadTag
from .mark_models import Tagging
from .models import Conversation

LONGEST = 50  # characters
MOST = 30  # on one conversation
_LOOKED_BACK = 50_000  # of the newest tags of anybody, for what is offered; of those at most
_LOOKED_THROUGH = 3_000  # that one sees


def clean(typed: str) -> str:
    """The tag that was typed: without # before it, blanks single. Raises BadTag ("empty", "too-long", "sign")."""
    printable = "".join(letter if letter.isprintable() else " " for letter in typed)
    name = " ".join(printable.split()).lstrip("# ")
    if not key_of(name):
        raise BadTag("empty")
    if len(name) > LONGEST:
        raise BadTag("too-long")
    # A comma divides tags that are typed together, quotes hold one together in a search, @ is in addresses of people.
    if any(sign in name for sign in ',"@'):
        raise BadTag("sign")
    return name


def key_of(name: str) -> str:
    """By what a tag is met: lower case, no diacritics, single blanks."""
    return " ".join(folded(name).split())[:100]


@transaction.atomic
def add_tag(conversation: Conversation, name: str, by: Person | None, now: datetime) -> bool:
    """Put the tag on; False when it is there already. Raises BadTag, also for more than MOST ("too-many")."""
    name = clean(name)
    there = set(conversation.locked().taggings.values_list("key", flat=True))
    if key_of(name) in there:
        return False
    if len(there) >= MOST:
        raise BadTag("too-many")
    conversation.taggings.create(name=name, key=key_of(name), by=by, at=now)
    conversation.happened("tagged", by, now, name=name)
    return True


@transaction.atomic
def remove_tag(conversation: Conversation, name: str, by: Person | None, now: datetime) -> bool:
    """Take the tag off, however it is spelled; False when it is not there."""
    tagging = conversation.locked().taggings.filter(key=key_of(name)).first()
    if tagging is None:
        return False
    tagging.delete()
    conversation.happened("untagged", by, now, name=tagging.name)
    return True


def tags_of(conversation: Conversation) -> list[str]:
    """Its tags in order."""
    return list(conversation.taggings.values_list("name", flat=True))


def tags_on(conversations: Iterable[int]) -> dict[int, list[str]]:
    """The tags of each conversation (id) that has any."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    rows = Tagging.objects.filter(conversation__in=list(conversations)).order_by("key")
    for conversation, name in rows.values_list("conversation_id", "name"):
        found[conversation].append(name)
    return dict(found)


def known(person: Person, begins: str = "", most: int = 30) -> list[str]:
    """Tags on conversations that `person` sees, the most used first; with `begins` those of which a word begins so."""
    newest = Tagging.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    visible = Tagging.objects.visible_to(person).filter(pk__gt=newest - _LOOKED_BACK)
    rows = visible.order_by("-pk").values_list("key", "name")
    wanted = key_of(begins)
    spelled: dict[str, str] = {}
    used: Counter[str] = Counter()
    for key, name in rows[:_LOOKED_THROUGH]:
        spelled.setdefault(key, name)
        used[key] += 1
    fitting = [key for key in used if key.startswith(wanted) or f" {wanted}" in key]
    return [spelled[key] for key in sorted(fitting, key=lambda key: (-used[key], key))[:most]]
