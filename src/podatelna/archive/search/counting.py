"""How many hits there are, by year, sender and scope: of the newest MOST ones, so that it never takes long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone

from podatelna.archive.models import DeliveryScope, Message

from .hits import Backend, Hit, Question
from .ids import moment

MOST = 2000
_AT_ONCE = 500
_MOST_SENDERS = 8


@dataclass(frozen=True)
class Counts:
    """Numbers of hits. When `more`, there are more than `total`, and all numbers are of the newest `total`."""

    total: int
    more: bool
    years: tuple[tuple[int, int], ...] = ()  # the newest first
    senders: tuple[tuple[str, str, int], ...] = ()  # address, a name, number; the most frequent first
    scopes: tuple[tuple[int, int], ...] = ()  # those of all deliveries of the hits: not all are the asker's to see


def counted(backend: Backend, question: Question, most: int = MOST) -> Counts:
    """Count the hits of `question`, at most the newest `most`."""
    hits = backend.find(question, most + 1)
    counting = hits[:most]
    return Counts(
        total=len(counting),
        more=len(hits) > most,
        years=_years(counting),
        senders=_senders(counting),
        scopes=_scopes(counting),
    )


def _years(hits: Sequence[Hit]) -> tuple[tuple[int, int], ...]:
    zone = timezone.get_default_timezone()
    found = Counter(moment(hit.search_id).astimezone(zone).year for hit in hits)
    return tuple(sorted(found.items(), reverse=True))


def _senders(hits: Sequence[Hit]) -> tuple[tuple[str, str, int], ...]:
    found: Counter[str] = Counter()
    names: dict[str, str] = {}
    for some in _some(hits):
        for address, name in Message.objects.filter(pk__in=some).values_list("from_address", "from_name"):
            if address:
                key = address.lower()
                found[key] += 1
                names[key] = names.get(key) or name
    return tuple((address, names[address], number) for address, number in found.most_common(_MOST_SENDERS))


def _scopes(hits: Sequence[Hit]) -> tuple[tuple[int, int], ...]:
    found: Counter[int] = Counter()
    for some in _some(hits):
        rows = DeliveryScope.objects.filter(message__in=some).order_by().values("scope_id")
        for scope, number in rows.annotate(number=Count("message", distinct=True)).values_list("scope_id", "number"):
            found[scope] += number
    return tuple(found.most_common())


def _some(hits: Sequence[Hit]) -> Iterator[list[int]]:
    for first in range(0, len(hits), _AT_ONCE):
        yield [hit.message_id for hit in hits[first : first + _AT_ONCE]]
