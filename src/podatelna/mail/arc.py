"""ARC chains (RFC 8617): who had the message in hands on its way, and what the first of them had found."""

from __future__ import annotations

from dataclasses import dataclass

from .authentication_results import AuthenticationResults, read_results
from .canonical import SignedField, header_form
from .dkim_signatures import (
    Rejected,
    Signed,
    check_signature,
    key_kind,
    look_up,
    octets_of,
    own_form,
    prove,
    signed_names,
    tags_of,
)
from .resolver import plain_name

MAX_SETS = 50  # RFC 8617 4.2.1
MAX_CHECKED = 12  # seals that are computed; a chain of more than a handful is an attack on the reader
_KINDS = ("arc-authentication-results", "arc-message-signature", "arc-seal")


@dataclass(frozen=True)
class Chain:
    """What the ARC fields of a message prove."""

    result: str  # "none", "pass", "fail", "temperror"
    code: str = ""  # "" or why it is no pass, as in trust.CODES
    sealer: str = ""  # the domain that sealed last
    sealers: tuple[str, ...] = ()  # first to last
    oldest_pass: int = 0  # the first instance from which on nothing signed was changed; 0: it never was (RFC 8617 5.2)
    origin: AuthenticationResults | None = None  # what the first sealer had found when it got the message


@dataclass
class _Set:
    results: SignedField | None = None
    signature: SignedField | None = None
    seal: SignedField | None = None


def check_chain(message: Signed) -> Chain:
    """The state of the chain. Never raises."""
    try:
        sets = _sets(message.fields)
        if not sets:
            return Chain("none")
        seals = [tags_of(each.seal) for each in sets if each.seal is not None]
    except Rejected as rejected:
        return Chain("fail", rejected.code)
    sealers = tuple(plain_name(tags.get("d", ""))[:253] for tags in seals)
    origin = read_results(_payload(sets[0].results))
    try:
        _check_states(seals)
        _check_message(message, sets[-1], len(sets))
        for place in range(len(sets), 0, -1):
            _check_seal(message, sets[:place])
    except Rejected as rejected:
        result = "temperror" if rejected.code == "key-unanswered" else "fail"
        return Chain(result, rejected.code, sealers[-1], sealers, 0, origin)
    return Chain("pass", "", sealers[-1], sealers, _oldest_pass(message, sets), origin)


def _sets(fields: list[SignedField]) -> list[_Set]:
    """The sets by instance, from 1. Raises Rejected when they are not whole (RFC 8617 4.2, 5.2 step 3A)."""
    found: dict[int, _Set] = {}
    for field in fields:
        if field.key not in _KINDS:
            continue
        place = found.setdefault(_instance(field), _Set())
        name = ("results", "signature", "seal")[_KINDS.index(field.key)]
        if getattr(place, name) is not None:
            raise Rejected("chain-broken")
        setattr(place, name, field)
    if sorted(found) != list(range(1, len(found) + 1)) or len(found) > MAX_CHECKED:
        raise Rejected("chain-broken")
    sets = [found[number] for number in sorted(found)]
    if any(each.results is None or each.signature is None or each.seal is None for each in sets):
        raise Rejected("chain-broken")
    return sets


def _instance(field: SignedField) -> int:
    """i= of an ARC field; in ARC-Authentication-Results it stands before the first semicolon."""
    if field.key == "arc-authentication-results":
        name, _, text = field.value.decode("utf-8", "replace").partition(";")[0].partition("=")
        text = text.strip() if name.strip() == "i" else ""
    else:
        text = tags_of(field).get("i", "")
    if not text.isdecimal() or not text.isascii() or len(text) > 2 or not 1 <= int(text) <= MAX_SETS:
        raise Rejected("chain-broken")
    return int(text)


def _payload(field: SignedField | None) -> bytes:
    """What stands behind i=: Authentication-Results as the sealer wrote them."""
    return field.value.partition(b";")[2] if field is not None else b""


def _check_states(seals: list[dict[str, str]]) -> None:
    """cv= of each seal (RFC 8617 5.2 steps 2 and 3C): none for the first, pass for the others."""
    for place, tags in enumerate(seals):
        state = tags.get("cv", "").lower()
        if state == "fail":
            raise Rejected("chain-failed-before")
        if state != ("pass" if place else "none") or "h" in tags:
            raise Rejected("chain-broken")


def _check_message(message: Signed, last: _Set, instance: int) -> None:
    """The newest ARC-Message-Signature must hold (RFC 8617 5.2 step 4)."""
    if last.signature is None:
        raise Rejected("chain-broken")
    tags = tags_of(last.signature)
    if "arc-seal" in signed_names(tags) or tags.get("i") != str(instance):
        raise Rejected("chain-broken")  # 4.1.2
    check_signature(message, last.signature, tags)


def _check_seal(message: Signed, sets: list[_Set]) -> None:
    """The seal of the last of `sets` covers the ARC fields of all of them, in order (RFC 8617 5.1.1)."""
    seal = sets[-1].seal
    if seal is None:
        raise Rejected("chain-broken")
    tags = tags_of(seal)
    kind = key_kind(tags)
    proof = octets_of(tags, "b")
    pieces = [
        header_form(field.raw, relaxed=True)
        for each in sets
        for field in (each.results, each.signature, each.seal)
        if field is not None and field is not seal
    ]
    prove(look_up(message.resolver, tags, kind), proof, b"".join([*pieces, own_form(seal, relaxed=True)]))


def _oldest_pass(message: Signed, sets: list[_Set]) -> int:
    """RFC 8617 5.2 step 5: 0 when every message signature still holds, else the instance behind the last that fails."""
    for place in range(len(sets) - 1, 0, -1):
        try:
            _check_message(message, sets[place - 1], place)
        except Rejected:
            return place + 1
    return 0
