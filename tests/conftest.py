"""Fixtures that every test may ask for."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.cast import Cast, Clock, RecordingTransport, gather

# In CI the same examples every time: what it says of a change is about that change. Elsewhere they are drawn anew.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")

pytest_plugins = ["tests.servers"]  # Dovecot and SMTP, started when a test first asks for one


@pytest.fixture
def cast(db: None) -> Cast:
    """Alice, Bob, Carol, Dan and Eve, with helpdesk and sales and their gateways."""
    return gather()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at noon."""
    return Clock()


@pytest.fixture
def transport() -> RecordingTransport:
    """SMTP that takes everything and remembers it."""
    return RecordingTransport()
