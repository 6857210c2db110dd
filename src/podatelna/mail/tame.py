"""HTML of strangers brought to a size and depth that a parser takes linear time for, before any parser sees it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count

MAX_HTML = 3_000_000  # characters; a longer page is cut
MAX_DEPTH = 200  # browsers stop at 512; parsers look the whole stack of open elements through for many a tag
MAX_FORMATTING = 30  # open <b>, <font> …: a parser opens all of them again in every paragraph
MAX_WORK = 400_000  # elements that reopening may make
MAX_ATTRIBUTES = 100  # of one tag: parsers compare each with each
_COMMENT_END = re.compile(r"--!?>")  # also of "<!-->", as browsers read it
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40})")
_VOID = {
    "br", "img", "hr", "meta", "link", "input", "col", "area", "base", "embed", "source", "track", "wbr",
    "param", "keygen",
    # These may be left open, and the next of their kind closes them.
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "optgroup", "colgroup",
    "html", "head", "body",
}  # fmt: skip
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_RAW = {"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "plaintext"}


# One tag as HTML has it, with no "<" or ">" in a quoted value; or what begins with "<" and is none.
_NAME = r"[a-zA-Z][a-zA-Z0-9:_-]{0,40}+"
_VALUE = r"\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'=<>`][^\s\"'<>`]*+"
_BY_THE_BOOK = re.compile(
    rf"<({_NAME})(?=[\s/>])(?:[\s/]*+[^\s\"'<>/=]++(?:\s*+=\s*+(?:{_VALUE})?+)?+)*+[\s/]*+>"
    rf"|</({_NAME})\s*+>|<!(?!--)[^<>]*+>|<\?[^<>]*+>"
)
_ANY_TAG = re.compile(r"<[^<>]*+>")
_SHORT_TAG = 2_000  # characters; a longer one is not remembered
# What is no tag to its end: a comment, or an element whose content is text.
_SKIPPED = re.compile(rf"<(?:!--|({'|'.join(sorted(_RAW))})(?=[\s/>])[^<>]*+>)", re.IGNORECASE)
_ENDS = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in _RAW}
_NEITHER = ("", 0)


def tame(html: str) -> str:
    """`html` with tags left out that would go too deep or cost too much. Ordinary mail loses nothing but comments."""
    html = html[:MAX_HTML]
    if html.count("<") <= MAX_FORMATTING and len(html) <= 10_000:
        return html
    return _ordinary(html) or _Tamer(html).run()


def _ordinary(html: str) -> str:
    """What `_Tamer` makes of `html` where it is written by the book and costs little; "" where that is not certain."""
    pieces = _without_comments(html)
    tags = [tag for text in pieces[::2] for tag in _ANY_TAG.findall(text)]
    if len(tags) != sum(text.count("<") for text in pieces[::2]) or len(tags) * MAX_FORMATTING > MAX_WORK:
        return ""
    never_open = _never_open(tags)
    if never_open is None:
        return ""
    if never_open:
        numbers = count()
        for place in range(0, len(pieces), 2):
            pieces[place] = _ANY_TAG.sub(lambda tag: "" if next(numbers) in never_open else tag.group(), pieces[place])
    return "".join(pieces)


def _without_comments(html: str) -> list[str]:
    """`html` without its comments in pieces: by turns text with tags, and an element whose content is text or "".

    Empty where that is not certain.
    """
    pieces: list[str] = []
    position = 0
    while (skipped := _SKIPPED.search(html, position)) is not None:
        start, name = skipped.start(), skipped.group(1)
        before = html[position:start]
        if before.rfind("<") > before.rfind(">") or (name and not _kind(skipped.group())):
            return []  # it stands in a tag
        ending = _ENDS[name.lower()].search(html, skipped.end()) if name else _COMMENT_END.search(html, start + 2)
        if ending is None:
            return []
        position = ending.end()
        if name:
            closed = html.find(">", position)
            if closed < 0 or html[position:closed].strip():
                return []
        pieces += before, html[start:position] if name else ""
    return [*pieces, html[position:]]


def _never_open(tags: list[str]) -> set[int] | None:
    """The numbers of the tags that close what is not open; None where the tags are not by the book, or too deep."""
    found: set[int] = set()
    is_open: dict[str, int] = {}
    depth = formatting = 0
    short = max(map(len, tags), default=0) <= _SHORT_TAG
    for number, kind in enumerate(map(_known_kind if short else _kind, tags)):
        if kind is None:
            return None
        name, change = kind
        if not change:
            continue
        times = is_open.get(name, 0) + change
        if times < 0:
            found.add(number)
            continue
        is_open[name] = times
        depth += change
        formatting += change if name in _FORMATTING else 0
        if depth >= MAX_DEPTH - 1 or formatting >= MAX_FORMATTING:
            return None
    return found


def _kind(tag: str) -> tuple[str, int] | None:
    """(name, 1) of a tag that opens, (name, -1) of one that closes, ("", 0) of others; None when not by the book."""
    found = _BY_THE_BOOK.fullmatch(tag)
    if found is None or _attributes(tag) > MAX_ATTRIBUTES:
        return None
    name = (found.group(1) or found.group(2) or "").lower()
    if not name or name in _VOID:
        return _NEITHER
    return name, 1 if found.group(1) else -1


_known_kind = lru_cache(maxsize=4_000)(_kind)


class _Tamer:
    def __init__(self, html: str) -> None:
        self.html = html
        self.open: dict[str, int] = {}  # how many of each element are open
        self.depth = self.formatting = self.work = 0
        self.out: list[str] = []

    def run(self) -> str:
        html, position = self.html, 0
        while True:
            start = html.find("<", position)
            if start < 0:
                break
            if html.startswith("<!--", start):
                self.out.append(html[position:start])
                closing = _COMMENT_END.search(html, start + 2)
                position = closing.end() if closing else len(html)
                continue
            match = _BY_THE_BOOK.match(html, start)
            if match is not None:
                end, closes = match.end(), match.group(1) is None
                name = (match.group(1) or match.group(2) or "").lower()
            else:
                match = _TAG.match(html, start)
                if match is None:
                    self.out.append(html[position : start + 1])
                    position = start + 1
                    continue
                end, closes = self._tag_end(match.end()), bool(match.group(1))
                name = match.group(2).lower()
            keep = not name or (self._closing(name) if closes else self._opening(name, start, end))
            self.out.append(html[position : end if keep else start])
            position = end
            if not closes and name in _RAW:
                position = self._skip_raw(name, end, keep)
        self.out.append(html[position:])
        return "".join(self.out)

    def _tag_end(self, position: int) -> int:
        """Just behind the ">" of the tag, quoted attribute values passed over."""
        html = self.html
        while True:
            end = html.find(">", position)
            if end < 0:
                return len(html)
            piece = html[position:end]
            quote = _open_quote(piece)
            if not quote:
                return end + 1
            closing = html.find(quote, end)
            if closing < 0:
                return end + 1
            position = closing + 1

    def _skip_raw(self, name: str, start: int, keep: bool) -> int:
        match = _ENDS[name].search(self.html, start)
        end = match.start() if match else len(self.html)
        if keep:
            self.out.append(self.html[start:end])
        return end

    def _opening(self, name: str, start: int, end: int) -> bool:
        if _attributes(self.html[start:end]) > MAX_ATTRIBUTES:
            return False
        self.work += self.formatting + 1
        if name in _VOID:
            return True
        if name in _FORMATTING and (self.formatting >= MAX_FORMATTING or self.work > MAX_WORK):
            return False
        if self.depth >= MAX_DEPTH:
            return False
        self.depth += 1
        self.formatting += name in _FORMATTING
        self.open[name] = self.open.get(name, 0) + 1
        return True

    def _closing(self, name: str) -> bool:
        if name in _VOID:
            return True
        if not self.open.get(name):
            return False
        self.open[name] -= 1
        self.depth -= 1
        self.formatting -= name in _FORMATTING
        return True


def _attributes(tag: str) -> int:
    return tag.count("=") + tag.count(" ") // 4 if len(tag) > MAX_ATTRIBUTES * 2 else 0


def _open_quote(piece: str) -> str:
    """The quote that is open at the end of `piece`, "" when none is."""
    if '"' not in piece and "'" not in piece:
        return ""
    quote = ""
    for match in re.finditer(r"=\s*([\"'])|([\"'])", piece):
        found = match.group(1) or match.group(2)
        if quote:
            quote = "" if found == quote else quote
        elif match.group(1):
            quote = found
    return quote
