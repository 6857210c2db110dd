"""Who is away and who stands in: new mail goes round them, and their open conversations are shown to the substitute.

Days are days of the person's own time zone. While somebody is away, the substitute (or the substitute's substitute)
holds the scope of each open conversation of theirs; the worker looks again and again, so that what is given to them
meanwhile is shown too, and all of it is taken back when they are there again.

Nobody lets others in who could not look themselves: entered by a lead, an absence shows what stands in the processes
they lead, and an administrator does not let themselves in; a personal desk is shown only where its owner says so; a
confidential conversation is never shown this way.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from podatelna.accounts.access import grant, record, withdraw
from podatelna.accounts.models import Holding, Person

from .absence_models import Absence
from .errors import BadAbsence
from .models import Conversation, ConversationQuerySet, Member

SUBSTITUTE = "substitute"  # the reason under which a substitute holds the scopes of conversations
_LONGEST_CHAIN = 20


# --- asked by others -------------------------------------------------------------------------------------


def is_away(person: Person, now: datetime) -> bool:
    """Whether they are away today."""
    return absence_of(person, now) is not None


def absence_of(person: Person, now: datetime) -> Absence | None:
    """The absence in which `person` is today; None while they are here."""
    today = today_of(person, now)
    rows = Absence.objects.filter(person=person, ended_at=None, first__lte=today)
    return rows.filter(Q(last=None) | Q(last__gte=today)).select_related("person", "substitute").first()


def substitute_of(person: Person, now: datetime) -> Person | None:
    """Who stands in for `person` today: the substitute, or of one who is away too theirs. None: nobody does."""
    passed = {person.pk}
    absence = absence_of(person, now)
    for _ in range(_LONGEST_CHAIN):
        other = absence.substitute if absence is not None else None
        if other is None or not other.is_active or other.pk in passed:
            return None
        passed.add(other.pk)
        absence = absence_of(other, now)
        if absence is None:
            return other
    return None


def today_of(person: Person, now: datetime) -> date:
    """The day that it is for them."""
    return timezone.localdate(now, ZoneInfo(person.time_zone or settings.TIME_ZONE))


def may_enter(by: Person, person: Person) -> bool:
    """Whether `by` says when `person` is away: they themselves, an administrator, who leads a process of theirs."""
    return by.is_active and (by.pk == person.pk or by.is_administrator or bool(_led_by(by, person)))


def to_come(person: Person) -> QuerySet[Absence]:
    """Their absences that are not over, the first first."""
    return Absence.objects.filter(person=person, ended_at=None).select_related("substitute", "entered_by")


def stood_in_for(person: Person, now: datetime) -> list[Person]:
    """For whom `person` stands in today, by name."""
    away = Absence.objects.filter(ended_at=None, first__lte=today_of(person, now)).select_related("person")
    people = {row.person for row in away if row.person_id != person.pk}
    return sorted((one for one in people if substitute_of(one, now) == person), key=lambda one: (one.name, one.pk))


# --- said by people --------------------------------------------------------------------------------------


@transaction.atomic
def enter(
    person: Person,
    kind: str,
    first: date,
    last: date | None,
    substitute: Person | None,
    by: Person,
    now: datetime,
    *,
    with_desk: bool = False,
) -> Absence:
    """`person` is away from `first` to `last` (both are days away; None: until they are back). It begins at once.

    Raises BadAbsence.
    """
    Person.objects.select_for_update().get(pk=person.pk)  # of two windows one after the other
    _check(person, first, last, substitute, by, now)
    absence = Absence.objects.create(
        person=person,
        kind=Absence.Kind(kind),
        first=first,
        last=last,
        substitute=substitute,
        with_desk=with_desk and by.pk == person.pk,
        entered_by=by,
        entered_at=now,
    )
    record(by, "enter-absence", f"person {person.pk}", after=_told(absence))
    attend(now)
    return absence


@transaction.atomic
def end(absence: Absence, by: Person, now: datetime) -> bool:
    """They are here again, or the absence is called off; False when it was over already. Raises BadAbsence."""
    if not may_enter(by, absence.person):
        raise BadAbsence("not-yours")
    if Absence.objects.filter(pk=absence.pk, ended_at=None).update(ended_at=now) != 1:
        return False
    absence.ended_at = now
    record(by, "end-absence", f"person {absence.person_id}", before=_told(absence))
    attend(now)
    return True


def _check(
    person: Person, first: date, last: date | None, substitute: Person | None, by: Person, now: datetime
) -> None:
    if not may_enter(by, person):
        raise BadAbsence("not-yours")
    if last is not None and last < first:
        raise BadAbsence("order")
    if last is not None and last < today_of(person, now):
        raise BadAbsence("past")
    if substitute is not None and (substitute.pk == person.pk or not substitute.is_active):
        raise BadAbsence("substitute")
    others = to_come(person).filter(Q(last=None) | Q(last__gte=first))
    if (others if last is None else others.filter(first__lte=last)).exists():
        raise BadAbsence("overlap")


def _told(absence: Absence) -> dict[str, object]:
    """What the log says of it: not why somebody is away."""
    return {
        "first": absence.first.isoformat(),
        "last": absence.last.isoformat() if absence.last is not None else None,
        "substitute": absence.substitute_id,
        "with_desk": absence.with_desk,
    }


# --- what follows from it --------------------------------------------------------------------------------


def attend(now: datetime) -> int:
    """Begin and end absences whose day has come, and let substitutes see what they are to see, no more and no less.

    How many conversations were shown or taken back. For the worker, and whenever somebody changes something.
    """
    running = _running(now)
    with transaction.atomic():
        for absence in Absence.objects.select_for_update().filter(ended_at=None).select_related("person"):
            _turn(absence, now)
    wanted: dict[int, dict[int, Absence]] = {}  # by substitute and conversation
    people: dict[int, Person] = {}
    for absence in running:
        substitute = substitute_of(absence.person, now)
        if substitute is None:
            continue
        people[substitute.pk] = substitute
        for pk in _shown(absence, substitute).values_list("pk", flat=True):
            wanted.setdefault(substitute.pk, {})[pk] = absence
    return _take_back(wanted, now) + _show(wanted, people, now)


def _running(now: datetime) -> list[Absence]:
    rows = Absence.objects.filter(ended_at=None).select_related("person", "entered_by")
    return [row for row in rows if _covers(row, now) and row.person.is_active]


def _covers(absence: Absence, now: datetime) -> bool:
    today = today_of(absence.person, now)
    return absence.first <= today and (absence.last is None or absence.last >= today)


def _turn(absence: Absence, now: datetime) -> None:
    over = absence.last is not None and absence.last < today_of(absence.person, now)
    if over or not absence.person.is_active:
        Absence.objects.filter(pk=absence.pk).update(ended_at=now)
    elif absence.begun_at is None and _covers(absence, now):
        Absence.objects.filter(pk=absence.pk).update(begun_at=now)


def _shown(absence: Absence, substitute: Person) -> ConversationQuerySet:
    """What the absence lets `substitute` see: what is open, and what they have closed meanwhile."""
    seen = Holding.objects.filter(person=substitute, reason=SUBSTITUTE).values("scope")
    rows = Conversation.objects.filter(assignee=absence.person, is_confidential=False, flood=None)
    rows = rows.filter(Q(status=Conversation.Status.OPEN) | Q(scope__in=seen))
    own = Q(process__owner=absence.person) if absence.with_desk else Q(pk__in=[])
    by, person = absence.entered_by, absence.person
    company = Q(process__owner=None)
    # An administrator who enters it for another lets others in, and not themselves.
    if by is None or not (by.pk == person.pk or (by.is_administrator and by.pk != substitute.pk)):
        company &= Q(process__in=_led_by(by, person) if by is not None else [])
    return rows.filter(company | own)


def _led_by(by: Person, person: Person) -> list[int]:
    """The processes that `by` leads and `person` is in."""
    led = Member.objects.filter(person=by, role=Member.Role.LEAD).values("process")
    return list(Member.objects.filter(person=person, process__in=led).values_list("process", flat=True))


def _show(wanted: dict[int, dict[int, Absence]], people: dict[int, Person], now: datetime) -> int:
    shown = 0
    for pk, conversations in wanted.items():
        held = Holding.objects.filter(person=pk, reason=SUBSTITUTE).values("scope")
        new = Conversation.objects.filter(pk__in=conversations).exclude(scope__in=held).select_related("scope")
        for conversation in new.order_by("pk"):
            with transaction.atomic():
                absence = conversations[conversation.pk]
                conversation.carry(conversation.scope)
                grant(conversation.scope, people[pk], SUBSTITUTE, absence.entered_by)
                conversation.happened("stands-in", None, now, name=people[pk].name, of=absence.person.name)
            shown += 1
    return shown


def _take_back(wanted: dict[int, dict[int, Absence]], now: datetime) -> int:
    taken = 0
    held = Holding.objects.filter(reason=SUBSTITUTE, scope__conversation__isnull=False)
    for holding in held.select_related("person", "scope__conversation"):
        conversation = holding.scope.conversation
        if conversation.pk not in wanted.get(holding.person_id, {}):
            with transaction.atomic():
                withdraw(holding.scope, holding.person, SUBSTITUTE, None)
                conversation.happened("stood-in", None, now, name=holding.person.name)
            taken += 1
    return taken


def present(people: Iterable[Person], now: datetime) -> list[Person]:
    """Those of `people` who are here today."""
    wanted = list(people)
    maybe = set(Absence.objects.filter(person__in=wanted, ended_at=None).values_list("person", flat=True))
    return [one for one in wanted if one.pk not in maybe or not is_away(one, now)]
