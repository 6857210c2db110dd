"""`podatelna doctor`: looks at the installation and says what is wrong and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from .findings import Finding


def doctor(
    probe: Annotated[
        bool, typer.Option(help="Really connect to every mailbox and its SMTP server, unless it is paused.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Check the installation and say what is wrong and what to do. The exit code is 1 when something is.

    Looks at Python, the database, the data folder, the key file, the blob store, what is shunted or could not be sent,
    and whether a worker is alive. Signs in to every gateway's servers, looks whether its folders are there and when its
    certificates end. Changes nothing.

    Examples:

        podatelna doctor

        podatelna doctor --no-probe

        podatelna doctor --json
    """
    if as_json:
        found = list(_examine(probe))
        problems = sum(not finding.fine for finding in found)
        print(json.dumps({"problems": problems, "findings": [asdict(one) for one in found]}, indent=2))
    else:
        problems = _print(_examine(probe))
    if problems:
        raise typer.Exit(1)


def _print(findings: Iterator[Finding]) -> int:
    """Each as a line, when it is found; how many are wrong."""
    from rich.console import Console

    console, wrong = Console(highlight=False, soft_wrap=True), 0
    for finding in findings:
        wrong += not finding.fine
        sign = "[green]ok  [/]" if finding.fine else "[bold red]BAD [/]"
        console.print(f"{sign} {finding.what}: ", end="")
        console.print(finding.words, markup=False)
        if finding.remedy:
            console.print(f"     → {finding.remedy}", markup=False)
    console.print("Everything is in order." if not wrong else f"{wrong} problem{'s' if wrong > 1 else ''} found.")
    return wrong


def _examine(probe: bool) -> Iterator[Finding]:
    from . import examination
    from .house import open_house

    yield from examination.of_the_machine()
    open_house()
    yield from examination.of_the_house(probe)
