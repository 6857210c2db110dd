"""Whatever an SMTP server does: a message leaves once or a person decides, and what went wrong has words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from podatelna.desk.sent import file_sent
from podatelna.gateways.models import Gateway
from podatelna.outbox import queue
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing, Recipient
from podatelna.protocols import smtp
from podatelna.protocols.network import Timeouts
from podatelna.web.desk.words import sending_words
from tests.cast import Cast, Clock, a_mail
from tests.servers import HOST

from .bends import HANG_UP, Bend, answers, cut, dropped, endless, replaced, silent, slowly, trickling
from .smtp import STEPS, HostileSmtp, hostile_smtp

State = Outgoing.State
IMPATIENT = Timeouts(connect=5.0, read=0.3, final=0.6)
BEFORE = [step for step in STEPS if step not in {"BODY", "QUIT"}]
TO = ("jana@example.cz", "petr@example.cz")


@pytest.fixture
def server() -> Iterator[HostileSmtp]:
    with hostile_smtp() as started:
        yield started


class Sending:
    """A gateway that sends through a hostile server: worked as the worker does."""

    def __init__(self, server: HostileSmtp, cast: Cast, clock: Clock) -> None:
        self.server, self.cast, self.clock = server, cast, clock
        self.gateway: Gateway = cast.helpdesk_gateway
        self.gateway.smtp_host, self.gateway.smtp_port, self.gateway.smtp_security = HOST, server.port, "none"
        self.gateway.smtp_login = "helpdesk"
        self.gateway.set_smtp_password("hostile")
        self.gateway.save()

    def write(self, text: str = "Hello\n", to: tuple[str, ...] = TO, name: str = "out-1") -> Outgoing:
        """A message that is due."""
        raw = a_mail(text=text, sender="helpdesk@acme.cz", to=", ".join(to), message_id=f"{name}@acme.cz")
        return queue.enqueue(
            gateway=self.gateway, person=self.cast.bob, mail_from="helpdesk@acme.cz", rcpt_to=to, raw=raw,
            message_id=f"{name}@acme.cz", not_before=self.clock(),
        )  # fmt: skip

    def work(self) -> Outgoing:
        """What is due is worked off; the message, as it stands then. Whatever went wrong has words."""
        transport = partial(smtp.deliver, timeouts=IMPATIENT)
        deliver_due(transport=transport, now=self.clock, archive=file_sent, chance=lambda: 0.5)
        for row in Outgoing.objects.exclude(last_code=""):
            assert sending_words(row.last_code)
        self.check()
        return Outgoing.objects.latest("pk")

    def check(self) -> None:
        """Nobody got it twice, and who is said to have it has it; nobody is said not to have it who has."""
        taken = {recipient: count for (recipient, _), count in self.server.taken().items()}
        assert not [recipient for recipient, count in taken.items() if count > 1]
        states = dict(Recipient.objects.values_list("address", "state"))
        assert {address for address, state in states.items() if state == "accepted"} <= taken.keys()
        uncertain = Outgoing.objects.filter(state=State.UNCERTAIN).exists()
        assert uncertain or taken.keys() <= {address for address, state in states.items() if state == "accepted"}

    def wait_and_work(self) -> Outgoing:
        """Four days go by, in which it is worked now and then; patience lasts three."""
        for hours in (1, 7, 40, 48):
            self.clock.forward(hours=hours)
            outgoing = self.work()
        return outgoing


@pytest.fixture
def sending(server: HostileSmtp, cast: Cast, clock: Clock) -> Sending:
    return Sending(server, cast, clock)


# --- replies


@pytest.mark.parametrize("code", [421, 450, 452])
@pytest.mark.parametrize("step", [*BEFORE, "BODY"])
def test_refused_for_now_it_is_tried_again_until_it_is_taken(sending: Sending, step: str, code: int) -> None:
    sending.write()
    sending.server.bend(step, answers(b"%d 4.3.0 not now\r\n" % code))
    assert sending.work().state == State.WAITING
    assert not sending.server.taken()
    sending.server.honest()
    assert sending.wait_and_work().state == State.SENT
    assert set(sending.server.taken().values()) == {1}


@pytest.mark.parametrize("code", [500, 503, 550, 554])
@pytest.mark.parametrize("step", [*BEFORE, "BODY"])
def test_refused_for_good_it_is_never_said_to_be_sent(sending: Sending, step: str, code: int) -> None:
    sending.write()
    sending.server.bend(step, answers(b"%d 5.0.0 never\r\n" % code))
    outgoing = sending.work()
    assert outgoing.state in {State.WAITING, State.FAILED}
    if step not in {"EHLO"}:
        assert str(code) in outgoing.last_reply
    assert sending.wait_and_work().state == State.FAILED
    assert not sending.server.taken()


@pytest.mark.parametrize("step", BEFORE)
@pytest.mark.parametrize(
    "reply",
    [
        b"hello\r\n", b"\r\n", b"2\r\n", b"999 what\r\n", b"100 on\r\n", b"250-more\r\n", b"\xff\x00\xfe\r\n",
        b"250", b"354 go on\r\n", b"220 ok\r\n", b"334 \r\n", b"250 ok\r\n550 no\r\n", b"5500 no\r\n", b"-50 no\r\n",
    ],
    ids=[
        "words", "empty line", "one digit", "999", "100", "no last line", "bytes",
        "no line end", "354", "220", "334", "two replies", "four digits", "minus",
    ],
)  # fmt: skip
def test_what_is_no_reply_here_is_never_taken_for_success(sending: Sending, step: str, reply: bytes) -> None:
    sending.write()
    sending.server.bend(step, answers(reply))
    sending.work()
    sending.work()
    sending.server.honest()
    assert sending.wait_and_work().state in {State.SENT, State.FAILED, State.UNCERTAIN}


@pytest.mark.parametrize("step", BEFORE)
@pytest.mark.parametrize(
    "bend", [dropped, silent, cut(2), endless(b"250-"), endless(b"", b"250-more\r\n"), trickling(0.1)],
    ids=["dropped", "silent", "cut", "endless line", "endless lines", "trickling"],
)  # fmt: skip
def test_broken_off_before_the_message_it_is_tried_again(sending: Sending, step: str, bend: Bend) -> None:
    sending.write()
    sending.server.bend(step, bend)
    assert sending.work().state == State.WAITING
    sending.server.honest()
    assert sending.wait_and_work().state == State.SENT
    assert set(sending.server.taken().values()) == {1}


# --- after the message


@pytest.mark.parametrize(
    "bend",
    [
        dropped, silent, trickling(0.1), cut(1), cut(3), endless(b"250-"), endless(b"", b"250-more\r\n"),
        answers(b"hello\r\n"),
        answers(b"354 go on\r\n"), answers(b"199 on\r\n"),
        answers(b"250-more\r\n", HANG_UP), answers(b"\xff\xff\xff\r\n"),
    ],
    ids=[
        "dropped", "silent", "trickling", "cut in the code", "cut before the words", "endless line", "endless lines",
        "words", "354", "199", "no last line", "bytes",
    ],
)  # fmt: skip
def test_without_a_clear_reply_to_the_message_a_person_decides(sending: Sending, bend: Bend) -> None:
    sending.write()
    sending.server.bend("BODY", bend)
    assert sending.work().state == State.UNCERTAIN
    sending.server.honest()
    assert sending.wait_and_work().state == State.UNCERTAIN
    assert set(sending.server.whole().values()) == {1}


def test_a_slow_reply_is_waited_for(sending: Sending) -> None:
    sending.write()
    sending.server.bend("BODY", slowly(3, 0.05))
    assert sending.work().state == State.SENT


@pytest.mark.parametrize("bend", [dropped, silent, answers(b"421 4.0.0 no\r\n"), answers(b"nonsense\r\n")])
def test_how_the_server_takes_leave_changes_nothing(sending: Sending, bend: Bend) -> None:
    sending.write()
    sending.server.bend("QUIT", bend)
    assert sending.work().state == State.SENT
    sending.wait_and_work()


# --- recipients


def test_each_recipient_has_its_own_end(sending: Sending) -> None:
    sending.write(to=(*TO, "eva@example.cz"))
    sending.server.bend("RCPT", answers(b"550 5.1.1 unknown\r\n"), only="petr")
    sending.server.bend("RCPT", answers(b"450 4.2.0 later\r\n"), only="eva", times=2)
    assert sending.work().state == State.WAITING
    assert sending.wait_and_work().state == State.SENT
    assert dict(Recipient.objects.values_list("address", "state")) == {
        "jana@example.cz": "accepted",
        "petr@example.cz": "refused",
        "eva@example.cz": "accepted",
    }
    assert sorted(recipient for recipient, _ in sending.server.taken()) == ["eva@example.cz", "jana@example.cz"]


def test_greylisting_is_waited_out(sending: Sending) -> None:
    sending.server.greylisting = True
    sending.write()
    outgoing = sending.work()
    assert (outgoing.state, outgoing.last_code) == (State.WAITING, "temporary")
    assert outgoing.due_at is not None
    assert outgoing.due_at - sending.clock() < timedelta(minutes=30)
    assert sending.wait_and_work().state == State.SENT


def test_the_line_breaks_at_the_second_recipient_and_nobody_gets_two(sending: Sending) -> None:
    sending.write()
    sending.server.bend("RCPT", dropped, only="petr", times=3)
    sending.wait_and_work()
    assert sending.work().state == State.SENT


# --- what the server cannot


def test_a_message_that_is_too_large_is_not_even_begun(sending: Sending) -> None:
    sending.server.features[0] = "SIZE 500"
    sending.write(text="x" * 60 + "\n" * 500)
    outgoing = sending.work()
    assert (outgoing.state, outgoing.last_code) == (State.FAILED, "rejected")
    assert "the server takes 500" in outgoing.last_reply
    assert not [command for command in sending.server.said if command.name == "MAIL"]


@pytest.mark.parametrize("feature", ["8BITMIME", "SMTPUTF8"])
def test_what_the_server_cannot_carry_is_said_and_never_mangled(sending: Sending, feature: str) -> None:
    sending.server.features.remove(feature)
    address = "háček@example.cz" if feature == "SMTPUTF8" else "jana@example.cz"
    raw = b"From: helpdesk@acme.cz\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n"
    raw += b"Content-Type: text/plain; charset=utf-8\r\nMessage-ID: <e@acme.cz>\r\n\r\n" + "Žluťoučký\r\n".encode()
    queue.enqueue(
        gateway=sending.gateway, person=None, mail_from="helpdesk@acme.cz", rcpt_to=[address], raw=raw,
        message_id="e@acme.cz", not_before=sending.clock(),
    )  # fmt: skip
    assert sending.work().state == State.FAILED
    assert not sending.server.handed


def test_stripped_of_starttls_the_password_is_not_said(sending: Sending) -> None:
    sending.gateway.smtp_security = "starttls"
    sending.gateway.save()
    sending.write()
    outgoing = sending.work()
    assert (outgoing.state, outgoing.last_code) == (State.WAITING, "starttls-missing")
    assert {command.name for command in sending.server.said} <= {"GREETING", "EHLO", "QUIT"}


def test_answers_before_the_question_are_not_believed_after_starttls(sending: Sending) -> None:
    sending.server.features.append("STARTTLS")
    sending.server.bend("EHLO", replaced(b"$", b"220 go\r\n250 fine\r\n", count=1))
    sending.gateway.smtp_security = "starttls"
    sending.gateway.save()
    sending.write()
    assert sending.work().state == State.WAITING
    assert not [command for command in sending.server.said if command.name in {"AUTH", "MAIL"}]


# --- others


def test_one_gateways_hostile_server_does_not_keep_the_others(sending: Sending, clock: Clock) -> None:
    sending.server.bend("MAIL", silent)
    with hostile_smtp() as fine:
        other = sending.cast.sales_gateway
        other.smtp_host, other.smtp_port, other.smtp_security = HOST, fine.port, "none"
        other.save()
        sending.write()
        raw = a_mail(sender="sales@acme.cz", to="eva@example.cz", message_id="sales-1@acme.cz")
        queue.enqueue(
            gateway=other, person=None, mail_from="sales@acme.cz", rcpt_to=["eva@example.cz"], raw=raw,
            message_id="sales-1@acme.cz", not_before=clock(),
        )  # fmt: skip
        deliver_due(transport=partial(smtp.deliver, timeouts=IMPATIENT), now=clock, archive=file_sent)
        assert list(fine.taken().values()) == [1]
    assert Outgoing.objects.get(gateway=sending.gateway).last_code == "timeout"
