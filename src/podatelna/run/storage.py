"""`podatelna repack` and `podatelna rotate-key`: what is stored is stored again as it would be now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import Refused

if TYPE_CHECKING:
    from podatelna.archive.renewing import Renewed

_PASSES = 20


def repack() -> None:
    """Pack stored mail again with what has been learnt since: it becomes smaller, the mail stays the same to the byte.

    Worth it once after an update, and when the archive has grown much. It works in small steps while the desk is
    used; after an interruption it begins again and passes over what is done. Afterwards the database file has free
    room in it for new mail.

    Example: podatelna repack
    """
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()
    from podatelna.archive import dictionaries, renewing

    dictionaries.train_if_useful()
    done = _with_progress("repacking", renewing.repack)
    _tell_unreadable(done)
    smaller = f"{done.before:,} bytes became {done.after:,}"
    print(f"{done.looked_at:,} rows looked at, {done.written:,} packed again: {smaller}.")
    if done.unreadable:
        raise typer.Exit(1)


def rotate_key(
    add: Annotated[bool, typer.Option("--add", help="First add a fresh key to PODATELNA_CONTENT_KEY_FILE.")] = False,
) -> None:
    """Seal all stored mail with the newest content key, also what was not sealed until now.

    Works in small steps while the desk is used; after an interruption it begins again and passes over what is done. At
    the end it says which keys nothing is sealed with any more; keep those as long as backups that need them.

    Example: podatelna rotate-key --add
    """
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()
    from django.conf import settings

    from podatelna import vault
    from podatelna.archive import renewing, sealing

    if add:
        if settings.CONTENT_KEY_FILE is None:
            raise Refused("--add needs PODATELNA_CONTENT_KEY_FILE: docs/administration/storage.md says how to begin.")
        print(f"Key {vault.add_content_key(settings.CONTENT_KEY_FILE)} was added. Keep a copy of the file elsewhere.")
    if not sealing.current_key():
        raise Refused("there is no content key: docs/administration/storage.md says how to begin.")
    for _ in range(_PASSES):
        done = _with_progress("sealing", renewing.rotate)
        if done.unreadable:
            _tell_unreadable(done)
            raise typer.Exit(1)
        print(f"{done.looked_at:,} rows looked at, {done.written:,} sealed with key {sealing.current_key()}.")
        if not done.written:
            old = ", ".join(str(number) for number in sealing.older_keys()) or "there are none"
            print(f"Everything is sealed with key {sealing.current_key()}. Keys no longer used: {old}.")
            return
    raise Refused("other processes still seal with an older key: restart them and repeat this.")


def _tell_unreadable(done: Renewed) -> None:
    for words in done.unreadable:
        print(f"UNREADABLE  {words}")


def _with_progress(what: str, work: Callable[[Callable[[Renewed], None]], Renewed]) -> Renewed:
    from rich.console import Console
    from rich.progress import Progress

    from podatelna.archive import renewing

    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=renewing.to_do())
        return work(lambda so_far: shown.update(task, completed=so_far.looked_at))
