"""Messages in the forms that signatures are made over (RFC 6376 3.4). Linear in the size of the message."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_FIELDS = 5_000
MAX_HEADER = 2_000_000  # octets: each signature reads all of them
_BLANKS = re.compile(rb"[ \t]+")
_FOLD = re.compile(rb"\r\n")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_BARE_LF = re.compile(rb"(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class SignedField:
    """A header field with every byte it came with, CRLF at its end included."""

    key: str  # the name in lower case
    raw: bytes

    @property
    def value(self) -> bytes:
        """What stands behind the colon."""
        return self.raw.partition(b":")[2]


def split_message(raw: bytes) -> tuple[list[SignedField], bytes]:
    """The fields and the body with CRLF line breaks. A mailbox that keeps LF lost nothing that is signed."""
    data = raw if _BARE_LF.search(raw) is None else raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if data.startswith(b"\r\n"):
        return [], data[2:]
    end = data.find(b"\r\n\r\n")
    header, body = (data, b"") if end < 0 else (data[: end + 2], data[end + 4 :])
    return _fields(header), body


def body_start(raw: bytes) -> int:
    """Where `split_message` sees the body begin, in `raw` as it is."""
    if raw.startswith((b"\r\n", b"\n")):
        return 2 if raw[:1] == b"\r" else 1
    end = _EMPTY_LINE.search(raw)
    return end.end() if end else len(raw)


def _fields(header: bytes) -> list[SignedField]:
    lines: list[list[bytes]] = []
    for line in header[:MAX_HEADER].split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and lines:
            lines[-1].append(line)
        elif b":" in line:
            lines.append([line])
        # Else a line that is no field: an mbox "From " line, or rubbish that nothing was signed with.
        if len(lines) > MAX_FIELDS:
            break
    return [_field(b"\r\n".join(each) + b"\r\n") for each in lines[:MAX_FIELDS]]


def _field(raw: bytes) -> SignedField:
    return SignedField(raw.partition(b":")[0].strip(b" \t").decode("ascii", "replace").lower(), raw)


def header_form(raw: bytes, *, relaxed: bool) -> bytes:
    """One field, CRLF at its end included, in canonical form (RFC 6376 3.4.1, 3.4.2)."""
    if not relaxed:
        return raw
    name, _, value = raw.partition(b":")
    text = _BLANKS.sub(b" ", _FOLD.sub(b"", value)).strip(b" ")
    return name.strip(b" \t").lower() + b":" + text + b"\r\n"


def body_form(body: bytes, *, relaxed: bool) -> bytes:
    """The body in canonical form (RFC 6376 3.4.3, 3.4.4)."""
    if relaxed:
        body = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    if end == 0:
        # 3.4.3: an empty body is one empty line; 3.4.4: it is nothing.
        return b"" if relaxed else b"\r\n"
    return body[:end] + b"\r\n"


def without_signature(raw: bytes) -> bytes:
    """A signature field with the value of its b= tag taken out (RFC 6376 3.5), and without the last CRLF (3.7)."""
    name, colon, value = raw.removesuffix(b"\r\n").partition(b":")
    pieces = value.split(b";")
    for place, piece in enumerate(pieces):
        tag, equals, _ = piece.partition(b"=")
        if equals and tag.strip(b" \t\r\n") == b"b":
            pieces[place] = tag + equals
    return name + colon + b";".join(pieces)


def selected(fields: list[SignedField], names: list[str]) -> list[SignedField]:
    """The fields that `names` sign: of fields with one name the last first; a name too many signs none (5.4.2)."""
    left: dict[str, list[SignedField]] = {}
    wanted = set(names)
    for field in fields:
        if field.key in wanted:
            left.setdefault(field.key, []).append(field)
    return [left[name].pop() for name in names if left.get(name)]
