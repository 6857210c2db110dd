"""Every message of the corpus that a program wrote, or that only looks like it, is recognised for what it is."""

from pathlib import Path

import pytest

from podatelna.mail.automatic import auto_submitted
from podatelna.mail.parse import parse
from podatelna.mail.reports import is_feedback_report, is_receipt, read_bounce

CORPUS = Path(__file__).parent.parent / "corpus" / "automatic"
PETR = "petr@firma.example"

KINDS: dict[str, str | None] = {
    "answer-calendar": "auto-replied",
    "answer-helpdesk-cs": "auto-replied",
    "away-cs-outlook": "out-of-office",
    "away-cs-own-words": "out-of-office",
    "away-cs-seznam": "out-of-office",
    "away-cs-vacation": "out-of-office",
    "away-de": "out-of-office",
    "away-notes": "out-of-office",
    "away-person": None,
    "away-ru": "out-of-office",
    "away-sk": "out-of-office",
    "away-sk-null-sender": "out-of-office",
    "bulk-ecomail": "bulk",
    "complaint": "report",
    "form-of-a-person": None,
    "list-mailman-cs": "list",
    "notice-bank": "auto-generated",
    "notice-cron": "auto-generated",
    "notice-jira": "auto-generated",
    "person-fastmail": None,
    "receipt-cs": "report",
    "report-attached-by-person": None,
    "report-exchange-cs": "report",
    "report-exim": "report",
    "report-office-html": "report",
    "report-postfix-crlf": "report",
    "report-qmail": "report",
    "report-quoted-by-person": None,
    "report-sendmail-delayed": "report",
    "report-seznam": "report",
    "report-success": "report",
    "report-utf8-address": "report",
}

REPORTS: dict[str, tuple[str, str, str, int | None, str, bool | None]] = {
    "report-exchange-cs": (PETR, "failed", "5.2.2", 552, "552 5.2.2 Mailbox full", True),
    "report-exim": (PETR, "failed", "", None, "Unrouteable address", True),
    "report-office-html": (PETR, "failed", "5.4.1", 550, "550 5.4.1 Recipient address rejected: Access denied", True),
    "report-postfix-crlf": (
        PETR,
        "failed",
        "5.1.1",
        550,
        "550 5.1.1 <petr@firma.example>: Recipient address rejected: User unknown",
        True,
    ),
    "report-qmail": (PETR, "failed", "5.1.1", 550, "550 5.1.1 User unknown", True),
    "report-sendmail-delayed": (PETR, "delayed", "4.4.1", None, "", False),
    "report-seznam": (PETR, "failed", "5.1.1", 550, "550 5.1.1 Schránka neexistuje", True),
    "report-success": (PETR, "delivered", "2.0.0", 250, "250 2.0.0 Ok", None),
    "report-utf8-address": ("peřina@firma.example", "failed", "5.1.1", None, "x", True),
}


def test_every_file_is_expected() -> None:
    assert {path.stem for path in CORPUS.glob("*.eml")} == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_what_a_program_did(name: str) -> None:
    parsed = parse((CORPUS / f"{name}.eml").read_bytes())
    assert auto_submitted(parsed) == KINDS[name]
    assert is_feedback_report(parsed) == (name == "complaint")
    assert is_receipt(parsed) == (name == "receipt-cs")


@pytest.mark.parametrize("name", KINDS)
def test_report(name: str) -> None:
    bounce = read_bounce(parse((CORPUS / f"{name}.eml").read_bytes()))
    if name not in REPORTS:
        assert bounce is None
        return
    assert bounce is not None
    assert [
        (one.address, one.action, one.status, one.reply_code, one.reason, one.permanent) for one in bounce.recipients
    ] == [REPORTS[name]]
    assert bounce.original_message_id == "20260105.1@acme.example"
