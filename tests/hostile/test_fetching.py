"""Whatever an IMAP server does: nothing is lost, nothing is here twice, each failure has a reason and words."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from podatelna.archive.intake import accept
from podatelna.archive.models import Delivery, Message
from podatelna.gateways import health
from podatelna.gateways.cycle import Cycle
from podatelna.gateways.fetch import run_gateways
from podatelna.gateways.models import Gateway
from podatelna.gateways.servers import imap_server
from podatelna.protocols import imap
from podatelna.protocols.errors import ServerError
from podatelna.protocols.network import Timeouts
from podatelna.web.administration.words import WORDS
from tests.cast import Clock
from tests.servers import until

from .bends import (
    Bend,
    answers,
    bye,
    cut,
    dropped,
    endless,
    first,
    replaced,
    says,
    silent,
    slowly,
    then_bye,
    trickling,
)
from .conftest import IMPATIENT, PROCESSED, Fetching
from .imap import HostileImap, hostile_imap

pytestmark = pytest.mark.django_db

SHORT = [b"A: 1\r\n\r\nhi\r\n", b"B: 2\r\n\r\nho\r\n"]
MAILS = [b"From: j@x.cz\r\nSubject: %d\r\nMessage-ID: <%d@x.cz>\r\n\r\nText %d\r\n" % (n, n, n) for n in range(5)]
COMMANDS = ["LIST", "SELECT", "UID SEARCH", "UID FETCH", "UID MOVE"]


# --- the line breaks


def test_broken_off_at_every_byte_of_a_fetch_answer(fetching: Fetching, server: HostileImap) -> None:
    length = _length_of_the_answer(fetching, server)
    assert length > 150
    server.put(*SHORT)
    for at in range(length):
        server.honest()
        server.bend("UID FETCH", cut(at), after=1)  # the first asks for sizes
        assert fetching.look() in {"connection-lost", "protocol"}
    fetching.settle()


@pytest.mark.parametrize("carried_out", [True, False], ids=["moved", "not moved"])
def test_broken_off_in_the_answer_to_a_move(fetching: Fetching, server: HostileImap, carried_out: bool) -> None:
    for at in range(0, 60 if carried_out else 12, 6):  # "A1 OK done" in the end would be a lie
        server.honest()
        server.put(*(b"X: %d\r\n" % at + raw for raw in SHORT))
        server.bend("UID MOVE", cut(at), carried_out=carried_out)
        assert fetching.look() in {"connection-lost", "protocol", ""}
    fetching.settle()


def _length_of_the_answer(fetching: Fetching, server: HostileImap) -> int:
    lengths: list[int] = []

    def measured(command: object, answer: bytes) -> tuple[bytes]:
        lengths.append(len(answer))
        return (answer,)

    server.put(*(raw.replace(b": ", b":") + b"x" for raw in SHORT))  # as long as those
    server.bend("UID FETCH", measured)
    assert fetching.look() == ""
    server.honest()
    return max(lengths)


@pytest.mark.parametrize("carried_out", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("bend", [dropped, bye, then_bye, silent], ids=lambda bend: bend.__name__)
@pytest.mark.parametrize("name", ["GREETING", "CAPABILITY", "LOGIN", "CREATE", *COMMANDS])
def test_the_connection_ends_at_any_command(
    fetching: Fetching, server: HostileImap, name: str, bend: Bend, carried_out: bool
) -> None:
    server.put(*MAILS)
    server.bend(name, bend, carried_out=carried_out)
    assert fetching.look() in {"connection-lost", "server-bye", "timeout", "protocol"}
    fetching.settle()


@pytest.mark.parametrize("bend", [dropped, bye, silent], ids=lambda bend: bend.__name__)
def test_a_line_that_breaks_while_signing_in_is_no_wrong_password(
    fetching: Fetching, server: HostileImap, bend: Bend
) -> None:
    server.capabilities += " LOGINDISABLED AUTH=PLAIN"
    server.bend("AUTHENTICATE", bend, carried_out=False)
    assert fetching.look() in {"connection-lost", "server-bye", "timeout"}


# --- refusals


@pytest.mark.parametrize(
    "words", ["NO", "NO [UNAVAILABLE] try later", "BAD what", "NO [SERVERBUG] " + "x" * 5000, "OK"]
)
@pytest.mark.parametrize("name", ["CAPABILITY", "LOGIN", "NAMESPACE", "CREATE", *COMMANDS])
def test_any_command_is_refused_or_done_in_name_only(
    fetching: Fetching, server: HostileImap, name: str, words: str
) -> None:
    server.put(*MAILS)
    server.bend(name, says(words), carried_out=False)
    fetching.look()
    fetching.settle()


def test_one_message_that_it_will_not_give_costs_itself_only(fetching: Fetching, server: HostileImap) -> None:
    server.put(*MAILS)
    server.bend("UID FETCH", _unless(b"<2@x.cz>", says("NO [SERVERBUG] cannot read this one")))
    assert fetching.look() == ""
    assert list(fetching.failed()) == [3]
    assert "cannot read this one" in fetching.failed()[3]
    assert Delivery.objects.count() == 4
    fetching.settle()


def test_one_message_at_which_the_line_breaks_each_time_costs_itself_only(
    fetching: Fetching, server: HostileImap
) -> None:
    server.put(*MAILS)
    server.bend("UID FETCH", _unless(b"<2@x.cz>", dropped))
    suspects: set[int] = set()
    for _ in range(3):
        _with_suspects(fetching, suspects)
    assert list(fetching.failed()) == [3]
    assert Delivery.objects.count() == 4
    fetching.settle()


def _unless(words: bytes, bend: Bend) -> Bend:
    return lambda command, answer: bend(command, answer) if words in answer else (answer,)


def _with_suspects(fetching: Fetching, suspects: set[int]) -> None:
    mailbox = partial(imap.connect, timeouts=IMPATIENT)(imap_server(fetching.gateway))
    cycle = Cycle(fetching.gateway, accept, fetching.clock, lambda: None, suspects=suspects)
    try:
        cycle.look(mailbox)
    except ServerError:
        fetching.check()
    finally:
        mailbox.close()


# --- lies


DATE = rb'INTERNALDATE "[^"]*"'

LIES: dict[str, tuple[str, Bend]] = {
    "literals too short": ("UID FETCH", replaced(rb"BODY\[\] \{(\d)(\d)\}", rb"BODY[] {\g<1>1}")),
    "literals far too short": ("UID FETCH", replaced(rb"BODY\[\] \{\d+\}", b"BODY[] {3}")),
    "a literal too long": ("UID FETCH", replaced(rb"BODY\[\] \{\d(\d)\}", rb"BODY[] {9\1}", count=1)),
    "every literal too long": ("UID FETCH", replaced(rb"BODY\[\] \{(\d+)\}", rb"BODY[] {1\1}")),
    "a literal of four gigabytes": ("UID FETCH", replaced(rb"BODY\[\] \{\d+\}", b"BODY[] {4294967295}")),
    "a literal of a number without end": ("UID FETCH", replaced(rb"BODY\[\] \{\d+\}", b"BODY[] {" + b"9" * 500 + b"}")),
    "a negative literal": ("UID FETCH", replaced(rb"BODY\[\] \{\d+\}", b"BODY[] {-5}")),
    "swallowing the next answer": ("UID FETCH", replaced(rb"BODY\[\] \{(\d+)\}", rb"BODY[] {73}", count=1)),
    "NIL for a body": ("UID FETCH", replaced(rb"(?s)BODY\[\] \{\d+\}.*?\r\n\)", b"BODY[] NIL)")),
    "an empty body": ("UID FETCH", replaced(rb"(?s)BODY\[\] \{\d+\}\r\n.*?\r\n\)", b'BODY[] "")')),
    "no body": ("UID FETCH", replaced(rb"(?s) BODY\[\] \{\d+\}.*?\r\n\)", b")")),
    "one UID for all": ("UID FETCH", replaced(rb"UID \d+", b"UID 1")),
    "UIDs that nobody asked for": ("UID FETCH", replaced(rb"UID (\d+)", rb"UID 77\1")),
    "UIDs exchanged": ("UID FETCH", replaced(rb"UID (\d+)", lambda m: b"UID %d" % (6 - int(m[1])))),  # type: ignore[arg-type]
    "no UIDs": ("UID FETCH", replaced(rb"UID \d+ ", b"")),
    "UIDs that are none": ("UID FETCH", replaced(rb"UID \d+ ", b"UID x ")),
    "UIDs beyond 32 bits": ("UID FETCH", replaced(rb"UID (\d+) ", rb"UID 99999999999999999999\1 ")),
    "sizes of nothing": ("UID FETCH", replaced(rb"RFC822.SIZE \d+", b"RFC822.SIZE 0")),
    "sizes of terabytes": ("UID FETCH", replaced(rb"RFC822.SIZE \d+", b"RFC822.SIZE 1099511627776")),
    "sizes below nothing": ("UID FETCH", replaced(rb"RFC822.SIZE \d+", b"RFC822.SIZE -1")),
    "dates that are none": ("UID FETCH", replaced(DATE, b'INTERNALDATE "99-Foo-0000 25:61:61 +9999"')),
    "dates before time": ("UID FETCH", replaced(DATE, b'INTERNALDATE "01-Jan-0001 00:00:00 +1400"')),
    "dates to come": ("UID FETCH", replaced(DATE, b'INTERNALDATE "31-Dec-9999 23:59:59 -1400"')),
    "dates of 1901": ("UID FETCH", replaced(DATE, b'INTERNALDATE "01-Jan-1901 00:00:00 +0000"')),
    "every answer twice": ("UID FETCH", lambda command, answer: (answer.rpartition(command.tag.encode())[0], answer)),
    "the answers of another command": ("UID FETCH", first(b"* SEARCH 1 2 3\r\n* LIST () \"/\" x\r\n* 5 RECENT\r\n")),
    "garbage before the answer": ("UID FETCH", first(b"\x00\xff\xfe nonsense\r\n")),
    "an answer under another tag": ("UID FETCH", first(b"XX99 OK done\r\n")),
    "messages that went meanwhile": ("UID FETCH", first(b"* 1 EXPUNGE\r\n* VANISHED 1:9\r\n")),
    "flags unasked": ("UID FETCH", first(b"* 1 FETCH (FLAGS (\\Seen) UID 1)\r\n* 2 FETCH (FLAGS ())\r\n")),
    "another's body unasked": ("UID FETCH", first(b"* 1 FETCH (UID 1 BODY[TEXT] {2}\r\nhi)\r\n")),
    "EXISTS of nothing": ("SELECT", replaced(rb"\d+ EXISTS", b"0 EXISTS")),
    "EXISTS too low": ("SELECT", replaced(rb"\d+ EXISTS", b"2 EXISTS")),
    "EXISTS too high": ("SELECT", replaced(rb"\d+ EXISTS", b"123456 EXISTS")),
    "EXISTS of 32 bits": ("SELECT", replaced(rb"\d+ EXISTS", b"4294967295 EXISTS")),
    "EXISTS that is no number": ("SELECT", replaced(rb"\d+ EXISTS", b"many EXISTS")),
    "no EXISTS": ("SELECT", replaced(rb"\* \d+ EXISTS\r\n", b"")),
    "UIDNEXT of one": ("SELECT", replaced(rb"UIDNEXT \d+", b"UIDNEXT 1")),
    "UIDNEXT of 32 bits": ("SELECT", replaced(rb"UIDNEXT \d+", b"UIDNEXT 4294967295")),
    "no UIDNEXT": ("SELECT", replaced(rb"\* OK \[UIDNEXT \d+\] next\r\n", b"")),
    "no UIDVALIDITY": ("SELECT", replaced(rb"\* OK \[UIDVALIDITY \d+\] valid\r\n", b"")),
    "UIDVALIDITY of nothing": ("SELECT", replaced(rb"UIDVALIDITY \d+", b"UIDVALIDITY 0")),
    "UIDVALIDITY beyond 64 bits": ("SELECT", replaced(rb"UIDVALIDITY \d+", b"UIDVALIDITY " + b"9" * 30)),
    "a folder that may only be read": ("SELECT", replaced(rb"(\S+) OK SELECT", rb"\1 OK [READ-ONLY] SELECT")),
    "UIDs twice": ("UID SEARCH", replaced(rb"SEARCH ([\d ]+)", rb"SEARCH \1 \1")),
    "UIDs in any order": ("UID SEARCH", answers(b"* SEARCH 4 1 5 2 3\r\n%TAG% OK done\r\n")),
    "UIDs one by one": ("UID SEARCH", answers(b"* SEARCH 1\r\n* SEARCH 2 3\r\n* SEARCH\r\n* SEARCH 5\r\n%TAG% OK\r\n")),
    "no UIDs found": ("UID SEARCH", answers(b"* SEARCH\r\n%TAG% OK done\r\n")),
    "no answer to a search": ("UID SEARCH", answers(b"%TAG% OK done\r\n")),
    "UIDs beyond 64 bits": ("UID SEARCH", answers(b"* SEARCH 1 99999999999999999999 2\r\n%TAG% OK done\r\n")),
    "words for UIDs": ("UID SEARCH", answers(b"* SEARCH one two\r\n%TAG% OK done\r\n")),
    "UID nought": ("UID SEARCH", answers(b"* SEARCH 0 1 2 3 4 5\r\n%TAG% OK done\r\n")),
    "negative UIDs": ("UID SEARCH", answers(b"* SEARCH -1 -2 3\r\n%TAG% OK done\r\n")),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_lies_lose_nothing_and_make_nothing_up(fetching: Fetching, server: HostileImap, lie: str) -> None:
    name, bend = LIES[lie]
    server.put(*MAILS)
    server.bend(name, bend)
    for _ in range(2):
        fetching.look()
        fetching.clock.forward(hours=7)
    fetching.settle()


def test_a_move_that_is_none_is_asked_for_again_and_not_for_ever(fetching: Fetching, server: HostileImap) -> None:
    server.put(*MAILS)
    server.bend("UID MOVE", answers(b"%TAG% OK done\r\n"), carried_out=False)
    for _ in range(6):
        assert fetching.look() == ""
        fetching.clock.forward(hours=25)
    assert server.raws("INBOX") == MAILS
    assert fetching.archived() == Counter(MAILS)
    assert len([command for command in server.spoken if command.name == "UID MOVE"]) < 6


def test_uids_that_are_not_there_are_written_down_and_gone_when_the_truth_is_told(
    fetching: Fetching, server: HostileImap
) -> None:
    server.put(*MAILS)
    server.bend("UID SEARCH", answers(b"* SEARCH 91 92 93\r\n%TAG% OK done\r\n"))
    fetching.look()
    assert Delivery.objects.count() == 0
    fetching.settle()


def test_uidvalidity_that_changes_with_each_look_takes_nothing_twice(fetching: Fetching, server: HostileImap) -> None:
    fetching.by_arrival = False  # each is noted as the same message again
    server.bend("UID MOVE", says("NO [OVERQUOTA] full"), carried_out=False)
    server.put(*MAILS)
    for uidvalidity in (8, 9, 7, 8):
        assert fetching.look() == "cannot-move"
        server.renumber("INBOX", uidvalidity)
        fetching.clock.forward(minutes=5)
    assert set(fetching.archived()) == set(MAILS)
    assert Message.objects.count() == len(MAILS)
    server.honest()
    fetching.clock.forward(hours=25)
    assert fetching.look() == ""
    assert Counter(server.raws(PROCESSED)) == Counter(MAILS)


def test_uids_given_out_again_under_the_same_uidvalidity_hide_nothing(fetching: Fetching, server: HostileImap) -> None:
    server.put(*MAILS[:3])
    assert fetching.look() == ""
    server.renumber("INBOX", 7)  # the server was brought back from a backup: UIDs begin again
    server.put(*MAILS[3:])
    fetching.settle()


def test_a_server_that_never_tells_of_changes_is_not_believed_for_long(fetching: Fetching, server: HostileImap) -> None:
    server.bend("NOOP", says("OK nothing new"), carried_out=False)
    mailbox = imap.connect(imap_server(fetching.gateway), timeouts=IMPATIENT)
    cycle = Cycle(fetching.gateway, accept, fetching.clock, lambda: None)
    for _ in range(2):  # the first one counts the folder too, for which it opens it again
        cycle.look(mailbox)
    server.put(*MAILS)
    cycle.look(mailbox)
    fetching.clock.forward(minutes=6)
    assert cycle.look(mailbox).new == len(MAILS)
    mailbox.close()


# --- too much, too slow


def test_a_slow_server_is_waited_for(fetching: Fetching, server: HostileImap) -> None:
    server.put(*MAILS)
    server.bend("UID FETCH", slowly(8, 0.05))
    assert fetching.look() == ""
    fetching.settle()


@pytest.mark.parametrize(
    "bend",
    [
        endless(b"* "),
        endless(b"", b"* OK still at it\r\n"),
        endless(b"* 1 FETCH (UID 1 FLAGS (", b"\\Seen "),
        endless(b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"),
        endless(b"* SEARCH", b" 1"),
    ],
    ids=["line", "lines", "flags", "literal", "numbers"],
)
def test_what_never_ends_is_given_up(fetching: Fetching, server: HostileImap, bend: Bend) -> None:
    server.put(*MAILS)
    server.bend("UID FETCH", bend)
    assert fetching.look() in {"protocol", "connection-lost"}
    fetching.settle()


@pytest.mark.parametrize("name", ["SELECT", "UID FETCH"])
def test_what_trickles_is_given_up(fetching: Fetching, server: HostileImap, name: str) -> None:
    server.put(*MAILS)
    server.bend(name, trickling(0.1))
    assert fetching.look(connect=partial(imap.connect, timeouts=Timeouts(5.0, 0.4, answer=1.0))) == "timeout"
    fetching.settle()


# --- ourselves


def test_while_the_store_is_away_nothing_is_taken_and_the_gateway_says_so(
    fetching: Fetching, server: HostileImap, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    before, settings.BLOBS_URL = settings.BLOBS_URL, f"file://{tmp_path}/file/blobs"
    large = MAILS[0] + b"\r\n".join(hashlib.sha256(b"%d" % n).hexdigest().encode() for n in range(5000))
    server.put(large, *MAILS[1:])
    with pytest.raises(OSError) as caught:
        fetching.look()
    assert not fetching.failed()
    assert server.raws("INBOX") == server.given
    health.failed(fetching.gateway, caught.value, fetching.clock())
    code, detail = health.last_error(fetching.gateway) or ("", "")
    assert code == "storage"
    assert code in WORDS
    assert "directory" in detail
    settings.BLOBS_URL = before
    fetching.settle()


# --- others


@pytest.mark.django_db(transaction=True)
def test_one_gateways_hostile_server_does_not_keep_the_others(
    fetching: Fetching, server: HostileImap, clock: Clock
) -> None:
    server.put(*MAILS)
    server.bend("SELECT", silent)
    with hostile_imap() as broken, hostile_imap() as fine:
        broken.bend("GREETING", answers(b"* BYE no\r\n"))
        Fetching(broken, clock, "broken@acme.cz")
        fine.put(*MAILS)
        other = Fetching(fine, clock, "fine@acme.cz")
        stop = threading.Event()
        connect = partial(imap.connect, timeouts=IMPATIENT)
        given: dict[str, Any] = {"accept": accept, "now": timezone.now, "stop": stop, "arrived": lambda: None}
        working = threading.Thread(target=partial(run_gateways, **given, connect=connect, watch_seconds=0.1))
        working.start()
        try:
            until(lambda: Counter(fine.raws(PROCESSED)) == Counter(MAILS), "the others did not go on")
            until(lambda: len(Gateway.objects.filter(state="failing")) == 2, "the failures are not shown")
        finally:
            stop.set()
            working.join(20)
    assert other.archived() == Counter(MAILS)
    said = {gateway.address: health.last_error(gateway) for gateway in Gateway.objects.filter(state="failing")}
    assert {address: error and error[0] for address, error in said.items()} == {
        "helpdesk@acme.cz": "timeout",
        "broken@acme.cz": "server-bye",
    }
