"""`podatelna index`: whether everything in the archive is found, and the search index made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from podatelna.archive.search.checking import Checked

app = typer.Typer(no_args_is_help=True, help="Look after the search index: compare it with the archive, make it anew.")

_SHOWN = 20


@app.command("check")
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Put right what is found to be wrong.")] = False,
) -> None:
    """Compare the search index with the archive: every message is read, and its words are looked up in the index.

    Prints what is missing, what has other words than the message, and what is too much; the exit code is 1 when there
    is any that was not repaired. It may run while the desk is used.

    Examples:

        podatelna index check

        podatelna index check --repair
    """
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()
    checked = _checked(repair)
    for kind, numbers in (("missing", checked.missing), ("changed", checked.changed), ("unreadable", checked.unread)):
        _print_some(kind, "messages", numbers)
    _print_some("extra", "places", checked.extra)
    if checked.triggers:
        print(f"{checked.triggers} triggers of the database were gone")
    if checked.leftovers:
        print(f"{checked.leftovers} places are out of use until `podatelna index rebuild`; nothing is found by them.")
    if checked.building:
        print("The index is being made anew; what has not been reached yet was not compared.")
    print(_sum_of(checked, repair))
    _tell(checked, repair)
    if checked.unread or not (checked.is_whole or repair):
        raise typer.Exit(1)


@app.command("rebuild")
def rebuild() -> None:
    """Make a new search index beside the old one, and put it in its place when it is whole.

    The desk goes on meanwhile: searches are answered by the old index, and mail that arrives goes into both. It may be
    interrupted; the worker, or this command again, goes on where it was.

    Example: podatelna index rebuild
    """
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()
    from rich.console import Console
    from rich.progress import Progress

    from podatelna.archive.search import building

    begun = building.begin()
    done, unread = begun.done, begun.unread
    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("indexing", total=begun.total, completed=done)
        while building.step():
            if state := building.state():
                done, unread = state.done, state.unread
                shown.update(task, completed=done)
    left_out = f", {unread} could not be read: `podatelna verify` says more" if unread else ""
    print(f"The search index was made anew: {done} messages{left_out}.")
    if unread:
        raise typer.Exit(1)


def _checked(repair: bool) -> Checked:
    from rich.console import Console
    from rich.progress import Progress

    from podatelna.archive.models import Message
    from podatelna.archive.search import checking

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("comparing", total=Message.objects.count())
        return checking.check(repair=repair, progress=lambda done: shown.update(task, completed=done))


def _tell(checked: Checked, repair: bool) -> None:
    """Raise the alarm that the index is not whole, or end it."""
    from django.utils import timezone

    from podatelna.gateways.alarms import end_alarm, raise_alarm

    if checked.unread or not (checked.is_whole or repair):
        counts = {"missing": len(checked.missing), "changed": len(checked.changed), "extra": len(checked.extra)}
        details = {**counts, "unreadable": len(checked.unread)}
        raise_alarm("index", "search index", now=timezone.now(), details=details)
    else:
        end_alarm("index", "search index", now=timezone.now())


def _print_some(kind: str, what: str, numbers: list[int]) -> None:
    if numbers:
        more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
        print(f"{kind}: {len(numbers)} {what}: {', '.join(map(str, numbers[:_SHOWN]))}{more}")


def _sum_of(checked: Checked, repair: bool) -> str:
    if checked.is_whole:
        return f"{checked.messages} messages compared: the index is whole."
    mended = len(checked.missing) + len(checked.changed) + len(checked.extra)
    ending = f"{mended} repaired." if repair else "`podatelna index check --repair` puts it right."
    return f"{checked.messages} messages compared: the index is not whole; {ending}"
