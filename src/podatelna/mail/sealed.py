"""Mail that is signed or encrypted (S/MIME, OpenPGP): what is noticed, and the message inside of a signed S/MIME part.

Nothing is verified or decrypted here. A message that was only signed, in one block with its signature (RFC 8551 3.5.2),
lies in that block to be read: a DER or BER reader of a few lines finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .leaves import ParsedPart

SIGNED, ENCRYPTED = "signed", "encrypted"
SMIME, PGP = "smime", "pgp"
TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
MAX_LEVELS = 3  # a signed message that was signed again
_SIGNATURES = {
    "application/pkcs7-signature": f"{SMIME}-{SIGNED}",
    "application/x-pkcs7-signature": f"{SMIME}-{SIGNED}",
    "application/pgp-signature": f"{PGP}-{SIGNED}",
    "application/pgp-encrypted": f"{PGP}-{ENCRYPTED}",  # RFC 3156 4: says "Version: 1"; the rest is in another part
}
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_ENVELOPED = (bytes.fromhex("06092a864886f70d010703"), bytes.fromhex("060b2a864886f70d0109100117"))
_DATA = bytes.fromhex("06092a864886f70d010701")
_SEQUENCE, _EXPLICIT, _OCTETS, _MORE_OCTETS = 0x30, 0xA0, 0x04, 0x24
_HEAD = 64  # bytes among which the kind of a CMS block stands
_ARMOUR = "-----BEGIN PGP MESSAGE-----"
_SIGNED_TEXT = "-----BEGIN PGP SIGNED MESSAGE-----"
_ARMOURED_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_ARMOUR_HEADER = re.compile(r"(?:Hash|Charset|NotDashEscaped|Version|Comment|MessageID):")


def is_wrapping(part: ParsedPart) -> bool:
    """Whether a part is a signature, or what was encrypted, and no file that somebody attached."""
    if part.content_type in _SIGNATURES:
        return True
    if part.content_type in TYPES or part.filename.lower().endswith(".p7m"):
        return bool(_kind(part.content))
    if part.content_type != "application/octet-stream" and not part.filename.lower().endswith((".asc", ".pgp", ".gpg")):
        return False
    return part.content[:100].lstrip().startswith(_ARMOUR.encode())


def without_armour(text: str) -> str:
    """Text as it was before OpenPGP signed or encrypted it inline (RFC 9580 7): what nobody can read is left out.

    Text whose armour does not end as it should is left as it is.
    """
    if _ARMOUR not in text and _SIGNED_TEXT not in text:
        return text
    kept: list[str] = []
    state = ""
    for line in text.split("\n"):
        mark = line.rstrip() if line.startswith("-----") else ""
        if state == "armour":
            state = "" if mark.startswith("-----END PGP ") else state
        elif mark == _ARMOUR or (mark == _ARMOURED_SIGNATURE and state == "signed"):
            state = "armour"
        elif mark == _SIGNED_TEXT and not state:
            state = "head"
        elif state == "head" and (not line.strip() or _ARMOUR_HEADER.match(line)):
            state = state if line.strip() else "signed"
        else:
            state = "signed" if state == "head" else state
            # RFC 9580 7.2: a line that begins with a dash has "- " before it.
            kept.append(line[2:] if state == "signed" and line.startswith("- ") else line)
    return text if state else "\n".join(kept)


def find_seals(parts: Iterable[ParsedPart], text: str) -> tuple[str, ...]:
    """How a message is sealed, as "smime-signed", "smime-encrypted", "pgp-signed", "pgp-encrypted"; each once."""
    found: list[str] = []
    for part in parts:
        if part.content_type in _SIGNATURES:
            found.append(_SIGNATURES[part.content_type])
        elif part.content_type in TYPES or part.filename.lower().endswith(".p7m"):
            found.append(_kind(part.content))
    # At the beginning of a line: in a quote or a sentence it is only spoken of.
    if f"\n{_ARMOUR}" in f"\n{text}":
        found.append(f"{PGP}-{ENCRYPTED}")
    if f"\n{_SIGNED_TEXT}" in f"\n{text}":
        found.append(f"{PGP}-{SIGNED}")
    return tuple(dict.fromkeys(one for one in found if one))


def _kind(block: bytes) -> str:
    if _SIGNED_DATA in block[:_HEAD]:
        return f"{SMIME}-{SIGNED}"
    return f"{SMIME}-{ENCRYPTED}" if any(kind in block[:_HEAD] for kind in _ENVELOPED) else ""


def open_signed(block: bytes) -> bytes | None:
    """The message inside of a signed S/MIME block; None when it is anything else, or broken."""
    found: bytes | None = None
    for _ in range(MAX_LEVELS):
        inner = _content(block)
        if inner is None:
            break
        found = block = inner
    return found


class _Broken(Exception):
    """What is no BER, or is cut off."""


def _content(block: bytes) -> bytes | None:
    """RFC 5652 5.1: the eContent of SignedData."""
    if _SIGNED_DATA not in block[:_HEAD]:
        return None
    try:
        place = _enter(block, 0, _SEQUENCE)
        place = _enter(block, _over(block, place), _EXPLICIT)
        place = _enter(block, place, _SEQUENCE)
        place = _over(block, _over(block, place))  # the version, the digest algorithms
        place = _enter(block, place, _SEQUENCE)
        if not block.startswith(_DATA, place):
            return None
        return _octets(block, _enter(block, place + len(_DATA), _EXPLICIT))
    except _Broken:
        return None


def _header(block: bytes, place: int) -> tuple[int, int, int]:
    """(tag, where the value begins, where it ends; -1 where an end mark tells)."""
    if place + 2 > len(block):
        raise _Broken
    length = block[place + 1]
    start = place + 2
    if length == 0x80:
        return block[place], start, -1
    if length > 0x80:
        size = length & 0x7F
        if size > 8 or start + size > len(block):
            raise _Broken
        length = int.from_bytes(block[start : start + size], "big")
        start += size
    return block[place], start, start + length


def _enter(block: bytes, place: int, tag: int) -> int:
    found, start, _ = _header(block, place)
    if found != tag:
        raise _Broken
    return start


def _over(block: bytes, place: int) -> int:
    """Just behind the element at `place`."""
    depth = 0
    while True:
        tag, start, end = _header(block, place)
        if end < 0:
            depth += 1
            place = start
            continue
        place = end
        if depth and tag == 0 and end == start:
            depth -= 1
        if not depth:
            return place


def _octets(block: bytes, place: int) -> bytes:
    """The value of an OCTET STRING in one piece or, as programs write that stream, in many."""
    tag, start, end = _header(block, place)
    if tag == _OCTETS:
        return block[start:end]
    if tag != _MORE_OCTETS:
        raise _Broken
    pieces: list[bytes] = []
    limit = end if end >= 0 else len(block)
    place = start
    while place < limit:
        tag, start, end = _header(block, place)
        if tag != _OCTETS or end < 0:
            break
        pieces.append(block[start:end])
        place = end
    return b"".join(pieces)
