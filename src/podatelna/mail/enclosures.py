"""What a letter takes along: files, and the pictures that its HTML shows."""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import dataclass

from .errors import Unwritable
from .header_writing import filename_parameter, ids_field, refuse_controls

_CONTENT_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
_LONGEST_LINE = 998  # RFC 5322 2.1.1
_PLAIN_NAME = 60  # characters; longer names are written in pieces


@dataclass(frozen=True)
class File:
    """An attachment."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Image:
    """A picture that the HTML of a letter shows as `cid:` and its `content_id`, which is without <>."""

    content_id: str
    content_type: str
    data: bytes
    name: str = ""


def file_entity(file: File) -> bytes:
    """The entity of an attachment: any type, any name, every octet as it was. Raises Unwritable."""
    content_type = _content_type(file.content_type)
    disposition = f"Content-Disposition: attachment{filename_parameter(file.name)}\r\n"
    if content_type == "message/rfc822" and is_seven_bit(file.data):
        # RFC 2046 5.2.1: a message must not be in base64.
        return entity(content_type, "7bit", disposition, file.data)
    if content_type == "message/rfc822":
        content_type = "message/global"  # RFC 6532 3.7: this one may be, so the octets survive servers of seven bits
    elif content_type.startswith("message/") and content_type != "message/global":
        content_type = "application/octet-stream"
    return entity(
        content_type + _charset(content_type, file.data) + _fallback(file.name),
        "base64",
        disposition,
        _base64(file.data),
    )


def image_entity(image: Image) -> bytes:
    """The entity of a picture beside the HTML. Raises Unwritable."""
    content_type = _content_type(image.content_type)
    if not content_type.startswith("image/"):
        raise Unwritable("image", f"not a picture: {content_type[:100]}")
    fields = ids_field("Content-ID", [image.content_id]) + "\r\nContent-Disposition: inline"
    fields += filename_parameter(image.name) if image.name else ""
    return entity(content_type + _fallback(image.name), "base64", f"{fields}\r\n", _base64(image.data))


def entity(content_type: str, encoding: str, more: str, body: bytes) -> bytes:
    """Content fields, an empty line, the body. `more` are whole lines."""
    fields = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n{more}\r\n"
    return fields.encode("ascii") + body


def _content_type(text: str) -> str:
    content_type = refuse_controls("content type", text).partition(";")[0].strip().lower()
    unfit = _CONTENT_TYPE.fullmatch(content_type) is None or content_type.startswith("multipart/")
    return "application/octet-stream" if unfit else content_type


def _charset(content_type: str, data: bytes) -> str:
    """A text without a charset is read as ASCII (RFC 2046 4.1.2); UTF-8 is said when it is that."""
    if not content_type.startswith("text/") or data.isascii():
        return ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "; charset=utf-8"


def _fallback(name: str) -> str:
    """A name in ASCII for programs that do not know RFC 2231; those that do read Content-Disposition first."""
    if name.isascii() and len(name) <= _PLAIN_NAME:
        return ""
    letters = unicodedata.normalize("NFKD", name)
    plain = "".join(char if char.isascii() else "_" for char in letters if unicodedata.combining(char) == 0)
    plain = re.sub(r'["\\]', "_", plain)
    stem, dot, extension = plain.rpartition(".")
    if dot and len(extension) <= 10:
        plain = f"{stem[: _PLAIN_NAME - 11]}.{extension}"
    return f';\r\n name="{plain[:_PLAIN_NAME]}"'


def is_seven_bit(data: bytes) -> bool:
    """Whether it goes through every server as it is: ASCII, CRLF, no line over 998, no NUL (RFC 2045 2.7)."""
    lines = data.split(b"\r\n")
    return (
        data.isascii()
        and b"\x00" not in data
        and all(len(line) <= _LONGEST_LINE and b"\n" not in line and b"\r" not in line for line in lines)
    )


def _base64(data: bytes) -> bytes:
    letters = base64.b64encode(data)
    lines = [letters[start : start + 76] for start in range(0, len(letters), 76)]
    return b"".join(line + b"\r\n" for line in lines)
