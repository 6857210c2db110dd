"""Tokens: renewed ahead of time and once, kept sealed; a dead one stops its gateway and is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections

from podatelna.gateways import tokens
from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.models import Gateway
from podatelna.gateways.servers import imap_server, smtp_server
from podatelna.gateways.sign_in_models import SignIn, SignInProvider
from podatelna.protocols import oauth
from podatelna.protocols.errors import ApplicationRefused, ProviderFailed, SignInDead, SignInMissing
from tests.cast import Cast, Clock
from tests.providers import CLIENT, CLIENT_SECRET, Provider, running_provider
from tests.servers import until

at_once = pytest.mark.django_db(transaction=True)
RETURN = "https://desk.acme.cz/sign-in/return/"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


def registered(provider: Provider) -> SignInProvider:
    row, _ = SignInProvider.objects.get_or_create(
        name="ACME login",
        defaults={
            "kind": "custom",
            "client_id": CLIENT,
            "authorize_url": f"{provider.url}/authorize",
            "token_url": f"{provider.url}/token",
            "device_url": f"{provider.url}/devicecode",
            "scope": "mail offline",
        },
    )
    row.set_secret(CLIENT_SECRET)
    row.save()
    return row


def signed_in(provider: Provider, cast: Cast, clock: Clock, gateway: Gateway | None = None) -> Gateway:
    """The gateway, after somebody consented."""
    gateway = gateway or cast.helpdesk_gateway
    Gateway.objects.filter(pk=gateway.pk).update(
        imap_authentication="token", smtp_authentication="token", smtp_login=gateway.imap_login
    )
    given = provider._new()
    found = oauth.Tokens(given["access_token"], given["refresh_token"], given["expires_in"], provider.account)
    tokens.keep(gateway, registered(provider), found, cast.dan, clock())
    gateway.refresh_from_db()
    return gateway


def test_a_token_that_holds_is_used_without_asking(provider: Provider, cast: Cast, clock: Clock) -> None:
    gateway = signed_in(provider, cast, clock)
    clock.forward(minutes=54)
    for server in (imap_server(gateway, now=clock), smtp_server(gateway, now=clock)):
        assert server.token in provider.access
        assert server.password == ""
    assert provider.asked == []


def test_it_is_renewed_five_minutes_ahead(provider: Provider, cast: Cast, clock: Clock) -> None:
    gateway = signed_in(provider, cast, clock)
    before = imap_server(gateway, now=clock).token
    clock.forward(minutes=56)
    after = imap_server(gateway, now=clock).token
    assert after != before
    assert after == imap_server(gateway, now=clock).token
    assert provider.refreshes == 1


def test_rotated_tokens_are_kept_and_work_for_months(provider: Provider, cast: Cast, clock: Clock) -> None:
    gateway = signed_in(provider, cast, clock)
    for _ in range(10):
        clock.forward(days=3)
        assert imap_server(gateway, now=clock).token in provider.access
    assert (provider.refreshes, provider.reused) == (10, 0)


def test_a_provider_that_does_not_rotate_gets_the_same_again(provider: Provider, cast: Cast, clock: Clock) -> None:
    provider.rotates = False
    gateway = signed_in(provider, cast, clock)
    for _ in range(3):
        clock.forward(hours=2)
        imap_server(gateway, now=clock)
    assert len({one["refresh_token"] for one in provider.asked}) == 1


def test_no_secret_stands_in_the_database(provider: Provider, cast: Cast, clock: Clock) -> None:
    gateway = signed_in(provider, cast, clock)
    row = SignIn.objects.get(gateway=gateway)
    secret = {row.access(), row.refresh(), CLIENT_SECRET}
    with connection.cursor() as cursor:
        for model in (SignIn, SignInProvider, Gateway):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            stored = b" ".join(
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for line in cursor.fetchall()
                for value in line
            )
            assert not [one for one in secret if one.encode() in stored]


def test_sealed_tokens_do_not_open_for_another_gateway(provider: Provider, cast: Cast, clock: Clock) -> None:
    signed_in(provider, cast, clock)
    other = signed_in(provider, cast, clock, cast.sales_gateway)
    stolen = SignIn.objects.get(gateway=cast.helpdesk_gateway)
    SignIn.objects.filter(gateway=other).update(access_sealed=stolen.access_sealed)
    with pytest.raises(SignInMissing):
        imap_server(other, now=clock)


@at_once
def test_two_workers_never_spend_one_refresh_token(provider: Provider, cast: Cast, clock: Clock) -> None:
    gateway = signed_in(provider, cast, clock)
    clock.forward(hours=2)
    provider.slow = threading.Event()

    def dial() -> str:
        try:
            return imap_server(gateway, now=clock).token
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        dialling = [pool.submit(dial) for _ in range(4)]
        assert provider.reached.wait(20)
        provider.slow.set()
        found = {one.result() for one in dialling}
    assert len(found) == 1
    assert (provider.refreshes, provider.reused) == (1, 0)


def test_while_one_renews_others_go_on_with_the_token_that_still_holds(
    provider: Provider, cast: Cast, clock: Clock
) -> None:
    gateway = signed_in(provider, cast, clock)
    before = SignIn.objects.get(gateway=gateway).access()
    clock.forward(minutes=57)
    SignIn.objects.filter(gateway=gateway).update(renewing_until=clock() + timedelta(minutes=1))
    assert imap_server(gateway, now=clock).token == before
    assert provider.asked == []


def test_a_worker_that_died_while_renewing_holds_nobody_up_for_long(
    provider: Provider, cast: Cast, clock: Clock
) -> None:
    gateway = signed_in(provider, cast, clock)
    SignIn.objects.filter(gateway=gateway).update(renewing_until=clock() + timedelta(minutes=2))
    clock.forward(hours=2)
    assert imap_server(gateway, now=clock).token in provider.access


def test_a_provider_in_trouble_costs_nothing_while_the_token_holds(
    provider: Provider, cast: Cast, clock: Clock
) -> None:
    gateway = signed_in(provider, cast, clock)
    before = SignIn.objects.get(gateway=gateway).access()
    provider.status = 503
    clock.forward(minutes=57)
    assert imap_server(gateway, now=clock).token == before
    clock.forward(minutes=5)
    with pytest.raises(ProviderFailed):
        imap_server(gateway, now=clock)
    provider.status = 200
    assert imap_server(gateway, now=clock).token in provider.access
    assert not Alarm.objects.exists()


def test_a_dead_permission_stops_its_gateway_alone_and_is_told(provider: Provider, cast: Cast, clock: Clock) -> None:
    dead, alive = signed_in(provider, cast, clock), signed_in(provider, cast, clock, cast.sales_gateway)
    Gateway.objects.filter(pk=dead.pk).update(owner=cast.bob)
    provider.alive.discard(SignIn.objects.get(gateway=dead).refresh())
    clock.forward(hours=2)
    assert tokens.renew_due(clock) == 1
    dead.refresh_from_db()
    alive.refresh_from_db()
    assert (dead.state, alive.state) == ("sign-in", "new")
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.gateway, alarm.person) == ("sign-in-dead", dead, cast.bob)
    assert "invalid_grant" in alarm.details["detail"]


def test_the_dead_are_not_asked_about_again(provider: Provider, cast: Cast, clock: Clock) -> None:
    gateway = signed_in(provider, cast, clock)
    provider.revoke()
    clock.forward(hours=2)
    for _ in range(50):
        with pytest.raises(SignInDead):
            imap_server(gateway, now=clock)
        tokens.renew_due(clock)
        clock.forward(minutes=1)
    assert provider.refreshes == 1
    assert Alarm.objects.count() == 1


def test_signing_in_again_sets_it_going_and_ends_the_alarm(provider: Provider, cast: Cast, clock: Clock) -> None:
    gateway = signed_in(provider, cast, clock)
    redials = gateway.redials
    provider.revoke()
    clock.forward(hours=2)
    with pytest.raises(SignInDead):
        imap_server(gateway, now=clock)
    gateway = signed_in(provider, cast, clock)
    assert imap_server(gateway, now=clock).token in provider.access
    assert (gateway.state, gateway.due_at) == ("new", clock())
    assert gateway.redials == redials + 1
    assert not Alarm.objects.filter(ended_at=None).exists()


def test_signing_in_does_not_end_a_pause(provider: Provider, cast: Cast, clock: Clock) -> None:
    Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(state="paused", due_at=None)
    gateway = signed_in(provider, cast, clock)
    assert (gateway.state, gateway.due_at) == ("paused", None)


def test_whoever_signs_in_while_the_old_token_dies_is_not_buried_with_it(
    provider: Provider, cast: Cast, clock: Clock
) -> None:
    gateway = signed_in(provider, cast, clock)
    provider.revoke()
    clock.forward(hours=2)

    def meanwhile(url: str, fields: oauth.Fields) -> oauth.Answer:
        signed_in(provider, cast, clock)
        return tokens.post_at_provider(url, fields)

    with pytest.raises(SignInDead):
        imap_server(gateway, now=clock, post=meanwhile)
    assert imap_server(gateway, now=clock).token in provider.access
    assert not Alarm.objects.exists()


def test_an_application_with_an_expired_secret_is_told_and_asked_rarely(
    provider: Provider, cast: Cast, clock: Clock
) -> None:
    gateway = signed_in(provider, cast, clock)
    provider.refuses_client = True
    clock.forward(hours=2)
    for _ in range(20):
        with pytest.raises(ApplicationRefused):
            imap_server(gateway, now=clock)
        clock.forward(minutes=1)
    assert provider.refreshes == 2
    assert Alarm.objects.get().subject == f"provider {SignInProvider.objects.get().pk}"

    provider.refuses_client = False
    tokens.forgive(SignInProvider.objects.get())
    assert imap_server(gateway, now=clock).token in provider.access


def test_the_alarm_about_an_application_ends_when_it_is_accepted_again(
    provider: Provider, cast: Cast, clock: Clock
) -> None:
    gateway = signed_in(provider, cast, clock)
    provider.refuses_client = True
    clock.forward(hours=2)
    with pytest.raises(ApplicationRefused):
        imap_server(gateway, now=clock)
    provider.refuses_client = False
    clock.forward(minutes=11)
    imap_server(gateway, now=clock)
    assert not Alarm.objects.filter(ended_at=None).exists()


def test_a_token_that_the_mail_server_refused_is_renewed_before_it_is_used_again(
    provider: Provider, cast: Cast, clock: Clock
) -> None:
    gateway = signed_in(provider, cast, clock)
    server = imap_server(gateway, now=clock)
    server.notices.tell_token_refused()
    assert imap_server(gateway, now=clock).token != server.token
    assert provider.refreshes == 1


def test_what_is_paused_is_not_renewed_and_what_is_due_is(provider: Provider, cast: Cast, clock: Clock) -> None:
    signed_in(provider, cast, clock)
    Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(state="paused")
    signed_in(provider, cast, clock, cast.sales_gateway)
    assert tokens.renew_due(clock) == 0
    clock.forward(minutes=56)
    assert tokens.renew_due(clock) == 1
    assert tokens.renew_due(clock) == 0


def test_nobody_has_signed_in_yet(cast: Cast, clock: Clock) -> None:
    Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(imap_authentication="token")
    cast.helpdesk_gateway.refresh_from_db()
    with pytest.raises(SignInMissing):
        imap_server(cast.helpdesk_gateway, now=clock)


@at_once
def test_what_another_worker_brings_in_time_is_used(provider: Provider, cast: Cast, clock: Clock) -> None:
    gateway = signed_in(provider, cast, clock)
    clock.forward(hours=2)
    row = SignIn.objects.get(gateway=gateway)
    SignIn.objects.filter(pk=row.pk).update(renewing_until=clock() + timedelta(minutes=1))
    found: list[str] = []

    def dial() -> None:
        try:
            found.append(imap_server(gateway, now=clock).token)
        finally:
            connections.close_all()

    thread = threading.Thread(target=dial)
    thread.start()
    row.set_tokens("brought-by-another", "its-refresh")
    row.expires_at, row.renewing_until = clock() + timedelta(hours=1), None
    row.save()
    thread.join(30)
    until(lambda: found == ["brought-by-another"])
    assert provider.asked == []
