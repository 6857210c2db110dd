"""Whether a person wrote a message, as its header tells (RFC 3834, and what programs write instead)."""

from __future__ import annotations

import re

from .fields import Field
from .headers import named, unfolded

REPORT, AUTO_REPLY, LIST, BULK = "report", "auto-reply", "list", "bulk"
_AUTO_REPLY_FIELDS = ("x-autoreply", "x-autorespond", "x-auto-response-from", "x-mail-autoreply", "auto-reply")
_OUT_OF_OFFICE = re.compile(
    r"(?:automatick[áa] odpov[ěe][ďd]|automaticky odpoved|automatic reply|autoreply|auto-reply|auto:|out of office"
    r"|out of the office|abwesenheitsnotiz|automatische antwort|mimo kancel[áa][řr]"
    r"|nep[řr][íi]tomnost v kancel[áa][řr]i)",
    re.IGNORECASE,
)


def automatic_kind(fields: list[Field], content_type: str, subject: str, sender: str) -> str:
    """What kind of automatic mail it is: "auto-reply", "bulk", "list", "report", or "" for a person's mail.

    `content_type` is that of the whole message, `subject` its decoded subject, `sender` the address it is from.
    """
    if content_type in ("multipart/report", "message/delivery-status"):
        return REPORT
    if sender.lower().startswith(("mailer-daemon@", "mail-daemon@")):
        return REPORT
    if _is_auto_reply(fields, subject):
        return AUTO_REPLY
    if named(fields, "list-id") or named(fields, "list-post"):
        return LIST
    return BULK if _is_bulk(fields) else ""


def _is_auto_reply(fields: list[Field], subject: str) -> bool:
    submitted = _word(fields, "auto-submitted")
    if submitted.startswith("auto-replied") or _word(fields, "precedence") == "auto_reply":
        return True
    if _word(fields, "x-precedence") == "auto_reply" or any(_says_yes(fields, name) for name in _AUTO_REPLY_FIELDS):
        return True
    # Exchange marks what must not be answered with X-Auto-Response-Suppress; newsletters carry it too.
    return _OUT_OF_OFFICE.match(subject) is not None and (submitted != "no")


def _is_bulk(fields: list[Field]) -> bool:
    submitted = _word(fields, "auto-submitted")
    if submitted and submitted != "no":
        return True
    if _word(fields, "precedence") in ("bulk", "junk", "list") or _word(fields, "x-precedence") in ("bulk", "junk"):
        return True
    return bool(named(fields, "list-unsubscribe") or named(fields, "feedback-id") or named(fields, "x-campaign-id"))


def _word(fields: list[Field], name: str) -> str:
    values = named(fields, name)
    return unfolded(values[0]).split(";")[0].split("(")[0].strip().lower() if values else ""


def _says_yes(fields: list[Field], name: str) -> bool:
    return bool(named(fields, name)) and _word(fields, name) not in ("no", "false", "0")
