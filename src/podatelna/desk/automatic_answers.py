"""Automatic answers: the one place from which a process answers by itself, and everything that keeps it from doing so.

RFC 3834. An answer is only ever expected for mail that opened a conversation, and given once it is known whether the
sender is genuine: to people, never to what a program sent, a list, a report, an address of our own, or a forged sender;
at most one to a correspondent within the process's period; marked Auto-Submitted, with an empty envelope sender, so
that neither a delivery report nor another such answer comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.archive import store, threads
from podatelna.archive.models import Delivery, Origin, Verdict
from podatelna.claims import lease, settle
from podatelna.contacts.known import language_of
from podatelna.gateways.models import Gateway
from podatelna.mail.addresses import Address
from podatelna.mail.compose import Letter, compose, reply_subject
from podatelna.mail.errors import Unwritable
from podatelna.mail.header_writing import is_writable_id
from podatelna.mail.identity import new_message_id
from podatelna.mail.parse import Parsed
from podatelna.mail.quotes import new_text
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing

from . import changes, hours
from .automatic_models import Answered, AutomaticAnswer
from .models import Conversation, Entry, Process, ProcessAddress
from .placeholders import fill
from .rules.facts import of_incoming
from .senders import name_beside
from .tokens import marked

State = AutomaticAnswer.State
HOLD = timedelta(minutes=5)
PATIENCE = timedelta(minutes=10)  # with the verdict; DNS may be away, and people want an answer
TOO_LATE = timedelta(days=1)  # a worker that was away for long answers nobody who waits no more
_SOON = timedelta(seconds=20)
_LONGEST_SUBJECT = 200
# In this order: Slovak has words and letters that Czech lacks, and both have háčky that German lacks.
_WORDS = [
    (language, re.compile(pattern, re.IGNORECASE))
    for language, pattern in [
        ("sk", r"[ľĺŕô]|\b(?:dobrý deň|dobry den prajem|ďakujem|dakujem|prosím vás|pekný deň|objednávku|ste|som)\b"),
        ("cs", r"[ěščřžůťďň]|\b(?:dobr[yý] den|prosim|dekuji|zdravim|pozdravem|nefunguje|objednavk|reklamac|faktur)"),
        (
            "de",
            r"ß|\b(?:sehr geehrte|guten (?:tag|morgen|abend)|vielen dank|freundlichen gr|bitte|und|nicht|ich|wir)\b",
        ),
    ]
]
# Whose texts are taken, of those that there are.
_NEAREST = {
    "cs": ("cs", "sk", "en", "de"),
    "sk": ("sk", "cs", "en", "de"),
    "en": ("en", "de", "cs", "sk"),
    "de": ("de", "en", "cs", "sk"),
}
_COUNTRIES = {"cz": "cs", "sk": "sk", "de": "de", "at": "de"}

REASONS = {
    "automatic": "a program, a list or a report wrote it, or its envelope names nobody to answer",
    "ours": "the sender is one of our own addresses",
    "forged": "the sender is not who the message says",
    "again": "the sender had an automatic answer of this process within its period",
    "held": "it is part of a flood",
    "off": "the process gives no automatic answers (any more), or has no text",
    "late": "it came too long ago",
    "unwritable": "an answer to this address cannot be written as e-mail",
}


def expect(mails: Iterable[tuple[Conversation, Delivery, Parsed]], now: datetime) -> int:
    """Have mail that has just opened conversations answered by itself, where its process does that; how many.

    In the transaction that opens them, so that none is forgotten and none is answered twice. Web forms are left out:
    anybody may type anybody's address there, and would have us write to them.
    """
    rows: dict[int, AutomaticAnswer] = {}
    for conversation, delivery, parsed in mails:
        by_form = delivery.origin.kind == Origin.Kind.FORM
        if conversation.process.answers and parsed.sender is not None and not parsed.automatic and not by_form:
            address = parsed.sender.address.lower()[:320]
            rows.setdefault(
                conversation.pk,
                AutomaticAnswer(
                    conversation=conversation, delivery=delivery, address=address, due_at=now, created_at=now
                ),
            )
    AutomaticAnswer.objects.bulk_create(rows.values(), ignore_conflicts=True)
    return len(rows)


def expect_text(conversation: Conversation, delivery: Delivery, parsed: Parsed, text: str, now: datetime) -> bool:
    """Have this mail answered with `text`, whatever the process does else; False when that cannot be.

    What keeps an automatic answer back keeps this one too. Each mail has one at most: the first that is expected.
    """
    if parsed.sender is None or parsed.automatic or delivery.origin.kind == Origin.Kind.FORM:
        return False
    address = parsed.sender.address.lower()[:320]
    _, new = AutomaticAnswer.objects.get_or_create(
        delivery=delivery,
        defaults={"conversation": conversation, "address": address, "text": text, "due_at": now, "created_at": now},
    )
    return new


def answer_due(now: datetime, limit: int = 50) -> int:
    """Give, withhold or put off up to `limit` answers that are due; how many were looked at."""
    rows = AutomaticAnswer.objects.filter(state=State.WAITING).select_related(
        "conversation__process", "conversation__thread", "delivery__message", "delivery__origin"
    )
    for count in range(limit):
        row = lease(rows, now, HOLD)
        if row is None:
            return count
        if _is_being_judged(row, now):
            settle(row, now + _SOON)
        else:
            _decide(row, now)
    return limit


@transaction.atomic
def _decide(row: AutomaticAnswer, now: datetime) -> None:
    """Answer or not, and write it down; both or neither is done."""
    mine = AutomaticAnswer.objects.select_for_update().filter(pk=row.pk, state=State.WAITING)
    if not mine.filter(leased_until=row.leased_until).exists():
        return  # another worker has it
    parsed = store.read(row.delivery.message)
    reason = why_not(row, parsed, now)
    outgoing = None
    if not reason:
        try:
            outgoing = _answer(row, parsed, now)
        except Unwritable:
            reason = "unwritable"
        else:
            reason = "" if outgoing is not None else "again"
    state = State.GIVEN if outgoing is not None else State.WITHHELD
    mine.update(state=state, reason=reason, outgoing=outgoing, due_at=None, leased_until=None)


def why_not(row: AutomaticAnswer, parsed: Parsed, now: datetime) -> str:
    """Why this must not be answered by itself, one of REASONS; "" when it may, unless it was within the period."""
    process = row.conversation.process
    if not (row.text or process.answers) or not _text(row, parsed) or _sender(process, row.delivery) is None:
        return "off"
    if now - row.created_at > TOO_LATE:
        return "late"
    if (
        row.conversation.flood_id is not None
        or Conversation.objects.filter(pk=row.conversation_id, flood__isnull=False).exists()
    ):
        return "held"
    if parsed.automatic or parsed.sender is None or _names_nobody(row.delivery):
        return "automatic"
    if is_ours(row.address):
        return "ours"
    verdict = Verdict.objects.filter(delivery=row.delivery).first()
    return "forged" if verdict is not None and verdict.summary == "failed" else ""


def is_ours(address: str) -> bool:
    """Whether mail to `address` comes back to us: an address of a process, of a gateway or of one of us."""
    local, _, domain = address.lower().rpartition("@")
    same = {address.lower(), f"{local.partition('+')[0]}@{domain}"}
    return (
        ProcessAddress.objects.filter(address__in=same).exists()
        or any(Gateway.objects.filter(address__iexact=one).exists() for one in same)
        or any(Person.objects.filter(email__iexact=one).exists() for one in same)
    )


def _is_being_judged(row: AutomaticAnswer, now: datetime) -> bool:
    verdict = Verdict.objects.filter(delivery=row.delivery).first()
    return verdict is not None and verdict.judged_at is None and now - row.created_at < PATIENCE


def _names_nobody(delivery: Delivery) -> bool:
    """RFC 3834 2: what was sent from the empty address is never answered. Fetched mail has that in its header."""
    return delivery.origin.kind == Origin.Kind.SMTP and not delivery.mail_from


# --- the answer ------------------------------------------------------------------------------------------


def _answer(row: AutomaticAnswer, parsed: Parsed, now: datetime) -> Outgoing | None:
    """Put the answer on its way; None when the correspondent had one within the period."""
    conversation, process = row.conversation, row.conversation.process
    sender = _sender(process, row.delivery)
    assert sender is not None
    letter = _letter(row, parsed, sender, now)
    raw = compose(letter)
    if not _is_first(process, row.address, now):
        return None
    outgoing = queue.enqueue(
        gateway=sender.gateway,
        person=None,
        mail_from="",  # RFC 3834 3.3: nothing can come back to it
        rcpt_to=[letter.to[0].address],
        raw=raw,
        message_id=letter.message_id,
        not_before=now,
    )
    threads.expect(letter.message_id, conversation.thread)
    conversation.entries.create(
        kind=Entry.Kind.OUTGOING, at=now, entered_at=None, outgoing=outgoing, text=letter.text,
        details={"automatic": True},
    )  # fmt: skip
    changes.touched(conversation, now)
    return outgoing


def _is_first(process: Process, address: str, now: datetime) -> bool:
    """Note that `address` is answered now; False when it was within the period. Of two workers one gets True."""
    try:
        with transaction.atomic():
            Answered.objects.create(process=process, address=address, last_at=now)
        return True
    except IntegrityError:
        period = timedelta(hours=max(process.answer_hours, 1))
        before = Answered.objects.filter(process=process, address=address, last_at__lte=now - period)
        return before.update(last_at=now) == 1


def _letter(row: AutomaticAnswer, parsed: Parsed, sender: ProcessAddress, now: datetime) -> Letter:
    assert parsed.sender is not None
    answered = parsed.message_id if is_writable_id(parsed.message_id) else ""
    before = [name for name in parsed.references if is_writable_id(name)]
    subject = " ".join(reply_subject(parsed.subject).split())[:_LONGEST_SUBJECT]
    return Letter(
        sender=Address(name_beside(sender, row.conversation.process), sender.address),
        to=(Address("", parsed.sender.address),),
        cc=(),
        bcc=(),
        subject=marked(subject, row.conversation),
        text=row.text or _filled(_text(row, parsed), row, parsed, now),
        html="",
        message_id=new_message_id(sender.address.rpartition("@")[2]),
        date=timezone.localtime(now),
        in_reply_to=answered,
        references=tuple(dict.fromkeys([*before, *filter(None, [answered])])),
        automatic=True,
    )


def _sender(process: Process, delivery: Delivery) -> ProcessAddress | None:
    """The address of the process whose gateway the mail came through, else its first one."""
    rows = list(process.addresses.select_related("gateway"))
    return next((row for row in rows if row.gateway.origin_id == delivery.origin_id), rows[0] if rows else None)


def _text(row: AutomaticAnswer, parsed: Parsed) -> str:
    """The process's text in the language of what came, else in the one nearest to it; outside its hours that for then.

    "" when it has none at all.
    """
    if row.text:
        return row.text
    process = row.conversation.process
    when = ("answer",) if hours.is_open(process, row.created_at) else ("closed", "answer")
    texts = (
        getattr(process, f"{name}_{language}").strip() for language in _NEAREST[_language(row, parsed)] for name in when
    )
    return next((text for text in texts if text), "")


def _language(row: AutomaticAnswer, parsed: Parsed) -> str:
    """What is known of the correspondent, else by the words of the mail, else by where the sender is."""
    known = language_of(row.address)
    if known in _NEAREST:
        return known
    words = f"{parsed.subject}\n{new_text(parsed.text)[:2_000]}"
    found = next((language for language, pattern in _WORDS if pattern.search(words)), "")
    if found or parsed.text.strip():
        return found or "en"
    domain = row.address.rpartition(".")[2]
    return _COUNTRIES.get(domain, settings.LANGUAGE_CODE if settings.LANGUAGE_CODE in _NEAREST else "en")


def _filled(text: str, row: AutomaticAnswer, parsed: Parsed, now: datetime) -> str:
    """`text` with its places filled in; what the sender wrote is not looked at again."""
    conversation = row.conversation
    facts = of_incoming(row.delivery, parsed, conversation.process, conversation, now)
    # So it was called before there were other places.
    return fill(text.replace("{number}", "{conversation.number}"), facts.places)
