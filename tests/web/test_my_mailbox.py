"""My mailbox: a person connects their own, or finds it prepared; its transcript is theirs alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from podatelna.accounts.models import AuditEntry, Person
from podatelna.desk import personal
from podatelna.desk.models import Process
from podatelna.gateways.models import Gateway, Said
from tests.cast import NOON, Cast, a_gateway
from tests.servers import HOST, SECRET, Dovecot, Receiver

MINE = "/preferences/mailbox/"


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def filled_in(dovecot: Dovecot, receiver: Receiver, **change: Any) -> dict[str, Any]:
    return {
        "address": "alice@acme.cz",
        "display_name": "Alice",
        "imap_host": HOST,
        "imap_port": dovecot.imap_port,
        "imap_security": "none",
        "imap_login": "alice-mine",
        "imap_password": SECRET,
        "smtp_host": HOST,
        "smtp_port": receiver.port,
        "smtp_security": "none",
        "smtp_sign_in": "none",
        "folder": "Předat",
        "processed_folder": "Hotovo",
        "sent_folder": "",
        **change,
    }


@pytest.fixture
def company(cast: Cast, dovecot: Dovecot, receiver: Receiver) -> Cast:
    """The company's own mailbox is on the same servers: people may use them too."""
    Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(
        imap_host=HOST, imap_port=dovecot.imap_port, smtp_host=HOST, smtp_port=receiver.port
    )
    return cast


@pytest.mark.dovecot
def test_a_person_connects_their_own_mailbox(company: Cast, dovecot: Dovecot, receiver: Receiver) -> None:
    alice = signed_in(company.alice)
    assert "alice@acme.cz" in alice.get(MINE).content.decode()
    assert alice.post(MINE, {"address": "alice@acme.cz"}).status_code == 302
    prepared = Gateway.objects.get(owner=company.alice)
    assert (prepared.state, bool(prepared.imap_sealed)) == (Gateway.State.PAUSED, False)
    assert not Process.objects.filter(owner=company.alice).exists()
    answer = alice.post(MINE, filled_in(dovecot, receiver))
    assert answer.status_code == 302, answer.content.decode()
    gateway = Gateway.objects.get(owner=company.alice)
    assert (gateway.state, gateway.imap_password()) == (Gateway.State.NEW, SECRET)
    assert {"Předat", "Hotovo"} <= dovecot.mailbox("alice-mine").folders()
    desk = Process.objects.get(owner=company.alice)
    assert desk.addresses.get().gateway == gateway
    assert SECRET not in alice.get(MINE).content.decode()
    assert not [row for row in AuditEntry.objects.all() if SECRET in str(row.details)]


@pytest.mark.dovecot
def test_a_refused_password_is_said_and_nothing_is_connected(
    company: Cast, dovecot: Dovecot, receiver: Receiver
) -> None:
    alice = signed_in(company.alice)
    alice.post(MINE, {"address": "alice@acme.cz"})
    answer = alice.post(MINE, filled_in(dovecot, receiver, imap_password="wrong"))
    assert answer.status_code == 422
    assert "refused" in answer.content.decode()
    assert Gateway.objects.get(owner=company.alice).state == Gateway.State.PAUSED
    assert not Process.objects.filter(owner=company.alice).exists()


@pytest.mark.dovecot
def test_the_folders_are_offered_and_the_test_walks_the_steps(
    company: Cast, dovecot: Dovecot, receiver: Receiver
) -> None:
    alice = signed_in(company.alice)
    alice.post(MINE, {"address": "alice@acme.cz"})
    form = filled_in(dovecot, receiver, imap_login="alice-new", folder="Hand over")
    shown = alice.post(f"{MINE}folders", form).content.decode()
    assert "It will be made." in shown
    assert "INBOX" not in shown
    steps = b"".join(alice.post(f"{MINE}test", form).streaming_content).decode()
    assert "will be made" in steps
    assert "Everything works." in steps
    assert Said.objects.filter(gateway__owner=company.alice).exists()


def wrong(client: Client, **data: Any) -> str:
    answer = client.post(MINE, data)
    assert answer.status_code == 422
    return answer.content.decode()


FORM: dict[str, Any] = {
    "address": "alice@acme.cz",
    "imap_host": "imap.acme.cz",
    "imap_port": 993,
    "imap_security": "tls",
    "imap_login": "alice@acme.cz",
    "imap_password": SECRET,
    "smtp_host": "smtp.acme.cz",
    "smtp_port": 465,
    "smtp_security": "tls",
    "smtp_sign_in": "same",
    "folder": "Hand over",
    "processed_folder": "Handed over",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"folder": "inbox"}, "keeps out of your inbox"),
        ({"processed_folder": "INBOX"}, "keeps out of your inbox"),
        ({"processed_folder": "Hand over"}, "another folder"),
        ({"sent_folder": "Handed over"}, "another folder"),
        ({"watch_sent": "on"}, "Name the folder in which your answers stand"),
        ({"address": "helpdesk@acme.cz"}, "belongs to the process"),
        ({"address": "bob@acme.cz"}, "of a colleague"),
        ({"imap_port": 6379}, "usual ports"),
        ({"imap_host": "127.0.0.1", "imap_port": 143, "imap_security": "none"}, "usual ports"),
        ({"smtp_host": "localhost", "smtp_port": 25, "smtp_security": "none"}, "usual ports"),
        ({"imap_password": ""}, "Type the password"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(cast: Cast, change: dict[str, Any], words: str) -> None:
    alice = signed_in(cast.alice)
    alice.post(MINE, {"address": "alice@acme.cz"})
    Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(address="helpdesk-box@acme.cz")
    assert words in wrong(alice, **{**FORM, **change})


def test_another_ones_address_is_refused_at_once(cast: Cast) -> None:
    assert "of a colleague" in wrong(signed_in(cast.alice), address="bob@acme.cz")
    assert not Gateway.objects.filter(owner=cast.alice).exists()


# --- prepared by an administrator ------------------------------------------------------------------------


def test_an_administrator_prepares_it_and_the_person_adds_the_password(cast: Cast) -> None:
    dan = signed_in(cast.dan)
    page = f"/administration/people/{cast.alice.pk}/mailbox/"
    shown = dan.get(page).content.decode()
    assert "alice@acme.cz" in shown
    assert "password" not in " ".join(_names(shown))
    prepared = {**FORM, "imap_host": "127.0.0.1", "imap_port": 10143, "imap_security": "none", "smtp_login": ""}
    assert dan.post(page, prepared).status_code == 302
    gateway = Gateway.objects.get(owner=cast.alice)
    assert (gateway.imap_port, gateway.state, bool(gateway.imap_sealed)) == (10143, Gateway.State.PAUSED, False)
    # The person may go on with what was prepared, port and all.
    assert "usual ports" not in signed_in(cast.alice).post(MINE, {**prepared, "folder": "inbox"}).content.decode()
    assert "its owner signs in" in dan.get("/administration/gateways/").content.decode()


def _names(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('name="')[1:]]


@pytest.fixture
def connected(cast: Cast) -> Gateway:
    gateway = a_gateway("alice@acme.cz", "Alice", owner=cast.alice, folder="Tajná předávka", processed_folder="Hotovo")
    gateway.set_imap_password(SECRET)
    gateway.save()
    personal.take_in(gateway, cast.alice)
    Said.objects.create(gateway=gateway, began_at=NOON, ended_at=NOON, lines='SELECT "Tajna"\nUID SEARCH 1:*', times=3)
    return gateway


def test_once_connected_an_administrator_changes_and_sees_nothing_of_it(cast: Cast, connected: Gateway) -> None:
    dan = signed_in(cast.dan)
    assert dan.post(f"/administration/people/{cast.alice.pk}/mailbox/", FORM).status_code == 200
    connected.refresh_from_db()
    assert connected.imap_host == "imap.acme.cz"
    shown = dan.get("/administration/gateways/").content.decode()
    assert "alice@acme.cz" in shown
    assert "předávka" not in shown
    for path in ("", "ledger/", "test/", "folders/", "pause/", "resume/", "fetch/"):
        assert dan.get(f"/administration/gateways/{connected.pk}/{path}").status_code in (404, 405)
        assert dan.post(f"/administration/gateways/{connected.pk}/{path}", FORM).status_code in (404, 405)
    connected.refresh_from_db()
    assert connected.state == Gateway.State.NEW
    desk = Process.objects.get(owner=cast.alice)
    assert dan.get(f"/administration/processes/{desk.pk}/").status_code == 404
    assert dan.post(f"/administration/processes/{desk.pk}/members/", {"person": cast.dan.pk}).status_code == 404
    assert f"/administration/processes/{desk.pk}/" not in dan.get("/administration/processes/").content.decode()


def test_the_transcript_is_its_owners_alone(cast: Cast, connected: Gateway) -> None:
    alice = signed_in(cast.alice)
    page = alice.get(f"{MINE}transcript/").content.decode()
    assert "SELECT &quot;Tajna&quot;" in page
    assert "3 times the same" in page
    text = b"".join(alice.get(f"{MINE}transcript.txt").streaming_content).decode()
    assert 'SELECT "Tajna"' in text
    for other in (cast.dan, cast.eve, cast.bob):
        assert signed_in(other).get(f"{MINE}transcript/").status_code == 404
        assert signed_in(other).get(f"{MINE}transcript.txt").status_code == 404


def test_its_owner_pauses_it_and_goes_on(cast: Cast, connected: Gateway) -> None:
    alice = signed_in(cast.alice)
    alice.post(f"{MINE}pause")
    connected.refresh_from_db()
    assert connected.state == Gateway.State.PAUSED
    alice.post(f"{MINE}resume")
    connected.refresh_from_db()
    assert connected.state == Gateway.State.NEW
    assert signed_in(cast.eve).post(f"{MINE}pause").status_code == 404


def test_what_is_only_prepared_is_not_begun_by_resuming(cast: Cast) -> None:
    alice = signed_in(cast.alice)
    alice.post(MINE, {"address": "alice@acme.cz"})
    alice.post(f"{MINE}resume")
    assert Gateway.objects.get(owner=cast.alice).state == Gateway.State.PAUSED
