"""The panel beside a conversation: the partner, what else there is with them, files, and who can see this."""

from __future__ import annotations

from dataclasses import dataclass

from podatelna.accounts.models import Holding, Person, Scope
from podatelna.archive.models import Part
from podatelna.desk.case_models import Case
from podatelna.desk.cases import cases_of
from podatelna.desk.handover import standing
from podatelna.desk.mentions import let_in_by_mention
from podatelna.desk.models import Conversation, Entry
from podatelna.desk.partners import history
from podatelna.desk.personal_models import HandOver
from podatelna.desk.references import Named, named_in
from podatelna.web.contacts.known import KnownPartner, known_partner

from .attachments import FileView, files_of
from .places import Place

FILES_SHOWN = 20
EVENTS_SHOWN = 12


@dataclass(frozen=True)
class Side:
    """What the panel shows; all of it is what `person` may see."""

    partner_name: str
    partner_address: str
    known: KnownPartner | None  # what the house knows of the partner
    earlier: list[Conversation]
    earlier_count: int
    files: list[FileView]
    team: list[Person]  # who sees it because they work in the process
    invited: list[Person]  # who sees it because this very conversation was given to them
    named: list[Person]  # who sees it because they were named in a note
    events: list[Entry]
    owner: Person | None  # on whose personal desk it is
    cases: list[Case]  # that it is filed under, as far as the reader may see them
    numbers: list[Named]  # orders and references that it names
    of_cases: list[Person]  # who sees it because they are among the people of a case it is filed under
    handed: list[HandOver]  # to whom its owner gave it, for the owner

    @property
    def count(self) -> int:
        """How many people can see it."""
        return len(self.team) + len(self.invited) + len(self.named) + len(self.of_cases) + (self.owner is not None)


def side(conversation: Conversation, person: Person) -> Side:
    """The panel for `conversation` as `person` may see it."""
    others = history(conversation.partner_address, person, but=conversation)
    owner = conversation.process.owner
    team = [one for one in _holders(conversation, Scope.Kind.PROCESS) if one != owner]
    named = let_in_by_mention(conversation)
    invited = [p for p in _holders(conversation, Scope.Kind.CONVERSATION) if p not in (*team, *named, owner)]
    of_cases = [p for p in _holders(conversation, Scope.Kind.CASE) if p not in (*team, *invited, *named, owner)]
    return Side(
        partner_name=conversation.partner_name,
        partner_address=conversation.partner_address,
        known=known_partner(conversation.partner_address, person),
        earlier=list(others[:5]) if conversation.partner_address else [],
        earlier_count=others.count() if conversation.partner_address else 0,
        files=_files(conversation),
        team=team,
        invited=invited,
        named=[one for one in named if one not in team],
        cases=cases_of(conversation, person),
        numbers=named_in(conversation, person),
        of_cases=of_cases,
        events=_events(conversation),
        owner=owner,
        handed=list(standing(conversation)) if owner == person else [],
    )


def _files(conversation: Conversation) -> list[FileView]:
    """The newest attachments of its messages, each under the URL of its message here."""
    parts = Part.objects.filter(message__entries__conversation=conversation, is_attachment=True)
    newest = parts.select_related("message").order_by("-message__received_at", "position")[:FILES_SHOWN]
    return [file for part in newest for file in files_of([part], Place(part.message, conversation).url)]


def _holders(conversation: Conversation, kind: str) -> list[Person]:
    scopes = Scope.objects.filter(conversation_links__conversation=conversation, kind=kind)
    holding = Holding.objects.filter(scope__in=scopes, person__is_active=True)
    return list(Person.objects.filter(pk__in=holding.values("person")).order_by("name"))


def _events(conversation: Conversation) -> list[Entry]:
    events = conversation.entries.filter(kind=Entry.Kind.EVENT).select_related("person")
    return list(events.order_by("-at", "-pk")[:EVENTS_SHOWN])
