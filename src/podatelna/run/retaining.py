"""`podatelna retention`: what rules erase now, and having it erased; and what the worker does of it by itself."""

from __future__ import annotations

from typing import Annotated

import typer

_SHORT_PAUSE = 0.1  # lets whoever else wants to write go first
_LOOK_SECONDS = 600.0
_IDLE_SECONDS = 5.0
_FEW = 5  # conversations: then the pause

app = typer.Typer(help="Retention: how long mail is kept, and what is due to be erased.", no_args_is_help=True)


@app.command("preview")
def preview(
    limit: Annotated[int, typer.Option(min=0, max=100_000, help="List at most so many conversations.")] = 50,
) -> None:
    """Say which conversations the rules of processes would erase now, and which a legal hold keeps. Changes nothing.

    Example: podatelna retention preview
    """
    _open()
    from django.utils import timezone

    from podatelna.desk import retention
    from podatelna.desk.retention_models import RetentionRule

    for rule in RetentionRule.objects.select_related("process").order_by("process__name"):
        then = "erases by itself afterwards" if rule.erases else "erases nothing by itself"
        print(f"{rule.process.name}: keeps {rule.months} months after close, {then}.")
    going = held = 0
    for one in retention.due(timezone.now()):
        going, held = going + (not one.held), held + one.held
        if going + held <= limit:
            words = "HELD " if one.held else "goes "
            number, process = one.conversation.pk, one.conversation.process.name
            print(f"{words} conversation {number} of {process}, due since {one.since:%Y-%m-%d}")
    print(f"{going} conversations are due to be erased, {held} more are held.")


@app.command("run")
def run(
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many conversations.")] = None,
) -> None:
    """Erase what is due now. The worker does the same by itself, every ten minutes.

    It may be interrupted and started again; each message goes in one step, with a tombstone and a line in the log.

    Example: podatelna retention run --limit 100
    """
    _open()
    from django.utils import timezone

    from podatelna.desk import retention

    done = 0
    while limit is None or done < limit:
        more = retention.erase_due(timezone.now(), retention.AT_ONCE if limit is None else min(_FEW, limit - done))
        if not more:
            break
        done += more
    print(f"{done} conversations were erased.")


def _open() -> None:
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()


# --- the worker ------------------------------------------------------------------------------------------


def erase_by_rules() -> float:
    """Erase a few conversations whose time is over; how many seconds to wait before the next."""
    from django.utils import timezone

    from podatelna.desk import retention

    return _SHORT_PAUSE if retention.erase_due(timezone.now(), _FEW) else _LOOK_SECONDS


def carry_out_erasures() -> float:
    """Do the next step of an erasure that was confirmed; how many seconds to wait before the next."""
    from django.utils import timezone

    from podatelna.desk import erasures

    return _SHORT_PAUSE if erasures.step(timezone.now()) else _IDLE_SECONDS
