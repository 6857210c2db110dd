"""Lists of addresses cut at their separators (RFC 5322 3.4), with quotes, comments and brackets that never close."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .encoded_words import find_words
from .parameters import unescape

MAX_LIST = 1_000_000  # characters of a list that are read
_MAX_ADDRESS = 320
_MAX_WORD = 1_000
_PLAIN = re.compile(r'[^"(<>,;:\s=]+')
# What stands in <>. A quoted string in it may have its own; another "<" says that the ">" was forgotten.
_ANGLE = re.compile(r'<(?:"(?:[^"\\<]|\\.){0,320}"|[^<>"\n])*+>|<[^<>\n]*+>')
_NEXT = re.compile(r"[<,;\n]")
_IN_QUOTES = re.compile(r'["\\]|=\?|>,')
WORD, QUOTED, ANGLE, COMMENT = "word", "quoted", "angle", "comment"


@dataclass(slots=True)
class Token:
    """A piece of an item: a word, a quoted string (without its quotes), what stood in <>, or a comment."""

    kind: str
    text: str


@dataclass(slots=True)
class Item:
    """One piece between separators, taken apart."""

    source: str
    tokens: list[Token] = field(default_factory=list)
    ended: str = ""  # the separator behind it, "" at the end


def split_list(text: str) -> list[Item]:
    """The items of a list of addresses, in order; linear in its length whatever is in it."""
    return _Splitter(text[:MAX_LIST]).items()


class _Splitter:
    """Cuts a list of addresses at its separators in one pass; whatever never closes is taken for plain letters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open_ended: set[str] = set()  # kinds of brackets that do not close any more
        self.encoded = {word.start: word.end for word in find_words(text)} if "=?" in text else {}
        self.last_semicolon = text.rfind(";")
        self.tokens: list[Token] = []
        self.word = self.next_mark = 0

    def items(self) -> list[Item]:
        text = self.text
        items: list[Item] = []
        start = position = 0
        while position < len(text):
            plain = _PLAIN.match(text, position)
            if plain:
                position = plain.end()
                continue
            char = text[position]
            if char == "=":
                position = self._behind_word(position)
            elif char in '"(<':
                position = self._bracketed(char, position)
            elif char in ",;\r\n" or (char == ":" and self._is_group(position)):
                self._end_word(position)
                if char != ":" and self.tokens:
                    items.append(Item(text[start:position], self.tokens, char))
                self.tokens = []
                start = position = self.word = position + 1
            elif char == ":":
                position += 1
            else:
                self._end_word(position)
                position = self.word = position + 1
        self._end_word(position)
        items.append(Item(text[start:], self.tokens))
        return items

    def _end_word(self, at: int) -> None:
        if at > self.word:
            self.tokens.append(Token(WORD, self.text[self.word : at]))

    def _behind_word(self, position: int) -> int:
        """Behind the encoded word at `position`, though commas, blanks and quotes stand raw in it; never a "<"."""
        end = self.encoded.get(position, 0)
        if 0 < end <= position + _MAX_WORD and self.text.find("<", position, end) < 0:
            return end
        return position + 1

    def _bracketed(self, char: str, position: int) -> int:
        """Take the quoted string, comment or <…> that begins at `position`; returns where to read on."""
        if char == '"' and position > self.word and self.text[position - 1] == "\\":
            # A program escaped quotes that are in no quoted string: \\"Jana\\" <jana@acme.cz>
            self._end_word(position - 1)
            self.word = position + 1
            return position + 1
        end = self._closing(char, position)
        if end == 0:
            # Without an end: a quote or "<" that does not count, a "(" that is a letter.
            if char != "(":
                self._end_word(position)
                self.word = position + 1
            return position + 1
        if char == '"' and self.text[end : end + 1] in ("@", "."):
            return end  # a quoted local part: it stays in its word
        self._end_word(position)
        inner = self.text[position + 1 : end - 1]
        kind = {'"': QUOTED, "(": COMMENT, "<": ANGLE}[char]
        self.tokens.append(Token(kind, inner if kind == ANGLE else unescape(inner)))
        self.word = end
        return end

    def _closing(self, char: str, position: int) -> int:
        """Just behind the end of the quoted string, comment or <…> that starts here; 0 when none does."""
        if char == "<":
            match = _ANGLE.match(self.text, position)
            return match.end() if match and not _is_list_cut_in_two(match.group()) else 0
        if char in self.open_ended:
            return 0
        end = self._quote_end(position) if char == '"' else self._comment_end(position)
        if end == 0:
            self.open_ended.add(char)
        return max(end, 0)

    def _quote_end(self, start: int) -> int:
        text = self.text
        position = start + 1
        while mark := _IN_QUOTES.search(text, position):
            position = mark.end()
            if mark.group() == '"':
                return position
            if mark.group() == "\\":
                position += 1
            elif mark.group() == "=?":
                position = self._behind_word(mark.start())
            elif "@" in text[max(start, position - _MAX_ADDRESS) : position]:
                return -1  # the quote was forgotten: "Jana <jana@acme.cz>, "Petr" <…
        return 0

    def _comment_end(self, start: int) -> int:
        depth = 0
        position = start
        while position < len(self.text):
            char = self.text[position]
            if char == "\\":
                position += 1
            elif char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if depth == 0:
                    return position + 1
            position += 1
        return 0

    def _is_group(self, position: int) -> bool:
        """Whether the colon ends a group's name (RFC 5322 3.4): no address before it, and not a colon in a name."""
        last = self.text[self.word : position]
        if any(token.kind == ANGLE for token in self.tokens[-3:]):
            return False
        name = "".join(token.text for token in self.tokens[-5:])[-_MAX_ADDRESS:] + last
        if "@" in name or not name.strip() or last.strip(" [").lower() in ("mailto", "smtp"):
            return False
        if position < self.last_semicolon:
            return True
        # No ";" ends the group: "JIRA: Jana <jana@acme.cz>" is a name.
        if self.next_mark <= position:
            mark = _NEXT.search(self.text, position)
            self.next_mark = mark.start() if mark else len(self.text)
        return not self.text.startswith("<", self.next_mark)


def _is_list_cut_in_two(angle: str) -> bool:
    """Whether the ">" belongs to another address: <jana@acme.cz, Petr petr@acme.cz>. A route has commas too."""
    inner = angle[1:-1].strip()
    return "," in inner and not inner.startswith("@") and " " in inner.split(",", 1)[1].strip()
