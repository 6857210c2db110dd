"""The console script `podatelna`: one word, one command; each lives in a module of its own."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import typer

from . import (
    bringing,
    doctor,
    erasing,
    exporting,
    indexing,
    judging,
    parsing,
    prepared,
    proving,
    receiving,
    retaining,
    roots,
    searching,
    serve,
    shunted,
    stats,
    storage,
    texts,
    verifying,
    web,
    worker,
)
from .demo import command as demo
from .errors import Refused

app = typer.Typer(
    name="podatelna",
    help="A shared mail desk and archive: a company's mail received, handled, answered, filed and found.\n\n"
    "Settings come from the environment (PODATELNA_DATA, DATABASE_URL, …): docs/administration/settings.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("run")(serve.run)
app.command("web")(web.web)
app.command("worker")(worker.worker)
app.command("receive")(receiving.receive)
app.command("migrate")(prepared.migrate)
app.command("import")(bringing.bring_in)
app.command("export")(exporting.export)
app.command("search")(searching.search)
app.add_typer(indexing.app, name="index")
app.command("parse")(parsing.parse_files)
app.command("shunted")(shunted.shunted)
app.command("replay")(shunted.replay)
app.command("judge")(judging.judge)
app.command("texts")(texts.texts)
app.command("verify")(verifying.verify)
app.command("stats")(stats.stats)
app.command("repack")(storage.repack)
app.command("rotate-key")(storage.rotate_key)
app.add_typer(roots.app, name="log")
app.command("proof")(proving.proof)
app.add_typer(retaining.app, name="retention")
app.command("erase")(erasing.erase)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)
app.command("version")(prepared.version)


def main(command: Callable[..., object] = app) -> None:
    """Run the command that the console asked for; whatever goes wrong is one line there, never a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podatelna.settings")
    os.umask(0o077)  # what we write is mail and keys: nobody else on the machine reads it
    try:
        command(prog_name="podatelna")
    except Refused as error:
        sys.exit(f"podatelna: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sys.exit(f"podatelna: {_known(error) or _unknown(error)}")


def _known(error: Exception) -> str:
    """One line for errors whose cause the person at the console can mend, else ""."""
    from django.db.utils import DatabaseError, InterfaceError, OperationalError

    if isinstance(error, OperationalError | InterfaceError):
        return f"the database cannot be used: {_first_line(error)}. `podatelna doctor` says more."
    if isinstance(error, DatabaseError):
        return f"the database refused: {_first_line(error)}. Is it prepared? `podatelna migrate` prepares it."
    return ""


def _unknown(error: Exception) -> str:
    """One line for the rest; the whole story goes to a file, or to the log where no file can be written."""
    story = traceback.format_exc()
    try:
        place = _write_aside(story)
    except OSError:
        logging.getLogger(__name__).error("%s", story)
        return f"something unexpected happened: {_first_line(error)}."
    return f"something unexpected happened: {_first_line(error)}. The details are in {place}."


def _write_aside(story: str) -> Path:
    folder = Path(os.environ.get("PODATELNA_DATA") or "data").expanduser().resolve()
    place = folder / "errors.log"
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(f"{' '.join(sys.argv)}\n{story}\n")
    return place


def _first_line(error: Exception) -> str:
    words = str(error).strip().splitlines()
    return (words[0] if words else type(error).__name__).rstrip(".")


if __name__ == "__main__":
    main()
