"""`podatelna shunted` and `podatelna replay`: mail that is kept but could not be processed."""

from __future__ import annotations

from typing import Annotated

import typer

from .errors import Refused


def shunted(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
) -> None:
    """List mail whose processing failed: it is archived byte for byte, and waits to be replayed.

    Example: podatelna shunted
    """
    from .house import open_house

    open_house()
    from podatelna.archive.models import Delivery

    rows = Delivery.objects.filter(state=Delivery.State.SHUNTED).select_related("message").order_by("-pk")
    for row in rows[:limit]:
        reason = row.error.strip().splitlines()[-1] if row.error.strip() else "no reason was kept"
        print(f"{row.pk}  {row.seen_at:%Y-%m-%d %H:%M}  {row.stage}: {reason}  ({row.message.subject or 'no subject'})")
    if not rows[:1]:
        print("Nothing is shunted.")


def replay(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers from `podatelna shunted`; none: all.")] = None,
) -> None:
    """Give shunted mail to the worker once more, after what was wrong has been mended.

    Examples:

        podatelna replay

        podatelna replay 17 18
    """
    from .house import open_house

    open_house()
    from django.utils import timezone

    from podatelna.archive.models import Delivery

    rows = Delivery.objects.filter(state=Delivery.State.SHUNTED)
    if numbers:
        rows = rows.filter(pk__in=numbers)
        unknown = sorted(set(numbers) - set(rows.values_list("pk", flat=True)))
        if unknown:
            raise Refused(f"not shunted: {', '.join(map(str, unknown))}. `podatelna shunted` lists what is.")
    count = rows.update(state=Delivery.State.RECEIVED, attempts=0, due_at=timezone.now(), leased_until=None)
    print(f"{count} will be processed again by the worker.")
