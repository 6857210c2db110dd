"""Delivery reports: whom the message did not reach, why, and which message it was."""

# ruff: noqa: E501  letters, not code

import pytest

from podatelna.mail.automatic import auto_submitted
from podatelna.mail.parse import parse
from podatelna.mail.reports import is_feedback_report, is_receipt, read_bounce

from .bounces import Sample
from .bounces_free import SAMPLES as FREE
from .bounces_rare import SAMPLES as RARE
from .bounces_standard import SAMPLES as STANDARD

ALL = STANDARD + FREE + RARE


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.name)
def test_report_is_read(sample: Sample) -> None:
    bounce = read_bounce(parse(sample.raw))
    assert bounce is not None
    found = [
        (one.address, one.action, one.status, one.reply_code, one.reason, one.permanent) for one in bounce.recipients
    ]
    assert found == sample.recipients
    assert bounce.original_message_id == sample.original


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.name)
def test_report_is_automatic_and_nothing_else(sample: Sample) -> None:
    parsed = parse(sample.raw)
    assert parsed.automatic == "report"
    assert auto_submitted(parsed) == "report"
    assert not is_receipt(parsed)
    assert not is_feedback_report(parsed)


@pytest.mark.parametrize("sample", FREE + RARE, ids=lambda sample: sample.name)
def test_report_is_read_however_it_travelled(sample: Sample) -> None:
    """With other line breaks, in a wrapper of a scanner, and with the envelope's sender beside it."""
    expected = [recipient[:4] for recipient in sample.recipients]
    inner = sample.head.split("\nMIME-Version")[0]
    kind = sample.head[len(inner) :].lstrip("\n") or "Content-Type: text/plain"
    wrapped = (
        f"{inner}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=VV\n\n--VV\n"
        f"{kind.removeprefix('MIME-Version: 1.0').lstrip(chr(10))}\n\n{sample.body}\n--VV\nContent-Type: text/plain\n\nScanned, no virus found.\n--VV--\n"
    )
    for raw in (
        sample.raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
        b"Return-Path: <>\n" + sample.raw,
        wrapped.encode(),
    ):
        bounce = read_bounce(parse(raw))
        assert bounce is not None
        assert [(one.address, one.action, one.status, one.reply_code) for one in bounce.recipients] == expected
        assert bounce.original_message_id == sample.original
