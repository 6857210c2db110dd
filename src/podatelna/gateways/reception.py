"""Mail that is brought to us by SMTP or LMTP: for whom it is taken, and made durable before the client is told so."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from podatelna.archive import verdicts
from podatelna.archive.columns import fit
from podatelna.archive.intake import Accepted, Received
from podatelna.archive.models import BroughtBy
from podatelna.protocols.smtp_server import Brought, Client, NotNow, UnknownRecipient

from . import health
from .cycle import Accept
from .models import Gateway

log = logging.getLogger(__name__)

Find = Callable[[str], Gateway | None]  # desk.addressed.receiving_gateway


@dataclass(frozen=True)
class DirectReception:
    """A protocols.smtp_server.Reception with the archive behind it.

    `arrived` is told whenever mail is durable. `done` is called at the end of each call, for who has threads of his own
    and connections to the database to be looked after.
    """

    find: Find
    take: Accept
    now: Callable[[], datetime]
    arrived: Callable[[], None] = lambda: None
    done: Callable[[], None] = lambda: None

    def check(self, recipient: str) -> None:
        """Raises UnknownRecipient, or NotNow when the gateway is paused or the database is away."""
        try:
            self._gateway(recipient)
        finally:
            self.done()

    def accept(self, brought: Brought) -> None:
        """Make it durable: a delivery for each recipient, all or none. Raises UnknownRecipient or NotNow.

        The place of a delivery is its recipient and its bytes. A client that did not hear our answer brings the very
        same again, maybe not for all recipients at once: each of them has it once.
        """
        try:
            self._accept(brought)
        finally:
            self.done()
        self.arrived()

    def _accept(self, brought: Brought) -> None:
        gateways = {recipient: self._gateway(recipient) for recipient in brought.recipients}
        now = self.now()
        batch = [self._received(recipient, gateway, brought, now) for recipient, gateway in gateways.items()]
        try:
            accepted = self.take(batch, also=_writer(brought.client, now))
            for gateway in {gateway.pk: gateway for gateway in gateways.values()}.values():
                health.succeeded(gateway, now)
        except Exception as error:  # whatever it is: the client keeps the message and comes again
            raise _away(error) from error
        again = sum(not one.new for one in accepted)
        if again:
            log.info("%s brought again what was here already, for %d recipients", brought.client.address, again)

    def _gateway(self, recipient: str) -> Gateway:
        try:
            gateway = self.find(recipient)
        except Exception as error:  # as above
            raise _away(error) from error
        if gateway is None:
            raise UnknownRecipient(recipient)
        if gateway.state == Gateway.State.PAUSED:
            raise NotNow(f"{gateway.address} is paused")
        return gateway

    @staticmethod
    def _received(recipient: str, gateway: Gateway, brought: Brought, now: datetime) -> Received:
        digest = hashlib.sha256(brought.raw).hexdigest()
        return Received(
            brought.raw,
            gateway.origin_id,
            f"for {recipient.lower()} {digest}",
            seen_at=now,
            mail_from=brought.mail_from,
            rcpt_to=(recipient,),
        )


def _writer(client: Client, now: datetime) -> Callable[[list[Accepted]], None]:
    """What is to be durable together with the deliveries: who brought them, and that they are to be judged."""

    def write(accepted: list[Accepted]) -> None:
        new = [one.delivery for one in accepted if one.new]
        values = {
            "address": fit(client.address.partition("%")[0], 45),
            "helo": fit(client.helo, 255),
            "protocol": client.protocol,
            "tls": client.tls,
            "named": client.named,
        }
        BroughtBy.objects.bulk_create([BroughtBy(delivery=one, **values) for one in new])
        verdicts.expect(new, now)

    return write


def _away(error: Exception) -> NotNow:
    log.error("mail could not be taken", exc_info=error)
    return NotNow(f"{type(error).__name__}: {error}")
