"""Names of attachments made safe to be shown, stored and downloaded, with their letters kept."""

from __future__ import annotations

import re
import unicodedata

from .text import one_line

MAX_CHARACTERS = 150
MAX_BYTES = 200  # most file systems take 255 bytes; a download manager may add to the name
_MAX_EXTENSION = 20
_SEPARATORS = re.compile(r"[/\\\u2044\u2215\u29f5\u29f8\uff0f\uff3c]+")  # and what looks like them
_ABSOLUTE = re.compile(r"[A-Za-z]:[/\\]|[/\\~]|file:/", re.IGNORECASE)
_STEPS = re.compile(r"(?:^|[/\\])\.\.?(?:[/\\]|$)")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)", re.IGNORECASE)


def safe_filename(name: str) -> str:
    """`name` as a file's name: no path, no controls or marks that turn the writing around, no reserved name.

    Letters stay (NFC), length is bounded and the extension survives. "" when nothing is left.
    """
    text = unicodedata.normalize("NFC", one_line(name, 2_000))
    text = _without_path(text)
    # A leading dot hides the file, a trailing one vanishes on Windows.
    text = _FORBIDDEN.sub("_", text).strip(". ")
    if _RESERVED.match(text):
        text = f"_{text}"
    return _shortened(text)


def _without_path(text: str) -> str:
    # A real path goes; "Faktura 55/2026.pdf" has a slash in a number, which stays readable as an underscore.
    if _ABSOLUTE.match(text) or _STEPS.search(text):
        text = _SEPARATORS.split(text)[-1]
    return _SEPARATORS.sub("_", text)


def _shortened(text: str) -> str:
    if len(text) <= MAX_CHARACTERS and len(text.encode()) <= MAX_BYTES:
        return text
    stem, extension = _parted(text)
    bytes_left = MAX_BYTES - len(extension.encode())
    stem = stem[: MAX_CHARACTERS - len(extension)].encode()[:bytes_left].decode("utf-8", "ignore")
    return f"{stem.rstrip('. ')}{extension}"


def _parted(name: str) -> tuple[str, str]:
    """Stem and extension with its dot; what is longer than extensions are is none."""
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > _MAX_EXTENSION or " " in extension:
        return name, ""
    return stem, dot + extension
