"""`podatelna receive`, and the worker's part that takes mail by SMTP and LMTP where settings say so."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING

from .errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from podatelna.protocols.listening import Network, Place
    from podatelna.protocols.smtp_server import House, Reception

log = logging.getLogger(__name__)


def receive() -> None:
    """Take mail by SMTP and LMTP, and nothing else: for a machine of its own that mail servers reach.

    Where to listen is set by PODATELNA_SMTP_LISTEN and PODATELNA_LMTP_LISTEN; `podatelna worker` and `podatelna run` do
    it by themselves. SIGTERM stops it; what it has not said "stored" for is brought again by whoever brought it.

    Example: PODATELNA_SMTP_LISTEN=0.0.0.0:25 podatelna receive
    """
    from .house import open_house, refuse_unprepared
    from .serve import stopped_by_signals

    open_house()
    if not is_wanted():
        raise Refused("nothing to listen on: set PODATELNA_SMTP_LISTEN or PODATELNA_LMTP_LISTEN.")
    refuse_unprepared()
    with stopped_by_signals() as stop:
        try:
            serve_mail(stop)
        except OSError as error:
            raise Refused(f"cannot listen for mail: {error}") from None


def is_wanted() -> bool:
    """Whether settings name a place to listen on."""
    from django.conf import settings

    return bool(settings.SMTP_LISTEN or settings.LMTP_LISTEN)


def serve_mail(
    stop: threading.Event,
    arrived: Callable[[], None] = lambda: None,
    listening: Callable[[list[Place]], None] | None = None,
) -> None:
    """Take mail where settings say until `stop`. Raises OSError when a place, or the certificate, cannot be had."""
    from podatelna.protocols.smtp_server import serve

    asyncio.run(serve(places(arrived), stop.is_set, listening or _say))


def step(stop: threading.Event, arrived: threading.Event) -> Callable[[], float]:
    """The same as a step of the worker's: it lasts until `stop`, or until a place cannot be had."""

    def take_mail() -> float:
        serve_mail(stop, arrived.set)
        return 0.0

    return take_mail


def _say(places: list[Place]) -> None:
    log.info("mail is taken at %s", ", ".join(map(str, places)))


def places(arrived: Callable[[], None]) -> list[tuple[Place, House]]:
    """Every place to listen on, with the server for it."""
    from django.conf import settings
    from django.db import close_old_connections
    from django.utils import timezone

    from podatelna.archive.intake import accept
    from podatelna.desk.addressed import receiving_gateway
    from podatelna.gateways.reception import DirectReception
    from podatelna.protocols.listening import LOOPBACK

    reception = DirectReception(receiving_gateway, accept, timezone.now, arrived, close_old_connections)
    found: list[tuple[Place, House]] = []
    if settings.SMTP_LISTEN:
        house = _house(reception, "smtp", settings.SMTP_CLIENTS or LOOPBACK, only=bool(settings.SMTP_CLIENTS))
        found += [(place, house) for place in settings.SMTP_LISTEN]
    if settings.LMTP_LISTEN:
        # RFC 2033 5: LMTP is for servers that belong together.
        house = _house(reception, "lmtp", settings.LMTP_CLIENTS, only=True)
        found += [(place, house) for place in settings.LMTP_LISTEN]
    return found


def _house(reception: Reception, protocol: str, clients: tuple[Network, ...], *, only: bool) -> House:
    from django.conf import settings

    from podatelna.protocols.server_certificate import Certificate
    from podatelna.protocols.smtp_limits import Limits
    from podatelna.protocols.smtp_server import House

    limits = Limits(
        size=settings.SMTP_SIZE,
        messages_a_minute=settings.SMTP_RATE,
        clients=clients,
        only_clients=only,
    )
    chain, key = settings.SMTP_CERTIFICATE, settings.SMTP_KEY or settings.SMTP_CERTIFICATE
    if chain is None or key is None:
        return House(reception, limits, settings.SMTP_NAME, protocol)
    return House(reception, limits, settings.SMTP_NAME, protocol, Certificate(chain, key).context)
