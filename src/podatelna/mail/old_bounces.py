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
    for several_parts in (False, True):
        temporary, permanent = _asked(_as_message(parsed, lines, several_parts))
        if temporary or permanent:
            return _addresses(temporary), _addresses(permanent)
    return (), ()


def _asked(message: Message) -> tuple[frozenset[bytes], frozenset[bytes]]:
    try:
        return all_failures(message)
    except Exception:  # what its detectors stumble over is a stranger's text; they log it, and have found nothing
        return frozenset(), frozenset()


def _as_message(parsed: Parsed, lines: list[str], several_parts: bool) -> Message:
    """The report anew, from its decoded text alone: short, so that no pattern of the detectors takes long.

    Some detectors look into text/plain alone, others into multipart/mixed alone.
    """
    text = "\n".join(line[:MAX_LINE].encode("ascii", "replace").decode("ascii") for line in lines[:MAX_LINES]) + "\n"
    body = Message()
    message = Message() if several_parts else body
    for name, value in parsed.headers:
        if name.lower() in ("from", "subject", "x-mailer", "to"):
            message[name] = value[:MAX_LINE].encode("ascii", "replace").decode("ascii")
    if several_parts:
        message["Content-Type"] = "multipart/mixed"
        message.attach(body)
    body["Content-Type"] = "text/plain"
    body["Content-Description"] = "notification"
    body.set_payload(text)
    return message


def _addresses(found: frozenset[bytes]) -> tuple[str, ...]:
    cleaned = [clean_address(address.decode("ascii", "replace")) for address in found]
    return tuple(sorted({address for address in cleaned if address}))
