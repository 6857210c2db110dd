"""Which part of a domain its owner registered (RFC 7489 3.2), by the public suffix list that comes with authheaders."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

from .resolver import plain_name


@functools.cache
def _rules() -> frozenset[str]:
    """The rules of the list: "cz", "co.uk", "*.ck", "!www.ck"; names in ASCII."""
    # publicsuffix2 knows no default rule (`acme.test` is `test` to it), and its copy of the list is of 2019.
    package = importlib.util.find_spec("authheaders")  # found, not imported: its code is not needed
    if package is None or package.origin is None:
        return frozenset()
    listing = Path(package.origin).with_name("public_suffix_list.txt").read_text("utf-8")
    return frozenset(_ascii(line.split()[0]) for line in listing.splitlines() if line.strip() and line[:2] != "//")


def _ascii(rule: str) -> str:
    """A rule of the list, which is in lower case and normal form already: IDNA's tables would take half a second."""
    if rule.isascii():
        return rule
    labels = [
        label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in rule.split(".")
    ]
    return ".".join(labels)


def registered_domain(domain: str) -> str:
    """`acme.co.uk` for `mail.brno.acme.co.uk`, in lower-case ASCII; a public suffix, or what is no name, as it is."""
    name = plain_name(domain)
    labels = name.split(".")[-40:]
    size = _suffix_size(labels) + 1
    return ".".join(labels[-size:]) if len(labels) >= size and all(labels) else name


def is_public_suffix(domain: str) -> bool:
    """Whether anybody may register below `domain`: "cz", "co.uk", "github.io"."""
    labels = plain_name(domain).split(".")
    return len(labels) <= _suffix_size(labels[-40:])


def is_known_ending(label: str) -> bool:
    """Whether domains end so at all: "cz" and "zip" do, "docx" does not."""
    name = plain_name(label)
    return name in _rules() or f"*.{name}" in _rules()


def _suffix_size(labels: list[str]) -> int:
    """How many labels at the end are a public suffix: the longest rule; without any rule the last label is one."""
    rules = _rules()
    for start in range(len(labels)):
        rest = ".".join(labels[start:])
        if f"!{rest}" in rules:
            return len(labels) - start - 1
        if rest in rules or "*." + ".".join(labels[start + 1 :]) in rules:
            return len(labels) - start
    return 1
