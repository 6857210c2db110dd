"""The part of a proof pack that people read: what is in it, and what it proves; in each language of the house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from podatelna.accounts.models import DayRoot, Person
from podatelna.archive.models import Delivery, Message, Part

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "code{font-size:.85em;overflow-wrap:anywhere}section{border-top:1px solid #8888;margin-top:1.5rem}"
    "dt{font-weight:600}dd{margin:0 0 .4rem 0}h1{font-size:1.5rem}h2{font-size:1.15rem}"
)


@dataclass
class ShownDelivery:
    """One arrival as the index shows it."""

    row: Delivery
    file: str | None  # None: its original can no longer be made
    arrival: dict[str, Any] | None  # None: not proven yet


@dataclass
class ShownMessage:
    """One message as the index shows it."""

    message: Message
    deliveries: list[ShownDelivery] = field(default_factory=list)
    files: list[tuple[Part, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # names of attachments that could not be read


@dataclass
class Shown:
    """Everything that the index shows."""

    name: str
    title: str
    made_at: datetime
    person: Person | None
    messages: Sequence[ShownMessage]
    days: Sequence[DayRoot]
    acts: int


# A block of the index: a heading ("" for none), pairs of a term and what it is, and plain lines. A value that begins
# with "./" is the name of a file in the pack.
Block = tuple[str, list[tuple[str, str]], list[str]]


def index_files(shown: Shown) -> Iterator[tuple[str, bytes]]:
    """Names and contents: HTML and plain text, for each language."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            title, blocks = _title(shown), list(_blocks(shown))
            yield f"index.{language}.html", _html(language, title, blocks).encode()
            yield f"index.{language}.txt", _text(title, blocks).encode()


def _title(shown: Shown) -> str:
    return _("Proof: %(title)s") % {"title": shown.title or shown.name}


def _blocks(shown: Shown) -> Iterator[Block]:
    yield _about(shown)
    for one in shown.messages:
        yield _message(one, shown)
    yield _roots(shown)
    yield _how()


def _about(shown: Shown) -> Block:
    by = shown.person.name if shown.person else _("the administrator of the server")
    pairs = [
        (_("About"), shown.name),
        (_("Made"), _when(shown.made_at)),
        (_("By"), by),
        (_("Messages"), str(len(shown.messages))),
        (_("Acts in the log"), f"{shown.acts} (./log/acts.json)"),
    ]
    return "", pairs, []


def _message(one: ShownMessage, shown: Shown) -> Block:
    message = one.message
    pairs = [
        (_("From"), f"{message.from_name} <{message.from_address}>".strip()),
        (_("Sent"), _when(message.sent_at) if message.sent_at else _("not said")),
        ("Message-ID", message.message_id or "–"),
    ]
    for delivery in one.deliveries:
        pairs += _delivery(delivery, shown.days)
    pairs += [(_("Attachment"), f"./{name}") for _part, name in one.files]
    lost = [_("The attachment %(name)s can no longer be read.") % {"name": name} for name in one.lost]
    return message.subject or _("(no subject)"), pairs, lost


def _delivery(delivery: ShownDelivery, days: Sequence[DayRoot]) -> list[tuple[str, str]]:
    row = delivery.row
    came = _("%(when)s through %(origin)s") % {"when": _when(row.seen_at), "origin": row.origin.name}
    original = f"./{delivery.file}" if delivery.file else _("can no longer be made from the archive")
    return [
        (_("Arrival %(number)d") % {"number": row.pk}, came),
        (_("Original"), original),
        ("SHA-256", bytes(row.sha256).hex()),
        (_("In the log"), _place(delivery, days)),
    ]


def _place(delivery: ShownDelivery, days: Sequence[DayRoot]) -> str:
    if delivery.arrival is None:
        return _("not yet: it had not been sealed when this was made")
    position = int(delivery.arrival["position"])
    line = _("line %(number)d") % {"number": position}
    covering = [day for day in days if day.size > position]
    if not covering:
        return _("%(line)s; no day's root covers it yet") % {"line": line}
    stamped = next((day for day in covering if day.stamped_at is not None), None)
    if stamped is None or stamped.stamped_at is None:
        return _("%(line)s, below the root of %(date)s") % {"line": line, "date": covering[0].date.isoformat()}
    return _("%(line)s, below the root of %(date)s, time-stamped %(when)s") % {
        "line": line,
        "date": stamped.date.isoformat(),
        "when": _when(stamped.stamped_at),
    }


def _roots(shown: Shown) -> Block:
    pairs = []
    for day in shown.days:
        stamp = _("time-stamped by %(server)s") % {"server": day.server} if day.token else _("not time-stamped")
        pairs.append((day.date.isoformat(), f"{bytes(day.root).hex()} ({stamp})"))
    lines = [] if pairs else [_("No day has ended since: the roots come with the next pack.")]
    return _("Roots of the log"), pairs, lines


def _how() -> Block:
    lines = [
        _("This pack is checked without Podatelna and without a network:"),
        "python3 verify.py",
        _(
            "It recomputes all hashes: of the originals, of attachments out of them, and of the log up to the roots of "
            "days. A change of a single bit is named."
        ),
        _(
            "A root proves what is below it to whoever knows the root from another source: from the time-stamp of an "
            "authority, or because it was exported or published on its day."
        ),
        _("Take verify.py from a place that you trust, not from the pack, if the pack itself may have been forged."),
    ]
    return _("How to check it"), [], lines


def _when(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M:%S} ({local:%z})"


# --- two forms of the same blocks ------------------------------------------------------------------------


def _html(language: str, title: str, blocks: Sequence[Block]) -> str:
    body = "".join(_html_block(*block) for block in blocks)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>\n"
    )


def _html_block(heading: str, pairs: Sequence[tuple[str, str]], lines: Sequence[str]) -> str:
    terms = "".join(f"<dt>{escape(term)}</dt><dd>{_html_value(value)}</dd>" for term, value in pairs)
    rest = "".join(f"<p>{_html_value(line)}</p>" for line in lines)
    head = f"<h2>{escape(heading)}</h2>" if heading else ""
    return f"<section>{head}{f'<dl>{terms}</dl>' if terms else ''}{rest}</section>\n"


def _html_value(value: str) -> str:
    if value.startswith("./"):
        return f'<a href="{escape(_address(value))}" download>{escape(value[2:])}</a>'
    looks_like_code = len(value) >= 64 and " " not in value[:64]
    return f"<code>{escape(value)}</code>" if looks_like_code or value.startswith("python3 ") else escape(value)


def _address(value: str) -> str:

    return quote(value)


def _text(title: str, blocks: Sequence[Block]) -> str:
    lines = [title, "=" * len(title)]
    for heading, pairs, rest in blocks:
        lines += ["", heading, "-" * len(heading)] if heading else [""]
        lines += [f"{term}: {value.removeprefix('./')}" for term, value in pairs]
        lines += rest
    return "\n".join(lines) + "\n"
