"""Whether a person wrote a message: RFC 3834, and what programs write and forget instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .automatic_signs import (
    ANSWERING,
    BULK_PROGRAMS,
    CHALLENGING,
    MACHINE_SUBJECT,
    NOBODY,
    NOTIFYING,
    POSTED,
    SENDING_BULK,
)
from .out_of_office import calls_itself_automatic, may_say_away, says_away, tells_absence
from .reports import is_feedback_report, is_receipt, read_bounce
from .signs import Signs, fold

if TYPE_CHECKING:
    from .parse import Parsed

REPORT, AUTO_REPLY, LIST, BULK = "report", "auto-reply", "list", "bulk"

_AUTOMATIC_AGENTS = ("vacation", "autorespond", "auto-respond", "boxtrapper", "autoreply")


def auto_submitted(parsed: Parsed) -> str | None:
    """What a program did by sending the message, None when a person wrote it.

    "report" (of a delivery, a complaint, a receipt), "out-of-office", "auto-replied", "auto-notified" and
    "auto-generated" (RFC 3834, RFC 5436), "list" or "bulk".
    """
    signs = Signs(parsed.headers)
    if _is_report(parsed, signs):
        return REPORT
    answered = _answer(parsed, signs)
    if answered:
        return answered
    said = signs.word("auto-submitted")
    if said.startswith("auto-"):
        return said if said in ("auto-generated", "auto-notified") else "auto-generated"
    if _is_list(signs):
        return LIST
    if _is_notification(parsed, signs):
        return "auto-generated"
    return BULK if _is_bulk(signs) or _is_newsletter(parsed) else None


def kind(parsed: Parsed) -> str:
    """The same in few words: "report", "auto-reply", "list", "bulk", or "" for a person's mail."""
    fine = auto_submitted(parsed)
    if fine in ("out-of-office", "auto-replied"):
        return AUTO_REPLY
    if fine in (None, REPORT):
        return fine or ""
    return LIST if _is_list(Signs(parsed.headers)) else BULK


def _is_report(parsed: Parsed, signs: Signs) -> bool:
    if signs.media_type() in ("multipart/report", "message/delivery-status"):
        return True
    daemon = parsed.sender is not None and parsed.sender.address.lower().startswith(("mailer-daemon@", "mail-daemon@"))
    if daemon and not says_away(parsed.subject):
        return True
    return is_receipt(parsed) or is_feedback_report(parsed) or read_bounce(parsed) is not None


def _answer(parsed: Parsed, signs: Signs) -> str:
    """ "out-of-office" or "auto-replied" for what a program answered to a message, "" for all else."""
    said = signs.word("auto-submitted")
    if said == "no":
        return ""
    away = says_away(parsed.subject)
    marked = said.startswith("auto-replied") or _is_marked(signs)
    if away or (marked and (may_say_away(parsed.subject) or tells_absence(parsed.text))):
        return "out-of-office" if away or not _is_list(signs) else ""
    if marked:
        return "auto-replied"
    if _is_list(signs):
        return ""
    if _hints(parsed, signs) and (may_say_away(parsed.subject) or tells_absence(parsed.text)):
        return "out-of-office"
    if signs.null_sender() and parsed.in_reply_to:
        return "auto-replied"
    return "auto-replied" if _is_button(parsed) or _asks_to_confirm(parsed, signs) else ""


def _is_marked(signs: Signs) -> bool:
    """Whether a field says that a program answers."""
    if "auto_reply" in (signs.word("precedence"), signs.word("x-precedence")):
        return True
    if any(_says_yes(signs, name) for name in signs.names() if name in ANSWERING or name in CHALLENGING):
        return True
    if signs.word("delivered-to").startswith("autoresponder") or signs.word("x-autoreply-type"):
        return True
    # TMDA is not among them: its users' own mail carries its name too.
    agent = f"{signs.first('x-mailer')} {signs.first('user-agent')}".lower()
    return any(word in agent for word in _AUTOMATIC_AGENTS)


def _says_yes(signs: Signs, name: str) -> bool:
    return signs.word(name) not in ("no", "false", "0")


def _hints(parsed: Parsed, signs: Signs) -> bool:
    """Signs that do not prove a program each by itself, but together with words of absence."""
    suppressed = signs.first("x-auto-response-suppress").lower()
    return (
        signs.null_sender()
        or "oof" in suppressed
        or "all" in suppressed
        or signs.word("precedence") in ("bulk", "junk", "list")
        or "x-loop" in signs
        or (calls_itself_automatic(parsed.text) and not _is_bulk(signs))
    )


def _is_button(parsed: Parsed) -> bool:
    """An invitation answered with a button and no word (RFC 5546 3.2.3)."""
    for part in parsed.parts[:10]:
        if part.content_type == "text/calendar" and b"METHOD:REPLY" in part.content[:4_000].upper():
            return not parsed.text.strip()
    return False


def _asks_to_confirm(parsed: Parsed, signs: Signs) -> bool:
    """Challenge-response: a program wants to know that a person wrote what it answers."""
    text = fold(parsed.text[:1_500])
    asks = re.search(
        r"(?:confirm|verify) (?:that )?(?:your|you|this|the) .{0,60}(?:message|sender|address|delivery|not spam|human)"
        r"|before (?:your|the) message (?:can|will) be delivered",
        text,
    )
    held = re.search(
        r"(?:message|mail) .{0,80}(?:is being held|will be held|has been held|being held|held in|quarantin)", text
    )
    return asks is not None and held is not None and not _is_bulk(signs)


def _is_list(signs: Signs) -> bool:
    """Whether a mailing list passed the message on; a newsletter may have a List-Id too."""
    posting = signs.first("list-post").strip()
    if posting and posting.upper() != "NO":
        return True
    if any(name in POSTED for name in signs.names()) or signs.word("sender").startswith("owner-"):
        return True
    if signs.word("precedence") == "list" and "list-unsubscribe-post" not in signs:
        return True
    newsletter = "list-unsubscribe-post" in signs or _is_campaign(signs)
    return "list-id" in signs and not newsletter


def _is_campaign(signs: Signs) -> bool:
    """Whether one of many copies was sent. Fastmail and Amazon SES write Feedback-ID into people's mail as well."""
    feedback = signs.first("feedback-id").lower()
    if feedback and not feedback.rstrip().endswith((":fastmail", ":amazonses")):
        return True
    return BULK_PROGRAMS.search(signs.first("x-mailer").lower()) is not None or "x-mc-user" in signs


def _is_bulk(signs: Signs) -> bool:
    if signs.word("precedence") in ("bulk", "junk") or signs.word("x-precedence") in ("bulk", "junk"):
        return True
    return any(name in SENDING_BULK for name in signs.names()) or _is_campaign(signs)


def _is_newsletter(parsed: Parsed) -> bool:
    local = parsed.sender.address.rpartition("@")[0].lower() if parsed.sender is not None else ""
    return re.fullmatch(r"(?:e-?)?news-?letters?(?:[-_.+].*)?|mailings?|bulletins?", local) is not None


def _is_notification(parsed: Parsed, signs: Signs) -> bool:
    """Mail that a system wrote about something that happened in it."""
    if any(_says_yes(signs, name) for name in signs.names() if name in NOTIFYING):
        return True
    if MACHINE_SUBJECT.match(fold(parsed.subject[:300])) is not None:
        return True
    if parsed.sender is None:
        return signs.null_sender()
    others = [person for person in parsed.reply_to if person.address != parsed.sender.address]
    # A form on a web page sends as noreply what a person wrote, with the person in Reply-To.
    nobody = NOBODY.fullmatch(parsed.sender.address.rpartition("@")[0].lower()) is not None
    return (nobody and not others) or (signs.null_sender() and not others)
