"""What a page knows of the senders on it: whom one could take them for, and what is proven of each; looked up once."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from podatelna.accounts.access import scopes_of
from podatelna.accounts.models import Person, Scope
from podatelna.archive import verdicts
from podatelna.archive.models import Delivery, Message, Origin
from podatelna.archive.verdicts import Found
from podatelna.contacts.book import was_written_to
from podatelna.desk.models import Conversation, ProcessAddress
from podatelna.mail.addresses import Address
from podatelna.mail.lookalike import Acquaintances, acquaintances


class Circle:
    """Known to `person`, who sees `messages` in `conversation` (None: in the archive)."""

    def __init__(self, person: Person, conversation: Conversation | None, messages: Collection[Message]) -> None:
        self._person = person
        self._conversation = conversation
        self._messages = [message.pk for message in messages]

    def found(self, message: Message) -> Found | None:
        """What is proven of its sender; None while nobody knows, and for imports and what was sent here."""
        return self._found.get(message.pk)

    @cached_property
    def _found(self) -> dict[int, Found]:
        return verdicts.found_for(self._messages, self._scopes) if self._messages else {}

    def by_form(self, message: Message) -> bool:
        """Whether it was written into a web form: whoever did typed the sender's address, and could type any."""
        return message.pk in self._by_form

    @cached_property
    def _by_form(self) -> frozenset[int]:
        rows = Delivery.objects.filter(message__in=self._messages, origin__kind=Origin.Kind.FORM)
        return frozenset(rows.values_list("message_id", flat=True))

    @property
    def _scopes(self) -> QuerySet[Scope]:
        mine = Q(pk__in=scopes_of(self._person))
        if self._conversation is not None:
            mine |= Q(pk__in=self._conversation.own_scopes())
        return Scope.objects.filter(mine)

    @cached_property
    def ours(self) -> Acquaintances:
        """Whom a stranger would want to be taken for: the people of the house, and the addresses it works from."""
        people = Person.objects.filter(is_active=True).values_list("name", "email")
        works = ProcessAddress.objects.values_list("process__name", "address")
        known = [Address(name, address) for name, address in (*people, *works)]
        return acquaintances(known, {one.address.rpartition("@")[2] for one in known})

    def was_verified(self, address: str) -> bool:
        """Whether earlier mail from there, as far as one may see it, was proven."""
        return verdicts.was_verified(address, self._scopes)

    def was_written_to(self, address: str) -> bool:
        """Whether somebody here has written there, as far as one may see it."""
        return was_written_to(address, self._person)
