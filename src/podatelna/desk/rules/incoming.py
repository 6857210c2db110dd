"""Rules for mail that comes: those of the gateway it came through, from the top, once for each delivery.

A rule that asks who really sent a message needs a verdict, which comes a moment after the mail: then all rules of the
gateway wait for it, ten minutes at most. Rules of the company never touch a person's private mailbox.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from podatelna.archive import store
from podatelna.archive.models import Delivery, Origin, Verdict
from podatelna.claims import lease, settle
from podatelna.desk import assignment, automatic_answers, changes
from podatelna.desk.models import Conversation, ProcessAddress
from podatelna.desk.rule_models import Rule, RuleWait
from podatelna.gateways.models import Gateway
from podatelna.mail.parse import Parsed

from .conditions import asks_verdict
from .doing import Deed, carry_out
from .evaluation import evaluate
from .facts import of_incoming
from .ordering import order

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=10)
_SOON = timedelta(seconds=3)
_HOLD = timedelta(minutes=5)


class Came(NamedTuple):
    """Mail from outside that has just come into a conversation; `opened`: it is the first there."""

    conversation: Conversation
    delivery: Delivery
    parsed: Parsed
    opened: bool


def apply(mails: Iterable[Came], now: datetime) -> set[int]:
    """Apply the rules, in the caller's transaction; the ids of conversations whose rules wait for a verdict."""
    known = _Rules()
    waiting: set[int] = set()
    for mail in mails:
        rules = known.of(mail)
        if not rules:
            continue
        if any(asks_verdict(rule.conditions) for rule in rules) and _is_being_judged(mail.delivery):
            RuleWait.objects.get_or_create(
                delivery=mail.delivery, conversation=mail.conversation,
                defaults={"opened": mail.opened, "created_at": now, "due_at": now},
            )  # fmt: skip
            waiting.add(mail.conversation.pk)
        else:
            _apply(rules, mail, now)
    return waiting


def apply_due(now: datetime, limit: int = 50) -> int:
    """Apply rules that have waited for a verdict; how many mails were looked at."""
    rows = RuleWait.objects.select_related("conversation__process", "delivery__message", "delivery__origin")
    for count in range(limit):
        row = lease(rows, now, _HOLD)
        if row is None:
            return count
        if _is_being_judged(row.delivery) and now - row.created_at < PATIENCE:
            settle(row, now + _SOON)
            continue
        with transaction.atomic():
            mine = RuleWait.objects.select_for_update(of=("self",)).filter(pk=row.pk, leased_until=row.leased_until)
            if not mine.exists():
                continue  # another worker has it
            mail = Came(row.conversation, row.delivery, store.read(row.delivery.message), row.opened)
            mail.conversation.is_new = row.opened
            _apply(_Rules().of(mail), mail, now)
            if row.opened:
                automatic_answers.expect([(mail.conversation, mail.delivery, mail.parsed)], now)
            if mail.conversation.is_new:
                assignment.assign_new(mail.conversation, now)
            mine.delete()
            changes.touched(mail.conversation, now)
    return limit


class _Rules:
    """The rules of the gateways of one batch."""

    def __init__(self) -> None:
        self._gateways: dict[tuple[int, str], Gateway | None] = {}
        self._orders: dict[int, list[Rule]] = {}

    def of(self, mail: Came) -> list[Rule]:
        """Those that apply to the mail, from the top."""
        gateway = self._gateway(mail)
        if gateway is None or gateway.owner_id is not None or mail.conversation.process.owner_id is not None:
            return []
        if gateway.pk not in self._orders:
            self._orders[gateway.pk] = [rule for rule in order(gateway, Rule.Direction.IN) if rule.is_on]
        return self._orders[gateway.pk]

    def _gateway(self, mail: Came) -> Gateway | None:
        origin = mail.delivery.origin
        written_to = (
            mail.delivery.rcpt_to[0].lower() if origin.kind == Origin.Kind.FORM and mail.delivery.rcpt_to else ""
        )
        key = origin.pk, written_to
        if key not in self._gateways:
            if written_to:  # a web form has no gateway of its own
                row = ProcessAddress.objects.filter(address=written_to).select_related("gateway").first()
                self._gateways[key] = row.gateway if row is not None else None
            else:
                self._gateways[key] = Gateway.objects.filter(origin=origin).first()
        return self._gateways[key]


def _apply(rules: list[Rule], mail: Came, now: datetime) -> None:
    facts = of_incoming(mail.delivery, mail.parsed, mail.conversation.process, mail.conversation, now)
    for decision in evaluate(rules, facts):
        rule = decision.rule
        assert isinstance(rule, Rule)
        try:
            with transaction.atomic():
                carry_out(decision, Deed(rule, mail.conversation, mail.delivery, mail.parsed, facts, now))
        except Exception:  # recorded in the conversation and in the log: a rule must not keep mail from the desk
            log.exception("rule %s could not be carried out", rule.pk)
            mail.conversation.refresh_from_db()  # what it had done before it failed is undone
            mail.conversation.happened("rule-failed", None, now, rule=rule.pk, name=rule.name)


def _is_being_judged(delivery: Delivery) -> bool:
    return Verdict.objects.filter(delivery=delivery, judged_at=None, due_at__isnull=False).exists()
