"""Somebody leaves the company: all they had goes to chosen people in one step, and they are signed out for good.

For each process they work in, and for their personal desk, an heir is chosen: open conversations, tasks and what they
were writing go to the heir; who leads alone is followed by the heir as lead; an heir from outside joins the team.
Without an heir the work lies with nobody, in the team. Their private mailbox is looked into no more. It is one
transaction, and stands in the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.gateways.models import Gateway

from . import handover, tasks
from .absence import attend
from .absence_models import Absence
from .errors import NotAssignable, NotLeaving
from .leaving import deactivate
from .mark_models import Task
from .models import Conversation, ConversationQuerySet, Draft, Member, Process
from .processes import add_member, remove_member
from .senders import senders

REST = 0  # in place of a process's id: what they have open in processes they are not in


@dataclass(frozen=True)
class Place:
    """What somebody leaves behind in one process, on their personal desk, or elsewhere (`process` None), in numbers."""

    process: Process | None
    role: str = ""  # of theirs in the team
    leads_alone: bool = False
    conversations: int = 0  # open ones that are theirs
    tasks: int = 0  # of theirs that are not done
    drafts: int = 0

    @property
    def key(self) -> int:
        """By this the heir is chosen: the process's id, or REST."""
        return self.process.pk if self.process is not None else REST

    @property
    def is_desk(self) -> bool:
        """Whether it is the personal desk."""
        return self.process is not None and self.process.owner_id is not None


@dataclass(frozen=True)
class Estate:
    """All that somebody leaves behind."""

    person: Person
    places: list[Place]
    mailboxes: int  # private ones
    stands_in: int  # absences of others in which they are the substitute

    @property
    def state(self) -> str:
        """Changes when something of it changes: what is confirmed is what was shown."""
        shown = [(one.key, one.role, one.leads_alone, one.conversations, one.tasks, one.drafts) for one in self.places]
        return hashlib.sha256(repr((shown, self.mailboxes, self.stands_in)).encode()).hexdigest()[:16]


@dataclass
class Passed:
    """What was passed on."""

    conversations: int = 0
    tasks: int = 0
    drafts: int = 0
    teams: int = 0
    heirs: dict[str, int | None] = field(default_factory=dict)


def estate_of(person: Person) -> Estate:
    """What `person` has: names of processes and numbers, nothing of what is in them."""
    memberships = list(Member.objects.filter(person=person).select_related("process").order_by("process__name"))
    places = [_place(person, row.process, row) for row in memberships]
    rest = _place(person, None, None)
    return Estate(
        person,
        [*places, rest] if rest.conversations or rest.tasks or rest.drafts else places,
        Gateway.objects.filter(owner=person).count(),
        Absence.objects.filter(substitute=person, ended_at=None).count(),
    )


def may_inherit(place: Place, person: Person) -> list[Person]:
    """Who can be chosen: everybody who works here, the team first. Nobody for what lies elsewhere."""
    if place.process is None:
        return []
    team = set(place.process.members.exclude(role=Member.Role.READER).values_list("person", flat=True))
    people = Person.objects.filter(is_active=True).exclude(pk=person.pk)
    return sorted(people, key=lambda one: (one.pk not in team, one.name, one.pk))


@transaction.atomic
def pass_on_all(
    person: Person, heirs: Mapping[int, Person | None], by: Person, now: datetime, *, state: str = ""
) -> Passed:
    """Give everything of `person` to `heirs` (by Place.key; left out or None: to nobody) and let them go.

    Raises NotLeaving when they are gone already, an heir cannot be one, or something has changed since `state` was
    shown; LastAdministrator. Nothing has happened then.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if not person.is_active:
        raise NotLeaving("gone")
    estate = estate_of(person)
    if state and state != estate.state:
        raise NotLeaving("changed")
    passed = Passed()
    for place in estate.places:
        heir = heirs.get(place.key)
        # Nobody makes themselves the heir of somebody's own mail.
        if heir is not None and (heir not in may_inherit(place, person) or (place.is_desk and heir.pk == by.pk)):
            raise NotLeaving("heir", str(heir))
        passed.heirs[str(place.key)] = heir.pk if heir is not None else None
        _pass_place(place, person, heir, by, now, passed)
    Absence.objects.filter(person=person, ended_at=None).update(ended_at=now)
    Absence.objects.filter(substitute=person, ended_at=None).update(substitute=None)
    record(
        by, "pass-on", f"person {person.pk}", heirs=passed.heirs, conversations=passed.conversations,
        tasks=passed.tasks, drafts=passed.drafts, mailboxes=estate.mailboxes,
    )  # fmt: skip
    deactivate(person, by, now)
    attend(now)
    return passed


def _place(person: Person, process: Process | None, row: Member | None) -> Place:
    leads = row is not None and row.role == Member.Role.LEAD
    alone = leads and process is not None and process.owner_id is None and not _other_leads(process, person)
    return Place(
        process,
        row.role if row is not None else "",
        alone,
        _conversations(person, process).count(),
        Task.objects.open().filter(person=person, conversation__in=_all(person, process)).count(),
        _drafts(person, process).count(),
    )


def _other_leads(process: Process, person: Person) -> bool:
    leads = process.members.filter(role=Member.Role.LEAD, person__is_active=True)
    return leads.exclude(person=person).exists()


def _all(person: Person, process: Process | None) -> ConversationQuerySet:
    """The conversations of a process, or of those the person is not in."""
    rows = Conversation.objects.all()
    if process is None:
        mine = Member.objects.filter(person=person).values("process")
        rows = rows.exclude(worked_by__in=mine).exclude(process__owner=person)
    elif process.owner_id is not None:
        rows = rows.filter(process=process)
    else:
        rows = rows.filter(worked_by=process).exclude(process__owner=person)
    assert isinstance(rows, ConversationQuerySet)
    return rows


def _conversations(person: Person, process: Process | None) -> ConversationQuerySet:
    rows = _all(person, process).open()
    if process is not None and process.owner_id is not None:
        return rows  # a personal desk: whatever is open on it
    return rows.filter(assignee=person)


def _drafts(person: Person, process: Process | None) -> QuerySet[Draft]:
    """What they were writing there; new letters belong to the process they are of."""
    begun = Q(conversation=None, process=process) if process is not None else Q(pk__in=[])
    return Draft.objects.filter(Q(conversation__in=_all(person, process)) | begun, person=person)


# --- passing on --------------------------------------------------------------------------------------------


def _pass_place(place: Place, person: Person, heir: Person | None, by: Person, now: datetime, passed: Passed) -> None:
    process = place.process
    conversations = list(_conversations(person, process).order_by("pk"))
    to_do = list(Task.objects.open().filter(person=person, conversation__in=_all(person, process)).order_by("pk"))
    begun = list(_drafts(person, process).order_by("pk"))
    if process is not None and heir is not None and not place.is_desk:
        _join(process, heir, by, leads=place.leads_alone)
    for conversation in conversations:
        passed.conversations += _pass_conversation(conversation, place, heir, by, now)
    for task in to_do:
        passed.tasks += _pass_task(task, heir, by, now)
    for draft in begun:
        passed.drafts += heir is not None and _pass_draft(draft, heir, now)
    if process is not None and not place.is_desk:
        remove_member(process, person, by, now)
        passed.teams += 1


def _join(process: Process, heir: Person, by: Person, *, leads: bool) -> None:
    role = process.members.filter(person=heir).values_list("role", flat=True).first()
    wanted = Member.Role.LEAD if leads else role if role in (Member.Role.LEAD, Member.Role.MEMBER) else "member"
    if role != wanted:
        add_member(process, heir, str(wanted), by)


def _pass_conversation(
    conversation: Conversation, place: Place, heir: Person | None, by: Person, now: datetime
) -> bool:
    if place.is_desk:
        return heir is not None and handover.inherit(conversation, heir, by, now)
    # A confidential one is for those who are named; when none is left, for who leads (confidential.pass_on).
    if heir is not None and (not conversation.is_confidential or _sees(heir, conversation)):
        try:
            return conversation.assign(heir, by, now)
        except NotAssignable:  # of somebody's personal desk: only its owner gives it on
            pass
    conversation.assign(None, by, now)
    return False


def _pass_task(task: Task, heir: Person | None, by: Person, now: datetime) -> bool:
    try:
        return tasks.give(task, heir, by, now) and heir is not None
    except NotAssignable:  # who does not work on the conversation: it is anybody's there
        tasks.give(task, None, by, now)
        return False


def _pass_draft(draft: Draft, heir: Person, now: datetime) -> bool:
    """Make it the heir's; where they write something there already, its text and files come below theirs."""
    conversation = draft.conversation
    if conversation is not None and not _sees(heir, conversation):
        return False
    theirs = Draft.objects.filter(person=heir, conversation=conversation).first() if conversation else None
    if theirs is not None:
        theirs.text = "\n\n".join(filter(None, (theirs.text.rstrip(), draft.text)))
        theirs.revision, theirs.updated_at = theirs.revision + 1, now
        theirs.save(update_fields=["text", "revision", "updated_at"])
        draft.files.update(draft=theirs)
        draft.delete()
        return True
    addresses = [one.address.address for one in senders(heir, draft.process, conversation)]
    if draft.sender not in addresses:
        draft.sender = addresses[0] if addresses else ""
    draft.person, draft.revision, draft.updated_at = heir, draft.revision + 1, now
    draft.save(update_fields=["person", "sender", "revision", "updated_at"])
    return True


def _sees(person: Person, conversation: Conversation) -> bool:
    return Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists()
