"""What rules would have done with the last messages: read-only, before they are let loose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.errors import Damaged
from podatelna.archive.models import Delivery, Message
from podatelna.desk.models import Conversation, ProcessAddress
from podatelna.gateways.models import Gateway
from podatelna.mail.parse import parse
from podatelna.outbox.models import Outgoing

from .evaluation import Decision, RuleLike, evaluate
from .facts import of_incoming
from .outgoing import of_letter

MOST = 1000


@dataclass(frozen=True)
class Rehearsed:
    """One message, and the rules that would have matched. `message`: None of one that the person may not see.

    `key`: where the next one begins, see `before` of rehearse().
    """

    key: int
    message: Message | None
    conversation: Conversation | None
    decisions: Sequence[Decision]


def rehearse(
    gateway: Gateway,
    rules: Sequence[RuleLike],
    last: int,
    person: Person,
    direction: str = "in",
    before: int | None = None,
) -> Iterator[Rehearsed]:
    """Evaluate `rules` on the gateway's last messages, the newest first; with `before` those older than that one.

    Nothing is written, nothing is sent.

    Every message counts; subject and sender are given only of those that `person` may see.
    """
    count = max(1, min(last, MOST))
    look = _letters if direction == "out" else _mail
    yield from look(gateway, rules, count, person, before)


def _mail(
    gateway: Gateway, rules: Sequence[RuleLike], count: int, person: Person, before: int | None
) -> Iterator[Rehearsed]:
    address = ProcessAddress.objects.filter(gateway=gateway).select_related("process").first()
    rows = Delivery.objects.filter(origin=gateway.origin_id).select_related("message", "origin").order_by("-pk")
    for delivery in (rows if before is None else rows.filter(pk__lt=before))[:count]:
        conversation = _conversation(delivery.message, gateway)
        process = conversation.process if conversation is not None else address.process if address else None
        if process is None or process.owner_id is not None:
            continue
        try:
            parsed = store.read(delivery.message)
        except Damaged:
            continue
        facts = of_incoming(delivery, parsed, process, conversation, delivery.seen_at)
        yield _seen(person, delivery.pk, delivery.message, conversation, evaluate(rules, facts))


def _letters(
    gateway: Gateway, rules: Sequence[RuleLike], count: int, person: Person, before: int | None
) -> Iterator[Rehearsed]:
    rows = Outgoing.objects.filter(gateway=gateway, entry__isnull=False, person__isnull=False)
    rows = rows.select_related("raw", "archived", "person", "entry__conversation__process").order_by("-pk")
    for outgoing in (rows if before is None else rows.filter(pk__lt=before))[:count]:
        conversation = outgoing.entry.conversation
        parsed = parse(store.read_blob(outgoing.raw))
        facts = of_letter(parsed, conversation.process, conversation, outgoing.person, outgoing.created_at)
        yield _seen(person, outgoing.pk, outgoing.archived, conversation, evaluate(rules, facts))


def _conversation(message: Message, gateway: Gateway) -> Conversation | None:
    rows = Conversation.objects.filter(entries__message=message, process__addresses__gateway=gateway)
    return rows.select_related("process").first()


def _seen(
    person: Person, key: int, message: Message | None, conversation: Conversation | None, decisions: list[Decision]
) -> Rehearsed:
    if conversation is None or not Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists():
        return Rehearsed(key, None, None, decisions)
    return Rehearsed(key, message, conversation, decisions)
