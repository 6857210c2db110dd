"""The address book that fills itself: whoever writes or is written to is in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from podatelna.accounts.models import Person
from podatelna.archive.columns import fit
from podatelna.archive.models import Correspondent, Message
from podatelna.mail.addresses import Address
from podatelna.mail.language import folded
from podatelna.outbox.models import Recipient
from podatelna.rows import groups, insert

from .models import Contact
from .ordering import czech_key
from .organisations import organisations_for


def remember(addresses: Iterable[Address], now: datetime) -> None:
    """Have a contact for each address. A name is taken over only where there was none: anybody can claim any name."""
    wanted: dict[str, str] = {}
    for one in addresses:
        if len(one.address) <= 320:
            address = fit(one.address, 320).lower()
            wanted[address] = wanted.get(address) or fit(one.name, 300).strip()
    known = {row.address: row for some in groups(wanted) for row in Contact.objects.filter(address__in=some)}
    new = sorted((address, name) for address, name in wanted.items() if address not in known)
    work = organisations_for([address for address, _ in new], now)
    values = [
        (address, name, _folded(name), czech_key(name or address), work.get(address), now) for address, name in new
    ]
    columns = ("address", "name", "folded", "ordered", "organisation", "first_seen_at")
    insert(Contact, columns, values, once=True)
    for address, row in sorted(known.items()):
        if not row.name and wanted[address]:
            name = wanted[address]
            named = {"name": name, "folded": _folded(name), "ordered": czech_key(name)}
            Contact.objects.filter(pk=row.pk, name="").update(**named)


def _folded(name: str) -> str:
    return folded(name)[:300]


def suggest(typed: str, person: Person, limit: int = 8) -> list[Contact]:
    """Contacts whose address begins with `typed` or whose name has it; only from mail that `person` may see.

    Diacritics need not be typed: "novak" finds Novák, and so does "NOVÁK".

    Whom we have written to comes first: anybody can write in under a name that looks like a customer's.
    """
    typed = typed.strip()
    if not typed:
        return []
    visible = Message.objects.visible_to(person).values("pk")
    seen = Correspondent.objects.filter(address=OuterRef("address"), message__in=visible)
    written_to = Recipient.objects.filter(address=OuterRef("address"), outgoing__archived__in=visible)
    found = Contact.objects.filter(Q(address__istartswith=typed) | Q(folded__contains=folded(typed)))
    known = found.filter(Exists(seen)).annotate(written_to=Exists(written_to))
    return list(known.order_by("-written_to", "name", "address")[:limit])


def was_written_to(address: str, person: Person) -> bool:
    """Whether mail went from here to `address`, in what `person` may see."""
    visible = Message.objects.visible_to(person).values("pk")
    return Recipient.objects.filter(address=address.lower(), outgoing__archived__in=visible).exists()
