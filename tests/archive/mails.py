"""Small makers for the archive's tests: origins, accepted mail, people with scopes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

from podatelna.accounts.models import Holding, Person, Scope
from podatelna.archive import search, store
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Delivery, Message, Origin
from podatelna.archive.reading import fill

NOON = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
_numbers = count(1)


def an_origin(name: str = "helpdesk@acme.cz") -> Origin:
    return Origin.objects.create(kind=Origin.Kind.IMAP, name=name)


def a_message(
    subject: str = "Hello",
    text: str = "Does it work?",
    *,
    message_id: str | None = None,
    references: Sequence[str] = (),
    sender: str = "Jana Nováková <jana@example.cz>",
    to: str = "helpdesk@acme.cz",
    date: str = "Mon, 04 May 2026 12:00:00 +0200",
    extra: str = "",
) -> bytes:
    """A plain UTF-8 message; `message_id` "" leaves the field out, None makes a new one."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}"]
    if date:
        lines.append(f"Date: {date}")
    if message_id is None:
        message_id = f"m{next(_numbers)}@example.cz"
    if message_id:
        lines.append(f"Message-ID: <{message_id}>")
    if references:
        lines.append("References: " + " ".join(f"<{one}>" for one in references))
    lines += [extra] if extra else []
    lines += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    return "\r\n".join([*lines, "", text, ""]).encode()


def arrive(raw: bytes, origin: Origin, place: str = "", seen_at: datetime = NOON) -> Delivery:
    """Accepted through `origin` at a place of its own."""
    received = Received(raw, origin.pk, place or f"INBOX 1 {next(_numbers)}", seen_at)
    return accept([received])[0].delivery


def filed(raw: bytes, origin: Origin, *scopes: Scope, seen_at: datetime = NOON) -> Message:
    """Accepted, parsed, visible through `scopes` and findable."""
    delivery = arrive(raw, origin, seen_at=seen_at)
    message = delivery.message
    parsed = store.read(message)
    fill(message, parsed)
    for scope in scopes:
        store.give_scope(delivery, scope)
    search.index(message, parsed)
    return message


def a_scope(*holders: Person) -> Scope:
    scope = Scope.objects.create(kind=Scope.Kind.PROCESS)
    for holder in holders:
        Holding.objects.create(person=holder, scope=scope, reason="member")
    return scope


def a_person(name: str) -> Person:
    return Person.objects.create_person(f"{name.lower()}@acme.cz", name, "correct horse battery staple")
