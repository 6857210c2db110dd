"""What an act in the log is about, by the name that it has now; the log itself has only kinds and numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from podatelna.accounts.models import Person
from podatelna.desk.models import Process
from podatelna.gateways.form_models import WebForm
from podatelna.gateways.models import Gateway


def names_of(subjects: Iterable[str]) -> dict[str, str]:
    """Names of people, processes and gateways among subjects like "person 6"; what is gone or has no name is left out.

    The title of a conversation is not among them: who reads the log need not see the conversation.
    """
    wanted: dict[str, set[int]] = defaultdict(set)
    for subject in subjects:
        kind, _, number = subject.partition(" ")
        if number.isdecimal() and len(number) < 19:
            wanted[kind].add(int(number))
    names = {
        "person": Person.objects.filter(pk__in=wanted["person"]).values_list("pk", "name"),
        "process": Process.objects.filter(pk__in=wanted["process"]).values_list("pk", "name"),
        "form": WebForm.objects.filter(pk__in=wanted["form"]).values_list("pk", "name"),
        "gateway": Gateway.objects.filter(pk__in=wanted["gateway"]).values_list("pk", "address"),
        "scope": Process.objects.filter(scope__in=wanted["scope"]).values_list("scope", "name"),
    }
    return {f"{kind} {pk}": name for kind, rows in names.items() for pk, name in rows}
