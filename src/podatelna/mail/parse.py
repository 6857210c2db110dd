"""A message as values: who, when, what about, what it says, and the files with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .addresses import Address, read_header_addresses
from .automatic import automatic_kind
from .body import choose_body
from .dates import read_date
from .fields import Field
from .headers import decoded, named, unfolded
from .identity import find_message_ids
from .leaves import ParsedPart, read_leaves
from .parameters import read_parameters
from .structure import Structure, read_structure
from .text import one_line

__all__ = ["Parsed", "ParsedPart", "parse"]

MAX_SUBJECT = 2_000
MAX_HEADERS = 1_000
MAX_HEADER_TEXT = 20_000
MAX_DEFECTS = 50
MAX_DEFECT = 200


@dataclass(frozen=True)
class Parsed:
    """What a message says. Every str in it is free of NUL and lone surrogates."""

    subject: str
    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    sent_at: datetime | None  # aware
    message_id: str  # without <>
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]  # oldest first; In-Reply-To at the end when it was not among them
    text: str  # \n line breaks; made from the HTML where there is no plain text
    html: str  # as it came, decoded; "" when there is none
    parts: tuple[ParsedPart, ...]  # the leaves, in order
    headers: tuple[tuple[str, str], ...]  # decoded, in order
    automatic: str  # "", "auto-reply", "bulk", "list", "report"
    defects: tuple[str, ...]


def parse(raw: bytes) -> Parsed:
    """Read a message. Never raises, whatever the bytes; what is wrong with it is named in `defects`."""
    structure = read_structure(raw)
    fields = structure.entities[0].fields
    defects = list(structure.defects)
    hint = _body_charset(structure)
    body = choose_body(structure, read_leaves(raw, structure, defects), defects)
    subject = _first(fields, "subject", hint, MAX_SUBJECT)
    sender = _sender(fields, hint, defects)
    in_reply_to = _ids(fields, "in-reply-to")
    return Parsed(
        subject=subject,
        sender=sender,
        to=_people(fields, "to", hint, defects),
        cc=_people(fields, "cc", hint, defects),
        bcc=_people(fields, "bcc", hint, defects),
        reply_to=_people(fields, "reply-to", hint, defects),
        sent_at=_sent_at(fields, defects),
        message_id=next(iter(_ids(fields, "message-id")), ""),
        in_reply_to=in_reply_to,
        references=tuple(dict.fromkeys(_ids(fields, "references") + in_reply_to)),
        text=body.text,
        html=body.html,
        parts=body.parts,
        headers=tuple((entry.name, decoded(entry.value, hint)[:MAX_HEADER_TEXT]) for entry in fields[:MAX_HEADERS]),
        automatic=automatic_kind(fields, structure.entities[0].content_type, subject, sender.address if sender else ""),
        defects=tuple(dict.fromkeys(one_line(defect, MAX_DEFECT) for defect in defects))[:MAX_DEFECTS],
    )


def _body_charset(structure: Structure) -> str:
    """The charset that the first text part declares: the best guess for header bytes without a charset."""

    for entity in structure.entities[:20]:
        if entity.content_type.startswith("text/") and "charset" in entity.declared.lower():
            return read_parameters(entity.declared).get("charset", "")
    return ""


def _first(fields: list[Field], name: str, hint: str, limit: int) -> str:
    values = named(fields, name)
    return one_line(decoded(values[0], hint), limit) if values else ""


def _people(fields: list[Field], name: str, hint: str, defects: list[str]) -> tuple[Address, ...]:
    found: list[Address] = []
    for value in named(fields, name)[:100]:
        good, bad = read_header_addresses(unfolded(value, hint))
        found.extend(good)
        if bad:
            defects.append(f"unreadable address in {name}")
    return tuple(dict.fromkeys(found))


def _sender(fields: list[Field], hint: str, defects: list[str]) -> Address | None:
    if len(named(fields, "from")) > 1:
        defects.append("several From fields")
    people = _people(fields, "from", hint, defects) or _people(fields, "sender", hint, defects)
    if not people:
        defects.append("no sender")
    return people[0] if people else None


def _sent_at(fields: list[Field], defects: list[str]) -> datetime | None:
    values = named(fields, "date")
    moment, defect = read_date(unfolded(values[0]) if values else "")
    if defect:
        defects.append(defect)
    return moment


def _ids(fields: list[Field], name: str) -> tuple[str, ...]:
    found: list[str] = []
    for value in named(fields, name)[:20]:
        found.extend(find_message_ids(unfolded(value)))
    return tuple(dict.fromkeys(found))
