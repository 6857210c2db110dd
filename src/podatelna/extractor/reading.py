"""One file read: what it is, seen from its bytes, and all that is inside of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from podatelna.mail import rtf
from podatelna.mail.html import index_text
from podatelna.mail.parse import Parsed, parse

from .documents import OLD_SIGNATURE, OPEN_DOCUMENTS, PDF, PPTX, XLSX, add_document, old_type
from .findings import BOMB, BROKEN, PASSWORD, Budget, Found, Unreadable
from .kinds import MAIL, kind_of
from .packages import SIGNATURE, Package
from .plain import PLAIN, add_plain
from .word import MAIN, add_word

_MOST_HEAD = 1_024  # bytes in which a PDF's own mark may stand behind other things


def read_file(kind: str, data: bytes) -> Found:
    """The text of a file of this kind (see kinds.py), and of all that is packed in it. Bad files raise nothing."""
    budget = Budget()
    try:
        _add(kind, data, budget)
    except Unreadable as error:
        budget.note(error.reason, error.detail)
    return budget.found()


def _add(kind: str, data: bytes, budget: Budget) -> None:
    if kind in PLAIN and not data.startswith((b"%PDF-", SIGNATURE, OLD_SIGNATURE, b"{\\rtf")):
        add_plain(kind, data, budget)
    elif kind == MAIL:
        _add_mail(parse(data), budget)
    else:
        _add_document(data, budget)


def _add_document(data: bytes, budget: Budget) -> None:
    """Whatever it was called: bytes say what they are."""
    if data.startswith(SIGNATURE):
        _add_package(Package(data, budget), data, budget)
    elif data.startswith(OLD_SIGNATURE):
        add_document(old_type(data), data, budget)
    elif data.startswith(b"{\\rtf"):
        budget.add(rtf.text_of(data[: rtf.MAX_RTF]))
    elif b"%PDF-" in data[:_MOST_HEAD]:
        add_document(PDF, data, budget)
    else:
        raise Unreadable(BROKEN, "its bytes are of no document that is known")


# --- what is packed in it --------------------------------------------------------------------------------


def _add_package(package: Package, data: bytes, budget: Budget) -> None:
    names = package.names
    if MAIN in names:
        add_word(package, budget)
    elif any(name.startswith("xl/") for name in names):
        _add_checked(XLSX, package, data, budget)
    elif any(name.startswith("ppt/") for name in names):
        _add_checked(PPTX, package, data, budget)
    elif "mimetype" in names and "content.xml" in names:
        _add_open_document(package, data, budget)
    else:
        _add_archive(package, budget)


def _add_open_document(package: Package, data: bytes, budget: Budget) -> None:
    # OpenDocument 1.3 part 2, 3.4.1: what is encrypted is named in the manifest.
    if "META-INF/manifest.xml" in package.names and b"encryption-data" in package.read("META-INF/manifest.xml"):
        raise Unreadable(PASSWORD)
    content_type = package.read("mimetype").decode("ascii", "replace").strip().removesuffix("-template")
    if content_type not in OPEN_DOCUMENTS:
        raise Unreadable(BROKEN, f"OpenDocument of the type {content_type[:100]}")
    _add_checked(content_type, package, data, budget)


def _add_checked(content_type: str, package: Package, data: bytes, budget: Budget) -> None:
    """A document whose reader unpacks by itself: what it will meet is unpacked here first, and must have an end."""
    for name in package.names:
        if name.endswith((".xml", ".rels")):
            package.read(name)
    add_document(content_type, data, budget)


def _add_archive(package: Package, budget: Budget) -> None:
    with budget.inside():
        for name in package.names:
            budget.take_file()
            budget.add(name)
            if kind := kind_of("", name):
                _add_inside(kind, partial(package.read, name), budget)


def _add_mail(message: Parsed, budget: Budget) -> None:
    people = (*message.authors, *message.to, *message.cc)
    with budget.inside():
        budget.add("\n".join([message.subject, *(f"{one.name} {one.address}" for one in people)]))
        budget.add(message.text if message.text.strip() else index_text(message.html))
        for part in message.parts:
            if part.is_attachment:
                budget.take_file()
                budget.add(part.filename)
                if kind := kind_of(part.content_type, part.filename):
                    _add_inside(kind, partial(getattr, part, "content"), budget)


def _add_inside(kind: str, content: Callable[[], bytes], budget: Budget) -> None:
    """A file inside: what is wrong with it costs its own text only, but for a bomb, which ends the whole."""
    try:
        _add(kind, content(), budget)
    except Unreadable as error:
        if error.reason == BOMB:
            raise
        budget.note(error.reason, error.detail)
