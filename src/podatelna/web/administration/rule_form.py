"""A rule as it is being written: what stands in the form, read and shown again, fit to be saved or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise

from podatelna.accounts.models import Person
from podatelna.desk.models import Process
from podatelna.desk.rule_models import Rule
from podatelna.desk.rules.actions import ACTIONS, MOST_ACTIONS, OF_PROCESSES, ActionKind, Parameter
from podatelna.desk.rules.checking import Problem, check
from podatelna.desk.rules.conditions import FIELDS, MOST_CONDITIONS, FieldKind
from podatelna.desk.text_models import CannedAnswer
from podatelna.web import rule_words as words

Choice = tuple[str, str | Promise, bool]  # value, words, whether it is chosen
_MOST_TEXT = 40_000


def read(post: QueryDict, rule: Rule) -> Rule:
    """`rule` as it stands in the form that was sent; not saved. What was added or taken away by a button is so."""
    rule.name = " ".join(post.get("name", "").replace("\0", "").split())[:100]
    rule.joined = "any" if post.get("joined") == "any" else "all"
    rule.stops, rule.is_on = "stops" in post, "is_on" in post
    if rule._state.adding:
        rule.direction = "out" if post.get("direction") == "out" else "in"
    gone = post.get("away", "")
    rule.conditions = [
        _condition(post, number) for number in post.getlist("condition")[:MOST_CONDITIONS] if f"c{number}" != gone
    ]
    rule.actions = [_action(post, number) for number in post.getlist("action")[:MOST_ACTIONS] if f"a{number}" != gone]
    if post.get("add") == "condition":
        rule.conditions.append({"field": "subject", "how": "contains", "not": False, "lines": []})
    if post.get("add") == "action":
        rule.actions.append({"do": next(key for key, kind in ACTIONS.items() if rule.direction in kind.directions)})
    return rule


def is_being_written(post: QueryDict) -> bool:
    """Whether the form was sent to be shown again, and not to be saved."""
    return bool({"add", "away", "refresh"} & post.keys())


def _condition(post: QueryDict, number: str) -> dict[str, Any]:
    kind = FIELDS.get(post.get(f"c{number}-field", "")) or FIELDS["subject"]
    how = post.get(f"c{number}-how", "")
    name = f"c{number}-lines"
    typed = post.getlist(name) if kind.value == "choice" else post.get(name, "").splitlines()
    lines = [line.replace("\0", "").strip()[:2_000] for line in typed]
    found: dict[str, Any] = {
        "field": kind.key,
        "how": how if how in kind.hows else kind.hows[0],
        "not": post.get(f"c{number}-not") == "1",
        "lines": [line for line in lines if line] if kind.value != "yes" else [],
    }
    if kind.value == "choice":
        found["lines"] = [line for line in found["lines"] if line in kind.choices]
    if kind.key == "header":
        found["header"] = post.get(f"c{number}-header", "").strip().rstrip(":")[:100]
    return found


def _action(post: QueryDict, number: str) -> dict[str, Any]:
    kind = ACTIONS.get(post.get(f"a{number}-do", "")) or ACTIONS["tag"]
    found: dict[str, Any] = {"do": kind.key}
    for parameter in kind.parameters:
        value = post.get(f"a{number}-{parameter.name}", "").replace("\0", "")[:_MOST_TEXT]
        value = value.replace("\r\n", "\n") if parameter.kind == "text" else " ".join(value.split())
        if value.strip():
            is_key = parameter.kind in {"person", "process", "canned"} and value.isdecimal()
            found[parameter.name] = int(value) if is_key else value
    return found


@dataclass(frozen=True)
class ConditionRow:
    """One condition as the form shows it."""

    number: int
    condition: dict[str, Any]
    direction: str
    problems: Sequence[str]

    @property
    def kind(self) -> FieldKind:
        """What it asks."""
        return FIELDS.get(str(self.condition.get("field"))) or FIELDS["subject"]

    @property
    def fields(self) -> list[Choice]:
        """What can be asked of mail of this direction."""
        asked = [key for key, kind in FIELDS.items() if self.direction in kind.directions]
        return [(key, words.FIELDS[key], key == self.kind.key) for key in asked]

    @property
    def hows(self) -> list[Choice]:
        """How it can be asked."""
        return [(how, words.HOWS[how], how == self.condition.get("how")) for how in self.kind.hows]

    @property
    def choices(self) -> list[Choice]:
        """Of a field with choices."""
        lines = self.condition.get("lines") or []
        return [(key, words.CHOICES[key], key in lines) for key in self.kind.choices]

    @property
    def text(self) -> str:
        """Its lines."""
        return "\n".join(str(line) for line in self.condition.get("lines") or [])

    @property
    def rows(self) -> int:
        """How high the field for its lines is."""
        return min(max(len(self.condition.get("lines") or []) + 1, 2), 10)

    @property
    def hint(self) -> str | Promise:
        """What one should know of the field."""
        return words.HINTS.get(self.kind.key, "")


@dataclass(frozen=True)
class ParameterRow:
    """One thing that an action needs to know, as the form shows it."""

    parameter: Parameter
    value: str
    choices: list[Choice] = field(default_factory=list)

    @property
    def name(self) -> str:
        """In the form."""
        return self.parameter.name

    @property
    def label(self) -> str | Promise:
        """In words."""
        return words.PARAMETERS[self.parameter.name]

    @property
    def is_chosen(self) -> bool:
        """Whether its value is still there to be chosen: who has left is not, and nobody takes their place unasked."""
        return any(chosen for _, _, chosen in self.choices)


@dataclass(frozen=True)
class ActionRow:
    """One action as the form shows it."""

    number: int
    action: dict[str, Any]
    direction: str
    problems: Sequence[str]
    people: list[Person]
    processes: list[Process]

    @property
    def kind(self) -> ActionKind:
        """What it does."""
        return ACTIONS.get(str(self.action.get("do"))) or ACTIONS["tag"]

    @property
    def deeds(self) -> list[Choice]:
        """What can be done with mail of this direction."""
        done = [key for key, kind in ACTIONS.items() if self.direction in kind.directions]
        return [(key, words.ACTIONS[key], key == self.kind.key) for key in done]

    @property
    def hint(self) -> str | Promise:
        """What one should know of it."""
        return words.ACTION_HINTS.get(self.kind.key, "")

    @property
    def parameters(self) -> list[ParameterRow]:
        """What it needs to know."""
        return [self._row(parameter) for parameter in self.kind.parameters]

    def _row(self, parameter: Parameter) -> ParameterRow:
        value = str(self.action.get(parameter.name) if self.action.get(parameter.name) is not None else "")
        options: dict[str, list[tuple[str, str | Promise]]] = {
            "person": [(str(one.pk), one.name) for one in self.people],
            "process": [(str(one.pk), one.name) for one in self.processes],
            "choice": [(key, words.CHOICES[key]) for key in parameter.choices],
            "canned": _canned() if parameter.kind == "canned" else [],
        }
        choices = [(key, name, key == value) for key, name in options.get(parameter.kind, [])]
        return ParameterRow(parameter, value, choices)


def _canned() -> list[tuple[str, str | Promise]]:
    rows = CannedAnswer.objects.filter(**OF_PROCESSES).select_related("process")
    return [(str(one.pk), f"{one.process}: {one.name}") for one in rows.order_by("process__name", "name")]


@dataclass(frozen=True)
class RuleView:
    """A rule in a form, with what is wrong with it."""

    rule: Rule
    problems: Sequence[Problem] = ()

    @property
    def conditions(self) -> list[ConditionRow]:
        """Its conditions."""
        return [
            ConditionRow(number, condition, self.rule.direction, self._words(f"condition {number}"))
            for number, condition in enumerate(self.rule.conditions, 1)
        ]

    @property
    def actions(self) -> list[ActionRow]:
        """Its actions."""
        people = list(Person.objects.filter(is_active=True))
        processes = list(Process.objects.of_company())
        return [
            ActionRow(number, action, self.rule.direction, self._words(f"action {number}"), people, processes)
            for number, action in enumerate(self.rule.actions, 1)
        ]

    @property
    def general(self) -> list[str]:
        """What is wrong with the whole."""
        return [said for where in ("name", "conditions", "actions") for said in self._words(where)]

    def _words(self, where: str) -> list[str]:
        return [problem_words(problem) for problem in self.problems if problem.where == where]


def problem_words(problem: Problem) -> str:
    """What is wrong, in a sentence."""
    where = {"name": words.NAME_MISSING, "actions": words.ACTIONS_MISSING}.get(problem.where)
    if problem.code == "empty" and where is not None:
        return str(where)
    return str(words.PROBLEMS.get(problem.code, problem.code) % {"detail": problem.detail})


def checked(rule: Rule) -> list[Problem]:
    """What is wrong with it; that its name is taken too."""
    found = check(rule, rule.direction)
    if Rule.objects.filter(name=rule.name).exclude(pk=rule.pk).exists():
        found.append(Problem("name", "taken"))
    return found


def summary(rule: Rule) -> Iterator[str]:
    """The conditions of a rule in short lines."""
    for condition in rule.conditions:
        kind = FIELDS.get(str(condition.get("field")))
        if kind is None:
            continue
        lines = [str(words.CHOICES.get(line, line)) for line in condition.get("lines") or []]
        shown = ", ".join(lines[:3]) + ("…" if len(lines) > 3 else "")
        name = str(words.FIELDS[kind.key])
        name = f"{name} {condition.get('header')}" if kind.key == "header" else name
        how = "" if kind.value in {"yes", "choice"} else f" {words.HOWS[str(condition.get('how'))]}"
        negated = f" ({words.NOT})" if condition.get("not") else ""
        yield f"{name}{negated}{how}{': ' if shown else ''}{shown}"
