"""IMAPClient over a socket that we dialled ourselves, with limits on what a server may send and when."""

from __future__ import annotations

import imaplib
import io
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any, cast

from imapclient import IMAPClient, SocketTimeout

from .imap_answers import Answer, read_uids
from .network import Timeouts
from .sasl import Exchange, error_words
from .wake import Wake, readable

LARGEST_MESSAGE = 256 * 1024 * 1024
_LARGEST_ANSWER = 2 * LARGEST_MESSAGE
_PIECE = 256 * 1024
_LONGEST_LINE = 1_000_000  # as imaplib's own
_MOST_LINES = 250_000
_SLOWEST = 1024  # bytes a second
_SHORT = 40
_SHORT_LITERAL = 4096  # RFC 7888 5: LITERAL- allows so many bytes

# Is told each command line before it is sent, without its tag and without secrets; what it raises, keeps it from being
# sent. Literals are told by their size alone.
Said = Callable[[str], None]


class _Connection(imaplib.IMAP4):
    """imaplib over a given socket. A literal is read in pieces: imaplib would allot whatever size a server names.

    And an answer has an end, in bytes, in lines and in time: imaplib reads for as long as a server goes on.
    """

    def __init__(self, given: socket.socket, timeouts: Timeouts, said: Said | None = None) -> None:
        self._given = given
        self._patience = timeouts.answer
        self._said = said
        self._ahead: bytes | None = None  # the tag of a command whose answer nobody has read yet
        self._answer: tuple[str, Answer] | imaplib.IMAP4.error = ("OK", ())
        self.begin()
        super().__init__()

    def begin(self) -> None:
        """An answer is waited for from now on."""
        self._began = time.monotonic()
        self._announced = self._come = self._lines = 0

    def send(self, data: bytes) -> None:  # type: ignore[override]  # imaplib itself sends bytes alone
        if self._said is not None and (line := told(data, cast(bytes, self.tagpre))):
            self._said(line)
        super().send(data)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._given

    def _get_capabilities(self) -> None:
        # Some servers tell before signing in that they are busy with nothing but that: ask again afterwards.
        try:
            super()._get_capabilities()  # type: ignore[misc]  # private there
        except self.abort:
            raise
        except self.error:
            self.capabilities = ()
        if not {"IMAP4REV1", "IMAP4"} & set(self.capabilities):
            self.capabilities = (*self.capabilities, "IMAP4REV1")  # imaplib hangs up on IMAP4rev2 alone

    def with_literal(self, name: str, head: bytes, literal: bytes, tail: bytes, *, waits: bool) -> Any:
        """Send a command whose last argument is a literal announced in `head`; `waits` for the server's "+" first."""
        for typ in ("OK", "NO", "BAD"):
            self.untagged_responses.pop(typ, None)
        tag = self._new_tag()
        self.send(tag + b" " + head + b"\r\n")
        while waits and self._get_response() is not None:  # None is the "+"
            if self.tagged_commands[tag]:
                return self._command_complete(name, tag)
        self.send(literal)
        self.send(tail + b"\r\n")
        return self._command_complete(name, tag)

    def ask_ahead(self, *arguments: str) -> None:
        """Send `UID …` and leave its answer for later: the server works on it meanwhile (RFC 3501 5.5)."""
        self._ahead = self._command("UID", *arguments)

    def answer_ahead(self) -> tuple[str, Answer]:
        """The answer to the `UID FETCH` that was asked ahead, as imaplib's `uid` gives it, and with what it raises."""
        self._settle()
        answer, self._answer = self._answer, ("OK", ())
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _settle(self) -> None:
        """Read what was asked ahead: another command's answers must not be taken for it. Raises abort and OSError."""
        tag, self._ahead = self._ahead, None
        if tag is None:
            return
        self.begin()
        try:
            typ, data = self._command_complete("UID", tag)
            self._answer = self._untagged_response(typ, data, "FETCH")
        except self.abort:
            raise
        except self.error as refusal:
            self._answer = refusal

    def _new_tag(self) -> bytes:
        self._settle()
        self.begin()
        return bytes(super()._new_tag())  # type: ignore[misc]  # private there, and the one place per command

    def readline(self) -> bytes:
        line = self._line()
        self._lines += 1
        self._count(len(line))
        if len(line) < _SHORT and line.endswith((b" OK\r\n", b" NO\r\n", b" BAD\r\n")):
            return line[:-2] + b" \r\n"  # RFC 9051 wants some text there, and imaplib at least the space before it
        return line

    def read(self, size: int) -> bytes:
        self._count(size)
        pieces = []
        while size:
            piece = self._buffer.read1(min(size, _PIECE))
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
            self._keep_pace(len(piece))
        return b"".join(pieces)

    @property
    def _buffer(self) -> io.BufferedReader:
        return cast(io.BufferedReader, self.file)

    def _line(self) -> bytes:
        """Up to and with its end; what there is where the connection ends."""
        pieces: list[bytes] = []
        size = 0
        while size < _LONGEST_LINE:
            waiting = self._buffer.peek(1)
            end = waiting.find(b"\n") + 1
            pieces.append(self._buffer.read(end or len(waiting)))
            if end or not waiting:
                return b"".join(pieces)
            size += len(waiting)
            self._keep_pace(len(waiting))
        raise self.abort("unexpected response: a line without end")

    def _keep_pace(self, size: int) -> None:
        self._come += size
        if time.monotonic() - self._began > self._patience + self._come / _SLOWEST:
            raise TimeoutError("the answer does not come to its end")

    def _count(self, size: int) -> None:
        self._announced += size
        if self._announced > _LARGEST_ANSWER or self._lines > _MOST_LINES:
            raise self.abort("unexpected response: larger than any that we asked for")


class Client(IMAPClient):  # type: ignore[misc]  # IMAPClient ships no types
    """IMAPClient on a connected socket (already under TLS, or to be put under it with STARTTLS)."""

    def __init__(
        self, connected: socket.socket, host: str, timeouts: Timeouts, *, encrypted: bool, said: Said | None = None
    ) -> None:
        self._given = connected
        self._timeouts = timeouts
        self._said = said
        super().__init__(host, 0, ssl=encrypted, timeout=SocketTimeout(timeouts.connect, timeouts.read))
        # IMAPClient turns imaplib's tracing on, which formats every message as text: three times slower.
        self._imap.debug = 0
        # Folder names are encoded and decoded by folders.py: one odd name must not break the whole list.
        self.folder_encode = False

    def _create_IMAP4(self) -> imaplib.IMAP4:
        return _Connection(self._given, self._timeouts, self._said)

    def sign_in(self, login: str, password: str) -> None:
        """LOGIN with both strings quoted. Raises imaplib.IMAP4.error."""
        typ, data = self._imap._simple_command("LOGIN", quoted(login), quoted(password))
        self._checkok("login", typ, data)
        self._imap.state = "AUTH"

    def authenticate(self, exchange: Exchange) -> None:
        """AUTHENTICATE (RFC 3501 6.2.2). Raises imaplib.IMAP4.error, with what a refusing server's challenge says."""
        challenges: list[bytes] = []

        def answer(challenge: bytes) -> bytes:
            challenges.append(challenge)
            return exchange.first if len(challenges) == 1 else exchange.then

        try:
            self._imap.authenticate(exchange.mechanism, answer)
        except self._imap.abort:
            raise
        except self._imap.error as refusal:
            words = [error_words(challenge) for challenge in challenges[1:]]
            raise self._imap.error(" ".join(filter(None, (str(refusal), *words)))) from None

    def enable_utf8(self) -> bool:
        """ENABLE UTF8=ACCEPT (RFC 6855 3); from then on folder names are UTF-8. Whether the server did."""
        if b"UTF8=ACCEPT" not in [name.upper() for name in self.enable("UTF8=ACCEPT")]:
            return False
        self._imap._encoding = "utf-8"
        return True

    def append_exactly(self, folder: str, raw: bytes, flags: str, *, at_once: bool, utf8: bool) -> None:
        """APPEND (RFC 3501 6.3.11), byte for byte: imaplib's own would mend line ends.

        `folder` as it is on the wire. `at_once`: the server takes literals that do not wait (LITERAL+, LITERAL-).
        `utf8`: the header has UTF-8 in it, which the server must know (RFC 6855).
        """
        # RFC 7888: what is short goes without waiting. What is long waits, so that a refusal costs no upload.
        size = f"{{{len(raw)}{'+' if at_once and len(raw) <= _SHORT_LITERAL else ''}}}"
        data = f"UTF8 (~{size}" if utf8 else size  # RFC 6855 4
        head = f"APPEND {quoted(folder)} ({flags}) {data}".encode(self._imap._encoding)
        typ, said = self._imap.with_literal("APPEND", head, raw, b")" if utf8 else b"", waits="+" not in size)
        self._checkok("append", typ, said)

    def refresh_capabilities(self) -> frozenset[str]:
        """Capabilities as they are now; they change with STARTTLS and with signing in (RFC 3501 7.2.1)."""
        self._cached_capabilities = None
        try:
            return frozenset(capability.decode("ascii", "replace").upper() for capability in self.capabilities())
        except self._imap.error as refusal:
            if self._imap.state != "NONAUTH" or isinstance(refusal, self._imap.abort):
                raise
            return frozenset()  # it tells only whom it knows

    def uid_command(self, command: str, *arguments: str) -> Answer:
        """Send `UID command …`; the untagged answers of that name. Raises imaplib.IMAP4.error."""
        typ, data = self._imap.uid(command, *arguments)
        self._checkok(command, typ, data)
        return list(data)

    def fetch_ahead(self, *arguments: str) -> None:
        """Send `UID FETCH …` without waiting; `fetched_ahead` gives what `uid_command` would have given."""
        self._imap.ask_ahead("FETCH", *arguments)

    def fetched_ahead(self) -> Answer:
        """The answers to what was asked by `fetch_ahead`. Raises imaplib.IMAP4.error."""
        typ, data = self._imap.answer_ahead()
        self._checkok("FETCH", typ, data)
        return list(data)

    def listed(self, numbers: str, *, by_uid: bool) -> set[int]:
        """UIDs of a sequence set, asked for by FETCH. Raises imaplib.IMAP4.error."""
        answer = self._imap.uid("FETCH", numbers, "(UID)") if by_uid else self._imap.fetch(numbers, "(UID)")
        self._checkok("fetch", *answer)
        return read_uids(answer[1])

    def my_rights(self, folder: str) -> str:
        """Our rights on a folder (RFC 4314 3.5), like "lrswite"."""
        typ, data = self._imap.myrights(quoted(folder))
        self._checkok("myrights", typ, data)
        return str(data[-1].decode("ascii", "replace").rsplit(" ", 1)[-1]) if data and data[-1] else ""

    def announcements(self) -> int:
        """How often the number of messages was announced since SELECT (which is the first time)."""
        return len(self._imap.untagged_responses.get("EXISTS", []))

    def has_changed(self) -> bool:
        """Whether the server has told since SELECT that something came, went, or has other numbers now."""
        told = self._imap.untagged_responses
        return (
            self.announcements() > 1
            or len(told.get("UIDVALIDITY", ())) > 1
            or bool({"EXPUNGE", "VANISHED"} & told.keys())
        )

    def farewell(self) -> str | None:
        """The words of the BYE that the server sent, if it did."""
        byes = self._imap.untagged_responses.get("BYE")
        return byes[-1].decode("utf-8", "replace") if byes else None

    def idle_until(self, seconds: float, wake: Wake) -> bool:
        """IDLE until the server says something (True), `wake` is set or the time is over. RFC 2177."""
        tag = self._imap._command("IDLE")
        spoke = False
        while self._imap._get_response() is not None:  # None is the "+": from here on the server idles
            if self._imap.tagged_commands.get(tag):
                self._finish(tag)
            spoke = True
        spoke = spoke or self._await_words(seconds, wake)
        self._imap.begin()
        self._imap.send(b"DONE\r\n")
        self._finish(tag)
        return spoke

    def _finish(self, tag: bytes) -> None:
        typ, data = self._imap._command_complete("IDLE", tag)
        self._checkok("idle", typ, data)

    def _await_words(self, seconds: float, wake: Wake) -> bool:
        ends = time.monotonic() + seconds
        while not self._has_words():
            left = ends - time.monotonic()
            if left <= 0 or wake.is_set():
                return False
            readable(self.socket(), wake, left)
        return True

    def _has_words(self) -> bool:
        """Whether something, be it the end of the connection, can be read without waiting."""
        connected = self.socket()
        connected.setblocking(False)
        try:
            if self._imap.file.peek(1):
                return True
        except (BlockingIOError, ssl.SSLWantReadError):
            return False  # TLS has bytes of its own (session tickets) with none of the server's words in them
        finally:
            self._set_read_timeout()
        return bool(readable(connected, connected, 0))


_LOGIN = re.compile(r'LOGIN ((?:"(?:[^"\\\\]|\\\\.)*"|[^ ]*)) .*', re.IGNORECASE | re.DOTALL)
_AUTHENTICATE = re.compile(r"(AUTHENTICATE [^ ]+) .*", re.IGNORECASE | re.DOTALL)


def told(data: bytes, tag_prefix: bytes) -> str:
    """What is told of bytes on their way to the server: a command without tag and secret, or a literal's size.

    "" for what is no line of its own. Everything untagged but DONE (RFC 2177) answers a "+": a message, or a secret.
    """
    tagged = re.match(re.escape(tag_prefix) + rb"\d+ ", data)
    if not tagged:
        if data == b"DONE\r\n":
            return "DONE"
        return "" if data == b"\r\n" else f"({len(data)} bytes)"
    line = data[tagged.end() :].rstrip(b"\r\n").decode("utf-8", "replace")
    if login := _LOGIN.fullmatch(line):
        return f"LOGIN {login[1]} (secret)"
    if authenticate := _AUTHENTICATE.fullmatch(line):
        return f"{authenticate[1]} (secret)"
    return line


def quoted(text: str) -> str:
    """An IMAP quoted string (RFC 3501 9)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def uid_set(uids: Iterable[int]) -> str:
    """UIDs as an IMAP sequence set, runs joined: {1, 2, 3, 7} is "1:3,7"."""
    runs: list[list[int]] = []
    for uid in sorted(set(uids)):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)
