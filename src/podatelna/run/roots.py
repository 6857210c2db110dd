"""`podatelna log`: the roots of the sealed log, to be kept outside of this machine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import Refused

if TYPE_CHECKING:
    from podatelna.accounts.models import DayRoot

app = typer.Typer(help="The hash-chained log: its roots and time-stamps.", no_args_is_help=True)


@app.command("root")
def root(
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Of this day (UTC); else of the last that ended.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A folder: write the root there, and its time-stamp.")] = None,
) -> None:
    """Print a day's root of the log. Kept elsewhere, it proves later that nothing before it was changed.

    With --out it writes podatelna-root-DATE.json, and podatelna-root-DATE.tsr where it is time-stamped; then
    `openssl ts -verify -data podatelna-root-DATE.json -in podatelna-root-DATE.tsr -CAfile ca.pem` checks the stamp.

    Example: podatelna log root --out /mnt/elsewhere
    """
    from podatelna.accounts.audit import record
    from podatelna.accounts.day_roots import statement

    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()
    day = _day(date)
    if out is None:
        print(statement(day).decode("ascii"), end="")
        return
    for path in _write(day, out):
        print(path)
    record(None, "export-root", f"day {day.date}")


def _day(date: datetime | None) -> DayRoot:
    from django.utils import timezone

    from podatelna.accounts.day_roots import close_day
    from podatelna.accounts.models import DayRoot

    from .tending_log import seal_everything

    seal_everything()
    close_day(timezone.now(), stamp=_stamping())
    days = DayRoot.objects.filter(date=date.date()) if date else DayRoot.objects.order_by("-date")
    day = days.first()
    if day is None:
        wanted = f"of {date:%Y-%m-%d}" if date else "yet: the first is made when a day has ended"
        raise Refused(f"there is no root {wanted}.")
    return day


def _stamping() -> bool:
    from django.conf import settings

    return bool(settings.TIMESTAMP_URL)


def _write(day: DayRoot, out: Path) -> list[Path]:
    from podatelna.accounts.day_roots import statement

    files = {out / f"podatelna-root-{day.date}.json": statement(day)}
    if day.token is not None:
        files[out / f"podatelna-root-{day.date}.tsr"] = bytes(day.token)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, data in files.items():
            path.write_bytes(data)
    except OSError as error:
        raise Refused(f"the root cannot be written: {error}.") from None
    return list(files)


@app.command("stamp")
def stamp() -> None:
    """Have every root time-stamped that is not yet, now: for a server that was set only later.

    Example: PODATELNA_TIMESTAMP_URL=https://tsa.example.com podatelna log stamp
    """
    from django.conf import settings
    from django.utils import timezone

    from podatelna.accounts import day_roots
    from podatelna.accounts.models import DayRoot

    from .house import open_house, refuse_unprepared
    from .tending_log import ask_server

    open_house()
    refuse_unprepared()
    if not settings.TIMESTAMP_URL:
        raise Refused("no time-stamping server is set: PODATELNA_TIMESTAMP_URL names it.")
    day_roots.want_stamps(timezone.now())
    DayRoot.objects.filter(token=None).update(due_at=timezone.now())
    stamped = 0
    while done := day_roots.stamp_due(timezone.now, settings.TIMESTAMP_URL, ask_server):
        stamped += done
    waiting = DayRoot.objects.filter(token=None).order_by("date")
    print(f"{stamped} roots are time-stamped now, {waiting.count()} wait.")
    for day in waiting[:1]:
        print(f"{day.date}: {day.error}")
        raise typer.Exit(1)
