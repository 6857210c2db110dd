"""Small files for the demo's attachments, made here: a PDF of plain lines, and pictures of a washing machine."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from unicodedata import normalize

Colour = tuple[int, int, int]


def event(title: str, place: str, organiser: str, invited: str, *, days: int) -> bytes:
    """An invitation (RFC 5546) to an hour at ten o'clock in Prague, so many days from today."""
    day = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y%m%d")
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Bublina//Demo", "METHOD:REQUEST", "BEGIN:VEVENT",
        f"UID:{day}-{organiser}", f"DTSTART;TZID=Europe/Prague:{day}T100000", f"DTEND;TZID=Europe/Prague:{day}T110000",
        f"SUMMARY:{title}", f"LOCATION:{place.replace(',', chr(92) + ',')}", f"ORGANIZER:mailto:{organiser}",
        f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{invited}", "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def pdf(lines: Sequence[str]) -> bytes:
    """A one-page PDF (1.4) with `lines` in Helvetica. The built-in fonts know no háčky, so they are left off."""
    shown = [normalize("NFKD", line).encode("ascii", "ignore").decode() for line in lines]
    escaped = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in shown]
    text = "BT /F1 12 Tf 60 780 Td 18 TL " + " ".join(f"({line}) Tj T*" for line in escaped) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return f"{out}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("ascii")


def png(width: int, height: int, colour: Callable[[int, int], Colour]) -> bytes:
    """A PNG of `width` × `height` pixels, each as `colour(x, y)` says."""
    rows = b"".join(
        b"\0" + b"".join(bytes(colour(x, y)) for x in range(width)) for y in range(height)
    )  # fmt: skip

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def washing_machine(leaking: bool = False, size: int = 240) -> bytes:
    """A picture of a washing machine, seen from the front; a leaking one stands in a puddle."""

    def colour(x: int, y: int) -> Colour:
        u, v = x / size, y / size
        if leaking and v > 0.86 and ((u - 0.5) / 0.48) ** 2 + ((v - 0.92) / 0.06) ** 2 < 1:
            return (96, 165, 220)
        if not (0.18 < u < 0.82 and 0.06 < v < 0.9):
            return (236, 229, 218) if v < 0.86 else (188, 170, 148)
        away = ((u - 0.5) ** 2 + (v - 0.55) ** 2) ** 0.5
        if away < 0.2:
            return (120, 180, 214) if v > 0.55 + 0.02 * ((x // 6) % 2) else (70, 84, 100)
        if away < 0.25:
            return (150, 158, 168)
        if v < 0.2:
            return (40, 120, 130) if 0.24 < u < 0.4 and 0.11 < v < 0.16 else (222, 226, 230)
        return (248, 250, 251)

    return png(size, size, colour)


def logo(colour: Colour, size: int = 48) -> bytes:
    """A round company logo."""

    def dot(x: int, y: int) -> Colour:
        away = ((x - size / 2) ** 2 + (y - size / 2) ** 2) ** 0.5 / (size / 2)
        return colour if away < 0.55 or 0.75 < away < 0.95 else (255, 255, 255)

    return png(size, size, dot)


def csv(rows: Sequence[Sequence[str]]) -> bytes:
    """A table as Czech Excel saves it: semicolons, windows-1250, CRLF."""
    return "".join(";".join(row) + "\r\n" for row in rows).encode("windows-1250", "replace")
