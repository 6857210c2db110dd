"""Who may act and who only reads: answering, assigning, closing, filing, tagging and every other change.

Seeing is decided by scopes (accounts/access.py). Acting needs one more thing: a reason to see it that is more than
reading. Readers of a process hold its scope as readers; an auditor in an inspection holds nothing at all.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from podatelna.accounts.access import record
from podatelna.accounts.inspections import is_inspecting
from podatelna.accounts.models import Holding, Person

from .case_models import Case, CaseQuerySet, CaseScope
from .errors import NotAllowed
from .models import Conversation, ConversationQuerySet, ConversationScope, Member, Process

READS_ONLY = ("reader",)  # the reasons for holding a scope that are for looking on alone


def may_act(person: Person, conversation: Conversation) -> bool:
    """Whether `person` may change something of the conversation, and answer in it."""
    return acted_on_by(person).filter(pk=conversation.pk).exists()


def acted_on_by(person: Person) -> ConversationQuerySet:
    """The conversations that `person` may act on; all of them are visible to them."""
    links = ConversationScope.objects.filter(conversation=OuterRef("pk")).filter(_acting(person))
    return Conversation.objects.filter(Exists(links))


def may_act_on_case(person: Person, case: Case) -> bool:
    """Whether `person` may change something of the case."""
    return cases_acted_on_by(person).filter(pk=case.pk).exists()


def cases_acted_on_by(person: Person) -> CaseQuerySet:
    """The cases that `person` may change and file under."""
    links = CaseScope.objects.filter(case=OuterRef("pk")).filter(_acting(person))
    return Case.objects.filter(Exists(links))


def require_act(person: Person, conversation: Conversation, act: str) -> None:
    """Raise NotAllowed, and write the refusal into the log, when `person` may only read the conversation.

    Outside of the transaction of the act, or the line goes with it.
    """
    if not may_act(person, conversation):
        refuse(person, f"conversation {conversation.pk}", act)


def refuse(person: Person, subject: str, act: str) -> None:
    """Write down that `person` wanted to do `act` to `subject`. Raises NotAllowed."""
    record(person, "refused", subject, wanted=act)
    raise NotAllowed(f"{act} {subject}")


def works_in(person: Person, process: Process) -> bool:
    """Whether `person` is of the team and more than a reader."""
    return working_in(person).filter(process=process).exists()


def working_in(person: Person) -> QuerySet[Member, int]:
    """The processes (ids) that `person` works in: leads and members."""
    if is_inspecting(person):
        return Member.objects.none().values_list("process_id", flat=True)
    return Member.objects.filter(person=person).exclude(role=Member.Role.READER).values_list("process_id", flat=True)


def _acting(person: Person) -> Exists:
    """Whether `person` holds the scope of a link for more than looking on."""
    held = Holding.objects.filter(person=person, scope=OuterRef("scope")).exclude(reason__in=READS_ONLY)
    return Exists(held.none() if not person.is_active or is_inspecting(person) else held)
