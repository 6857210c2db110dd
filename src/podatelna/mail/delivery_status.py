"""Delivery reports as the standard has them (RFC 3464, RFC 6533), in every dialect that mail systems speak."""

from __future__ import annotations

import re

from .addresses import normal_address
from .bounce_words import Trouble, readable, reply_code, status_code
from .charsets import decode_bytes
from .failed import FailedRecipient
from .text import storable, unix_lines

MAX_STATUS = 500_000  # bytes of one report that are read
MAX_RECIPIENTS = 1_000
MAX_VALUE = 4_000
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:(.*)")
_NAMES = ("original-recipient", "final-recipient", "x-actual-recipient", "x-original-recipient", "x-final-recipient")
_OPENS_GROUP = ("original-recipient", "final-recipient")
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_ANGLED = re.compile(r"<([^<>\s]{1,320}@[^<>\s]{1,255})>")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")


def read_delivery_status(content: bytes, charset: str = "") -> tuple[FailedRecipient, ...]:
    """The recipients that a message/delivery-status part names, whatever became of them. Never raises."""
    text, _ = decode_bytes(content[:MAX_STATUS], charset or "utf-8")
    groups = status_groups(unix_lines(storable(text)))
    found = [_recipient(group) for group in groups[:MAX_RECIPIENTS]]
    return tuple(recipient for recipient in found if recipient is not None)


def fields_of(content: bytes, charset: str = "") -> dict[str, str]:
    """The fields of a notification that has one group of them (RFC 8098 3), names in lower case. Never raises."""
    text, _ = decode_bytes(content[:MAX_STATUS], charset or "utf-8")
    found: dict[str, str] = {}
    name = ""
    for line in unix_lines(storable(text)).split("\n"):
        field = _FIELD.match(line)
        if line[:1] in (" ", "\t") and name:
            found[name] = f"{found[name]} {line.strip()}"[:MAX_VALUE]
        elif field is not None and field.group(1).lower() not in found:
            name = field.group(1).lower()
            found[name] = field.group(2).strip()[:MAX_VALUE]
        else:
            name = ""
    return found


def status_groups(text: str) -> list[dict[str, str]]:
    """The groups of fields about one recipient each; the group about the message is not among them.

    An empty line should part them (RFC 3464 2.1); where it is missing, a field that begins a group does.
    """
    groups: list[dict[str, str]] = [{}]
    name = ""
    for line in text.split("\n"):
        field = _FIELD.match(line)
        if not line.strip():
            name = ""
            if groups[-1]:
                groups.append({})
        elif line[0] in " \t" and name:
            groups[-1][name] = f"{groups[-1][name]} {line.strip()}"[:MAX_VALUE]
        elif field is not None:
            name = field.group(1).lower()
            if _begins_group(name, groups[-1]):
                groups.append({})
            groups[-1].setdefault(name, field.group(2).strip()[:MAX_VALUE])
        elif name == "diagnostic-code":
            # Some systems forget to indent the lines of a long answer.
            groups[-1][name] = f"{groups[-1][name]} {line.strip()}"[:MAX_VALUE]
    return _joined([group for group in groups if group])


def _begins_group(name: str, group: dict[str, str]) -> bool:
    if name not in _OPENS_GROUP:
        return False
    if name in group or "reporting-mta" in group:
        return True
    return "final-recipient" in group and ("action" in group or "status" in group)


def _joined(groups: list[dict[str, str]]) -> list[dict[str, str]]:
    """Groups with a recipient; one that an empty line tore off from its recipient is given back to it."""
    whole: list[dict[str, str]] = []
    for group in groups:
        if any(name in group for name in _NAMES):
            if whole and "action" not in whole[-1] and "final-recipient" not in whole[-1] and "action" in group:
                whole[-1] = whole[-1] | group
            else:
                whole.append(group)
        elif whole and ("action" in group or "status" in group or "diagnostic-code" in group):
            whole[-1] = group | whole[-1]
    return whole


def _recipient(group: dict[str, str]) -> FailedRecipient | None:
    diagnostic = _diagnostic(group.get("diagnostic-code", ""))
    address = _address_of(group, diagnostic)
    if not address:
        return None
    action = _action(group.get("action", ""))
    status = status_code(group.get("status", "")) or status_code(diagnostic)
    reason = diagnostic or _comment(group.get("status", "")) or readable(group.get("x-supplementary-info", ""))
    code = reply_code(diagnostic)
    trouble = Trouble(action=action, status=status, code=code, text=reason)
    return FailedRecipient(address, action or trouble.action_said(), status, code, reason, trouble.permanent())


def _action(value: str) -> str:
    """RFC 3464 2.3.3; OpenSMTPD writes "error", others add comments."""
    word = value.split("(")[0].split(";")[0].strip().lower()
    for action in _ACTIONS:
        if word.startswith(action):
            return action
    if word.startswith(("fail", "error", "undeliver")):
        return "failed"
    return "delayed" if word.startswith(("delay", "deferred", "transient")) else ""


def _address_of(group: dict[str, str], diagnostic: str) -> str:
    """The address that was written to, as far as the report tells, else the one where delivery ended."""
    raw = [_typed(group[name]) for name in _NAMES if name in group]
    for text in raw:
        address = normal_address(text)
        if address:
            return address
    named = _ANGLED.search(diagnostic)
    if named is not None and normal_address(named.group(1)):
        return normal_address(named.group(1))
    return next((text[:320] for text in raw if text and text.lower() not in ("unknown", "<>")), "")


def _typed(value: str) -> str:
    """The address behind its type: `rfc822; jana@acme.cz`, `utf-8; …` with \\x{…} (RFC 6533 3), xtext (RFC 3461 4)."""
    kind, semicolon, rest = value.partition(";")
    text = (rest if semicolon and "@" not in kind else value).strip()
    angled = _ANGLED.search(text)
    text = angled.group(1) if angled is not None else text.split(" (")[0].strip().strip("<>").strip()
    if "\\x{" in text:
        text = _UNICODE.sub(_letter, text)
    # An address that came through ORCPT unread: + and = are written as +2B and +3D.
    if "+2B" in text or "+3D" in text or ("@" not in text and "+40" in text):
        text = _XTEXT.sub(lambda match: chr(int(match.group(1), 16)), text)
    return text.removeprefix("mailto:")


def _letter(match: re.Match[str]) -> str:
    number = int(match.group(1), 16)
    return chr(number) if 32 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""


def _diagnostic(value: str) -> str:
    """The server's words without their type: `smtp; 550 5.1.1 User unknown`."""
    kind, semicolon, rest = value.partition(";")
    typed = bool(semicolon) and re.fullmatch(r"\s*[A-Za-z][A-Za-z0-9-]{0,30}\s*(?:\([^)]*\))?\s*", kind) is not None
    return readable(rest if typed else value)


def _comment(value: str) -> str:
    """What stands in brackets behind a status: `5.1.1 (bad destination mailbox address)`."""
    _, bracket, rest = value.partition("(")
    return readable(rest.rpartition(")")[0] or rest) if bracket else ""
