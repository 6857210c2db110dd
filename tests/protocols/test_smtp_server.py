"""Our SMTP and LMTP server, spoken to by smtplib and on the raw socket."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from ipaddress import ip_network
from pathlib import Path

import pytest

from podatelna.protocols.listening import Place, read_networks, read_places
from podatelna.protocols.server_certificate import Certificate
from podatelna.protocols.smtp_limits import Door, Limits
from podatelna.protocols.smtp_server import House
from tests.cast import a_mail
from tests.servers import make_certificate
from tests.smtp_house import Memory, Raw, opened

HELPDESK, SALES = "helpdesk@acme.cz", "sales@acme.cz"
JANA = "jana@example.cz"
TINY = Limits(size=10_000, in_memory=1_000)


def a_house(reception: Memory, limits: Limits = TINY, **more: object) -> House:
    return House(reception, limits, "mx.acme.cz", **more)  # type: ignore[arg-type]  # each as House says


# --- mail comes in


def test_mail_is_handed_over_as_it_came_with_its_envelope_and_client() -> None:
    reception, raw = Memory(), a_mail("Pračka", "řádek\r\n.tečka na začátku\r\n")
    with opened(a_house(reception)) as place, smtplib.SMTP(place.host, place.port, "mx.example.cz") as client:
        assert client.sendmail(JANA, [HELPDESK, SALES], raw) == {}
    (brought,) = reception.brought
    assert (brought.raw, brought.mail_from, brought.recipients) == (raw, JANA, (HELPDESK, SALES))
    assert (brought.client.address, brought.client.helo, brought.client.tls) == ("127.0.0.1", "mx.example.cz", "")


def test_a_report_has_the_empty_sender() -> None:
    reception = Memory()
    with opened(a_house(reception)) as place, smtplib.SMTP(place.host, place.port) as client:
        client.sendmail("", [HELPDESK], a_mail())
    assert reception.brought[0].mail_from == ""


def test_lines_longer_than_the_standard_allows_and_nul_come_through_whole() -> None:
    raw = b"Subject: long\r\n\r\n" + b"x" * 200_000 + b"\r\n\0\xff\r\n" + b"." * 70_000 + b"\r\n"
    reception = Memory()
    with opened(a_house(reception, Limits())) as place, Raw(place) as client:
        client.until_data(HELPDESK)
        client.say(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        assert client.hear().startswith("250 2.0.0")
    assert reception.brought[0].raw == raw


def test_a_message_in_single_octets_is_the_same_message() -> None:
    reception = Memory()
    with opened(a_house(reception)) as place, Raw(place) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.until_data(HELPDESK)
        for octet in b"Subject: x\r\n\r\n..\r\n.\r\n":
            client.say(bytes([octet]))
        assert client.hear().startswith("250")
    assert reception.brought[0].raw == b"Subject: x\r\n\r\n.\r\n"


def test_an_empty_message_is_taken() -> None:
    reception = Memory()
    with opened(a_house(reception)) as place, Raw(place) as client:
        client.until_data(HELPDESK)
        client.say(b".\r\n")
        assert client.hear().startswith("250")
    assert reception.brought[0].raw == b""


def test_two_messages_in_one_breath_are_two() -> None:
    reception = Memory()
    envelope = f"MAIL FROM:<{JANA}>\r\nRCPT TO:<{HELPDESK}>\r\nDATA\r\n".encode()
    with opened(a_house(reception)) as place, Raw(place) as client:
        assert client.hear().startswith("220")
        assert "PIPELINING" in client.ask("EHLO mx.example.cz")
        client.say(envelope)
        assert [client.hear()[:3] for _ in range(3)] == ["250", "250", "354"]
        client.say(b"Subject: 1\r\n\r\n.\r\n" + envelope)  # RFC 2920 3.1: what follows the dot may come with it
        assert [client.hear()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        client.say(b"Subject: 2\r\n\r\n.\r\nQUIT\r\n")
        assert [client.hear()[:3] for _ in range(2)] == ["250", "221"]
    assert [one.raw for one in reception.brought] == [b"Subject: 1\r\n\r\n", b"Subject: 2\r\n\r\n"]


def test_addresses_in_utf_8_are_taken() -> None:
    reception = Memory(known=("dotazy@háčky.cz",))
    with opened(a_house(reception)) as place, Raw(place) as client:
        client.hear()
        assert "SMTPUTF8" in client.ask("EHLO mx.example.cz")
        assert client.ask("MAIL FROM:<žofie@příklad.cz> SMTPUTF8 BODY=8BITMIME").startswith("250")
        assert client.ask("RCPT TO:<dotazy@háčky.cz>").startswith("250")
        assert client.ask("DATA").startswith("354")
        client.say(b"Subject: x\r\n\r\n.\r\n")
        assert client.hear().startswith("250")
    assert reception.brought[0].mail_from == "žofie@příklad.cz"


# --- what is refused


def test_an_unknown_recipient_is_refused_and_the_others_get_it() -> None:
    reception = Memory()
    with opened(a_house(reception)) as place, smtplib.SMTP(place.host, place.port) as client:
        refused = client.sendmail(JANA, ["nobody@acme.cz", HELPDESK, "someone@elsewhere.example"], a_mail())
    assert {address: code for address, (code, _) in refused.items()} == {
        "nobody@acme.cz": 550,
        "someone@elsewhere.example": 550,
    }
    assert all(words.startswith(b"5.1.1 ") for _, words in refused.values())
    assert reception.brought[0].recipients == (HELPDESK,)


@pytest.mark.parametrize(
    "relay", ["a@elsewhere.example", "@acme.cz:a@elsewhere.example", "a%elsewhere.example@acme.cz", "elsewhere!a"]
)
def test_nothing_is_relayed(relay: str) -> None:
    with opened(a_house(Memory())) as place, Raw(place) as client:
        client.hear()
        client.ask("EHLO mx.example.cz")
        client.ask(f"MAIL FROM:<{HELPDESK}>")
        assert client.ask(f"RCPT TO:<{relay}>")[:1] == "5"
        assert client.ask("DATA").startswith("503")


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n"])
def test_a_false_end_of_data_smuggles_no_second_message(end: bytes) -> None:
    smuggled = f"MAIL FROM:<ceo@acme.cz>\r\nRCPT TO:<{SALES}>\r\nDATA\r\nSubject: fake\r\n\r\nx".encode()
    reception = Memory()
    with opened(a_house(reception)) as place, Raw(place) as client:
        client.until_data(HELPDESK)
        client.say(b"Subject: real\r\n\r\nhello" + end + smuggled + b"\r\n.\r\n")
        reply = client.hear()
        assert client.ask("QUIT").startswith("221")
    if b"\0" in end:
        assert (reply[:3], len(reception.brought)) == ("250", 1)
        assert smuggled in reception.brought[0].raw
    else:
        assert reply.startswith("550 5.6.0")
        assert reception.brought == []


@pytest.mark.parametrize("command", [b"EHLO x\n", b"EHLO x\rMAIL FROM:<a@b.cz>\r\n", b"NOOP\r\nNOOP\n"])
def test_a_command_that_ends_without_crlf_ends_the_connection(command: bytes) -> None:
    with opened(a_house(Memory())) as place, Raw(place) as client:
        client.hear()
        client.say(command)
        heard = [client.hear() for _ in range(3)]
    assert any(reply.startswith("521 5.5.2") for reply in heard), heard
    assert heard[-1] == ""


def test_a_cr_and_its_lf_may_come_apart() -> None:
    with opened(a_house(Memory())) as place, Raw(place) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.hear()
        for octet in b"NOOP\r\n":
            client.say(bytes([octet]))
        assert client.hear().startswith("250")


def test_what_is_too_large_is_refused_at_mail_and_while_it_streams() -> None:
    reception = Memory()
    with opened(a_house(reception)) as place:
        with Raw(place) as client:
            client.hear()
            assert "SIZE 10000" in client.ask("EHLO mx.example.cz")
            assert client.ask(f"MAIL FROM:<{JANA}> SIZE=10001").startswith("552")
        with Raw(place) as client:
            client.until_data(HELPDESK)
            client.say(b"x" * 70 * 150 + b"\r\n.\r\n")
            assert client.hear().startswith("552 5.3.4")
            assert client.ask("NOOP").startswith("250")
        with Raw(place) as client:
            client.until_data(HELPDESK)
            client.say((b"x" * 70 + b"\r\n") * 400)  # and no end of it
            assert client.hear().startswith("552 5.3.4")
            assert client.hear() == ""
    assert reception.brought == []


def test_exactly_the_limit_is_taken() -> None:
    reception, raw = Memory(), b"x" * 9_998 + b"\r\n"
    with opened(a_house(reception)) as place, Raw(place) as client:
        client.until_data(HELPDESK)
        client.say(raw + b".\r\n")
        assert client.hear().startswith("250")
    assert reception.brought[0].raw == raw


def test_more_recipients_than_allowed_are_told_to_come_again() -> None:
    reception = Memory()
    with opened(a_house(reception, Limits(recipients=1))) as place, smtplib.SMTP(place.host, place.port) as client:
        refused = client.sendmail(JANA, [HELPDESK, SALES], a_mail())
    assert refused[SALES][0] == 452
    assert reception.brought[0].recipients == (HELPDESK,)


def test_who_guesses_addresses_is_shown_out() -> None:
    with opened(a_house(Memory(), Limits(unknown_recipients=3))) as place, Raw(place) as client:
        client.hear()
        client.ask("EHLO mx.example.cz")
        client.ask(f"MAIL FROM:<{JANA}>")
        heard = [client.ask(f"RCPT TO:<guess{number}@acme.cz>")[:3] for number in range(4)]
        assert heard == ["550", "550", "550", "421"]
        assert client.hear() == ""


@pytest.mark.parametrize(
    "line",
    [
        b"MAIL FROM:<a\xff@b.cz>", b"MAIL FROM:<" + b"a" * 400 + b"@b.cz>", b"MAIL FROM:<(((>", b"MAIL FROM:",
        b"RCPT TO:<" + b"(" * 200, b"\xff\xfe", b"MAIL", b"X" * 100_000, b"BDAT 10 LAST",
        b"AUTH PLAIN AGEAYg==", b"VRFY a",
    ],
    ids=["not utf-8", "long", "open", "none", "nested", "no command", "bare", "endless", "bdat", "auth", "vrfy"],
)  # fmt: skip
def test_nonsense_is_answered_and_the_connection_goes_on(line: bytes) -> None:
    with opened(a_house(Memory())) as place, Raw(place) as client:
        client.hear()
        client.ask("EHLO mx.example.cz")
        client.say(line + b"\r\n")
        assert client.hear()[:1] in ("2", "5")
        assert client.ask("NOOP").startswith("250")


def test_without_a_database_the_client_keeps_its_mail() -> None:
    reception = Memory()
    with opened(a_house(reception)) as place, Raw(place) as client:
        client.until_data(HELPDESK)
        reception.away = True
        client.say(b"Subject: x\r\n\r\n.\r\n")
        assert client.hear().startswith("451 4.3.0")
        client.ask(f"MAIL FROM:<{JANA}>")
        assert client.ask(f"RCPT TO:<{HELPDESK}>").startswith("451 4.3.0")
    assert reception.brought == []


def test_an_error_that_nobody_thought_of_loses_nothing_either() -> None:
    class Broken(Memory):
        def accept(self, brought: object) -> None:
            raise ZeroDivisionError

    with opened(a_house(Broken())) as place, Raw(place) as client:
        client.until_data(HELPDESK)
        client.say(b"Subject: x\r\n\r\n.\r\n")
        assert client.hear().startswith("451 4.3.0")


def test_a_client_that_goes_away_amid_the_text_has_brought_nothing() -> None:
    reception = Memory()
    with opened(a_house(reception)) as place:
        with Raw(place) as client:
            client.until_data(HELPDESK)
            client.say(b"Subject: x\r\n\r\nhello\r\n.")
        with Raw(place) as client:
            assert client.hear().startswith("220")
            assert client.ask("QUIT").startswith("221")
    assert reception.brought == []


# --- who may come, and how often


def test_silence_ends_a_connection() -> None:
    with opened(a_house(Memory(), Limits(command_seconds=0.2))) as place, Raw(place) as client:
        client.hear()
        assert client.hear().startswith("421 4.4.2")
        assert client.hear() == ""


def test_silence_amid_the_text_ends_it_and_so_does_dawdling() -> None:
    for limits in (Limits(data_idle_seconds=0.2), Limits(data_seconds=0.2)):
        reception = Memory()
        with opened(a_house(reception, limits)) as place, Raw(place) as client:
            client.until_data(HELPDESK)
            client.say(b"Subject: x\r\n")
            assert client.hear().startswith("421 4.4.2")
        assert reception.brought == []


def test_too_many_connections_are_told_to_come_again_and_a_free_place_is_used() -> None:
    with opened(a_house(Memory(), Limits(connections_per_client=1))) as place:
        with Raw(place) as first, Raw(place) as second:
            assert first.hear().startswith("220")
            assert second.hear().startswith("421 4.7.0")
            assert second.hear() == ""
            first.ask("QUIT")
            assert first.hear() == ""
        with Raw(place) as third:
            assert third.hear().startswith("220")
    with opened(a_house(Memory(), Limits(connections=0))) as place, Raw(place) as client:
        assert client.hear().startswith("421 4.3.2")


def test_too_many_messages_a_minute_are_told_to_come_again_unless_the_client_is_named() -> None:
    for clients, expected in (((), "450 4.7.1"), ((ip_network("127.0.0.0/8"),), "250")):
        with opened(a_house(Memory(), Limits(messages_a_minute=2, clients=clients))) as place, Raw(place) as client:
            client.hear()
            client.ask("EHLO mx.example.cz")
            for _ in range(2):
                assert client.ask(f"MAIL FROM:<{JANA}>").startswith("250")
                client.ask("RSET")
            assert client.ask(f"MAIL FROM:<{JANA}>").startswith(expected)


def test_a_rate_comes_back_with_time_and_is_one_for_a_net_of_ipv6() -> None:
    now = [0.0]
    door = Door(Limits(messages_a_minute=2), lambda: now[0])
    assert [door.may_bring("2001:db8::1"), door.may_bring("2001:db8::2"), door.may_bring("2001:db8::3")] == [
        True, True, False,
    ]  # fmt: skip
    assert door.may_bring("2001:db8:0:1::1")
    assert door.may_bring("::ffff:192.0.2.1")
    now[0] = 30.0
    assert [door.may_bring("2001:db8::4"), door.may_bring("2001:db8::4")] == [True, False]


def test_only_named_clients_may_come_where_they_are_named() -> None:
    limits = Limits(clients=(ip_network("192.0.2.0/24"),), only_clients=True)
    with opened(a_house(Memory(), limits)) as place, Raw(place) as client:
        assert client.hear().startswith("554 5.7.1")
        assert client.hear() == ""


# --- encryption


def test_starttls_encrypts_and_what_was_slipped_in_before_it_is_forgotten(tmp_path: Path) -> None:
    certificate, reception = make_certificate(tmp_path), Memory()
    served = Certificate(certificate.certificate, certificate.key)
    with opened(a_house(reception, certificate=served.context)) as place:
        with smtplib.SMTP(place.host, place.port) as client:
            client.starttls(context=certificate.trusting())
            assert not client.has_extn("auth")
            client.sendmail(JANA, [HELPDESK], a_mail())
        assert reception.brought[0].client.tls.startswith("TLSv1.")
        with Raw(place) as raw:
            raw.hear()
            assert "STARTTLS" in raw.ask("EHLO mx.example.cz")
            raw.say(b"STARTTLS\r\nMAIL FROM:<injected@example.cz>\r\n")
            assert raw.hear().startswith("220")
            encrypted = certificate.trusting().wrap_socket(raw.socket, server_hostname="localhost")
            encrypted.sendall(b"EHLO mx.example.cz\r\nRCPT TO:<helpdesk@acme.cz>\r\n")
            heard = b""
            while b"503" not in heard:
                heard += encrypted.recv(4096)
            assert b"STARTTLS" not in heard
            encrypted.close()


def test_a_renewed_certificate_is_shown_and_a_half_renewed_one_is_not(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    shown = make_certificate(tmp_path)
    old, new = shown.certificate.read_bytes(), make_certificate(tmp_path / "new")
    certificate = Certificate(shown.certificate, shown.key)

    def seen(place: Place) -> str:
        with smtplib.SMTP(place.host, place.port) as client:
            client.starttls(context=ssl._create_unverified_context())
            found = client.sock.getpeercert(binary_form=True)  # type: ignore[union-attr]  # it is an SSLSocket by now
        return ssl.DER_cert_to_PEM_cert(found)

    with opened(a_house(Memory(), certificate=certificate.context)) as place:
        shown.certificate.write_bytes(new.certificate.read_bytes())
        assert seen(place) == old.decode()
        shown.key.write_bytes(new.key.read_bytes())
        assert seen(place) == new.certificate.read_text()


# --- LMTP


def test_lmtp_answers_for_each_recipient(tmp_path: Path) -> None:
    reception = Memory()
    house = a_house(reception, protocol="lmtp")
    with opened(house, Place(path=str(tmp_path / "lmtp"))) as place, Raw(place) as client:
        client.until_data(HELPDESK, SALES, hello="LHLO mx.acme.cz")
        client.say(b"Subject: x\r\n\r\n.\r\n")
        assert [client.hear()[:9], client.hear()[:9]] == ["250 2.0.0", "250 2.0.0"]
        client.ask(f"MAIL FROM:<{JANA}>")
        client.ask(f"RCPT TO:<{SALES}>")
        assert client.ask("RCPT TO:<nobody@acme.cz>").startswith("550 5.1.1")
        client.ask(f"RCPT TO:<{HELPDESK}>")
        client.ask("DATA")
        reception.away = True
        client.say(b"Subject: y\r\n\r\n.\r\n")
        assert [client.hear()[:9], client.hear()[:9]] == ["451 4.3.0", "451 4.3.0"]
        assert client.ask("QUIT").startswith("221")
    assert reception.brought[0].client.named
    assert len(reception.brought) == 1


def test_lmtp_knows_no_ehlo_and_smtp_no_lhlo() -> None:
    with opened(a_house(Memory(), protocol="lmtp")) as place, Raw(place) as client:
        client.hear()
        assert client.ask("EHLO a").startswith("500")
        with smtplib.LMTP(place.host, place.port) as lmtp:
            assert lmtp.sendmail(JANA, [HELPDESK], a_mail()) == {}
    with opened(a_house(Memory())) as place, Raw(place) as client:
        client.hear()
        assert client.ask("LHLO a").startswith("500")


# --- the end


def test_who_is_stopped_still_answers_for_what_is_being_made_durable() -> None:
    reception = Memory(held=threading.Event())
    assert reception.held is not None
    with opened(a_house(reception)) as place:
        client = Raw(place)
        client.until_data(HELPDESK)
        client.say(b"Subject: x\r\n\r\n.\r\n")
        threading.Timer(0.3, reception.held.set).start()
        # Not yet accepted when the server is told to stop.
    assert client.hear().startswith("250")
    assert len(reception.brought) == 1
    client.__exit__()


# --- where it listens


def test_places_and_nets_are_read_as_settings_name_them() -> None:
    assert [str(place) for place in read_places("0.0.0.0:25, [::1]:2525,/run/podatelna/lmtp")] == [
        "0.0.0.0:25",
        "[::1]:2525",
        "/run/podatelna/lmtp",
    ]
    assert read_places("") == ()
    assert [str(net) for net in read_networks("192.0.2.7, 2001:db8::/32")] == ["192.0.2.7/32", "2001:db8::/32"]


@pytest.mark.parametrize("text", ["25", "mx.acme.cz", "::1:25", "0.0.0.0:0", "0.0.0.0:70000", ":25", "lmtp"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected places"):
        read_places(text)
