"""The person really meant behind lists, groups and services."""

import pytest

from podatelna.mail.effective import effective_sender
from podatelna.mail.parse import parse

JANA = ("Jana Nováková", "jana@acme.cz")


def meant(*lines: str) -> tuple[str, str] | None:
    person = effective_sender(parse("\n".join([*lines, "", "Text."]).encode()))
    return (person.name, person.address) if person else None


@pytest.mark.parametrize(
    "lines",
    [
        # Google Groups
        (
            "From: \"'Jana Nováková' via Helpdesk\" <helpdesk@firma.cz>",
            "To: helpdesk@firma.cz",
            "Reply-To: Jana Nováková <jana@acme.cz>",
            "X-Original-Sender: jana@acme.cz",
            "X-Original-From: Jana Nováková <jana@acme.cz>",
            "List-ID: <helpdesk.firma.cz>",
        ),
        (
            "From: \"'Jana Nováková' via Helpdesk\" <helpdesk@firma.cz>",
            "Reply-To: helpdesk@firma.cz",
            "X-Original-Sender: jana@acme.cz",
        ),
        # Mailman: answers to the author, to both, to the list
        ("From: Jana Nováková via Spolek <spolek@listy.cz>", "Reply-To: Jana Nováková <jana@acme.cz>"),
        (
            "From: Jana Nováková via Spolek <spolek@listy.cz>",
            "Reply-To: Spolek <spolek@listy.cz>, Jana Nováková <jana@acme.cz>",
            "List-Post: <mailto:spolek@listy.cz>",
        ),
        (
            "From: Jana Nováková via Spolek <spolek@listy.cz>",
            "Reply-To: spolek@listy.cz",
            "Cc: Petr <petr@acme.cz>, Jana Nováková <jana@acme.cz>",
        ),
        ("From: Jana Nováková přes Spolek <spolek@listy.cz>", "Reply-To: Jana Nováková <jana@acme.cz>"),
        # a list that keeps the name and takes the address
        (
            "From: Jana Nováková <spolek@listy.cz>",
            "Reply-To: Jana Nováková <jana@acme.cz>",
            "List-Id: Spolek <spolek.listy.cz>",
        ),
        ("From: Spolek on behalf of Jana Nováková <spolek@listy.cz>", "Reply-To: Jana Nováková <jana@acme.cz>"),
        (
            "From: Jana Nováková <0000012ab-dmarc-request@LISTSERV.example>",
            "Reply-To: Jana Nováková <jana@acme.cz>",
        ),
        # RFC 9057
        (
            "From: Jana Nováková via Spolek <spolek@listy.cz>",
            "Author: Jana Nováková <jana@acme.cz>",
            "Reply-To: spolek@listy.cz",
        ),
        # the address inside another one
        ("From: Jana Nováková <jana=40acme.cz@dmarc.ietf.org>",),
        ("From: Jana Nováková via groups.io <jana=acme.cz@groups.io>",),
        ("From: Jana Nováková <SRS0=HhHh=TT=acme.cz=jana@relay.cz>",),
        # the address in the name
        ('From: "Jana Nováková jana@acme.cz [spolek]" <spolek@yahoogroups.com>', "Reply-To: spolek@yahoogroups.com"),
        # services that hand on what somebody says
        ("From: Jana Nováková via DocuSign <dse@docusign.net>", "Reply-To: Jana Nováková <jana@acme.cz>"),
        (
            'From: "Jana Nováková (via Google Docs)" <drive-shares-dm-noreply@google.com>',
            "Reply-To: Jana Nováková <jana@acme.cz>",
        ),
        (
            "From: Google Calendar <calendar-notification@google.com>",
            "Sender: Google Calendar <calendar-notification@google.com>",
            "Reply-To: Jana Nováková <jana@acme.cz>",
        ),
        # web forms
        ("From: WordPress <wordpress@firma.cz>", "To: info@firma.cz", "Reply-To: Jana Nováková <jana@acme.cz>"),
        ("From: Firma <info@firma.cz>", "To: info@firma.cz", "Reply-To: Jana Nováková <jana@acme.cz>"),
        # nothing in From
        ("Sender: Jana Nováková <jana@acme.cz>",),
        ("From: ", "Reply-To: Jana Nováková <jana@acme.cz>"),
        # nothing to look behind
        ("From: Jana Nováková <jana@acme.cz>",),
        ("From: Jana Nováková <jana@acme.cz>", "Reply-To: jana@doma.cz"),
        ("From: Jana Nováková <jana@acme.cz>", "Sender: asistentka@acme.cz"),
        ("From: Jana Nováková <jana@acme.cz>", "Reply-To: spolek@listy.cz", "List-Post: <mailto:spolek@listy.cz>"),
        ("From: Jana Nováková <jana@acme.cz>", "X-Original-From: Eva <eva@jinde.cz>"),
        ("From: Jana Nováková <jana@acme.cz>", "To: jana@acme.cz", "Reply-To: jana.novakova@acme.cz"),
    ],
)
def test_jana_is_meant(lines: tuple[str, ...]) -> None:
    assert meant(*lines) == JANA


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("From: noreply@firma.cz", "Reply-To: jana@acme.cz"), ("", "jana@acme.cz")),
        (("From: noreply@firma.cz", "Reply-To: info@firma.cz"), ("", "noreply@firma.cz")),
        (("From: noreply@firma.cz", "Reply-To: no-reply@jinde.cz"), ("", "noreply@firma.cz")),
        (
            ("From: Jana <notifications@github.com>", "Reply-To: acme/web <reply+A1B2@reply.github.com>"),
            ("Jana", "notifications@github.com"),
        ),
        (("From: Jana via Spolek <spolek@listy.cz>",), ("Jana via Spolek", "spolek@listy.cz")),
        (
            ("From: jana@acme.cz via Banka <eva@jinde.cz>",),
            ("jana@acme.cz via Banka", "eva@jinde.cz"),
        ),
        (
            ("From: Jana on behalf of Acme <jana@acme.cz>", "Reply-To: podpora@jinde.cz"),
            ("Jana on behalf of Acme", "jana@acme.cz"),
        ),
        (('From: "jana@acme.cz [via Relay]" <abc123@mozmail.com>',), ("", "jana@acme.cz")),
        (("Return-Path: <jana@acme.cz>", "Subject: x"), ("", "jana@acme.cz")),
        (("Return-Path: <>", "Subject: x"), None),
        (("Subject: x",), None),
    ],
)
def test_somebody_else_is_meant(lines: tuple[str, ...], expected: tuple[str, str] | None) -> None:
    assert meant(*lines) == expected
