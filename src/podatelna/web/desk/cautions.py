"""What is said in words above a message whose sender looks like somebody else."""

from __future__ import annotations

from dataclasses import dataclass

from podatelna.accounts.models import Person
from podatelna.desk.models import ProcessAddress
from podatelna.mail.addresses import Address
from podatelna.mail.lookalike import Acquaintances, Suspicion, acquaintances, suspicions
from podatelna.mail.parse import Parsed
from podatelna.mail.resolver import plain_name

from .words import suspicion_words

# A contact form on a web site does it every day: worth saying, and no alarm.
_EVERYDAY = frozenset({"reply-elsewhere"})


@dataclass(frozen=True)
class Caution:
    """One sentence; `grave` when somebody may be deceiving the reader."""

    words: str
    grave: bool


def cautions(parsed: Parsed) -> tuple[Caution, ...]:
    """Why to look twice at the sender of `parsed`, most telling first; () for nearly all mail."""
    if parsed.sender is None:
        return ()
    found = suspicions(parsed, known=_colleagues())
    return tuple(Caution(_words(one, parsed.sender), one.code not in _EVERYDAY) for one in found)


def _words(suspicion: Suspicion, sender: Address) -> str:
    local, _, domain = sender.address.rpartition("@")
    # In ASCII: an address in look-alike letters would look right again.
    return suspicion_words(suspicion.code, shown=suspicion.detail, true=f"{local}@{plain_name(domain)}")


def _colleagues() -> Acquaintances:
    """Whom a stranger would want to be taken for: the people of the house, and the addresses it works from."""
    people = Person.objects.filter(is_active=True).values_list("name", "email")
    works = ProcessAddress.objects.values_list("process__name", "address")
    known = [Address(name, address) for name, address in (*people, *works)]
    return acquaintances(known, {one.address.rpartition("@")[2] for one in known})
