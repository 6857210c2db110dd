"""Confidential conversations and cases: seen by the people who are named, and not by the team of the process.

Nothing else decides than scopes, as everywhere: what is confidential does not carry its process's scope, and the named
people hold its own. Search, counts and open pages follow in the same transaction. Who leads the process, or has the
conversation, makes it confidential and says who is named; a case's people are its named people.

What grows out of a confidential conversation (mail that comes later, a split, a thread that joins it) is confidential.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from podatelna.accounts.access import grant, record, withdraw
from podatelna.accounts.models import Holding, Person, Scope
from podatelna.archive.models import Delivery, DeliveryScope

from . import changes
from .case_models import CASE_PERSON, Case, CaseScope
from .errors import NotConfidable
from .filing import messages_of, put_right
from .models import ASSIGNED, NAMED, Conversation, ConversationScope, Entry, Member
from .rights import may_act, may_act_on_case


def may_decide(conversation: Conversation, person: Person) -> bool:
    """Whether `person` makes it confidential, or open again, and says who is named.

    Who leads the process or has the conversation; when nobody who could is among the named people, any of those.
    A personal desk is its owner's alone anyway.
    """
    if conversation.process.owner_id is not None or not may_act(person, conversation):
        return False
    deciding = _deciding(conversation)
    if person.pk in deciding:
        return True
    named = {one.pk for one in named_people(conversation)}
    return conversation.is_confidential and person.pk in named and not deciding & named


def _deciding(conversation: Conversation) -> set[int]:
    leads = Member.objects.filter(process=conversation.process_id, role=Member.Role.LEAD, person__is_active=True)
    found = set(leads.values_list("person_id", flat=True))
    return found | ({conversation.assignee_id} if conversation.assignee_id is not None else set())


def named_people(conversation: Conversation) -> list[Person]:
    """Who is named, by name."""
    holders = conversation.scope.holdings.filter(reason=NAMED).values("person")
    return list(Person.objects.filter(pk__in=holders, is_active=True).order_by("name", "pk"))


@transaction.atomic
def make_confidential(conversation: Conversation, by: Person, now: datetime, named: Iterable[Person] = ()) -> bool:
    """Only `named`, `by` and who has it see it from now on; False when it was so. Raises NotConfidable.

    Those who were let into this very conversation, and the people of a case it is filed under, go on seeing it.
    """
    if not may_decide(conversation, by):
        raise NotConfidable
    conversation = conversation.locked()
    if conversation.is_confidential:
        return False
    people = {by, *named} | ({conversation.assignee} if conversation.assignee is not None else set())
    for person in sorted(people, key=lambda one: one.pk):
        if person.is_active:
            grant(conversation.scope, person, NAMED, by)
    Conversation.objects.filter(pk=conversation.pk).update(is_confidential=True)
    keep(conversation)
    conversation.happened("confidential", by, now)
    record(by, "make-confidential", f"conversation {conversation.pk}", named=sorted(one.pk for one in people))
    return True


@transaction.atomic
def make_open(conversation: Conversation, by: Person, now: datetime) -> bool:
    """The team sees it again; False when it did. Raises NotConfidable."""
    if not may_decide(conversation, by):
        raise NotConfidable
    conversation = conversation.locked()
    if not conversation.is_confidential:
        return False
    Conversation.objects.filter(pk=conversation.pk).update(is_confidential=False)
    conversation.is_confidential = False
    conversation.carry(conversation.process.scope)
    named = named_people(conversation)
    for person in named:
        withdraw(conversation.scope, person, NAMED, by)
    # Who has it and is not of the team holds it as whoever is given a conversation.
    assignee = conversation.assignee
    if assignee is not None and not conversation.is_worked_by(assignee):
        grant(conversation.scope, assignee, ASSIGNED, by)
    conversation.happened("open-again", by, now)
    record(by, "make-open", f"conversation {conversation.pk}", named=[one.pk for one in named])
    return True


@transaction.atomic
def name(conversation: Conversation, person: Person, by: Person, now: datetime) -> bool:
    """`person` may see the confidential conversation and work on it; False when they were named."""
    if not (conversation.is_confidential and person.is_active and may_decide(conversation, by)):
        raise NotConfidable
    if person in named_people(conversation):
        return False
    grant(conversation.scope, person, NAMED, by)
    conversation.happened("let-in", by, now, to=person.pk, name=person.name)
    return True


@transaction.atomic
def unname(conversation: Conversation, person: Person, by: Person, now: datetime) -> bool:
    """`person` sees it no more, whatever let them into this very conversation; somebody must be left.

    False when they were not let in. Raises NotConfidable.
    """
    if not (conversation.is_confidential and may_decide(conversation, by)):
        raise NotConfidable
    held = list(conversation.scope.holdings.filter(person=person).values_list("reason", flat=True))
    if not held:
        return False
    if {one.pk for one in named_people(conversation)} <= {person.pk}:
        raise NotConfidable("somebody must be left who sees it")
    if conversation.locked().assignee_id == person.pk:
        conversation.assign(None, by, now)
    for reason in held:
        withdraw(conversation.scope, person, reason, by)
    conversation.happened("let-out", by, now, of=person.pk, name=person.name)
    return True


def keep(conversation: Conversation) -> None:
    """Let a confidential conversation and its mail carry its own scope and not its process's, whatever was done to it.

    For whoever joins, splits and restores conversations; nothing happens to one that is not confidential. Who has it
    and is not among those who see it has it no more.
    """
    conversation.refresh_from_db()
    if not conversation.is_confidential:
        return
    conversation.carry(conversation.scope)
    team = [conversation.process.scope_id]
    ConversationScope.objects.filter(conversation=conversation, scope__in=team).delete()
    messages = messages_of(conversation)
    # The same message may have come to another conversation of the team: its copy there stays the team's.
    elsewhere = Entry.objects.filter(message__in=messages, conversation__scope_links__scope__in=team)
    links = DeliveryScope.objects.filter(message__in=messages, scope__in=team)
    gone = links.exclude(message__in=elsewhere.exclude(conversation=conversation).values("message"))
    kept = Delivery.objects.filter(pk__in=gone.values("delivery"))
    DeliveryScope.objects.bulk_create(
        [DeliveryScope(delivery=one, message_id=one.message_id, scope_id=conversation.scope_id) for one in kept],
        ignore_conflicts=True,
    )
    gone.delete()
    put_right(messages)


def follow(target: Conversation, source: Conversation, *, new: bool) -> None:
    """Mail went from `source` to `target`: where either is confidential, both are, before anything is seen."""
    if source.is_confidential:
        seen = Holding.objects.filter(scope__conversation_links__conversation=target).values_list("person", flat=True)
        already = set(seen)
        for person in named_people(source):
            if new or person.pk in already:
                grant(target.scope, person, NAMED, None)
        Conversation.objects.filter(pk=target.pk).update(is_confidential=True)
    keep(target)


def hand_on(source: Conversation, target: Conversation, messages: Iterable[int]) -> None:
    """Copies of `messages` (ids) that only a confidential `source` knew as its own are known to `target` too."""
    if not source.is_confidential:
        return
    scopes = list(target.own_scopes())
    links = DeliveryScope.objects.filter(message__in=list(messages), scope=source.scope_id)
    DeliveryScope.objects.bulk_create(
        [
            DeliveryScope(delivery_id=delivery, message_id=message, scope_id=scope)
            for delivery, message in links.values_list("delivery", "message")
            for scope in scopes
        ],
        ignore_conflicts=True,
    )


# --- cases -----------------------------------------------------------------------------------------------


def may_decide_case(case: Case, person: Person) -> bool:
    """Whether `person` makes the case confidential or open again: its people, and who leads its process."""
    if not may_act_on_case(person, case):
        return False
    leads = case.process.members.filter(person=person, role=Member.Role.LEAD)
    return case.scope.holdings.filter(person=person, reason=CASE_PERSON).exists() or leads.exists()


@transaction.atomic
def make_case_confidential(case: Case, by: Person, now: datetime) -> bool:
    """Only its people see the case from now on, `by` among them; False when it was so. Raises NotConfidable.

    The conversations filed under it are seen as they were.
    """
    if not may_decide_case(case, by):
        raise NotConfidable
    if Case.objects.filter(pk=case.pk, is_confidential=False).update(is_confidential=True) != 1:
        return False
    case.is_confidential = True
    grant(case.scope, by, CASE_PERSON, by)
    CaseScope.objects.filter(case=case, scope__kind=Scope.Kind.PROCESS).delete()
    case.happened("confidential", by, now)
    record(by, "make-confidential", f"case {case.pk}")
    return True


@transaction.atomic
def make_case_open(case: Case, by: Person, now: datetime) -> bool:
    """The team of its process sees the case again; False when it did. Raises NotConfidable."""
    if not may_decide_case(case, by):
        raise NotConfidable
    if Case.objects.filter(pk=case.pk, is_confidential=True).update(is_confidential=False) != 1:
        return False
    case.is_confidential = False
    CaseScope.objects.get_or_create(case=case, scope=case.process.scope)
    case.happened("open-again", by, now)
    record(by, "make-open", f"case {case.pk}")
    return True


# --- when somebody leaves --------------------------------------------------------------------------------


@transaction.atomic
def pass_on(person: Person, by: Person | None, now: datetime) -> int:
    """What only `person` sees, who leaves, is for whoever leads its process from now on; how many there were."""
    passed = 0
    held = Holding.objects.filter(person=person).values("scope")
    for conversation in Conversation.objects.filter(is_confidential=True, scope__in=held).select_related("process"):
        if not _others(conversation.scope, person):
            for lead in _leads(conversation.process_id, person):
                grant(conversation.scope, lead, NAMED, by)
            changes.touched(conversation, now)
            passed += 1
    for case in Case.objects.filter(is_confidential=True, scope__in=held):
        if not _others(case.scope, person):
            for lead in _leads(case.process_id, person):
                grant(case.scope, lead, CASE_PERSON, by)
            passed += 1
    return passed


def _others(scope: Scope, person: Person) -> bool:
    return scope.holdings.filter(person__is_active=True).exclude(person=person).exists()


def _leads(process: int, but: Person) -> list[Person]:
    rows = Member.objects.filter(process=process, role=Member.Role.LEAD, person__is_active=True).exclude(person=but)
    return [row.person for row in rows.select_related("person")]
