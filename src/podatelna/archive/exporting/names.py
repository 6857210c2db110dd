"""Names of files in an export: unique, the same each time, and safe on every system."""

from __future__ import annotations

import re
import unicodedata

from podatelna.archive.labels import folders_of
from podatelna.protocols.folders import encode

from .deliveries import Exported

_LETTERS = {"\\Seen": "S", "\\Answered": "R", "\\Flagged": "F", "\\Draft": "D", "\\Deleted": "T", "#$Forwarded": "P"}
_UNSAFE = re.compile(r"[^A-Za-z0-9.@+_-]+")
_LONGEST_SUBJECT = 60
_LONGEST_FOLDER = 180  # bytes; file systems take 255 with what stands around it


def readable(one: Exported) -> str:
    """`folder/2026-05-04_1200_jana@example.cz_Reklamace-pracky_4711.eml`, ASCII; the number is the delivery's."""
    message = one.delivery.message
    moment = message.sent_at or message.received_at
    pieces = (f"{moment:%Y-%m-%d_%H%M}", _ascii(message.from_address, 40), _ascii(message.subject, _LONGEST_SUBJECT))
    name = "_".join(piece for piece in (*pieces, str(one.delivery.pk)) if piece)
    folder = [_folder_name(level) for level in _first_folder(one).split("/") if level]
    return "/".join([*folder, f"{name}.eml"])


def maildir(one: Exported) -> tuple[str, str]:
    """The Maildir++ folder ("" for the inbox, ".Work.2024") and the name in `cur`, with size and flags.

    The name is that of the delivery and its content, so that an export that is repeated finds what it wrote.
    """
    delivery = one.delivery
    seconds = int(delivery.message.received_at.timestamp())
    letters = "".join(sorted({_LETTERS[label] for label in one.labels if label in _LETTERS}))
    sha256 = bytes(delivery.sha256).hex()
    return _maildir_folder(one), f"{seconds}.D{delivery.pk}H{sha256[:12]}.podatelna,S={delivery.size}:2,{letters}"


def _maildir_folder(one: Exported) -> str:
    name = _first_folder(one)
    if not name or name.upper() == "INBOX":
        return ""
    # A dot parts the levels, so that none can stand in a name.
    levels = [level.replace(".", "_") for level in name.split("/") if level]
    encoded = ".".join(encode(level).decode("ascii") for level in levels)
    return "." + encoded.replace("\\", "_")[:_LONGEST_FOLDER]


def _first_folder(one: Exported) -> str:
    return next(iter(folders_of(one.labels)), "")


def _ascii(text: str, longest: int) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("-", plain).strip("-._")[:longest].rstrip("-._")


def _folder_name(level: str) -> str:
    """A folder's name as it is but for what some system forbids; never "." or "..", nor a name of a device."""
    clean = "".join("_" if char in '<>:"\\|?*' or not char.isprintable() else char for char in level).strip(". ")
    clean = clean.encode("utf-8", "replace")[:_LONGEST_FOLDER].decode("utf-8", "ignore")
    reserved = re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", clean, re.IGNORECASE)
    return f"_{clean}" if reserved or not clean else clean
