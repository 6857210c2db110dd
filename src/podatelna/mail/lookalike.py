"""Senders that look like somebody else: names, domains and letters chosen to be taken for those of people we know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import idna

from .addresses import Address
from .confusables import imitates_latin, mixes_scripts, one_edit_apart, skeleton
from .free_mail import FREE_MAIL
from .parse import Parsed
from .public_suffixes import registered_domain
from .resolver import plain_name

MAX_KNOWN = 50_000
_SHORTEST_OWN = 4  # letters of a domain's label: of shorter ones every other is one letter away
_SHORTEST_KNOWN = 6
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@]{1,64}@([A-Za-z0-9\u0080-\uffff.-]{1,253}\.[A-Za-z\u0080-\uffff-]{2,63})")
_WORD = re.compile(r"[^\W\d_]+")
# Marks that turn the writing around or that nobody sees. Joiners are left to the scripts that need them.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile(
    "(?<=[0-9A-Za-z\u00c0-\u024f])[\u00ad\u200b-\u200d\u2060-\u2064\ufeff]+(?=[0-9A-Za-z\u00c0-\u024f])"
)
_ROLES = frozenset(
    "info podpora support helpdesk obchod sales office kancelar sekretariat fakturace ucetni noreply no reply "
    "newsletter team tym servis service admin administrator postmaster customer zakaznicka linka infolinka".split()
)
_TITLES = frozenset("ing mgr bca mba mudr mvdr judr phdr paeddr rndr pharmdr thdr doc prof csc drsc dis phd".split())
_LISTS = ("list", "bulk", "report", "auto-reply")

CODES = {
    "address-in-name": "the name is written as an address of another domain",
    "known-name": "the name of somebody we know, with an address that is not theirs",
    "own-name": "our own company's name, from outside",
    "confusable-domain": "the domain is drawn like another one that we know",
    "near-domain": "the domain is one letter away from another one that we know",
    "mixed-scripts": "the domain mixes letters of two alphabets that look alike",
    "subdomain-trick": "the domain begins like another one that we know, and is somebody else's",
    "mixed-name": "the name mixes letters of two alphabets that look alike",
    "hidden-characters": "the name has characters that cannot be seen or that turn the writing around",
    "reply-elsewhere": "an answer would go to another domain",
}
"""Every code of a suspicion, and what it means."""


@dataclass(frozen=True)
class Suspicion:
    """One reason to look twice. `detail` is what the sender could be taken for, or where an answer would go."""

    code: str  # a key of CODES
    detail: str


@dataclass(frozen=True)
class Acquaintances:
    """The people and domains that a stranger may want to be taken for, made ready for comparing."""

    addresses: frozenset[str]  # lower case
    own: frozenset[str]  # registered domains
    domains: dict[str, None]  # registered domains of everybody but free mail, our own first
    drawn: dict[str, str]  # skeleton of a domain → the domain
    people: dict[str, dict[str, str]]  # skeleton of a name → registered domain → an address there
    names: frozenset[str]  # skeletons of our own names, each word by word


def suspicions(
    parsed: Parsed,
    *,
    known: Iterable[Address] | Acquaintances,
    own_domains: Iterable[str] = (),
    own_names: Iterable[str] = (),
) -> tuple[Suspicion, ...]:
    """Why the sender of `parsed` may want to be taken for somebody else, most telling first; () for nearly all mail.

    `known` are the people of the address book and those one has written with, `own_domains` the company's own,
    `own_names` what it calls itself ("ACME", "ACME helpdesk"); the first label of its domains is taken as one, too.
    Who looks at many messages hands in `acquaintances(…)` as `known`.
    """
    if parsed.sender is None:
        return ()
    world = known if isinstance(known, Acquaintances) else acquaintances(known, own_domains, own_names)
    sender = parsed.sender
    domain = plain_name(sender.address.rpartition("@")[2])
    found = [*_hidden(parsed)]
    # Whether mail from one's own domain is really from there is for trust.judge to say.
    if registered_domain(domain) not in world.own:
        found += _in_name(sender, domain, world)
        found += _in_domain(domain, world)
        found += _elsewhere(parsed, domain, world)
    return tuple(dict.fromkeys(found))


def acquaintances(known: Iterable[Address], own_domains: Iterable[str], own_names: Iterable[str] = ()) -> Acquaintances:
    """Whom `suspicions` compares with: at most MAX_KNOWN people."""
    # A company whose mailbox is at a free provider does not own what everybody else there writes from.
    own = frozenset(registered_domain(domain) for domain in own_domains if domain) - FREE_MAIL
    addresses: set[str] = set()
    domains: set[str] = set()
    people: dict[str, dict[str, str]] = {}
    for _, person in zip(range(MAX_KNOWN), known, strict=False):
        registered = registered_domain(person.address.rpartition("@")[2])
        addresses.add(person.address.lower())
        if registered not in FREE_MAIL:
            domains.add(registered)
        if _is_personal(person.name):
            people.setdefault(_name_key(person.name), {}).setdefault(registered, person.address)
    labels = [domain.partition(".")[0] for domain in own]
    names = {" ".join(_words(name)) for name in [*own_names, *labels] if len("".join(_words(name))) >= _SHORTEST_OWN}
    ordered = dict.fromkeys([*sorted(own), *sorted(domains - {""})])
    drawn = {skeleton(_readable(domain)): domain for domain in [*sorted(FREE_MAIL), *reversed(ordered)]}
    return Acquaintances(frozenset(addresses), own, ordered, drawn, people, frozenset(names))


def _words(name: str) -> list[str]:
    return [skeleton(word) for word in _WORD.findall(name)]


def _name_key(name: str) -> str:
    """A name by its words in any order: Nováková, Jana is Jana Nováková; titles and initials do not count."""
    return " ".join(sorted(word for word in _words(name) if len(word) > 2 and word not in _TITLE_SKELETONS))


def _is_personal(name: str) -> bool:
    """Whether it is the name of one person: two words or more, and not what every company calls a mailbox."""
    words = _name_key(name).split()
    return len(words) >= 2 and not any(word in _ROLE_SKELETONS for word in words)


_ROLE_SKELETONS = frozenset(skeleton(word) for word in _ROLES)
_TITLE_SKELETONS = frozenset(skeleton(word) for word in _TITLES)


def _in_name(sender: Address, domain: str, world: Acquaintances) -> Iterator[Suspicion]:
    registered = registered_domain(domain)
    for match in _ADDRESS.finditer(sender.name[:1000]):
        if registered_domain(match.group(1)) != registered:
            yield Suspicion("address-in-name", match.group()[:320])
            break
    if any(mixes_scripts(word) for word in _WORD.findall(sender.name)):
        yield Suspicion("mixed-name", sender.name)
    if sender.address.lower() in world.addresses:
        return
    if _is_personal(sender.name):
        yield from _known_person(_name_key(sender.name), registered, world)
    # A domain that is known may write about us; a stranger who is called like us does not.
    name = f" {' '.join(_words(sender.name))} "
    if registered not in world.domains and any(f" {own} " in name for own in world.names):
        yield Suspicion("own-name", sender.name)


def _known_person(key: str, registered: str, world: Acquaintances) -> Iterator[Suspicion]:
    people = world.people.get(key, {})
    ours = [address for domain, address in people.items() if domain in world.own]
    # Two Jan Nováks at two companies: a third one is nobody's double.
    if people and registered not in people and (ours or len(people) == 1):
        yield Suspicion("known-name", ours[0] if ours else next(iter(people.values())))


def _in_domain(domain: str, world: Acquaintances) -> Iterator[Suspicion]:
    registered = registered_domain(domain)
    if registered in world.domains or registered in FREE_MAIL:
        return
    shown = _readable(registered)
    if any(mixes_scripts(label) for label in _readable(domain).split(".")):
        yield Suspicion("mixed-scripts", _readable(domain))
    trick = _embedded(domain, world)
    if trick:
        yield Suspicion("subdomain-trick", trick)
        return
    drawn = skeleton(shown)
    imitated = world.drawn.get(drawn, "")
    if imitated:
        yield Suspicion("confusable-domain", imitated)
        return
    if not shown.isascii() and any(imitates_latin(label) for label in shown.split(".")[:1]):
        yield Suspicion("confusable-domain", drawn)
    yield from _near(registered, world)


def _embedded(domain: str, world: Acquaintances) -> str:
    """The domain that `domain` begins like: acme.cz.zlo.com, acme.cz-posta.com, acme-cz.com."""
    for other in world.domains:
        place = f".{domain}".find(f".{other}")
        while place >= 0:
            if f".{domain}"[place + len(other) + 1 :][:1] in (".", "-"):
                return other
            place = f".{domain}".find(f".{other}", place + 1)
        dashed = other.replace(".", "-")
        label = registered_domain(domain).partition(".")[0]
        if label == dashed or label.startswith(f"{dashed}-"):
            return other
    return ""


def _near(registered: str, world: Acquaintances) -> Iterator[Suspicion]:
    label, _, suffix = registered.partition(".")
    for other in world.domains:
        name, _, end = other.partition(".")
        ours = other in world.own
        if len(name) < (_SHORTEST_OWN if ours else _SHORTEST_KNOWN):
            continue
        # The same name elsewhere is mostly the same company; ours is ours alone.
        if (suffix == end and one_edit_apart(label, name)) or (ours and label == name):
            yield Suspicion("near-domain", other)
            return


def _readable(domain: str) -> str:
    """`domain` in its own letters."""
    if "xn--" not in domain:
        return domain
    try:
        return idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return _decoded_by_labels(domain)


def _decoded_by_labels(domain: str) -> str:
    """Labels that IDNA forbids, such as those of two alphabets, are the very ones to be looked at."""
    labels = []
    for label in domain.split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label)
        except (UnicodeError, OverflowError):
            labels.append(label)
    return ".".join(labels)


def _hidden(parsed: Parsed) -> Iterator[Suspicion]:
    """Read from the field as it came: the name in `sender` is clean already."""
    for name, value in parsed.headers:
        if name.lower() == "from":
            if _BIDI.search(value) or _UNSEEN.search(value):
                yield Suspicion("hidden-characters", parsed.sender.name if parsed.sender is not None else "")
            return


def _elsewhere(parsed: Parsed, domain: str, world: Acquaintances) -> Iterator[Suspicion]:
    """Lists and mailings answer elsewhere by trade; a person who does so deserves a look."""
    if parsed.automatic in _LISTS or any(name.lower() in ("list-id", "list-unsubscribe") for name, _ in parsed.headers):
        return
    registered = registered_domain(domain)
    for person in parsed.reply_to:
        other = registered_domain(person.address.rpartition("@")[2])
        if other != registered and other not in world.domains and person.address.lower() not in world.addresses:
            yield Suspicion("reply-elsewhere", person.address)
            return
