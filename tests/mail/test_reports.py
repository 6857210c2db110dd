"""Delivery reports: whom the message did not reach, why, and which message it was."""

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
