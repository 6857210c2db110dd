"""Rules for letters: what a letter must be like before it goes, what else is done, whether somebody must look first.

A letter that is held waits in the outbox (`Outgoing.State.HELD`) for a decision; see reviewing.py.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from podatelna.accounts.models import Person
from podatelna.desk import notices
from podatelna.desk.models import Conversation, Entry, Member, Process
from podatelna.desk.placeholders import fill
from podatelna.desk.rule_models import Review, Rule
from podatelna.desk.senders import Sender, choose
from podatelna.mail.addresses import Address, read_addresses
from podatelna.mail.parse import Parsed, parse
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing

from .doing import Deed, carry_out
from .evaluation import Decision, evaluate
from .facts import MessageFacts, people
from .ordering import order

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """What the rules want of a letter. `sender` has its signature and footer; `bcc` are added."""

    sender: Sender
    bcc: tuple[Address, ...] = ()
    reviewed_for: Rule | None = None
    decisions: Sequence[Decision] = ()
    parsed: Parsed | None = None
    facts: MessageFacts | None = field(default=None, repr=False)


def decide(
    raw: bytes, sender: Sender, process: Process, conversation: Conversation | None, writer: Person, now: datetime
) -> Wanted | None:
    """What the rules of the sender's gateway want of the letter as it was composed; None: nothing."""
    if sender.gateway.owner_id is not None or process.owner_id is not None:
        return None  # a person's own mailbox
    rules = [rule for rule in order(sender.gateway, Rule.Direction.OUT) if rule.is_on]
    if not rules:
        return None
    parsed = parse(raw)
    facts = of_letter(parsed, process, conversation, writer, now)
    decisions = evaluate(rules, facts)
    wanted = Wanted(sender, decisions=decisions, parsed=parsed, facts=facts)
    for decision in decisions:
        for action in decision.actions:
            wanted = _with(wanted, dict(action), decision, process, conversation, writer)
    return wanted if decisions else None


def _with(
    wanted: Wanted, action: dict[str, object], decision: Decision, process: Process,
    conversation: Conversation | None, writer: Person,
) -> Wanted:  # fmt: skip
    assert wanted.facts is not None
    sender, text = wanted.sender, str(action.get("text") or "")
    match action.get("do"):
        case "sender":
            # Only an address that the writer may write from, and one of the same gateway: its rules are these.
            other = choose(writer, process, str(action.get("address") or ""), conversation)
            if other is not None and other.gateway.pk == sender.gateway.pk:
                sender = replace(other, signature=sender.signature, footer=sender.footer)
            return replace(wanted, sender=sender)
        case "signature":
            return replace(wanted, sender=replace(sender, signature=fill(text, wanted.facts.places)))
        case "footer":
            footer = "\n\n".join(filter(None, (sender.footer, fill(text, wanted.facts.places).strip())))
            return replace(wanted, sender=replace(sender, footer=footer))
        case "bcc":
            good, _ = read_addresses(str(action.get("address") or ""))
            return replace(wanted, bcc=(*wanted.bcc, *good))
        case "review":
            assert isinstance(decision.rule, Rule)
            return replace(wanted, reviewed_for=wanted.reviewed_for or decision.rule)
    return wanted


def carry_out_all(
    wanted: Wanted, conversation: Conversation, outgoing: Outgoing, writer: Person, now: datetime
) -> None:
    """Do what else the rules say, in the transaction that sends the letter; hold it where one wants that."""
    assert wanted.parsed is not None
    assert wanted.facts is not None
    wanted.facts.conversation = conversation
    for decision in wanted.decisions:
        rule = decision.rule
        assert isinstance(rule, Rule)
        carry_out(decision, Deed(rule, conversation, None, wanted.parsed, wanted.facts, now))
    if wanted.reviewed_for is not None and queue.hold(outgoing):
        Review.objects.create(outgoing=outgoing, rule=wanted.reviewed_for, writer=writer, created_at=now)
        _tell_leads(conversation, writer, wanted.reviewed_for, now)


def _tell_leads(conversation: Conversation, writer: Person, rule: Rule, now: datetime) -> None:
    leads = Member.objects.filter(process=conversation.process, role=Member.Role.LEAD, person__is_active=True)
    for member in leads.exclude(person=writer).select_related("person"):
        details = {"name": rule.name, "review": True}
        notices.notify(member.person, "rule", now, conversation=conversation, details=details)


def of_letter(
    parsed: Parsed, process: Process, conversation: Conversation | None, writer: Person | None, at: datetime
) -> MessageFacts:
    """The facts of a letter that is sent."""
    recipients = [*parsed.to, *parsed.cc, *parsed.bcc]
    files = [part for part in parsed.parts if part.is_attachment]

    def known() -> bool:
        return conversation is not None and conversation.entries.filter(kind=Entry.Kind.MESSAGE).exists()

    return MessageFacts(
        process=process,
        conversation=conversation,
        at=at,
        read={
            "sender": lambda: people([parsed.sender] if parsed.sender is not None else []),
            "recipient": lambda: people(recipients),
            "subject": lambda: [parsed.subject],
            "body": lambda: [parsed.text],
            "attachment_name": lambda: [part.filename for part in files if part.filename],
            "attachment_type": lambda: [part.content_type for part in files],
        },
        header_values=lambda wanted: [],
        attachment_sizes=lambda: [len(part.content) for part in files],
        partner=recipients[0] if recipients else None,
        answers={"known_contact": known},
        me=writer.name if writer is not None else "",
    )
