"""What stands beside a letter's text: whether its sender is genuine, seals, invitations and reports, all in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from podatelna.archive import verdicts
from podatelna.desk import drafts, replies, sent
from podatelna.desk.models import Conversation
from podatelna.mail.resolver import Unanswered, table_resolver
from podatelna.mail.sealed import ENCRYPTED, PGP, SIGNED, SMIME
from podatelna.mail.trust import CODES
from podatelna.outbox.delivery import deliver_due
from podatelna.web.desk.seals import SEALS
from podatelna.web.desk.status_words import FOR_NOW, STATUSES
from podatelna.web.desk.trust_words import METHODS, REASONS, RESULTS, meaning, reason_words, short_words
from tests.cast import NOON, Cast, RecordingTransport, a_mail, receive
from tests.web.test_conversation import signed_in, url

DNS = {
    "example.cz": "v=spf1 ip4:192.0.2.0/28 -all",
    "_dmarc.example.cz": "v=DMARC1; p=reject",
    "lists.example": "v=spf1 ip4:192.0.2.0/28 -all",
    "open.example": "v=spf1 ip4:192.0.2.0/28 -all",
    "acme.cz": "v=spf1 ip4:192.0.2.0/28 -all",
}
GOOD, BAD = "192.0.2.1", "203.0.113.9"
BEWARE = "Be careful with what it asks for."


def trace(client: str, envelope: str) -> bytes:
    return f"Return-Path: <{envelope}>\r\nReceived: from x (x [{client}]) by mx.acme.cz; x\r\n".encode()


def came(
    cast: Cast, client: str = GOOD, address: str = "jana@example.cz", *, dns: Any = None, **mail: Any
) -> Conversation:
    """Mail that came from the server `client`, and was judged."""
    raw = trace(client, address) + a_mail(sender=f"Jana Nováková <{address}>", **mail)
    conversation = receive(raw, cast.helpdesk_gateway)
    message = conversation.entries.exclude(message=None).latest("pk").message
    assert message is not None
    verdicts.expect(message.deliveries.all(), NOON)
    verdicts.judge_due(NOON, dns or table_resolver(DNS))
    return conversation


def page(cast: Cast, conversation: Conversation, language: str = "en") -> str:
    cast.bob.language = language
    cast.bob.save()
    return signed_in(cast.bob).get(url(conversation)).content.decode()


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


# --- whether the sender is genuine -------------------------------------------------------------------------


def test_all_well_is_one_quiet_mark_with_the_details_behind_it(cast: Cast) -> None:
    html = page(cast, came(cast))
    assert 'class="button quiet small icon-only proof-ok" title="sender proven" aria-label="sender proven"' in html
    assert "The message really comes from example.cz." in html
    assert "example.cz lets the server that brought the message send its mail." in html
    assert "Sender’s domain (DMARC)" in html
    assert "Passed on (ARC)" not in html
    assert "notice" not in html[html.index("letter-content") : html.index("composer-slot")]


def test_imports_and_what_is_not_judged_yet_have_no_mark(cast: Cast) -> None:
    assert "proof-panel" not in page(cast, receive(a_mail(), cast.helpdesk_gateway))


def test_a_forged_sender_is_said_plainly(cast: Cast) -> None:
    html = page(cast, came(cast, BAD))
    assert "<span>sender in doubt</span>" in html
    assert "example.cz says that its mail can be proven to be genuine, and this message cannot." in html
    assert BEWARE in html


def test_what_fails_without_anybody_asking_for_proof_is_no_alarm(cast: Cast) -> None:
    html = page(cast, came(cast, BAD, "jana@open.example"))
    assert "Nothing proves that it comes from open.example: it was passed on, or somebody else wrote it." in html
    assert BEWARE not in html


def test_a_mailing_list_may_change_what_it_passes_on(cast: Cast) -> None:
    listed = [("List-Id", "<talk.lists.example>"), ("List-Post", "<mailto:talk@lists.example>"), ("Precedence", "list")]
    html = page(cast, came(cast, BAD, headers=listed))
    assert "A mailing list passed it on and changed it" in html
    assert BEWARE not in html


@pytest.mark.parametrize(("client", "grave"), [(BAD, True), (GOOD, False)])
def test_who_claims_to_be_one_of_us_is_told_apart(cast: Cast, client: str, grave: bool) -> None:
    html = page(cast, came(cast, client, "bob@acme.cz"))
    assert ("It says that it is from your own company, and it is not proven to be." in html) == grave
    assert (BEWARE in html) == grave
    dns = table_resolver({})
    silent = page(cast, came(cast, client, "alice@acme.cz", dns=dns))
    assert "It says that it is from your own company, and nothing proves it." in silent


def test_a_sender_who_was_proven_before_is_missed(cast: Cast) -> None:
    came(cast)
    html = page(cast, came(cast, BAD, dns=table_resolver({})))
    assert "Earlier mail from jana@example.cz was proven to be from there. This message is not." in html
    assert BEWARE in html


def test_what_others_have_seen_proven_is_not_told(cast: Cast) -> None:
    came(cast)
    raw = trace(BAD, "jana@example.cz") + a_mail(sender="jana@example.cz", to="sales@acme.cz")
    conversation = receive(raw, cast.sales_gateway)
    message = conversation.entries.get().message
    assert message is not None
    verdicts.expect(message.deliveries.all(), NOON)
    verdicts.judge_due(NOON, table_resolver({}))
    html = signed_in(cast.carol).get(url(conversation)).content.decode()
    assert "sender not proven" in html
    assert "Earlier mail" not in html


def test_whom_we_have_written_to_is_missed_too(cast: Cast, transport: RecordingTransport) -> None:
    conversation = receive(a_mail(sender="jana@open.example"), cast.helpdesk_gateway)
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="Answer")
    replies.send(draft, NOON, seen_until=None, undo_within=timedelta(0))
    deliver_due(transport=transport, now=lambda: NOON, archive=sent.file_sent)
    html = page(cast, came(cast, BAD, "jana@open.example"))
    assert (
        "You have written to jana@open.example before, but nothing proves that this message comes from there." in html
    )


@pytest.mark.parametrize("client", ["10.0.0.1", BAD])
def test_a_report_of_a_mail_server_is_no_alarm(cast: Cast, client: str) -> None:
    raw = REPORT.format(status="5.1.1", reply="550 no", about="x@y").replace("mx.acme.cz>", "acme.cz>").encode()
    conversation = receive(trace(client, "") + raw, cast.helpdesk_gateway)
    message = conversation.entries.get().message
    assert message is not None
    verdicts.expect(message.deliveries.all(), NOON)
    verdicts.judge_due(NOON, table_resolver({**DNS, "_dmarc.acme.cz": "v=DMARC1; p=reject"}))
    html = page(cast, conversation)
    assert ("Nothing proves that it comes from acme.cz: it was passed on" in html) == (client == BAD)
    assert BEWARE not in html


def test_several_senders_are_an_alarm(cast: Cast) -> None:
    raw = trace(GOOD, "jana@example.cz") + b"From: eve@zlo.example\r\n" + a_mail()
    conversation = receive(raw, cast.helpdesk_gateway)
    message = conversation.entries.get().message
    assert message is not None
    verdicts.expect(message.deliveries.all(), NOON)
    verdicts.judge_due(NOON, table_resolver(DNS))
    assert "It names several senders: other programs may show another one" in page(cast, conversation)


def test_silent_dns_is_said_without_alarm(cast: Cast) -> None:
    def silent(name: str, kind: str, /) -> list[str]:
        raise Unanswered(name)

    html = page(cast, came(cast, dns=silent))
    assert "DNS did not answer, so nobody knows yet. It is tried again." in html
    assert "notice" not in html[html.index("letter-content") : html.index("composer-slot")]


def test_the_page_of_one_message_says_it_too(cast: Cast) -> None:
    message = came(cast).entries.get().message
    assert message is not None
    assert "sender proven" in signed_in(cast.bob).get(f"/messages/{message.pk}/").content.decode()


@pytest.mark.parametrize("language", ["en", "cs"])
def test_every_reason_has_words(language: str) -> None:
    assert set(REASONS) == set(CODES)
    with translation.override(language):
        for code in CODES:
            assert "%" not in reason_words(code, "acme.cz")
            assert reason_words(code, "")
        assert reason_words("of-later", "x") == "of-later x"
        assert len({str(one) for one in RESULTS.values()}) == 7
        assert set(METHODS) == {"spf", "dkim", "dmarc", "arc"}
        for summary in ("verified", "own", "mailing-list", "failed", "uncertain", "unverified"):
            assert short_words(summary)
            assert "%" not in meaning(summary, "acme.cz", waits=True)


def test_a_stranger_cannot_write_into_the_page_by_a_domain(cast: Cast) -> None:
    raw = b"DKIM-Signature: v=1; a=rsa-sha256; d=<b>x</b>.cz; s=s; h=from; bh=AA==; b=AA==\r\n" + a_mail()
    conversation = receive(raw, cast.helpdesk_gateway)
    message = conversation.entries.get().message
    assert message is not None
    verdicts.expect(message.deliveries.all(), NOON)
    verdicts.judge_due(NOON, table_resolver({}))
    assert "<b>x" not in page(cast, conversation)


# --- seals -------------------------------------------------------------------------------------------------


def sealed(cast: Cast, kind: str, parts: str) -> Conversation:
    raw = f"From: jana@example.cz\r\nTo: helpdesk@acme.cz\r\nSubject: Sealed\r\nContent-Type: {kind}\r\n\r\n{parts}"
    return receive(raw.encode(), cast.helpdesk_gateway)


SIGNED_MAIL = """--b
Content-Type: text/plain

Hello
--b
Content-Type: application/pkcs7-signature; name=smime.p7s
Content-Disposition: attachment; filename=smime.p7s

MIIB
--b--
"""
ENCRYPTED_MAIL = """--b
Content-Type: application/pgp-encrypted

Version: 1
--b
Content-Type: application/octet-stream; name=encrypted.asc
Content-Disposition: inline; filename=encrypted.asc

-----BEGIN PGP MESSAGE-----

hQEMA
-----END PGP MESSAGE-----
--b--
"""


def test_a_signature_is_a_word_and_no_attachment(cast: Cast) -> None:
    html = page(cast, sealed(cast, "multipart/signed; boundary=b; protocol=x", SIGNED_MAIL))
    assert "Signed by its writer (S/MIME)." in html
    assert 'class="files"' not in html
    assert "smime.p7s</a>" in html


def test_an_encrypted_message_says_how_to_open_it(cast: Cast) -> None:
    html = page(cast, sealed(cast, "multipart/encrypted; boundary=b; protocol=x", ENCRYPTED_MAIL))
    assert "This message is encrypted (OpenPGP)." in html
    assert 'class="files"' not in html
    assert "encrypted.asc</a>" in html
    assert "could not be read" not in html


def test_armour_in_the_text_is_not_shown(cast: Cast) -> None:
    text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello there\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n"
    html = page(cast, receive(a_mail(text=text + "-----END PGP SIGNATURE-----\n"), cast.helpdesk_gateway))
    assert "Signed by its writer (OpenPGP)." in html
    letter = html[html.index('class="prose"') :]
    assert "Hello there" in letter
    assert "iQEz" not in letter[: letter.index("</div>")]


@pytest.mark.usefixtures("english")
def test_every_seal_has_words() -> None:
    assert set(SEALS) == {f"{kind}-{how}" for kind in (SMIME, PGP) for how in (SIGNED, ENCRYPTED)}


# --- invitations -------------------------------------------------------------------------------------------


def invited(cast: Cast, *lines: str, method: str = "REQUEST") -> Conversation:
    event = ["SUMMARY:Porada <b>a</b> ceny", "DTSTART;TZID=Europe/Prague:20260512T100000", *lines]
    calendar = ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *event, "END:VEVENT", "END:VCALENDAR", ""]
    return receive(a_mail(files=[("a.ics", "text/calendar", "\r\n".join(calendar).encode())]), cast.helpdesk_gateway)


def test_an_invitation_is_a_card(cast: Cast) -> None:
    html = page(
        cast,
        invited(
            cast,
            "DTEND;TZID=Europe/Prague:20260512T113000",
            "LOCATION:Zasedačka <1>",
            "ORGANIZER;CN=Jana:mailto:jana@example.cz",
            "ATTENDEE;CN=Petr:mailto:petr@firma.cz",
            "ATTENDEE:mailto:helpdesk@acme.cz",
            "DESCRIPTION:Vezměte si notebook",
            "RRULE:FREQ=WEEKLY",
        ),
    )
    assert '<section class="invitation" aria-label="Invitation">' in html
    assert "Porada &lt;b&gt;a&lt;/b&gt; ceny" in html
    assert "Tuesday 12 May 2026, 10:00–11:30" in html
    assert "Zasedačka &lt;1&gt;" in html
    assert "Vezměte si notebook" in html
    assert "it repeats" in html
    assert "petr@firma.cz" in html
    assert 'class="files"' not in html


def test_an_invitation_in_czech(cast: Cast) -> None:
    html = page(cast, invited(cast, "DTEND;TZID=Europe/Prague:20260513T113000"), "cs")
    assert "úterý 12. května 2026, 10:00 – středa 13. května 2026, 11:30" in html


@pytest.mark.parametrize(
    ("method", "lines", "words"),
    [
        ("REQUEST", ["SEQUENCE:2"], "Changed invitation"),
        ("CANCEL", [], "Cancelled"),
        ("REQUEST", ["STATUS:CANCELLED"], "Cancelled"),
        ("REPLY", ["ATTENDEE;CN=Petr;PARTSTAT=ACCEPTED:mailto:p@f.cz"], "Petr accepts"),
        ("REPLY", ["ATTENDEE;PARTSTAT=DECLINED:mailto:p@f.cz"], "p@f.cz declines"),
        ("REPLY", ["ATTENDEE;PARTSTAT=TENTATIVE:mailto:p@f.cz"], "p@f.cz accepts for now"),
        ("REPLY", [], "Somebody answers an invitation"),
        ("COUNTER", [], "Another time is proposed"),
        ("PUBLISH", [], "Event"),
    ],
)
def test_what_an_invitation_wants(cast: Cast, method: str, lines: list[str], words: str) -> None:
    assert f">{words}</span>" in page(cast, invited(cast, *lines, method=method))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("DTSTART:20260512T080000Z", "Tuesday 12 May 2026, 10:00</dd>"),
        ("DTSTART;TZID=America/New_York:20260512T100000", "Tuesday 12 May 2026, 16:00<br>"),
        ("DTSTART;TZID=America/New_York:20260512T100000", "Tuesday 12 May 2026, 10:00 there (New York)"),
        ("DTSTART:20260512T100000", "Tuesday 12 May 2026, 10:00, time zone not given"),
        ("DTSTART;TZID=Moje:20260512T100000", "10:00, in an unknown time zone (Moje)"),
        ("DTSTART;VALUE=DATE:20260512", "Tuesday 12 May 2026, all day"),
        ("DTSTART:20260512\r\nDTEND:20260515", "Tuesday 12 May 2026 – Thursday 14 May 2026"),
        ("DTSTART:99991231T230000Z", "9999"),
        ("DTSTART:00010101T000000Z", "Monday 1 January 1, "),
        ("X-NOTHING:1", "The time is not given."),
    ],
)
def test_when_it_is(cast: Cast, start: str, words: str) -> None:
    calendar = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\n{start}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    raw = a_mail(files=[("a.ics", "text/calendar", calendar.encode())])
    assert words in page(cast, receive(raw, cast.helpdesk_gateway))


def test_a_broken_calendar_is_a_file(cast: Cast) -> None:
    html = page(cast, receive(a_mail(files=[("a.ics", "text/calendar", b"nothing")]), cast.helpdesk_gateway))
    assert "invitation" not in html.replace("letter.css", "")
    assert 'class="files"' in html


# --- reports -----------------------------------------------------------------------------------------------

REPORT = """From: Mail Delivery System <mailer-daemon@mx.acme.cz>
To: helpdesk@acme.cz
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I could not deliver it.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.cz

Final-Recipient: rfc822; jana@example.cz
Action: failed
Status: {status}
Diagnostic-Code: smtp; {reply}
--b
Content-Type: text/rfc822-headers

Message-ID: <{about}>
Subject: x
--b--
"""


def reported(
    cast: Cast, status: str = "5.1.1", reply: str = "550 5.1.1 <b>no</b> such user", about: str = "x@y"
) -> str:
    raw = REPORT.format(status=status, reply=reply, about=about)
    return page(cast, receive(raw.encode(), cast.helpdesk_gateway))


def test_a_delivery_report_says_who_and_why(cast: Cast) -> None:
    html = reported(cast)
    assert "The message was not delivered." in html
    assert "<strong>jana@example.cz</strong>" in html
    assert "It was not delivered, and trying again will not help. There is no such address." in html
    assert "The server said:" in html
    assert "<b>no" not in html
    assert "delivery-status" not in html


def test_a_full_mailbox_may_be_empty_later(cast: Cast) -> None:
    html = reported(cast, "4.2.2", "452 4.2.2 Mailbox full")
    assert "Later it may work. The mailbox is full." in html


def test_a_report_leads_to_the_message_that_it_is_about(cast: Cast) -> None:
    conversation = receive(a_mail("Our offer", message_id="offer@acme.cz"), cast.helpdesk_gateway)
    entry = conversation.entries.get()
    raw = REPORT.format(status="5.1.1", reply="550 no", about="offer@acme.cz").replace(
        "Subject: U", "In-Reply-To: <offer@acme.cz>\nSubject: U"
    )
    html = page(cast, receive(raw.encode(), cast.helpdesk_gateway))
    assert f'It is about: <a href="#entry-{entry.pk}">Our offer</a>' in html


def test_a_read_receipt_says_what_became_of_it(cast: Cast) -> None:
    raw = """From: Jana <jana@example.cz>
To: helpdesk@acme.cz
Subject: Read: Our offer
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: text/plain

Read.
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822;jana@example.cz
Disposition: manual-action/MDN-sent-manually; deleted
--b--
"""
    html = page(cast, receive(raw.encode(), cast.helpdesk_gateway))
    assert "Read receipt" in html
    assert "The message was deleted there without being opened." in html


def test_a_letter_about_a_report_is_no_report(cast: Cast) -> None:
    html = page(cast, receive(a_mail("Undelivered", "Your mail to me failed: 550 5.1.1"), cast.helpdesk_gateway))
    assert 'class="notice report' not in html


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("status", ["5.1.1", "4.2.2", "5.1.10", "5.7.26", "4.4.1", "5.6.0", "4.3.2", "5.5.4"])
def test_a_known_status_has_words(status: str) -> None:
    from podatelna.web.desk.reports import _why

    assert _why(status) in {str(words) for words in (*STATUSES.values(), *FOR_NOW.values())}
    assert _why("") == _why("9.9.9") == _why("nonsense") == ""
