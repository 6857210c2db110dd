"""`podatelna export`: original bytes out of the archive, as a Maildir, an mbox or a zip archive."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import Refused

if TYPE_CHECKING:
    from podatelna.archive.exporting import Ledger, Manifest
    from podatelna.desk.chosen import Selection

_FORMATS = ("maildir", "mbox", "zip")
_LONGEST_LIST = 20
_EVERY = 50  # messages between two looks at the clock
SOME_FAILED = 3  # the exit code


def export(
    to: Annotated[Path, typer.Option("--to", metavar="PATH", help="Where to: a folder for maildir, else a file.")],
    form: Annotated[str, typer.Option("--format", help="maildir, mbox or zip.")],
    query: Annotated[str, typer.Option(help="A search, as in the desk's search box.")] = "",
    conversation: Annotated[int | None, typer.Option(help="The number of a conversation.")] = None,
    process: Annotated[str, typer.Option(help="The name of a process.")] = "",
    person: Annotated[str, typer.Option(metavar="ADDRESS", help="Somebody named in the messages.")] = "",
    force: Annotated[bool, typer.Option(help="Write over a file that is there.")] = False,
) -> None:
    """Export mail, original bytes unchanged, one file for each delivery.

    Without --query, --conversation, --process and --person it is the whole archive; where several are given, what is in
    all of them. Whoever may run this may read everything.

    maildir: a Maildir++ with the folders and flags that imported mail came with; may be interrupted and repeated, what
    is there is not written again. mbox: mboxrd, which `podatelna import` reads back to the byte. zip: .eml files with
    date, sender and subject in their names. Beside the mail (in the Maildir, in the archive, next to the mbox) stand
    manifest.csv and manifest.json: for each file its SHA-256, Message-ID, date, sender, subject and labels.

    Exit codes: 0 all is exported; 1 refused; 3 some messages can no longer be read: they are named, the others are out.

    Examples:

        podatelna export --format maildir --to ~/everything

        podatelna export --query "from:jana@acme.cz after:2025" --format zip --to jana.zip
    """
    from .house import open_house, refuse_unprepared

    if form not in _FORMATS:
        raise Refused(f"there is no format {form!r}. Formats are: {', '.join(_FORMATS)}.")
    if form != "maildir" and to.is_dir():
        raise Refused(f"{to} is a folder: name a file.")
    if form != "maildir" and to.exists() and not force:
        raise Refused(f"{to} is there already: choose another name, or --force to write over it.")
    open_house()
    refuse_unprepared()
    selection = _selection(query, conversation, process, person)
    try:
        ledger = _write(selection, form, to)
    except OSError as error:
        raise Refused(f"{error.filename or to}: {error.strerror}.") from None
    _record(selection, form, ledger)
    _tell(ledger, to)
    if ledger.failed:
        sys.exit(SOME_FAILED)


def _selection(query: str, conversation: int | None, process: str, person: str) -> Selection:
    from podatelna.desk.chosen import Selection
    from podatelna.desk.models import Conversation

    from .bringing import process_named

    if conversation is not None and not Conversation.objects.filter(pk=conversation).exists():
        raise Refused(f"there is no conversation {conversation}.")
    return Selection(query, conversation, process_named(process).pk if process else None, person.strip().lower())


def _write(selection: Selection, form: str, to: Path) -> Ledger:
    from django.utils import timezone

    from podatelna.archive.exporting import Ledger, Manifest, stream
    from podatelna.archive.search import QueryError
    from podatelna.desk.chosen import deliveries, extent

    try:
        total = extent(selection, None).count
    except QueryError as error:
        raise Refused(f"the question is not understood: {error}.") from None
    with _shown(total) as tell, Manifest() as manifest:
        ledger = Ledger(tell, manifest=manifest)
        if form == "maildir":
            _fill(to, selection, ledger)
            _put(manifest, to / "manifest")
            return ledger
        with _whole_or_nothing(to) as draft, draft.open("wb") as file:
            for piece in stream(form, deliveries(selection, None), ledger, timezone.now()):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if form == "mbox":
            _put(manifest, to.with_name(f"{to.name}.manifest"))
    return ledger


def _fill(to: Path, selection: Selection, ledger: Ledger) -> None:
    from podatelna.archive.exporting import MaildirFolder, read
    from podatelna.desk.chosen import deliveries

    maildir = MaildirFolder(to)
    for one in read(deliveries(selection, None), ledger):
        ledger.took(one, maildir.add(one))


def _put(manifest: Manifest, base: Path) -> None:
    for suffix, pieces in ((".csv", manifest.as_csv()), (".json", manifest.as_json())):
        with _whole_or_nothing(base.with_name(base.name + suffix)) as draft, draft.open("wb") as file:
            file.writelines(pieces)


@contextmanager
def _whole_or_nothing(to: Path) -> Iterator[Path]:
    """A file beside `to` that takes its name once it is complete."""
    draft = to.with_name(f".{to.name}.part")
    try:
        yield draft
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _shown(total: int) -> Iterator[Callable[[Ledger], None]]:
    """The progress on the terminal; gives what a Ledger tells it to."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("messages", total=total)

        def tell(ledger: Ledger) -> None:
            if ledger.done % _EVERY == 0:
                bar.update(task, completed=ledger.done + ledger.failed)

        yield tell


def _record(selection: Selection, form: str, ledger: Ledger) -> None:
    from podatelna.accounts.audit import record

    record(
        None, "export", "command line", selection=selection.as_json(), format=form, count=ledger.done,
        failed=ledger.failed,
    )  # fmt: skip


def _tell(ledger: Ledger, to: Path) -> None:
    for delivery, why in ledger.failures[:_LONGEST_LIST]:
        print(f"delivery {delivery} could not be read: {why}", file=sys.stderr)
    if ledger.failed > _LONGEST_LIST:
        print(f"… and {ledger.failed - _LONGEST_LIST} more; the manifest names all.", file=sys.stderr)
    if not ledger.done and not ledger.failed:
        print("Nothing was found: the export is empty.")
    print(f"exported {ledger.done} messages, {ledger.bytes / 1e6:.1f} MB, to {to}; could not be read: {ledger.failed}")
