"""Processes, conversations and what happens in them, as tables. The verbs are in the modules beside this one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from podatelna.accounts.access import Scoped, grant, scopes_of, withdraw
from podatelna.accounts.models import Person, Scope
from podatelna.archive.models import Blob, Delivery, DeliveryScope, Message, Thread
from podatelna.gateways.models import Gateway
from podatelna.outbox.models import Outgoing

from .errors import NotAssignable

ASSIGNED = "assigned"  # the reason under which an assignee from outside the team holds a conversation's scope
MENTIONED = "mention"  # the reason under which somebody from outside holds it who was named in a note
NAMED = "named"  # the reason under which somebody holds it who may see a confidential conversation
HANDED = "handed"  # the reason under which somebody holds it to whom a conversation of a personal desk was handed


class Company(models.Model):
    """The one company that this installation serves; its row is made by the first-run guide."""

    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)


class ProcessQuerySet(QuerySet["Process"]):
    """Processes."""

    def visible_to(self, person: Person) -> ProcessQuerySet:
        """Those in whose team `person` is, and their own personal desk; in an inspection all."""
        return self.filter(scope__in=scopes_of(person)) if person.is_active else self.none()

    def of_company(self) -> ProcessQuerySet:
        """Those that are nobody's personal desk."""
        return self.filter(owner=None)


class Process(models.Model):
    """Standing work with an address, a team and rules: helpdesk, sales, press."""

    class Assignment(models.TextChoices):
        POOL = "pool"  # nobody's, until somebody takes it
        TURNS = "turns"  # round robin
        LEAST = "least"  # whoever has the fewest open conversations

    name = models.CharField(max_length=100)  # of a personal desk its owner's; two people may share one
    description = models.TextField(blank=True, default="")
    scope = models.OneToOneField(Scope, models.PROTECT, related_name="process")
    # Whose personal desk it is; null: a process of the company. See personal.py.
    owner = models.OneToOneField(Person, models.PROTECT, null=True, blank=True, related_name="personal_desk")
    # Whether its letters name their conversation in the subject; see tokens.py.
    mark_subjects = models.BooleanField(default=False)
    # Whether it acknowledges what comes, with these words, and how often at most; see automatic_answers.py.
    answers = models.BooleanField(default=False, db_default=False)
    answer_cs = models.TextField(blank=True, default="", db_default="")
    answer_en = models.TextField(blank=True, default="", db_default="")
    answer_hours = models.PositiveIntegerField(default=24, db_default=24)
    # From how many messages of one sender within how many minutes on they are held; 0: never. See flood.py.
    flood_messages = models.PositiveIntegerField(default=60, db_default=60)
    flood_minutes = models.PositiveIntegerField(default=10, db_default=10)
    # The same in more languages, and what is said outside working hours ("": the same as inside).
    answer_sk = models.TextField(blank=True, default="", db_default="")
    answer_de = models.TextField(blank=True, default="", db_default="")
    closed_cs = models.TextField(blank=True, default="", db_default="")
    closed_sk = models.TextField(blank=True, default="", db_default="")
    closed_en = models.TextField(blank=True, default="", db_default="")
    closed_de = models.TextField(blank=True, default="", db_default="")
    # Who gets what is new: first whom it may know, then as `assignment` says; see assignment.py.
    to_account_manager = models.BooleanField(default=False, db_default=False)
    to_last_handler = models.BooleanField(default=False, db_default=False)
    assignment = models.CharField(max_length=8, choices=Assignment.choices, default="pool", db_default="pool")
    # Monday to Sunday, each a list of [from, until] in minutes of the day; []: it keeps no hours. See hours.py.
    hours = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")  # "": the installation's
    czech_holidays = models.BooleanField(default=True, db_default=True)
    # Minutes of working time; null: no target. See targets.py.
    answer_minutes = models.PositiveIntegerField(null=True, blank=True)
    resolution_minutes = models.PositiveIntegerField(null=True, blank=True)
    warn_minutes = models.PositiveIntegerField(default=60, db_default=60)  # before a target is missed
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Process]] = ProcessQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=models.Q(owner__isnull=True), name="process_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class ProcessAddress(models.Model):
    """An address of a process and the gateway its mail comes and goes through."""

    process = models.ForeignKey(Process, models.CASCADE, related_name="addresses")
    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="addresses")
    address = models.EmailField(max_length=320, unique=True)  # lower case
    name = models.CharField(max_length=200, blank=True, default="", db_default="")  # beside it; "": the gateway's
    position = models.PositiveSmallIntegerField(default=0, db_default=0)  # the first is the one letters go out from

    class Meta:
        ordering = ["position", "pk"]


class Member(models.Model):
    """A person in a process's team."""

    class Role(models.TextChoices):
        LEAD = "lead"
        MEMBER = "member"
        READER = "reader"  # sees what the others see, and changes nothing of it; see rights.py

    process = models.ForeignKey(Process, models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    takes_new = models.BooleanField(default=True, db_default=True)  # is given new conversations by itself
    last_turn = models.PositiveBigIntegerField(default=0, db_default=0)  # grows with each that they were given

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "person"], name="member_once")]


class ConversationQuerySet(Scoped["Conversation"]):
    """Conversations; start every look-up with `visible_to`."""

    def open(self) -> ConversationQuerySet:
        """Those that wait for somebody; what a flood has opened waits beside the desk."""
        return self.filter(status=Conversation.Status.OPEN, flood=None)

    def held(self) -> ConversationQuerySet:
        """Those that a flood has opened, until somebody decides about it."""
        return self.filter(status=Conversation.Status.OPEN, flood__isnull=False)

    def closed(self) -> ConversationQuerySet:
        """Those that are done."""
        return self.filter(status=Conversation.Status.CLOSED)


class Conversation(models.Model):
    """A process's work on a thread. A thread worked by two processes is two conversations on one set of messages."""

    scoped_by = "desk.ConversationScope"

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    process = models.ForeignKey(Process, models.PROTECT, related_name="conversations")
    thread = models.ForeignKey(Thread, models.PROTECT, related_name="conversations")
    # In whose lists it stands: its process's, or those of the one that a personal conversation was handed to.
    worked_by = models.ForeignKey(Process, models.PROTECT, null=True, related_name="worked", db_index=False)
    scope = models.OneToOneField(Scope, models.PROTECT, related_name="conversation")  # of this conversation alone
    subject = models.TextField(blank=True, default="")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    assignee = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="assigned")
    partner_name = models.CharField(max_length=300, blank=True, default="")  # who writes from outside, for the list
    partner_address = models.CharField(max_length=320, blank=True, default="")
    preview = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)  # in or out; the list's order
    last_inbound_at = models.DateTimeField(
        null=True
    )  # when news last came onto the desk: who read before has not seen it
    closed_at = models.DateTimeField(null=True)
    flood = models.ForeignKey("desk.Flood", models.SET_NULL, null=True, related_name="conversations")  # held with it
    priority = models.SmallIntegerField(default=0, db_default=0)  # -1 low, 0 normal, 1 high; see priority.py
    is_confidential = models.BooleanField(default=False, db_default=False)  # not for the team; see confidential.py

    is_new = False  # no column: mail from outside has just opened it; see routing.py and assignment.py

    objects: ClassVar[models.Manager[Conversation]] = ConversationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "thread"], name="conversation_once")]
        indexes = [
            models.Index(fields=["worked_by", "status", "-last_message_at", "-id"], name="conversation_listed"),
            # Lists of all processes, and what is counted: the open ones are few among very many.
            models.Index(fields=["status", "-last_message_at", "-id"], name="conversation_by_state"),
            models.Index(fields=["assignee", "status", "-last_message_at", "-id"]),
            models.Index(fields=["partner_address", "-last_message_at"]),
            models.Index(
                fields=["-last_message_at", "-id"], condition=models.Q(priority=1), name="conversation_pressing"
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django does; a new one is worked by its own process."""
        if self._state.adding and self.worked_by_id is None:
            self.worked_by_id = self.process_id
        super().save(*args, **kwargs)

    @property
    def owner(self) -> Person | None:
        """Whose personal desk it is on; None of a process's conversation."""
        return self.process.owner

    def is_worked_by(self, person: Person) -> bool:
        """Whether `person` sees it for more than that it is assigned to them."""
        let_in = self.scope.holdings.filter(person=person, reason__in=(HANDED, NAMED)).exists()
        if let_in or self.is_confidential:
            return let_in
        teams = Member.objects.filter(person=person, process__in=[self.process_id, self.worked_by_id or 0])
        return teams.exclude(role=Member.Role.READER).exists()

    def locked(self) -> Conversation:
        """This row as it stands, held until the transaction ends: its entries come one after another."""
        return Conversation.objects.select_for_update().get(pk=self.pk)

    @transaction.atomic
    def assign(self, person: Person | None, by: Person | None, now: datetime) -> bool:
        """Make it `person`'s work, or nobody's; False when it was so already. Raises NotAssignable.

        Somebody from outside the team is let into this conversation alone, for as long as it is theirs. Into one of a
        personal desk nobody is let in this way: its owner hands it over.
        """
        if person is not None and not person.is_active:
            raise NotAssignable
        former = self.locked().assignee
        let_in = person is not None and not self.is_worked_by(person)
        if let_in and former != person and self.process.owner_id is not None:
            raise NotAssignable
        self.assignee = person
        if former == person:
            return False
        if former is not None:
            withdraw(self.scope, former, ASSIGNED, by)
        if person is not None and let_in:
            self.carry(self.scope)
            grant(self.scope, person, ASSIGNED, by)
        # What somebody works on is no flood.
        Conversation.objects.filter(pk=self.pk).update(assignee=person, flood=None)
        self.happened("assigned", by, now, to=person and person.pk, name=person and person.name)
        if person is not None and person != by:
            from .notices import notify  # which stands on these tables

            notify(person, Notice.Kind.ASSIGNED, now, conversation=self, details={"by": by and by.name})
        return True

    @transaction.atomic
    def close(self, by: Person | None, now: datetime) -> bool:
        """Put it away as done; False when it was closed already."""
        changed = Conversation.objects.filter(pk=self.pk, status=self.Status.OPEN)
        if changed.update(status=self.Status.CLOSED, closed_at=now) != 1:
            return False
        self.status, self.closed_at = self.Status.CLOSED, now
        self.happened("closed", by, now)
        targets.closed(self, now)
        return True

    @transaction.atomic
    def reopen(self, by: Person | None, now: datetime) -> bool:
        """Take it up again (`by` None: a partner wrote); False when it was open already."""
        changed = Conversation.objects.filter(pk=self.pk, status=self.Status.CLOSED)
        if changed.update(status=self.Status.OPEN, closed_at=None) != 1:
            return False
        self.status, self.closed_at = self.Status.OPEN, None
        self.happened("reopened", by, now)
        targets.reopened(self, now)
        self.assignee = self.locked().assignee
        # Who had it may have left since: it must not lie with somebody who cannot see it.
        if self.assignee is not None and not Conversation.objects.visible_to(self.assignee).filter(pk=self.pk).exists():
            self.assign(None, None, now)
        return True

    def happened(self, verb: str, by: Person | None, now: datetime, **details: Any) -> Entry:
        """Write a line into the timeline and tell whoever has the conversation on screen."""
        self.changes.create(at=now)
        event = Entry.Kind.EVENT
        return self.entries.create(kind=event, at=now, entered_at=now, person=by, verb=verb, details=details)

    def carry(self, scope: Scope) -> None:
        """Let holders of `scope` see this conversation, and with it each of its messages."""
        ConversationScope.objects.get_or_create(conversation=self, scope=scope)
        deliveries = Delivery.objects.filter(self._seen_here(), message__entries__conversation=self).distinct()
        DeliveryScope.objects.bulk_create(
            [DeliveryScope(delivery=row, message_id=row.message_id, scope=scope) for row in deliveries],
            ignore_conflicts=True,
        )

    def _seen_here(self) -> models.Q:
        """Deliveries that came to this process: the same message's other copies are other people's."""
        return models.Q(scope_links__scope__in=self.own_scopes())

    def own_scopes(self) -> QuerySet[ConversationScope, int]:
        """Through which scopes its own copies are known: a case it is filed under may have other processes' copies."""
        return self.scope_links.exclude(scope__kind=Scope.Kind.CASE).values_list("scope", flat=True)


class ConversationScope(models.Model):
    """A conversation carries a scope: its process's, and its own for those let into it alone."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="scope_links")
    scope = models.ForeignKey(Scope, models.CASCADE, related_name="conversation_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "scope"], name="conversation_scope_once")]
        indexes = [models.Index(fields=["scope", "conversation"])]


class Entry(models.Model):
    """One line of a conversation's timeline: a message in or out, a note, or something that was done."""

    class Kind(models.TextChoices):
        MESSAGE = "message"  # `message`
        OUTGOING = "outgoing"  # `outgoing`, and `message` once it is sent and archived
        NOTE = "note"  # `text`
        EVENT = "event"  # `verb` with `details`

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField(default=timezone.now)  # its place in the timeline: of mail, when the mailbox got it
    # When it came onto the desk, which may be a day later; null: history that was imported, news to nobody.
    entered_at = models.DateTimeField(default=timezone.now, null=True)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")  # null: the system or a partner
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="entries")
    outgoing = models.OneToOneField(Outgoing, models.PROTECT, null=True, related_name="entry")
    text = models.TextField(blank=True, default="")
    verb = models.CharField(max_length=32, blank=True, default="")  # opened assigned closed reopened withdrawn …
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["conversation", "at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "message"],
                condition=models.Q(message__isnull=False),
                name="entry_message_once",
            )
        ]


class Draft(models.Model):
    """What somebody is writing, saved as they type; visible to the team as "Petr is writing"."""

    class Kind(models.TextChoices):
        REPLY = "reply"
        REPLY_ALL = "reply_all"
        FORWARD = "forward"
        FORWARD_FILE = "fwd_file"  # the original goes along as a file, with nothing of it below the text
        NOTE = "note"
        NEW = "new"  # without a conversation yet

    person = models.ForeignKey(Person, models.CASCADE, related_name="drafts")
    process = models.ForeignKey(Process, models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, related_name="drafts")
    answered = models.ForeignKey(Message, models.PROTECT, null=True, related_name="+")  # what it replies to or forwards
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sender = models.CharField(max_length=320, blank=True, default="")  # the chosen From address
    to = models.TextField(blank=True, default="")  # as typed
    cc = models.TextField(blank=True, default="")
    bcc = models.TextField(blank=True, default="")
    subject = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "conversation"],
                condition=models.Q(conversation__isnull=False),
                name="draft_once",
            )
        ]


class DraftFile(models.Model):
    """A file attached to a draft."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=255)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]


class Reading(models.Model):
    """How far a person has read a conversation: later messages show it bold."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="readings")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "conversation"], name="reading_once")]


class Presence(models.Model):
    """Who looks at a conversation just now; a row older than a few pulses means nobody."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="presences")
    seen_at = models.DateTimeField()
    writing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "conversation"], name="presence_once")]


class Change(models.Model):
    """Something changed in a conversation: what `/pulse` looks for. Old rows are swept."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=timezone.now, db_index=True)


class Hidden(models.Model):
    """A view of a message that was taken from a process: of one delivery, or of all that come. See custody.py."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="hidden")
    process = models.ForeignKey(Process, models.CASCADE, related_name="hidden")
    delivery = models.ForeignKey(Delivery, models.CASCADE, null=True, related_name="hidden")  # null: every one
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=500, blank=True, default="")
    memory = models.JSONField(default=dict)  # what showing it again needs to know

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "process"], condition=models.Q(delivery__isnull=True), name="hidden_message_once"
            ),
            models.UniqueConstraint(
                fields=["delivery", "process"], condition=models.Q(delivery__isnull=False), name="hidden_delivery_once"
            ),
        ]


from . import targets  # noqa: E402  # which stands on these tables
from .absence_models import Absence  # noqa: E402, F401  # tables of this app
from .automatic_models import Answered, AutomaticAnswer, Flood  # noqa: E402, F401  # tables of this app
from .case_models import Case, CaseEntry, CaseFile, CaseScope, CaseSeries, Filing  # noqa: E402, F401  # tables of this app
from .mark_models import Mention, Notice, Tagging, Task  # noqa: E402, F401  # tables of this app
from .personal_models import HandOver  # noqa: E402, F401  # tables of this app
from .process_models import ClosedDays, Target  # noqa: E402, F401  # tables of this app
from .reference_models import Reference, ReferencePattern  # noqa: E402, F401  # tables of this app
from .retention_models import Erasure, Hold, RetentionPolicy, RetentionRule  # noqa: E402, F401  # tables of this app
from .rule_models import Review, Rule, RuleCall, RuleOrder, RuleWait  # noqa: E402, F401  # tables of this app
from .text_models import CannedAnswer, Signature  # noqa: E402, F401  # tables of this app
