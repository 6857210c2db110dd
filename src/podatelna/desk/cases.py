"""Business cases: opening one, filing conversations under it, letting people into it, closing it.

Who sees what, in one place:

- The team of the case's process and the people let into it see the case: number, title, contact, deadline, people.
- The people of a case read and work on every conversation filed under it, of whatever process. The team sees of them
  what it sees anyway; that there are others is not told.
- So filing entrusts a conversation to the people of the case, now and later. It is for those who work on it (on a
  personal desk for its owner alone), and taking it out again withdraws it, also for the mail that came meanwhile.
- Only a person of the case lets others in. A case that has nobody any more is opened by who leads its process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from podatelna.accounts.access import grant, record, withdraw
from podatelna.accounts.models import Person, Scope
from podatelna.archive.columns import fit
from podatelna.contacts.models import Organisation
from podatelna.mail.language import folded

from .case_models import CASE_PERSON, Case, CaseQuerySet, CaseScope, Filing
from .case_numbers import allot, read_number, written
from .errors import NotFilable, NotLetIn
from .filing import carry_cases, enter
from .models import Conversation, ConversationQuerySet, Member, Process
from .rights import working_in, works_in


@dataclass(frozen=True)
class Facts:
    """What people write down of a case. `contact_address` is compared in lower case."""

    title: str
    contact_name: str = ""
    contact_address: str = ""
    deadline: date | None = None
    organisation: Organisation | None = None
    values: Mapping[str, str] = field(default_factory=dict)  # of own fields, as own_fields.normal_value has them
    keep_years: int | None = None  # its mail is kept so long after it was closed, whatever rules of processes say

    def columns(self) -> dict[str, Any]:
        """As the table has it."""
        return {
            "title": fit(self.title.strip(), 300),
            "contact_name": fit(self.contact_name.strip(), 300),
            "contact_address": fit(self.contact_address.strip(), 320).lower(),
            "deadline": self.deadline,
            "organisation_id": self.organisation.pk if self.organisation is not None else None,
            "values": {key: value for key, value in self.values.items() if value},
            "keep_years": self.keep_years,
        }

    def searched(self) -> str:
        """What words are looked for in."""
        organisation = str(self.organisation.root) if self.organisation is not None else ""
        words = (self.title, self.contact_name, self.contact_address, organisation, *self.values.values())
        return folded(" ".join(filter(None, words)))


def facts_of(case: Case) -> Facts:
    """What is written down of it now."""
    return Facts(
        title=case.title, contact_name=case.contact_name, contact_address=case.contact_address, deadline=case.deadline,
        organisation=case.organisation, values=case.values, keep_years=case.keep_years,
    )  # fmt: skip


@transaction.atomic
def open_case(process: Process, facts: Facts, by: Person, now: datetime) -> Case:
    """A new case with the next number of `process`; `by` is its first person. Raises NotFilable where they may not."""
    if not may_open(process, by):
        raise NotFilable("they do not work in the process")
    case = _opened(process, facts, by, now)
    grant(case.scope, by, CASE_PERSON, by)
    return case


@transaction.atomic
def open_by_rule(process: Process, facts: Facts, rule: int, now: datetime) -> Case:
    """A new case that the rule (its id) has made: nobody's yet, who leads the process decides who works on it."""
    return _opened(process, facts, None, now, rule=rule)


def _opened(process: Process, facts: Facts, by: Person | None, now: datetime, **how: Any) -> Case:
    year, serial = allot(process, now)
    scope = Scope.objects.create(kind=Scope.Kind.CASE)
    case = Case.objects.create(
        process=process, scope=scope, year=year, serial=serial, number=written(year, serial), created_by=by,
        created_at=now, folded=facts.searched(), **facts.columns(),
    )  # fmt: skip
    CaseScope.objects.bulk_create(CaseScope(case=case, scope=one) for one in (process.scope, scope))
    case.happened("opened", by, now)
    record(by, "open-case", f"case {case.pk}", process=process.pk, number=case.number, **how)
    return case


def may_open(process: Process, person: Person) -> bool:
    """Whether `person` may open cases of `process`: who works in it; a personal desk has none."""
    return process.owner_id is None and works_in(person, process)


def processes_for(person: Person) -> list[Process]:
    """The processes whose cases `person` may open, by name."""
    found = Process.objects.filter(owner=None, pk__in=working_in(person))
    return sorted(found, key=lambda process: process.name.casefold())


@transaction.atomic
def change(case: Case, facts: Facts, by: Person, now: datetime) -> bool:
    """Write down something else of it; False when it was so already."""
    before = {name: getattr(case, name) for name in facts.columns()}
    changed = {name: value for name, value in facts.columns().items() if before[name] != value}
    if not changed:
        return False
    Case.objects.filter(pk=case.pk).update(**changed, folded=facts.searched())
    case.refresh_from_db()
    case.happened("changed", by, now, fields=sorted(changed))
    # Names of columns alone: administrators read the log, and they see no case.
    record(by, "change-case", f"case {case.pk}", fields=sorted(changed))
    return True


@transaction.atomic
def close(case: Case, by: Person, now: datetime, *, also: Iterable[Conversation] = ()) -> bool:
    """Put it away as done, and the conversations `also` with it; False when it was closed already."""
    rows = Case.objects.filter(pk=case.pk, status=Case.Status.OPEN)
    if rows.update(status=Case.Status.CLOSED, closed_at=now) != 1:
        return False
    for conversation in also:
        conversation.close(by, now)
    return _turned(case, "closed", by, now)


@transaction.atomic
def reopen(case: Case, by: Person, now: datetime) -> bool:
    """Take it up again; its conversations stay as they are. False when it was open already."""
    rows = Case.objects.filter(pk=case.pk, status=Case.Status.CLOSED)
    if rows.update(status=Case.Status.OPEN, closed_at=None) != 1:
        return False
    return _turned(case, "reopened", by, now)


def _turned(case: Case, verb: str, by: Person, now: datetime) -> bool:
    case.refresh_from_db()
    case.happened(verb, by, now)
    record(by, "close-case" if verb == "closed" else "reopen-case", f"case {case.pk}")
    return True


def forget(address: str) -> None:
    """Take a contact whose data are erased out of the cases that name it; title and everything else stay."""
    for case in Case.objects.filter(contact_address=address.lower()):
        found = replace(facts_of(case), contact_name="", contact_address="").searched()
        Case.objects.filter(pk=case.pk).update(contact_name="", contact_address="", folded=found)


# --- its people ------------------------------------------------------------------------------------------


def people_of(case: Case) -> list[Person]:
    """Who was let into it and is still here, by name."""
    holders = case.scope.holdings.filter(reason=CASE_PERSON).values("person")
    return list(Person.objects.filter(pk__in=holders, is_active=True).order_by("name", "pk"))


def may_let_in(case: Case, person: Person) -> bool:
    """Whether `person` decides who is let into the case: its people; who leads its process where it has nobody."""
    people = people_of(case)
    if people:
        return person in people
    return case.process.members.filter(person=person, role=Member.Role.LEAD).exists()


@transaction.atomic
def let_in(case: Case, person: Person, by: Person, now: datetime) -> bool:
    """Let `person` see the case and all that is filed under it; False when they were in. Raises NotLetIn."""
    if not person.is_active or not may_let_in(case, by):
        raise NotLetIn
    if person in people_of(case):
        return False
    grant(case.scope, person, CASE_PERSON, by)
    case.happened("let-in", by, now, to=person.pk, name=person.name)
    return True


@transaction.atomic
def let_out(case: Case, person: Person, by: Person, now: datetime) -> bool:
    """Take `person` out of the case; False when they were not in it. Raises NotLetIn."""
    if not may_let_in(case, by):
        raise NotLetIn
    if person not in people_of(case):
        return False
    withdraw(case.scope, person, CASE_PERSON, by)
    case.happened("let-out", by, now, to=person.pk, name=person.name)
    for conversation in Conversation.objects.open().filter(filings__case=case, assignee=person):
        if not Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists():
            conversation.assign(None, by, now)
    return True


# --- what is filed under it ------------------------------------------------------------------------------


def may_file(conversation: Conversation, person: Person) -> bool:
    """Whether `person` may entrust the conversation to a case: who works on it, and on a personal desk its owner."""
    owner = conversation.process.owner_id
    return owner == person.pk if owner is not None else conversation.is_worked_by(person)


def may_take_out(conversation: Conversation, case: Case, person: Person) -> bool:
    """Whether `person` may take it out of the case: who may file it, and the people of the case."""
    return may_file(conversation, person) or person in people_of(case)


@transaction.atomic
def file(conversation: Conversation, case: Case, by: Person, now: datetime) -> bool:
    """File it under the case, whose people see it from now on; False when it was there. Raises NotFilable."""
    if not may_file(conversation, by) or not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise NotFilable("it is not theirs to file")
    conversation.locked()
    if not enter(conversation, case, by, now):
        return False
    conversation.happened("filed", by, now, case=case.pk)
    return True


@transaction.atomic
def take_out(conversation: Conversation, case: Case, by: Person, now: datetime) -> bool:
    """Take it out: the people of the case see it no more, unless they may anyway. False when it was not there.

    Raises NotFilable.
    """
    if not may_take_out(conversation, case, by):
        raise NotFilable("it is not theirs to take out")
    conversation.locked()
    gone, _ = Filing.objects.filter(case=case, conversation=conversation).delete()
    if not gone:
        return False
    carry_cases(conversation)
    conversation.happened("taken-out", by, now, case=case.pk)
    case.happened("taken-out", by, now, conversation=conversation.pk)
    record(by, "take-out-conversation", f"conversation {conversation.pk}", case=case.pk)
    _leave_with_who_sees_it(conversation, by, now)
    return True


def _leave_with_who_sees_it(conversation: Conversation, by: Person, now: datetime) -> None:
    assignee = conversation.locked().assignee
    if assignee is not None and not Conversation.objects.visible_to(assignee).filter(pk=conversation.pk).exists():
        conversation.assign(None, by, now)


def filed_under(case: Case, person: Person) -> ConversationQuerySet:
    """The conversations of the case that `person` may see, the last written to first."""
    rows = Conversation.objects.visible_to(person).filter(filings__case=case)
    return rows.select_related("process__owner", "worked_by", "assignee").order_by("-last_message_at", "-id")


def cases_of(conversation: Conversation, person: Person) -> list[Case]:
    """The cases it is filed under that `person` may see, by number."""
    rows = Case.objects.visible_to(person).filter(filings__conversation=conversation)
    return list(rows.select_related("process").order_by("number", "pk"))


# --- lists -----------------------------------------------------------------------------------------------


def find(person: Person, *, state: str = "", process: int | None = None, words: str = "") -> CaseQuerySet:
    """The cases that `person` may see, the newest first: "open", "closed" or all; by number or words of the title."""
    rows = Case.objects.visible_to(person).select_related("process")
    rows = {"open": rows.open, "closed": rows.closed}.get(state, rows.all)()
    if process is not None:
        rows = rows.filter(process=process)
    number = read_number(words)
    if number is not None:
        rows = rows.filter(number=number)
    elif words.strip():
        for word in folded(words).split()[:8]:
            rows = rows.filter(Q(folded__contains=word) | Q(number__contains=word))
    return rows.order_by("-id")


def page(queryset: CaseQuerySet, before: int | None, size: int = 50) -> tuple[list[Case], int | None]:
    """The next `size` rows after the case `before`, and the key of the page after it."""
    rows = list((queryset if before is None else queryset.filter(pk__lt=before))[: size + 1])
    return rows[:size], rows[size - 1].pk if len(rows) > size else None
