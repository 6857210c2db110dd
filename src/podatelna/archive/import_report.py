"""The report of an import as JSON: the counts, and every file or place that was passed over with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TextIO

from .sources import Skipped
from .transfer import Report


class ReportFile:
    """Written while the import runs, so that a million skipped files are not kept in memory.

    The file holds one object: `started`, `sources`, `skipped` (a list of `path` and `reason`), `complete`, and once the
    import has come to its end `new`, `already_here`, `quarantined`, `skipped_count`, `bytes`, `seconds`.
    """

    def __init__(self, file: TextIO, sources: Sequence[str], started: datetime) -> None:
        self._file = file
        self._first = True
        self._finished = False
        head = {"started": started.isoformat(), "sources": list(sources)}
        file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "skipped": [')

    def skip(self, skipped: Skipped) -> None:
        """Add one that was passed over."""
        row = {"path": _words(str(skipped.path)), "reason": _words(skipped.reason)}
        self._file.write(("\n" if self._first else ",\n") + json.dumps(row, ensure_ascii=False))
        self._first = False

    def finish(self, report: Report | None) -> None:
        """Close the object, once; without `report` the import was cut off."""
        if self._finished:
            return
        self._finished = True
        tail: dict[str, object] = {"complete": report is not None}
        if report is not None:
            tail |= {
                "new": report.new,
                "already_here": report.already_here,
                "quarantined": report.quarantined,
                "skipped_count": report.skipped_count,
                "bytes": report.bytes,
                "seconds": round(report.elapsed.total_seconds(), 3),
            }
        self._file.write("\n], " + json.dumps(tail)[1:] + "\n")


@contextmanager
def report_file(path: Path, sources: Sequence[str], started: datetime) -> Iterator[ReportFile]:
    """A report at `path`; whatever ends the import, the file ends as JSON. Raises OSError."""
    with path.open("w", encoding="utf-8") as file:
        report = ReportFile(file, sources, started)
        try:
            yield report
        finally:
            report.finish(None)


def _words(text: str) -> str:
    """Names of files may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "replace").decode()
