"""Letters about alarms: whom they go to, through which gateway, and that they never cause another one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.gateways.alarm_models import Alarm, AlarmNotice, AlarmRoute
from podatelna.gateways.models import Gateway
from podatelna.mail.addresses import Address
from podatelna.mail.compose import Letter, compose
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing

_PREFIX = "alarm-"  # of the Message-IDs of our letters: no other part of the house makes such ones
# RFC 3834 5: nobody's vacation notice answers. The second one is for Exchange, which does not look at the first.
_AUTOMATIC = b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"


@dataclass(frozen=True)
class Reader:
    """Somebody who is told: their address, their language, and whether the mailbox in question is theirs."""

    address: str
    name: str
    language: str
    is_owner: bool = False


@dataclass(frozen=True)
class Written:
    """Subject and text of a letter."""

    subject: str
    text: str


Write = Callable[[AlarmNotice, Reader], Written]  # the words are web's, so they are handed in


class NoGateway(Exception):
    """No gateway can send a letter about an alarm."""


def not_letters() -> Q:
    """Which of the outbox's rows are no letters about alarms: those must not be alarmed about."""
    return ~Q(message_id__startswith=_PREFIX)


def letters_of(notice: AlarmNotice) -> Q:
    """The outbox's rows of one notice."""
    return Q(message_id__startswith=f"{_PREFIX}{notice.pk}-")


def readers(notice: AlarmNotice, route: AlarmRoute) -> list[Reader]:
    """Whom a notice goes to by mail, each address once: the owner of the mailbox, administrators, further addresses."""
    found: dict[str, Reader] = {}
    owner = notice.alarm.person if notice.alarm is not None else None
    if owner is not None and owner.is_active:
        found[owner.email.lower()] = Reader(owner.email, owner.name, owner.language, is_owner=True)
    if route.mail:
        for person in Person.objects.filter(is_administrator=True, is_active=True).order_by("pk"):
            found.setdefault(person.email.lower(), Reader(person.email, person.name, person.language))
    for address in route.also_to.split():
        found.setdefault(address.lower(), Reader(address, "", settings.LANGUAGE_CODE))
    return list(found.values())


def send(notice: AlarmNotice, route: AlarmRoute, write: Write, now: datetime) -> int:
    """Put the letters of `notice` into the outbox, part of the caller's transaction; how many. Raises NoGateway."""
    people = readers(notice, route)
    if people:
        gateway = choose_gateway(notice.alarm, route)
        for reader in people:
            _enqueue(notice, reader, gateway, write, now)
    return len(people)


def choose_gateway(alarm: Alarm | None, route: AlarmRoute, but: Iterable[int] = ()) -> Gateway:
    """The gateway to tell of `alarm` through: the chosen one, unless it is what fails and another can be used.

    Never a private mailbox. `but`: gateways that were tried. Raises NoGateway.
    """
    company = Gateway.objects.filter(owner=None).exclude(smtp_host="").exclude(pk__in=list(but))
    broken = set(_troubled())
    if alarm is not None and alarm.gateway_id is not None:
        broken.add(alarm.gateway_id)
    whole = [gateway for gateway in company if gateway.pk not in broken]
    wanted = [gateway for gateway in whole if gateway.pk == route.gateway_id]
    # One that was seen working goes before one that is paused or has just been connected.
    working = [gateway for gateway in whole if gateway.state == Gateway.State.WORKING]
    last_resort = [gateway for gateway in company if gateway.pk == route.gateway_id] or list(company)
    for gateway in (*wanted, *working, *whole, *last_resort):
        return gateway
    raise NoGateway


def reroute(notice: AlarmNotice, route: AlarmRoute, write: Write, now: datetime) -> int:
    """Letters of `notice` that their gateway does not get rid of go through another one, if there is one; how many."""
    waiting = Outgoing.objects.filter(letters_of(notice), state=Outgoing.State.WAITING, attempts__gte=2)
    return sum(_reroute(outgoing, notice, route, write, now) for outgoing in waiting)


@transaction.atomic
def _reroute(outgoing: Outgoing, notice: AlarmNotice, route: AlarmRoute, write: Write, now: datetime) -> bool:
    tried = Outgoing.objects.filter(letters_of(notice)).values_list("gateway_id", flat=True)
    address = outgoing.recipients.values_list("address", flat=True)[0].lower()
    reader = next((one for one in readers(notice, route) if one.address.lower() == address), None)
    try:
        gateway = choose_gateway(notice.alarm, route, tried)
    except NoGateway:
        return False
    # Given up first: it was never handed over, so nobody gets it twice.
    if reader is None or not queue.give_up(outgoing, None, now):
        return False
    _enqueue(notice, reader, gateway, write, now)
    return True


def _troubled() -> Iterable[int]:
    """Gateways that fail, or that have not got rid of something in the outbox."""
    fine = [Gateway.State.NEW, Gateway.State.WORKING, Gateway.State.PAUSED]
    yield from Gateway.objects.exclude(state__in=fine).values_list("pk", flat=True)
    stuck = Outgoing.objects.filter(state=Outgoing.State.WAITING, attempts__gt=0)
    yield from stuck.order_by().values_list("gateway_id", flat=True).distinct()


def _enqueue(notice: AlarmNotice, reader: Reader, gateway: Gateway, write: Write, now: datetime) -> None:
    written = write(notice, reader)
    domain = gateway.address.rpartition("@")[2].encode("idna").decode("ascii")
    message_id = f"{_PREFIX}{notice.pk}-{secrets.token_hex(10)}@{domain}"
    letter = Letter(
        sender=Address("Podatelna", gateway.address),
        to=(Address(reader.name, reader.address),),
        cc=(),
        bcc=(),
        subject=written.subject,
        text=written.text,
        html="",
        message_id=message_id,
        date=timezone.localtime(now),
    )
    queue.enqueue(
        gateway=gateway,
        person=None,
        mail_from=gateway.address,
        rcpt_to=[reader.address],
        raw=_AUTOMATIC + compose(letter),
        message_id=message_id,
        not_before=now,
    )
