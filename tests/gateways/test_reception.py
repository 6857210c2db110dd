"""Mail brought to us by SMTP and LMTP, over a real connection into the real archive and onto the desk."""

from __future__ import annotations

import smtplib
import threading

import pytest
from django.db import DatabaseError, OperationalError, connections
from django.utils import timezone

from podatelna import pipeline
from podatelna.archive import store, verdicts
from podatelna.archive.intake import accept
from podatelna.archive.models import BroughtBy, Delivery, Message, Origin, Verdict
from podatelna.desk.addressed import forms_of, receiving_gateway
from podatelna.desk.models import Conversation
from podatelna.desk.processes import add_address
from podatelna.gateways.models import Gateway
from podatelna.gateways.reception import DirectReception
from podatelna.mail.resolver import table_resolver
from podatelna.protocols.listening import Place
from podatelna.protocols.smtp_limits import Limits
from podatelna.protocols.smtp_server import Brought, Client, House, NotNow, UnknownRecipient
from tests.cast import Cast, a_mail
from tests.smtp_house import Raw, opened

over_the_network = pytest.mark.django_db(transaction=True)

JANA = "jana@example.cz"
SUPPORT, ORDERS = "support@acme.cz", "orders@acme.cz"


@pytest.fixture
def gateway(cast: Cast) -> Gateway:
    """Mail to support@ is helpdesk's, to orders@ it is sales'; both are brought to us."""
    origin = Origin.objects.create(kind=Origin.Kind.SMTP, name=SUPPORT)
    made = Gateway.objects.create(
        kind=Gateway.Kind.RECEIVING,
        origin=origin,
        address=SUPPORT,
        smtp_host="smtp.acme.cz",
        imap_host="",
        imap_login="",
    )
    add_address(cast.helpdesk, made, SUPPORT, cast.dan)
    add_address(cast.sales, made, ORDERS, cast.dan)
    return made


def reception(**world: object) -> DirectReception:
    return DirectReception(**{"find": receiving_gateway, "take": accept, "now": timezone.now, **world})  # type: ignore[arg-type]  # what a test hands in


def apart(**world: object) -> DirectReception:
    """In threads that are not the test's: each time with a connection of its own."""
    return reception(done=connections.close_all, **world)


def bring(raw: bytes, *recipients: str) -> None:
    """As the server hands it over."""
    for recipient in recipients:
        reception().check(recipient)
    client = Client("203.0.113.5", "mail.example.cz", False, "smtp")
    reception().accept(Brought(client, JANA, recipients, raw))


def send(place: Place, raw: bytes, *recipients: str) -> dict[str, tuple[int, bytes]]:
    """As another mail server does."""
    with smtplib.SMTP(place.host, place.port, "mx.example.cz") as client:
        return client.sendmail(JANA, list(recipients), raw)


def take_onto_the_desk() -> None:
    while pipeline.receive_due(timezone.now()):
        pass


# --- onto the desk


@over_the_network
def test_mail_is_on_the_desk_of_the_process_it_was_sent_to_byte_exact(cast: Cast, gateway: Gateway) -> None:
    raw = a_mail("Pračka", to=f"{SUPPORT}, {ORDERS}")
    with opened(House(apart(), Limits(), "mx.acme.cz")) as place:
        refused = send(place, raw, ORDERS, "nobody@acme.cz")
    assert refused == {"nobody@acme.cz": (550, b"5.1.1 There is no such address here")}
    take_onto_the_desk()
    delivery = Delivery.objects.get()
    assert store.original(delivery) == raw
    assert (delivery.mail_from, delivery.rcpt_to, delivery.origin) == (JANA, [ORDERS], gateway.origin)
    # The header names support@ too, but nobody brought it there.
    assert [one.process for one in Conversation.objects.all()] == [cast.sales]
    gateway.refresh_from_db()
    assert (gateway.state, gateway.failures) == (Gateway.State.WORKING, 0)
    assert gateway.last_success_at is not None


def test_one_mail_to_two_processes_is_one_message_in_two_conversations(cast: Cast, gateway: Gateway) -> None:
    bring(a_mail(to=f"{SUPPORT}, {ORDERS}"), SUPPORT, ORDERS)
    take_onto_the_desk()
    assert Message.objects.count() == 1
    assert {one.process for one in Conversation.objects.all()} == {cast.helpdesk, cast.sales}


def test_a_detail_behind_a_plus_leads_to_the_same_process_and_is_kept(cast: Cast, gateway: Gateway) -> None:
    bring(a_mail(), "Orders+case-17@ACME.cz")
    take_onto_the_desk()
    assert Delivery.objects.get().rcpt_to == ["Orders+case-17@ACME.cz"]
    assert Conversation.objects.get().process == cast.sales


@pytest.mark.parametrize(
    ("address", "forms"),
    [
        ("A@b.cz", ["a@b.cz"]),
        ("a+b+c@d.cz", ["a+b+c@d.cz", "a@d.cz"]),
        ("+x@d.cz", ["+x@d.cz"]),
        ("postmaster", ["postmaster"]),
    ],
)
def test_forms_of_an_address(address: str, forms: list[str]) -> None:
    assert forms_of(address) == forms


def test_only_addresses_that_are_brought_here_are_taken(cast: Cast, gateway: Gateway) -> None:
    # helpdesk@ is fetched from its mailbox; the others are nobody's.
    for address in ("helpdesk@acme.cz", "nobody@acme.cz", "support@example.cz", "alice@acme.cz"):
        with pytest.raises(UnknownRecipient):
            bring(a_mail(), address)
    assert not Delivery.objects.exists()


def test_before_the_gateway_has_a_process_its_mail_waits(cast: Cast, gateway: Gateway) -> None:
    gateway.addresses.all().delete()
    bring(a_mail(), SUPPORT)
    take_onto_the_desk()
    assert Delivery.objects.get().state == Delivery.State.SHUNTED
    add_address(cast.helpdesk, gateway, SUPPORT, cast.dan)
    take_onto_the_desk()
    assert Conversation.objects.get().process == cast.helpdesk


def test_a_paused_gateway_has_mail_come_later(gateway: Gateway) -> None:
    Gateway.objects.filter(pk=gateway.pk).update(state=Gateway.State.PAUSED)
    with pytest.raises(NotNow):
        bring(a_mail(), SUPPORT)


# --- nothing is lost, nothing comes twice


def test_what_is_brought_again_because_nobody_heard_the_answer_is_one(gateway: Gateway) -> None:
    raw = a_mail()
    bring(raw, SUPPORT, ORDERS)
    bring(raw, SUPPORT, ORDERS)
    bring(raw, ORDERS)
    take_onto_the_desk()
    assert Delivery.objects.count() == 2
    assert Message.objects.count() == 1
    assert Conversation.objects.count() == 2
    assert BroughtBy.objects.count() == Verdict.objects.count() == 2


def test_the_same_bytes_for_another_address_later_are_not_swallowed(cast: Cast, gateway: Gateway) -> None:
    raw = a_mail()
    bring(raw, SUPPORT)
    bring(raw, ORDERS)
    take_onto_the_desk()
    assert {one.process for one in Conversation.objects.all()} == {cast.helpdesk, cast.sales}


@over_the_network
def test_a_client_that_hangs_up_before_the_answer_has_brought_its_mail_all_the_same(gateway: Gateway) -> None:
    held, begun, done = threading.Event(), threading.Event(), threading.Event()

    def slowly(batch: object, **more: object) -> object:
        begun.set()
        held.wait(20)
        return accept(batch, **more)  # type: ignore[arg-type]  # handed through

    raw = a_mail()
    with opened(House(apart(take=slowly, arrived=done.set), Limits(), "mx.acme.cz")) as place:
        with Raw(place) as client:
            client.until_data(SUPPORT)
            client.say(raw + b".\r\n")
            assert begun.wait(10)
        held.set()
        assert done.wait(10)
        assert send(place, raw, SUPPORT) == {}
    assert Delivery.objects.count() == 1


@over_the_network
def test_while_the_archive_cannot_store_the_client_keeps_its_mail_and_then_it_comes(gateway: Gateway) -> None:
    broken = [OperationalError, DatabaseError, OSError, ZeroDivisionError]

    def take(batch: object, **more: object) -> object:
        if broken:
            raise broken.pop()("away")
        return accept(batch, **more)  # type: ignore[arg-type]  # handed through

    raw = a_mail()
    with opened(House(apart(take=take), Limits(), "mx.acme.cz")) as place:
        while broken:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                send(place, raw, SUPPORT)
            assert refused.value.smtp_code == 451
            assert not Delivery.objects.exists()
        assert send(place, raw, SUPPORT) == {}
    assert Delivery.objects.count() == 1


def test_while_nobody_can_say_whose_an_address_is_it_is_not_refused_for_good(gateway: Gateway) -> None:
    def find(address: str) -> Gateway | None:
        raise OperationalError("away")

    with pytest.raises(NotNow):
        reception(find=find).check(SUPPORT)


# --- who brought it, and whether it is genuine


RECORDS = {"example.cz": "v=spf1 ip4:203.0.113.5 -all", "_dmarc.example.cz": "v=DMARC1; p=reject"}
FORGED = [
    ("Authentication-Results", "mx.acme.cz; dmarc=pass header.from=example.cz"),
    ("Received", "from mail.example.cz (mail.example.cz [203.0.113.5]) by mx.acme.cz with ESMTP id 1; "
     "Mon, 04 May 2026 10:00:00 +0000"),
]  # fmt: skip


def judged(client: Client, gateway: Gateway, raw: bytes) -> str:
    reception().accept(Brought(client, JANA, (SUPPORT,), raw))
    verdicts.judge_due(timezone.now(), table_resolver(RECORDS), trusted=lambda origin: frozenset({"mx.acme.cz"}))
    return Verdict.objects.get().summary


def test_spf_goes_by_the_client_itself(gateway: Gateway) -> None:
    assert judged(Client("203.0.113.5", "mail.example.cz", False, "smtp"), gateway, a_mail()) == "verified"
    row = BroughtBy.objects.get()
    assert (row.address, row.helo, row.protocol, row.named) == ("203.0.113.5", "mail.example.cz", "smtp", False)


def test_a_stranger_who_writes_our_own_findings_into_the_header_is_not_believed(gateway: Gateway) -> None:
    forged = a_mail(headers=FORGED)
    assert judged(Client("198.51.100.9", "mx.acme.cz", False, "smtp"), gateway, forged) == "failed"


def test_what_ones_own_server_hands_on_is_judged_by_what_that_wrote(gateway: Gateway) -> None:
    handed_on = a_mail(headers=FORGED)
    assert judged(Client("198.51.100.9", "mx.acme.cz", True, "lmtp"), gateway, handed_on) == "verified"


def test_a_named_client_is_remembered_as_one(gateway: Gateway) -> None:
    reception().accept(Brought(Client("", "mx.acme.cz", True, "lmtp"), JANA, (SUPPORT, ORDERS), a_mail()))
    assert [(one.protocol, one.named) for one in BroughtBy.objects.all()] == [("lmtp", True)] * 2
