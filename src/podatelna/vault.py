"""Encryption at rest: stored passwords, AES-256-GCM under a key that is not in the database; keys of the content."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_NONCE_SIZE = 12
MOST_KEYS = 9_999
_KEY_DIGITS = re.compile(r"[0-9a-fA-F]{64}")


class Unreadable(Exception):
    """A stored secret that this key does not open: another key file, or a changed database."""


def read_or_make_key(path: Path) -> bytes:
    """The 32 bytes of the key file at `path`; a missing file is made, readable by its owner only.

    Raises Unreadable when the file is there and is not such a key.
    """
    if not path.exists():
        _make_key(path)
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (ValueError, UnicodeDecodeError):
        key = b""
    if len(key) != 32:
        raise Unreadable(f"{path} is not a key file: expected 64 hexadecimal digits")
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: of two processes that start at once, one key wins and both read it.
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def seal(secret: str, key: bytes, context: str) -> bytes:
    """`secret` encrypted for storage. `context` (like "gateway:imap") must be the same when it is opened."""
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return _VERSION + nonce + AESGCM(derive(key, "vault 1")).encrypt(nonce, secret.encode(), context.encode())


def unseal(sealed: bytes, key: bytes, context: str) -> str:
    """The secret that `seal` was given. Raises Unreadable when key or context differ or a byte was changed."""
    if sealed[:1] != _VERSION:
        raise Unreadable("the stored secret is of an unknown kind")
    nonce, ciphertext = sealed[1 : 1 + _NONCE_SIZE], sealed[1 + _NONCE_SIZE :]
    try:
        return AESGCM(derive(key, "vault 1")).decrypt(nonce, ciphertext, context.encode()).decode()
    except (InvalidTag, ValueError):
        raise Unreadable("the stored secret does not open with this key") from None


def derive(key: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose out of the key (HKDF, RFC 5869): two purposes never share key material."""
    return HKDF(SHA256(), 32, salt=None, info=f"podatelna {purpose}".encode()).derive(key)


# --- keys of the archive's content -----------------------------------------------------------------------


def read_content_keys(text: str) -> dict[int, bytes]:
    """The keys in `text`, by number: `7:` and 64 hexadecimal digits, several parted by blanks or lines; {} for none.

    Lines beginning with # say something to people. Raises Unreadable, without a word of what was there.
    """
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    keys: dict[int, bytes] = {}
    for word in " ".join(lines).split():
        number, _, digits = word.partition(":")
        if not number.isdecimal() or not 1 <= int(number) <= MOST_KEYS or not _KEY_DIGITS.fullmatch(digits):
            raise Unreadable("a content key is a number, a colon and 64 hexadecimal digits")
        if int(number) in keys:
            raise Unreadable(f"there are two content keys with the number {int(number)}")
        keys[int(number)] = bytes.fromhex(digits)
    return keys


def add_content_key(path: Path) -> int:
    """Put a fresh key with the next number into the key file at `path`; its number. Durable when this returns."""
    text = path.read_text("ascii") if path.exists() else ""
    number = max(read_content_keys(text), default=0) + 1
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{text.rstrip()}\n{number}:{secrets.token_hex(32)}\n".lstrip())
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return number
