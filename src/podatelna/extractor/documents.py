"""Documents that kreuzberg reads: PDF, sheets, slides, OpenDocument, old Office. Only in the helper process."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

from .findings import BROKEN, EMPTY, PASSWORD, UNAVAILABLE, Budget, Unreadable

PDF = "application/pdf"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OASIS = "application/vnd.oasis.opendocument"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"
PPTX = f"{_OFFICE}.presentationml.presentation"
OPEN_DOCUMENTS = frozenset({f"{_OASIS}.text", f"{_OASIS}.spreadsheet", f"{_OASIS}.presentation"})
OLD_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # MS-CFB 2.2
# Streams that a compound file is known by. EncryptedPackage is MS-OFFCRYPTO 2.3: an Office file behind a password.
_OLD = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "__properties_version1.0": "application/vnd.ms-outlook",
}
_ENCRYPTED = "EncryptedPackage"
_SMALLEST_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def old_type(data: bytes) -> str:
    """The content type of a compound file. Raises Unreadable."""
    if _ENCRYPTED.encode("utf-16-le") in data:
        raise Unreadable(PASSWORD)
    for stream, content_type in _OLD.items():
        if stream.encode("utf-16-le") in data:
            return content_type
    raise Unreadable(BROKEN, "a compound file of no kind that is read")


def add_document(content_type: str, data: bytes, budget: Budget) -> None:
    """Add the words of a document. Raises Unreadable."""
    kreuzberg = _kreuzberg()
    try:
        text: str = kreuzberg.extract_bytes_sync(data, content_type, config=_settings()).content
    except kreuzberg.KreuzbergError as error:
        words = str(error)
        raise Unreadable(PASSWORD if "password" in words.lower() else BROKEN, words[:500]) from error
    if not text.strip():
        budget.note(EMPTY)
    budget.add(text.replace("\r\n", "\n"))


def _kreuzberg() -> Any:
    try:
        import kreuzberg
    except ImportError as error:
        raise Unreadable(UNAVAILABLE, f"the package kreuzberg: {error}") from error
    return kreuzberg


@cache
def _settings() -> Any:
    kreuzberg = _kreuzberg()
    return kreuzberg.ExtractionConfig(
        use_cache=False,  # it would write mail into files of its own
        disable_ocr=True,
        enable_quality_processing=False,
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
    )


def warm_up() -> None:
    """Have the libraries open what they open with the first document. Without the package nothing happens."""
    with suppress(Unreadable):
        add_document(PDF, _SMALLEST_PDF, Budget())
