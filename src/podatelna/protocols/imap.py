"""A mailbox on an IMAP server (RFC 3501): only what handing mail over needs, byte-exact.

Nothing here deletes: the one command that removes is `UID EXPUNGE` of UIDs that were copied just before.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from imapclient.datetime_util import format_criteria_date

from .certificates import Identity, Notices, context_of
from .errors import CannotMove, ProtocolBroken, ServerSaidNo, TokenRefused
from .imap_answers import Fetched, read_bodies, read_dates, read_flags, read_headers, read_sizes
from .imap_client import Client, Said, quoted, uid_set
from .imap_session import Session, translated
from .network import Timeouts, check_security, dial, encrypt
from .sasl import bearer, external
from .wake import Wake

_TIMEOUTS = Timeouts()
KEYWORD = "$Podatelna"
_WHOLE = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[])"
_HIGHEST = 2**32 - 1  # RFC 3501 9, nz-number: no UID is higher
_NEWEST = 500
_SLICE = 50_000  # imaplib takes no line above 1 MB: longer lists of UIDs are asked for in slices


@dataclass(frozen=True)
class ImapServer:
    """Where a mailbox is and how to get in. `security` is "tls", "starttls" or (loopback only) "none"."""

    host: str
    port: int
    security: str
    login: str
    password: str = field(repr=False)
    token: str = field(default="", repr=False)  # of a provider, instead of the password
    external: bool = False  # the client certificate is all that is shown
    authorities: str = field(default="", repr=False)  # PEM: trusted besides those of this machine
    identity: Identity | None = None
    notices: Notices = field(default_factory=Notices)


def connect(
    server: ImapServer,
    *,
    context: ssl.SSLContext | None = None,
    timeouts: Timeouts = _TIMEOUTS,
    said: Said | None = None,
) -> Mailbox:
    """Dial, encrypt, sign in; `said` is told each command before it goes. Raises a ServerError (errors.py)."""
    mailbox = open_session(server, context=context, timeouts=timeouts, said=said)
    try:
        sign_in(mailbox, server)
    except BaseException:
        mailbox.close()
        raise
    return mailbox


def open_session(
    server: ImapServer,
    *,
    context: ssl.SSLContext | None = None,
    timeouts: Timeouts = _TIMEOUTS,
    said: Said | None = None,
) -> Mailbox:
    """Dial and encrypt, without signing in. Raises a ServerError."""
    check_security(server.host, server.security)
    if context is None and server.security != "none":  # reading what this machine trusts takes 20 ms
        context = context_of(server.authorities, server.identity)
    connected = dial(server.host, server.port, timeouts)
    if server.security == "tls":
        connected = encrypt(connected, server.host, context)
    try:
        with translated(None):
            client = Client(connected, server.host, timeouts, encrypted=server.security == "tls", said=said)
        mailbox = Mailbox(client)
        if server.security == "starttls":
            mailbox.starttls(context)
        server.notices.tell_certificate(client.socket())
    except BaseException:
        connected.close()
        raise
    return mailbox


def sign_in(mailbox: Mailbox, server: ImapServer) -> None:
    """Sign in as `server` says: with its token, its client certificate, or its password. Raises a ServerError."""
    if server.token:
        try:
            mailbox.authenticate(bearer(mailbox.mechanisms, server.login, server.token, server.host, server.port))
        except TokenRefused:
            server.notices.tell_token_refused()
            raise
    elif server.external:
        mailbox.authenticate(external(mailbox.mechanisms, server.login))
    else:
        mailbox.login(server.login, server.password)


class Mailbox(Session):
    """A session with the messages of the selected folder. Every method may raise a ServerError."""

    def uids(self, exists: int) -> list[int]:
        """UIDs of all messages; `exists` as SELECT told. Flags play no part: another client may have read them."""
        found: set[int] = set()
        for first in range(1, exists + 1, _SLICE):
            last = "*" if first + _SLICE > exists else str(first + _SLICE - 1)
            more = self._listed(f"{first}:{last}")
            found.update(more)
            if not more:
                break  # fewer than were announced; what comes later is announced again
        return sorted(found)

    def uids_from(self, uid: int) -> list[int]:
        """UIDs from `uid` on, ascending."""
        # RFC 3501 6.4.8: "n:*" always names the last message too, were its UID smaller than n.
        return sorted({found for found in self._listed(f"{uid}:*", by_uid=True) if found >= uid})

    def since(self, uids: Collection[int], day: date) -> set[int]:
        """Those of `uids` that the mailbox got on `day` or later (INTERNALDATE, in the server's own time zone)."""
        if not uids:
            return set()
        written = format_criteria_date(day).decode("ascii")
        return set(self._search(f"UID {uid_set(uids)} SINCE {written}")) & set(uids)

    def present(self, uids: Collection[int]) -> set[int]:
        """Those of `uids` that are still in the folder."""
        # RFC 3501 6.4.8: "n:*" would always name the last message too, so the answer is compared with what was asked.
        return set(self._listed(uid_set(uids), by_uid=True)) & set(uids) if uids else set()

    def with_size(self, size: int) -> list[int]:
        """UIDs of the messages of exactly so many bytes."""
        try:
            return self._search(f"LARGER {size - 1} SMALLER {size + 1}" if size else "SMALLER 1")
        except ServerSaidNo:
            sizes = self.sizes(self._listed("1:*", by_uid=True))
            return [uid for uid, found in sorted(sizes.items()) if found == size]

    def with_message_id(self, message_id: str) -> list[int]:
        """UIDs of the messages that carry this Message-ID (without angle brackets)."""
        if message_id.isascii():
            with suppress(ServerSaidNo):
                return self._search(f"HEADER Message-ID {quoted(message_id)}")
        # Some cannot search in headers, or choke on a character in it: the newest are read instead.
        newest = self._listed("1:*", by_uid=True)[-_NEWEST:]
        wanted = f"<{message_id}>".encode()
        return [uid for uid, lines in sorted(self.names(newest).items()) if wanted in lines]

    def _listed(self, numbers: str, *, by_uid: bool = False) -> list[int]:
        """UIDs of a sequence set; by FETCH where a server refuses to search for one, as Exchange is known to."""
        try:
            return self._search(f"UID {numbers}" if by_uid else numbers)
        except ServerSaidNo:
            with translated(self._client):
                return sorted(self._client.listed(numbers, by_uid=by_uid))

    def _search(self, criteria: str) -> list[int]:
        with translated(self._client):
            # A server may spread what it found over several answers, and add a MODSEQ (RFC 7162).
            answers = [bytes(part) for part in self._client.uid_command("SEARCH", criteria) if part]  # type: ignore[arg-type]  # no literals here
            found = [int(number) for part in answers for number in part.partition(b"(")[0].split()]
        if found and not (min(found) > 0 and max(found) <= _HIGHEST):
            raise ProtocolBroken("a UID that is none")
        return found

    def sizes(self, uids: Collection[int]) -> dict[int, int]:
        """RFC822.SIZE by UID; servers are known to be wrong about it, so it serves for planning only."""
        if not uids:
            return {}
        with translated(self._client):
            return read_sizes(self._client.uid_command("FETCH", uid_set(uids), "(UID RFC822.SIZE)"))

    def dates(self, uids: Collection[int]) -> dict[int, datetime]:
        """INTERNALDATE by UID; those for which the server gives none that can be read are missing."""
        if not uids:
            return {}
        with translated(self._client):
            return read_dates(self._client.uid_command("FETCH", uid_set(uids), "(UID INTERNALDATE)"))

    def ask(self, uids: Collection[int]) -> None:
        """Have the server get these messages ready while work goes on here; `fetch` of the same UIDs gives them."""
        with translated(self._client):
            self._client.fetch_ahead(uid_set(uids), _WHOLE)
        self._asked = list(uids)

    def fetch(self, uids: Collection[int]) -> dict[int, Fetched]:
        """The messages by UID, \\Seen left alone (PEEK); those that the server leaves out are missing here."""
        if not uids:
            return {}
        asked, self._asked = self._asked, []
        with translated(self._client):
            if asked == list(uids):
                answer = self._client.fetched_ahead()
            else:
                answer = self._client.uid_command("FETCH", uid_set(uids), _WHOLE)
            found = read_bodies(answer)
        return {uid: found[uid] for uid in uids if uid in found}

    def names(self, uids: Collection[int]) -> dict[int, bytes]:
        """Of messages by UID the header lines that say what they are called and what they answer, and nothing else."""
        if not uids:
            return {}
        fields = "(UID BODY.PEEK[HEADER.FIELDS (Message-ID In-Reply-To References)])"
        with translated(self._client):
            found = read_headers(self._client.uid_command("FETCH", uid_set(uids), fields))
        return {uid: found[uid] for uid in uids if uid in found}

    def flags(self, uids: Collection[int]) -> dict[int, tuple[str, ...]]:
        """Flags and keywords by UID, as the server writes them; \\Recent left out, which is the session's own."""
        if not uids:
            return {}
        with translated(self._client):
            return read_flags(self._client.uid_command("FETCH", uid_set(uids), "(UID FLAGS)"))

    def move(self, uids: Collection[int], to: str) -> None:
        """UID MOVE (RFC 6851), flags kept. Raises CannotMove."""
        with _moving(), translated(self._client):
            self._client.uid_command("MOVE", uid_set(uids), quoted(self._wire(to)))

    def copy(self, uids: Collection[int], to: str) -> None:
        """UID COPY, flags kept. Raises CannotMove."""
        with _moving(), translated(self._client):
            self._client.uid_command("COPY", uid_set(uids), quoted(self._wire(to)))

    def expunge(self, uids: Collection[int]) -> None:
        """Remove exactly these (UID EXPUNGE, RFC 4315): never what somebody else has marked as deleted."""
        if not self.can_expunge_uids:
            raise CannotMove("no UIDPLUS")
        with _moving(), translated(self._client):
            self._client.uid_command("STORE", uid_set(uids), "+FLAGS.SILENT", "(\\Deleted)")
            self._client.uid_command("EXPUNGE", uid_set(uids))

    def mark(self, uids: Collection[int]) -> None:
        """Put our keyword on messages that can only stay where they are. Raises CannotMove."""
        with _moving(), translated(self._client):
            self._client.uid_command("STORE", uid_set(uids), "+FLAGS.SILENT", f"({KEYWORD})")

    def append(self, folder: str, raw: bytes) -> None:
        """Put a message (CRLF lines) into a folder, byte for byte, as read."""
        at_once = bool({"LITERAL+", "LITERAL-", "IMAP4REV2"} & self.capabilities)
        utf8 = self.utf8 and not raw.partition(b"\r\n\r\n")[0].isascii()
        with translated(self._client):
            self._client.append_exactly(self._wire(folder), raw, "\\Seen", at_once=at_once, utf8=utf8)

    # --- waiting

    def stirred(self) -> bool:
        """Whether new messages were announced since SELECT; asked for by NOOP, as not every IDLE begins with it."""
        with translated(self._client):
            self._client.noop()
            return self._reopened or self._client.announcements() > 1

    def is_still(self, name: str) -> bool:
        """Whether the folder is open for writing and, asked by NOOP, the server tells of no change since it was opened.

        A hundredth of what SELECT costs a server. False says nothing: open it and look.
        """
        if self._open != name or self._reopened:
            return False
        with translated(self._client):
            self._client.noop()
            return not self._client.has_changed()

    def idle(self, seconds: float, wake: Wake) -> bool:
        """Wait until the server says something, `wake` is set or the time is over; True when the server spoke.

        RFC 2177. The caller renews it in time (29 minutes); what came is for a new look at the folder to find out.
        """
        with translated(self._client):
            return self._client.idle_until(seconds, wake)


@contextmanager
def _moving() -> Iterator[None]:
    try:
        yield
    except ServerSaidNo as refusal:
        raise CannotMove(refusal.detail) from refusal
