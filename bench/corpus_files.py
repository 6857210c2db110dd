"""What is attached in the made archive: compressible as PDF, Office, JPEG and CSV files are, many sent again."""

from __future__ import annotations

import base64
import io
import random
import zipfile
import zlib
from collections import deque
from dataclasses import dataclass

_REMEMBERED = 600  # files that may be sent again; bounds the memory
_AGAIN = 0.4  # of attached files were attached before: price lists, contracts going to and fro
_LARGEST = 6_000_000


@dataclass(frozen=True)
class File:
    """A file to attach."""

    name: str
    content_type: str
    encoded: bytes  # in base64, lines of 76 characters


class Files:
    """Files that are attached: new ones, and ones that were attached before."""

    def __init__(self, chance: random.Random, words: list[str], tokens: list[str]) -> None:
        self._chance, self._words, self._tokens = chance, words, tokens
        self._seen: deque[File] = deque(maxlen=_REMEMBERED)

    def one(self) -> File:
        """The next file to attach."""
        if self._seen and self._chance.random() < _AGAIN:
            return self._chance.choice(self._seen)
        file = self._new()
        if len(file.encoded) < 400_000:
            self._seen.append(file)
        return file

    def _new(self) -> File:
        chance = self._chance
        size = min(int(chance.lognormvariate(10.6, 1.15)), _LARGEST)
        make, ending, content_type = chance.choices(_KINDS, weights=_WEIGHTS)[0]
        name = f"{chance.choice(self._words)} {chance.randint(1, 99_999)}{ending}"
        start = chance.randrange(len(self._tokens) - 3_000)
        return File(name, content_type, encoded(make(chance, size, self._tokens[start : start + 3_000])))


def picture(chance: random.Random, size: int) -> bytes:
    """A PNG file's bytes, as signatures carry them."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\0@\x08\x06\0\0\0" + chance.randbytes(size) + b"IEND\xaeB`\x82"


def encoded(data: bytes) -> bytes:
    """In base64, 76 characters a line."""
    text = base64.b64encode(data)
    return b"\n".join([text[start : start + 76] for start in range(0, len(text), 76)]) + b"\n"


def _pdf(chance: random.Random, size: int, tokens: list[str]) -> bytes:
    """Objects in plain text around deflated pages and pictures."""
    pages = [b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"]
    made, number = 0, 1
    while made < size:
        page = (
            zlib.compress(" ".join(tokens[:: 1 + number % 7]).encode(), 6)
            if number % 3 == 0
            else chance.randbytes(min(size, 30_000))
        )
        page = page[: size - made + 500]
        pages.append(
            b"%d 0 obj\n<</Type/Page/Parent 1 0 R/Resources<</Font<</F1 %d 0 R>>/ProcSet[/PDF/Text]>>/MediaBox[0 0 595 "
            b"842]/Contents %d 0 R/Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream\nendobj\n"
            % (number, number + 3, number + 1, len(page), page)
        )
        made += len(pages[-1])
        number += 1
    pages.append(b"xref\n" + b"".join(b"%010d 00000 n \n" % (row * 977) for row in range(number)) + b"%%EOF\n")
    return b"".join(pages)


def _office(chance: random.Random, size: int, tokens: list[str]) -> bytes:
    """A zip file of XML, as DOCX and XLSX are."""
    runs = "".join(f'<w:r><w:rPr><w:lang w:val="cs-CZ"/></w:rPr><w:t>{token}</w:t></w:r>' for token in tokens[:700])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as packed:
        for name, text in (("[Content_Types].xml", _TYPES), ("word/styles.xml", _STYLES), ("word/document.xml", runs)):
            packed.writestr(zipfile.ZipInfo(name), text)
        if size > 30_000:
            packed.writestr(zipfile.ZipInfo("word/media/image1.jpeg"), chance.randbytes(size - 20_000))
    return made.getvalue()


_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' + (
    '<Default Extension="xml" ContentType="application/xml"/>' * 12
)
_STYLES = "".join(f'<w:style w:type="paragraph" w:styleId="Heading{row}"><w:qFormat/></w:style>' for row in range(200))


def _jpeg(chance: random.Random, size: int, tokens: list[str]) -> bytes:
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\1\0`\0`\0\0" + b"\0" * 60 + chance.randbytes(size) + b"\xff\xd9"


def _csv(chance: random.Random, size: int, tokens: list[str]) -> bytes:
    rows = [
        f"{row};{tokens[row % 3_000]};{tokens[row * 7 % 3_000]};{chance.getrandbits(17)},00;CZK"
        for row in range(min(size, 80_000) // 30)
    ]
    return "\r\n".join(rows).encode("cp1250", "replace")


_KINDS = [
    (_pdf, ".pdf", "application/pdf"),
    (_office, ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (_office, ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (_jpeg, ".jpg", "image/jpeg"),
    (_csv, ".csv", "text/csv"),
]
_WEIGHTS = [50, 12, 12, 20, 6]
