"""`podatelna texts`: attachments whose text could not be read, and reading them once more."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from podatelna.archive.models import AttachmentText


def texts(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers from the list; none: all.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Have the worker read them once more.")] = False,
    reason: Annotated[str, typer.Option(help="Only those with this reason: crash, too-long, unavailable …")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="List at most so many, the newest.")] = 50,
) -> None:
    """List attachments whose text could not be read, and why; or have them read once more.

    Such an attachment is kept and shown like any other; only search does not find it by what is in it.

    Examples:

        podatelna texts

        podatelna texts --again --reason unavailable
    """
    from .house import open_house

    open_house()
    from podatelna.archive import extraction

    rows = extraction.failed(reason).defer("text")
    if numbers:
        unknown = sorted(set(numbers) - set(rows.filter(pk__in=numbers).values_list("pk", flat=True)))
        if unknown:
            raise Refused(f"not among those that could not be read: {', '.join(map(str, unknown))}.")
        rows = rows.filter(pk__in=numbers)
    if again:
        print(f"{extraction.retry(rows)} will be read again by the worker.")
        return
    _list(rows, limit)


def _list(rows: QuerySet[AttachmentText], limit: int) -> None:
    from podatelna.archive.models import Part

    for row in rows.prefetch_related("part_texts")[:limit]:
        places = list(row.part_texts.all())
        part = places and Part.objects.filter(message=places[0].message_id, position=places[0].position).first()
        name = (part and part.filename) or "without a name"
        held = f"{name} in message {places[0].message_id}" if places else "in no message any more"
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        print(f"{row.pk}  {row.reason}: {held}{more}  ({row.detail or 'nothing more is known'})")
    counts = Counter(rows.values_list("reason", flat=True))
    print(", ".join(f"{count} {name}" for name, count in counts.most_common()) or "Everything could be read.")
