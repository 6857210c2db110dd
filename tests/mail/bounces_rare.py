"""Reports of rarer systems: filters, phones, old servers, other scripts; and common ones in less common letters."""

# ruff: noqa: E501  letters, not code

import base64
import quopri

from .bounces import COPY, ID, Sample, failed, free, late

DAEMON = "MAILER-DAEMON@mx.firma.example"
OFFICE = (
    "<html><head><style>p {color: red}</style></head><body><p>Vaši zprávu adresovanou <b>petr@firma.example</b> nešlo doručit.</p>"
    "<p>Příjemce petr nebyl v doméně firma.example nalezen.</p><p>Podrobnosti chyby</p><p>Nahlášená chyba: <i>550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found</i></p>"
    f"<p>Hlavičky původní zprávy</p><pre>{COPY.split(chr(10) * 2)[0].replace('<', '&lt;').replace('>', '&gt;')}</pre></body></html>"
)


def encoded(
    name: str,
    sender: str,
    subject: str,
    text: str,
    charset: str,
    way: str,
    recipients: list,
    original: str = ID,
    kind: str = "plain",
) -> Sample:
    """A report in a charset and transfer encoding."""
    data = text.encode(charset)
    body = base64.encodebytes(data).decode() if way == "base64" else quopri.encodestring(data).decode()
    head = f"From: {sender}\nSubject: {subject}\nMIME-Version: 1.0\nContent-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: {way}"
    return Sample(name, head, body, recipients, original)


SAMPLES = [
    free(
        "square-brackets",
        '"Mail Deliver System" <mds@firma.example>',
        "Returned Mail: Nabidka",
        f"The original message was received at Thu, 5 Jan 2026 10:00:00 +0100\nfrom jana@acme.example\n\n---The following addresses had delivery errors---\n\npetr@firma.example [User unknown]\n\n{COPY}",
        [failed("User unknown")],
    ),
    free(
        "ruled-details",
        "Mail Delivery System <mds@firma.example>",
        "Delivery status notification",
        "============================================================================\n     This is an automatically generated Delivery Status Notification.         \n\nDelivery to the following recipients failed permanently:\n\n  * petr@firma.example\n\n"
        "============================================================================\n                            Technical details:                              \n\nSMTP:RCPT host 192.0.2.8: 553 5.3.0 <petr@firma.example>... No such user here\n\n============================================================================\n",
        [failed("SMTP:RCPT host 192.0.2.8: 553 5.3.0 <petr@firma.example>... No such user here", "5.3.0", 553)],
        original="",
    ),
    free(
        "numbered-errors",
        "postmaster@firma.example",
        "There was an error sending your mail",
        "1 error(s):\n\nSMTP Server <mail.firma.example> rejected recipient <petr@firma.example>\n  (Error following RCPT command). It responded as follows: [550 5.1.1 User unknown]\n\nThe attachment contains the original mail headers.\n",
        [
            failed(
                "550 5.1.1 User unknown",
                "5.1.1",
                550,
            )
        ],
        original="",
    ),
    Sample(
        "appliance",
        "From: postmaster@gw.firma.example\nSubject: Delivery Status\nX-NAI-Header: Modified by an appliance\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=QQ",
        "--QQ\nContent-Type: text/plain; name=deliveryproblems.txt\n\n   --- The following addresses had delivery problems ---\n\n<petr@firma.example>   (User unknown petr@firma.example)\n\n"
        "--QQ\nContent-Type: message/delivery-status; name=deliverystatus.txt\n\nReporting-MTA: dns; gw.firma.example\n\nOriginal-Recipient: <petr@firma.example>\nFinal-Recipient: rfc822;\nAction: failed\nStatus: 5.1.1\n\n"
        f"--QQ\nContent-Type: message/rfc822\n\n{COPY}\n--QQ--\n",
        [failed("User unknown petr@firma.example", "5.1.1")],
    ),
    free(
        "james",
        "postmaster@james.example",
        "[BOUNCE]",
        "Hi. This is the James mail server at james.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.  Below\nI include the list of recipients and the reason why I was unable to deliver\nyour message.\n\n"
        "Error message below:\n550 - Requested action not taken: no such user here\n\nMessage details:\n  Subject: Nabidka\n  Sent date: Mon Jan 05 10:00:00 CET 2026\n  MAIL FROM: jana@acme.example\n  RCPT TO: petr@firma.example\n  From: Jana <jana@acme.example>\n  To: petr@firma.example\n  Size (in bytes): 1024\n",
        [failed("550 - Requested action not taken: no such user here", code=550)],
        original="",
    ),
    free(
        "interscan",
        '"InterScan MSS" <postmaster@firma.example>',
        "Mail could not be delivered",
        "The message could not be delivered.\n\nSent <<< RCPT TO:<petr@firma.example>\nReceived >>> 550 5.1.1 <petr@firma.example>... user unknown\n",
        [failed("550 5.1.1 <petr@firma.example>... user unknown", "5.1.1", 550)],
        original="",
    ),
    free(
        "interscan-virus-wall",
        "InterScan <postmaster@firma.example>",
        "Undelivered mail",
        "Message from InterScan E-Mail VirusWall NT\n\nUnable to deliver message to:\n<petr@firma.example>\n\n550 5.1.1 User unknown\n\n*** End of message ***\n",
        [failed("550 5.1.1 User unknown", "5.1.1", 550)],
        original="",
    ),
    free(
        "foundry",
        "MAILER-DAEMON@gw.firma.example",
        "Message delivery has failed",
        "Unable to deliver message to: <petr@firma.example>\nDelivery failed for the following reason:\nServer mail.firma.example[192.0.2.9] failed with: 550 <petr@firma.example> No such user here\n\nThis has been a permanent failure.  No further delivery attempts will be made.\n",
        [
            failed(
                "Server mail.firma.example[192.0.2.9] failed with: 550 <petr@firma.example> No such user here", code=550
            )
        ],
        original="",
    ),
    free(
        "filter-transcript",
        "postmaster@filter.example",
        "Undeliverable message",
        "Your message could not be sent.\nA transcript of the attempts to send the message follows.\nThe number of attempts made: 1\nAddressed To: petr@firma.example\n\nThu 29 Apr 2026 23:34:45 +0900\nFailed to send to identified host,\npetr@firma.example: [192.0.2.5], 550 petr@firma.example... No such user\n--- Message non-deliverable.\n",
        [
            failed(
                "Thu 29 Apr 2026 23:34:45 +0900 Failed to send to identified host, petr@firma.example: [192.0.2.5], 550 petr@firma.example... No such user",
                code=550,
            )
        ],
        original="",
    ),
    free(
        "non-delivered-information",
        "postmaster@biz.example",
        "Returned mail: Nabidka",
        "   ----- The following addresses had delivery problems -----\npetr@firma.example\n\n   ----- Non-delivered information -----\nThe number of messages in recipient's mailbox exceeded the local limit.\n",
        [failed("The number of messages in recipient's mailbox exceeded the local limit.")],
        original="",
    ),
    free(
        "dragonfly",
        "MAILER-DAEMON@df.example",
        "Mail delivery failed",
        f"This is the DragonFly Mail Agent v0.13 at df.example.\n\nThere was an error delivering your mail to <petr@firma.example>.\n\nmail.firma.example [192.0.2.25] did not like our RCPT TO:\n552 5.2.2 <petr@firma.example>: Recipient address rejected: Mailbox full\n\nOriginal message follows.\n\n{COPY}",
        [
            failed(
                "mail.firma.example [192.0.2.25] did not like our RCPT TO: 552 5.2.2 <petr@firma.example>: Recipient address rejected: Mailbox full",
                "5.2.2",
                552,
            )
        ],
    ),
    free(
        "smail-with-rules",
        "Mail Delivery System <Mailer-Daemon@provider.example>",
        "Mail failed: returning message to sender",
        f"|------------------------- Failed addresses follow: ---------------------|\n <petr@firma.example>\n   552 5.2.2 <petr@firma.example> Quota exceeded (mailbox for user is full)\n\n|------------------------- Message header follows: ----------------------|\n{COPY}",
        [failed("552 5.2.2 <petr@firma.example> Quota exceeded (mailbox for user is full)", "5.2.2", 552)],
    ),
    free(
        "smail-dots",
        DAEMON,
        "mail failed, returning to sender",
        f"|------------------------- Message log follows: -------------------------|\n no valid recipients were found for this message\n|------------------------- Failed addresses follow: ---------------------|\n petr@firma.example ... unknown host\n|------------------------- Message text follows: ------------------------|\n{COPY}",
        [failed("unknown host")],
    ),
    free(
        "phone-recipient-lines",
        "Postmaster@phone.example",
        "Mail System Error - Returned Mail",
        "Each of the following recipients was rejected by a remote\nmail server.\n\n   Recipient: <petr@firma.example>\n   >>> RCPT TO:<petr@firma.example>\n   <<< 550 <petr@firma.example>: User unknown\n",
        [failed("550 <petr@firma.example>: User unknown", code=550)],
        original="",
    ),
    free(
        "account-disabled-first",
        "Postmaster@phone.example",
        "Mail System Error - Returned Mail",
        "The user(s) account is disabled.\n\n<petr@firma.example>: 550 user unknown (in reply to RCPT TO command)\n",
        [failed("550 user unknown (in reply to RCPT TO command)", code=550)],
        original="",
    ),
    free(
        "picture-message",
        "sysadmin@pix.example",
        "Undeliverable Message",
        "Message could not be delivered to mobile.\nError: No valid recipients for this MM\n\nOriginal Message:\nFrom: Jana <jana@acme.example>\nTo: 420777123456@pix.example\nSubject: Nabidka\nDate: Mon, 5 Jan 2026 10:00:00 +0100\n",
        [failed("No valid recipients for this MM", address="420777123456@pix.example")],
        head="Return-Path: <>\n",
        original="",
    ),
    free(
        "japanese",
        "mailer-daemon@filter-jp.example",
        "failure notice",
        f"このメールは自動的に生成して送信しています。\n下記の理由によりこのメールは送信できませんでした。\n\n以下のメールアドレスへの送信に失敗しました。\npetr@firma.example\n\n\n-------server message\n550 5.1.1 unknown user <petr@firma.example>\n\n-------SMTP command\nDATA\n\n-------original message\n{COPY}",
        [failed("550 5.1.1 unknown user <petr@firma.example>", "5.1.1", 550)],
    ),
    free(
        "chinese",
        "Postmaster@qq.example",
        "系统退信",
        "您的邮件被退回到发件箱。\n\n收件人：petr@firma.example\n\n退信原因：550 5.1.1 User not found\n",
        [failed("550 5.1.1 User not found", "5.1.1", 550)],
        original="",
    ),
    free(
        "ukrainian-russian",
        "mailer-daemon@ukr.example",
        "Невозможно доставить сообщение",
        "К сожалению, ваше письмо не доставлено.\n\nПолучатель: petr@firma.example\nПричина: 550 5.1.1 Пользователь не найден\n",
        [failed("550 5.1.1 Пользователь не найден", "5.1.1", 550)],
        original="",
    ),
    free(
        "swedish",
        "postmaster@post-se.example",
        "Oleverbart: Nabidka",
        "Ditt meddelande kunde inte levereras till följande mottagare:\n\npetr@firma.example\n\n550 5.1.1 Okänd användare\n",
        [failed("550 5.1.1 Okänd användare", "5.1.1", 550)],
        original="",
    ),
    encoded(
        "czech-latin2",
        DAEMON,
        "=?iso-8859-2?q?Nedoru=E8en=E1_zpr=E1va?=",
        f"Dobrý den,\n\nVaše zpráva nebyla doručena příjemci petr@firma.example.\n\nDůvod: 550 5.1.1 Uživatel neexistuje\n\n--- Původní zpráva ---\n\n{COPY}",
        "iso-8859-2",
        "quoted-printable",
        [failed("550 5.1.1 Uživatel neexistuje", "5.1.1", 550)],
    ),
    encoded(
        "czech-cp1250",
        "Spravce systemu <postmaster@firma.example>",
        "=?windows-1250?q?Nedoru=E8iteln=E9=3A_Nab=EDdka?=",
        "Vaše zpráva\n\n  Komu:    petr@firma.example\n  Předmět: Nabídka\n  Odesláno: 5.1.2026 10:00\n\nse nedostala k následujícím příjemcům:\n\npetr@firma.example dne 5.1.2026 10:00\n    Schránka je plná. 552 5.2.2\n",
        "windows-1250",
        "quoted-printable",
        [failed("Schránka je plná. 552 5.2.2", "5.2.2", 552)],
        "",
    ),
    encoded(
        "office-html-czech",
        "Microsoft Outlook <postmaster@firma.example>",
        "=?utf-8?q?Nedoru=C4=8Diteln=C3=A9=3A_Nab=C3=ADdka?=",
        OFFICE,
        "utf-8",
        "base64",
        [failed("550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found", "5.1.10", 550)],
        kind="html",
    ),
    encoded(
        "gmail-html",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        "Delivery Status Notification (Failure)",
        "<html><body><table><tr><td><h2>Adresa nebyla nalezena</h2><p>Vaše zpráva nebyla doručena na adresu <b>petr@firma.example</b>, protože adresa nebyla nalezena nebo nemůže přijímat zprávy.</p></td></tr></table>"
        "<p>Odpověď ze vzdáleného serveru:</p><p>550 5.1.1 &lt;petr@firma.example&gt;: Recipient address rejected</p></body></html>",
        "utf-8",
        "quoted-printable",
        [failed("550 5.1.1 <petr@firma.example>: Recipient address rejected", "5.1.1", 550)],
        "",
        "html",
    ),
    free(
        "crlf",
        DAEMON,
        "Undelivered Mail Returned to Sender",
        f"This is the mail system at host mx.firma.example.\r\n\r\n<petr@firma.example>: host mail.firma.example[192.0.2.9] said: 554 5.7.1 Rejected as spam (in reply to end of DATA command)\r\n\r\n{COPY}",
        [
            failed(
                "host mail.firma.example[192.0.2.9] said: 554 5.7.1 Rejected as spam (in reply to end of DATA command)",
                "5.7.1",
                554,
            )
        ],
    ),
    free(
        "connection-timed-out",
        DAEMON,
        "Undelivered Mail Returned to Sender",
        f"This is the mail system at host mx.firma.example.\n\n<petr@firma.example>: connect to mail.firma.example[192.0.2.9]:25: Connection timed out\n\n{COPY}",
        [failed("connect to mail.firma.example[192.0.2.9]:25: Connection timed out")],
    ),
    free(
        "postfix-delay-text",
        DAEMON,
        "Delayed Mail (still being retried)",
        "This is the mail system at host mx.firma.example.\n\n####################################################################\n# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #\n####################################################################\n\nYour message could not be delivered for more than 4 hour(s).\nIt will be retried until it is 5 day(s) old.\n\n"
        "<petr@firma.example>: host mail.firma.example[192.0.2.9] said: 450 4.7.1 Greylisted (in reply to RCPT TO command)\n",
        [
            late(
                "host mail.firma.example[192.0.2.9] said: 450 4.7.1 Greylisted (in reply to RCPT TO command)",
                "4.7.1",
                450,
            )
        ],
        original="",
    ),
    free(
        "czech-delay",
        DAEMON,
        "Zpožděné doručení zprávy",
        "Vaše zpráva zatím nebyla doručena příjemci petr@firma.example. Server se bude dále pokoušet zprávu doručit.\n\nDůvod: 451 4.4.1 Server příjemce neodpovídá\n",
        [late("451 4.4.1 Server příjemce neodpovídá", "4.4.1", 451)],
        original="",
    ),
    free(
        "recipient-in-code-line-only",
        DAEMON,
        "Returned mail: delivery error",
        "Your message was rejected by the remote server.\n\nThe server said 550 5.7.1 <petr@firma.example>: Sender address rejected\n",
        [failed("The server said 550 5.7.1 <petr@firma.example>: Sender address rejected", "5.7.1", 550)],
        original="",
    ),
    free(
        "quoted-original",
        DAEMON,
        "Undelivered mail",
        "Delivery to the following recipient failed:\n\n  petr@firma.example\n\nMailbox disabled\n\n----- Original message -----\n"
        + "".join(f"> {line}\n" for line in COPY.split("\n")),
        [failed("Mailbox disabled")],
    ),
    free(
        "message-id-in-words",
        DAEMON,
        "Undelivered mail",
        f"Delivery to the following recipient failed:\n\n  petr@firma.example\n\nMailbox disabled\n\nMessage-ID: <{ID}>\n",
        [failed("Mailbox disabled")],
    ),
    free(
        "plus-and-apostrophe",
        DAEMON,
        "failure notice",
        "Hi. This is the qmail-send program at mx.firma.example.\n\n<petr.o'brien+nabidky=acme@firma.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
        [
            failed(
                "Sorry, no mailbox here by that name. (#5.1.1)",
                "5.1.1",
                address="petr.o'brien+nabidky=acme@firma.example",
            )
        ],
        original="",
    ),
]
