"""`podatelna verify`: prove that the archive is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from podatelna.archive.verification import Verified


def verify() -> None:
    """Read the whole archive again: every original must hash to what came.

    Prints what is damaged, one line each, and ends with the counts; the exit code is 1 when anything is. Nothing is
    changed. It may run while the desk is used.

    Example: podatelna verify
    """
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()
    verified = _with_progress()
    for words in verified.damaged:
        print(f"DAMAGED  {words}")
    found = f"{len(verified.damaged)} damaged" if verified.damaged else "nothing is damaged"
    print(f"{verified.deliveries} deliveries and {verified.blobs} stored files read: {found}.")
    if verified.damaged:
        raise typer.Exit(1)


def _with_progress() -> Verified:
    from rich.console import Console
    from rich.progress import Progress

    from podatelna.archive import verification
    from podatelna.archive.models import Blob, Delivery

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("verifying", total=Blob.objects.count() + Delivery.objects.count())
        return verification.verify(lambda so_far: shown.update(task, completed=so_far.blobs + so_far.deliveries))
