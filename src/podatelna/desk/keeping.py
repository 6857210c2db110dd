"""Why a message must stay: a legal hold, a rule of a process, mail of others. Asked before anything is erased."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from podatelna.accounts.models import Person
from podatelna.archive.models import Correspondent, DeliveryScope, Message
from podatelna.gateways.models import Gateway

from .case_keeping import kept_messages
from .models import Conversation, Entry, ProcessAddress
from .retention_models import Hold, RetentionRule

# Reasons to keep a message, the strongest first.
HELD, RETAINED, OPEN, SHARED = "held", "retained", "open", "shared"


@dataclass(frozen=True)
class Kept:
    """A reason to keep a message; `until`: when it is none any more, where that is known."""

    reason: str
    until: datetime | None = None


def months_after(at: datetime, months: int) -> datetime:
    """The same day that many months later; the last of the month where there is no such day."""
    month = at.month - 1 + months
    year, month = at.year + month // 12, month % 12 + 1
    for day in (at.day, 30, 29, 28):
        try:
            return at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


# --- holds -----------------------------------------------------------------------------------------------


def active_holds() -> tuple[set[str], set[int]]:
    """What is held now: addresses, and ids of conversations."""
    holds = Hold.objects.filter(released_at=None)
    addresses = set(holds.exclude(address="").values_list("address", flat=True))
    return addresses, set(holds.filter(conversation__isnull=False).values_list("conversation_id", flat=True))


def held(messages: Sequence[int]) -> set[int]:
    """Those of `messages` (ids) that a hold is about: on somebody who is named there, or on a conversation."""
    addresses, conversations = active_holds()
    found: set[int] = set()
    if addresses:
        named = Correspondent.objects.filter(message__in=messages, address__in=addresses)
        found |= set(named.values_list("message_id", flat=True))
    if conversations:
        entries = Entry.objects.filter(message__in=messages, conversation__in=conversations)
        found |= {pk for pk in entries.values_list("message_id", flat=True) if pk is not None}
    return found


def conversation_is_held(conversation: Conversation) -> bool:
    """Whether a hold is about the conversation, its partner, or anybody who is named in one of its messages."""
    addresses, conversations = active_holds()
    if conversation.pk in conversations or conversation.partner_address in addresses:
        return True
    messages = conversation.entries.filter(message__isnull=False).values("message")
    return bool(addresses) and Correspondent.objects.filter(message__in=messages, address__in=addresses).exists()


# --- rules -----------------------------------------------------------------------------------------------


def retained(messages: Sequence[int], now: datetime) -> dict[int, Kept]:
    """Those of `messages` that a rule or a case keeps: it, or their conversation, is open or was closed too late.

    Mail that a process sees without a conversation (of an import, say) counts from when it came.
    """
    rules = {rule.process_id: rule.months for rule in RetentionRule.objects.all()}
    found: dict[int, Kept] = {}
    for message, until in kept_messages(messages):
        _keep(found, message, until, now)
    if not rules:
        return found
    entries = Entry.objects.filter(message__in=messages, conversation__process__in=rules)
    rows = entries.values_list("message_id", "conversation__process_id", "conversation__closed_at")
    in_conversation: set[tuple[int, int]] = set()
    for message, process, closed_at in rows:
        assert message is not None
        in_conversation.add((message, process))
        _keep(found, message, closed_at and months_after(closed_at, rules[process]), now)
    links = DeliveryScope.objects.filter(message__in=messages, scope__process__in=rules)
    seen = links.values_list("message_id", "scope__process__id", "message__received_at").distinct()
    for message, process, received_at in seen:
        if (message, process) not in in_conversation:
            _keep(found, message, months_after(received_at, rules[process]), now)
    return found


def _keep(found: dict[int, Kept], message: int, until: datetime | None, now: datetime) -> None:
    before = found.get(message)
    if until is None:
        found[message] = Kept(OPEN)
    elif until > now and (before is None or (before.until is not None and before.until < until)):
        found[message] = Kept(RETAINED, until)


# --- mail of others --------------------------------------------------------------------------------------


def shared(messages: Sequence[int], address: str) -> set[int]:
    """Those of `messages` in which somebody else from outside takes part: it is their correspondence too."""
    ours = own_addresses()
    others: defaultdict[int, set[str]] = defaultdict(set)
    for message, one in Correspondent.objects.filter(message__in=messages).values_list("message_id", "address"):
        if one != address and one not in ours:
            others[message].add(one)
    return set(others)


def own_addresses() -> set[str]:
    """Every address of this company that is known here: of people, processes and mailboxes."""
    people = Person.objects.values_list("email", flat=True)
    processes = ProcessAddress.objects.values_list("address", flat=True)
    gateways = Gateway.objects.values_list("address", flat=True)
    return {address.lower() for address in (*people, *processes, *gateways)}


# --- decisions -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """What happens to a message, and why; `kept` None: it goes."""

    message: int
    received_at: datetime
    kept: Kept | None
    processes: tuple[str, ...] = ()


def of_person(address: str) -> Q:
    """Messages that name the address in From, To, Cc, Bcc, Reply-To or Sender."""
    return Q(pk__in=Correspondent.objects.filter(address=address).values("message"))


def decide(messages: Iterable[Message], address: str, keep_shared: bool, now: datetime) -> list[Decision]:
    """What is to happen to each of `messages` when `address` is to be forgotten."""
    rows = list(messages)
    ids = [row.pk for row in rows]
    holds, rules = held(ids), retained(ids, now)
    others = shared(ids, address) if keep_shared else set()
    names = _process_names(ids)
    return [
        Decision(row.pk, row.received_at, _reason(row.pk, holds, rules, others), names.get(row.pk, ())) for row in rows
    ]


def _reason(message: int, holds: set[int], rules: Mapping[int, Kept], others: set[int]) -> Kept | None:
    if message in holds:
        return Kept(HELD)
    if message in rules:
        return rules[message]
    return Kept(SHARED) if message in others else None


def _process_names(messages: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    conversations = Conversation.objects.filter(entries__message__in=messages)
    for message, name in conversations.values_list("entries__message_id", "process__name"):
        if isinstance(message, int):
            found[message].add(name)
    return {message: tuple(sorted(names)) for message, names in found.items()}
