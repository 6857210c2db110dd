"""What looks like a delivery report and is none: people who discuss one, answers of programs, complaints, receipts."""

# ruff: noqa: E501  letters, not code

import pytest

from podatelna.mail.automatic import auto_submitted
from podatelna.mail.parse import parse
from podatelna.mail.reports import is_feedback_report, is_receipt, read_bounce

from .bounces import COPY, Sample
from .bounces_free import SAMPLES as FREE
from .bounces_rare import SAMPLES as RARE
from .bounces_standard import SAMPLES as STANDARD

QMAIL = next(sample for sample in FREE if sample.name == "qmail").body
EXIM = next(sample for sample in FREE if sample.name == "exim").body
POSTFIX = next(sample for sample in FREE if sample.name == "postfix-text-only").body
DSN = STANDARD[0]


def quoted(text: str) -> str:
    """`text` as a reply quotes it."""
    return "".join(f"> {line}\n" for line in text.split("\n"))


def mail(subject: str, text: str, sender: str = "Jana Nováková <jana@acme.example>", head: str = "") -> bytes:
    """A plain message."""
    top = f"From: {sender}\nTo: petr@firma.example\nSubject: {subject}\nMIME-Version: 1.0\n{head}"
    return f"{top}Content-Type: text/plain; charset=utf-8\n\n{text}".encode()


def parted(top: str, *parts: str) -> bytes:
    """A multipart message; `parts` with their own headers."""
    body = "".join(f"--PP\n{part}\n" for part in parts)
    return f"{top}; boundary=PP\n\n{body}--PP--\n".encode()


PEOPLE = {
    "reply-quoting-qmail": mail("Re: failure notice", f"Petře, co s tím?\n\n{quoted(QMAIL)}"),
    "reply-quoting-exim": mail(
        "Re: Mail delivery failed: returning message to sender", f"Nevíš, proč?\n\n{quoted(EXIM)}"
    ),
    "forward-inline": mail(
        "Fwd: Undelivered Mail Returned to Sender",
        f"Podívej se na to.\n\n---------- Forwarded message ---------\nFrom: MAILER-DAEMON@x.example\n\n{POSTFIX}",
    ),
    "forward-without-words": mail(
        "Fwd: failure notice", f"---------- Forwarded message ---------\nFrom: MAILER-DAEMON@x.example\n\n{QMAIL}"
    ),
    "forward-outlook": mail(
        "FW: Undeliverable: Nabídka",
        f"Vrátilo se mi to.\n\n-----Original Message-----\nFrom: System Administrator\nSent: Monday\n\n{POSTFIX}",
    ),
    "pasted-at-the-start": mail("Nejde mi pošta", QMAIL),
    "pasted-behind-greeting": mail("Problém s poštou", f"Dobrý den,\n\nvrací se mi zprávy s touto chybou:\n\n{EXIM}"),
    "question-about-code": mail(
        "Chyba 550 5.1.1", "Dobrý den, co znamená 550 5.1.1 <petr@firma.example> User unknown?"
    ),
    "subject-undeliverable-package": mail(
        "Nedoručitelná zásilka", "Dobrý den, Vaše zásilka č. 15 je nedoručitelná, adresát ji nepřevzal."
    ),
    "subject-returned-goods": mail(
        "Vrácená zásilka", "Dobrý den,\n\nzásilku jsme převzali zpět. Peníze vrátíme na účet."
    ),
    "subject-delivery-failed-person": mail(
        "Delivery failed again", "Hi, the courier failed to deliver my parcel for the third time."
    ),
    "subject-mail-problem": mail(
        "Mail delivery problem", "Hello, could you check our mail server? Mails to petr@firma.example do not arrive."
    ),
    "subject-warning": mail("Warning: delayed shipment", "Your order will arrive on Friday."),
    "subject-message-status": mail("Message status", "Can you tell me whether my message was received?"),
    "undeliverable-invoice": mail(
        "Undeliverable invoice", "The invoice you sent to our old address came back. Use jan@firma.example."
    ),
    "sorry-not-able": mail("Sorry", "Sorry, I wasn't able to deliver the report on time."),
    "unfortunately": mail(
        "Rejected offer", "Unfortunately we could not accept your offer. Write to eva@firma.example."
    ),
    "your-message-rejected": mail(
        "Zpráva nebyla doručena?", "Dobrý den, psal jsem Vám a nevím, jestli zpráva přišla. Píši z petr@firma.example."
    ),
    "german-person": mail(
        "Ihre Nachricht", "Leider konnte ich Ihre Nachricht nicht öffnen. Bitte an eva@firma.example senden."
    ),
    "french-person": mail(
        "Échec de la livraison", "Bonjour, le colis n'a pas pu être livré. Contactez-moi : eva@firma.example"
    ),
    "postmaster-person": mail(
        "Your account",
        "Hello, I have created the account petr@firma.example for you.",
        "Postmaster <postmaster@firma.example>",
    ),
    "postmaster-answers": mail(
        "Re: Undeliverable mail to petr",
        f"Hello,\n\nwe have fixed it.\n\n{quoted(QMAIL)}",
        "Postmaster <postmaster@firma.example>",
        "In-Reply-To: <1@acme.example>\n",
    ),
    "admin-person": mail("Nová schránka", "Ahoj, schránka petr@firma.example je hotová.", "admin@firma.example"),
    "list-about-bounces": mail(
        "[mailop] Undeliverable mail from outlook",
        f"Anybody seen this?\n\n{POSTFIX}",
        head="List-Id: <mailop.example>\nList-Post: <mailto:m@x.example>\n",
    ),
    "list-qmail": mail("failure notice", QMAIL, head="List-Id: <qmail.example>\n"),
    "forward-attached": parted(
        "From: Jana <jana@acme.example>\nTo: petr@firma.example\nSubject: Fwd: Undelivered Mail\nMIME-Version: 1.0\nContent-Type: multipart/mixed",
        "Content-Type: text/plain\n\nPodivej se na to.",
        f"Content-Type: message/rfc822\n\n{DSN.head}\n\n{DSN.body}",
    ),
    "forward-with-all-parts": parted(
        "From: Jana <jana@acme.example>\nTo: petr@firma.example\nSubject: Fwd: Undelivered Mail\nMIME-Version: 1.0\nContent-Type: multipart/mixed",
        "Content-Type: text/plain\n\nPodivej se na to.",
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; petr@firma.example\nAction: failed\nStatus: 5.1.1",
        f"Content-Type: message/rfc822\n\n{COPY}",
    ),
    "about-this-is-the-mail-system": mail(
        "Dotaz", "Kolega mi poslal text „This is the mail system at host mx“. Co to je?"
    ),
    "bounce-in-sport": mail("Bounce castle", "Hi, is the bounce castle still free on Saturday?"),
    "nevratilo": mail("Vrácení zboží", "Dobrý den, vrátila jsem zboží, ale zpráva o přijetí nebyla doručena."),
}

PROGRAMS = {
    "out-of-office": mail("Automatic reply: Nabídka", "I am out of the office.", head="Auto-Submitted: auto-replied\n"),
    "out-of-office-null": mail(
        "Mimo kancelář",
        "Nejsem v kanceláři. V naléhavých případech pište na eva@firma.example.",
        head="Return-Path: <>\n",
    ),
    "out-of-office-daemon": mail(
        "Automatic reply: x", "Unfortunately I can not answer now.", "MAILER-DAEMON@firma.example"
    ),
    "vacation-sorry": mail(
        "Re: Nabidka",
        "Sorry, I am unable to deliver an answer before Monday, I am on vacation.",
        head="Return-Path: <>\nPrecedence: bulk\n",
    ),
    "challenge": mail(
        "Please confirm your message",
        "Your message is being held. Please confirm that your message is not spam: https://x.example",
        "confirm@firma.example",
    ),
    "challenge-tmda": mail(
        "Please confirm your message",
        "This message was created automatically by mail delivery software (TMDA).",
        head="X-TMDA-Confirm: 1\n",
    ),
    "virus-notice": mail(
        "Virus found in your message",
        "Our scanner found a virus in the message you sent to petr@firma.example.",
        "postmaster@firma.example",
    ),
    "quarantine": mail("Quarantine summary", "3 messages are held for you.", "postmaster@firma.example"),
    "mailman-uncaught": mail(
        "Uncaught bounce notification", "The attached message was received as a bounce.", "mailman@lists.example"
    ),
    "newsletter": mail(
        "Your message to the world",
        "Delivery of our newsletter: https://x.example",
        "news@shop.example",
        "List-Unsubscribe: <https://x>\n",
    ),
    "shop-order": mail(
        "Delivery notification", "Your parcel will be delivered tomorrow between 8 and 10.", "noreply@kuryr.example"
    ),
    "shop-failed-delivery": mail(
        "Delivery failed",
        "We could not deliver your parcel. Choose a new date: https://kuryr.example",
        "noreply@kuryr.example",
    ),
    "parcel-czech": mail(
        "Neúspěšné doručení zásilky",
        "Nepodařilo se nám doručit Vaši zásilku č. 550123.\n\nKontakt:\npodpora@kuryr.example\n",
        "info@kuryr.example",
    ),
    "parcel-czech-automatic": mail(
        "Nedoručená zásilka",
        "Vaši zásilku se nepodařilo doručit.\n\npodpora@kuryr.example\n",
        "noreply@kuryr.example",
        "Auto-Submitted: auto-generated\n",
    ),
    "parcel-english": mail(
        "Delivery failed",
        "Unable to deliver your package 550.\n\nhelp@courier.example\n",
        "support@courier.example",
        "Return-Path: <>\n",
    ),
    "payment-returned": mail(
        "Vrácená platba", "Nepodařilo se přijmout Vaši platbu.\n\nucetni@firma.example\n", "info@firma.example"
    ),
    "account-message": mail(
        "Message blocked",
        "Your message to the seller was not delivered, because it broke our rules.\n",
        "noreply@bazar.example",
    ),
    "cron": mail("Cron <root@srv> backup", "rsync: connection unexpectedly closed", "root@srv.example"),
}


@pytest.mark.parametrize("raw", PEOPLE.values(), ids=PEOPLE.keys())
def test_what_people_write_is_no_report(raw: bytes) -> None:
    parsed = parse(raw)
    assert read_bounce(parsed) is None
    assert parsed.automatic in ("", "list")
    assert not is_receipt(parsed)
    assert not is_feedback_report(parsed)


@pytest.mark.parametrize("raw", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_what_other_programs_write_is_no_report(raw: bytes) -> None:
    assert read_bounce(parse(raw)) is None


def test_complaint() -> None:
    raw = parted(
        "From: fbl@provider.example\nSubject: FW: Nabidka\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report",
        "Content-Type: text/plain\n\nThis is an email abuse report.",
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: X/1\nVersion: 1",
        f"Content-Type: message/rfc822\n\n{COPY}",
    )
    parsed = parse(raw)
    assert is_feedback_report(parsed)
    assert read_bounce(parsed) is None
    assert not is_receipt(parsed)
    assert auto_submitted(parsed) == "report"


def test_complaint_of_hotmail() -> None:
    raw = mail("complaint about message from 192.0.2.7", "x", "staff@hotmail.com")
    assert is_feedback_report(parse(raw))


def test_complaint_forwarded_by_a_person_is_none() -> None:
    raw = parted(
        "From: jana@acme.example\nSubject: Fwd: abuse\nMIME-Version: 1.0\nContent-Type: multipart/mixed",
        "Content-Type: text/plain\n\nCo s tim?",
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse",
    )
    assert not is_feedback_report(parse(raw))


RECEIPTS = {
    "thunderbird": parted(
        "From: petr@firma.example\nSubject: Return Receipt (displayed) - Nabidka\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification",
        "Content-Type: text/plain\n\nThis is a Return Receipt for the mail that you sent to petr@firma.example.",
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;petr@firma.example\nDisposition: manual-action/MDN-sent-manually; displayed",
    ),
    "exchange-czech": parted(
        "From: petr@firma.example\nSubject: =?utf-8?q?P=C5=99e=C4=8Dteno=3A_Nab=C3=ADdka?=\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification",
        "Content-Type: text/plain; charset=utf-8\n\nVaše zpráva byla přečtena 5.1.2026 10:00.",
        "Content-Type: message/disposition-notification\n\nFinal-recipient: RFC822; petr@firma.example\nDisposition: automatic-action/MDN-sent-automatically; displayed",
    ),
    "deleted-unread": parted(
        "From: petr@firma.example\nSubject: Not read: Nabidka\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification",
        "Content-Type: text/plain\n\nYour message was deleted without being read on Monday.",
        "Content-Type: message/disposition-notification\n\nFinal-recipient: RFC822; petr@firma.example\nDisposition: automatic-action/MDN-sent-automatically; deleted",
    ),
    "without-report-type": parted(
        "From: petr@firma.example\nSubject: Read\nMIME-Version: 1.0\nContent-Type: multipart/report",
        "Content-Type: text/plain\n\nRead.",
        "Content-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; displayed",
    ),
    "text-only": mail(
        "Read: Nabidka",
        "Your message\n\n  To: petr@firma.example\n  Subject: Nabidka\n\nwas read on 5.1.2026 10:00.",
        "petr@firma.example",
    ),
    "text-only-czech": mail("Přečteno: Nabídka", "Vaše zpráva byla přečtena dne 5.1.2026.", "petr@firma.example"),
}


@pytest.mark.parametrize("raw", RECEIPTS.values(), ids=RECEIPTS.keys())
def test_receipt(raw: bytes) -> None:
    parsed = parse(raw)
    assert is_receipt(parsed)
    assert read_bounce(parsed) is None
    assert not is_feedback_report(parsed)
    assert parsed.automatic == "report"


def test_person_who_writes_about_reading_sends_no_receipt() -> None:
    assert not is_receipt(parse(mail("Re: Read: Nabidka", "It was read on Monday.")))
    assert not is_receipt(parse(mail("Read this", "The book was read on the train.")))


def test_success_is_a_report_and_no_failure() -> None:
    good = next(sample for sample in STANDARD if sample.name == "delivered")
    bounce = read_bounce(parse(good.raw))
    assert bounce is not None
    assert not bounce.failed
    bad = read_bounce(parse(DSN.raw))
    assert bad is not None
    assert bad.failed


EVERY = STANDARD + FREE + RARE


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.name)
def test_no_report_whoever_quotes_or_forwards_it(sample: Sample) -> None:
    text = parse(sample.raw).text
    subject = next(line for line in sample.head.split("\n") if line.startswith("Subject:"))[9:]
    person = "From: Jana <jana@acme.example>\nTo: petr@firma.example\nMIME-Version: 1.0\n"
    plain = "Content-Type: text/plain; charset=utf-8\n\n"
    ways = [
        f"{person}Subject: Re: {subject}\nIn-Reply-To: <1@firma.example>\n{plain}Co s tím?\n\n{quoted(text)}",
        f"{person}Subject: Re: {subject}\nIn-Reply-To: <1@firma.example>\n{plain}{quoted(text)}\nCo s tím?\n",
        f"{person}Subject: Fwd: {subject}\n{plain}Nevíš?\n\n---------- Forwarded message ---------\n{text}",
        f"{person}Subject: FW: {subject}\n{plain}-----Original Message-----\nFrom: Mail System\n\n{text}",
        f"{person}Subject: Fwd: {subject}\n{plain}{text}",
        f"{person}Subject: {subject}\nContent-Type: multipart/mixed; boundary=WW\n\n--WW\n{plain}Přeposílám, co mi přišlo.\n"
        f"--WW\nContent-Type: message/rfc822\n\n{sample.raw.decode()}\n--WW--\n",
        f"{person}Subject: Nejde mi pošta\n{plain}Dobrý den,\n\nkdyž píšu Petrovi, vrátí se mi toto:\n\n{text}",
    ]
    for raw in ways:
        parsed = parse(raw.encode())
        assert read_bounce(parsed) is None
        assert parsed.automatic == ""
