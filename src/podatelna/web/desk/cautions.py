"""Why to look twice at a sender, said in words above the message: looks like somebody else, or is not proven."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from podatelna.archive.verdicts import Found
from podatelna.mail.addresses import Address
from podatelna.mail.lookalike import Suspicion, suspicions
from podatelna.mail.parse import Parsed
from podatelna.mail.public_suffixes import registered_domain
from podatelna.mail.resolver import plain_name

from .circle import Circle
from .words import suspicion_words

# A contact form on a web site does it every day: worth saying, and no alarm.
_EVERYDAY = frozenset({"reply-elsewhere"})
_UNPROVEN = gettext_lazy("Nothing proves that it comes from %(domain)s: it was passed on, or somebody else wrote it.")
_WANTED = frozenset({"quarantine", "reject"})  # RFC 7489 6.3: what a domain asks to do with mail that is not proven


@dataclass(frozen=True)
class Caution:
    """One sentence; `grave` when somebody may be deceiving the reader."""

    words: str
    grave: bool


def cautions(parsed: Parsed, circle: Circle, found: Found | None, *, by_form: bool = False) -> tuple[Caution, ...]:
    """Why to look twice at the sender of `parsed`, gravest first; () for nearly all mail. `found`: what is proven.

    `by_form`: it was written into a web form.
    """
    if parsed.sender is None:
        return ()
    likenesses = suspicions(parsed, known=circle.ours)
    said = [
        *([Caution(_("By web form: the address is what the visitor typed, and is not verified."), False)] * by_form),
        *(_unproven(parsed, parsed.sender, circle, found) if found is not None else ()),
        *(Caution(_words(one, parsed.sender), one.code not in _EVERYDAY) for one in likenesses),
    ]
    return tuple(sorted(said, key=lambda caution: not caution.grave))


def _words(suspicion: Suspicion, sender: Address) -> str:
    return suspicion_words(suspicion.code, shown=suspicion.detail, true=_in_ascii(sender))


def _in_ascii(sender: Address) -> str:
    # An address in look-alike letters would look right again.
    local, _, domain = sender.address.rpartition("@")
    return f"{local}@{plain_name(domain)}"


def _unproven(parsed: Parsed, sender: Address, circle: Circle, found: Found) -> Iterator[Caution]:
    """That nothing proves the sender, where the reader could have thought so."""
    codes = {reason.code for reason in found.reasons}
    if "several-from" in codes:
        yield Caution(_("It names several senders: other programs may show another one than is shown here."), True)
    elif parsed.automatic == "report":
        # Mail servers prove nothing in what they report, one's own the least: it never comes from outside.
        if found.summary == "failed" and "client-unknown" not in codes:
            yield Caution(str(_UNPROVEN) % {"domain": plain_name(sender.address.rpartition("@")[2])}, False)
    elif found.summary == "failed":
        yield _failed(parsed, sender, circle, found)
    elif found.summary == "unverified":
        yield from _claimed(sender, circle)


def _failed(parsed: Parsed, sender: Address, circle: Circle, found: Found) -> Caution:
    named = {"domain": plain_name(sender.address.rpartition("@")[2]), "address": _in_ascii(sender)}
    if registered_domain(named["domain"]) in circle.ours.own:
        return Caution(_("It says that it is from your own company, and it is not proven to be."), True)
    if circle.was_verified(sender.address):
        words = _("Earlier mail from %(address)s was proven to be from there. This message is not.")
        return Caution(words % named, True)
    if circle.was_written_to(sender.address):
        words = _("You have written to %(address)s before, but nothing proves that this message comes from there.")
        return Caution(words % named, True)
    if parsed.automatic == "list":
        words = _("A mailing list passed it on and changed it: nothing proves any more that it comes from %(domain)s.")
        return Caution(words % named, False)
    if found.dmarc == "fail" and found.policy in _WANTED:
        words = _(
            "%(domain)s says that its mail can be proven to be genuine, and this message cannot."
            " Somebody else may have written it."
        )
        return Caution(words % named, True)
    return Caution(str(_UNPROVEN) % named, False)


def _claimed(sender: Address, circle: Circle) -> Iterator[Caution]:
    """Nothing speaks against it, but whoever it is said to be is somebody who matters."""
    if registered_domain(plain_name(sender.address.rpartition("@")[2])) in circle.ours.own:
        yield Caution(_("It says that it is from your own company, and nothing proves it."), False)
    elif circle.was_verified(sender.address):
        words = _("Earlier mail from %(address)s was proven to be from there. This message is not.")
        yield Caution(words % {"address": _in_ascii(sender)}, True)
