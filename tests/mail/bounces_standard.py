"""Reports in the standard's form (RFC 3464, RFC 6533) with the dialects and mistakes of real systems."""

# ruff: noqa: E501  letters, not code

from .bounces import COPY, ID, Sample, failed, late, report, standard

UNKNOWN = "550 5.1.1 <petr@firma.example>: Recipient address rejected: User unknown in virtual mailbox table"
POSTFIX_TEXT = """This is the mail system at host mx.firma.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

                   The mail system

<petr@firma.example>: host mail.firma.example[192.0.2.9] said: 550 5.1.1
    <petr@firma.example>: Recipient address rejected: User unknown in virtual
    mailbox table (in reply to RCPT TO command)
"""
REPORTING = (
    "Reporting-MTA: dns; mx.firma.example\nX-Postfix-Queue-ID: 4D2B1\nArrival-Date: Mon, 5 Jan 2026 10:00:00 +0100\n"
)


def group(diagnostic: str, status: str = "5.1.1", action: str = "failed", address: str = "petr@firma.example") -> str:
    """One recipient's fields."""
    return (
        f"Final-Recipient: rfc822; {address}\nOriginal-Recipient: rfc822;{address}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {diagnostic}\n"
    )


def one(name: str, status: str, recipient: tuple, human: str = "Not delivered.", **more: str) -> Sample:
    return standard(name, human, status, [recipient], **more)


SAMPLES = [
    one("postfix", f"{REPORTING}\n{group(UNKNOWN)}", failed(UNKNOWN, "5.1.1", 550), POSTFIX_TEXT),
    one(
        "postfix-folded",
        f"{REPORTING}\nFinal-Recipient: rfc822; petr@firma.example\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mail.firma.example\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <petr@firma.example>: Recipient address\n    rejected: User unknown in virtual mailbox\n    table\n",
        failed(UNKNOWN, "5.1.1", 550),
    ),
    one(
        "gmail-dashes",
        f"{REPORTING}\n"
        + group(
            "550-5.1.1 The email account that you tried to reach does not exist. Please try\n"
            " 550-5.1.1 double-checking the recipient's email address for typos or\n"
            " 550-5.1.1 unnecessary spaces. For more information, go to\n"
            " 550 5.1.1  https://support.google.example/?p=NoSuchUser a1-2002 - gsmtp"
        ),
        failed(
            "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email"
            " address for typos or unnecessary spaces. For more information, go to https://support.google.example/?p=NoSuchUser"
            " a1-2002 - gsmtp",
            "5.1.1",
            550,
        ),
    ),
    one(
        "dashes-without-status",
        f"{REPORTING}\n"
        + group(
            "550-Verification failed for <jana@acme.example>\n 550-No such user\n 550 Sender verify failed", "5.0.0"
        ),
        failed("550 Verification failed for <jana@acme.example> No such user Sender verify failed", "5.0.0", 550),
    ),
    one("no-empty-line-between-groups", REPORTING + group(UNKNOWN), failed(UNKNOWN, "5.1.1", 550)),
    standard(
        "two-recipients-no-empty-line",
        "Not delivered.",
        f"{REPORTING}\n{group(UNKNOWN)}{group('552 5.2.2 Mailbox full', '5.2.2', address='eva@firma.example')}",
        [failed(UNKNOWN, "5.1.1", 550), failed("552 5.2.2 Mailbox full", "5.2.2", 552, "eva@firma.example")],
    ),
    standard(
        "three-recipients-mixed",
        "Some failed.",
        f"{REPORTING}\n{group('250 2.1.5 OK', '2.1.5', 'delivered', 'ok@firma.example')}\n{group(UNKNOWN)}\n"
        + group("451 4.7.1 Greylisted, try again later", "4.7.1", "delayed", "pozdeji@firma.example"),
        [
            ("ok@firma.example", "delivered", "2.1.5", 250, "250 2.1.5 OK", None),
            failed(UNKNOWN, "5.1.1", 550),
            late("451 4.7.1 Greylisted, try again later", "4.7.1", 451, "pozdeji@firma.example"),
        ],
    ),
    Sample(
        "several-status-parts",
        "From: postmaster@mx.firma.example\nSubject: Delivery Status Notification (Failure)\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=YY",
        f"--YY\nContent-Type: text/plain\n\nNot delivered.\n--YY\nContent-Type: message/delivery-status\n\n{REPORTING}\n{group(UNKNOWN)}\n"
        f"--YY\nContent-Type: message/delivery-status\n\n{REPORTING}\n{group('554 5.7.1 Rejected', '5.7.1', address='eva@firma.example')}\n"
        f"--YY\nContent-Type: message/rfc822\n\n{COPY}\n--YY--\n",
        [failed(UNKNOWN, "5.1.1", 550), failed("554 5.7.1 Rejected", "5.7.1", 554, "eva@firma.example")],
    ),
    one(
        "original-recipient-goes-first",
        f"{REPORTING}\nOriginal-Recipient: rfc822;petr@firma.example\nFinal-Recipient: rfc822;p.novak@vnitrni.example\nAction: failed\n"
        "Status: 5.2.2\nDiagnostic-Code: smtp;552 5.2.2 Over quota\n",
        failed("552 5.2.2 Over quota", "5.2.2", 552),
    ),
    one(
        "original-recipient-xtext",
        f"{REPORTING}\nOriginal-Recipient: rfc822;petr+2Bnabidky@firma.example\nFinal-Recipient: rfc822;p@vnitrni.example\nAction: failed\nStatus: 5.1.1\n",
        failed("Not delivered.", "5.1.1", address="petr+nabidky@firma.example"),
    ),
    one(
        "final-recipient-local",
        f"{REPORTING}\nFinal-Recipient: X-Local; petr\nX-Actual-Recipient: RFC822; petr@firma.example\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: X-Unix; 67\n",
        failed("67", "5.1.1"),
    ),
    one(
        "angle-address-without-type",
        "Reporting-MTA: dns; gw\n\nFinal-Recipient: <petr@firma.example>\nAction: failed\nStatus: 5.0.0 (permanent failure)\n",
        failed("permanent failure", "5.0.0"),
    ),
    one(
        "status-comment",
        f"{REPORTING}\nFinal-Recipient: rfc822;petr@firma.example\nAction: failed (bad destination)\nStatus: 5.1.1 (bad destination mailbox address)\n",
        failed("bad destination mailbox address", "5.1.1"),
    ),
    one(
        "opensmtpd-action-error",
        "Reporting-MTA: dns; opensmtpd.example\n\nFinal-Recipient: rfc822; petr@firma.example\nAction: error\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 Invalid recipient\n",
        failed("550 Invalid recipient", "5.1.1", 550),
    ),
    one(
        "action-failure",
        "Reporting-MTA: dns;gw.firma.example\n \nFinal-Recipient: rfc822;petr@firma.example\nAction: failure\n",
        failed("This mail message contains banned text.", ""),
        "Your message was not delivered to\n \n    petr@firma.example\n \nThis mail message contains banned text.\n",
    ),
    one(
        "upper-case-and-blanks",
        "REPORTING-MTA: DNS; GW\n\nFINAL-RECIPIENT : RFC822 ; Petr@Firma.Example\nACTION : Failed\nSTATUS : 5.4.4\nDIAGNOSTIC-CODE : SMTP ; 554 host not found\n",
        failed("554 host not found", "5.4.4", 554, "Petr@firma.example"),
    ),
    one(
        "delayed",
        f"{REPORTING}\n{group('450 4.2.0 Greylisted', '4.2.0', 'delayed')}",
        late("450 4.2.0 Greylisted", "4.2.0", 450),
    ),
    one(
        "delayed-no-status",
        "Reporting-MTA: dns; mx1.firma.example\n\nOriginal-Recipient: rfc822;petr@firma.example\nFinal-Recipient: rfc822;petr@firma.example\nAction: delayed\n",
        late("relay.firma.example: no response"),
        "This is a warning message only.\n  Your message remains in the server queue,\n  the server will try to send it again.\n\n"
        "Message delivery to 'petr@firma.example' delayed\nSMTP module(domain firma.example) reports:\n relay.firma.example: no response\n",
        subject="WARNING. Mail Delayed: Nabidka",
    ),
    one(
        "expired-with-4xx",
        f"{REPORTING}\nFinal-Recipient: rfc822; petr@firma.example\nAction: failed\nStatus: 4.4.1\nDiagnostic-Code: X-Postfix; connect to"
        " mail.firma.example[192.0.2.9]:25: Connection timed out\n",
        failed("connect to mail.firma.example[192.0.2.9]:25: Connection timed out", "4.4.1", permanent=False),
    ),
    one(
        "quota-temporary",
        f"{REPORTING}\n{group('452 4.2.2 The email account is over quota', '4.2.2')}",
        failed("452 4.2.2 The email account is over quota", "4.2.2", 452, permanent=False),
    ),
    one(
        "quota-permanent",
        f"{REPORTING}\n{group('552 5.2.2 Over quota', '5.2.2')}",
        failed("552 5.2.2 Over quota", "5.2.2", 552),
    ),
    one(
        "delivered",
        f"{REPORTING}\n{group('250 2.0.0 Ok', '2.0.0', 'delivered')}",
        ("petr@firma.example", "delivered", "2.0.0", 250, "250 2.0.0 Ok", None),
        subject="Successful Mail Delivery Report",
    ),
    one(
        "relayed",
        f"{REPORTING}\nFinal-Recipient: rfc822; petr@firma.example\nAction: relayed\nStatus: 2.0.0\n",
        ("petr@firma.example", "relayed", "2.0.0", None, "", None),
        subject="Return receipt",
    ),
    one(
        "expanded",
        f"{REPORTING}\nFinal-Recipient: rfc822; vsichni@firma.example\nAction: expanded\nStatus: 2.1.5 (and requested confirmation)\n",
        ("vsichni@firma.example", "expanded", "2.1.5", None, "and requested confirmation", None),
        subject="Expanded: porada",
    ),
    one(
        "exim-dsn",
        "Reporting-MTA: dns; srv.acme.example\n\nAction: failed\nFinal-Recipient: rfc822;petr@firma.example\nStatus: 5.0.0\nRemote-MTA: dns; mail.firma.example\n"
        "Diagnostic-Code: smtp; 550 No such person at this address\n",
        failed("550 No such person at this address", "5.0.0", 550),
        sender="Mail Delivery System <Mailer-Daemon@srv.acme.example>",
        subject="Mail delivery failed: returning message to sender",
    ),
    one(
        "exchange-dsn",
        "Reporting-MTA: dns;EXCH01.firma.example\nReceived-From-MTA: dns;desk.acme.example\n\nFinal-Recipient: rfc822;petr@firma.example\nAction: failed\n"
        "Status: 5.1.1\nDiagnostic-Code: smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found\nX-Display-Name: Petr\n",
        failed("550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", "5.1.1", 550),
        sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@firma.example>",
        subject="Undeliverable: Nabidka",
    ),
    one(
        "office365-czech",
        "Reporting-MTA: dns;AM0PR01.eurprd01.example\n\nFinal-Recipient: rfc822;petr@firma.example\nAction: failed\nStatus: 5.1.10\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient petr@firma.example not found by SMTP address lookup\n",
        failed(
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient petr@firma.example not found by SMTP address lookup",
            "5.1.10",
            550,
        ),
        sender="postmaster@firma.example",
        subject="=?utf-8?q?Nedoru=C4=8Diteln=C3=A9=3A_Nab=C3=ADdka?=",
    ),
    one(
        "exchange-old-no-diagnostic",
        "Reporting-MTA: dns;mail.firma.example\n\nFinal-Recipient: RFC822; petr@firma.example\nAction: failed\nStatus: 5.1.1\nX-Supplementary-Info: <mail.firma.example #5.1.1>\n",
        failed("<mail.firma.example #5.1.1>", "5.1.1"),
        subject="Delivery Status Notification (Failure)",
        sender="postmaster@firma.example",
    ),
    one(
        "sendmail-dsn",
        "Reporting-MTA: dns; srv.acme.example\nReceived-From-MTA: DNS; desk.acme.example\nArrival-Date: Mon, 5 Jan 2026 10:00:00 +0100\n\n"
        "Final-Recipient: RFC822; petr@firma.example\nAction: failed\nStatus: 5.1.1\nRemote-MTA: DNS; mail.firma.example\n"
        "Diagnostic-Code: SMTP; 550 5.1.1 <petr@firma.example>... User unknown\nLast-Attempt-Date: Mon, 5 Jan 2026 10:00:04 +0100\n",
        failed("550 5.1.1 <petr@firma.example>... User unknown", "5.1.1", 550),
        subject="Returned mail: see transcript for details",
    ),
    one(
        "global-delivery-status",
        "Reporting-MTA: dns; mx.firma.example\n\nOriginal-Recipient: utf-8; pe\\x{159}ina@firma.example\nFinal-Recipient: utf-8; peřina@firma.example\nAction: failed\n"
        "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 Neznámý příjemce\n",
        failed("550 5.1.1 Neznámý příjemce", "5.1.1", 550, "peřina@firma.example"),
    ),
    one(
        "markup-in-diagnostic",
        f"{REPORTING}\n"
        + group("550 5.7.1 Message rejected.&lt;br&gt;<br>See <a href='https://x.example'>help</a>", "5.7.1"),
        failed("550 5.7.1 Message rejected.<br> See help", "5.7.1", 550),
    ),
    one(
        "encoded-word-in-diagnostic",
        f"{REPORTING}\n" + group("550 5.1.1 =?utf-8?q?Nezn=C3=A1m=C3=BD_p=C5=99=C3=ADjemce?="),
        failed("550 5.1.1 Neznámý příjemce", "5.1.1", 550),
    ),
    one(
        "unindented-diagnostic",
        f"{REPORTING}\nFinal-Recipient: rfc822;petr@firma.example\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp;550 5.7.1 Message rejected\nas spam by content filter\n",
        failed("550 5.7.1 Message rejected as spam by content filter", "5.7.1", 550),
    ),
    one(
        "empty-line-inside-group",
        f"{REPORTING}\nFinal-Recipient: rfc822;petr@firma.example\n\nAction: failed\nStatus: 5.1.2\nDiagnostic-Code: smtp; 550 5.1.2 Bad domain\n",
        failed("550 5.1.2 Bad domain", "5.1.2", 550),
    ),
    one("headers-only", f"{REPORTING}\n{group(UNKNOWN)}", failed(UNKNOWN, "5.1.1", 550), kind="text/rfc822-headers"),
    one(
        "message-headers",
        f"{REPORTING}\n{group(UNKNOWN)}",
        failed(UNKNOWN, "5.1.1", 550),
        kind="message/rfc822-headers",
    ),
    one(
        "communigate",
        "Reporting-MTA: dns; cgp.firma.example\n\nOriginal-Recipient: rfc822;<petr@firma.example>\nFinal-Recipient: rfc822;<petr@firma.example>\nAction: failed\nStatus: 5.0.0\n",
        failed("account is full (quota exceeded)", "5.0.0"),
        "Failed to deliver to 'petr@firma.example'\nLOCAL module(account petr) reports:\n account is full (quota exceeded)\n",
        subject="Undeliverable mail: Nabidka",
    ),
    one(
        "amazon-ses",
        "Reporting-MTA: dns; a1-23.smtp-out.amazonses.example\n\nAction: failed\nFinal-Recipient: rfc822; petr@firma.example\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\nStatus: 5.1.1\n",
        failed("550 5.1.1 user unknown", "5.1.1", 550),
        "An error occurred while trying to deliver the mail to the following recipients:\npetr@firma.example\n",
        sender="MAILER-DAEMON@amazonses.example",
        subject="Delivery Status Notification (Failure)",
    ),
    one(
        "sendgrid",
        "Reporting-MTA: dns; sendgrid.example\n\nFinal-Recipient: rfc822; petr@firma.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: 550 Unknown user\n",
        failed("550 Unknown user", "5.0.0", 550),
        sender="MAILER-DAEMON",
        subject="Undelivered Mail Returned to Sender",
    ),
    one(
        "mimecast",
        "Reporting-MTA: dns; eu-smtp-1.mimecast.example\n\nFinal-Recipient: rfc822; petr@firma.example\nAction: failed\nStatus: 5.4.1\nDiagnostic-Code: smtp; 550 Invalid Recipient - https://community.mimecast.example/kb [x1]\n",
        failed("550 Invalid Recipient - https://community.mimecast.example/kb [x1]", "5.4.1", 550),
        subject="[Postmaster] Email Delivery Failure",
        sender="postmaster@eu-smtp-1.mimecast.example",
    ),
    one(
        "barracuda",
        "Reporting-MTA: dns; barracuda.firma.example\nReceived-From-MTA: smtp; desk.acme.example\n\nFinal-Recipient: rfc822; petr@firma.example\nAction: failed\nStatus: 5.7.1\n"
        "Diagnostic-Code: smtp; 550 5.7.1 Message content rejected, id=123 - BLOCKED: spam\n",
        failed("550 5.7.1 Message content rejected, id=123 - BLOCKED: spam", "5.7.1", 550),
        subject="**Message you sent blocked by our bulk email filter**",
    ),
    one(
        "zimbra",
        f"{REPORTING}\n{group('550 5.1.1 <petr@firma.example>: Recipient address rejected: firma.example')}",
        failed("550 5.1.1 <petr@firma.example>: Recipient address rejected: firma.example", "5.1.1", 550),
    ),
    one(
        "kerio",
        "Reporting-MTA: dns; kerio.firma.example\n\nFinal-Recipient: rfc822;petr@firma.example\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns;mail.firma.example\nDiagnostic-Code: smtp;550 5.1.1 User unknown\n",
        failed("550 5.1.1 User unknown", "5.1.1", 550),
        "Vaše zpráva\n\n    Předmět: Nabídka\n\nnebyla doručena následujícím příjemcům:\n\n    petr@firma.example\n",
        subject="Nedoruceno: Nabidka",
        sender="Postmaster <postmaster@kerio.firma.example>",
    ),
    one(
        "sun-messaging-server",
        "Original-envelope-id: 0NFC\nReporting-MTA: dns;mr21.firma.example (tcp-daemon)\n\nOriginal-recipient: rfc822;petr@firma.example\nFinal-recipient: rfc822;petr@firma.example\nAction: failed\n"
        "Status: 5.1.1 (Remote SMTP server has rejected address)\nRemote-MTA: dns;mx.firma.example (TCP|192.0.2.1|47323|192.0.2.225|25)\n (mx.firma.example ESMTP)\n"
        "Diagnostic-code: smtp;550 5.1.1 <petr@firma.example>... User Unknown\n",
        failed("550 5.1.1 <petr@firma.example>... User Unknown", "5.1.1", 550),
        subject="Delivery Notification: Delivery has failed",
    ),
    one(
        "domino-dsn",
        "Reporting-MTA: dns;notes.firma.example\n\nFinal-Recipient: rfc822;petr@firma.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: X-Notes; User petr (petr@firma.example) not listed in Domino Directory\n",
        failed("User petr (petr@firma.example) not listed in Domino Directory", "5.1.1"),
        subject="DELIVERY FAILURE: User petr (petr@firma.example) not listed in Domino Directory",
    ),
    one(
        "icewarp",
        "Reporting-MTA: dns; icewarp.firma.example\n\nFinal-Recipient: rfc822;petr@firma.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <petr@firma.example> User unknown; rejecting\n",
        failed("550 5.1.1 <petr@firma.example> User unknown; rejecting", "5.1.1", 550),
        subject="Failed mail: nabidka",
    ),
    one(
        "seznam-dsn",
        "Reporting-MTA: dns; smtpd.seznam.example\n\nFinal-Recipient: rfc822; petr@firma.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 sorry, no mailbox here by that name\n",
        failed("550 5.1.1 sorry, no mailbox here by that name", "5.1.1", 550),
        "Dobrý den,\n\nVaši zprávu se nepodařilo doručit na adresu petr@firma.example.\n",
        subject="=?utf-8?q?Zpr=C3=A1va_nebyla_doru=C4=8Dena?=",
    ),
    Sample(
        "status-labelled-as-text",
        "From: MAILER-DAEMON@mx.firma.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=ZZ",
        f"--ZZ\nContent-Type: text/plain\n\nThe mail could not be delivered.\n--ZZ\nContent-Type: text/plain; name=status.txt\n\n{REPORTING}\n{group(UNKNOWN)}\n--ZZ\n"
        f"Content-Type: message/rfc822\n\n{COPY}\n--ZZ--\n",
        [failed(UNKNOWN, "5.1.1", 550)],
    ),
    Sample(
        "base64-status",
        "From: MAILER-DAEMON@mx.firma.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=ZZ",
        "--ZZ\nContent-Type: text/plain\n\nNot delivered.\n--ZZ\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
        "UmVwb3J0aW5nLU1UQTogZG5zOyBteAoKRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IHBldHJAZmlybWEuZXhhbXBsZQpBY3Rpb246IGZhaWxlZApTdGF0dXM6IDUuMS4xCkRpYWdub3N0aWMtQ29kZTogc210cDsgNTUwIFVua25vd24K\n"
        f"--ZZ\nContent-Type: message/rfc822\n\n{COPY}\n--ZZ--\n",
        [failed("550 Unknown", "5.1.1", 550)],
    ),
    Sample(
        "no-returned-message",
        "From: MAILER-DAEMON@mx.firma.example\nSubject: Undelivered Mail\nIn-Reply-To: <puvodni@acme.example>\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=ZZ",
        f"--ZZ\nContent-Type: text/plain\n\nNot delivered.\n--ZZ\nContent-Type: message/delivery-status\n\n{REPORTING}\n{group(UNKNOWN)}\n--ZZ--\n",
        [failed(UNKNOWN, "5.1.1", 550)],
        "puvodni@acme.example",
    ),
    Sample(
        "cut-off",
        "From: MAILER-DAEMON@mx.firma.example\nSubject: Undelivered Mail\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=ZZ",
        f"--ZZ\nContent-Type: text/plain\n\nNot delivered.\n--ZZ\nContent-Type: message/delivery-status\n\n{REPORTING}\n{group(UNKNOWN)}",
        [failed(UNKNOWN, "5.1.1", 550)],
        "",
    ),
    Sample(
        "mixed-with-status",
        "Return-Path: <>\nFrom: postmaster@mx.firma.example\nSubject: Delivery failed\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=ZZ",
        report("Not delivered.", f"{REPORTING}\n{group(UNKNOWN)}")[1].replace("--XX", "--ZZ"),
        [failed(UNKNOWN, "5.1.1", 550)],
    ),
    Sample(
        "dovecot-quota-as-receipt",
        "From: Mail Delivery Subsystem <postmaster@mx.firma.example>\nSubject: Rejected: Nabidka\nAuto-Submitted: auto-replied (rejected)\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=ZZ",
        "--ZZ\nContent-Type: text/plain; charset=utf-8\n\nYour message to <petr@firma.example> was automatically rejected:\nQuota exceeded (mailbox for user is full)\n"
        f"--ZZ\nContent-Type: message/disposition-notification\n\nReporting-UA: mx; Dovecot\nFinal-Recipient: rfc822; petr@firma.example\nOriginal-Message-ID: <{ID}>\n"
        f"Disposition: automatic-action/MDN-sent-automatically; deleted\n--ZZ\nContent-Type: message/rfc822\n\n{COPY}\n--ZZ--\n",
        [failed("Quota exceeded (mailbox for user is full)")],
    ),
]
