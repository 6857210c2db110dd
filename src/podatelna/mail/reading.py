"""One message being read: each of its values when it is asked for, once, with the defects that then came to light."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from .addresses import Address, read_header_addresses
from .automatic import kind
from .body import Body, choose_body
from .dates import Moment, sending_time
from .header_text import decoded_text, decoded_texts, text_of
from .headers import raw_charset
from .identity import find_message_ids
from .leaves import charset_of, read_leaves
from .structure import Structure, read_structure
from .text import one_line

if TYPE_CHECKING:
    from .parse import Parsed

MAX_SUBJECT = 2_000
MAX_HEADERS = 1_000
MAX_HEADER_TEXT = 20_000
MAX_DEFECTS = 50
MAX_DEFECT = 200
UNREADABLE = "could not be read:"  # begins a defect that is ours


class Reading:
    """The values of the message `raw`. None of them raises: what cannot be read is empty, and a defect says so."""

    def __init__(self, raw: bytes, structure: Structure | None = None) -> None:
        self.raw = raw
        self.structure = structure or read_structure(raw)
        self.header = self.structure.entities[0].header
        self.values: dict[str, Any] = {}
        self.noted: dict[str, list[str]] = {}  # the defects of each value

    def read(self, name: str) -> Any:
        """The value called `name`, a field of `Parsed` or "body" or "hint"."""
        if name not in self.values:
            defects = self.noted[name] = []
            read, empty = READERS[name]
            try:
                self.values[name] = read(self, defects)
            except Exception as error:  # a mistake of ours, shown with the message: all else of it is readable
                self.values[name] = empty
                defects.append(f"{UNREADABLE} {name}, {type(error).__name__}: {error}")
        return self.values[name]

    @property
    def hint(self) -> str:
        """The likely charset of what the header does not say the charset of."""
        return "" if self.header.plain else str(self.read("hint"))


def _hint(reading: Reading, _: list[str]) -> str:
    body = _body_charset(reading.structure)
    return body if reading.header.ascii else raw_charset(reading.header.fields, body)


def _body_charset(structure: Structure) -> str:
    """The charset that the first text part declares: the best guess for header bytes without a charset."""
    for entity in structure.entities[:20]:
        if entity.content_type.startswith("text/") and "charset" in entity.declared.lower():
            return charset_of(entity.declared)
    return ""


def _duplicates(reading: Reading, defects: list[str]) -> None:
    """RFC 5322 3.6: what may stand only once. The first that says anything counts: what is added on the way is put on
    top, by the sender's own server, a list or ours, which know what they replace; and mail programs show that one.
    """
    for name in ("Subject", "Date", "Message-ID"):
        if len(set(filter(None, reading.header.all(name.lower())))) > 1:
            defects.append(f"several {name} fields")


def _subject(reading: Reading, _: list[str]) -> str:
    return one_line(decoded_text(reading.header.said("subject"), reading.hint), MAX_SUBJECT)


def _people(name: str) -> Callable[[Reading, list[str]], tuple[Address, ...]]:
    return lambda reading, defects: _read_people(reading, name, defects)


def _read_people(reading: Reading, name: str, defects: list[str]) -> tuple[Address, ...]:
    found: list[Address] = []
    for value in reading.header.all(name)[:100]:
        good, bad = read_header_addresses(text_of(value, reading.hint), reading.hint)
        found.extend(good)
        if bad:
            defects.append(f"unreadable address in {name}")
    return tuple(dict.fromkeys(found))


def _authors(reading: Reading, defects: list[str]) -> tuple[Address, ...]:
    """Who is in From; of several such fields, in the first that names anybody."""
    values = reading.header.all("from")
    if len(values) > 1:
        defects.append("several From fields")
    for value in values[:100]:
        good, bad = read_header_addresses(text_of(value, reading.hint), reading.hint)
        if bad:
            defects.append("unreadable address in from")
        if good:
            return tuple(dict.fromkeys(good))
    return ()


def _sender(reading: Reading, defects: list[str]) -> Address | None:
    people = reading.read("authors") or _read_people(reading, "sender", defects)
    if not people:
        defects.append("no sender")
    return people[0] if people else None


def _moment(reading: Reading, defects: list[str]) -> Moment:
    header = reading.header
    moment = sending_time(list(map(text_of, header.all("date"))), header.all("received"))
    if moment.defect:
        defects.append(moment.defect)
    return moment


def _message_id(reading: Reading, _: list[str]) -> str:
    return next(iter(_ids(reading, "message-id")), "")


def _in_reply_to(reading: Reading, _: list[str]) -> tuple[str, ...]:
    return _ids(reading, "in-reply-to")


def _references(reading: Reading, _: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_ids(reading, "references") + reading.read("in_reply_to")))


def _ids(reading: Reading, name: str) -> tuple[str, ...]:
    found: list[str] = []
    for value in reading.header.all(name)[:20]:
        found.extend(find_message_ids(text_of(value)))
    return tuple(dict.fromkeys(found))


def _headers(reading: Reading, _: list[str]) -> tuple[tuple[str, str], ...]:
    texts = decoded_texts(reading.header, reading.hint, MAX_HEADERS)
    return tuple((name, text[:MAX_HEADER_TEXT]) for name, text in texts)


def _body(reading: Reading, defects: list[str]) -> Body:
    leaves = read_leaves(reading.raw, reading.structure, defects)
    return choose_body(reading.structure, leaves, defects)


class _Values:
    """What has been read and what can be, under the names that `Parsed` has for it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def __getattr__(self, name: str) -> Any:
        value = self.__dict__[name] = self._reading.read(name)
        return value


def _automatic(reading: Reading, _: list[str]) -> str:
    return kind(cast("Parsed", _Values(reading)))


def _defects(reading: Reading, _: list[str]) -> tuple[str, ...]:
    found = list(reading.structure.defects)
    for name in READERS:
        if name != "defects":
            reading.read(name)
            found += reading.noted[name]
    found.sort(key=lambda defect: not defect.startswith(UNREADABLE))  # ours first: no flood of others may hide them
    return tuple(dict.fromkeys(one_line(defect, MAX_DEFECT) for defect in found))[:MAX_DEFECTS]


# How each value is read, and what it is where that fails. Defects are told in this order.
READERS: dict[str, tuple[Callable[[Reading, list[str]], Any], Any]] = {
    "body": (_body, Body("", "", ())),
    "hint": (_hint, ""),
    "duplicates": (_duplicates, None),
    "subject": (_subject, ""),
    "authors": (_authors, ()),
    "sender": (_sender, None),
    "to": (_people("to"), ()),
    "cc": (_people("cc"), ()),
    "bcc": (_people("bcc"), ()),
    "reply_to": (_people("reply-to"), ()),
    "moment": (_moment, Moment(None)),
    "sent_at": (lambda reading, _: reading.read("moment").at, None),
    "zone_known": (lambda reading, _: reading.read("moment").zone_known, False),
    "message_id": (_message_id, ""),
    "in_reply_to": (_in_reply_to, ()),
    "references": (_references, ()),
    "text": (lambda reading, _: reading.read("body").text, ""),
    "html": (lambda reading, _: reading.read("body").html, ""),
    "parts": (lambda reading, _: reading.read("body").parts, ()),
    "headers": (_headers, ()),
    "automatic": (_automatic, ""),
    "defects": (_defects, ()),
}
