"""Delivery reports written for the tests, in the manner of many mail systems, each with what must be read in it."""

# ruff: noqa: E501  letters, not code

from __future__ import annotations

from dataclasses import dataclass

ID = "20260105.4711@acme.example"
COPY = (
    "Received: from desk.acme.example (desk.acme.example [192.0.2.7])\n\tby mx.firma.example with ESMTP id 12AB;"
    " Mon, 5 Jan 2026 10:00:00 +0100\n"
    f"Message-ID: <{ID}>\nFrom: Jana Nováková <jana@acme.example>\nTo: Petr <petr@firma.example>\n"
    "Subject: Nabídka č. 15\nDate: Mon, 5 Jan 2026 10:00:00 +0100\n\nDobrý den, posíláme nabídku.\n"
)

Recipient = tuple[str, str, str, int | None, str, bool | None]


@dataclass(frozen=True)
class Sample:
    """A report: its header without the everyday fields, its body, and the recipients that it is about."""

    name: str
    head: str
    body: str
    recipients: list[Recipient]
    original: str = ID

    @property
    def raw(self) -> bytes:
        """The message as it would arrive."""
        return (f"To: jana@acme.example\nDate: Mon, 5 Jan 2026 10:05:00 +0100\n{self.head}\n\n{self.body}").encode()


def failed(
    reason: str, status: str = "", code: int | None = None, address: str = "petr@firma.example", permanent: bool = True
) -> Recipient:
    """A recipient whom the message did not reach."""
    return (address, "failed", status, code, reason, permanent)


def late(reason: str, status: str = "", code: int | None = None, address: str = "petr@firma.example") -> Recipient:
    """A recipient for whom delivery is still being tried."""
    return (address, "delayed", status, code, reason, False)


def report(
    human: str, status: str, *, copy: str = COPY, kind: str = "message/rfc822", head: str = ""
) -> tuple[str, str]:
    """Header and body of a multipart/report (RFC 6522) of three parts."""
    top = f"{head}MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=XX"
    body = (
        "This is a MIME-encapsulated message.\n\n--XX\nContent-Type: text/plain; charset=utf-8\n\n"
        f"{human}\n--XX\nContent-Type: message/delivery-status\n\n{status}\n--XX\nContent-Type: {kind}\n\n{copy}\n--XX--\n"
    )
    return top, body


def standard(name: str, human: str, status: str, recipients: list[Recipient], **more: str) -> Sample:
    """A sample in the standard's form; `more`: sender, subject, copy, kind."""
    sender = more.pop("sender", "MAILER-DAEMON@mx.firma.example (Mail Delivery System)")
    subject = more.pop("subject", "Undelivered Mail Returned to Sender")
    original = more.pop("original", ID)
    top, body = report(human, status, **more)
    return Sample(name, f"From: {sender}\nSubject: {subject}\n{top}", body, recipients, original)


def free(name: str, sender: str, subject: str, body: str, recipients: list[Recipient], **more: str) -> Sample:
    """A sample of text alone; `more`: head (further fields), original."""
    charset = "" if body.isascii() else "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    extra = more.get("head", "")
    head = f"From: {sender}\nSubject: {subject}\n{charset}{extra}".rstrip("\n")
    return Sample(name, head, body, recipients, more.get("original", ID))
