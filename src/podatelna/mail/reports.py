"""Delivery reports, complaints and read receipts: what is no letter but news of one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from .bounce_shapes import INTRO, NO_BOUNCE, SUBJECT
from .bounce_text import Report, clean_address, make_recipient, read_recipients, split_report
from .bounce_words import reply_code, status_code
from .delivery_status import read_delivery_status
from .failed import Bounce, FailedRecipient
from .old_bounces import known_to_flufl
from .returned import RETURNED, original_message_id, returned_fields, returned_recipients
from .signs import Signs, fold, is_daemon, is_program, own_lines
from .word_tables import alternatives

if TYPE_CHECKING:
    from .leaves import ParsedPart
    from .parse import Parsed

__all__ = ["Bounce", "FailedRecipient", "is_feedback_report", "is_receipt", "read_bounce"]

# They pass complaints on in a form of their own.
_COMPLAINING = ("staff@hotmail.com", "staff@live.com", "complaints@email-abuse.amazonses.com")
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT = ("message/disposition-notification", "message/global-disposition-notification")
_PARCELS = re.compile(
    r"\b(?:parcel|package|shipment|courier|your order|zasilk|balik|objednavk|kuryr|dopravc|balicek|zasielk|paket"
    r"|sendung|bestellung|colis|commande|paquete|pedido|pacco|ordine|paczk|przesylk|zamowieni|pakket|bestelling|encomenda)"
)
_ANSWER = re.compile(
    r"\s*(?:re|odp|aw|sv|fw|fwd|wg|vs|antw|tr|rv|enc|pd|res|ynt)\s?(?:\[\d{1,3}\])?\s?:", re.IGNORECASE
)
_REJECTED = re.compile(
    alternatives(
        r"""
        (?:was|has been) (?:automatically )?(?:rejected|refused)|quota exceeded|could not be delivered
        automatisch abgelehnt|byla (?:automaticky )?(?:odmitnuta|zamitnuta)
        bola (?:automaticky )?(?:odmietnuta|zamietnuta)
        """
    )
)
_READ_SUBJECT = re.compile(
    alternatives(
        r"""
        (?:not )?read(?: receipt)?:|(?:ne)?precteno:|precitane:|(?:un)?gelesen:|lu ?:|leido:|letto:|gelezen:|lida:
        przeczytano:|прочитано:|potvrzeni o precteni|return receipt|read receipt|lesebestatigung|empfangsbestatigung
        acuse de recibo|conferma di lettura
        """
    )
)
_READ_TEXT = re.compile(
    alternatives(
        r"""
        (?:was|were|has been) (?:read|opened|displayed|seen) on|read (?:on|at) |byla? (?:prectena?|zobrazena?|otevrena?)
        bola (?:precitana|zobrazena)|wurde (?:am .{0,60})?gelesen|a ete lu|fue leido|e stato letto|is gelezen|foi lida
        zostala przeczytana|было прочитано|return receipt|potvrzeni o precteni|only acknowledges
        was deleted without being read
        """
    )
)


def read_bounce(parsed: Parsed, signs: Signs | None = None) -> Bounce | None:
    """What a delivery report says, None when the message is none. Never raises.

    A report that everything went well is one too: `Bounce.failed` is False then. A person's mail about a delivery
    report, or with one inside, is none. `signs` are those of the message, where they have been read already.
    """
    signs = signs or Signs(parsed.headers)
    parts = [part for part in parsed.parts if part.content_type in _STATUS]
    if parts and not _is_other_report(parsed, signs):
        return _standard(parsed, parts) if _is_program_speaking(parsed, signs) else None
    if _is_rejection(parsed, signs):
        return _rejection(parsed)
    if _is_other_report(parsed, signs):
        return None
    if signs.media_type() == "multipart/report" or "x-failed-recipients" in signs or _is_free_report(parsed, signs):
        return _free(parsed, signs)
    return None


def is_feedback_report(parsed: Parsed, signs: Signs | None = None) -> bool:
    """Whether the message is a complaint about a message, as providers pass them on (RFC 5965)."""
    signs = signs or Signs(parsed.headers)
    if signs.report_type() == "feedback-report":
        return True
    if any(part.content_type == "message/feedback-report" for part in parsed.parts):
        return signs.media_type() == "multipart/report" or _is_program_speaking(parsed, signs)
    complaint = parsed.sender is not None and parsed.sender.address in _COMPLAINING
    return complaint and fold(parsed.subject).startswith("complaint about message from")


def is_receipt(parsed: Parsed, signs: Signs | None = None) -> bool:
    """Whether the message tells that somebody read or threw away a message (RFC 8098)."""
    signs = signs or Signs(parsed.headers)
    if _is_notification(parsed, signs):
        return not _is_rejection(parsed, signs)
    if _READ_SUBJECT.match(fold(parsed.subject[:200])) is None or _ANSWER.match(parsed.subject):
        return False
    return _READ_TEXT.search(fold(own_lines(parsed.text, 1_000))) is not None and len(parsed.text) < 3_000


def _is_notification(parsed: Parsed, signs: Signs) -> bool:
    if signs.report_type() in ("disposition-notification", "global-disposition-notification"):
        return True
    return signs.report_type() == "" and any(part.content_type in _RECEIPT for part in parsed.parts)


def _is_other_report(parsed: Parsed, signs: Signs) -> bool:
    """RFC 6522 names one format for many reports: complaints and receipts are no delivery reports."""
    kind = signs.report_type()
    if kind and kind not in ("delivery-status", "global-delivery-status"):
        return True
    return not kind and (
        is_feedback_report(parsed, signs) or any(part.content_type in _RECEIPT for part in parsed.parts)
    )


def _is_program_speaking(parsed: Parsed, signs: Signs) -> bool:
    """A person who forwards a report may attach all its parts; then no sign of a program is on the outside."""
    if signs.media_type() == "multipart/report" or signs.null_sender() or "x-failed-recipients" in signs:
        return True
    if is_daemon(parsed) or is_program(parsed):
        return _ANSWER.match(parsed.subject) is None
    return signs.word("auto-submitted") not in ("", "no")


def _standard(parsed: Parsed, parts: list[ParsedPart]) -> Bounce:
    """RFC 3464, with the words for people asked where the fields tell too little."""
    report = split_report(parsed.text)
    found = _merged([entry for part in parts[:100] for entry in read_delivery_status(part.content, part.charset)])
    if not found:
        return _free(parsed, Signs(parsed.headers))
    fields = returned_fields(parsed, report.copy)
    found = tuple(_explained(recipient, report) for recipient in found)
    return Bounce(found, original_message_id(parsed, fields, f"{report.copy}\n{report.text}"))


def _merged(entries: list[FailedRecipient]) -> tuple[FailedRecipient, ...]:
    """Each address once: the same recipient told twice is the same news, a failure before a success."""
    merged: dict[str, FailedRecipient] = {}
    for entry in entries:
        key = entry.address.lower()
        if key not in merged or (merged[key].permanent is None and entry.permanent is not None):
            merged[key] = entry
    return tuple(merged.values())


def _explained(recipient: FailedRecipient, report: Report) -> FailedRecipient:
    if recipient.reason or recipient.action in ("delivered", "relayed", "expanded"):
        return recipient
    said = read_recipients(report, (recipient.address,), frozenset())[0]
    status = recipient.status or said.status
    return replace(recipient, status=status, reply_code=recipient.reply_code or said.reply_code, reason=said.reason)


def _is_rejection(parsed: Parsed, signs: Signs) -> bool:
    """Dovecot and Sieve's reject (RFC 5429) send a failure in the form of a receipt."""
    if not _is_notification(parsed, signs):
        return False
    return _REJECTED.search(fold(own_lines(parsed.text, 2_000))) is not None


def _rejection(parsed: Parsed) -> Bounce:
    report = split_report(parsed.text)
    notices = [part for part in parsed.parts if part.content_type in _RECEIPT]
    named = [entry.address for part in notices[:1] for entry in read_delivery_status(part.content, part.charset)]
    found = read_recipients(report, (), frozenset()) or tuple(
        make_recipient(address, report.text.strip(), False) for address in named
    )
    # Words about the recipient stand behind the colon: "was automatically rejected: Quota exceeded".
    said = report.text.partition("rejected:")[2].strip().split("\n\n")[0]
    found = tuple(replace(entry, reason=" ".join(said.split())[:1_000] or entry.reason) for entry in found[:1])
    fields = returned_fields(parsed, report.copy)
    ids = [part.content[:20_000].decode("latin-1") for part in notices]
    return Bounce(
        found, original_message_id(parsed, fields, "\n".join([report.copy, report.text, *ids]).replace("\r", ""))
    )


def _is_free_report(parsed: Parsed, signs: Signs) -> bool:
    """Whether a message that is no multipart/report is a delivery report, by its sender, subject and first words."""
    subject = fold(parsed.subject[:300])
    answer = _ANSWER.match(parsed.subject) is not None
    named, nobody = is_daemon(parsed), signs.null_sender()
    if NO_BOUNCE.match(subject) or (_is_list(signs) and not named):
        return False
    said = not answer and SUBJECT.match(subject) is not None
    if not (named or said):
        return False
    opens = _opens_as_report(parsed.text)
    daemon = named and (parsed.sender is None or "daemon" in parsed.sender.address.split("@")[0].lower())
    if daemon and not answer:
        return said or opens
    if named:
        return (opens and said) or ((opens or said) and _names_failure(parsed, answer))
    if nobody or signs.word("auto-submitted") not in ("", "no"):
        return said and opens and (not _is_about_parcels(parsed) or _names_failure(parsed, False))
    # A shop or an office writes of deliveries that failed as well, and people do: only codes prove it.
    return said and opens and _names_failure(parsed, not is_program(parsed) and parsed.in_reply_to != ())


def _is_list(signs: Signs) -> bool:
    return "list-id" in signs or "list-post" in signs or "x-mailman-version" in signs or "x-beenthere" in signs


def _opens_as_report(text: str) -> bool:
    """Whether one of the first lines is how reports begin; text that is quoted does not count."""
    lines = [line.strip() for line in own_lines(text, 6_000).split("\n") if line.strip()][:16]
    return any(INTRO.match(fold(" ".join(lines[index : index + 4])[:600])) for index in range(min(len(lines), 12)))


def _is_about_parcels(parsed: Parsed) -> bool:
    return _PARCELS.search(fold(parsed.subject + " " + own_lines(parsed.text, 1_500))) is not None


def _names_failure(parsed: Parsed, answer: bool) -> bool:
    """Whether a recipient and a code or the returned message are there, in mail that no program's name is on."""
    report = split_report(parsed.text)
    if answer or not read_recipients(report, (), _own(parsed)):
        return False
    if reply_code(report.text) is not None or status_code(report.text):
        return True
    return bool(report.copy) or any(part.content_type in RETURNED for part in parsed.parts)


def _free(parsed: Parsed, signs: Signs) -> Bounce:
    """A report of no standard form."""
    report = split_report(parsed.text)
    fields = returned_fields(parsed, report.copy)
    named = tuple(
        dict.fromkeys(
            address
            for value in signs.every("x-failed-recipients")[:20]
            for address in map(clean_address, re.split(r"[,\s]+", value)[:300])
            if address
        )
    )
    found = _fields_in_text(parsed) or read_recipients(report, named, _own(parsed)) or _otherwise(parsed, report)
    if not found:
        written_to = returned_recipients(fields)
        found = read_recipients(report, written_to, frozenset()) if len(written_to) == 1 else ()
    return Bounce(found, original_message_id(parsed, fields, f"{report.copy}\n{report.text}"))


def _own(parsed: Parsed) -> frozenset[str]:
    sender = (parsed.sender,) if parsed.sender is not None else ()
    return frozenset(person.address for person in parsed.to + sender)


def _fields_in_text(parsed: Parsed) -> tuple[FailedRecipient, ...]:
    """RFC 3464's fields in a part that is not labelled as such."""
    for part in parsed.parts[:10]:
        if not part.content_type.startswith(("message/rfc822", "message/global")):
            start = part.content[:200_000].lower().find(b"final-recipient:")
            if start >= 0 and b"action:" in part.content[:200_000].lower():
                found = _merged(list(read_delivery_status(part.content[:200_000], part.charset)))
                if found:
                    return found
    return ()


def _otherwise(parsed: Parsed, report: Report) -> tuple[FailedRecipient, ...]:
    temporary, permanent = known_to_flufl(parsed, report.lines)
    return read_recipients(report, permanent or temporary, frozenset()) if permanent or temporary else ()
