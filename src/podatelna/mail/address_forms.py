"""One address by itself: what is one, how it is kept (its domain in ASCII), and how it is shown."""

from __future__ import annotations

import re
import unicodedata

import idna

from .parameters import unescape

_LOCAL_BAD = re.compile(r"[\x00-\x20\x7f<>(),;:\\\"\[\]@]")
_DOMAIN = re.compile(r"[^\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x9f\s]{1,255}|\[[0-9A-Za-z.:]{2,60}\]")
_SCHEME = re.compile(r"(?:mailto|smtp):\s*", re.IGNORECASE)
MAX_ADDRESS = 320  # RFC 3696: 64 + 1 + 255


def shown_address(address: str) -> str:
    """The address with the domain in its own letters when these are Latin; a look-alike stays in ASCII."""
    local, at, domain = address.rpartition("@")
    if not at or "xn--" not in domain:
        return address
    try:
        readable = idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return address
    latin = all(char < "\x80" or unicodedata.name(char, "").startswith("LATIN ") for char in readable)
    return f"{local}@{readable}" if latin else address


def normal_address(text: str) -> str:
    """`text` as an address with its domain in lower-case ASCII, or "" when it is none."""
    text = text[: MAX_ADDRESS * 2].strip().strip("'")
    scheme = _SCHEME.match(text.lstrip("["))
    if scheme or text.startswith(("[", "{")):
        # Jana [mailto:jana@acme.cz?subject=x]
        text = text.strip("[]{}")[scheme.end() if scheme else 0 :].partition("?")[0]
    local, at, domain = text.rpartition("@")
    local, domain = local.strip(), domain.strip().rstrip(".")
    if not at or not local or not domain or len(text) > MAX_ADDRESS:
        return ""
    if local.startswith('"') and local.endswith('"') and len(local) > 2:
        bare = unescape(local[1:-1])
        local = bare if _LOCAL_BAD.search(bare) is None else local
        if any(ord(char) < 32 or char == "\x7f" for char in local):
            return ""
    elif _LOCAL_BAD.search(local):
        return ""
    domain = _ascii_domain(domain if "[" in domain else domain.rstrip("]}|*"))
    return f"{local}@{domain}" if domain else ""


def _ascii_domain(domain: str) -> str:
    if _DOMAIN.fullmatch(domain) is None or ".." in domain or domain[0] in ".-":
        return ""
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return _ascii_domain_2003(domain)


def _ascii_domain_2003(domain: str) -> str:
    """Domains that the rules of 2003 allowed and those of 2008 do not, such as ones of emoji."""
    try:
        made = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    # Its mapping makes a blank and an accent of "¸": no domain has blanks.
    return made if _DOMAIN.fullmatch(made) else ""
