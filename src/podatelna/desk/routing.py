"""Routing: to which processes a delivery belongs, and what it does to their conversations.

The rules, in one place:

- A delivery belongs to the process of the address it came through. Where a mailbox serves several processes, the
  recipients decide; where they do not, the first one.
- Mail of a conversation that a personal desk has handed over joins it, through whoever's mailbox it comes (handed.py).
- Each process works in its own conversation, of which there is one per thread; a mark in the subject (tokens.py) joins
  only what names no message that is here, and only for who is in the conversation already.
- Mail that one of us wrote to somebody outside (a colleague's answer from another program) is an answer: it joins, it
  is not news, and its writer has the conversation if nobody had it.
- The rules of the gateway it came through are applied to mail from outside (rules/incoming.py).
- Mail from outside that names a case files its conversation under it, where that may be (case_matching.py).
- A delivery report stands where the letter was sent from; one of a failure reopens that conversation (bounces.py).
- Any other mail to a closed conversation reopens it; automatic answers and delivery reports join and leave it closed,
  or an absence note would undo every closing.
- What is imported joins as history: new conversations are closed, and nothing is announced. So does what was old when
  its mailbox was connected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from podatelna import rows
from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.models import Delivery, Origin
from podatelna.archive.threads import Placed
from podatelna.gateways.ledger import history_among
from podatelna.mail.addresses import read_addresses
from podatelna.mail.parse import Parsed

from . import automatic_answers, changes, flood, targets
from .bounces import Reported, note, reported
from .case_matching import file_by_number
from .custody import hidden_views
from .entering import Author, Mail, timelines, write_all
from .errors import NoProcess
from .handed import Coming, homes
from .imports import process_of
from .merging import absorb, follow_message
from .models import Conversation, Entry, Process, ProcessAddress
from .opening import Opening, take_up_many
from .references import recognise
from .rules.incoming import Came
from .rules.incoming import apply as apply_rules
from .senders import own_addresses
from .tokens import follow

_QUIET = ("auto-reply", "report")
_ENVELOPE_HEADERS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


class Arrival(NamedTuple):
    """A delivery, what it says, and where its message was placed."""

    delivery: Delivery
    parsed: Parsed
    placed: Placed


class _Work(NamedTuple):
    """A mail on its way into one process's conversation."""

    mail: Mail
    process: Process
    placed: Placed
    author: Author
    reported: Reported | None = None  # what it is a delivery report about
    also: int | None = None  # the scope of whose mailbox it came through, where it joins a conversation of another desk

    @property
    def opening(self) -> Opening:
        """What opens the conversation where there is none."""
        return Opening(self.process, self.placed.thread, self.mail.parsed.subject, self.author.partner, self.mail.at)


def route(arrivals: Sequence[Arrival], now: datetime, *, process: Process | None = None) -> list[Conversation]:
    """Put deliveries into their conversations, made where there were none, one after the other as they are given.

    Gives the conversations to which that is news. Idempotent, in the caller's transaction, in few statements for all.
    `process` is for imports alone. Raises NoProcess when one came through a gateway that no process uses.
    """
    arrivals = [one._replace(placed=follow(one.delivery, one.parsed, one.placed, now)) for one in arrivals]
    for placed in {arrival.placed.thread.pk: arrival.placed for arrival in arrivals}.values():
        absorb(placed, now)
    works = _works(arrivals, now, process)
    _follow_messages(works)
    conversations = take_up_many([work.opening for work in works])
    found = timelines(conversations.values(), [work.mail for work in works])
    ids = rows.allot(Entry, len(works))
    entered, links = [], []
    for pk, work in zip(ids, works, strict=True):
        timeline = found[conversations[work.opening.key][0].pk]
        if timeline.put(work.mail, work.author, pk, now):
            entered.append((work, timeline.conversation))
        links += [(work.mail.delivery, scope) for scope in timeline.scopes]
        links += [(work.mail.delivery, work.also)] if work.also is not None else []
    write_all(found.values())
    store.give_scopes(links)
    opened = {conversation.pk for conversation, new in conversations.values() if new}
    recognise([(one, work.mail.message, work.mail.parsed) for work, one in entered])
    held = flood.watch([_came(work, one, opened) for work, one in entered if _is_from_outside(work)], now)
    _begin(entered, opened - held, now)
    for work, conversation in entered:
        if conversation.pk not in held:
            _follow(work, conversation, now)
    for work, conversation in entered:
        if _is_from_outside(work) and conversation.pk not in held:
            recipients = _recipients(work.mail.delivery, work.mail.parsed)
            file_by_number(conversation, work.mail.parsed, recipients, now)
    waiting = apply_rules(_for_rules(entered, opened, held), now)
    for _, conversation in entered:
        conversation.is_new = conversation.is_new and conversation.pk not in waiting
    _expect_answers(entered, opened - held - waiting, now)
    news = {work.opening.key for work in works if not work.mail.imported}
    return [one for key, (one, _) in conversations.items() if key in news and one.pk not in held]


def announce(conversations: Iterable[Conversation], now: datetime) -> None:
    """Tell open pages."""
    changes.all_touched(conversations, now)


def _is_from_outside(work: _Work) -> bool:
    return not work.mail.imported and not work.author.ours and work.reported is None


def _came(work: _Work, conversation: Conversation, opened: set[int]) -> flood.Came:
    return flood.Came(work.process, work.mail.message.from_address, conversation, conversation.pk in opened)


def _for_rules(entered: Sequence[tuple[_Work, Conversation]], opened: set[int], held: set[int]) -> list[Came]:
    news = [(work, one) for work, one in entered if _is_from_outside(work) and one.pk not in held]
    return [Came(one, work.mail.delivery, work.mail.parsed, one.pk in opened) for work, one in news]


def _expect_answers(entered: Sequence[tuple[_Work, Conversation]], opened: set[int], now: datetime) -> None:
    """Mail from outside that has opened a conversation may be acknowledged by itself."""
    mails = [(one, work.mail) for work, one in entered if one.pk in opened and _is_from_outside(work)]
    automatic_answers.expect([(one, mail.delivery, mail.parsed) for one, mail in mails], now)


def _begin(entered: Sequence[tuple[_Work, Conversation]], opened: set[int], now: datetime) -> None:
    """What mail from outside has opened is new: it is assigned later, and people want an answer in time."""
    new = [(work, one) for work, one in entered if one.pk in opened and _is_from_outside(work)]
    for _, one in new:
        one.is_new = True
    targets.begin([one for work, one in new if not work.mail.parsed.automatic], now)


# --- where to --------------------------------------------------------------------------------------------


def _works(arrivals: Sequence[Arrival], now: datetime, process: Process | None) -> list[_Work]:
    known = _Known(arrivals, process)
    fetched = [one.delivery.pk for one in arrivals if one.delivery.origin.kind == Origin.Kind.IMAP]
    past = history_among(fetched) if fetched else set()
    hidden = hidden_views(arrival.delivery.message for arrival in arrivals)
    works = []
    for delivery, parsed, placed in arrivals:
        message = delivery.message
        imported = delivery.origin.kind == Origin.Kind.IMPORT or delivery.pk in past
        mail = Mail(delivery, message, parsed, min(message.received_at, delivery.seen_at, now), imported)
        about = reported(delivery, parsed)
        processes = [about.conversation.process] if about is not None else known.processes(delivery, parsed)
        for one in processes:
            if hidden & {(message.pk, one.pk, delivery.pk), (message.pk, one.pk, None)}:
                continue  # its view was taken away by a person
            works.append(_Work(mail, one, placed, known.author(parsed, one), reported=about))
    return _with_handed(works)


def _with_handed(works: list[_Work]) -> list[_Work]:
    there = homes(Coming(work.process, work.mail.message, work.placed.thread.pk) for work in works)
    if not there:
        return works
    found = [(work, there.get((work.process.pk, work.mail.message.pk))) for work in works]
    return [work._replace(process=home, also=work.process.scope_id) if home else work for work, home in found]


class _Known:
    """What is looked up once for a batch: processes, their addresses, and who of us is named."""

    def __init__(self, arrivals: Sequence[Arrival], process: Process | None) -> None:
        self._process = process
        self._imports: dict[int, Process | None] = {}
        self._addresses: dict[tuple[int, tuple[str, ...]], list[ProcessAddress]] = {}
        self._own: dict[int, frozenset[str]] = {}
        named = {address for arrival in arrivals for address in _everybody(arrival.parsed)}
        self._colleagues: dict[str, Person] = {}
        for some in rows.groups(sorted(named)):
            people = Person.objects.filter(is_active=True, email__in=some)
            self._colleagues |= {person.email: person for person in people}

    def processes(self, delivery: Delivery, parsed: Parsed) -> list[Process]:
        """Where the delivery belongs, in the order of their keys."""
        if delivery.origin.kind in (Origin.Kind.IMPORT, Origin.Kind.SENT):
            process = self._process or self._imported_for(delivery.origin)
            return [process] if process is not None else []
        addresses = self._addresses_of(delivery)
        recipients = _recipients(delivery, parsed) if len(addresses) > 1 else set()
        named = [row.process for row in addresses if row.address in recipients] or [addresses[0].process]
        return sorted(set(named), key=lambda one: one.pk)

    def _imported_for(self, origin: Origin) -> Process | None:
        if origin.pk not in self._imports:
            self._imports[origin.pk] = process_of(origin)
        return self._imports[origin.pk]

    def _addresses_of(self, delivery: Delivery) -> list[ProcessAddress]:
        origin = delivery.origin
        # A web form has no gateway: it writes to an address, whatever gateway that has.
        written_to = tuple(delivery.rcpt_to) if origin.kind == Origin.Kind.FORM else ()
        key = origin.pk, written_to
        if key not in self._addresses:
            where = Q(address__in=written_to) if written_to else Q(gateway__origin=origin)
            self._addresses[key] = list(ProcessAddress.objects.filter(where).select_related("process"))
        if not self._addresses[key]:
            raise NoProcess(f"no process has an address at the gateway {origin.name}")
        return self._addresses[key]

    def author(self, parsed: Parsed, process: Process) -> Author:
        """Who wrote it, as `process` sees it."""
        if process.pk not in self._own:
            self._own[process.pk] = own_addresses(process)
        own, sender = self._own[process.pk], parsed.sender
        if sender is None or not self._is_ours(sender.address.lower(), own):
            return Author(False, None, sender)
        others = (*parsed.to, *parsed.cc, *parsed.bcc)
        outside = next((one for one in others if not self._is_ours(one.address.lower(), own)), None)
        if outside is None:
            return Author(False, None, sender)
        return Author(True, self._colleagues.get(sender.address.lower()) or _owner(process, sender.address), outside)

    def _is_ours(self, address: str, own: frozenset[str]) -> bool:
        return address in own or address in self._colleagues


def _owner(process: Process, address: str) -> Person | None:
    """Whose personal desk it is, when that is their address."""
    owns = process.owner_id is not None and process.addresses.filter(address=address.lower()).exists()
    return process.owner if owns else None


def _everybody(parsed: Parsed) -> list[str]:
    senders = (parsed.sender,) if parsed.sender is not None else ()
    # A message may name thousands: enough of them to tell whether one of us wrote it.
    return [one.address.lower() for one in (*senders, *parsed.to, *parsed.cc, *parsed.bcc)[:300]]


def _recipients(delivery: Delivery, parsed: Parsed) -> set[str]:
    """Everybody it was for, lower case, also without the +detail of RFC 5233."""
    everybody = {address.lower() for address in _named_recipients(delivery, parsed)}
    return everybody | {_without_detail(address) for address in everybody}


def _named_recipients(delivery: Delivery, parsed: Parsed) -> list[str]:
    if delivery.origin.kind in (Origin.Kind.SMTP, Origin.Kind.FORM):
        # We were told ourselves; whom else the header names has a delivery of their own.
        return list(delivery.rcpt_to)
    texts = [*delivery.rcpt_to, *(value for name, value in parsed.headers if name.lower() in _ENVELOPE_HEADERS)]
    envelope = [address.address for text in texts for address in read_addresses(text)[0]]
    return [*envelope, *(address.address for address in (*parsed.to, *parsed.cc, *parsed.bcc))]


def _without_detail(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


# --- what it does there ----------------------------------------------------------------------------------


def _follow_messages(works: Iterable[_Work]) -> None:
    """Messages that could not be read at first may have another thread now: their conversations go with them."""
    by_message = {(work.mail.message.pk, work.process.pk): work for work in works}
    entries = Entry.objects.filter(message__in={message for message, _ in by_message})
    places = entries.values_list("message_id", "conversation__process_id", "conversation__thread_id")
    for message, process, thread in list(places):
        work = by_message.get((message, process))
        if work is not None and thread != work.placed.thread.pk:
            follow_message(work.mail.message, work.process, work.placed.thread)


def _follow(work: _Work, conversation: Conversation, now: datetime) -> None:
    """What mail does to the work: reopens it, or gives it to the colleague who answered."""
    mail, author = work.mail, work.author
    if mail.imported:
        return
    if work.reported is not None:
        note(work.reported, now)
    closed = conversation.status == Conversation.Status.CLOSED
    if closed and not author.ours and mail.parsed.automatic not in _QUIET:
        conversation.reopen(None, now)
    if author.ours:
        targets.answered(conversation, now)
    if author.ours and work.process.owner_id is not None:
        conversation.happened("answered-outside", author.person, now)
    if author.person is None or conversation.assignee_id is not None:
        return
    if conversation.is_worked_by(author.person):
        conversation.assign(author.person, author.person, now)
