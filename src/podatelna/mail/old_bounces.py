"""flufl.bounce asked about reports that nothing else reads: it knows systems that are gone."""

from __future__ import annotations

from email.message import Message
from typing import TYPE_CHECKING

from flufl.bounce import all_failures

from .bounce_text import clean_address

if TYPE_CHECKING:
    from .parse import Parsed

MAX_LINES = 200
MAX_LINE = 300


def known_to_flufl(parsed: Parsed, lines: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses that failed for now and those that failed for good, as flufl.bounce finds them in `lines`."""
    message = _as_message(parsed, lines)
    try:
        temporary, permanent = all_failures(message)
    except Exception:
        return (), ()
    return _addresses(temporary), _addresses(permanent)


def _as_message(parsed: Parsed, lines: list[str]) -> Message:
    """The report anew, from its decoded text alone: short, so that no pattern of the detectors takes long."""
    text = "\n".join(line[:MAX_LINE].encode("ascii", "replace").decode("ascii") for line in lines[:MAX_LINES]) + "\n"
    body = Message()
    body["Content-Type"] = "text/plain"
    body["Content-Description"] = "notification"
    body.set_payload(text)
    message = Message() if len(parsed.parts) > 1 else body
    for name, value in parsed.headers:
        if name.lower() in ("from", "subject", "x-mailer", "to"):
            message[name] = value[:MAX_LINE].encode("ascii", "replace").decode("ascii")
    if message is not body:
        message["Content-Type"] = "multipart/mixed"
        message.attach(body)
    return message


def _addresses(found: frozenset[bytes]) -> tuple[str, ...]:
    cleaned = [clean_address(address.decode("ascii", "replace")) for address in found]
    return tuple(sorted({address for address in cleaned if address}))
