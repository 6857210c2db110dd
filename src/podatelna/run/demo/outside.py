"""The world outside the demo's company: it writes, and when somebody answers it, it answers back."""

from __future__ import annotations

import heapq
import logging
import queue
import random
import secrets
import smtplib
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr

from .mailserver import Taken
from .post import DOMAIN, Mail, Partner, followed, write

log = logging.getLogger(__name__)

_ANSWERS_AFTER = (9.0, 25.0)  # seconds
_AWAY_AFTER = 2.0
_WRITES_EVERY = (20.0, 40.0)
_LONGEST_QUEUE = 1000


@dataclass(order=True)
class _Plan:
    at: float
    number: int
    mail: Mail = field(compare=False)
    old: EmailMessage | None = field(compare=False, default=None)


class World:
    """Partners with their letters. `start` sends from a thread, over SMTP to `smtp_port` of loopback, until `stop`."""

    def __init__(self, partners: Mapping[str, Partner], chance: random.Random | None = None) -> None:
        self.partners = dict(partners)
        self.smtp_port = 0
        self.sent: dict[str, EmailMessage] = {}  # by the letter's key
        self._by_address = {partner.address: key for key, partner in partners.items()}
        self._answered: dict[str, int] = {}
        self._away: set[str] = set()
        self._heard: queue.Queue[Taken] = queue.Queue(_LONGEST_QUEUE)
        self._plans: list[_Plan] = []
        self._count = 0
        self._lock = threading.Lock()
        self._chance = chance or random.Random()  # noqa: S311  # when somebody answers is no secret
        self._stop = threading.Event()
        self.told = threading.Event()  # the history has been written and is on the desk
        self._thread: threading.Thread | None = None

    # --- what is written ----------------------------------------------------------------------------------

    def send_history(self, letters: Iterable[Mail], now: datetime) -> None:
        """Send `letters`, oldest first, each dated as many minutes before `now` as it says."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port) as connection:
            for mail in sorted(letters, key=lambda mail: -mail.ago):
                self._send(connection, mail, now - timedelta(minutes=mail.ago), self.sent.get(mail.answers))

    def plan(self, letters: Iterable[Mail]) -> None:
        """Send `letters` one by one while somebody watches."""
        at = time.monotonic()
        for mail in letters:
            at += self._chance.uniform(*_WRITES_EVERY)
            self._add(at, mail)

    def start(self) -> None:
        """Begin with what is planned, and with answering."""
        self._thread = threading.Thread(target=self._live, name="the world outside", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Fall silent."""
        self._stop.set()
        if self._thread:
            self._thread.join(5)

    # --- what is heard ------------------------------------------------------------------------------------

    def hear(self, taken: Taken) -> None:
        """The company has written to somebody outside. Never blocks: it is called from the mail server's loop."""
        try:
            self._heard.put_nowait(taken)
        except queue.Full:
            log.warning("the demo's partners are overrun with mail; one message is left unanswered")

    def refuses(self, address: str) -> str | None:
        """The SMTP reply with which `address` is refused, or None."""
        key = self._by_address.get(address)
        return self.partners[key].refusal or None if key else None

    def _live(self) -> None:
        while not self._stop.wait(0.2):
            while not self._heard.empty():
                self._consider(self._heard.get_nowait())
            while plan := self._due():
                self._carry_out(plan)

    def _consider(self, taken: Taken) -> None:
        message = message_from_bytes(taken.raw, policy=SMTP)
        assert isinstance(message, EmailMessage)
        if str(message.get("Auto-Submitted", "no")).lower() != "no":
            return  # RFC 3834 2: never answer what was sent automatically
        for address in taken.rcpt_to:
            key = self._by_address.get(address.lower())
            if key:
                self._plan_answer(key, message)

    def _plan_answer(self, key: str, message: EmailMessage) -> None:
        partner, now = self.partners[key], time.monotonic()
        to = parseaddr(str(message.get("Reply-To") or message.get("From")))[1].removesuffix(f"@{DOMAIN}")
        if partner.away and key not in self._away:
            self._away.add(key)
            headers = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
            mail = Mail(f"away-{key}", key, to, "", partner.away, quotes=False, headers=headers)
            self._add(now + _AWAY_AFTER, mail, message)
        turn = self._answered.get(key, 0)
        if turn < len(partner.answers):
            self._answered[key] = turn + 1
            mail = Mail(f"answer-{key}-{turn}", key, to, "", partner.answers[turn])
            self._add(now + self._chance.uniform(*_ANSWERS_AFTER), mail, message)

    # --- sending ------------------------------------------------------------------------------------------

    def _add(self, at: float, mail: Mail, old: EmailMessage | None = None) -> None:
        with self._lock:
            self._count += 1
            heapq.heappush(self._plans, _Plan(at, self._count, mail, old=old))

    def _due(self) -> _Plan | None:
        with self._lock:
            due = self._plans and self._plans[0].at <= time.monotonic()
            return heapq.heappop(self._plans) if due else None

    def _carry_out(self, plan: _Plan) -> None:
        old = plan.old or self.sent.get(plan.mail.answers)
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=20) as connection:
                self._send(connection, plan.mail, datetime.now(UTC), old)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("the demo's letter %s was not sent: %s", plan.mail.key, error)

    def _send(self, connection: smtplib.SMTP, mail: Mail, date: datetime, old: EmailMessage | None) -> None:
        partner = self.partners[mail.sender]
        message_id = f"{mail.key}.{secrets.token_hex(6)}@{partner.address.partition('@')[2]}"
        message = write(mail, partner, date, message_id, followed(old) if old else None)
        self.sent[mail.key] = message
        recipients = [f"{local}@{DOMAIN}" for local in (mail.to + " " + mail.cc).split()]
        connection.sendmail(partner.address, recipients, message.as_bytes())
