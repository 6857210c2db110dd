"""Handing a conversation of a personal desk over, and taking it back: its owner alone does either, until they leave.

Who gets it sees this conversation with its messages and nothing else of the desk. A colleague holds the conversation's
own scope; for a process the conversation carries the process's, and stands in its lists. The owner keeps seeing all of
it. Nobody else lets anybody in: not by assigning it, and not by a thread that grew together with another one.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from podatelna.accounts.access import grant, record, withdraw
from podatelna.accounts.models import Person
from podatelna.archive.models import DeliveryScope

from .errors import NotHandable
from .filing import messages_of, put_right
from .models import HANDED, NAMED, Conversation, ConversationScope, Entry, Member, Process
from .personal_models import HandOver


@transaction.atomic
def hand_over(
    conversation: Conversation, to: Person | Process, by: Person, now: datetime, *, as_owner: bool = False
) -> HandOver:
    """Give it to a colleague, whose work it is then, or to a process, where it waits for somebody.

    `as_owner`: whether they may answer from the owner's address. A process that had it before has it no longer.
    Doing it again changes what is allowed. Raises NotHandable.
    """
    _check_owner(conversation, by)
    if isinstance(to, Process):
        given = _to_process(conversation, to, by, now, as_owner)
    else:
        given = _to_person(conversation, to, by, now, as_owner)
    kind = "process" if isinstance(to, Process) else "person"
    conversation.happened("handed", by, now, to=to.pk, name=str(to), kind=kind, as_owner=as_owner)
    record(by, "hand-over", f"conversation {conversation.pk}", **{f"to_{kind}": to.pk, "as_owner": as_owner})
    conversation.assign(None if isinstance(to, Process) else to, by, now)
    return given


@transaction.atomic
def inherit(conversation: Conversation, to: Person, by: Person, now: datetime) -> bool:
    """Its owner leaves the company, and it is `to`'s from now on; False when somebody has it already.

    The one way in which it is handed over by another than its owner (leaver.py). Raises NotHandable.
    """
    if standing(conversation).exists():
        return False
    _to_person(conversation, to, by, now, as_owner=False)
    conversation.happened("handed", by, now, to=to.pk, name=to.name, kind="person", as_owner=False)
    record(by, "hand-over", f"conversation {conversation.pk}", to_person=to.pk, as_owner=False, inherited=True)
    conversation.assign(to, by, now)
    return True


@transaction.atomic
def take_back(given: HandOver, by: Person, now: datetime) -> None:
    """Who had it sees nothing of it any more, but for mail that came to a process's own address. Raises NotHandable."""
    conversation = given.conversation
    _check_owner(conversation, by)
    _withdraw(given, by)
    to = given.to_process or given.to_person
    kind = "process" if given.to_process else "person"
    conversation.happened("taken-back", by, now, of=to.pk if to else None, name=str(to), kind=kind)
    record(by, "take-back", f"conversation {conversation.pk}", **{f"of_{kind}": to.pk if to else None})
    _leave_with_who_sees_it(conversation, by, now)


def standing(conversation: Conversation) -> QuerySet[HandOver]:
    """To whom it is handed over just now."""
    return conversation.hand_overs.select_related("to_person", "to_process").order_by("at", "pk")


def colleagues(conversation: Conversation) -> QuerySet[Person]:
    """Whose work it can be: the team of the process that works it, the owner, and those it was handed to."""
    people = Person.objects.filter(is_active=True)
    processes = [conversation.process_id, conversation.worked_by_id or 0]
    members = Member.objects.filter(process__in=processes).exclude(role=Member.Role.READER)
    if conversation.is_confidential:
        members = members.none()
    team = people.filter(pk__in=members.values("person"))
    handed = people.filter(holdings__scope=conversation.scope_id, holdings__reason__in=(HANDED, NAMED))
    return people.filter(pk__in=[*team.values_list("pk", flat=True), *handed.values_list("pk", flat=True)])


def may_answer_as_owner(conversation: Conversation, person: Person) -> bool:
    """Whether its owner is `person`, or has allowed them to answer in the owner's name."""
    if conversation.process.owner_id is None or person.pk == conversation.process.owner_id:
        return conversation.process.owner_id is not None
    allowed = conversation.hand_overs.filter(as_owner=True)
    return (
        allowed.filter(to_person=person).exists()
        or allowed.filter(to_process__members__person=person, to_process=conversation.worked_by_id).exists()
    )


def keep_apart(kept: Conversation, other: Conversation, by: Person | None, now: datetime) -> None:
    """Two conversations of one desk become one, and `other` is about to go: who had but one of them has neither.

    They would see mail that was never handed to them. Where the owner joined them, both go on with whoever had one.
    """
    owner = kept.process.owner
    if owner is None:
        return
    if by is not None and by.pk == owner.pk:
        for given in standing(other):
            to = given.to_process or given.to_person
            if to is not None and not _has(kept, given):
                hand_over(kept, to, owner, now, as_owner=given.as_owner)
    else:
        for one, another in ((kept, other), (other, kept)):
            for given in standing(one):
                if not _has(another, given):
                    _withdraw(given, by)
                    kept.happened("parted", None, now, name=str(given.to_process or given.to_person))
    for given in standing(other):
        _withdraw(given, by)
    kept.refresh_from_db()
    _leave_with_who_sees_it(kept, None, now)


def _has(conversation: Conversation, given: HandOver) -> bool:
    return conversation.hand_overs.filter(to_person=given.to_person_id, to_process=given.to_process_id).exists()


def _check_owner(conversation: Conversation, by: Person) -> None:
    if conversation.process.owner_id is None or conversation.process.owner_id != by.pk:
        raise NotHandable("it is not on your desk")


def _to_person(conversation: Conversation, to: Person, by: Person, now: datetime, as_owner: bool) -> HandOver:
    if not to.is_active or to.pk == conversation.process.owner_id:
        raise NotHandable("it cannot be given to them")
    conversation.carry(conversation.scope)
    grant(conversation.scope, to, HANDED, by)
    given, _ = HandOver.objects.update_or_create(
        conversation=conversation, to_person=to, defaults={"by": by, "at": now, "as_owner": as_owner}
    )
    return given


def _to_process(conversation: Conversation, to: Process, by: Person, now: datetime, as_owner: bool) -> HandOver:
    if to.owner_id is not None:
        raise NotHandable("another person's desk gets it through the person")
    for former in conversation.hand_overs.filter(to_process__isnull=False).exclude(to_process=to):
        _withdraw(former, by)
    conversation.carry(to.scope)
    _work_at(conversation, to)
    given, _ = HandOver.objects.update_or_create(
        conversation=conversation, to_process=to, defaults={"by": by, "at": now, "as_owner": as_owner}
    )
    return given


def _withdraw(given: HandOver, by: Person | None) -> None:
    conversation = given.conversation
    if given.to_person is not None:
        withdraw(conversation.scope, given.to_person, HANDED, by)
    if given.to_process is not None:
        _take_scope(conversation, given.to_process)
        _work_at(conversation, conversation.process)
    HandOver.objects.filter(pk=given.pk).delete()


def _work_at(conversation: Conversation, process: Process) -> None:
    conversation.worked_by = process
    Conversation.objects.filter(pk=conversation.pk).update(worked_by=process)


def _take_scope(conversation: Conversation, process: Process) -> None:
    """The process's team sees its messages no more, but for copies that came to the process's own address."""
    ConversationScope.objects.filter(conversation=conversation, scope=process.scope_id).delete()
    messages = Entry.objects.filter(conversation=conversation, message__isnull=False).values("message")
    others = Entry.objects.filter(conversation__scope_links__scope=process.scope_id).exclude(conversation=conversation)
    links = DeliveryScope.objects.filter(scope=process.scope_id, message__in=messages)
    links = links.exclude(delivery__origin__gateway__addresses__process=process)
    # A letter that was sent from another conversation of the process into this thread stays with the process.
    links.exclude(message__in=others.filter(kind=Entry.Kind.OUTGOING).values("message")).delete()
    put_right(messages_of(conversation))


def _leave_with_who_sees_it(conversation: Conversation, by: Person | None, now: datetime) -> None:
    assignee = conversation.locked().assignee
    if assignee is not None and not Conversation.objects.visible_to(assignee).filter(pk=conversation.pk).exists():
        owner = conversation.process.owner
        conversation.assign(owner if owner is not None and owner.is_active else None, by, now)
