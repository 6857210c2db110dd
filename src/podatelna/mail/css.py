"""CSS of strangers: what styles a mail stays, what loads, runs or covers goes. Linear, and strict where unsure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_CSS = 300_000
MAX_RULES = 5_000
MAX_NESTING = 3
MAX_URLS = 20  # in one value

_PROPERTIES = re.compile(
    r"(?:color|background(?:-(?:color|image|repeat|position|size|clip|origin))?|font(?:-(?:family|size|style|weight|variant|stretch))?"
    r"|text-(?:align|decoration(?:-(?:color|line|style))?|indent|transform|overflow|shadow)|line-height|letter-spacing|word-(?:spacing|break|wrap)"
    r"|overflow-wrap|white-space|vertical-align|direction|unicode-bidi|list-style(?:-(?:type|position|image))?|quotes|hyphens|tab-size"
    r"|border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width|radius))?|border-(?:collapse|spacing)|border-(?:top|bottom)-(?:left|right)-radius"
    r"|outline(?:-(?:color|style|width))?|margin(?:-(?:top|right|bottom|left))?|padding(?:-(?:top|right|bottom|left))?"
    r"|(?:min-|max-)?(?:width|height)|display|float|clear|box-sizing|box-shadow|table-layout|caption-side|empty-cells|overflow(?:-[xy])?|opacity|visibility"
    r"|flex(?:-(?:basis|direction|flow|grow|shrink|wrap))?|align-(?:content|items|self)|justify-content|order|gap|row-gap|column-gap"
    r"|columns|column-count|page-break-(?:after|before|inside)|object-fit|mso-[a-z-]{1,40})"
)  # fmt: skip
_FUNCTIONS = {
    "rgb", "rgba", "hsl", "hsla", "calc", "min", "max", "clamp", "linear-gradient", "radial-gradient",
    "-webkit-linear-gradient",
}  # fmt: skip
_FUNCTION = re.compile(r"([\w-]*)\s*\(")
_SAFE_VALUE = re.compile(r"[\w\s#%.,()'\"!+*/:;?=&~@|\[\]$-]*")
_URL = re.compile(r"url\(\s*(\"[^\"]{0,4000}\"|'[^']{0,4000}'|[^\s\"'()]{0,4000})\s*\)", re.IGNORECASE)
_SELECTOR = re.compile(r"[\w\s.#*>+~:,\[\]=\"'()^$|-]{1,2000}")
_MEDIA = re.compile(r"@media\b[\w\s:,()./-]{0,500}", re.IGNORECASE)
_STRING = re.compile(r"\"[^\"\n\r\f]*\"|'[^'\n\r\f]*'")
_NO_BRACKET = re.compile(r"[^()\[\]]+")
_CLOSING = {"(": ")", "[": "]"}
# A length of five digits, or a product of large ones, makes a page as large as a city.
_SIZED = re.compile(
    r"(?:min-|max-)?(?:width|height)|border(?:-(?:top|right|bottom|left))?(?:-width|-spacing)?|line-height|letter-spacing"
    r"|word-spacing|text-(?:indent|shadow)|row-gap|column-gap|(?:margin|padding|font|flex|gap|columns|outline|box-shadow"
    r"|tab-size)[a-z-]*"
)
_HUGE = re.compile(r"\d{5}|\de\+?\d|\d{4}[^,;]*\*|\*[^,;]*\d{4}|\*[^*]*\*[^*]*\*", re.IGNORECASE)
_COMMENT_MARKS = re.compile(r"<!--|-->")


@dataclass
class Gate:
    """What a page may load: `allow` gives the address to load instead of one found, "" for nothing, None for a refusal.

    Refusals are counted in `blocked`.
    """

    allow: Callable[[str], str | None]
    blocked: int = 0

    def refuse(self) -> None:
        self.blocked += 1


def filter_declarations(style: str, gate: Gate) -> str:
    """The safe declarations of a style attribute, as `name: value; …`."""
    kept = []
    for declaration in _split(_without_comments(style[:MAX_CSS]), ";"):
        name, colon, value = declaration.partition(":")
        name = name.strip().lower()
        if colon and _PROPERTIES.fullmatch(name):
            safe = _value(name, value.strip(), gate)
            if safe:
                kept.append(f"{name}: {safe}")
        elif "url(" in value.lower():
            gate.refuse()
    return "; ".join(kept)


def filter_stylesheet(css: str, gate: Gate) -> str:
    """The safe rules of a style element. @import, @font-face and whatever is not understood are left out."""
    text = _COMMENT_MARKS.sub(" ", _without_comments(css[:MAX_CSS]))
    out: list[str] = []
    depth = 0
    for prelude, block in _rules(text):
        selector = prelude.strip()
        if block is None:
            # The end of an @media block, or a statement like @import.
            if selector == "}" and depth:
                out.append("}")
                depth -= 1
            elif selector.lower().startswith("@import"):
                gate.refuse()
        elif block == "{":
            out.append(selector + "{")
            depth += 1
        elif selector.startswith("@"):
            if "url(" in block.lower():
                gate.refuse()
        elif _SELECTOR.fullmatch(selector) and _balanced(selector):
            declarations = filter_declarations(block, gate)
            if declarations:
                out.append(f"{selector}{{{declarations}}}")
        if len(out) > MAX_RULES:
            break
    return "\n".join(out) + "}" * depth


def for_media(media: str, css: str) -> str:
    """`css` as a style element with this media attribute holds it; "" where the attribute makes no sense."""
    if not media.strip() or not css:
        return css
    prelude = f"@media {media.strip()}"
    return f"{prelude}{{\n{css}\n}}" if _is_media(prelude) else ""


def _is_media(prelude: str) -> bool:
    return _MEDIA.fullmatch(prelude) is not None and _balanced(prelude)


def _rules(text: str) -> list[tuple[str, str | None]]:
    """(prelude, block) in order; block is "{" where an @media opens, None for statements and for closing "}"."""
    found: list[tuple[str, str | None]] = []
    position = media = 0
    while position < len(text):
        end = _next_of(text, position, "{};")
        prelude = text[position:end]
        mark = text[end : end + 1]
        position = end + 1
        if mark == "{" and _is_media(prelude.strip()) and media < MAX_NESTING:
            found.append((prelude, "{"))
            media += 1
        elif mark == "{":
            position = _block_end(text, end + 1)
            found.append((prelude, text[end + 1 : position - 1]))
        elif mark == "}":
            media = max(media - 1, 0)
            found.append(("}", None))
        elif prelude.strip():
            found.append((prelude, None))
    return found


def _next_of(text: str, start: int, marks: str) -> int:
    """Where one of `marks` stands outside of strings, from `start`; the end of the text when nowhere."""
    quote = ""
    for position in range(start, len(text)):
        char = text[position]
        if quote:
            quote = "" if char == quote or char == "\n" else quote
        elif char in "\"'":
            quote = char
        elif char in marks:
            return position
    return len(text)


def _block_end(text: str, start: int) -> int:
    """Just behind the "}" that closes the block whose inside begins at `start`."""
    depth = 1
    position = start
    while depth and position < len(text):
        position = _next_of(text, position, "{}")
        depth += 1 if text[position : position + 1] == "{" else -1
        position += 1
    return position


def _split(text: str, mark: str) -> list[str]:
    """Split at `mark` outside of strings and brackets."""
    pieces: list[str] = []
    start = depth = 0
    quote = ""
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "(":
            depth += 1
        elif char == ")":
            depth = max(depth - 1, 0)
        elif char == mark and not depth:
            pieces.append(text[start:position])
            start = position + 1
    pieces.append(text[start:])
    return pieces


def _without_comments(text: str) -> str:
    if "/*" not in text:
        return text
    out: list[str] = []
    position = 0
    while True:
        start = text.find("/*", position)
        if start < 0:
            out.append(text[position:])
            return " ".join(out)
        out.append(text[position:start])
        end = text.find("*/", start + 2)
        if end < 0:
            return " ".join(out)
        position = end + 2


def _value(name: str, value: str, gate: Gate) -> str:
    """The value when it is safe, its addresses replaced by what the gate allows; "" otherwise."""
    if "url" in value.lower():
        replaced = _with_allowed_urls(name, value, gate)
        if replaced is None:
            return ""
        value = replaced
    if _SAFE_VALUE.fullmatch(value) is None or not _balanced(value):
        # Escapes (a backslash) hide what a value is, and no mail needs them.
        return ""
    rest = _URL.sub("", value)
    if any(found.lower() not in _FUNCTIONS and found for found in _FUNCTION.findall(rest)):
        return ""
    if name != "font-family" and _SIZED.fullmatch(name) and _HUGE.search(_STRING.sub("", rest).split("#")[0]):
        return ""
    lowered = rest.lower()
    return "" if "url" in lowered.split("(")[0:1] or "expression" in lowered or "javascript" in lowered else value


def _with_allowed_urls(name: str, value: str, gate: Gate) -> str | None:
    if (
        "\\" in value
        or value.lower().count("url(") > MAX_URLS
        or name not in ("background", "background-image", "list-style", "list-style-image")
    ):
        if "url" in value.lower() and "(" in value:
            gate.refuse()
        return None
    refused = False

    def replace(match: re.Match[str]) -> str:
        nonlocal refused
        allowed = gate.allow(match.group(1).strip("\"' "))
        if allowed is None:
            gate.refuse()
        if not allowed or re.search(r"[\s\"'()\\<>]", allowed):
            refused = True
            return ""
        return f"url('{allowed}')"

    replaced = _URL.sub(replace, value)
    if "url" in _URL.sub("", replaced).lower():
        gate.refuse()
        return None
    return None if refused else replaced


def _balanced(value: str) -> bool:
    """Whether every string and every bracket in `value` is closed, so that nothing behind it is swallowed."""
    bare = _STRING.sub("", value)
    if '"' in bare or "'" in bare:
        return False
    waiting: list[str] = []
    for char in _NO_BRACKET.sub("", bare):
        if char in "([":
            waiting.append(_CLOSING[char])
        elif not waiting or waiting.pop() != char:
            return False
    return not waiting
