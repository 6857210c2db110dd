"""The list beside an export: for each delivery its file and what can be compared with the archive (CSV, JSON)."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import IO

from podatelna.archive.models import Delivery

COLUMNS = (
    "file", "sha256", "size", "message_id", "date", "from", "subject", "labels", "delivery", "message", "origin",
    "archived_at", "error",
)  # fmt: skip
_IN_MEMORY = 1024 * 1024
_CHUNK = 256 * 1024
_END = b"\n]\n"
# A spreadsheet takes what begins so for a formula, and the subject is a stranger's.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Manifest:
    """Rows as they come; both files grow on the disk and not in memory."""

    def __init__(self) -> None:
        self._csv: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # closed by __exit__
        self._json: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # the same
        self._csv.write(b"\xef\xbb\xbf" + _line(COLUMNS))  # the mark tells Excel that it is UTF-8
        self._json.write(b"[")
        self._first = True

    def __enter__(self) -> Manifest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._csv.close()
        self._json.close()

    def add(self, delivery: Delivery, labels: Sequence[str], name: str, *, error: str = "") -> None:
        """One delivery; `name` is its file ("" when there is none, and `error` says why)."""
        row = row_of(delivery, labels, name, error)
        self._csv.write(_line([_cell(row[column]) for column in COLUMNS]))
        self._json.write(b"\n" if self._first else b",\n")
        self._json.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
        self._first = False

    @property
    def csv_size(self) -> int:
        """How long `as_csv` will be."""
        return self._csv.tell()

    @property
    def json_size(self) -> int:
        """How long `as_json` will be."""
        return self._json.tell() + len(_END)

    def as_csv(self) -> Iterator[bytes]:
        """The whole list as CSV (RFC 4180), in UTF-8."""
        return _pieces(self._csv, b"")

    def as_json(self) -> Iterator[bytes]:
        """The whole list as a JSON array of objects."""
        return _pieces(self._json, _END)


def row_of(delivery: Delivery, labels: Sequence[str], name: str, error: str) -> dict[str, object]:
    """What the list says of a delivery."""
    message = delivery.message
    sender = f"{message.from_name} <{message.from_address}>" if message.from_name else message.from_address
    return {
        "file": name,
        "sha256": bytes(delivery.sha256).hex(),
        "size": delivery.size,
        "message_id": message.message_id,
        "date": (message.sent_at or message.received_at).isoformat(),
        "from": sender,
        "subject": message.subject,
        "labels": list(labels),
        "delivery": delivery.pk,
        "message": message.pk,
        "origin": delivery.origin.name,
        "archived_at": delivery.seen_at.isoformat(),
        "error": error,
    }


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = "; ".join(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _line(cells: Sequence[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")


def _pieces(file: IO[bytes], end: bytes) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_CHUNK):
        yield piece
    file.seek(0, io.SEEK_END)
    if end:
        yield end
