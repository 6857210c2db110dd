"""Public keys of DKIM and ARC as they stand in DNS (RFC 6376 3.6.1, RFC 8301, RFC 8463), and what they prove."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from .resolver import Resolver
from .tag_lists import read_tags, without_blanks

MIN_BITS = 1024  # RFC 8301 3.2
MAX_BITS = 8192  # a key of a stranger must not cost minutes
MAX_KEYS = 4  # at one name; there should be one
_INTEGER = 0x02


class BadKey(Exception):
    """A key that proves nothing; `code` as in trust.CODES."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Key:
    """A key and what its owner allows it for."""

    public: rsa.RSAPublicKey | ed25519.Ed25519PublicKey
    strict: bool  # t=s: i= must be of this very domain
    testing: bool  # t=y

    def proves(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` was made over `data` with the private half."""
        try:
            if isinstance(self.public, ed25519.Ed25519PublicKey):
                digest = hashes.Hash(hashes.SHA256())  # RFC 8463 3: the hash is what is signed
                digest.update(data)
                self.public.verify(signature, digest.finalize())
            else:
                self.public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError, UnsupportedAlgorithm):
            return False
        return True


def find_keys(resolver: Resolver, selector: str, domain: str, kind: str) -> list[Key]:
    """The keys of `kind` ("rsa", "ed25519") published for a selector. Raises BadKey when there is none, Unanswered."""
    texts = resolver(f"{selector}._domainkey.{domain}", "TXT")
    keys: list[Key] = []
    trouble = BadKey("key-missing")
    for text in texts[:MAX_KEYS]:
        try:
            keys.append(read_key(text, kind))
        except BadKey as bad:
            trouble = bad
    if not keys:
        raise trouble
    return keys


def read_key(text: str, kind: str) -> Key:
    """A key record. Raises BadKey: "key-missing" (it is none), "key-revoked", "key-invalid", "key-short"."""
    tags = read_tags(text)
    if tags is None or tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        raise BadKey("key-invalid" if tags and "p" in tags else "key-missing")
    if not without_blanks(tags["p"]):
        raise BadKey("key-revoked")
    algorithms = [one.strip().lower() for one in tags.get("h", "sha256").split(":")]
    services = [one.strip().lower() for one in tags.get("s", "*").split(":")]
    if tags.get("k", "rsa").lower() != kind or "sha256" not in algorithms or not {"*", "email"} & set(services):
        raise BadKey("key-invalid")
    flags = [one.strip().lower() for one in tags.get("t", "").split(":")]
    return Key(_public(without_blanks(tags["p"]), kind), "s" in flags, "y" in flags)


def _public(text: str, kind: str) -> rsa.RSAPublicKey | ed25519.Ed25519PublicKey:
    try:
        octets = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        if kind == "ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(octets)
        public = load_der_public_key(octets)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise BadKey("key-short" if kind == "rsa" and _is_short(text) else "key-invalid") from None
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size > MAX_BITS:
        raise BadKey("key-invalid")
    if public.key_size < MIN_BITS:
        raise BadKey("key-short")
    return public


def _is_short(text: str) -> bool:
    """Whether it is an RSA key of less than 1024 bits: some versions of the library refuse to load these at all."""
    try:
        octets = base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return False
    return 40 <= len(octets) < 150 and octets[:1] == b"\x30" and _INTEGER in octets
