"""From rules in their order and a message's facts to what is to be done. Pure: nothing is read or written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .matching import Facts, matches


class RuleLike(Protocol):
    """What is asked of a rule: a row, or one that is only being written."""

    name: str
    joined: str
    conditions: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    stops: bool
    is_on: bool


@dataclass(frozen=True)
class Decision:
    """A rule that matched. `on`: the fields because of which; none of a rule without conditions."""

    rule: RuleLike
    on: tuple[str, ...]

    @property
    def actions(self) -> list[Mapping[str, Any]]:
        """What is to be done, in its order."""
        return list(self.rule.actions)

    @property
    def stopped(self) -> bool:
        """Whether no later rule was looked at."""
        return self.rule.stops


def evaluate(rules: Iterable[RuleLike], facts: Facts) -> list[Decision]:
    """The rules that match, from the top until one that matched stops."""
    decisions = []
    for rule in rules:
        on = matched_on(rule, facts) if rule.is_on else None
        if on is None:
            continue
        decisions.append(Decision(rule, on))
        if rule.stops:
            break
    return decisions


def matched_on(rule: RuleLike, facts: Facts) -> tuple[str, ...] | None:
    """The fields on which the rule matches, each once; None when it does not."""
    found = []
    for condition in rule.conditions:
        if matches(condition, facts):
            found.append(str(condition["field"]))
            if rule.joined == "any":
                break
        elif rule.joined != "any":
            return None
    if rule.conditions and not found:
        return None
    return tuple(dict.fromkeys(found))
