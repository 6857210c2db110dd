"""What a rule can do, and what each deed needs to know. An action is `{"do": key, …parameters by name}`."""

from __future__ import annotations

from dataclasses import dataclass

from .conditions import BOTH, IN, OUT

MOST_ACTIONS = 20
OF_PROCESSES = {"process__isnull": False, "process__owner": None}  # canned answers that a rule may give
LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Parameter:
    """One thing that an action needs to know.

    `kind`: "person", "process" and "canned" (primary keys; canned answers of processes), "tag", "text" (many lines,
    with placeholders), "line" (one, with placeholders), "number", "choice" (of `choices`), "url", "address",
    "pattern".
    """

    name: str
    kind: str
    required: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActionKind:
    """One deed."""

    key: str
    directions: frozenset[str]
    parameters: tuple[Parameter, ...] = ()


ACTIONS: dict[str, ActionKind] = {
    kind.key: kind
    for kind in (
        ActionKind("assign", IN, (Parameter("person", "person"),)),
        ActionKind("pool", IN),  # it waits for anybody of the team
        ActionKind("process", IN, (Parameter("process", "process"),)),
        ActionKind("case", BOTH, (Parameter("pattern", "pattern", required=False),)),
        ActionKind("tag", BOTH, (Parameter("tag", "tag"),)),
        ActionKind("priority", BOTH, (Parameter("priority", "choice", choices=("high", "normal", "low")),)),
        ActionKind("close", BOTH),
        ActionKind("spam", IN),
        ActionKind("answer", IN, (Parameter("text", "text"),)),
        ActionKind("canned", IN, (Parameter("canned", "canned"),)),
        ActionKind("notify", BOTH, (Parameter("person", "person"), Parameter("text", "line", required=False))),
        ActionKind("webhook", BOTH, (Parameter("url", "url"),)),
        ActionKind(
            "task", BOTH,
            (Parameter("text", "line"), Parameter("person", "person", required=False),
             Parameter("days", "number", required=False)),
        ),
        ActionKind("sender", OUT, (Parameter("address", "address"),)),
        ActionKind("signature", OUT, (Parameter("text", "text"),)),
        ActionKind("bcc", OUT, (Parameter("address", "address"),)),
        ActionKind("footer", OUT, (Parameter("text", "text"),)),
        ActionKind("secure", OUT),
        ActionKind("review", OUT),
    )
}  # fmt: skip
