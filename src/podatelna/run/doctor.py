"""`podatelna doctor`: looks at the installation and says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from .findings import Finding


def doctor(
    probe: Annotated[
        bool, typer.Option("--probe", help="Really connect to every mailbox and its SMTP server.")
    ] = False,
) -> None:
    """Check the installation and say what is wrong and what to do. The exit code is 1 when something is.

    Looks at Python, the database, the data folder, the key file, the blob store, each gateway's last state, what is
    shunted or could not be sent, and whether a worker is alive. Changes nothing.

    Examples:

        podatelna doctor

        podatelna doctor --probe
    """
    from rich.console import Console

    console, wrong = Console(highlight=False, soft_wrap=True), 0
    for finding in _examine(probe):
        wrong += not finding.fine
        sign = "[green]ok  [/]" if finding.fine else "[bold red]BAD [/]"
        console.print(f"{sign} {finding.what}: ", end="")
        console.print(finding.words, markup=False)
        if finding.remedy:
            console.print(f"     → {finding.remedy}", markup=False)
    console.print("Everything is in order." if not wrong else f"{wrong} problem{'s' if wrong > 1 else ''} found.")
    if wrong:
        raise typer.Exit(1)


def _examine(probe: bool) -> Iterator[Finding]:
    from . import examination
    from .house import open_house

    yield from examination.of_the_machine()
    open_house()
    yield from examination.of_the_house(probe)
