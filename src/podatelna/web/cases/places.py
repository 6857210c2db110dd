"""Where every look-up of a case starts: from what may be seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.http import Http404
from django.shortcuts import get_object_or_404

from podatelna.accounts.models import Person
from podatelna.desk.case_models import Case
from podatelna.desk.case_timeline import Key

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def find_case(person: Person, pk: int) -> Case:
    """The case if `person` may see it. Raises Http404."""
    return get_object_or_404(
        Case.objects.visible_to(person).select_related("process", "scope", "created_by", "organisation__merged_into"),
        pk=pk,
    )


def number(text: str) -> int:
    """A row's number as a form has it; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def active_person(text: str) -> Person:
    """A colleague who is still here. Raises Http404."""
    found = Person.objects.filter(pk=number(text), is_active=True).first()
    if found is None:
        raise Http404
    return found


def write_key(key: Key | None) -> str:
    """A line's place in a case's timeline as text for a URL; "" for none."""
    return f"{(key[0] - _EPOCH) // _MICROSECOND}_{key[1]}_{key[2]}" if key is not None else ""


def read_key(text: str) -> Key | None:
    """The inverse; None for what no page has given out."""
    parts = text.split("_")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 17 for part in parts):
        return None
    at, table, pk = map(int, parts)
    return _EPOCH + at * _MICROSECOND, table, pk
