"""The process that reads files: started by process.py, confined, then one file after another through two pipes.

Each way: the length of a JSON head and of a body, both as four bytes, big-endian; the head; the body.
"""

from __future__ import annotations

import codecs
import encodings
import json
import struct
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pkgutil import iter_modules
from typing import BinaryIO

from .documents import warm_up
from .findings import MEMORY, Found
from .kinds import MAIL
from .limits import Limits, confine, memory, start_clock
from .reading import read_file

LENGTHS = struct.Struct(">II")

# It takes what some letters only need: the tables for domains with diacritics, the reader of HTML.
_FIRST = "From: Petr <petr@žluťoučký.example>\r\nContent-Type: text/html\r\n\r\n<p>Dobrý den".encode()

Read = Callable[[str, bytes], Found]


def main(arguments: Sequence[str], read: Read = read_file) -> None:
    """Serve standard input until it ends, or until this process should be replaced. `arguments`: the limits as JSON."""
    limits = Limits(**json.loads(arguments[0]))
    _open_everything()
    taken = memory()
    confine(limits)
    serve(sys.stdin.buffer, sys.stdout.buffer, limits, read, taken)


def _open_everything() -> None:
    """Whatever reading would open later; later nothing can be opened any more."""
    for module in iter_modules(encodings.__path__):
        with suppress(LookupError):  # some modules there are no charset, some are another system's
            codecs.lookup(module.name)
    read_file(MAIL, _FIRST)
    warm_up()


def serve(asked: BinaryIO, answers: BinaryIO, limits: Limits, read: Read, taken: Callable[[], int]) -> None:
    """Answer what is asked; the last answer says that it is the last. `taken`: the bytes in memory."""
    _write(answers, {"ready": True}, b"")
    for count in range(1, limits.files + 1):
        lengths = asked.read(LENGTHS.size)
        if len(lengths) < LENGTHS.size:
            return
        head, body = LENGTHS.unpack(lengths)
        question = json.loads(asked.read(head))
        start_clock(limits)
        found = _read(read, question["kind"], asked.read(body))
        last = count == limits.files or taken() > limits.grown
        answer = {"reason": found.reason, "detail": found.detail, "last": last}
        _write(answers, answer, found.text.encode("utf-8", "replace"))
        if last:
            return


def _read(read: Read, kind: str, data: bytes) -> Found:
    try:
        return read(kind, data)
    except MemoryError:
        return Found("", MEMORY)


def _write(answers: BinaryIO, head: dict[str, object], body: bytes) -> None:
    written = json.dumps(head).encode("ascii")
    answers.write(LENGTHS.pack(len(written), len(body)) + written + body)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
