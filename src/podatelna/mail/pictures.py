"""Which parts are pictures inside of the HTML: named there by Content-ID (RFC 2392) or Content-Location (RFC 2557)."""

from __future__ import annotations

import html as escaping
import re
from collections.abc import Iterable
from urllib.parse import unquote

from .leaves import ParsedPart

_CID = re.compile(r"cid:([^\s\"'<>()]{1,500})", re.IGNORECASE)
_SOURCE = re.compile(
    r"(?:src|background)\s{0,20}=\s{0,20}(?:\"([^\"]{1,1000})\"|'([^']{1,1000})'|([^\s\"'>]{1,1000}))", re.IGNORECASE
)


def shown_in(html: str, parts: Iterable[ParsedPart]) -> frozenset[int]:
    """The positions of those of `parts` that are images and that `html` shows."""
    images = [part for part in parts if part.content_type.startswith("image/")]
    # Looked for only where a part has a name of that kind: in long HTML it takes a while.
    ids = _ids(html) if any(part.content_id for part in images) else set()
    sources = _sources(html) if any(part.location for part in images) else set()
    return frozenset(part.position for part in images if part.content_id in ids or part.location in sources)


def _ids(html: str) -> set[str]:
    written = {escaping.unescape(found) for found in _CID.findall(html)}
    return (written | {unquote(found) for found in written}) - {""}


def _sources(html: str) -> set[str]:
    written = {escaping.unescape("".join(found)).strip() for found in _SOURCE.findall(html)}
    return written - {""}
