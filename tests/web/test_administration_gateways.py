"""Connecting a mailbox, testing it, its ledger, and what went wrong on the way in and out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import AuditEntry
from podatelna.archive.models import Delivery
from podatelna.archive.store import put_blob
from podatelna.desk.models import ProcessAddress
from podatelna.desk.processes import add_address
from podatelna.gateways.models import Folder, Gateway, LedgerEntry
from podatelna.gateways.trusted import trusted_servers
from podatelna.outbox.models import Outgoing
from podatelna.protocols.folders import FolderName
from podatelna.web.administration.connecting import beside_the_others
from podatelna.web.administration.outbox import without_people
from tests.cast import NOON, Cast, a_mail, arrive
from tests.servers import SECRET, Dovecot, Receiver, free_port

GATEWAYS = "/administration/gateways/"
NEW = f"{GATEWAYS}new/"
FORM: dict[str, Any] = {
    "address": "press@acme.cz",
    "display_name": "ACME Press",
    "imap_host": "imap.acme.cz",
    "imap_port": 993,
    "imap_security": "tls",
    "imap_login": "press@acme.cz",
    "imap_password": "tajné-heslo",
    "smtp_host": "smtp.acme.cz",
    "smtp_port": 465,
    "smtp_security": "tls",
    "smtp_sign_in": "same",
    "folder": "INBOX",
    "processed_folder": "Zpracováno",
    "sent_folder": "",
}


@pytest.fixture
def dan(cast: Cast, client: Client) -> Client:
    """The administrator's browser."""
    client.force_login(cast.dan)
    return client


@pytest.fixture
def connected(cast: Cast, dan: Client) -> Gateway:
    """A gateway as the form makes it."""
    dan.post(NEW, FORM)
    return Gateway.objects.get(address="press@acme.cz")


def wrong(dan: Client, path: str = NEW, **change: Any) -> str:
    """The page that refuses the form."""
    answer = dan.post(path, {**FORM, **change})
    assert answer.status_code == 422
    return answer.content.decode()


# --- the form ----------------------------------------------------------------------------------------------


def test_the_address_comes_first_and_the_rest_is_guessed(cast: Cast, dan: Client) -> None:
    assert "imap_host" not in dan.get(NEW).content.decode()
    page = dan.get(NEW, {"address": "acme@gmail.com"})
    assert page.context["form"]["imap_host"].value() == "imap.gmail.com"
    assert "Make an app password" in page.content.decode()


def test_the_processed_folder_is_called_as_in_the_administrators_language(cast: Cast, dan: Client) -> None:
    page = dan.get(NEW, {"address": "acme@gmail.com"})
    assert page.context["form"]["processed_folder"].value() == "Processed"


def test_a_mailbox_is_saved_with_sealed_passwords_and_fetched_at_once(connected: Gateway) -> None:
    assert connected.imap_password() == connected.smtp_password() == "tajné-heslo"
    assert b"tajn" not in bytes(connected.imap_sealed)
    assert connected.due_at is not None
    assert (connected.origin.kind, connected.origin.name) == ("imap", "press@acme.cz")
    entry = AuditEntry.objects.get(act="connect-gateway")
    assert entry.details["after"]["imap_host"] == "imap.acme.cz"
    assert "tajn" not in str(entry.details)


def test_the_address_gets_its_process_and_can_change_it(cast: Cast, dan: Client, connected: Gateway) -> None:
    path = f"{GATEWAYS}{connected.pk}/"
    for process in (cast.sales, cast.helpdesk):
        dan.post(path, {**FORM, "process": process.pk})
        assert ProcessAddress.objects.get(gateway=connected).process == process
    dan.post(path, {**FORM, "process": ""})
    assert not ProcessAddress.objects.filter(gateway=connected).exists()


def test_an_alias_of_a_process_can_get_a_mailbox_of_its_own(cast: Cast, dan: Client) -> None:
    add_address(cast.helpdesk, cast.helpdesk_gateway, "press@acme.cz", cast.dan)
    wrong(dan, process=cast.sales.pk)
    dan.post(NEW, {**FORM, "process": cast.helpdesk.pk})
    assert ProcessAddress.objects.get(address="press@acme.cz").gateway.address == "press@acme.cz"


def test_passwords_are_never_shown_again(dan: Client, connected: Gateway) -> None:
    assert "tajné-heslo" not in dan.get(f"{GATEWAYS}{connected.pk}/").content.decode()
    assert "tajné-heslo" not in wrong(dan, f"{GATEWAYS}{connected.pk}/", imap_port=0)


def test_an_empty_password_keeps_the_stored_one(dan: Client, connected: Gateway) -> None:
    dan.post(f"{GATEWAYS}{connected.pk}/", {**FORM, "imap_password": "", "display_name": "Press"})
    connected.refresh_from_db()
    assert connected.imap_password() == "tajné-heslo"
    assert connected.smtp_password() == "tajné-heslo"
    details = AuditEntry.objects.get(act="change-gateway").details
    assert (details["before"], details["after"]) == ({"display_name": "ACME Press"}, {"display_name": "Press"})


@pytest.mark.parametrize("change", [{"imap_host": "evil.example"}, {"smtp_host": "evil.example"}])
def test_a_stored_password_is_not_sent_to_another_server(dan: Client, connected: Gateway, change: Any) -> None:
    page = wrong(dan, f"{GATEWAYS}{connected.pk}/", imap_password="", **change)
    assert "type the password again" in page
    answer = dan.post(f"{GATEWAYS}{connected.pk}/test/", {**FORM, "imap_password": "", **change})
    assert answer.status_code == 422


def test_no_encryption_is_for_this_computer_only(dan: Client) -> None:
    words = "Without encryption only a server on this very computer is reached."
    assert words in wrong(dan, imap_security="none")
    assert words in wrong(dan, smtp_security="none", smtp_host="127.0.0.1.evil.example")
    local = {"imap_host": "127.0.0.1", "smtp_host": "localhost", "imap_security": "none", "smtp_security": "none"}
    assert dan.post(NEW, {**FORM, **local}).status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        {"processed_folder": "INBOX"},
        {"processed_folder": "inbox"},
        {"sent_folder": "Inbox"},
        {"imap_host": "https://imap.acme.cz"},
        {"imap_host": "user@imap.acme.cz"},
        {"imap_port": 70000},
        {"imap_password": ""},
        {"imap_security": "ssl"},
        {"address": "helpdesk@acme.cz"},
        {"smtp_sign_in": "other"},
    ],
)
def test_what_could_not_work_is_refused(dan: Client, change: dict[str, Any]) -> None:
    wrong(dan, **change)
    assert not Gateway.objects.filter(address="press@acme.cz").exists()


def test_line_breaks_do_not_get_into_headers_or_commands(dan: Client) -> None:
    dan.post(NEW, {**FORM, "display_name": "ACME\r\nBcc: all@acme.cz", "imap_login": "press\r\nA1 LOGOUT"})
    gateway = Gateway.objects.get(address="press@acme.cz")
    assert gateway.display_name == "ACME Bcc: all@acme.cz"
    assert gateway.imap_login == "press A1 LOGOUT"


def test_another_login_for_sending_and_none_at_all(dan: Client, connected: Gateway) -> None:
    path = f"{GATEWAYS}{connected.pk}/"
    other = {"smtp_sign_in": "other", "smtp_login": "relay", "smtp_password": "jiné"}
    dan.post(path, {**FORM, **other})
    connected.refresh_from_db()
    assert (connected.smtp_login, connected.smtp_password()) == ("relay", "jiné")
    dan.post(path, {**FORM, "smtp_sign_in": "none"})
    connected.refresh_from_db()
    assert (connected.smtp_login, connected.smtp_password()) == ("", "")


def test_another_mailbox_begins_another_ledger(dan: Client, connected: Gateway) -> None:
    """UIDs of the new server would be taken for those known from the old one, and its mail would be left out."""
    folder = Folder.objects.create(gateway=connected, name="INBOX", uidvalidity=1)
    LedgerEntry.objects.create(folder=folder, uid=1, end="archived", move="pending")
    dan.post(f"{GATEWAYS}{connected.pk}/", {**FORM, "imap_host": "imap.new.cz"})
    folder.refresh_from_db()
    assert folder.name.startswith("INBOX // ")
    assert folder.entries.count() == 1


def test_saving_leaves_alone_what_the_worker_writes(cast: Cast, dan: Client, connected: Gateway) -> None:
    Gateway.objects.filter(pk=connected.pk).update(state="working", leased_until=NOON, last_success_at=NOON)
    dan.post(f"{GATEWAYS}{connected.pk}/", FORM)
    connected.refresh_from_db()
    assert (connected.state, connected.leased_until, connected.last_success_at) == ("working", NOON, NOON)


# --- how it is doing ---------------------------------------------------------------------------------------


def test_a_failing_mailbox_says_what_happened_and_what_to_do(cast: Cast, dan: Client) -> None:
    Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(
        state="failing",
        failures=3,
        last_error='{"code": "login-refused", "detail": "NO <b>bad</b>"}',
        last_error_at=NOON,
    )
    page = dan.get(GATEWAYS).content.decode()
    assert "The server refused the login or the password." in page
    assert "app password" in page
    assert "NO &lt;b&gt;bad&lt;/b&gt;" in page
    assert "failing, 3 times in a row" in page
    assert "1 gateway is failing." in dan.get("/administration/").content.decode()


def test_pausing_resuming_and_fetching_now(cast: Cast, dan: Client) -> None:
    gateway = cast.helpdesk_gateway
    path = f"{GATEWAYS}{gateway.pk}/"
    dan.post(f"{path}pause/")
    dan.post(f"{path}fetch/")
    gateway.refresh_from_db()
    assert (gateway.state, gateway.due_at) == ("paused", None)
    dan.post(f"{path}resume/")
    gateway.refresh_from_db()
    assert gateway.state == "new"
    assert gateway.due_at is not None
    assert gateway.due_at <= timezone.now()
    assert [row.act for row in AuditEntry.objects.filter(act__endswith="-gateway").order_by("pk")] == [
        "pause-gateway",
        "resume-gateway",
    ]


# --- test and folders --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    server.start()
    yield server
    server.remove()


def locally(**change: Any) -> dict[str, Any]:
    local = {"imap_host": "127.0.0.1", "imap_security": "none", "smtp_host": "127.0.0.1", "smtp_security": "none"}
    return {**FORM, **local, "smtp_sign_in": "none", "imap_port": free_port(), "smtp_port": free_port(), **change}


def lines(answer: Any) -> list[str]:
    return b"".join(answer.streaming_content).decode().splitlines()


def test_each_failed_step_says_what_to_do_and_saving_is_still_possible(dan: Client) -> None:
    shown = lines(dan.post(f"{NEW}test/", locally()))
    assert len(shown) == 12
    assert "nothing listens on this port" in shown[1]
    assert 'class="skipped"' in shown[2]
    assert "You can save all the same" in shown[-1]
    assert not Gateway.objects.filter(address="press@acme.cz").exists()


def test_a_test_of_an_incomplete_form_says_what_is_missing(dan: Client) -> None:
    answer = dan.post(f"{NEW}test/", {**FORM, "imap_password": ""})
    assert answer.status_code == 422
    assert "Password: Type the password." in answer.content.decode()


@pytest.mark.dovecot
def test_a_mailbox_that_works_passes_every_step(dan: Client, dovecot: Dovecot) -> None:
    receiver = Receiver()
    receiver.start()
    try:
        form = locally(imap_port=dovecot.imap_port, imap_password=SECRET, smtp_port=receiver.port)
        shown = lines(dan.post(f"{NEW}test/", form))
    finally:
        receiver.stop()
    assert [line for line in shown[:-1] if 'class="ok"' not in line] == []
    assert "Everything works." in shown[-1]
    assert SECRET not in "".join(shown)
    assert receiver.taken == []


@pytest.mark.dovecot
def test_folders_come_from_the_server_with_their_own_letters(dan: Client, dovecot: Dovecot) -> None:
    box = dovecot.mailbox("press@acme.cz")
    with box.session() as session:
        session.create_folder("Žádosti & <b>stížnosti</b>")
        session.create_folder("Sent")
    answer = dan.post(f"{NEW}folders/", locally(imap_port=dovecot.imap_port, imap_password=SECRET))
    page = answer.content.decode()
    assert "Žádosti &amp; &lt;b&gt;stížnosti&lt;/b&gt;" in page
    assert '<option value="Sent" selected>' in page


@pytest.mark.dovecot
def test_a_wrong_password_is_said_instead_of_folders(dan: Client, dovecot: Dovecot) -> None:
    page = dan.post(f"{NEW}folders/", locally(imap_port=dovecot.imap_port, imap_password="wrong")).content.decode()
    assert "The server refused the login or the password." in page


def test_folders_can_be_asked_for_before_the_rest_is_filled_in(dan: Client) -> None:
    form = {name: value for name, value in locally().items() if not name.startswith("smtp")}
    assert "nothing listens on this port" in dan.post(f"{NEW}folders/", form).content.decode()
    assert "are needed to ask for the folders" in dan.post(f"{NEW}folders/", {}).content.decode()


@pytest.mark.parametrize(
    ("names", "suggested"),
    [
        (["INBOX", "INBOX.Sent", "INBOX.Trash"], "INBOX.Processed"),
        (["INBOX", "Sent"], "Processed"),
        (["INBOX"], "Processed"),
        ([], "Processed"),
    ],
)
def test_the_processed_folder_stands_where_the_others_do(names: list[str], suggested: str) -> None:
    assert beside_the_others("Processed", [FolderName(name, ".") for name in names]) == suggested


# --- ledger, shunted, outbox -------------------------------------------------------------------------------


def test_the_ledger_counts_how_everything_ended_and_shows_why(cast: Cast, dan: Client) -> None:
    folder = Folder.objects.create(gateway=cast.helpdesk_gateway, name="INBOX", uidvalidity=7)
    for uid in range(1, 61):
        LedgerEntry.objects.create(folder=folder, uid=uid, end="archived", move="moved", at=NOON)
    LedgerEntry.objects.create(folder=folder, uid=61, end="failed", reason="too large: 9 <GB>", attempts=2, at=NOON)
    path = f"{GATEWAYS}{cast.helpdesk_gateway.pk}/ledger/"
    page = dan.get(path)
    assert [count for *_, count in page.context["counts"]] == [60, 1]
    assert "too large: 9 &lt;GB&gt;" in page.content.decode()
    older = dan.get(path, {"before": page.context["next"]})
    assert len(older.context["rows"]) == 11
    assert len(dan.get(path, {"only": "trouble"}).context["rows"]) == 1
    assert dan.get(path, {"before": "x"}).status_code == 200


def shunt(cast: Cast) -> Delivery:
    delivery = arrive(a_mail(subject="Very secret matter"), cast.helpdesk_gateway)
    error = "BadThing: could not read\nVery secret matter: of all"
    Delivery.objects.filter(pk=delivery.pk).update(state="shunted", stage="parse", error=error, due_at=None, attempts=3)
    return delivery


def test_shunted_mail_is_listed_without_anything_of_its_content(cast: Cast, dan: Client) -> None:
    shunt(cast)
    page = dan.get("/administration/shunted/").content.decode()
    assert "BadThing" in page
    assert "helpdesk@acme.cz" in page
    assert "Very secret matter" not in page
    assert "1 message could not be processed." in dan.get("/administration/").content.decode()


def test_shunted_mail_is_replayed_one_or_all(cast: Cast, dan: Client) -> None:
    one, two = shunt(cast), shunt(cast)
    dan.post("/administration/shunted/replay/", {"delivery": one.pk})
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, one.attempts, two.state) == ("received", 0, "shunted")
    assert one.due_at is not None
    dan.post("/administration/shunted/replay/")
    two.refresh_from_db()
    assert two.state == "received"
    assert AuditEntry.objects.filter(act="replay").count() == 2


def test_the_outbox_names_no_recipients(cast: Cast, dan: Client) -> None:
    Outgoing.objects.create(
        gateway=cast.helpdesk_gateway,
        person=cast.bob,
        message_id="1@acme.cz",
        mail_from="helpdesk@acme.cz",
        raw=put_blob(b"Subject: Very secret matter\r\n\r\n"),
        state="failed",
        attempts=1,
        give_up_at=NOON,
        last_reply="550 <jana@example.cz> no such user",
    )
    page = dan.get("/administration/outbox/").content.decode()
    assert "550 &lt;…@example.cz&gt; no such user" in page
    assert "jana" not in page
    assert "Very secret matter" not in page


def test_answers_of_servers_keep_their_sense_without_people() -> None:
    assert without_people("552 5.2.2 <a.b+c@x.cz>, d@y.cz over quota") == "552 5.2.2 <…@x.cz>, …@y.cz over quota"


# --- whose checks are believed -----------------------------------------------------------------------------


def test_names_of_own_servers_are_kept_as_the_worker_wants_them(connected: Gateway, dan: Client) -> None:
    page = f"{GATEWAYS}{connected.pk}/"
    answer = dan.post(page, {**FORM, "trusted_servers": " MX.Acme.cz, -;mx.acme.cz \n posta.žluťák.cz"})
    assert answer.status_code == 302
    connected.refresh_from_db()
    assert connected.trusted_servers == "mx.acme.cz - posta.xn--luk-fla37dte.cz"
    assert trusted_servers(connected.origin_id) == {"mx.acme.cz", "", "posta.xn--luk-fla37dte.cz"}
    assert AuditEntry.objects.get(act="change-gateway").details["after"]["trusted_servers"]


@pytest.mark.parametrize("typed", ["https://mx.acme.cz/", "mx..acme.cz", "a@acme.cz", "x" * 300])
def test_what_is_no_server_is_refused(connected: Gateway, dan: Client, typed: str) -> None:
    assert "is no name of a server" in wrong(dan, f"{GATEWAYS}{connected.pk}/", trusted_servers=typed)


def test_servers_that_sign_what_came_are_suggested(cast: Cast, dan: Client) -> None:
    said = b"Authentication-Results: mx.acme.cz; spf=pass\r\n"
    strange = b"Received: from a by b\r\nReceived: from c by d\r\nAuthentication-Results: mx.zlo.cz; spf=pass\r\n"
    hostile = b"Authentication-Results: <b>x</b>; spf=pass\r\n"
    for before in (said, said, strange, hostile, b""):
        arrive(before + a_mail(), cast.helpdesk_gateway)
    html = dan.get(f"{GATEWAYS}{cast.helpdesk_gateway.pk}/").content.decode()
    assert "<code>mx.acme.cz</code> (2 of 5)" in html
    assert "mx.zlo.cz" not in html
    assert "<b>x" not in html
