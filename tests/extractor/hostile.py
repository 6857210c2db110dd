"""A helper process that does what a broken or taken-over reader would do: the file says what.

Run as a program, it is confined and served like the real one; only the reading is another.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from podatelna.extractor.findings import Found
from podatelna.extractor.helper import main

COMMAND = (sys.executable, "-I", __file__)


def read(kind: str, data: bytes) -> Found:
    """Do what the first word of `data` says, with the rest of it."""
    deed, _, more = data.decode("utf-8", "replace").partition(" ")
    return Found(DEEDS.get(deed, crash)(more))


def say(text: str) -> str:
    """A reader as it should be."""
    return text


def crash(_: str) -> str:
    """Be killed in the middle."""
    os.kill(os.getpid(), signal.SIGKILL)
    return ""


def loop(_: str) -> str:
    """Never end, busily."""
    while True:
        pass


def sleep(_: str) -> str:
    """Never end, quietly."""
    time.sleep(3600)
    return ""


def eat(_: str) -> str:
    """Take all the memory there is."""
    held = []
    while True:
        held.append(bytearray(os.urandom(1 << 20) * 16))


def flood(_: str) -> str:
    """Answer without end."""
    return "x" * (32 << 20)


def open_file(path: str) -> str:
    """Read another file of this user's."""
    return _or_error(lambda: open(path).read())


def write_file(path: str) -> str:
    """Leave something behind."""
    return _or_error(lambda: str(open(path, "w").write("x")))


def connect(port: str) -> str:
    """Tell somebody."""
    return _or_error(lambda: str(socket.create_connection(("127.0.0.1", int(port)))))


def run_program(command: str) -> str:
    """Have another program do it."""
    return _or_error(lambda: str(subprocess.run(command, shell=True, close_fds=False).returncode))


def environment(_: str) -> str:
    """Look for passwords."""
    return "\n".join(sorted(os.environ))


def pid(_: str) -> str:
    """Say which process it is."""
    return str(os.getpid())


def _or_error(deed: Callable[[], str]) -> str:
    try:
        return deed()
    except OSError as error:
        return f"refused: {error.strerror}"


DEEDS: dict[str, Callable[[str], str]] = {
    deed.__name__: deed
    for deed in (
        say,
        crash,
        loop,
        sleep,
        eat,
        flood,
        open_file,
        write_file,
        connect,
        run_program,
        environment,
        pid,
    )
}

if __name__ == "__main__":
    main(sys.argv[1:], read)
