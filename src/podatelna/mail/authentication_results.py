"""Authentication-Results fields (RFC 8601): with comments and quoted strings. Who wrote one is another question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .headers import unfolded

MAX_RESULTS = 50
MAX_PROPERTIES = 30
MAX_TOKENS = 2_000
_VALUES = frozenset({"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"})
# RFC 7001 and older ones, and what products write.
_SYNONYMS = {
    "hardfail": "fail", "policy": "fail", "bestguesspass": "none", "error": "temperror", "unknown": "permerror",
    "discard": "fail", "nxdomain": "permerror",
}  # fmt: skip
# A blank, one of the marks, a quoted string, or a run of anything else. No quantifier can be made to give back.
_TOKEN = re.compile(r'[ \t\r\n]++|[;=()]|"(?:[^"\\]|\\.)*+"?|[^ \t\r\n;=()"]++')


@dataclass(frozen=True)
class MethodResult:
    """What one method found: `spf=pass smtp.mailfrom=acme.cz`."""

    method: str  # "spf", "dkim", "dmarc", "arc" …
    result: str  # one of the seven of RFC 8601 2.7, or what was written in lower case
    reason: str
    properties: tuple[tuple[str, str], ...]  # ("smtp.mailfrom", "acme.cz"), in order

    def about(self, *names: str) -> str:
        """The first property that is called one of `names`, "" when there is none."""
        return next((value for name, value in self.properties if name in names), "")


@dataclass(frozen=True)
class AuthenticationResults:
    """One field: who says so, and what."""

    server: str  # authserv-id in lower case; "" when it is left out
    results: tuple[MethodResult, ...]

    def of(self, method: str) -> str:
        """The verdict of a method: pass when any of its results is, else the first; "" when it says nothing of it."""
        found = [each.result for each in self.results if each.method == method]
        return "pass" if "pass" in found else next(iter(found), "")


def read_results(value: bytes) -> AuthenticationResults | None:
    """The field's value read, None when nothing is in it. Never raises; what it does not understand it leaves out."""
    groups = _groups(unfolded(value))
    head = groups[0] if groups else []
    if not head or head[0] in ("=", ";"):
        return None
    nameless = head[1:2] == ["="]  # Exchange Online begins with the first result
    found = [_result(group) for group in groups[0 if nameless else 1 : MAX_RESULTS + 1]]
    server = "" if nameless else head[0].lower().rstrip(".")
    return AuthenticationResults(server, tuple(each for each in found if each is not None))


def _groups(text: str) -> list[list[str]]:
    """The tokens between semicolons, comments left out (they may stand in each other)."""
    groups: list[list[str]] = [[]]
    depth = 0
    for count, token in enumerate(_TOKEN.finditer(text)):
        word = token.group()
        if count > MAX_TOKENS:
            break
        if word == "(":
            depth += 1
        elif word == ")":
            depth = max(0, depth - 1)
        elif depth or not word.strip():
            continue
        elif word == ";":
            groups.append([])
        else:
            groups[-1].append(_unquoted(word))
    return groups


def _unquoted(word: str) -> str:
    if not word.startswith('"'):
        return word
    return re.sub(r"\\(.)", r"\1", word[1:].removesuffix('"'))


def _result(tokens: list[str]) -> MethodResult | None:
    """`method[/version] = result [reason = text] *(property = value)`."""
    tokens = _joined(tokens)
    pairs: list[tuple[str, str]] = []
    place = 0
    while place + 2 < len(tokens) and len(pairs) < MAX_PROPERTIES:
        if tokens[place + 1] != "=":
            place += 1
            continue
        value = tokens[place + 2]
        pairs.append((tokens[place].lower(), value))
        place += 3
        # b=…= of a signature: what is in base64 ends with the mark.
        while place < len(tokens) and tokens[place] == "=":
            place += 1
    method = pairs[0][0].partition("/")[0] if pairs else ""
    if not method:
        return None
    result = pairs[0][1].lower()
    result = _SYNONYMS.get(result, result)
    reason = next((value for name, value in pairs[1:] if name == "reason"), "")
    return MethodResult(method, result if result in _VALUES else "neutral", reason, tuple(pairs[1:]))


def _joined(tokens: list[str]) -> list[str]:
    """`method / version` and `policy . property` in one piece: blanks and comments may stand between (RFC 8601 2.2)."""
    joined: list[str] = []
    glued = False
    for word in tokens:
        mark = word in ("/", ".") and bool(joined) and joined[-1] != "="
        if mark or (glued and word != "="):
            joined[-1] += word
        else:
            joined.append(word)
        glued = mark
    return joined
