"""Every dependency that a user gets may go together with Apache-2.0; LGPL is fine, GPL only as an optional extra."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

LOCK = Path(__file__).parent.parent / "lock" / "run.txt"
NAMES = re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK.read_text(), re.MULTILINE)
GOOD = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla Public|LGPL|Lesser General|Unlicense|Zlib|0BSD|CC0",
    re.IGNORECASE,
)


def licence_of(name: str) -> str:
    """What the package says of itself: the expression, the classifiers, the beginning of the free text."""
    about = metadata(name)
    classifiers = [one for one in about.get_all("Classifier", []) if one.startswith("License ::")]
    return "; ".join((about.get("License-Expression") or "", *classifiers, (about.get("License") or "")[:200]))


@pytest.mark.parametrize("name", NAMES)
def test_the_licence_goes_with_apache(name: str) -> None:
    try:
        licence = licence_of(name)
    except PackageNotFoundError:
        return  # for another platform: the lock's markers leave it out here
    assert GOOD.search(licence), f"{name}: {licence!r}"
    assert not re.search(r"(?<!Lesser )General Public|(?<!L)GPL", licence), f"{name}: {licence!r}"
