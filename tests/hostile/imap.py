"""A small IMAP server over mailboxes in memory, every answer of which can be bent; it forgets nothing it was given."""

from __future__ import annotations

import io
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from tests.servers import Scripted

from .bends import Bend, Command, HangUp, Piece

LOGIN, PASSWORD = "helpdesk", "hostile"
CAPABILITIES = "IMAP4rev1 LITERAL+ IDLE NAMESPACE UIDPLUS MOVE UNSELECT"
_DATE = '"04-May-2026 10:00:00 +0000"'


@dataclass
class Letter:
    """A message in a folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class Drawer:
    """A folder."""

    uidvalidity: int
    uidnext: int = 1
    letters: list[Letter] = field(default_factory=list)

    def put(self, raw: bytes, flags: Iterable[str] = ()) -> None:
        """Add a message at the end."""
        self.letters.append(Letter(self.uidnext, raw, set(flags)))
        self.uidnext += 1


@dataclass
class _Order:
    """A bend that waits for its commands."""

    bend: Bend
    after: int  # so many commands of that name are left alone first
    times: int | None
    carried_out: bool


class HostileImap:
    """The server. `bend` says what is done to which answers; `honest()` ends all of that."""

    def __init__(self) -> None:
        self.capabilities = CAPABILITIES
        self.folders: dict[str, Drawer] = {"INBOX": Drawer(7)}
        self.spoken: list[Command] = []
        self.removed: list[bytes] = []  # by EXPUNGE, MOVE not counted
        self.given: list[bytes] = []
        self.state = threading.RLock()
        self._orders: dict[str, list[_Order]] = {}
        self._server = Scripted(lambda file: _Session(self, file).talk())
        self.port = self._server.port

    def stop(self) -> None:
        """Listen no more."""
        self._server.stop()

    def put(self, *messages: bytes, folder: str = "INBOX") -> None:
        """Mail arrives."""
        with self.state:
            self.given += messages
            for raw in messages:
                self.folders[folder].put(raw)

    def renumber(self, folder: str, uidvalidity: int) -> None:
        """Another UIDVALIDITY, and UIDs from 1: the folder was restored or made anew."""
        with self.state:
            old = self.folders[folder]
            self.folders[folder] = Drawer(uidvalidity)
            for letter in old.letters:
                self.folders[folder].put(letter.raw, letter.flags)

    def bend(
        self, name: str, bend: Bend, *, after: int = 0, times: int | None = None, carried_out: bool = True
    ) -> None:
        """Bend the answers to commands of that `name`, "*" for all; "GREETING" is the greeting.

        `carried_out`: whether what was asked is done all the same. With several, the first that is due counts.
        """
        self._orders.setdefault(name, []).append(_Order(bend, after, times, carried_out))

    def honest(self) -> None:
        """From now on nothing is bent."""
        self._orders.clear()

    def raws(self, folder: str) -> list[bytes]:
        """What stands in a folder."""
        with self.state:
            return [letter.raw for letter in self.folders[folder].letters] if folder in self.folders else []

    def missing(self) -> Counter[bytes]:
        """What was given to the server and stands nowhere on it any more."""
        there = Counter(raw for name in self.folders for raw in self.raws(name))
        return Counter(self.given) - there

    def order_for(self, name: str) -> _Order | None:
        """The bend whose turn it is."""
        with self.state:
            for order in (*self._orders.get(name, ()), *self._orders.get("*", ())):
                if order.after > 0:
                    order.after -= 1
                elif order.times is None or order.times > 0:
                    order.times = None if order.times is None else order.times - 1
                    return order
        return None


@contextmanager
def hostile_imap() -> Iterator[HostileImap]:
    """A server for the length of a block."""
    server = HostileImap()
    try:
        yield server
    finally:
        server.stop()


class _Refused(Exception):
    """Answered with these words instead of OK."""


class _Over(Exception):
    """The connection ends."""


class _Session:
    def __init__(self, server: HostileImap, file: BinaryIO) -> None:
        self.server, self.out = server, file
        self.lines = io.BufferedReader(file)  # type: ignore[arg-type]  # a socket's raw file
        self.selected = ""
        self.seen = 0

    def talk(self) -> None:
        with suppress(_Over):
            self._send(Command("*", "GREETING", ""), b"* OK ready\r\n", self.server.order_for("GREETING"))
            while True:
                self._one(self._command())

    def _one(self, command: Command) -> None:
        self.server.spoken.append(command)
        order = self.server.order_for(command.name)
        if order is not None and not order.carried_out:
            self._send(command, f"{command.tag} OK done\r\n".encode(), order)
        elif command.name == "IDLE" and order is None:
            self._idle(command)
        else:
            self._send(command, self._answer(command), order)
        if command.name == "LOGOUT":
            raise _Over

    def _answer(self, command: Command) -> bytes:
        handler = getattr(self, "_" + command.name.lower().replace(" ", "_"), None)
        try:
            with self.server.state:
                lines = handler(command.rest) if handler else _refuse("BAD what is that")
                return b"".join(lines) + f"{command.tag} OK {command.name} completed\r\n".encode()
        except _Refused as refusal:
            return f"{command.tag} {refusal}\r\n".encode()

    def _send(self, command: Command, answer: bytes, order: _Order | None) -> None:
        pieces: Iterable[Piece] = order.bend(command, answer) if order else (answer,)
        for piece in pieces:
            if isinstance(piece, HangUp):
                raise _Over
            if isinstance(piece, bytes):
                self._write(piece)
            else:
                time.sleep(piece)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self.out.write(rest) or 0 :]

    # --- what the client says

    def _command(self) -> Command:
        line = self._line()
        tag, _, said = line.rstrip("\r\n").partition(" ")
        name, _, rest = said.partition(" ")
        if name.upper() == "UID":
            second, _, rest = rest.partition(" ")
            name = f"UID {second}"
        return Command(tag, name.upper(), rest)

    def _line(self) -> str:
        line = self.lines.readline()
        if not line.endswith(b"\n"):
            raise _Over
        text = line.decode("utf-8", "surrogateescape")
        if literal := re.search(r"\{(\d+)(\+?)\}\r?\n$", text):
            if not literal[2]:
                self._write(b"+ go on\r\n")
            body = self.lines.read(int(literal[1])).decode("utf-8", "surrogateescape")
            return text[: literal.start()] + '"' + body.replace("\\", "\\\\").replace('"', '\\"') + '"' + self._line()
        return text

    def _idle(self, command: Command) -> None:
        self._write(b"+ idling\r\n")
        done = threading.Event()
        threading.Thread(target=self._announce, args=(done,), daemon=True).start()
        try:
            self._line()
        finally:
            done.set()
        self._write(f"{command.tag} OK IDLE completed\r\n".encode())

    def _announce(self, done: threading.Event) -> None:
        with suppress(OSError, ValueError):
            while not done.wait(0.02):
                count = len(self._letters())
                if count > self.seen:
                    self.seen = count
                    self._write(f"* {count} EXISTS\r\n".encode())

    # --- what the server does

    def _capability(self, rest: str) -> list[bytes]:
        return [f"* CAPABILITY {self.server.capabilities}\r\n".encode()]

    def _login(self, rest: str) -> list[bytes]:
        return [] if _strings(rest) == [LOGIN, PASSWORD] else _refuse("NO [AUTHENTICATIONFAILED] no")

    def _logout(self, rest: str) -> list[bytes]:
        return [b"* BYE\r\n"]

    def _nothing(self, rest: str) -> list[bytes]:
        return []

    _subscribe = _enable = _id = _unselect = _check = _nothing

    def _noop(self, rest: str) -> list[bytes]:
        count = len(self._letters())
        if count == self.seen:
            return []
        self.seen = count
        return [f"* {count} EXISTS\r\n".encode()]

    def _namespace(self, rest: str) -> list[bytes]:
        return [b'* NAMESPACE (("" "/")) NIL NIL\r\n']

    def _list(self, rest: str) -> list[bytes]:
        pattern = re.escape(_strings(rest)[-1]).replace(r"\*", ".*").replace("%", "[^/]*")
        names = [name for name in self.server.folders if re.fullmatch(pattern, name)]
        return [f'* LIST () "/" "{name}"\r\n'.encode() for name in names]

    def _create(self, rest: str) -> list[bytes]:
        name = _strings(rest)[0]
        if name in self.server.folders:
            _refuse("NO [ALREADYEXISTS] it is there")
        self.server.folders[name] = Drawer(1000 + len(self.server.folders))
        return []

    def _status(self, rest: str) -> list[bytes]:
        name = _strings(rest)[0]
        folder = self._folder(name)
        values = {
            "MESSAGES": len(folder.letters),
            "UIDNEXT": folder.uidnext,
            "UIDVALIDITY": folder.uidvalidity,
            "UNSEEN": len(folder.letters),
            "RECENT": 0,
        }
        asked = re.findall(r"\w+", rest.rpartition("(")[2])
        shown = " ".join(f"{item} {values[item]}" for item in asked if item in values)
        return [f'* STATUS "{name}" ({shown})\r\n'.encode()]

    def _select(self, rest: str) -> list[bytes]:
        name = _strings(rest)[0]
        folder = self._folder(name)
        self.selected, self.seen = name, len(folder.letters)
        return [
            b"* FLAGS (\\Seen \\Deleted)\r\n* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] any\r\n",
            f"* {len(folder.letters)} EXISTS\r\n* 0 RECENT\r\n".encode(),
            f"* OK [UIDVALIDITY {folder.uidvalidity}] valid\r\n* OK [UIDNEXT {folder.uidnext}] next\r\n".encode(),
        ]

    _examine = _select

    def _uid_search(self, rest: str) -> list[bytes]:
        letters = self._letters()
        words = rest.replace("(", " ").replace(")", " ")
        if words.upper().startswith("CHARSET"):
            words = words.split(" ", 2)[2]
        found = [letter for number, letter in enumerate(letters, 1) if self._matches(words, number, letter)]
        return [b"* SEARCH" + b"".join(b" %d" % letter.uid for letter in found) + b"\r\n"]

    def _matches(self, criteria: str, number: int, letter: Letter) -> bool:
        words = _strings(criteria)
        while words:
            key = words.pop(0).upper()
            if key == "ALL":
                continue
            if key in {"UID", "LARGER", "SMALLER"}:
                value = words.pop(0)
                fits = {
                    "UID": lambda v: letter in self._named(v),
                    "LARGER": lambda v: len(letter.raw) > int(v),
                    "SMALLER": lambda v: len(letter.raw) < int(v),
                }[key](value)
            elif key == "HEADER":
                name, value = words.pop(0), words.pop(0)
                head = letter.raw.partition(b"\r\n\r\n")[0].lower()
                fits = any(
                    line.startswith(name.lower().encode() + b":") and value.lower().encode() in line
                    for line in head.split(b"\r\n")
                )
            elif re.fullmatch(r"[\d:*,]+", key):
                fits = _in_set(key, number, len(self._letters()))
            else:
                _refuse(f"BAD unknown search key {key}")
            if not fits:
                return False
        return True

    def _named(self, uids: str) -> list[Letter]:
        letters = self._letters()
        highest = letters[-1].uid if letters else 0
        return [letter for letter in letters if _in_set(uids, letter.uid, highest)]

    def _uid_fetch(self, rest: str) -> list[bytes]:
        uids, _, items = rest.partition(" ")
        letters = self._letters()
        asked = items.upper()
        return [self._fetched(letters.index(letter) + 1, letter, asked) for letter in self._named(uids)]

    def _fetched(self, number: int, letter: Letter, asked: str) -> bytes:
        shown = [f"UID {letter.uid}".encode()]
        if "FLAGS" in asked:
            shown.append(f"FLAGS ({' '.join(sorted(letter.flags))})".encode())
        if "INTERNALDATE" in asked:
            shown.append(f"INTERNALDATE {_DATE}".encode())
        if "RFC822.SIZE" in asked:
            shown.append(f"RFC822.SIZE {len(letter.raw)}".encode())
        if "BODY.PEEK[]" in asked:
            shown.append(b"BODY[] {%d}\r\n" % len(letter.raw) + letter.raw)
        return b"* %d FETCH (" % number + b" ".join(shown) + b")\r\n"

    def _uid_store(self, rest: str) -> list[bytes]:
        uids, item, flags = rest.split(" ", 2)
        for letter in self._named(uids):
            named = set(flags.strip("()").split())
            letter.flags = letter.flags | named if item.startswith("+") else letter.flags - named
        return []

    def _uid_copy(self, rest: str) -> list[bytes]:
        uids, _, name = rest.partition(" ")
        folder = self._folder(_strings(name)[0], "NO [TRYCREATE] no such folder")
        for letter in self._named(uids):
            folder.put(letter.raw, letter.flags)
        return []

    def _uid_move(self, rest: str) -> list[bytes]:
        named = self._named(rest.partition(" ")[0])
        self._uid_copy(rest)
        return self._take_out(named)

    def _uid_expunge(self, rest: str) -> list[bytes]:
        return self._expunged([letter for letter in self._named(rest) if "\\Deleted" in letter.flags])

    def _expunge(self, rest: str) -> list[bytes]:
        return self._expunged([letter for letter in self._letters() if "\\Deleted" in letter.flags])

    _close = _expunge

    def _expunged(self, gone: list[Letter]) -> list[bytes]:
        self.server.removed += [letter.raw for letter in gone]
        return self._take_out(gone)

    def _take_out(self, gone: list[Letter]) -> list[bytes]:
        letters, lines = self._letters(), []
        for letter in gone:
            lines.append(b"* %d EXPUNGE\r\n" % (letters.index(letter) + 1))
            letters.remove(letter)
        self.seen = len(letters)
        return lines

    def _append(self, rest: str) -> list[bytes]:
        words = _strings(rest)
        self._folder(words[0], "NO [TRYCREATE] no such folder").put(words[-1].encode("utf-8", "surrogateescape"))
        return []

    def _letters(self) -> list[Letter]:
        return self._folder(self.selected).letters

    def _folder(self, name: str, otherwise: str = "NO [NONEXISTENT] no such folder") -> Drawer:
        if name not in self.server.folders:
            _refuse(otherwise)
        return self.server.folders[name]


def _refuse(words: str) -> list[bytes]:
    raise _Refused(words)


def _strings(text: str) -> list[str]:
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', text, re.DOTALL)
    return [bare or re.sub(r"\\(.)", r"\1", quoted) for quoted, bare in found]


def _in_set(uids: str, number: int, highest: int) -> bool:
    for part in uids.split(","):
        ends = sorted(highest if end == "*" else int(end) for end in part.split(":"))
        if ends[0] <= number <= ends[-1]:
            return True
    return False
