"""Lists of cards by key set, in the order of a Czech dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from podatelna.contacts.models import Contact, Organisation
from podatelna.contacts.sight import call_as_seen
from podatelna.web.desk.answers import me

PAGE = 50

Row = TypeVar("Row", Contact, Organisation)


def page_of(rows: QuerySet[Row], request: HttpRequest) -> tuple[list[Row], int | None]:
    """The rows after the one that the address names (`after`), and by what the page after them is asked for."""
    after = request.GET.get("after", "")
    # Looked for among the very rows: the place of a card that somebody may not see is not theirs to know.
    last = rows.filter(pk=int(after)).first() if after.isascii() and after.isdecimal() and len(after) < 19 else None
    if last is not None:
        rows = rows.filter(ordered__gte=last.ordered).filter(Q(ordered__gt=last.ordered) | Q(pk__gt=last.pk))
    found = list(rows.order_by("ordered", "pk")[: PAGE + 1])
    # Row is one of two types, and the checker looks at the loop once for each of them.
    cards: Iterable[Contact | Organisation] = found
    call_as_seen([row for row in cards if isinstance(row, Contact)], me(request))
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def typed(request: HttpRequest) -> str:
    """What is searched for."""
    return request.GET.get("q", "").replace("\0", "").strip()[:200]
