"""DKIM signatures (RFC 6376, RFC 8301, RFC 8463): each of a message looked at, and what it proves."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime

from .canonical import SignedField, body_form, header_form, selected, without_signature
from .resolver import Resolver, Unanswered, is_name, plain_name
from .signing_keys import BadKey, Key, find_keys
from .tag_lists import read_tags, without_blanks

MAX_SIGNATURES = 20
MAX_SIGNED_NAMES = 500
_LEEWAY = 36_000  # seconds: clocks are wrong, zones are forgotten
_ALGORITHMS = {"rsa-sha256": "rsa", "ed25519-sha256": "ed25519"}
_NUMBER = re.compile(r"[0-9]{1,76}")
_HOST = re.compile(r"[a-z0-9._-]+")  # RFC 6376 3.5: "d=acme.cz(.zlo.com" is another domain than it looks
_FORMS = re.compile(r"(simple|relaxed)(?:/(simple|relaxed))?", re.IGNORECASE)
_SHOWN = ("subject", "reply-to", "content-type", "content-transfer-encoding")
_REQUIRED = ("v", "a", "b", "bh", "d", "h", "s")

# What the codes of a signature say as a verdict. RFC 6376 6.1.2 (7) calls a revoked key a failed check.
RESULTS = {
    "signature-good": "pass",
    "signature-wrong": "fail",
    "body-changed": "fail",
    "body-shorter": "fail",
    "signature-expired": "fail",
    "signature-future": "fail",
    "from-unsigned": "fail",
    "from-added": "fail",
    "header-ambiguous": "fail",
    "algorithm-old": "fail",
    "key-short": "fail",
    "key-revoked": "fail",
    "key-missing": "permerror",
    "key-invalid": "permerror",
    "algorithm-unknown": "permerror",
    "signature-malformed": "permerror",
    "key-unanswered": "temperror",
}


@dataclass(frozen=True)
class Signature:
    """One DKIM signature and what became of it."""

    domain: str  # d=, ASCII and lower case; "" when it has none
    selector: str
    algorithm: str
    code: str  # a key of RESULTS
    unsigned_body: int = 0  # octets behind those that l= covers: anybody may have written them
    testing: bool = False  # the domain's owner says that it is only trying (t=y)
    added_field: str = ""  # a field that stands there once more than was signed, and is what readers are shown

    @property
    def result(self) -> str:
        """ "pass", "fail", "permerror" or "temperror"."""
        return RESULTS[self.code]

    @property
    def covers_all(self) -> bool:
        """Whether it holds, and nothing that a reader sees was added to what it holds for."""
        return self.result == "pass" and not self.unsigned_body and not self.added_field


@dataclass
class Signed:
    """A message to be checked against its signatures; forms and hashes of its body are made once."""

    fields: list[SignedField]
    body: bytes
    now: datetime
    resolver: Resolver
    ambiguous: bool = False  # readers see another end of the header than signers do
    _bodies: dict[bool, bytes] = field(default_factory=dict)
    _hashes: dict[tuple[bool, int], bytes] = field(default_factory=dict)

    def body_in(self, *, relaxed: bool) -> bytes:
        """The canonical body."""
        if relaxed not in self._bodies:
            self._bodies[relaxed] = body_form(self.body, relaxed=relaxed)
        return self._bodies[relaxed]

    def body_hash(self, *, relaxed: bool, length: int) -> bytes:
        """SHA-256 of the first `length` octets of the canonical body."""
        key = (relaxed, length)
        if key not in self._hashes:
            self._hashes[key] = hashlib.sha256(memoryview(self.body_in(relaxed=relaxed))[:length]).digest()
        return self._hashes[key]


class Rejected(Exception):
    """A signature that does not hold; `code` is a key of RESULTS, or of an ARC chain."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_signatures(message: Signed) -> tuple[Signature, ...]:
    """All DKIM signatures in order, at most MAX_SIGNATURES. Never raises."""
    found = [each for each in message.fields if each.key == "dkim-signature"]
    return tuple(_check(message, each) for each in found[:MAX_SIGNATURES])


def _check(message: Signed, signature: SignedField) -> Signature:
    tags = tags_of(signature)
    domain, selector = plain_name(tags.get("d", "")), tags.get("s", "").lower()
    algorithm = tags.get("a", "").lower()
    testing, unsigned, added = False, 0, ""
    try:
        _check_tags(message, tags)
        key = check_signature(message, signature, tags)
        if key.strict and plain_name(tags.get("i", "@").rpartition("@")[2]) not in ("", domain):
            raise Rejected("signature-malformed")  # 3.6.1, t=s
        testing, unsigned, added = key.testing, _unsigned_octets(message, tags), _added_field(message, tags)
        code = "signature-good"
    except Rejected as rejected:
        code = rejected.code
    return Signature(domain[:253], selector[:253], algorithm[:40], code, unsigned, testing, added)


def tags_of(signature: SignedField) -> dict[str, str]:
    """The tags of a signature field; {} when it is no list of tags."""
    return read_tags(signature.value.decode("utf-8", "replace")) or {}


def _check_tags(message: Signed, tags: dict[str, str]) -> None:
    """What is wrong with it before anything is looked up (RFC 6376 6.1.1)."""
    if any(name not in tags for name in _REQUIRED) or tags["v"] != "1" or not tags["d"]:
        raise Rejected("signature-malformed")
    identity = plain_name(tags.get("i", tags["d"]).rpartition("@")[2])
    domain = plain_name(tags["d"])
    if identity != domain and not identity.endswith(f".{domain}"):
        raise Rejected("signature-malformed")
    if "dns/txt" not in [one.strip().lower() for one in tags.get("q", "dns/txt").split(":")]:
        raise Rejected("signature-malformed")
    if "from" not in signed_names(tags):
        raise Rejected("from-unsigned")
    if _is_doubled(message, "from", tags):
        raise Rejected("from-added")  # 8.15: the reader may be shown the one that was not signed
    _check_times(tags, message.now.timestamp())


def _check_times(tags: dict[str, str], now: float) -> None:
    times = {name: tags[name] for name in ("t", "x") if name in tags}
    if any(_NUMBER.fullmatch(value) is None for value in times.values()):
        raise Rejected("signature-malformed")
    made, ends = int(times.get("t", "0")), int(times["x"]) if "x" in times else None
    if ends is not None and ends < made:
        raise Rejected("signature-malformed")
    if ends is not None and ends < now:
        raise Rejected("signature-expired")
    if made > now + _LEEWAY:
        raise Rejected("signature-future")


def check_signature(message: Signed, signature: SignedField, tags: dict[str, str]) -> Key:
    """The key that made a DKIM-Signature or ARC-Message-Signature. Raises Rejected when the message is another."""
    if message.ambiguous:
        raise Rejected("header-ambiguous")
    kind = key_kind(tags)
    names = signed_names(tags)
    relaxed_header, relaxed_body = _forms(tags)
    proof, body_hash = octets_of(tags, "b"), octets_of(tags, "bh")
    length = _signed_length(message, tags, relaxed_body)
    keys = look_up(message.resolver, tags, kind)
    # 6.1.3: the body's hash is compared with what was signed.
    if message.body_hash(relaxed=relaxed_body, length=length) != body_hash:
        raise Rejected("body-changed")
    others = [each for each in message.fields if each is not signature]
    pieces = [header_form(each.raw, relaxed=relaxed_header) for each in selected(others, names)]
    return prove(keys, proof, b"".join([*pieces, own_form(signature, relaxed=relaxed_header)]))


def own_form(signature: SignedField, *, relaxed: bool) -> bytes:
    """The signature's own field as it is signed: without b=, and without a line break at the end (RFC 6376 3.7)."""
    return header_form(without_signature(signature.raw) + b"\r\n", relaxed=relaxed).removesuffix(b"\r\n")


def key_kind(tags: dict[str, str]) -> str:
    """The kind of key that a= asks for. SHA-1 is refused (RFC 8301 3.1)."""
    algorithm = tags.get("a", "").lower()
    if algorithm == "rsa-sha1":
        raise Rejected("algorithm-old")
    if algorithm not in _ALGORITHMS:
        raise Rejected("algorithm-unknown")
    return _ALGORITHMS[algorithm]


def signed_names(tags: dict[str, str]) -> list[str]:
    """The names of h=, in lower case and in order."""
    return [name.strip().lower() for name in tags.get("h", "").split(":")][:MAX_SIGNED_NAMES]


def _forms(tags: dict[str, str]) -> tuple[bool, bool]:
    match = _FORMS.fullmatch(without_blanks(tags.get("c", "simple/simple")))
    if match is None:
        raise Rejected("signature-malformed")
    return match.group(1).lower() == "relaxed", (match.group(2) or "simple").lower() == "relaxed"


def octets_of(tags: dict[str, str], name: str) -> bytes:
    """The decoded value of a tag in base64. Raises Rejected."""
    try:
        octets = base64.b64decode(without_blanks(tags.get(name, "")), validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("signature-malformed") from None
    if not octets:
        raise Rejected("signature-malformed")
    return octets


def _signed_length(message: Signed, tags: dict[str, str], relaxed: bool) -> int:
    """How many octets of the body are signed: all, or what l= says (RFC 6376 3.5)."""
    size = len(message.body_in(relaxed=relaxed))
    if "l" not in tags:
        return size
    if _NUMBER.fullmatch(tags["l"]) is None:
        raise Rejected("signature-malformed")
    if int(tags["l"]) > size:
        raise Rejected("body-shorter")
    return int(tags["l"])


def _unsigned_octets(message: Signed, tags: dict[str, str]) -> int:
    """How many octets of the body stand behind the signed ones."""
    relaxed = _forms(tags)[1]
    return len(message.body_in(relaxed=relaxed)) - _signed_length(message, tags, relaxed)


def _added_field(message: Signed, tags: dict[str, str]) -> str:
    return next((name for name in _SHOWN if _is_doubled(message, name, tags)), "")


def _is_doubled(message: Signed, name: str, tags: dict[str, str]) -> bool:
    """Whether a field that may stand there once does so more often, and not each of them is signed."""
    count = sum(field.key == name for field in message.fields)
    return count > 1 and count > signed_names(tags).count(name)


def look_up(resolver: Resolver, tags: dict[str, str], kind: str) -> list[Key]:
    """The keys that d= and s= name. Raises Rejected."""
    domain, selector = plain_name(tags.get("d", "")), plain_name(tags.get("s", ""))
    if not is_name(domain) or not is_name(selector) or _HOST.fullmatch(f"{selector}.{domain}") is None:
        raise Rejected("signature-malformed")
    try:
        return find_keys(resolver, selector, domain, kind)
    except Unanswered:
        raise Rejected("key-unanswered") from None
    except BadKey as bad:
        raise Rejected(bad.code) from None


def prove(keys: list[Key], proof: bytes, data: bytes) -> Key:
    """The key that made `proof` over `data`. Raises Rejected when none did."""
    for key in keys:
        if key.proves(proof, data):
            return key
    raise Rejected("signature-wrong")
