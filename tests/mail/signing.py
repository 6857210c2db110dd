"""Messages signed and sealed for tests: keys made here, DNS as a table."""

from __future__ import annotations

import base64
import functools
import hashlib
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from podatelna.mail.canonical import body_form, header_form, selected, split_message

LETTER = (
    b"Received: from mail.acme.cz (mail.acme.cz [192.0.2.10]) by mx.firma.cz; Mon, 5 Jan 2026 09:14:01 +0100\r\n"
    b"From: Jana =?utf-8?q?Nov=C3=A1kov=C3=A1?= <jana@acme.cz>\r\n"
    b"To: helpdesk@firma.cz\r\n"
    b"Subject: Reklamace\r\n"
    b"Date: Mon, 5 Jan 2026 09:14:00 +0100\r\n"
    b"Message-ID: <1@acme.cz>\r\n"
    b"\r\n"
    b"Dobry den,\r\n\r\nprosim o  vyrizeni.\r\n\r\nJana\r\n"
)


@functools.cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@functools.cache
def edwards_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"test").digest())


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def rsa_record(bits: int = 2048, tags: str = "v=DKIM1; k=rsa; ") -> str:
    public = rsa_key(bits).public_key()
    der = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"{tags}p={base64.b64encode(der).decode('ascii')}"


def edwards_record() -> str:
    raw = edwards_key().public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode('ascii')}"


def signed(
    raw: bytes = LETTER, domain: bytes = b"acme.cz", selector: bytes = b"s1", bits: int = 2048, **how: Any
) -> bytes:
    """`raw` with an RSA signature by dkimpy, which is not what checks it."""
    header: bytes = dkim.sign(raw, selector, domain, pem(rsa_key(bits)), **how)
    return header + raw


def sealed(raw: bytes, domain: bytes = b"lists.org", server: bytes = b"lists.org") -> bytes:
    """`raw` with an ARC set by dkimpy; it seals what is in Authentication-Results of `server`."""
    fields: list[bytes] = dkim.arc_sign(raw, b"arc", domain, pem(rsa_key(2048)), server)
    return b"".join(field.rstrip(b"\r\n") + b"\r\n" for field in fields) + raw


def signed_by_hand(
    tags: str,
    raw: bytes = LETTER,
    *,
    edwards: bool = False,
    header: bool = True,
    body: bool = True,
    limit: int | None = None,
) -> bytes:
    """`raw` with a signature of `tags` and a right bh= and b=, whatever else `tags` say."""
    fields, content = split_message(raw)
    data = body_form(content, relaxed=body)[:limit]
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")
    start = f"DKIM-Signature: {tags}; bh={digest}; b=".encode()
    names = [name.strip() for name in tags.split("h=")[1].split(";")[0].lower().split(":")]
    text = b"".join(header_form(field.raw, relaxed=header) for field in selected(fields, names))
    text += header_form(start + b"\r\n", relaxed=header).removesuffix(b"\r\n")
    return start + base64.b64encode(_proof(text, edwards)) + b"\r\n" + raw


def _proof(text: bytes, edwards: bool) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    if edwards:
        return edwards_key().sign(hashlib.sha256(text).digest())
    return rsa_key(2048).sign(text, padding.PKCS1v15(), hashes.SHA256())
