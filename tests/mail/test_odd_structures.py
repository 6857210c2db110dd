"""Messages whose structure is odd in every way that is met: what is read of each, and what is said to be wrong."""

import pytest

from podatelna.mail.cut import cut, join
from podatelna.mail.parse import parse
from podatelna.mail.structure import read_structure

TOP = "From: Jana Nováková <jana@acme.cz>\nSubject: Objednávka\nDate: Mon, 5 Jan 2026 10:00:00 +0100\n"
MIXED = TOP + "Content-Type: multipart/mixed; boundary=b\n\n"
TEXT = "Content-Type: text/plain; charset=utf-8\n\n"
FILE = "Content-Type: application/pdf; name=faktura.pdf\nContent-Transfer-Encoding: base64\n\nUERG\n"
CUT_OFF = "cut off: the closing boundary is missing"
NO_LINE = "no empty line behind the header"

# name → message, the types of its leaves, its text (without blanks around), its defects
ODD: dict[str, tuple[str, list[str], str, list[str]]] = {
    "by the book": (
        f"{MIXED}--b\n{TEXT}Dobrý den\n--b\n{FILE}--b--\n", ["text/plain", "application/pdf"], "Dobrý den", [],
    ),
    "preamble and epilogue": (
        f"{MIXED}Toto je zpráva v MIME.\n--b\n{TEXT}Dobrý den\n--b--\nkonec\n", ["text/plain"], "Dobrý den", [],
    ),
    "closing boundary missing": (f"{MIXED}--b\n{TEXT}Dobrý den\n", ["text/plain"], "Dobrý den", [CUT_OFF]),
    "cut off inside a file": (
        f"{MIXED}--b\n{TEXT}Dobrý den\n--b\n{FILE[:-2]}", ["text/plain", "application/pdf"], "Dobrý den",
        [CUT_OFF, "broken base64"],
    ),
    "cut off inside a part's header": (
        f"{MIXED}--b\n{TEXT}Dobrý den\n--b\nContent-Type: text/pl", ["text/plain", "text/pl"], "Dobrý den",
        [CUT_OFF],
    ),
    "boundary not declared": (
        f"{TOP}Content-Type: multipart/mixed\n\n--x\n{TEXT}Dobrý den\n--x--\n", ["text/plain"], "Dobrý den",
        ["missing boundary: guessed"],
    ),
    "boundary declared wrong": (
        f"{MIXED}--x\n{TEXT}Dobrý den\n--x--\n", ["text/plain"], "Dobrý den", ["wrong boundary: another one is used"],
    ),
    "boundary with blanks behind it": (f"{MIXED}--b  \t\n{TEXT}Dobrý den\n--b-- \n", ["text/plain"], "Dobrý den", []),
    "boundary in quotes with a colon": (
        f'{TOP}Content-Type: multipart/mixed; boundary="a: b"\n\n--a: b\n{TEXT}Dobrý den\n--a: b--\n', ["text/plain"],
        "Dobrý den", [],
    ),
    "boundary in another case is another": (
        f"{MIXED}--B\n\n--b\n{TEXT}Dobrý den\n--B\n--b--\n", ["text/plain"], "Dobrý den\n--B", [],
    ),
    "boundary that begins like another": (
        f"{MIXED}--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n{TEXT}Dobrý den\n--bb--\n--b--\n",
        ["text/plain"], "Dobrý den", [],
    ),
    "the same boundary inside of itself": (
        f"{MIXED}--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n{TEXT}Dobrý den\n--b--\n--b\n"
        f"{FILE}--b--\n", ["text/plain", "application/pdf"], "Dobrý den", [],
    ),
    "inner parts never closed": (
        f"{MIXED}--b\nContent-Type: multipart/related; boundary=c\n\n--c\n{TEXT}Dobrý den\n--b\n{FILE}--b--\n",
        ["text/plain", "application/pdf"], "Dobrý den", [],
    ),
    "a part behind the end": (
        f"{MIXED}--b\n{TEXT}Dobrý den\n--b--\n\n--b\n{TEXT}Bez virů.\n--b--\n", ["text/plain", "text/plain"],
        "Dobrý den\nBez virů.", [],
    ),
    "a part without a header": (f"{MIXED}--b\n\nDobry den\n--b--\n", ["text/plain"], "Dobry den", []),
    "a part without an empty line": (
        f"{MIXED}--b\nDobry den, pane Novak\n--b--\n", ["text/plain"], "Dobry den, pane Novak", [NO_LINE],
    ),
    "an empty part": (f"{MIXED}--b\n{TEXT}Dobrý den\n--b\n--b--\n", ["text/plain", "text/plain"], "Dobrý den", []),
    "no part at all": (f"{MIXED}Dobrý den\n", ["text/plain"], "Dobrý den", [CUT_OFF, "multipart without parts"]),
    "no part but an end": (f"{MIXED}--b--\n", [], "", []),
    "a header without an empty line": (f"{TOP}Dobry den, pane\nprijedeme zitra\n", ["text/plain"],
        "Dobry den, pane\nprijedeme zitra", [NO_LINE]),
    "a stray line in the header": (
        f"{TOP}toto sem nepatri\nContent-Type: text/plain; charset=utf-8\n\nDobrý den\n", ["text/plain"],
        "Dobrý den", [],
    ),
    "a line of a mailbox in front": (f"From jana@acme.cz Mon Jan  5 10:00:00 2026\n{TOP}{TEXT}Dobrý den\n",
        ["text/plain"], "Dobrý den", []),
    "a blank in the empty line": (f"{TOP}{TEXT[:-1]} \nDobrý den\n", ["text/plain"], "Dobrý den", [NO_LINE]),
    "a type of one word": (f"{TOP}Content-Type: text\n\nDobry den\n", ["text/plain"], "Dobry den", []),
    "a type with a comment and capitals": (
        f"{TOP}Content-Type: TEXT/Plain; charset=UTF-8 (Unicode)\n\nDobrý den\n", ["text/plain"], "Dobrý den", [],
    ),
    "two types": (f"{TOP}{TEXT[:-1]}Content-Type: text/html\n\n<b>x</b> ř\n", ["text/plain"], "<b>x</b> ř", []),
    "a message inside": (
        f"{MIXED}--b\n{TEXT}Přeposílám.\n--b\nContent-Type: message/rfc822\n\n{MIXED.replace('=b', '=c')}--c\n"
        f"{FILE}--c--\n--b--\n", ["text/plain", "message/rfc822"], "Přeposílám.", [],
    ),
    "a digest": (
        f"{TOP}Content-Type: multipart/digest; boundary=b\n\n--b\n\n{TOP}\nprvní\n--b\n\n{TOP}\ndruhá\n--b--\n",
        ["message/rfc822", "message/rfc822"], "", [],
    ),
    "a multipart in base64": (
        f"{TOP}Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n{TEXT}"
        "Dobrý den\n--b--\n", ["text/plain"], "Dobrý den", [],
    ),
}  # fmt: skip
BREAKS = {"LF": b"\n", "CRLF": b"\r\n", "CR": b"\r"}


@pytest.mark.parametrize("line_break", BREAKS)
@pytest.mark.parametrize("name", ODD)
def test_odd_structure_is_read(name: str, line_break: str) -> None:
    message, types, text, defects = ODD[name]
    raw = message.encode().replace(b"\n", BREAKS[line_break])

    parsed = parse(raw)
    made = cut(raw)

    assert join(made.header, made.pieces) == raw
    assert (parsed.subject, parsed.sender and parsed.sender.name) == ("Objednávka", "Jana Nováková")
    assert [part.content_type for part in parsed.parts] == types
    assert parsed.text.strip() == text
    assert list(parsed.defects) == defects


@pytest.mark.parametrize("name", ODD)
def test_mixed_line_breaks_give_the_same_parts(name: str) -> None:
    lines = ODD[name][0].encode().split(b"\n")
    mixed = b"".join(line + (b"\r\n" if number % 2 else b"\n") for number, line in enumerate(lines[:-1])) + lines[-1]

    types = [entity.content_type for entity in read_structure(mixed).entities if entity.leaf]

    assert types == [entity.content_type for entity in read_structure(ODD[name][0].encode()).entities if entity.leaf]
