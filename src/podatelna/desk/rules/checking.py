"""Is a rule fit to be saved? Everything that can be known beforehand is found here and not when mail comes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from podatelna.accounts.models import Person
from podatelna.desk.errors import BadTag
from podatelna.desk.models import Process
from podatelna.desk.placeholders import unknown
from podatelna.desk.tags import clean
from podatelna.desk.text_models import CannedAnswer
from podatelna.mail.addresses import read_addresses
from podatelna.protocols.webhooks import WebhookRefused, check_url

from .actions import ACTIONS, LONGEST_TEXT, MOST_ACTIONS, OF_PROCESSES, Parameter
from .conditions import FIELDS, LONGEST_LINE, MOST_CONDITIONS, MOST_LINES, FieldKind
from .evaluation import RuleLike
from .matching import BadPattern, pattern

_HEADER = re.compile(r"[!-9;-~]{1,100}")  # RFC 5322 2.2


@dataclass(frozen=True)
class Problem:
    """What is wrong. `where`: "name", "conditions", "actions", or one of them with its number ("condition 2").

    `code` is one of CODES, `detail` what it is about.
    """

    where: str
    code: str
    detail: str = ""


CODES = {
    "empty": "nothing stands there",
    "too-many": "more than a rule may have",
    "too-long": "longer than it may be",
    "unknown": "there is no such thing",
    "direction": "it is not for mail of this direction",
    "pattern": "the pattern cannot be understood",
    "placeholder": "a place that does not exist",
    "header": "no name of a header field",
    "number": "no number",
    "address": "no address",
    "url": "no address of a webhook",
    "tag": "no tag",
    "gone": "a person, process or canned answer that is not there (any more)",
    "twice": "two actions that exclude each other",
}


def check(rule: RuleLike, direction: str) -> list[Problem]:
    """What is wrong with the rule; nothing when it may be saved."""
    return list(_problems(rule, direction))


def _problems(rule: RuleLike, direction: str) -> Iterator[Problem]:
    if not rule.name.strip():
        yield Problem("name", "empty")
    if len(rule.conditions) > MOST_CONDITIONS:
        yield Problem("conditions", "too-many", str(MOST_CONDITIONS))
    if not rule.actions:
        yield Problem("actions", "empty")
    if len(rule.actions) > MOST_ACTIONS:
        yield Problem("actions", "too-many", str(MOST_ACTIONS))
    for number, condition in enumerate(rule.conditions[:MOST_CONDITIONS], 1):
        for code, detail in _condition(condition, direction):
            yield Problem(f"condition {number}", code, detail)
    yield from _excluding(rule)
    for number, action in enumerate(rule.actions[:MOST_ACTIONS], 1):
        for code, detail in _action(action, direction):
            yield Problem(f"action {number}", code, detail)


# Of each of these a rule does one: with two, the first would be undone at once.
_ONE_OF = (
    {"assign", "pool"},
    {"process"},
    {"priority"},
    {"answer", "canned"},
    {"close", "spam"},
    {"sender"},
    {"signature"},
)


def _excluding(rule: RuleLike) -> Iterator[Problem]:
    keys = [str(action.get("do")) for action in rule.actions[:MOST_ACTIONS]]
    for number, key in enumerate(keys, 1):
        if any(key in group and group.intersection(keys[: number - 1]) for group in _ONE_OF):
            yield Problem(f"action {number}", "twice")


Found = Iterator[tuple[str, str]]


def _condition(condition: Mapping[str, Any], direction: str) -> Found:
    kind = FIELDS.get(str(condition.get("field")))
    if kind is None or condition.get("how") not in kind.hows:
        yield "unknown", str(condition.get("field"))
        return
    if direction not in kind.directions:
        yield "direction", kind.key
    if kind.key == "header" and not _HEADER.fullmatch(str(condition.get("header") or "")):
        yield "header", str(condition.get("header") or "")
    if kind.value != "yes":
        yield from _lines(kind, condition)


def _lines(kind: FieldKind, condition: Mapping[str, Any]) -> Found:
    lines = [str(line) for line in condition.get("lines") or [] if str(line).strip()]
    if not lines:
        yield "empty", kind.key
    if len(lines) > MOST_LINES:
        yield "too-many", str(MOST_LINES)
    for line in lines[:MOST_LINES]:
        if len(line) > LONGEST_LINE:
            yield "too-long", line[:40]
        elif kind.value == "size":
            yield from _number(line)
        elif kind.value == "choice" and line not in kind.choices:
            yield "unknown", line
        elif kind.value == "lines":
            yield from (("placeholder", name) for name in unknown(line))
            if condition.get("how") == "matches":
                yield from _pattern(line)


def _pattern(text: str) -> Found:
    try:
        pattern(re.sub(r"\{[a-z][a-z_.]*\}", "x", text))
    except BadPattern as error:
        yield "pattern", f"{text[:60]}: {error}"


def _number(text: str) -> Found:
    try:
        good = 0 <= float(text.replace(",", ".")) <= 100_000
    except ValueError:
        good = False
    if not good:
        yield "number", text[:40]


def _action(action: Mapping[str, Any], direction: str) -> Found:
    kind = ACTIONS.get(str(action.get("do")))
    if kind is None:
        yield "unknown", str(action.get("do"))
        return
    if direction not in kind.directions:
        yield "direction", kind.key
    for parameter in kind.parameters:
        value = str(action.get(parameter.name) if action.get(parameter.name) is not None else "").strip()
        if value:
            yield from _value(parameter, value)
        elif parameter.required:
            yield "empty", parameter.name


def _value(parameter: Parameter, value: str) -> Found:
    match parameter.kind:
        case "person":
            if not _is_key(value) or not Person.objects.filter(pk=int(value), is_active=True).exists():
                yield "gone", parameter.name
        case "process":
            if not _is_key(value) or not Process.objects.filter(pk=int(value), owner=None).exists():
                yield "gone", parameter.name
        case "canned":
            if not _is_key(value) or not CannedAnswer.objects.filter(pk=int(value), **OF_PROCESSES).exists():
                yield "gone", parameter.name
        case "choice":
            if value not in parameter.choices:
                yield "unknown", value[:40]
        case "number":
            if not _is_key(value) or int(value) > 3650:
                yield "number", value[:40]
        case "address":
            good, bad = read_addresses(value)
            if bad or len(good) != 1:
                yield "address", value[:80]
        case "url":
            yield from _url(value)
        case "tag":
            try:
                clean(value)
            except BadTag:
                yield "tag", value[:60]
        case "pattern":
            if len(value) > LONGEST_LINE:
                yield "too-long", value[:40]
            else:
                yield from _pattern(value)
        case _:
            if len(value) > LONGEST_TEXT:
                yield "too-long", parameter.name
            yield from (("placeholder", name) for name in unknown(value))


def _is_key(value: str) -> bool:
    return value.isdecimal() and len(value) <= 18  # what a column holds


def _url(value: str) -> Found:
    try:
        check_url(value, internal=False)
    except WebhookRefused as error:
        yield "url", error.detail
