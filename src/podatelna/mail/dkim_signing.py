"""Signing what goes out: DKIM signatures (RFC 6376, RFC 8301, RFC 8463) and the keys that make them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from .canonical import SignedField, body_form, header_form, selected, split_message
from .dkim_signatures import own_form

RSA, ED25519 = "rsa-sha256", "ed25519-sha256"
RSA_BITS = 2048  # RFC 8301 3.2; longer ones do not fit into one string of a TXT record
# Signed once more than they are there: one that somebody adds on the way breaks the signature (RFC 6376 8.15).
_OVERSIGNED = (
    "from", "to", "cc", "subject", "date", "message-id", "reply-to", "mime-version", "content-type"
)  # fmt: skip
_SIGNED = ("content-transfer-encoding", "in-reply-to", "references", "auto-submitted")
_LINE = 72

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class Signer:
    """A key in use: d=, s= (both ASCII) and the private half."""

    domain: str
    selector: str
    private: PrivateKey


def make_key(algorithm: str) -> tuple[str, str]:
    """(private half as PEM, public half as p= has it in DNS) of a new key for "rsa-sha256" or "ed25519-sha256"."""
    key: PrivateKey
    if algorithm == RSA:
        key = rsa.generate_private_key(65537, RSA_BITS)
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    elif algorithm == ED25519:
        key = ed25519.Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)  # RFC 8463 4
    else:
        raise ValueError(f"no algorithm for DKIM: {algorithm}")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii"), base64.b64encode(public).decode("ascii")


def read_private(pem: str) -> PrivateKey:
    """The private key in `pem`. Raises ValueError for what is none that signs mail."""
    key = load_pem_private_key(pem.encode("ascii"), None)
    if not isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise ValueError("a DKIM key is RSA or Ed25519")
    return key


def sign(raw: bytes, signers: Sequence[Signer], now: datetime) -> bytes:
    """`raw` (CRLF lines) with one DKIM-Signature of each signer in front of it, all over the same fields and body."""
    fields, body = split_message(raw)
    names = _names(fields)
    body_hash = base64.b64encode(hashlib.sha256(body_form(body, relaxed=True)).digest()).decode("ascii")
    covered = b"".join(header_form(each.raw, relaxed=True) for each in selected(fields, names))
    return b"".join(_signature(signer, names, body_hash, covered, now) for signer in signers) + raw


def _names(fields: Sequence[SignedField]) -> list[str]:
    """h=: each field as often as it is there, and once more where another one would deceive the reader."""
    keys = [field.key for field in fields]
    oversigned = [name for name in _OVERSIGNED for _ in range(keys.count(name) + 1)]
    return oversigned + [name for name in _SIGNED for _ in range(keys.count(name))]


def _signature(signer: Signer, names: Sequence[str], body_hash: str, covered: bytes, now: datetime) -> bytes:
    algorithm = RSA if isinstance(signer.private, rsa.RSAPrivateKey) else ED25519
    tags = [
        f"v=1; a={algorithm}; c=relaxed/relaxed;",
        f"d={signer.domain}; s={signer.selector}; t={int(now.timestamp())};",
        *_folded_names(names),
        f"bh={body_hash};",
        "b=",
    ]
    unsigned = ("DKIM-Signature: " + "\r\n ".join(tags) + "\r\n").encode("ascii")
    proof = _prove(signer.private, covered + own_form(SignedField("dkim-signature", unsigned), relaxed=True))
    return unsigned.removesuffix(b"\r\n") + _folded_proof(base64.b64encode(proof)) + b"\r\n"


def _prove(key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(hashlib.sha256(data).digest())  # RFC 8463 3: the hash is what is signed


def _folded_names(names: Sequence[str]) -> list[str]:
    lines = ["h="]
    for place, name in enumerate(names):
        piece = name + (";" if place == len(names) - 1 else ":")
        if len(lines[-1]) + len(piece) > _LINE:
            lines.append("")
        lines[-1] += piece
    return lines


def _folded_proof(proof: bytes) -> bytes:
    return b"\r\n ".join(proof[start : start + _LINE] for start in range(0, len(proof), _LINE))
