"""Whether a person wrote it."""

import pytest

from podatelna.mail.parse import parse


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Subject: Dotaz", ""),
        ("Auto-Submitted: no", ""),
        ("Auto-Submitted: auto-replied", "auto-reply"),
        ("Auto-Submitted: auto-replied (vacation)", "auto-reply"),
        ("Auto-Submitted: AUTO-GENERATED", "bulk"),
        ("X-Autoreply: yes", "auto-reply"),
        ("X-Autoreply: no", ""),
        ("X-Autorespond: dovolena", "auto-reply"),
        ("Precedence: auto_reply", "auto-reply"),
        ("Subject: Automatická odpověď: Dotaz", "auto-reply"),
        ("Subject: Automatic reply: Question", "auto-reply"),
        ("Subject: Mimo kancelář", "auto-reply"),
        ("Subject: Re: Automatická odpověď nechodí", ""),
        ("Precedence: bulk", "bulk"),
        ("Precedence: junk", "bulk"),
        ("List-Unsubscribe: <https://x>", "bulk"),
        ("List-Id: <a.b>\nPrecedence: bulk", "list"),
        ("List-Post: <mailto:a@b>", "list"),
        ("List-Id: <a.b>\nAuto-Submitted: auto-replied", "auto-reply"),
        ("Content-Type: multipart/report; boundary=a\nAuto-Submitted: auto-replied", "report"),
        ("X-Auto-Response-Suppress: All", ""),
        ("From: MAILER-DAEMON@mx.cz (Mail Delivery System)", "report"),
        ("From: postmaster@acme.cz", ""),
    ],
)
def test_kind(header: str, kind: str) -> None:
    assert parse(f"{header}\n\nText\n".encode()).automatic == kind
