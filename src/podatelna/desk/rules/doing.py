"""What rules decided, done: each deed by the verbs that people use, as nobody's act."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import re2
from django.db import transaction
from django.utils import timezone

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive.models import Delivery
from podatelna.desk import absence, automatic_answers, cases, filing, notices, priority, tags, tasks
from podatelna.desk.automatic_models import Flood
from podatelna.desk.case_models import Case
from podatelna.desk.case_numbers import read_number
from podatelna.desk.errors import BadTag, BadTask, NotAssignable
from podatelna.desk.models import Conversation, Process
from podatelna.desk.placeholders import fill
from podatelna.desk.rule_models import Rule, RuleCall
from podatelna.desk.text_models import CannedAnswer
from podatelna.mail.parse import Parsed

from .actions import OF_PROCESSES
from .evaluation import Decision
from .facts import MessageFacts
from .matching import BadPattern, pattern

_MOST_TEXT = 100_000  # characters of a body in which a number is looked for


@dataclass
class Deed:
    """On what a rule acts. `delivery`: of mail that came; None of a letter that is sent."""

    rule: Rule
    conversation: Conversation
    delivery: Delivery | None
    parsed: Parsed
    facts: MessageFacts
    now: datetime

    def filled(self, text: object) -> str:
        """A text of the rule with its places filled in."""
        return fill(str(text or ""), self.facts.places)


def carry_out(decision: Decision, deed: Deed) -> list[str]:
    """Do everything that the rule says, and write into the conversation what was done; the keys of these actions.

    What cannot be done (somebody has left, a process is gone) is left out. One rule is one transaction.
    """
    with transaction.atomic():
        did = []
        for action in decision.actions:
            act = _ACTS.get(str(action.get("do")))
            if act is not None and act(action, deed):
                did.append(str(action["do"]))
        deed.conversation.happened(
            "rule", None, deed.now, rule=deed.rule.pk, name=deed.rule.name, on=list(decision.on), did=did
        )
    return did


def _person(value: object) -> Person | None:
    text = str(value or "")
    return Person.objects.filter(pk=int(text), is_active=True).first() if text.isdecimal() else None


def _assign(action: Mapping[str, Any], deed: Deed) -> bool:
    person = _person(action.get("person"))
    if person is not None and absence.is_away(person, deed.now):
        person = absence.substitute_of(person, deed.now)  # new mail goes round who is away
    if person is None:
        return False
    try:
        return deed.conversation.assign(person, None, deed.now)
    except NotAssignable:
        return False


def _pool(action: Mapping[str, Any], deed: Deed) -> bool:
    deed.conversation.is_new = False  # nor is it given to somebody as its process does
    return deed.conversation.assign(None, None, deed.now)


def _process(action: Mapping[str, Any], deed: Deed) -> bool:
    """It waits in that process's list, whose team sees this conversation from now on; its own team sees it still."""
    text, conversation = str(action.get("process") or ""), deed.conversation
    process = Process.objects.filter(pk=int(text), owner=None).first() if text.isdecimal() else None
    if process is None or conversation.is_confidential or conversation.worked_by_id == process.pk:
        return False
    conversation.carry(process.scope)
    conversation.worked_by = process
    Conversation.objects.filter(pk=conversation.pk).update(worked_by=process)
    conversation.assign(None, None, deed.now)
    record(None, "route-by-rule", f"conversation {conversation.pk}", to_process=process.pk, rule=deed.rule.pk)
    return True


def _case(action: Mapping[str, Any], deed: Deed) -> bool:
    """File it under the case of the number that the pattern finds in subject or text; made when there is none."""
    conversation = deed.conversation
    found = _number(fill(str(action.get("pattern") or ""), deed.facts.places, written=re2.escape), deed.parsed)
    if found is None or conversation.process.owner_id is not None:
        return False
    if not found and conversation.filings.exists():
        return False  # it has its case
    case = _find_case(conversation, found) or _open_case(conversation, found, deed)
    if not filing.enter(conversation, case, None, deed.now, rule=deed.rule.pk):
        return False
    deed.facts.look_again()
    return True


def _number(text: str, parsed: Parsed) -> str | None:
    """What the pattern finds, its first group where it has one; None: nothing. "" without a pattern."""
    if not text.strip():
        return ""
    try:
        wanted = pattern(text)
    except BadPattern:
        return None
    match = wanted.search(parsed.subject) or wanted.search(parsed.text[:_MOST_TEXT])
    if match is None:
        return None
    groups = match.groups()
    found = " ".join(str((groups[0] if groups else None) or match.group()).split())
    return found[:100] or None


def _find_case(conversation: Conversation, found: str) -> Case | None:
    if not found:
        return None
    mine = Case.objects.filter(process=conversation.process)
    number = read_number(found)
    if number is not None:
        return mine.filter(number=number).first()
    return mine.filter(title__startswith=f"{found}: ").order_by("status", "-pk").first()


def _open_case(conversation: Conversation, found: str, deed: Deed) -> Case:
    """A case of nobody yet: who leads the process decides who works on it (cases.may_let_in)."""
    process, subject = conversation.process, " ".join(deed.parsed.subject.split())
    facts = cases.Facts(
        title=f"{found}: {subject}" if found else subject or conversation.partner_name or "–",
        contact_name=conversation.partner_name,
        contact_address=conversation.partner_address,
    )
    return cases.open_by_rule(process, facts, deed.rule.pk, deed.now)


def _tag(action: Mapping[str, Any], deed: Deed) -> bool:
    try:
        return tags.add_tag(deed.conversation, str(action.get("tag") or ""), None, deed.now)
    except BadTag:
        return False


def _priority(action: Mapping[str, Any], deed: Deed) -> bool:
    wanted = str(action.get("priority"))
    return wanted in priority.PRIORITIES and priority.set_priority(deed.conversation, wanted, None, deed.now)


def _close(action: Mapping[str, Any], deed: Deed) -> bool:
    return deed.conversation.close(None, deed.now)


def _spam(action: Mapping[str, Any], deed: Deed) -> bool:
    """Held beside the desk with everything else of that sender, until a person lets it in or puts it away."""
    conversation = deed.conversation
    if conversation.assignee_id is not None or conversation.flood_id is not None or deed.delivery is None:
        return False
    flood, new = Flood.objects.get_or_create(
        process=conversation.process,
        address=(deed.parsed.sender.address if deed.parsed.sender else "").lower()[:320],
        state=Flood.State.HELD,
        defaults={"messages": 1, "began_at": deed.now, "last_at": deed.now, "is_spam": True},
    )
    if not new:
        Flood.objects.filter(pk=flood.pk).update(messages=flood.messages + 1, last_at=deed.now)
    conversation.flood = flood
    return Conversation.objects.filter(pk=conversation.pk, assignee=None).update(flood=flood) == 1


def _answer(action: Mapping[str, Any], deed: Deed) -> bool:
    text = deed.filled(action.get("text")).strip()
    if deed.delivery is None or not text:
        return False
    return automatic_answers.expect_text(deed.conversation, deed.delivery, deed.parsed, text, deed.now)


def _canned(action: Mapping[str, Any], deed: Deed) -> bool:
    text = str(action.get("canned") or "")
    row = CannedAnswer.objects.filter(pk=int(text), **OF_PROCESSES).first() if text.isdecimal() else None
    return row is not None and _answer({"text": row.text}, deed)


def _notify(action: Mapping[str, Any], deed: Deed) -> bool:
    person = _person(action.get("person"))
    if person is None:
        return False
    details = {"name": deed.rule.name, "text": str(action.get("text") or "")[:200]}
    notices.notify(person, "rule", deed.now, conversation=deed.conversation, details=details)
    return True


def _webhook(action: Mapping[str, Any], deed: Deed) -> bool:
    conversation = deed.conversation
    case = conversation.filings.select_related("case").first()
    payload = {
        "event": "rule",
        "id": str(uuid.uuid4()),
        "rule": deed.rule.name,
        "process": conversation.process.name,
        "conversation": conversation.pk,
        "subject": deed.parsed.subject[:500],
        "from": deed.parsed.sender.address if deed.parsed.sender else "",
        "case": case.case.number if case is not None else "",
        "at": deed.now.isoformat(),
    }
    RuleCall.objects.create(
        rule=deed.rule, conversation=conversation, url=str(action.get("url") or "")[:500], payload=payload,
        due_at=deed.now, created_at=deed.now,
    )  # fmt: skip
    return True


def _task(action: Mapping[str, Any], deed: Deed) -> bool:
    days = str(action.get("days") or "")
    due = timezone.localdate(deed.now) + timedelta(days=int(days)) if days.isdecimal() else None
    text, person = deed.filled(action.get("text")), _person(action.get("person"))
    try:
        try:
            tasks.add_task(deed.conversation, text, None, deed.now, person=person, due=due)
        except NotAssignable:  # they do not work on it: it is anybody's
            tasks.add_task(deed.conversation, text, None, deed.now, due=due)
    except BadTask:
        return False
    return True


def _done_before_sending(action: Mapping[str, Any], deed: Deed) -> bool:
    """The letter itself is as the rule wants it: see outgoing.py."""
    return deed.delivery is None


_ACTS: dict[str, Callable[[Mapping[str, Any], Deed], bool]] = {
    "assign": _assign,
    "pool": _pool,
    "process": _process,
    "case": _case,
    "tag": _tag,
    "priority": _priority,
    "close": _close,
    "spam": _spam,
    "answer": _answer,
    "canned": _canned,
    "notify": _notify,
    "webhook": _webhook,
    "task": _task,
    **dict.fromkeys(("sender", "signature", "bcc", "footer", "secure", "review"), _done_before_sending),
}
