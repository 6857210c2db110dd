"""What a rule can ask of a message, read when it is asked for and once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.utils import timezone
from django.utils.formats import date_format

from podatelna.archive.models import Correspondent, Delivery, Verdict
from podatelna.contacts.models import Contact
from podatelna.desk import hours
from podatelna.desk.models import Conversation, Process
from podatelna.desk.references import first_number
from podatelna.mail.addresses import Address
from podatelna.mail.parse import Parsed
from podatelna.mail.quotes import new_text

from .matching import plain_texts

_MOST_PEOPLE = 500
_ENVELOPE = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


@dataclass
class MessageFacts:
    """A message as rules see it. `read` gives the values of a field; see `of_incoming` and outgoing.of_letter."""

    process: Process
    conversation: Conversation | None
    at: datetime
    read: Mapping[str, Callable[[], Sequence[str]]]
    header_values: Callable[[str], Sequence[str]]
    attachment_sizes: Callable[[], Sequence[int]]
    partner: Address | None
    answers: Mapping[str, Callable[[], bool]]
    choices: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    me: str = ""
    _texts: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    _folded: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)

    def texts(self, field: str, header: str = "") -> Sequence[str]:
        """The values of a field of words."""
        key = field, header.lower()
        if key not in self._texts:
            self._texts[key] = self.header_values(key[1]) if field == "header" else self.read[field]()
        return self._texts[key]

    def folded_texts(self, field: str, header: str = "") -> Sequence[str]:
        """The same in lower case without diacritics, blanks single."""
        key = field, header.lower()
        if key not in self._folded:
            self._folded[key] = plain_texts(self.texts(field, header))
        return self._folded[key]

    def sizes(self, field: str) -> Sequence[int]:
        """Sizes of attachments in bytes."""
        return self.attachment_sizes()

    def is_so(self, field: str) -> bool:
        """The answer of a yes-or-no field."""
        match field:
            case "has_attachment":
                return bool(self.attachment_sizes())
            case "inside_hours":
                return hours.is_open(self.process, self.at)
        return self.answers[field]()

    def choice(self, field: str) -> str:
        """Which of a field's choices it is."""
        return self.choices[field]()

    def look_again(self) -> None:
        """What a deed has just done stands in texts that are filled in after it: the number of a case it has made."""
        self.__dict__.pop("places", None)

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Values of placeholders (placeholders.py)."""
        partner = self.partner.address.lower() if self.partner is not None else ""
        card = Contact.objects.filter(address=partner).select_related("organisation").first() if partner else None
        name = (self.partner.name if self.partner is not None else "") or (card.name if card is not None else "")
        address = self.process.addresses.first()
        case = self.conversation.filings.select_related("case").first() if self.conversation is not None else None
        subject = next(iter(self.read["subject"]()), "")
        return {
            "contact.name": name or partner,
            "contact.address": partner,
            "organisation.name": card.organisation.name if card is not None and card.organisation else "",
            "process.name": self.process.name,
            "process.address": address.address if address is not None else "",
            "case.number": case.case.number if case is not None else "",
            "case.title": case.case.title if case is not None else "",
            "order.number": first_number(self.conversation) if self.conversation is not None else "",
            "conversation.number": str(self.conversation.pk) if self.conversation is not None else "",
            "subject": subject,
            "me.name": self.me,
            "today": date_format(timezone.localdate(self.at), "SHORT_DATE_FORMAT"),
        }


def of_incoming(
    delivery: Delivery, parsed: Parsed, process: Process, conversation: Conversation | None, at: datetime
) -> MessageFacts:
    """The facts of mail that came."""

    def known() -> bool:
        # The message itself has made its sender a contact: known is who was heard of before.
        sender = parsed.sender.address.lower() if parsed.sender is not None else ""
        return Correspondent.objects.filter(address=sender).exclude(message=delivery.message_id).exists()

    def verdict() -> str:
        found = Verdict.objects.filter(delivery=delivery, judged_at__isnull=False).first()
        return found.summary if found is not None else ""

    files = [part for part in parsed.parts if part.is_attachment]
    return MessageFacts(
        process=process,
        conversation=conversation,
        at=at,
        read={
            "sender": lambda: people([*parsed.authors, *([parsed.sender] if parsed.sender else [])]),
            "recipient": lambda: [
                *people([*parsed.to, *parsed.cc, *parsed.bcc]),
                *delivery.rcpt_to,
                *_envelope(parsed),
            ],
            "subject": lambda: [parsed.subject],
            "body": lambda: [new_text(parsed.text)],
            "attachment_name": lambda: [part.filename for part in files if part.filename],
            "attachment_type": lambda: [part.content_type for part in files],
        },
        header_values=lambda wanted: [value for name, value in parsed.headers if name.lower() == wanted],
        attachment_sizes=lambda: [len(part.content) for part in files],
        partner=parsed.sender,
        answers={
            "is_list": lambda: parsed.automatic == "list" or any(n.lower() == "list-id" for n, _ in parsed.headers),
            "known_contact": known,
        },
        choices={"automatic": lambda: parsed.automatic, "verdict": verdict},
    )


def people(addresses: Iterable[Address]) -> list[str]:
    """Each as its address, its name, and both as they are written."""
    found: list[str] = []
    for one in list(addresses)[:_MOST_PEOPLE]:
        found += [one.address] + ([one.name, f"{one.name} <{one.address}>"] if one.name else [])
    return found


def _envelope(parsed: Parsed) -> list[str]:
    return [value for name, value in parsed.headers if name.lower() in _ENVELOPE]
