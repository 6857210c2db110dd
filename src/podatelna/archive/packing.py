"""How rows keep their bytes: packed with the newest dictionary, then sealed with the newest key, and read back.

What is sealed is bound to what it belongs to (its *context*): a piece moved into another row does not open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import zstandard

from . import compression, sealing
from .compression import Trained
from .errors import Damaged
from .models import Dictionary


@dataclass(frozen=True)
class Packing:
    """With which dictionary and key something is written; one look for a whole batch."""

    trained: Trained | None
    key: int

    @classmethod
    def now(cls) -> Packing:
        """With the newest of both. One small query."""
        return cls(newest(), sealing.current_key())

    @classmethod
    def plain(cls) -> Packing:
        """Without a dictionary."""
        return cls(None, sealing.current_key())

    @property
    def number(self) -> int:
        """The dictionary's; 0 for none."""
        return self.trained.id if self.trained else 0

    @property
    def codec(self) -> str:
        """What a Blob row says of content that is stored so."""
        return f"k{self.key}" if self.key else "packed"

    def store(self, data: bytes, context: bytes) -> bytes:
        """`data` for a column; `read` undoes it."""
        return sealing.seal(compression.pack(data, self.trained), context, self.key)

    def store_like(self, data: bytes, base: bytes, context: bytes) -> bytes:
        """`data` coded against `base`, b"" where it is the same; `read_like` undoes it."""
        packed = compression.pack_like(data, base, self.trained)
        return sealing.seal(packed, context, self.key) if packed else b""

    def frame(self, data: bytes, context: bytes) -> bytes:
        """`data` for the blob store: without a key any zstd program reads it, without the database."""
        return sealing.seal(compression.frame(data), context, self.key)


def read(stored: bytes, context: bytes) -> bytes:
    """What was stored. Raises Damaged, KeyMissing."""
    return _read(stored, context, None)


def read_like(stored: bytes, base: bytes, context: bytes) -> bytes:
    """What was stored against `base`. Raises Damaged, KeyMissing."""
    return _read(stored, context, base) if stored else base


def _read(stored: bytes, context: bytes, base: bytes | None) -> bytes:
    packed = sealing.unseal(stored, context)
    try:
        return compression.unpack(packed, find, base)
    except (zstandard.ZstdError, ValueError) as error:
        raise Damaged(f"stored bytes do not unpack: {error}") from error


def dictionary_of(stored: bytes, context: bytes) -> int:
    """The number of the dictionary that something was stored with; 0 for none. Raises Damaged, KeyMissing."""
    return compression.dictionary_of(sealing.unseal(stored, context))


def stands_alone(stored: bytes, context: bytes) -> bool:
    """Whether something was stored without a base. Raises Damaged, KeyMissing."""
    return bool(stored) and sealing.unseal(stored, context)[:1] != compression.LIKE


# --- contexts --------------------------------------------------------------------------------------------


def of_message(fingerprint: bytes) -> bytes:
    """Of a message's skeleton."""
    return b"message " + fingerprint


def of_delivery(sha256: bytes) -> bytes:
    """Of a delivery's header block."""
    return b"header " + sha256


def of_blob(sha256: bytes) -> bytes:
    """Of a blob's content."""
    return b"blob " + sha256


def of_dictionary(number: int) -> bytes:
    """Of a dictionary."""
    return b"dictionary %d" % number


# --- dictionaries ----------------------------------------------------------------------------------------


_known: dict[int, tuple[datetime, Trained]] = {}


def newest() -> Trained | None:
    """The dictionary for what is written now; None before there is one. One small query."""
    row = Dictionary.objects.order_by("-pk").values_list("pk", "made_at").first()
    if row is None:
        return None
    number, made_at = row
    known = _known.get(number)
    return known[1] if known and known[0] == made_at else _load(number)


def find(number: int) -> Trained:
    """The dictionary that a frame names. Raises Damaged when it is not here."""
    known = _known.get(number)
    return known[1] if known else _load(number)


def _load(number: int) -> Trained:
    row = Dictionary.objects.filter(pk=number).first()
    if row is None:
        raise Damaged(f"dictionary {number} is missing")
    stored = sealing.unseal(bytes(row.data), of_dictionary(number))
    trained = Trained(compression.unpack(stored, find))
    _known[number] = row.made_at, trained
    return trained
