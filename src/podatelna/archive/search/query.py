"""The query language, read into a tree: all of several groups, of each group at least one term."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from django.utils import timezone

from podatelna.archive.errors import QueryError
from podatelna.mail.language import words

from .ids import second

_LONGEST = 1000
_FIELDS = {"from": "sender", "to": "recipients", "subject": "subject", "filename": "files"}
_DATES = ("after", "before")
# What only those above the archive can tell of a message: each name, and the one it is another word for.
_NARROWING = {
    "in": "in",
    "process": "in",
    "is": "is",
    "case": "case",
    "tag": "tag",
    "priority": "priority",
    "order": "order",
}
_KNOWN = (*_FIELDS, "has", *_DATES, *_NARROWING, "sort")
_SORTS = ("relevance", "newest")

_TOKEN = re.compile(r'(?P<minus>-?)(?:(?P<name>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>\S*))')


@dataclass(frozen=True)
class Term:
    """Something that must be there, or must not. `field` is one of Document's, "" for any; `flag` is a mark of it.

    One word that is not `exact` is met by its stem; otherwise the plain words stand side by side, the last of them only
    begun when `begins`.
    """

    words: tuple[tuple[str, str], ...] = ()
    field: str = ""
    flag: str = ""
    exact: bool = False
    begins: bool = False
    negated: bool = False


@dataclass(frozen=True)
class Narrowing:
    """`name`:`value` as it was typed, about what stands above the archive: "in" a process, "is" open.

    `position` is where it starts in the query, `value_position` where its value does.
    """

    name: str
    value: str
    negated: bool = False
    position: int = 0
    value_position: int = 0


@dataclass(frozen=True)
class Query:
    """All of `groups` must hold, each by any of its terms, all `narrowings`, and since <= search id < until.

    The newest are wanted first, or those that answer best.
    """

    groups: tuple[tuple[Term, ...], ...]
    since: int | None = None
    until: int | None = None
    narrowings: tuple[Narrowing, ...] = ()
    by_relevance: bool = False


def read_query(text: str) -> Query:
    """Understand a typed query. Raises QueryError with the position of what is not understood."""
    if len(text) > _LONGEST:
        raise QueryError("too-long", _LONGEST)
    groups: list[list[Term]] = []
    bounds: dict[str, int] = {}
    narrowings: list[Narrowing] = []
    by_relevance = joined = False
    for token in _tokens(text):
        if token.group() == "OR":
            joined = bool(groups)
            continue
        name = (token["name"] or "").lower()
        if name in _DATES:
            _check_alone(token, joined, text, "date-in-or", negatable=False)
            _narrow(bounds, name, _date(token))
            continue
        if name in _NARROWING:
            _check_alone(token, joined, text, "whole-in-or", negatable=True)
            narrowings.append(_narrowing(token))
            continue
        if name == "sort":
            _check_alone(token, joined, text, "whole-in-or", negatable=False)
            by_relevance = _sort(token) == "relevance"
            continue
        term = _term(token)
        if term and joined:
            groups[-1].append(term)
        elif term:
            groups.append([term])
        joined = False
    if not groups and not bounds and not narrowings:
        raise QueryError("empty", 0)
    return Query(tuple(map(tuple, groups)), bounds.get("after"), bounds.get("before"), tuple(narrowings), by_relevance)


def _tokens(text: str) -> list[re.Match[str]]:
    tokens = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _TOKEN.match(text, at)
        assert token is not None  # it takes whatever is no space
        tokens.append(token)
        at = token.end()
    return tokens


def _term(token: re.Match[str]) -> Term | None:
    """The term of a token, or None when there is no word in it (a lone dash, a bracket)."""
    name = (token["name"] or "").lower()
    negated = bool(token["minus"])
    if name and not _is_operator(token):
        return _words_term(token.group().removeprefix("-"), "", False, negated)
    value = _value(token)
    if name and not value.strip():
        raise QueryError("needs-value", token.start("name"), f"{name}:")
    if name == "has":
        return _flag(token, value, negated)
    return _words_term(value, _FIELDS.get(name, ""), token["phrase"] is not None, negated)


def _value(token: re.Match[str]) -> str:
    return str(token["word"] if token["phrase"] is None else token["phrase"])


def _value_start(token: re.Match[str]) -> int:
    return token.start("word" if token["phrase"] is None else "phrase")


def _is_operator(token: re.Match[str]) -> bool:
    """Whether `name:value` is meant as an operator. "Re: offer", "http://…" and "12:30" are only words."""
    name = token["name"].lower()
    if name in _KNOWN:
        return True
    if token["phrase"] is None and (not token["word"] or not token["word"][0].isalnum()):
        return False
    raise unknown_operator(name, token.start("name"))


def unknown_operator(name: str, position: int) -> QueryError:
    """The error for `name`: as an operator, with those there are, first the one that was probably meant."""
    near = get_close_matches(name, _KNOWN, n=1, cutoff=0.6)
    return QueryError("unknown-operator", position, f"{name}:", [f"{one}:" for one in dict.fromkeys((*near, *_KNOWN))])


def _words_term(text: str, field: str, exact: bool, negated: bool) -> Term | None:
    begins = text.endswith("*") and not exact
    found = tuple(words(text))
    if not found:
        return None
    return Term(found, field=field, exact=exact, begins=begins, negated=negated)


def _flag(token: re.Match[str], value: str, negated: bool) -> Term:
    if value.lower() not in {"attachment", "attachments"}:
        raise QueryError("bad-has", _value_start(token), value)
    return Term(flag="attachment", negated=negated)


def _narrowing(token: re.Match[str]) -> Narrowing:
    name, value = token["name"].lower(), _value(token).strip()
    if not value:
        raise QueryError("needs-value", token.start("name"), f"{name}:")
    return Narrowing(_NARROWING[name], value, bool(token["minus"]), token.start(), _value_start(token))


def _sort(token: re.Match[str]) -> str:
    value = _value(token).strip().lower()
    if value not in _SORTS:
        raise QueryError("bad-sort", _value_start(token), _value(token), [f"sort:{one}" for one in _SORTS])
    return value


# --- dates -----------------------------------------------------------------------------------------------


def _check_alone(token: re.Match[str], joined: bool, text: str, code: str, *, negatable: bool) -> None:
    followed = re.match(r"\s+OR(?:\s|$)", text[token.end() :])
    if joined or followed or (token["minus"] and not negatable):
        raise QueryError(code, token.start(), token.group())


def _narrow(bounds: dict[str, int], name: str, value: int) -> None:
    if name == "after":
        bounds[name] = max(value, bounds.get(name, value))
    else:
        bounds[name] = min(value, bounds.get(name, value))


_WRITTEN = (
    re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?\Z"),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})\Z"),
)


def _date(token: re.Match[str]) -> int:
    """The first second of the day, month or year that is written, in the company's time zone."""
    value = _value(token)
    if not value.strip():
        raise QueryError("needs-value", token.start("name"), f"{token['name'].lower()}:")
    for pattern in _WRITTEN:
        if found := pattern.match(value.strip()):
            year, month, day = (int(found[part] or 1) for part in ("year", "month", "day"))
            try:
                local = datetime(year, month, day, tzinfo=timezone.get_default_timezone())
                return second(local.astimezone(UTC))
            except (ValueError, OverflowError):
                break
    raise QueryError("bad-date", _value_start(token), value)
