"""The header of a message as signs of who or what sent it, and text folded so that words of any language compare."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from .bare import bare, replacing
from .word_tables import alternatives

if TYPE_CHECKING:
    from .parse import Parsed

MAX_SIGN = 2_000
_SHORT = 400
_spelled = replacing({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "’": "'"})
_REPORT_TYPE = re.compile(r"report-type\s*=\s*\"?([a-z0-9-]{1,60})")
# Programs that pass mail on, and speak for themselves when they cannot.
_DAEMON = re.compile(
    r"(?:mailer[-_.]?daemon|mail[-_.]?daemon|mdaemon|daemon|post[-_.]?master|double-bounce|bounces?"
    r"|mail[-_.]?(?:delivery|deliver|system|server|service|gateway|admin|administrator|robot)[a-z._-]*"
    r"|microsoftexchange[0-9a-f]{20,40}|e500_smtp_mail_service|maildelivery|mail-?delivery-?subsystem)(?:[+-].*)?"
)
_PROGRAM = re.compile(
    r"(?:sys(?:tem)?|sysadmin|administrator|admin|system-?administrator|nobody|root|smtp[a-z0-9-]*|mta[a-z0-9-]*|mailer|mail"
    r"|no[-_.]?reply.*|do[-_.]?not[-_.]?reply.*|exchange|delivery|amavis|webmaster|hostmaster|info|support|service|bounce.*)"
)
_DAEMON_NAME = re.compile(
    alternatives(
        r"""
        mail(?:er)?[ -]?daemon|mail (?:delivery|administrator|system|service)
        delivery (?:subsystem|system|service|agent)|system administrator|internet mail delivery|postmaster
        mail server at|spravce systemu|systemadministrator|systembetreuer|microsoft outlook|microsoft exchange
        smtp (?:server|gateway)|microsoft on behalf of
        """
    )
)


class Signs:
    """The header fields of a message by name, in lower case; their values as one line each."""

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        self._words: dict[str, str] = {}  # asked for again and again
        self._report_type: str | None = None
        for name, value in headers:
            self._values.setdefault(name.lower(), []).append(value[:MAX_SIGN])

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> Iterable[str]:
        """The names that occur, in lower case."""
        return self._values

    def first(self, name: str) -> str:
        """The value of the first field called `name`, "" when there is none."""
        values = self._values.get(name)
        return values[0].strip() if values else ""

    def every(self, name: str) -> list[str]:
        """The values of all fields called `name`, in order."""
        return self._values.get(name, [])

    def word(self, name: str) -> str:
        """The first field's leading word in lower case, without parameters and comments."""
        if name not in self._values:
            return ""
        word = self._words.get(name)
        if word is None:
            word = self._words[name] = self.first(name).split(";")[0].split("(")[0].strip().strip('"').lower()
        return word

    def media_type(self) -> str:
        """The Content-Type of the whole message in lower case, "" when it declares none."""
        return self.word("content-type")

    def report_type(self) -> str:
        """The report-type of a multipart/report (RFC 6522 3), lower case, "" when it has none."""
        if self._report_type is None:
            found = _REPORT_TYPE.search(self.first("content-type").lower())
            self._report_type = found.group(1) if found else ""
        return self._report_type

    def null_sender(self) -> bool:
        """Whether the envelope had the empty sender, which programs use that want no answer (RFC 5321 4.5.5)."""
        paths = [value.strip().lower() for value in self.every("return-path") + self.every("x-envelope-from")]
        # Programs that fetch mail write MAILER-DAEMON for it, some with their own host.
        return bool(paths) and (paths[0] in ("<>", "<<>>", "< >") or paths[0].strip("<> ").startswith("mailer-daemon"))


def is_daemon(parsed: Parsed) -> bool:
    """Whether the sender is called as mail systems are: MAILER-DAEMON, postmaster, Mail Delivery Subsystem …"""
    if parsed.sender is None:
        # "From: MAILER-DAEMON" and "From: Mail Delivery Subsystem <>" are no addresses.
        return _DAEMON_NAME.search(fold(Signs(parsed.headers).first("from"))) is not None
    local = parsed.sender.address.rpartition("@")[0].lower()
    return _DAEMON.fullmatch(local) is not None or _DAEMON_NAME.search(fold(parsed.sender.name)) is not None


def is_program(parsed: Parsed) -> bool:
    """Whether nobody in particular is the sender: noreply, admin, system … or none at all."""
    if parsed.sender is None:
        return True
    return _PROGRAM.fullmatch(parsed.sender.address.rpartition("@")[0].lower()) is not None


def fold(text: str) -> str:
    """`text` in lower case without accents, one blank between words."""
    # A message's subject is asked about a dozen times.
    return (_fold if len(text) <= _SHORT else _fold.__wrapped__)(text)


@lru_cache(maxsize=200)
def _fold(text: str) -> str:
    text = text.casefold()
    if not text.isascii():
        text = bare(_spelled(text))
    return " ".join(text.split())


def plain(text: str) -> str:
    """`text` in lower case without accents, each character where it was: for finding places in it."""
    if text.isascii():
        return text.lower()
    return "".join((unicodedata.normalize("NFKD", char.lower()) or char)[0] for char in text)


def own_lines(text: str, limit: int) -> str:
    """The first `limit` characters of `text` without lines that are quoted with ">"."""
    return "\n".join(line for line in text[:limit].split("\n") if not line.lstrip().startswith(">"))
