"""Which files may have text in them, by what their message calls them; what they are is seen when they are read."""

from __future__ import annotations

TEXT, HTML, MAIL, DOCUMENT = "text", "html", "mail", "document"

_BY_ENDING = {
    TEXT: "txt text csv tsv tab log md markdown rst json xml yaml yml ini conf cfg sql ics vcf vcard srt isdoc",
    HTML: "html htm xhtml",
    MAIL: "eml mht mhtml",
    DOCUMENT: "pdf docx docm dotx xlsx xlsm xltx pptx pptm ppsx odt ods odp ott ots otp rtf doc xls ppt msg zip isdocx",
}
_ENDINGS = {ending: kind for kind, endings in _BY_ENDING.items() for ending in endings.split()}
_TYPES = {
    "application/pdf": DOCUMENT,
    "application/x-pdf": DOCUMENT,
    "application/rtf": DOCUMENT,
    "text/rtf": DOCUMENT,
    "text/richtext": DOCUMENT,
    "application/msword": DOCUMENT,
    "application/vnd.ms-excel": DOCUMENT,
    "application/vnd.ms-powerpoint": DOCUMENT,
    "application/vnd.ms-outlook": DOCUMENT,
    "application/zip": DOCUMENT,
    "application/x-zip-compressed": DOCUMENT,
    "application/json": TEXT,
    "application/xml": TEXT,
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "message/rfc822": MAIL,
    "message/global": MAIL,
    "message/news": MAIL,
}
_FAMILIES = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")


def kind_of(content_type: str, filename: str) -> str:
    """TEXT, HTML, MAIL, DOCUMENT, or "" for a file that is not read: pictures, sounds, programs, keys.

    A type that says something is believed before the name: `invoice.txt` of type application/pdf is a document.
    """
    content_type = content_type.lower()
    if content_type in _TYPES:
        return _TYPES[content_type]
    if content_type.startswith(_FAMILIES):
        return DOCUMENT
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    if content_type.startswith("text/"):
        return _ENDINGS.get(ending, TEXT)
    return _ENDINGS.get(ending, "")
