"""The person really meant where a list, a group or a service put its own address into From.

Who keeps DMARC alive rewrites From ("Jana via Helpdesk" <helpdesk@…>) and leaves the author in another field. What
stands there is the sender's word as much as From is: whether it is to be believed is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .addresses import Address, normal_address, read_addresses, read_header_addresses

if TYPE_CHECKING:
    from .parse import Parsed

# Where the author is left by whom: RFC 9057, Google Groups, Mailman, LISTSERV, forwarding services.
_AUTHOR_FIELDS = (
    "author", "x-original-from", "x-mailman-original-from", "original-from", "x-simplelogin-original-from",
    "x-anonaddy-original-sender", "x-original-sender", "x-original-author",
)  # fmt: skip
_LIST_FIELDS = ("list-post", "x-beenthere", "mailing-list", "x-mailing-list")
_VIA = re.compile(
    r"(.{1,200}?)\s+[\[(]?(?:via|vía|přes|prostřednictvím|cez|prostredníctvom|über|par le biais de"
    r"|através de|a través de|tramite|przez|za pośrednictwem|via de|через|통해|经由|經由|通过)\s+(.{1,200})",
    re.IGNORECASE,
)
_BEHALF = re.compile(
    r"(.{1,200}?)\s+(?:on behalf of|im auftrag von|im namen von|au nom de|de la part de|pour le compte de|en nombre de"
    r"|em nome de|per conto di|namens|w imieniu|jménem|v mene|v zastoupení|от имени"
    r"|på vegne av|på vegne af)\s+(.{1,200})",
    re.IGNORECASE,
)
# RFC 6377 lists of the IETF, groups.io, and the Sender Rewriting Scheme: the author's address inside another one.
_ENCODED = re.compile(r"(.+)=40([^=@]+\.[^=@]+)")
_IN_LOCAL_PART = re.compile(r"([^=+]+)=([^=@+]+\.[^=@+]+)")
_REWRITTEN = re.compile(r"SRS[01][=+-].*?([^=]+\.[^=]+)=([^=]+)", re.IGNORECASE)
_MACHINE = re.compile(
    r"(?:.*[-_.+])?(?:no|not|do[-_.]?not|dont|ne|nie)[-_.]?(?:reply|respond|odpov[a-z]*|antworten|responder)(?:[-_.+].*)?"
    r"|(?:.*[-_.])?notifications?(?:[-_.+].*)?|notify|wordpress|www-data|apache|nginx|httpd|nobody|mailer|web|webform"
    r"|webmaster|formular|form|forms|robot|automat|system|server|dse|invitations?|daemon",
    re.IGNORECASE,
)
_RELAYS = ("mozmail.com", "relay.firefox.com", "groups.io", "googlegroups.com", "yahoogroups.com", "simplelogin.co")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']{1,64}@[^\s<>()\[\],;:\"'@]{1,255}")


def effective_sender(parsed: Parsed) -> Address | None:
    """Who is really meant by the sender of `parsed`: From itself nearly always, else the author behind the rewriting.

    None when the message names nobody at all.
    """
    shown = parsed.sender
    if shown is None:
        return _somebody(parsed)
    inside = _inside(shown)
    if inside is not None:
        return inside
    who = _who(shown.name)
    lists = set(_list_addresses(parsed))
    found = None
    if who or shown.address.lower() in lists or shown.address.lower().partition("@")[0].endswith("-dmarc-request"):
        found = _declared(parsed, shown) or _in_name(shown, who, lists) or _answered(parsed, shown, who, lists)
    elif _stands_for_another(parsed, shown):
        found = parsed.reply_to[0]
    if found is None:
        return shown
    return Address(found.name or who, found.address) if (found.name or who).lower() != found.address.lower() else found


def _somebody(parsed: Parsed) -> Address | None:
    """Without From and Sender: whom an answer goes to, else where the envelope came from (RFC 5321 4.4)."""
    if parsed.reply_to:
        return parsed.reply_to[0]
    for value in _values(parsed, ("return-path", "x-sender", "x-envelope-from", "envelope-from")):
        for person in read_addresses(value)[0][:1]:
            return person
    return None


def _inside(shown: Address) -> Address | None:
    """The author whose address was written into the local part of another one."""
    local, _, domain = shown.address.rpartition("@")
    for pattern, order in ((_ENCODED, "{0}@{1}"), (_REWRITTEN, "{1}@{0}")):
        match = pattern.fullmatch(local)
        address = normal_address(order.format(*match.groups())) if match else ""
        if address:
            return Address(shown.name, address)
    match = _IN_LOCAL_PART.fullmatch(local) if domain in _RELAYS else None
    address = normal_address("{}@{}".format(*match.groups())) if match else ""
    return Address(_who(shown.name) or shown.name, address) if address else None


def _who(name: str) -> str:
    """The person in "Jana via Helpdesk" and "Helpdesk on behalf of Jana"; "" where the name says nothing like it."""
    via = _VIA.fullmatch(name)
    if via is not None:
        return via.group(1).strip("\"' ")
    behalf = _BEHALF.fullmatch(name)
    if behalf is not None:
        return behalf.group(2).strip("\"' ")
    # Yahoo Groups: "Jana jana@acme.cz [helpdesk]".
    return name.rpartition("[")[0].strip() if name.endswith("]") and "@" in name else ""


def _values(parsed: Parsed, names: Iterable[str]) -> Iterator[str]:
    """The values of the fields called `names`, in the order of the names."""
    wanted = set(names)
    found = [(name.lower(), value) for name, value in parsed.headers if name.lower() in wanted]
    for name in names:
        yield from (value[:2_000] for key, value in found if key == name)


def _list_addresses(parsed: Parsed) -> Iterator[str]:
    """The addresses, in lower case, of the lists and groups that handed the message on."""
    for value in _values(parsed, _LIST_FIELDS):
        yield from (address.lower() for address in _ADDRESS.findall(value.replace("mailto:", " ")))
    for value in _values(parsed, ("list-id",)):
        # RFC 2919: <helpdesk.firma.cz> is helpdesk@firma.cz.
        local, dot, domain = value.rpartition("<")[2].strip("<> ").partition(".")
        if dot:
            yield f"{local}@{domain}".lower()


def _declared(parsed: Parsed, shown: Address) -> Address | None:
    for value in _values(parsed, _AUTHOR_FIELDS):
        for person in read_header_addresses(value)[0][:1]:
            if person.address.lower() != shown.address.lower():
                return person
    return None


def _in_name(shown: Address, who: str, lists: set[str]) -> Address | None:
    """The author whose address stands in the name, where a list or relay that does so wrote it."""
    domain = shown.address.rpartition("@")[2]
    if shown.address.lower() not in lists and domain not in _RELAYS:
        return None
    for found in _ADDRESS.findall(who):
        address = normal_address(found)
        if address:
            return Address(who.replace(found, "").strip("\"'()<>- "), address)
    return None


def _answered(parsed: Parsed, shown: Address, who: str, lists: set[str]) -> Address | None:
    """The one an answer goes to, not the list; Mailman puts the author into Cc where answers go to the list."""
    known = lists | {shown.address.lower()}
    others = [person for person in parsed.reply_to if person.address.lower() not in known]
    for person in (*others, *parsed.cc):
        if who and person.name.casefold() == who.casefold():
            return person
    # "Jana on behalf of Acme" may well be Jana herself, who wants answers to go elsewhere.
    behalf = who and _VIA.fullmatch(shown.name) is None and shown.address.lower() not in lists
    return others[0] if others and not behalf else None


def _stands_for_another(parsed: Parsed, shown: Address) -> bool:
    """Whether From is a machine that hands on somebody's words, who is in Reply-To: web forms, shared documents."""
    if len(parsed.reply_to) != 1:
        return False
    person = parsed.reply_to[0]
    if person.address.lower() == shown.address.lower() or _MACHINE.fullmatch(person.address.rpartition("@")[0]):
        return False
    same_name = bool(person.name) and person.name.casefold() == shown.name.casefold()
    elsewhere = _organisation(person.address) != _organisation(shown.address)
    if _MACHINE.fullmatch(shown.address.rpartition("@")[0]):
        return same_name or elsewhere
    # A form on one's own site writes from one's own address to itself.
    to_itself = any(other.address.lower() == shown.address.lower() for other in parsed.to)
    return to_itself and elsewhere


def _organisation(address: str) -> str:
    return ".".join(address.rpartition("@")[2].lower().split(".")[-2:])
