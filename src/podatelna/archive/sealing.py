"""Content at rest sealed by AES-256-GCM, when there is a content key; every sealed piece names its key.

    03 number nonce(12) ciphertext      number: the key's, LEB128; inside is what compression.py packed

Bytes are packed first: what is encrypted no longer shrinks.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from podatelna.vault import derive, read_content_keys

from .errors import Damaged, KeyMissing
from .numbers import number_at, written

SEALED = b"\x03"
_NONCE = 12


def current_key() -> int:
    """The number of the key that is used for what is written now, the highest there is; 0: nothing is sealed."""
    return max(_keys(), default=0)


def older_keys() -> list[int]:
    """The numbers of the other keys at hand."""
    return sorted(_keys())[:-1]


def seal(packed: bytes, context: bytes, key: int) -> bytes:
    """`packed` sealed with the key of that number; as it is for 0. `context` must be the same when it is opened."""
    if not key:
        return packed
    nonce = secrets.token_bytes(_NONCE)
    return SEALED + written(key) + nonce + _cipher(_key(key)).encrypt(nonce, packed, context)


def unseal(stored: bytes, context: bytes) -> bytes:
    """What `seal` was given; what is not sealed is given back as it is. Raises Damaged, KeyMissing."""
    if stored[:1] != SEALED:
        return stored
    try:
        number, at = number_at(stored, 1)
        return _cipher(_key(number)).decrypt(stored[at : at + _NONCE], stored[at + _NONCE :], context)
    except (InvalidTag, ValueError, IndexError) as error:
        raise Damaged("a sealed piece does not open: a byte was changed, or it belongs elsewhere") from error


def key_of(stored: bytes) -> int:
    """The number of the key that `stored` is sealed with; 0: it is not sealed."""
    return number_at(stored, 1)[0] if stored[:1] == SEALED else 0


def key_in(codec: str) -> int:
    """The number of the key in the codec of a Blob row ("k7"); 0: it is not sealed."""
    return int(codec[1:]) if codec.startswith("k") else 0


def name_of(sha256: bytes, key: int) -> str:
    """What content is called in the blob store: its SHA-256, or with a key a name that only the key's holder can make.

    The plain hash would tell whoever sees the store which known files are in it.
    """
    return hmac.new(_naming(_key(key)), sha256, hashlib.sha256).hexdigest() if key else sha256.hex()


def _key(number: int) -> bytes:
    found = _keys().get(number)
    if found is None:
        raise KeyMissing(f"sealed with content key {number}, which is not among the keys at hand")
    return found


def _keys() -> dict[int, bytes]:
    if settings.CONTENT_KEY_FILE is None:
        return _parsed(settings.CONTENT_KEYS)
    # Looked at each time, so that a new key is known without a restart.
    seen = os.stat(settings.CONTENT_KEY_FILE)
    return _in_file(settings.CONTENT_KEY_FILE, seen.st_mtime_ns, seen.st_ino)


@lru_cache(maxsize=4)
def _in_file(path: Path, _changed: int, _inode: int) -> dict[int, bytes]:
    return read_content_keys(path.read_text("ascii"))


@lru_cache(maxsize=4)
def _parsed(text: str) -> dict[int, bytes]:
    return read_content_keys(text)


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(derive(key, "content 1"))


@lru_cache(maxsize=16)
def _naming(key: bytes) -> bytes:
    return derive(key, "content names 1")
