"""`podatelna stats`: how much has come, and how much room it takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from podatelna.archive.figures import Figures, Held


def stats(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON with all numbers in bytes.")] = False,
) -> None:
    """Say how much mail has come and how much room it takes, by kind and by process.

    The ratio is what is stored for each byte that came, all copies counted; the search index is told apart. A content
    that two processes hold counts in both lines of the table, and once in the total. It may run while the desk is used.

    Example: podatelna stats --json
    """
    from .house import open_house, refuse_unprepared

    open_house()
    refuse_unprepared()
    from podatelna.archive.figures import figures

    found = figures()
    processes = _processes(found)
    if as_json:
        print(json.dumps(_as_json(found, processes), ensure_ascii=False, indent=2))
    else:
        _show(found, processes)


def _processes(found: Figures) -> list[tuple[str, Held]]:
    """Names of the processes that hold mail, with what they hold; the most first."""
    from podatelna.desk.models import Process

    names = dict(Process.objects.values_list("scope_id", "name"))
    held = [(names[one.scope_id], one) for one in found.by_scope if one.scope_id in names]
    return sorted(held, key=lambda pair: (-pair[1].raw, pair[0]))


def _kinds(found: Figures) -> dict[str, int]:
    stored = found.stored
    return {
        "header blocks of copies": stored.header_blocks,
        "skeletons": stored.skeletons,
        "contents in the database": stored.in_database,
        "contents in the blob store": stored.in_blob_store,
        "dictionaries": stored.dictionaries,
        "rows and indexes": stored.rows_and_indexes,
    }


def _as_json(found: Figures, processes: list[tuple[str, Held]]) -> dict[str, Any]:
    return {
        "deliveries": found.deliveries,
        "messages": found.messages,
        "contents": found.contents,
        "raw": found.raw,
        "stored": found.stored.total,
        "ratio": round(found.ratio, 4),
        "kinds": {name.replace(" ", "_"): size for name, size in _kinds(found).items()},
        "search_index": found.stored.search_index,
        "processes": [
            {"process": name, "deliveries": held.deliveries, "raw": held.raw, "stored": held.stored}
            for name, held in processes
        ],
    }


def _show(found: Figures, processes: list[tuple[str, Held]]) -> None:
    print(f"{found.deliveries:,} deliveries of {found.messages:,} messages, {found.contents:,} contents apart")
    print(f"{_size(found.raw)} came, {_size(found.stored.total)} are stored: {found.ratio:.1%}")
    for name, size in _kinds(found).items():
        print(f"  {name:28}{_size(size):>12}")
    print(f"  {'and the search index':28}{_size(found.stored.search_index):>12}")
    for name, held in processes:
        share = f"{held.stored / held.raw:.1%}" if held.raw else "–"
        print(f"{name}: {held.deliveries:,} deliveries, {_size(held.raw)} came, {_size(held.stored)} stored: {share}")


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.1f} {unit}" if unit != "B" else f"{count} B"
        size /= 1000
    return f"{size:.1f} TB"
