"""Reading reports never raises and never takes long, whatever the bytes."""

# ruff: noqa: E501  letters, not code

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podatelna.mail.automatic import auto_submitted, kind
from podatelna.mail.bounce_text import MAX_LINE, MAX_LINES, MAX_RECIPIENTS, split_report
from podatelna.mail.delivery_status import read_delivery_status
from podatelna.mail.old_bounces import known_to_flufl
from podatelna.mail.parse import parse
from podatelna.mail.reading import UNREADABLE
from podatelna.mail.reports import Bounce, is_feedback_report, is_receipt, read_bounce

from .bounces_free import SAMPLES as FREE
from .bounces_standard import SAMPLES as STANDARD

PIECES = [
    "From: MAILER-DAEMON@x.example\n",
    "From: <>\n",
    "From: postmaster@x.example\n",
    "Return-Path: <>\n",
    "Subject: Undelivered mail\n",
    "Subject: Automatic reply: x\n",
    "X-Failed-Recipients: a@b.example, <c@d.example>\n",
    "Auto-Submitted: auto-replied\n",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=a\n",
    "Content-Type: message/delivery-status\n",
    "Content-Type: message/disposition-notification\n",
    "Content-Type: message/rfc822\n",
    "\n",
    "\n--a\n",
    "\n--a--\n",
    "Final-Recipient: rfc822; a@b.example\n",
    "Original-Recipient: utf-8; \\x{110000}\\x{D800}@b.example\n",
    "Action: failed\n",
    "Status: 5.1.1 (x\n",
    "Diagnostic-Code: smtp; 550-5.1.1 a\n 550 5.1.1 b\n",
    " folded\n",
    "This is the mail system at host x.\n",
    "Hi. This is the qmail-send program\n",
    "<a@b.example>: 550 5.1.1 unknown\n",
    "  a@b.example\n",
    ">>> RCPT To:<a@b.example>\n",
    "<<< 550 5.1.1 no\n",
    "--- Below this line is a copy of the message.\n",
    "Message-ID: <a@b>\nReceived: x\n",
    "To: =?utf-8?q?\n",
    "<br>&#99999999;",
    "Your message could not be delivered to ",
    "\x00",
    "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
]

reports = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=40).map("".join)


@settings(deadline=None)
@given(reports)
def test_any_text_is_read(text: str) -> None:
    parsed = parse(text.encode("utf-8", "replace"))
    bounce = read_bounce(parsed)
    assert bounce is None or isinstance(bounce, Bounce)
    assert is_receipt(parsed) in (True, False)
    assert is_feedback_report(parsed) in (True, False)
    assert parsed.automatic == kind(parsed)
    assert auto_submitted(parsed) is None or parsed.automatic
    assert not [defect for defect in parsed.defects if defect.startswith(UNREADABLE)]
    for recipient in bounce.recipients if bounce else ():
        written = recipient.address + recipient.reason + recipient.status
        assert written.encode("utf-8")
        assert "\x00" not in written


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_status_part_is_read(content: bytes) -> None:
    assert isinstance(read_delivery_status(content), tuple)


@settings(deadline=None)
@given(st.sampled_from(STANDARD + FREE), st.data())
def test_any_damage_to_a_report_is_survived(sample, data) -> None:
    raw = bytearray(sample.raw)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=4))
        raw = raw or bytearray(b"x")
    parsed = parse(bytes(raw))
    read_bounce(parsed)
    assert parsed.automatic in ("", "auto-reply", "bulk", "list", "report")


@pytest.mark.parametrize(
    "piece",
    [
        "<a@b.example>: 550 x\n",
        "u@x",
        "<",
        "rcpt to: ",
        "smtp=",
        "a\n",
        "Received: x\n",
        "\n",
        ">>> RCPT To:<a@b.cz>\n<<< 550 x\n",
        "your message ",
    ],
)
def test_what_is_looked_at_is_bounded(piece: str) -> None:
    report = split_report(piece * (4_000_000 // len(piece)))
    assert len(report.lines) <= MAX_LINES
    assert max((len(line) for line in report.lines), default=0) <= MAX_LINE


def test_recipients_are_bounded() -> None:
    lines = "".join(f"<u{number}@x.example>: 550 5.1.1 unknown\n" for number in range(5_000))
    raw = f"From: MAILER-DAEMON@x.example\nSubject: Undelivered mail\n\nThis is the mail system at host x.\n\n{lines}"
    bounce = read_bounce(parse(raw.encode()))
    assert bounce is not None
    assert 0 < len(bounce.recipients) <= MAX_RECIPIENTS


def test_flufl_is_asked_about_a_few_short_lines_and_may_stumble() -> None:
    parsed = parse(
        "From: Ř@x\nSubject: ř\nX-Mailer: Novell\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\n\n--a\n\nx\n".encode()
    )
    assert known_to_flufl(parsed, ["\udcff" * 10_000] * 10_000) == ((), ())
    assert known_to_flufl(parsed, ["Failed addresses follow:", "petr@firma.example"]) == ((), ("petr@firma.example",))
