"""DNS as it is handed in: what a resolver is, one that answers from a table, and one that counts its questions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

import idna

MAX_QUESTIONS = 150  # for one message; RFC 7208 4.6.4 alone allows 10 terms with 10 names each
MAX_RECORDS = 100
MAX_RECORD = 16_384  # characters
_KINDS = frozenset({"TXT", "A", "AAAA", "MX", "PTR", "CNAME", "SPF", "NS"})
_FAILURES = frozenset({"TIMEOUT", "SERVFAIL"})
_CHUNK = re.compile(r'"((?:[^"\\]|\\.)*+)"')


class Unanswered(Exception):
    """The name servers gave no answer now (a time-out, SERVFAIL): asking later may help."""


class Resolver(Protocol):
    """Asks DNS. Returns the records of `kind` ("TXT", "A", "AAAA", "MX", "PTR") at `name`, [] when there are none.

    A TXT record is one text with its strings joined, an MX record "10 mx.acme.cz". `name` is in ASCII, in lower case,
    without the last dot. Raises Unanswered; whatever else it raises counts as the same.
    """

    def __call__(self, name: str, kind: str, /) -> Sequence[str]: ...


def table_resolver(table: Mapping[str, object]) -> Resolver:
    """A resolver that answers from `table` and knows nothing else.

    {name: text}, {name: [text, …]} hold TXT records, {name: {"TXT": […], "A": […], "MX": ["10 mx.acme.cz"]}} any;
    {"TXT": {name: …}, "A": {name: …}} may be the order as well. "TIMEOUT" or null in place of records is no answer.
    """
    records: dict[tuple[str, str], list[str] | None] = {}
    for key, value in table.items():
        kind = key.upper()
        if kind in _KINDS and isinstance(value, Mapping):
            for name, found in value.items():
                records[plain_name(str(name)), kind] = _texts(found)
        elif isinstance(value, Mapping):
            for inner, found in value.items():
                records[plain_name(key), str(inner).upper()] = _texts(found)
        else:
            records[plain_name(key), "TXT"] = _texts(value)

    def resolve(name: str, kind: str, /) -> Sequence[str]:
        found = _followed(records, plain_name(name), kind)
        if found is None:
            raise Unanswered(name)
        return found

    return resolve


def _followed(records: Mapping[tuple[str, str], list[str] | None], name: str, kind: str) -> list[str] | None:
    """The records at `name` or where its CNAME leads."""
    for _ in range(10):
        found = records.get((name, kind), [])
        alias = records.get((name, "CNAME"))
        if found or found is None or not alias:
            return found
        name = plain_name(alias[0])
    return []


def _texts(value: object) -> list[str] | None:
    """The records as texts; None for no answer."""
    if value is None or (isinstance(value, str) and value.upper() in _FAILURES):
        return None
    if isinstance(value, list | tuple):
        # A record may be a list of its strings: what DNS carries when it is longer than 255 octets.
        return ["".join(map(str, one)) if isinstance(one, list | tuple) else _unquoted(str(one)) for one in value]
    return [_unquoted(str(value))]


def _unquoted(text: str) -> str:
    """A record as zone files and dig write it, "v=spf1 …" "more", joined; any other text as it is."""
    if not (text.startswith('"') and text.endswith('"') and len(text) > 1):
        return text
    return "".join(re.sub(r"\\(.)", r"\1", chunk) for chunk in _CHUNK.findall(text))


def plain_name(name: str) -> str:
    """A name as it is asked for: lower case, ASCII (IDNA), without the last dot."""
    name = name.strip().rstrip(".").lower()
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return name


class Questions:
    """A resolver that asks each thing once and, for one message, no more than MAX_QUESTIONS things.

    It raises Unanswered and nothing else. Names that DNS cannot hold have no records.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._answers: dict[tuple[str, str], Sequence[str] | None] = {}

    def __call__(self, name: str, kind: str, /) -> Sequence[str]:
        """As of Resolver."""
        name = plain_name(name)
        if not is_name(name):
            return []
        if (name, kind) not in self._answers:
            if len(self._answers) >= MAX_QUESTIONS:
                raise Unanswered("too many questions")
            self._answers[name, kind] = self._ask(name, kind)
        answer = self._answers[name, kind]
        if answer is None:
            raise Unanswered(name)
        return answer

    def _ask(self, name: str, kind: str) -> Sequence[str] | None:
        try:
            found = self._resolver(name, kind)
        except Exception:
            # Resolvers raise what their library raises; the verdict then says "temperror".
            return None
        return [str(one)[:MAX_RECORD] for one in found[:MAX_RECORDS]]


def is_name(name: str) -> bool:
    """Whether `name` can be asked for: labels of 1 to 63, 253 in all (RFC 1035 2.3.4)."""
    return len(name) <= 253 and name.isascii() and all(0 < len(label) < 64 for label in name.split("."))
