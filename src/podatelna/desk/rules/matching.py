"""Does a condition match? Plain words without regard to case and diacritics, or a pattern; both in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, cast

import re2

from podatelna.desk.placeholders import fill
from podatelna.mail.language import folded

from .conditions import FIELDS, MEGABYTE

_MOST_MEMORY = 8 * 1024 * 1024  # of one compiled pattern


class Pattern(Protocol):
    """What is used of a compiled pattern of RE2."""

    def search(self, text: str) -> Any:
        """The first match, or None."""
        ...

    def finditer(self, text: str) -> Iterator[Any]:
        """All matches that do not overlap."""
        ...


class BadPattern(ValueError):
    """A pattern that RE2 does not take; its words say why."""


class Facts(Protocol):
    """What a rule can ask of a message."""

    @property
    def places(self) -> Mapping[str, str]:
        """Values of placeholders."""
        ...

    def texts(self, field: str, header: str = "") -> Sequence[str]:
        """The values of a field of words."""
        ...

    def folded_texts(self, field: str, header: str = "") -> Sequence[str]:
        """The same in lower case without diacritics."""
        ...

    def sizes(self, field: str) -> Sequence[int]:
        """Sizes in bytes."""
        ...

    def is_so(self, field: str) -> bool:
        """The answer of a yes-or-no field."""
        ...

    def choice(self, field: str) -> str:
        """Which of a field's choices it is; "" for none."""
        ...


@lru_cache(maxsize=2000)
def pattern(text: str) -> Pattern:
    """A pattern compiled, case of no account, `^` and `$` at each line. Raises BadPattern."""
    options = re2.Options()
    options.log_errors, options.case_sensitive, options.max_mem = False, False, _MOST_MEMORY
    try:
        return cast(Pattern, re2.compile(f"(?m){_with_letters(text)}", options))
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise BadPattern(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None


def _with_letters(text: str) -> str:
    r"""RE2 means by \w only letters without diacritics: here it is every letter, as people expect it."""
    made: list[str] = []
    inside = False
    for piece in re.findall(r"\\.|.", text, re.DOTALL):
        if piece == "\\w":
            piece = _LETTERS if inside else f"[{_LETTERS}]"
        elif piece == "\\W" and not inside:
            piece = f"[^{_LETTERS}]"
        elif piece == "[":
            inside = True
        elif piece == "]":
            inside = False
        made.append(piece)
    return "".join(made)


_LETTERS = r"\pL\pM\pN_"


def matches(condition: Mapping[str, Any], facts: Facts) -> bool:
    """Whether the message is as the condition says. What is not understood never matches, with "not" neither."""
    kind = FIELDS.get(str(condition.get("field")))
    if kind is None or condition.get("how") not in kind.hows:
        return False
    try:
        found = _matches(kind.value, condition, facts)
    except BadPattern:
        return False  # it was checked when it was saved; another release of RE2 may think otherwise
    return found is not bool(condition.get("not"))


def _matches(value: str, condition: Mapping[str, Any], facts: Facts) -> bool:
    field, how = str(condition["field"]), str(condition["how"])
    lines = [str(line) for line in condition.get("lines") or [] if str(line).strip()]
    if value == "yes":
        return facts.is_so(field)
    if value == "choice":
        return facts.choice(field) in lines
    if value == "size":
        return any(_is_size(how, size, line) for size in facts.sizes(field) for line in lines[:1])
    header = str(condition.get("header") or "")
    if how == "matches":
        patterns = [pattern(fill(line, facts.places, written=re2.escape)) for line in lines]
        return any(one.search(text) for text in facts.texts(field, header) for one in patterns)
    words = [word for line in lines if (word := _plain(fill(line, facts.places)))]
    return any(_is(how, text, word) for text in facts.folded_texts(field, header) for word in words)


def _plain(text: str) -> str:
    return " ".join(folded(text).split())


def _is(how: str, text: str, word: str) -> bool:
    match how:
        case "is":
            return text == word
        case "begins":
            return text.startswith(word)
        case "ends":
            return text.endswith(word)
    return word in text


def _is_size(how: str, size: int, line: str) -> bool:
    try:
        limit = float(line.replace(",", ".")) * MEGABYTE
    except ValueError:
        return False
    return size > limit if how == "over" else size < limit


def plain_texts(texts: Iterable[str]) -> list[str]:
    """Texts as plain words are compared with them: folded, blanks single."""
    return [_plain(text) for text in texts]
