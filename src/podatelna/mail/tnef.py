"""winmail.dat, what Outlook packs into one part (TNEF, MS-OXTNEF), taken apart: body, and attachments by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct

from . import mapi
from .charset_tables import codepage
from .charsets import decode_bytes
from .contained import UNKNOWN, Contained, type_of
from .rtf import MAX_RTF, decompress, html_of, text_of

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_FILES = 1_000
MAX_LEVELS = 5  # messages attached to messages that are taken apart
MAX_MESSAGES = 50
_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_HEADER = Struct("<BII")
_MESSAGE_CLASS, _CODEPAGE, _BODY, _PROPERTIES = 0x8008, 0x9007, 0x800C, 0x9003
_RENDERING, _TITLE, _DATA, _FILE_NAME, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9001, 0x9005
DEFECT = "broken winmail.dat"


@dataclass
class Tnef:
    """What a winmail.dat holds."""

    message_class: str = ""  # "IPM.Note", "IPM.Microsoft Schedule.MtgReq" …
    text: str = ""
    html: str = ""
    files: list[Contained] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


@dataclass
class _Budget:
    rtf: int  # bytes that may still be made of compressed RTF, in all messages of a winmail.dat together


@dataclass
class _File:
    title: bytes = b""
    data: bytes = b""
    properties: dict[int, mapi.Value] = field(default_factory=dict)


def may_be_tnef(content_type: str, name: str) -> bool:
    """Whether a part may be a winmail.dat, by what it is called; then its first bytes are SIGNATURE."""
    return content_type in _TYPES or name.lower() in ("winmail.dat", "win.dat")


def read_tnef(content: bytes) -> Tnef:
    """Take a winmail.dat apart. Never raises: what is broken is named in `defects`, what came before it is kept."""
    budget = _Budget(MAX_RTF)
    whole, inner = _read_one(content, budget)
    waiting = [(one, 1) for one in inner]
    for _ in range(MAX_MESSAGES):
        if not waiting:
            break
        attached, level = waiting.pop(0)
        found, deeper = _read_one(attached.content, budget)
        whole.files += _as_file(attached.name, found) + found.files
        if level < MAX_LEVELS and len(whole.files) < MAX_FILES:
            waiting += [(one, level + 1) for one in deeper]
    del whole.files[MAX_FILES:]
    return whole


def _as_file(name: str, message: Tnef) -> list[Contained]:
    """The body of an attached message, as a file to read."""
    name = name or "message"
    if message.html:
        return [Contained(f"{name}.html", message.html.encode(), "text/html")]
    return [Contained(f"{name}.txt", message.text.encode(), "text/plain")] if message.text.strip() else []


def _read_one(content: bytes, budget: _Budget) -> tuple[Tnef, list[Contained]]:
    """One level: what it holds, and the messages attached to it, still packed."""
    made = Tnef()
    files: list[_File] = []
    page = 1252
    body = b""
    properties: dict[int, mapi.Value] = {}
    for attribute, data in _attributes(content, made.defects):
        if attribute == _MESSAGE_CLASS:
            made.message_class = data.rstrip(b"\x00").decode("latin-1")[:100]
        elif attribute == _CODEPAGE:
            page = int.from_bytes(data[:4], "little")
        elif attribute == _BODY:
            body = data
        elif attribute == _PROPERTIES:
            properties = _properties(data, made.defects)
        elif attribute == _RENDERING and len(files) < MAX_FILES:
            files.append(_File())
        elif files:
            _add(files[-1], attribute, data, made.defects)
    charset = codepage(page) or "cp1252"
    _set_body(made, properties, body, charset, budget)
    inner = []
    for one in files:
        message = mapi.attached_message(one.properties)
        if message:
            inner.append(Contained(_name(one, charset), message))
        else:
            made.files.append(_contained(one, charset))
    return made, inner


def _attributes(content: bytes, defects: list[str]) -> Iterator[tuple[int, bytes]]:
    """(the attribute's number, its data) in order, as far as they go (MS-OXTNEF 2.1.3)."""
    position = 6
    if not content.startswith(SIGNATURE):
        defects.append(DEFECT)
        return
    while position + _HEADER.size <= len(content):
        level, tag, size = _HEADER.unpack_from(content, position)
        position += _HEADER.size
        if level not in (1, 2) or position + size > len(content):
            defects.append(DEFECT)
            if level in (1, 2):
                # Cut off: a part of a file is better than none.
                yield tag & 0xFFFF, content[position:]
            return
        yield tag & 0xFFFF, content[position : position + size]
        position += size + 2


def _properties(data: bytes, defects: list[str]) -> dict[int, mapi.Value]:
    found, whole = mapi.read_properties(data)
    if not whole:
        defects.append(DEFECT)
    return found


def _add(file: _File, attribute: int, data: bytes, defects: list[str]) -> None:
    if attribute == _TITLE or (attribute == _FILE_NAME and not file.title):
        file.title = data.rstrip(b"\x00")
    elif attribute == _DATA:
        file.data = data
    elif attribute == _FILE_PROPERTIES:
        file.properties = _properties(data, defects)


def _set_body(made: Tnef, properties: dict[int, mapi.Value], body: bytes, charset: str, budget: _Budget) -> None:
    internet = codepage(mapi.number(properties, mapi.INTERNET_CODEPAGE)) or charset
    page = properties.get(mapi.BODY_HTML)
    if isinstance(page, bytes):
        made.html = decode_bytes(page.rstrip(b"\x00"), internet)[0]
    elif isinstance(page, str):
        made.html = page
    packed = properties.get(mapi.RTF_COMPRESSED)
    rtf = b""
    if isinstance(packed, bytes):
        rtf, defect = decompress(packed, budget.rtf)
        budget.rtf -= len(rtf)
        if defect:
            made.defects.append(defect)
    made.html = made.html or html_of(rtf)
    made.text = mapi.text(properties, mapi.BODY, charset) or decode_bytes(body.rstrip(b"\x00"), charset)[0]
    made.text = made.text or ("" if made.html else text_of(rtf))


def _contained(file: _File, charset: str) -> Contained:
    name = _name(file, charset)
    data = file.data or mapi.data(file.properties)
    said = mapi.text(file.properties, mapi.MIME_TAG, charset).strip().lower()
    content_id = mapi.text(file.properties, mapi.CONTENT_ID, charset).strip().strip("<>")
    return Contained(name, data, said if "/" in said and said != UNKNOWN else type_of(name), content_id)


def _name(file: _File, charset: str) -> str:
    for tag in (mapi.LONG_NAME, mapi.SHORT_NAME, mapi.DISPLAY_NAME):
        found = mapi.text(file.properties, tag, charset)
        # The short name is 8.3; the title may be longer.
        if found and (tag != mapi.SHORT_NAME or not file.title):
            return found
        if tag == mapi.LONG_NAME and file.title:
            return decode_bytes(file.title, charset)[0]
    return ""
