"""Lists of addresses cut at their separators (RFC 5322 3.4), with quotes, comments and brackets that never close."""

from __future__ import annotations

from dataclasses import dataclass

from .parameters import unescape

MAX_LIST = 1_000_000  # characters of a list that are read
_MAX_ADDRESS = 320


@dataclass(slots=True)
class Item:
    """One piece between separators, taken apart: its words, what stood in <>, and its comments."""

    source: str
    phrase: list[str]
    angle: str | None
    comments: list[str]
    ended: str  # the separator behind it, "" at the end


class _Splitter:
    """Cuts a list of addresses at its separators in one pass; whatever never closes is taken for plain letters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open_ended: set[str] = set()  # kinds of brackets that do not close any more

    def items(self) -> list[Item]:
        text = self.text
        items: list[Item] = []
        phrase: list[str] = []
        comments: list[str] = []
        angle: str | None = None
        start = position = word = 0

        def end_word(at: int) -> None:
            if at > word:
                phrase.append(text[word:at])

        while position < len(text):
            char = text[position]
            closing = self._closing(char, position)
            if closing:
                end_word(position)
                inner = text[position + 1 : closing - 1]
                if char == '"' and text[closing : closing + 1] == "@":
                    word = position  # a quoted local part
                    position = closing
                    continue
                if char == '"':
                    phrase.append(unescape(inner))
                elif char == "(":
                    comments.append(inner)
                elif angle is None or "@" not in angle:
                    angle = inner
                position = word = closing
            elif char in ",;\r\n" or (char == ":" and angle is None and self._is_group(phrase, word, position)):
                end_word(position)
                if char != ":":
                    items.append(Item(text[start:position], phrase, angle, comments, char))
                phrase, comments, angle = [], [], None
                start = position = word = position + 1
            elif char in ' \t">' or (char == "<" and "<" in self.open_ended):
                end_word(position)
                position = word = position + 1
            else:
                position += 1
        end_word(position)
        items.append(Item(text[start:], phrase, angle, comments, ""))
        return items

    def _closing(self, char: str, position: int) -> int:
        """Just behind the end of the quoted string, comment or <…> that starts here; 0 when none does."""
        if char not in '"(<' or char in self.open_ended:
            return 0
        end = {'"': self._quote_end, "(": self._comment_end, "<": self._angle_end}[char](position)
        if end == 0:
            self.open_ended.add(char)
        return max(end, 0)

    def _quote_end(self, start: int) -> int:
        position = start + 1
        while position < len(self.text):
            char = self.text[position]
            if char == "\\":
                position += 2
            elif char == '"':
                return position + 1
            elif char == "," and self.text[position - 1] == ">" and "@" in self.text[start:position][-_MAX_ADDRESS:]:
                return -1  # the quote was forgotten: "Jana <jana@acme.cz>, "Petr" <…
            else:
                position += 1
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

    def _angle_end(self, start: int) -> int:
        return self.text.find(">", start) + 1

    def _is_group(self, phrase: list[str], word: int, position: int) -> bool:
        """Whether the colon ends a group's name (RFC 5322 3.4): no address stands before it."""
        before = [*phrase, self.text[word:position]]
        name = "".join(before[-5:])
        return "@" not in name and name.strip().lower() != "mailto" and bool(name.strip())


def split_list(text: str) -> list[Item]:
    """The items of a list of addresses, in order; linear in its length whatever is in it."""
    return _Splitter(text[:MAX_LIST]).items()
