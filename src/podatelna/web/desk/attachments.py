"""Files of messages and drafts: listed, shown where that is safe, and given out so that no browser runs them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.archive import extraction, store
from podatelna.archive.models import Part
from podatelna.mail.parse import ParsedPart

from .answers import me
from .file_words import reading_words
from .places import UNREADABLE, find

INLINE_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # not SVG: it is a document
PDF = "application/pdf"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


@dataclass(frozen=True)
class FileView:
    """A file as a list shows it; `preview` is "image", "text", "pdf" or "" and says how it can be looked at."""

    name: str
    content_type: str
    size: int
    url: str
    preview: str
    note: str = ""  # why search does not find it by what is in it, in words


def files_of(parts: Iterable[Part], base: str) -> list[FileView]:
    """The attachments among `parts` of one message; their URLs are below `base`, the message's."""
    attached = [part for part in parts if part.is_attachment]
    texts = extraction.readings_of(attached[0].message_id) if attached else {}
    return [
        FileView(
            name_of(part),
            part.content_type,
            part.size,
            f"{base}parts/{part.position}",
            kind(part.content_type),
            reading_words(texts.get(part.position)),
        )
        for part in attached
    ]


def file_of(part: ParsedPart) -> FileView:
    """An attachment of a message that is not in the archive yet: it is there, and cannot be fetched."""
    return FileView(name_of(part), part.content_type, len(part.content), "", "")


def name_of(part: Part | ParsedPart) -> str:
    """A name for the file, also when the message gives none."""
    return part.filename or _("attachment %(number)d") % {"number": part.position + 1}


def kind(content_type: str) -> str:
    """How a file of this type can be looked at: "image", "text", "pdf", or "" for not at all."""
    if content_type in INLINE_IMAGES:
        return "image"
    if content_type == PDF:
        return "pdf"
    # HTML, CSV with formulas, calendars: as text they are harmless, and what they are can be seen.
    return "text" if content_type.startswith("text/") else ""


@require_safe
def part(request: HttpRequest, message: int, position: int, conversation: int | None = None) -> HttpResponse:
    """The content of one part: a download, or with `?inline=1` something to look at where that is safe."""
    place = find(me(request), message, conversation)
    found = get_object_or_404(Part, message=place.message, position=position)
    try:
        data = store.content(found)
    except UNREADABLE:
        raise Http404 from None
    return give(data, name_of(found), found.content_type, inline="inline" in request.GET)


def give(data: bytes, name: str, content_type: str, *, inline: bool) -> HttpResponse:
    """A response with a stranger's bytes in it: never of a type that could act in this site's name."""
    shown_as = _shown_as(data, content_type) if inline else ""
    response = HttpResponse(data, content_type=shown_as or "application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(not shown_as, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = POLICY
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _shown_as(data: bytes, content_type: str) -> str:
    match kind(content_type):
        case "image":
            return content_type
        case "pdf":
            return PDF if data.startswith(b"%PDF-") else ""
        case "text":
            return "text/plain; charset=utf-8" if _is_utf8(data) else "text/plain; charset=windows-1250"
    return ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
