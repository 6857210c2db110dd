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
    from podatelna.archive import quarantine

    rows = quarantine.shunted()
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

    from podatelna.archive import quarantine

    rows = quarantine.shunted()
    unknown = sorted(set(numbers or ()) - set(rows.values_list("pk", flat=True)))
    if unknown:
        raise Refused(f"not shunted: {', '.join(map(str, unknown))}. `podatelna shunted` lists what is.")
    count = quarantine.replay(rows.filter(pk__in=numbers) if numbers else rows, timezone.now())
    print(f"{count} will be processed again by the worker.")
