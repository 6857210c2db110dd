"""`podatelna verify`: prove that the archive and the log are whole."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from podatelna.archive.proof_models import Verification


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one line of JSON.")] = False,
    afresh: Annotated[bool, typer.Option("--afresh", help="Begin anew, also where a run was cut off.")] = False,
) -> None:
    """Read the whole archive again: every original must hash to what came, the log to what was sealed.

    Prints what is missing, changed, unreadable (its key was not given) or orphaned (held by nobody: it takes room and
    harms nothing), one line each, and ends with the counts. The exit code is 1 when anything is missing, changed or
    unreadable. A run that was cut off goes on where it was. Nothing is changed; it may run while the desk is used.

    Examples:

        podatelna verify

        podatelna verify --json --afresh
    """
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()

    from podatelna.archive.verification import is_damage

    run = _with_progress(afresh)
    findings = list(run.findings.order_by("pk"))
    damaged = sum(is_damage(finding.kind) for finding in findings)
    if as_json:
        print(json.dumps(_as_json(run)))
    else:
        for finding in findings:
            print(f"{finding.kind.upper():<10} {finding.words}")
        print(_summary(run, damaged, len(findings) - damaged))
    if damaged:
        raise typer.Exit(1)


def _summary(run: Verification, damaged: int, orphaned: int) -> str:
    counts = run.counts
    read = (
        f"{counts.get('deliveries', 0)} deliveries, {counts.get('blobs', 0)} stored files and"
        f" {counts.get('log', 0)} lines of the log read"
    )
    found = f"{damaged} damaged" if damaged else "nothing is damaged"
    return f"{read}: {found}{f', {orphaned} orphaned' if orphaned else ''}."


def _as_json(run: Verification) -> dict[str, object]:
    findings = run.findings.order_by("pk").values("kind", "subject", "words")
    finished = run.finished_at.isoformat() if run.finished_at else None
    return {
        "started_at": run.started_at.isoformat(),
        "finished_at": finished,
        "read": run.counts,
        "findings": list(findings),
    }


def _with_progress(afresh: bool) -> Verification:
    from django.utils import timezone
    from rich.console import Console
    from rich.progress import Progress

    from podatelna.archive import verification

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("verifying", total=verification.total())
        return verification.verify(
            timezone.now,
            lambda run: shown.update(task, completed=run.counts.get("blobs", 0) + run.counts.get("deliveries", 0)),
            afresh=afresh,
            certificates=stamp_certificates(),
        )


def stamp_certificates() -> list[Certificate]:
    """What time-stamps must lead to, where that was set."""
    from django.conf import settings

    from podatelna.protocols import timestamps

    if settings.TIMESTAMP_CERTIFICATES is None:
        return []
    try:
        return timestamps.read_certificates(settings.TIMESTAMP_CERTIFICATES)
    except timestamps.TimestampFailed as error:
        print(f"time-stamps are checked without their certificates: {error}", file=sys.stderr)
        return []
