"""`podatelna erase`: what is kept of a person is erased, after a look at what goes, what stays and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import Refused

if TYPE_CHECKING:
    from podatelna.desk.erasures import Extent
    from podatelna.desk.retention_models import Erasure

_REASONS = {
    "held": "stay: a legal hold",
    "open": "stay: their conversation is open, in a process with a retention rule",
    "retained": "stay: a retention rule keeps them for now",
    "shared": "stay: somebody else from outside takes part in them",
    "damaged": "stay: another copy would be lost with them",
}


def erase(
    person: Annotated[str, typer.Option("--person", help="The e-mail address of whoever is to be forgotten.")],
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would happen.")] = False,
    shared: Annotated[bool, typer.Option("--shared", help="Also mail in which others from outside take part.")] = False,
    reason: Annotated[str, typer.Option(help="Why: a reference to the request, for the log.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what is kept of a person: their mail, drafts to them, their contact, their address in notes and the log.

    Whatever a legal hold or a retention rule keeps stays. Where erasures need a second person, it is only asked for
    here, and waits to be confirmed in the administration.

    Examples:

        podatelna erase --person jana@example.com --preview

        podatelna erase --person jana@example.com --reason "request 2026/14"
    """
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()
    from django.utils import timezone

    from podatelna.desk import erasures
    from podatelna.desk.retention_models import Erasure

    address = erasures.normal(person)
    if "@" not in address or " " in address:
        raise Refused(f"{person!r} is no e-mail address.")
    which = Erasure.Shared.ERASE if shared else Erasure.Shared.KEEP
    _say(erasures.extent(address, which, timezone.now()))
    if preview:
        return
    if not yes and not _agreed(address):
        raise Refused("nothing was erased.")
    _carry_out(erasures.ask(address, None, timezone.now(), shared=which, reason=reason))


def _say(extent: Extent) -> None:
    if extent.held:
        print("A legal hold is on this person: nothing of them is erased.")
    print(f"{extent.erased} messages go.")
    for kept, count in extent.kept.items():
        print(f"{count} messages {_REASONS[kept]}.")
    if not extent.held:
        print(f"{extent.drafts} drafts and {extent.contacts} contacts go.")
        print(f"The address goes from {extent.notes} notes and {extent.log_entries} entries of the log.")


def _agreed(address: str) -> bool:
    if not sys.stdin.isatty():
        raise Refused("no terminal to ask: say --yes.")
    return bool(typer.confirm(f"Erase this of {address} for good?"))


def _carry_out(erasure: Erasure) -> None:
    from django.utils import timezone

    from podatelna.desk import erasures
    from podatelna.desk.erasing import ERASED
    from podatelna.desk.retention_models import Erasure

    try:
        erasures.confirm(erasure, None, timezone.now())
    except erasures.NotConfirmable:
        print(f"Erasure {erasure.pk} is asked for. Somebody must confirm it in the administration, under Retention.")
        return
    while erasure.state == Erasure.State.RUNNING:
        erasures.step(timezone.now())
        erasure.refresh_from_db()
    gone = erasure.counts.get(ERASED, 0)
    kept = sum(erasure.counts.get(name, 0) for name in _REASONS)
    print(f"Erasure {erasure.pk} is done: {gone} messages erased, {kept} kept.")
