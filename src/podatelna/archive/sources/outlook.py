"""An item of Outlook as the e-mail that it was (RFC 5322): its transport headers where there are any, bodies, files.

Outlook does not keep the message that came, only what it made of it. The same item always gives the same bytes, so that
a second import finds it again; boundaries are made of the content.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from podatelna.mail.addresses import Address
from podatelna.mail.errors import Unwritable
from podatelna.mail.header_writing import address_field, filename_parameter, ids_field, text_field
from podatelna.mail.rtf import decompress, html_of, text_of

_DEEPEST = 8  # messages attached to messages
_OURS = re.compile(r"(?:content-[\w-]+|mime-version)\s*:", re.IGNORECASE)
_FIELD = re.compile(r"[!-9;-~]+[ \t]*:")
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+\Z")
_CONTENT_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,200}\Z")


@dataclass(frozen=True)
class File:
    """A file under an item; `item` instead of `data` where it is a message."""

    name: str
    content_type: str
    data: bytes = b""
    content_id: str = ""
    item: Item | None = None


@dataclass(frozen=True)
class Item:
    """What Outlook knows of a message. `headers`: as they came ("" of what was written here or sent within a house)."""

    headers: str = ""
    subject: str = ""
    sender: Address | None = None
    to: Sequence[Address] = ()
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    message_id: str = ""
    in_reply_to: str = ""
    sent_at: datetime | None = None
    text: str = ""
    html: bytes = b""
    html_charset: str = "utf-8"
    rtf: bytes = b""  # compressed
    files: Sequence[File] = field(default_factory=tuple)
    message_class: str = ""
    read: bool = True


def as_mail(item: Item, depth: int = 0) -> bytes:
    """The item as a message with CRLF."""
    header = _came(item) or _made(item)
    if whole := _whole_content(item):
        return header + whole
    return header + b"MIME-Version: 1.0\r\n" + _content(item, depth)


def _came(item: Item) -> bytes:
    """The transport headers without those that speak of the content, which is written anew."""
    lines: list[str] = []
    ours = False
    for line in re.split(r"\r\n|\r|\n", item.headers.replace("\0", "")):
        if not line.strip():
            if lines:
                break
            continue
        if line[0] not in " \t":
            if not _FIELD.match(line):
                continue  # "Microsoft Mail Internet Headers Version 2.0" stands above some
            ours = _OURS.match(line) is not None
        elif not lines:
            continue
        if not ours:
            lines.append(line)
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")


def _made(item: Item) -> bytes:
    """A header of what Outlook says itself."""
    fields = []
    if item.sent_at is not None:
        fields.append(f"Date: {format_datetime(item.sent_at.astimezone(UTC).replace(microsecond=0))}")
    for name, people in (
        ("From", [item.sender] if item.sender else []),
        ("To", item.to),
        ("Cc", item.cc),
        ("Bcc", item.bcc),
    ):
        fields += _addresses(name, people)
    fields.append(text_field("Subject", _printable(item.subject)))
    for name, one in (("Message-ID", item.message_id), ("In-Reply-To", item.in_reply_to)):
        fields += _id(name, one)
    return "".join(f"{one}\r\n" for one in fields).encode("utf-8", "replace")


def _addresses(name: str, people: Sequence[Address]) -> list[str]:
    """Whom Exchange knows by a directory entry alone has no address that could be written: the name stands for it."""
    clean = [Address(_printable(one.name), _printable(one.address).strip()) for one in people]
    try:
        return [address_field(name, clean)] if clean else []
    except Unwritable:
        words = "; ".join(f"{one.name} <{one.address}>" if one.address else one.name for one in clean)
        return [text_field(name, words)]


def _id(name: str, message_id: str) -> list[str]:
    try:
        return [ids_field(name, [message_id.strip().strip("<>")])] if message_id.strip() else []
    except Unwritable:
        return []


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


# --- content -------------------------------------------------------------------------------------------------


def _whole_content(item: Item) -> bytes:
    """Of a signed or sealed message Outlook keeps the whole content, to the byte, as its one attachment."""
    if "SMIME" not in item.message_class.upper() or len(item.files) != 1:
        return b""
    data = item.files[0].data
    if item.message_class.upper().endswith("MULTIPARTSIGNED") and data[:13].lower() == b"content-type:":
        return b"MIME-Version: 1.0\r\n" + data
    named = b'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\r\n'
    return b"MIME-Version: 1.0\r\n" + named + _base64(data, b'attachment; filename="smime.p7m"')


def _content(item: Item, depth: int) -> bytes:
    text, html, charset = item.text, item.html, item.html_charset
    if not html and item.rtf:
        rtf, _ = decompress(item.rtf)
        html, charset = html_of(rtf).encode("utf-8", "replace"), "utf-8"
        text = text or ("" if html else text_of(rtf))
    bodies = []
    if text or not html:
        bodies.append(_text("plain", text.encode("utf-8", "replace"), "utf-8"))
    if html:
        bodies.append(_text("html", html, charset))
    body = bodies[0] if len(bodies) == 1 else _multipart("alternative", bodies)
    if not item.files:
        return body
    kind = "related" if all(file.content_id for file in item.files) and html else "mixed"
    return _multipart(kind, [body, *(_file(file, depth) for file in item.files)])


def _text(subtype: str, data: bytes, charset: str) -> bytes:
    head = f"Content-Type: text/{subtype}; charset={charset}\r\n".encode("ascii", "replace")
    return head + _base64(data)


def _file(file: File, depth: int) -> bytes:
    name = _printable(file.name).strip() or "attachment"
    disposition = ("inline" if file.content_id else "attachment") + filename_parameter(name)
    if file.item is not None and depth < _DEEPEST:
        inner = as_mail(file.item, depth + 1)
        return (
            b"Content-Type: message/rfc822\r\nContent-Disposition: " + disposition.encode("ascii") + b"\r\n\r\n" + inner
        )
    content_type = file.content_type if _CONTENT_TYPE.match(file.content_type) else "application/octet-stream"
    if content_type.startswith(("message/", "multipart/")):
        content_type = "application/octet-stream"  # RFC 2045 6.4: these may not stand in base64
    head = f"Content-Type: {content_type}\r\n"
    if _CONTENT_ID.match(file.content_id.strip("<>")):
        head += f"Content-ID: <{file.content_id.strip('<>')}>\r\n"
    return head.encode("ascii") + _base64(file.data, disposition.encode("ascii"))


def _base64(data: bytes, disposition: bytes = b"") -> bytes:
    head = b"Content-Transfer-Encoding: base64\r\n"
    if disposition:
        head += b"Content-Disposition: " + disposition + b"\r\n"
    return head + b"\r\n" + base64.encodebytes(data).replace(b"\n", b"\r\n")


def _multipart(subtype: str, entities: Sequence[bytes]) -> bytes:
    digest = hashlib.sha256(b"\0".join(entities)).hexdigest()[:32]
    boundary = f"=_outlook_{digest}".encode("ascii")  # "=_" cannot stand in base64 or quoted-printable
    head = b"Content-Type: multipart/" + subtype.encode("ascii") + b';\r\n boundary="' + boundary + b'"\r\n\r\n'
    parts = b"".join(b"--" + boundary + b"\r\n" + entity + b"\r\n" for entity in entities)
    return head + parts + b"--" + boundary + b"--\r\n"
