"""The people, processes and mail that tests play with.

Alice leads helpdesk, Bob works in it, Carol is in sales, Dan is an administrator, Eve is outside everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import count

from podatelna import pipeline
from podatelna.accounts.models import Person
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Delivery, Origin
from podatelna.desk.models import Conversation, Process
from podatelna.desk.processes import add_address, add_member, create_process
from podatelna.gateways.models import Gateway
from podatelna.protocols.smtp import Outcome, Reply, SmtpServer

NOON = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)  # noon in Prague
PASSWORD = "correct horse battery staple"

_numbers = count(1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        """Move by a timedelta's arguments; the new time."""
        self.now += timedelta(**by)
        return self.now


@dataclass(frozen=True)
class Cast:
    """Everybody and everything; made by `gather`."""

    alice: Person
    bob: Person
    carol: Person
    dan: Person
    eve: Person
    helpdesk: Process
    sales: Process
    helpdesk_gateway: Gateway
    sales_gateway: Gateway


def gather() -> Cast:
    """The whole cast in the database."""
    alice, bob, carol, eve = (a_person(name) for name in ("Alice", "Bob", "Carol", "Eve"))
    dan = a_person("Dan", is_administrator=True)
    helpdesk = create_process("Helpdesk", "Everything that broke", dan)
    sales = create_process("Sales", "Everything that is wanted", dan)
    helpdesk_gateway, sales_gateway = a_gateway("helpdesk@acme.cz", "Helpdesk ACME"), a_gateway("sales@acme.cz")
    add_address(helpdesk, helpdesk_gateway, "helpdesk@acme.cz", dan)
    add_address(sales, sales_gateway, "sales@acme.cz", dan)
    add_member(helpdesk, alice, "lead", dan)
    add_member(helpdesk, bob, "member", dan)
    add_member(sales, carol, "member", dan)
    return Cast(alice, bob, carol, dan, eve, helpdesk, sales, helpdesk_gateway, sales_gateway)


def a_person(name: str, **fields: object) -> Person:
    """Somebody who works at acme.cz; signs in with PASSWORD."""
    return Person.objects.create_person(f"{name.lower()}@acme.cz", name, PASSWORD, **{"language": "en", **fields})


def a_gateway(address: str, display_name: str = "", **fields: object) -> Gateway:
    """A gateway to a mailbox that nobody dials."""
    origin = Origin.objects.create(kind=Origin.Kind.IMAP, name=address)
    servers = {"imap_host": "imap.acme.cz", "imap_login": address, "smtp_host": "smtp.acme.cz"}
    return Gateway.objects.create(origin=origin, address=address, display_name=display_name, **{**servers, **fields})


def a_mail(
    subject: str = "Broken washing machine",
    text: str = "Hello, it does not spin any more.\n",
    *,
    sender: str = "Jana Nováková <jana@example.cz>",
    to: str = "helpdesk@acme.cz",
    cc: str = "",
    message_id: str = "",
    in_reply_to: str = "",
    references: Sequence[str] = (),
    date: datetime = NOON,
    html: str = "",
    files: Iterable[tuple[str, str, bytes]] = (),
    headers: Iterable[tuple[str, str]] = (),
) -> bytes:
    """A message as a partner's program would write it, with CRLF; ids are given without <>."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    if cc:
        mail["Cc"] = cc
    mail["Date"] = date
    mail["Message-ID"] = f"<{message_id or f'mail-{next(_numbers)}@example.cz'}>"
    if in_reply_to:
        mail["In-Reply-To"] = f"<{in_reply_to}>"
        mail["References"] = " ".join(f"<{one}>" for one in (*references, in_reply_to))
    for name, value in headers:
        mail[name] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, content_type, data in files:
        main, _, sub = content_type.partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def arrive(raw: bytes, gateway: Gateway, now: datetime = NOON, *, rcpt_to: tuple[str, ...] = ()) -> Delivery:
    """Mail fetched through `gateway` and durable; the pipeline has not been through yet."""
    place = f"INBOX 1 {next(_numbers)}"
    received = Received(raw=raw, origin_id=gateway.origin_id, place=place, seen_at=now, rcpt_to=rcpt_to)
    return accept([received])[0].delivery


def receive(raw: bytes, gateway: Gateway, now: datetime = NOON, *, rcpt_to: tuple[str, ...] = ()) -> Conversation:
    """Mail that came through `gateway`, all the way onto the desk; the newest conversation with it."""
    delivery = arrive(raw, gateway, now, rcpt_to=rcpt_to)
    pipeline.receive(delivery, now=now)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DONE, f"{delivery.stage}: {delivery.error}"
    processes = Process.objects.filter(addresses__gateway=gateway)
    found = Conversation.objects.filter(entries__message=delivery.message_id, process__in=processes)
    return found.order_by("-pk")[0]


@dataclass
class Posted:
    """One message as the recording transport was given it."""

    server: SmtpServer
    raw: bytes
    mail_from: str
    rcpt_to: tuple[str, ...]


@dataclass
class RecordingTransport:
    """An SMTP transport that sends nothing and remembers; `answers` say what happens, the last one goes on for ever.

    An answer is an Outcome, an exception to be raised (before the message is handed over, or after it when it is in
    `after`), a function of the recipients, or None for success.
    """

    answers: list[Outcome | BaseException | Callable[[Sequence[str]], Outcome] | None] = field(
        default_factory=lambda: [None]
    )
    hands_over: bool = True
    posted: list[Posted] = field(default_factory=list)
    dialled: int = 0

    def __call__(
        self,
        server: SmtpServer,
        raw: bytes,
        mail_from: str,
        rcpt_to: Sequence[str],
        *,
        handing_over: Callable[[], None],
    ) -> Outcome:
        answer = self.answers[min(self.dialled, len(self.answers) - 1)]
        self.dialled += 1
        if isinstance(answer, BaseException) and not self.hands_over:
            raise answer
        handing_over()
        if isinstance(answer, BaseException):
            raise answer
        self.posted.append(Posted(server, raw, mail_from, tuple(rcpt_to)))
        if callable(answer):
            return answer(rcpt_to)
        return answer or accepted(rcpt_to)


def accepted(rcpt_to: Sequence[str]) -> Outcome:
    """The server takes the message for everybody."""
    return Outcome(dict.fromkeys(rcpt_to, Reply(250, "2.1.5 Ok")), Reply(250, "2.0.0 Ok: queued as 4711"))
