"""What the administrator sees of a gateway."""

from __future__ import annotations

import pytest

from podatelna.gateways.health import failed, last_error, succeeded
from podatelna.gateways.models import Gateway
from podatelna.protocols.errors import LoginRefused
from tests.cast import Clock, a_gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway() -> Gateway:
    return a_gateway("helpdesk@acme.cz")


def test_a_failure_is_counted_and_said_and_a_success_ends_it(gateway: Gateway, clock: Clock) -> None:
    for times in (1, 2):
        failed(gateway, LoginRefused("[AUTHENTICATIONFAILED] no"), clock.forward(minutes=1))
        gateway.refresh_from_db()
        assert (gateway.state, gateway.failures, gateway.last_error_at) == ("failing", times, clock.now)
    assert last_error(gateway) == ("login-refused", "[AUTHENTICATIONFAILED] no")
    succeeded(gateway, clock.forward(minutes=1))
    gateway.refresh_from_db()
    assert (gateway.state, gateway.failures, gateway.last_success_at) == ("working", 0, clock.now)
    assert last_error(gateway) is not None, "it stays to be read about"


def test_an_error_of_our_own_says_its_kind_and_nothing_more(gateway: Gateway, clock: Clock) -> None:
    failed(gateway, RuntimeError("password is sesame"), clock.now)
    assert last_error(gateway) == ("internal", "RuntimeError")


def test_success_is_written_only_now_and_then(gateway: Gateway, clock: Clock) -> None:
    succeeded(gateway, clock.now)
    first = clock.now
    succeeded(gateway, clock.forward(seconds=10))
    assert Gateway.objects.get().last_success_at == first
    succeeded(gateway, clock.forward(seconds=30))
    assert Gateway.objects.get().last_success_at == clock.now


def test_who_was_paused_meanwhile_stays_paused(gateway: Gateway, clock: Clock) -> None:
    Gateway.objects.update(state="paused")
    succeeded(gateway, clock.now)
    failed(gateway, LoginRefused(), clock.now)
    assert Gateway.objects.get().state == "paused"


def test_no_error_yet(gateway: Gateway) -> None:
    assert last_error(gateway) is None
