"""Documents of every kind with a given text in them, made here: real files, as small as the formats allow."""

from __future__ import annotations

import functools
import hashlib
import io
import zipfile
from xml.sax.saxutils import escape

TEXT = "Příliš žluťoučký kůň úpěl ďábelské ódy"

_OFFICE = "http://schemas.openxmlformats.org"
_RELATIONS = f"{_OFFICE}/package/2006/relationships"
_DOCUMENT = f"{_OFFICE}/officeDocument/2006/relationships"


def packed(entries: dict[str, str | bytes], first: str = "") -> bytes:
    """A ZIP of `entries`; the one called `first` is stored plainly in front (OpenDocument wants its type there)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def docx(text: str = TEXT) -> bytes:
    """A Word document with one paragraph for each line."""
    rows = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in text.splitlines())
    body = f'<w:document xmlns:w="{_OFFICE}/wordprocessingml/2006/main"><w:body>{rows}</w:body></w:document>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return _office({"word/document.xml": (body, kind)}, "word/document.xml")


def xlsx(text: str = TEXT) -> bytes:
    """A workbook with one sheet: each line a row, each word a cell."""
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    rows = "".join(
        f"<row>{''.join(cell.format(escape(word)) for word in line.split())}</row>" for line in text.splitlines()
    )
    main = f"{_OFFICE}/spreadsheetml/2006/main"
    book = (
        f'<workbook xmlns="{main}" xmlns:r="{_DOCUMENT}"><sheets>'
        '<sheet name="Ceník" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    sheet = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return _office(
        {
            "xl/workbook.xml": (book, f"{kind}.sheet.main+xml"),
            "xl/worksheets/sheet1.xml": (sheet, f"{kind}.worksheet+xml"),
        },
        "xl/workbook.xml",
        {"xl/_rels/workbook.xml.rels": _relations("worksheet", "worksheets/sheet1.xml")},
    )


def pptx(text: str = TEXT) -> bytes:
    """A presentation with one slide."""
    drawing, main = f"{_OFFICE}/drawingml/2006/main", f"{_OFFICE}/presentationml/2006/main"
    show = (
        f'<p:presentation xmlns:p="{main}" xmlns:r="{_DOCUMENT}"><p:sldIdLst><p:sldId id="256" r:id="r1"/>'
        "</p:sldIdLst></p:presentation>"
    )
    rows = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in text.splitlines())
    slide = (
        f'<p:sld xmlns:p="{main}" xmlns:a="{drawing}"><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/>'
        '<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:cNvSpPr/>'
        f"<p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>{rows}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    )
    kind = "application/vnd.openxmlformats-officedocument.presentationml"
    return _office(
        {
            "ppt/presentation.xml": (show, f"{kind}.presentation.main+xml"),
            "ppt/slides/slide1.xml": (slide, f"{kind}.slide+xml"),
        },
        "ppt/presentation.xml",
        {"ppt/_rels/presentation.xml.rels": _relations("slide", "slides/slide1.xml")},
    )


def _office(parts: dict[str, tuple[str, str]], main: str, more: dict[str, str] | None = None) -> bytes:
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, (_, kind) in parts.items())
    types = (
        f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    files = {
        "[Content_Types].xml": types,
        "_rels/.rels": _relations("officeDocument", main),
        **{name: content for name, (content, _) in parts.items()},
        **(more or {}),
    }
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return packed({name: head + content for name, content in files.items()})


def _relations(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r1" Type="{_DOCUMENT}/{kind}" Target="{target}"/>'
        "</Relationships>"
    )


_OASIS = "urn:oasis:names:tc:opendocument:xmlns"


def odt(text: str = TEXT) -> bytes:
    """A LibreOffice text."""
    rows = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.splitlines())
    return _open_document("text", f"<office:text>{rows}</office:text>")


def ods(text: str = TEXT) -> bytes:
    """A LibreOffice sheet: each line a row, each word a cell."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        f"<table:table-row>{''.join(cell.format(escape(word)) for word in line.split())}</table:table-row>"
        for line in text.splitlines()
    )
    table = f'<table:table table:name="Ceník">{rows}</table:table>'
    return _open_document("spreadsheet", f"<office:spreadsheet>{table}</office:spreadsheet>")


def _open_document(kind: str, body: str) -> bytes:
    media = f"application/vnd.oasis.opendocument.{kind}"
    names = " ".join(f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "text", "table"))
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    body = f"<office:body>{body}</office:body>"
    content = f'{head}<office:document-content {names} office:version="1.2">{body}</office:document-content>'
    manifest = (
        f'{head}<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return packed({"mimetype": media, "META-INF/manifest.xml": manifest, "content.xml": content}, first="mimetype")


def rtf(text: str = TEXT) -> bytes:
    """Rich text as Czech Windows writes it: letters beyond ASCII as bytes of its code page."""
    paragraphs = "\\par\n".join(text.splitlines())
    plain = "".join(
        char if char.isascii() else "".join(f"\\'{byte:02x}" for byte in char.encode("cp1250")) for char in paragraphs
    )
    return f"{{\\rtf1\\ansi\\ansicpg1250\\deff0{{\\fonttbl{{\\f0\\fcharset238 Arial;}}}}\\f0 {plain}\\par}}".encode(
        "ascii"
    )


@functools.cache
def pdf(text: str = TEXT) -> bytes:
    """A PDF with embedded fonts, as typst sets it."""
    import typst

    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    source = f'#set page(width: 30cm, height: auto)\n#set text(lang: "cs")\n#text("{quoted}")'
    result = typst.compile(source.encode())
    assert isinstance(result, bytes)
    return result


def bomb(megabytes: int) -> bytes:
    """A ZIP of one file that is a thousand times its size."""
    return packed({"zeros.txt": b"0" * (megabytes << 20)})


def locked_pdf() -> bytes:
    """A PDF that asks for a password (PDF 1.7, 7.6: the standard handler, revision 2, RC4 with 40 bits)."""
    owner, rights, name = bytes(range(32)), -4, bytes(16)
    secret = b"heslo" + _PADDING[: 32 - 5]
    key = hashlib.md5(secret + owner + rights.to_bytes(4, "little", signed=True) + name).digest()[:5]
    user = _rc4(key, _PADDING)
    shown = _rc4(hashlib.md5(key + (4).to_bytes(3, "little") + bytes(2)).digest()[:10], b"BT (x) Tj ET")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(shown), shown),
        b"<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P %d>>" % (owner.hex().encode(), user.hex().encode(), rights),
    ]
    body = b"".join(b"%d 0 obj%s endobj\n" % (number, one) for number, one in enumerate(objects, 1))
    trailer = b"trailer<</Root 1 0 R/Encrypt 5 0 R/ID[<%s><%s>]>>\n%%%%EOF\n" % ((name.hex().encode(),) * 2)
    return b"%PDF-1.4\n" + body + trailer


_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def locked_zip() -> bytes:
    """A ZIP whose one file is marked as encrypted (APPNOTE 4.4.4)."""
    plain = packed({"tajne.txt": "x"})
    out = bytearray(plain)
    out[6] |= 1  # in front of the file
    out[plain.index(b"PK\x01\x02") + 8] |= 1  # in the directory
    return bytes(out)


def locked_office() -> bytes:
    """An Office document behind a password is a compound file around an encrypted package (MS-OFFCRYPTO 2.3)."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1528) + "EncryptedPackage".encode("utf-16-le") + bytes(480)


def locked_odt() -> bytes:
    """A LibreOffice text behind a password says so in its manifest."""
    with zipfile.ZipFile(io.BytesIO(odt())) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["META-INF/manifest.xml"] = entries["META-INF/manifest.xml"].replace(
        b'media-type="text/xml"/>', b'media-type="text/xml"><manifest:encryption-data/></manifest:file-entry>'
    )
    return packed(entries, first="mimetype")
