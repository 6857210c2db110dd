"""Every error of a mail server has words, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

import podatelna.gateways
from podatelna.gateways.guess import HOSTERS, PROVIDERS
from podatelna.gateways.probe import STEPS as PROBED
from podatelna.protocols.errors import ServerError
from podatelna.web.administration.words import HINTS, STEPS, WORDS, explain, explain_last_error


def errors(kind: type[ServerError] = ServerError) -> Iterator[type[ServerError]]:
    """The whole tree, with what gateways add to it."""
    yield kind
    for narrower in kind.__subclasses__():
        yield from errors(narrower)


for module in iter_modules(podatelna.gateways.__path__, "podatelna.gateways."):
    import_module(module.name)


@pytest.mark.parametrize("code", sorted({kind.code for kind in errors()}))
def test_every_code_has_words(code: str) -> None:
    assert str(WORDS[code].happened).endswith(".")
    assert str(WORDS[code].to_do).endswith(".")


def test_every_step_of_the_probe_has_a_title() -> None:
    assert set(STEPS) == set(PROBED)


def test_every_hint_of_a_guess_has_words() -> None:
    assert {found.hint for found in (*PROVIDERS.values(), *HOSTERS.values())} - {""} <= set(HINTS)


def test_an_unknown_code_is_shown_and_not_hidden() -> None:
    assert explain("new-code", "its words").detail == "new-code its words"


@pytest.mark.parametrize(
    ("kept", "detail"),
    [
        ('{"code": "timeout", "detail": "imap.acme.cz:993"}', "imap.acme.cz:993"),
        ("something old", "something old"),
        ("[]", "[]"),
        ("{}", ""),
    ],
)
def test_a_last_error_is_explained_however_it_was_kept(kept: str, detail: str) -> None:
    found = explain_last_error(kept)
    assert found is not None
    assert found.detail == detail


def test_no_last_error_is_no_error() -> None:
    assert explain_last_error("") is None
