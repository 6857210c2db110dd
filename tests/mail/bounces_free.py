"""Reports of mail systems that do not follow the standard, in their manner, with what must be read in them."""

# ruff: noqa: E501  letters, not code

from .bounces import COPY, Sample, failed, free, late

DAEMON = "MAILER-DAEMON@mx.firma.example"
EXIM = "Mail Delivery System <Mailer-Daemon@srv.acme.example>"
EXIM_COPY = f"\n------ This is a copy of the message, including all the headers. ------\n\n{COPY}"
EXIM_INTRO = "This message was created automatically by mail delivery software.\n\n"
EXIM_FAILED = (
    f"{EXIM_INTRO}A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error."
    " The following address(es) failed:\n\n"
)
QMAIL = (
    "Hi. This is the qmail-send program at mx.firma.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
)
QMAIL_COPY = f"\n--- Below this line is a copy of the message.\n\n{COPY}"
RETURNED = "Mail delivery failed: returning message to sender"

SAMPLES = [
    free(
        "exim",
        EXIM,
        RETURNED,
        f"{EXIM_FAILED}  petr@firma.example\n    SMTP error from remote mail server after RCPT TO:<petr@firma.example>:\n"
        f"    host mail.firma.example [192.0.2.9]: 550 5.1.1 <petr@firma.example>: User unknown\n{EXIM_COPY}",
        [
            failed(
                "SMTP error from remote mail server after RCPT TO:<petr@firma.example>: host mail.firma.example [192.0.2.9]:"
                " 550 5.1.1 <petr@firma.example>: User unknown",
                "5.1.1",
                550,
            )
        ],
        head="X-Failed-Recipients: petr@firma.example\nAuto-Submitted: auto-replied\n",
    ),
    free(
        "exim-without-header",
        EXIM,
        RETURNED,
        f"{EXIM_FAILED}  petr@firma.example\n    Unrouteable address\n{EXIM_COPY}",
        [failed("Unrouteable address")],
    ),
    free(
        "exim-two",
        EXIM,
        RETURNED,
        f"{EXIM_FAILED}  petr@firma.example\n    mailbox is full: retry timeout exceeded\n  eva@firma.example\n    all relevant MX records point to non-existent hosts\n{EXIM_COPY}",
        [
            failed("mailbox is full: retry timeout exceeded"),
            failed("all relevant MX records point to non-existent hosts", address="eva@firma.example"),
        ],
        head="X-Failed-Recipients: petr@firma.example, eva@firma.example\n",
    ),
    free(
        "exim-one-line",
        EXIM,
        RETURNED,
        f"{EXIM_FAILED}  petr@firma.example: forced freeze\n  eva@firma.example: unknown local part\n{EXIM_COPY}",
        [failed("forced freeze"), failed("unknown local part", address="eva@firma.example")],
    ),
    free(
        "exim-delayed",
        EXIM,
        "Warning: message 1P1YNN-0003AD-Ga delayed 24 hours",
        f"{EXIM_INTRO}A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on srv.acme.example.\n\n"
        "The message identifier is:     1P1YNN-0003AD-Ga\nThe subject of the message is: Nabidka\n\nThe address to which the message has not yet been delivered is:\n\n"
        "  petr@firma.example\n    Delay reason: SMTP error from remote mail server after RCPT TO: host mail.firma.example [192.0.2.9]: 451 Temporary local problem\n\n"
        "No action is required on your part. Delivery attempts will continue for\nsome time, and this warning may be repeated at intervals.\n",
        [
            late(
                "SMTP error from remote mail server after RCPT TO: host mail.firma.example [192.0.2.9]: 451 Temporary local problem",
                code=451,
            )
        ],
        original="",
    ),
    free(
        "exim-generated-from",
        EXIM,
        RETURNED,
        f"{EXIM_FAILED}  p.novak@vnitrni.example\n    (generated from petr@firma.example)\n    mailbox quota exceeded\n{EXIM_COPY}",
        [failed("mailbox quota exceeded", address="p.novak@vnitrni.example")],
    ),
    free(
        "qmail",
        "MAILER-DAEMON@mx.firma.example",
        "failure notice",
        f"{QMAIL}<petr@firma.example>:\n192.0.2.9 does not like recipient.\nRemote host said: 550 5.1.1 <petr@firma.example>... User unknown\nGiving up on 192.0.2.9.\n{QMAIL_COPY}",
        [failed("550 5.1.1 <petr@firma.example>... User unknown", "5.1.1", 550)],
    ),
    free(
        "qmail-local",
        "MAILER-DAEMON@mx.firma.example",
        "failure notice",
        f"{QMAIL}<petr@firma.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n{QMAIL_COPY}",
        [failed("Sorry, no mailbox here by that name. (#5.1.1)", "5.1.1")],
    ),
    free(
        "qmail-queue-too-long",
        "MAILER-DAEMON@mx.firma.example",
        "failure notice",
        f"{QMAIL}<petr@firma.example>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.\n{QMAIL_COPY}",
        [
            failed(
                "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1) I'm not going to try again; this message has been in the queue too long.",
                "4.4.1",
                permanent=False,
            )
        ],
    ),
    free(
        "qmail-three",
        "MAILER-DAEMON@mx.firma.example",
        "failure notice",
        f"{QMAIL}<petr@firma.example>:\nThe users mailfolder is over the allowed quota (size). (#5.2.2)\n\n<eva@firma.example>:\nSorry, I couldn't find any host named firma.example. (#5.1.2)\n\n"
        f"<dan@firma.example>:\nThis address no longer accepts mail.\n{QMAIL_COPY}",
        [
            failed("The users mailfolder is over the allowed quota (size). (#5.2.2)", "5.2.2"),
            failed(
                "Sorry, I couldn't find any host named firma.example. (#5.1.2)", "5.1.2", address="eva@firma.example"
            ),
            failed("This address no longer accepts mail.", address="dan@firma.example"),
        ],
    ),
    free(
        "qmail-clone-czech",
        DAEMON,
        "Zpráva nebyla doručena",
        "Dobrý den. Toto je automatická zpráva poštovního serveru mx.firma.example.\nVaši zprávu se nepodařilo doručit na následující adresy.\n\n"
        f"<petr@firma.example>:\n550 5.1.1 Uživatel neexistuje\n{QMAIL_COPY}",
        [failed("550 5.1.1 Uživatel neexistuje", "5.1.1", 550)],
    ),
    free(
        "postfix-text-only",
        f"Mail Delivery System <{DAEMON}>",
        "Undelivered Mail Returned to Sender",
        "This is the Postfix program at host mx.firma.example.\n\nI'm sorry to have to inform you that your message could not be\nbe delivered to one or more recipients. It's attached below.\n\n"
        "For further assistance, please send mail to <postmaster@mx.firma.example>\n\n                        The Postfix program\n\n"
        f'<petr@firma.example>: unknown user: "petr"\n\n<eva@firma.example>: host mail.firma.example[192.0.2.9] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command)\n\n{COPY}',
        [
            failed('unknown user: "petr"'),
            failed(
                "host mail.firma.example[192.0.2.9] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command)",
                "5.2.2",
                552,
                "eva@firma.example",
            ),
        ],
    ),
    free(
        "sendmail-transcript",
        f"Mail Delivery Subsystem <{DAEMON}>",
        "Returned mail: see transcript for details",
        "The original message was received at Mon, 5 Jan 2026 10:00:00 +0100\nfrom desk.acme.example [192.0.2.7]\n\n   ----- The following addresses had permanent fatal errors -----\n<petr@firma.example>\n"
        "    (reason: 550 5.1.1 <petr@firma.example>... User unknown)\n\n   ----- Transcript of session follows -----\n... while talking to mail.firma.example.:\n>>> DATA\n"
        f"<<< 550 5.1.1 <petr@firma.example>... User unknown\n550 5.1.1 <petr@firma.example>... User unknown\n<<< 503 5.0.0 Need RCPT (recipient)\n\n   ----- Original message follows -----\n\n{COPY}",
        [failed("550 5.1.1 <petr@firma.example>... User unknown", "5.1.1", 550)],
    ),
    free(
        "sendmail-old",
        f"Mail Delivery Subsystem <{DAEMON}>",
        "Returned mail: User unknown",
        "   ----- Transcript of session follows -----\nWhile talking to mail.firma.example:\n>>> RCPT To:<petr@firma.example>\n<<< 550 <petr@firma.example>, User Unknown\n"
        f"550 <petr@firma.example>... User unknown\n\n   ----- Unsent message follows -----\n{COPY}",
        [failed("550 <petr@firma.example>, User Unknown", code=550)],
    ),
    free(
        "sendmail-two-in-transcript",
        f"Mail Delivery Subsystem <{DAEMON}>",
        "Returned mail: see transcript for details",
        "   ----- The following addresses had permanent fatal errors -----\n<petr@firma.example>\n<eva@firma.example>\n\n   ----- Transcript of session follows -----\n... while talking to mail.firma.example.:\n"
        ">>> RCPT To:<petr@firma.example>\n<<< 550 5.1.1 No such user\n550 5.1.1 <petr@firma.example>... User unknown\n>>> RCPT To:<eva@firma.example>\n<<< 552 5.2.2 Over quota\n552 5.2.2 <eva@firma.example>... Over quota\n"
        f"   ----- Original message follows -----\n{COPY}",
        [
            failed("550 5.1.1 No such user", "5.1.1", 550),
            failed("552 5.2.2 Over quota", "5.2.2", 552, "eva@firma.example"),
        ],
    ),
    free(
        "sendmail-warning",
        f"Mail Delivery Subsystem <{DAEMON}>",
        "Warning: could not send message for past 4 hours",
        "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\n"
        "The original message was received at Mon, 5 Jan 2026 10:00:00 +0100\n\n   ----- The following addresses had transient non-fatal errors -----\n<petr@firma.example>\n\n   ----- Transcript of session follows -----\n"
        "451 4.4.1 <petr@firma.example>... Deferred: Connection timed out with mail.firma.example.\nWarning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old\n",
        [
            late(
                "451 4.4.1 <petr@firma.example>... Deferred: Connection timed out with mail.firma.example.",
                "4.4.1",
                451,
            )
        ],
        original="",
    ),
    free(
        "gmail-old",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        "Delivery Status Notification (Failure)",
        "This is an automatically generated Delivery Status Notification\n\nDelivery to the following recipient failed permanently:\n\n     petr@firma.example\n\nTechnical details of permanent failure:\n"
        "Google tried to deliver your message, but it was rejected by the recipient domain. We recommend contacting the other email provider for further information about the cause of this error."
        f" The error that the other server returned was: 550 550 5.1.1 <petr@firma.example>: User unknown (state 14).\n\n----- Original message -----\n\n{COPY}",
        [failed("550 550 5.1.1 <petr@firma.example>: User unknown (state 14).", "5.1.1", 550)],
        head="X-Failed-Recipients: petr@firma.example\n",
    ),
    free(
        "gmail-old-delayed",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        "Delivery Status Notification (Delay)",
        "This is an automatically generated Delivery Status Notification\n\nTHIS IS A WARNING MESSAGE ONLY.\n\nYOU DO NOT NEED TO RESEND YOUR MESSAGE.\n\nDelivery to the following recipient has been delayed:\n\n     petr@firma.example\n\n"
        f"Message will be retried for 2 more day(s)\n\nTechnical details of temporary failure:\nThe recipient server did not accept our requests to connect.\n\n----- Original message -----\n\n{COPY}",
        [late("The recipient server did not accept our requests to connect.")],
    ),
    free(
        "gmail-new-text",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        "Delivery Status Notification (Failure)",
        "** Address not found **\n\nYour message wasn't delivered to petr@firma.example because the address couldn't be found, or is unable to receive mail.\n\nLearn more here: https://support.google.example/?p=NoSuchUser\n\n"
        "The response was:\n\nThe email account that you tried to reach does not exist. Please try double-checking the recipient's email address. 550 5.1.1 NoSuchUser\n",
        [
            failed(
                "The email account that you tried to reach does not exist. Please try double-checking the recipient's email address. 550 5.1.1 NoSuchUser",
                "5.1.1",
                550,
            )
        ],
        head="X-Failed-Recipients: petr@firma.example\nReferences: <20260105.4711@acme.example>\n",
    ),
    free(
        "exchange-2003",
        "System Administrator <postmaster@firma.example>",
        "Undeliverable: Nabidka",
        "Your message\n\n  To:      petr@firma.example\n  Subject: Nabidka\n  Sent:    Mon, 5 Jan 2026 10:00:00 +0100\n\ndid not reach the following recipient(s):\n\npetr@firma.example on Mon, 5 Jan 2026 10:00:02 +0100\n    The recipient name is not recognized\n"
        "\tThe MTS-ID of the original message is: c=cz;a= ;p=firma;l=EX0\n    MSEXCH:IMS:FIRMA:BRNO:EXCH 0 (000C05A6) Unknown Recipient\n",
        [failed("The recipient name is not recognized")],
        original="",
    ),
    free(
        "exchange-2003-smtp",
        "System Administrator <postmaster@firma.example>",
        "Undeliverable: Nabidka",
        "Your message\n\n  To:      Petr\n  Subject: Nabidka\n  Sent:    Mon, 5 Jan 2026 10:00:00 +0100\n\ndid not reach the following recipient(s):\n\nc=CZ;a= ;p=FIRMA;o=BRNO;dda:SMTP=petr@firma.example; on Mon, 5 Jan 2026\n10:00:02 +0100\n    Unable to deliver the message due to a communications failure\n    MSEXCH:IMS:FIRMA:BRNO:EXCH 3550 (000B09B6) 550 5.1.1 User unknown\n",
        [failed("550 5.1.1 User unknown", "5.1.1", 550)],
        original="",
    ),
    free(
        "exchange-2000",
        "postmaster@firma.example",
        "Undeliverable: Nabidka",
        "Your message did not reach some or all of the intended recipients.\n\n      Subject:\tNabidka\n      Sent:\t5.1.2026 10:00\n\nThe following recipient(s) could not be reached:\n\n      petr@firma.example on 5.1.2026 10:00\n"
        "            The e-mail account does not exist at the organization this message was sent to.  Check the e-mail address.\n            <mail.firma.example #5.1.1 smtp;550 5.1.1 User unknown>\n",
        [
            failed(
                "The e-mail account does not exist at the organization this message was sent to. Check the e-mail address. <mail.firma.example #5.1.1 smtp;550 5.1.1 User unknown>",
                "5.1.1",
                550,
            )
        ],
        original="",
    ),
    free(
        "exchange-2007",
        "Microsoft Exchange <postmaster@firma.example>",
        "Undeliverable: Nabidka",
        "Delivery has failed to these recipients or distribution lists:\n\npetr@firma.example\nThe recipient's e-mail address was not found in the recipient's e-mail system. Microsoft Exchange will not try to redeliver this message for you.\n\n"
        "Diagnostic information for administrators:\n\nGenerating server: exch.firma.example\n\npetr@firma.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nOriginal message headers:\n\n"
        + COPY,
        [failed("550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", "5.1.1", 550)],
    ),
    free(
        "exchange-2013-remote",
        "Microsoft Outlook <postmaster@firma.example>",
        "Undeliverable: Nabidka",
        "petr@firma.example\nYour message couldn't be delivered.\n\nDiagnostic information for administrators:\n\nGenerating server: exch.firma.example\n\npetr@firma.example\nRemote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\n\nOriginal message headers:\n\n"
        + COPY,
        [failed("550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", "5.1.1", 550)],
    ),
    free(
        "exchange-expired",
        "Microsoft Outlook <postmaster@firma.example>",
        "Undeliverable: Nabidka",
        "Delivery has failed to these recipients or groups:\n\npetr@firma.example\n\nDiagnostic information for administrators:\n\nGenerating server: exch.firma.example\n\npetr@firma.example\n"
        "3/09/2026 8:05:56 PM - Remote Server at firma.example (192.0.2.3) returned '550 4.4.7 QUEUE.Expired; message expired'\n\nOriginal message headers:\n\n"
        + COPY,
        [failed("550 4.4.7 QUEUE.Expired; message expired", "4.4.7", 550, permanent=False)],
    ),
    free(
        "office365-html",
        "Microsoft Outlook <postmaster@firma.example>",
        "Undeliverable: Nabidka",
        "<html><body><p>Your message to <a href='mailto:petr@firma.example'>petr@firma.example</a> couldn't be delivered.</p><h1>petr wasn't found at firma.example.</h1>"
        "<h2>Original Message Details</h2><table><tr><td>Created Date:</td><td>5.1.2026 9:00:00</td></tr><tr><td>Sender Address:</td><td>jana@acme.example</td></tr>"
        "<tr><td>Recipient Address:</td><td>petr@firma.example</td></tr><tr><td>Subject:</td><td>Nabidka</td></tr></table><h2>Error Details</h2><table><tr><td>Reported error:</td>"
        "<td>550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found</td></tr><tr><td>DSN generated by:</td><td>AM0PR01.example</td></tr></table></body></html>\n",
        [failed("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "5.1.10", 550)],
        head="MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n",
        original="",
    ),
    free(
        "exchange-czech",
        "postmaster@firma.example",
        "Nedoručitelné: Nabídka",
        "Doručení následujícím příjemcům nebo skupinám se nezdařilo:\n\npetr@firma.example (petr@firma.example)\nZadaná e-mailová adresa nebyla nalezena. Zkontrolujte e-mailovou adresu příjemce a zkuste zprávu odeslat znovu.\n\n"
        "Diagnostické informace pro správce:\n\nGenerující server: exch.firma.example\n\npetr@firma.example\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nPůvodní hlavičky zprávy:\n\n"
        + COPY,
        [failed("550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", "5.1.1", 550)],
    ),
    free(
        "notes",
        f"Notes Administrator <{DAEMON}>",
        "Undeliverable message",
        f"------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\npetr@firma.example\n\n------- Returned Message --------\n{COPY}",
        [failed("User not listed in public Name & Address Book")],
    ),
    free(
        "domino",
        "postmaster@firma.example",
        "DELIVERY FAILURE: User petr (petr@firma.example) not listed in Domino Directory",
        "Your message\n\n  Subject: Nabidka\n\nwas not delivered to:\n\n  petr@firma.example\n\nbecause:\n\n  User petr (petr@firma.example) not listed in Domino Directory\n\n",
        [failed("User petr (petr@firma.example) not listed in Domino Directory")],
        original="",
    ),
    free(
        "yahoo",
        "MAILER-DAEMON@yahoo.example",
        "Delivery failure",
        f"Message from yahoo.example.\nUnable to deliver message to the following address(es).\n\n<petr@firma.example>:\nThis user doesn't have a firma.example account (petr@firma.example) [-9]\n\n--- Original message follows.\n\n{COPY}",
        [failed("This user doesn't have a firma.example account (petr@firma.example) [-9]")],
    ),
    free(
        "yahoo-new",
        "MAILER-DAEMON@yahoo.example",
        "Failure Notice",
        f"Sorry, we were unable to deliver your message to the following address.\n\n<petr@firma.example>:\n554: delivery error: dd This user doesn't have a firma.example account [0] - mta1.example\n\n--- Below this line is a copy of the message.\n\n{COPY}",
        [failed("554: delivery error: dd This user doesn't have a firma.example account [0] - mta1.example", code=554)],
    ),
    free(
        "aol-screen-name",
        "MAILER-DAEMON@aol.com",
        "Mail Delivery Problem",
        "Your mail to the following recipients could not be delivered because they are not accepting mail from jana@acme.example:\n\tpetrnovak\n",
        [
            failed(
                "Your mail to the following recipients could not be delivered because they are not accepting mail from jana@acme.example: petrnovak",
                address="petrnovak@aol.com",
            )
        ],
        original="",
    ),
    free(
        "seznam",
        "MAILER-DAEMON@seznam.example",
        "Nedoručená zpráva",
        f"Dobrý den,\n\nVaši zprávu se nepodařilo doručit těmto příjemcům:\n\n<petr@firma.example>:\n550 5.1.1 Schránka neexistuje\n\n--- Níže následuje kopie zprávy.\n\n{COPY}",
        [failed("550 5.1.1 Schránka neexistuje", "5.1.1", 550)],
    ),
    free(
        "centrum",
        "Postmaster <postmaster@centrum.example>",
        "Zprávu nelze doručit",
        "Vaše zpráva s předmětem Nabídka nebyla doručena.\n\nPříjemce: petr@firma.example\nDůvod: Schránka příjemce je plná (552 5.2.2 Mailbox full)\n\n--- Původní zpráva ---\n\n"
        + COPY,
        [failed("Schránka příjemce je plná (552 5.2.2 Mailbox full)", "5.2.2", 552)],
    ),
    free(
        "slovak",
        "MAILER-DAEMON@posta.example",
        "Správa nebola doručená",
        "Dobrý deň,\n\nVaša správa nebola doručená na adresu petr@firma.example.\n\nDôvod: 550 5.1.1 Používateľ neexistuje\n",
        [failed("550 5.1.1 Používateľ neexistuje", "5.1.1", 550)],
        original="",
    ),
    free(
        "gmx",
        "GMX Mailer Daemon <mailer-daemon@gmx.example>",
        "Mail delivery failed: returning message to sender",
        'This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of\nits recipients. This is a permanent error. The following address\nfailed:\n\n"petr@firma.example":\n'
        f"SMTP error from remote server after RCPT command:\nhost: mail.firma.example\n5.1.1 <petr@firma.example>... User Unknown\n\n--- The header of the original message is following. ---\n\n{COPY}",
        [failed("5.1.1 <petr@firma.example>... User Unknown", "5.1.1")],
    ),
    free(
        "webde-german",
        "Mail Delivery System <mailer-daemon@web.example>",
        "Unzustellbar: Ihre Nachricht",
        "Ihre Nachricht konnte nicht zugestellt werden.\n\nEmpfänger: petr@firma.example\nGrund: 550 5.1.1 Benutzer unbekannt\n\n--- Ursprüngliche Nachricht ---\n\n"
        + COPY,
        [failed("550 5.1.1 Benutzer unbekannt", "5.1.1", 550)],
    ),
    free(
        "1und1",
        '"Mail Delivery System" <mailer-daemon@kundenserver.example>',
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of\nits recipients. The following address failed:\n\npetr@firma.example\n\nFor the following reason:\n\n"
        f"Mail size limit exceeded. For explanation visit\nhttp://postmaster.example/en/error-messages?ip=1\n\n--- The header of the original message is following. ---\n\n{COPY}",
        [failed("Mail size limit exceeded. For explanation visit http://postmaster.example/en/error-messages?ip=1")],
    ),
    free(
        "orange",
        "postmaster@orange.example",
        "Échec de la remise : Nabídka",
        "Votre message n'a pas pu être remis à :\n\npetr@firma.example\n\nRaison : 550 5.5.0 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]\n",
        [
            failed(
                "550 5.5.0 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]", "5.5.0", 550
            )
        ],
        original="",
    ),
    free(
        "mail-ru",
        "mailer-daemon@corp.mail.example",
        "Mail failure.",
        "Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.\n\nК сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:\n\n**********************\n\n"
        f"{EXIM_FAILED}  petr@firma.example\n    SMTP error from remote mail server after RCPT TO:<petr@firma.example>:\n    host mail.firma.example [192.0.2.9]: 550 user not found\n{EXIM_COPY}",
        [
            failed(
                "SMTP error from remote mail server after RCPT TO:<petr@firma.example>: host mail.firma.example [192.0.2.9]: 550 user not found",
                code=550,
            )
        ],
    ),
    free(
        "yandex",
        "mailer-daemon@yandex.example",
        "Недоставленное сообщение",
        "Это письмо отправлено почтовым сервером yandex.example.\n\nК сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может быть отправлено одному или нескольким адресатам. Технические подробности можно найти ниже.\n\n"
        "<petr@firma.example>: host mail.firma.example[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command)\n",
        [
            failed(
                "host mail.firma.example[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command)",
                "5.1.1",
                550,
            )
        ],
        original="",
    ),
    free(
        "mdaemon",
        "MDaemon@firma.example",
        "Permanent Delivery Failure",
        "The following data may contain sections which represent BASE64 encoded\nfile attachments.\n\nThe attached message had PERMANENT fatal delivery errors!\n\nAfter one or more unsuccessful delivery attempts the attached message has\nbeen removed from the mail queue on this server.\n\n"
        "YOUR MESSAGE WAS NOT DELIVERED TO ONE OR MORE RECIPIENTS!\n\nFailed address: petr@firma.example\n\n--- Session Transcript ---\n Mon 2026-01-05 10:00:01: --> RCPT To:<petr@firma.example>\n Mon 2026-01-05 10:00:01: <-- 550 5.1.1 Recipient unknown\n--- End Transcript ---\n",
        [failed("550 5.1.1 Recipient unknown", "5.1.1", 550)],
        original="",
    ),
    free(
        "groupwise",
        "Mailer-Daemon@firma.example",
        "Mail System Error - Returned Mail",
        "The message that you sent was undeliverable to the following:\n\n\tpetr@firma.example (user not found)\n\nPossibly truncated original message follows:\n\n"
        + COPY,
        [failed("user not found")],
        head="X-Mailer: Novell GroupWise Internet Agent 6.0\n",
    ),
    free(
        "imail",
        "Postmaster <postmaster@firma.example>",
        "Undeliverable Mail",
        f"Unknown user: petr@firma.example\n\n\nOriginal message follows.\n\n{COPY}",
        [failed("Unknown user: petr@firma.example")],
        head="X-Mailer: <SMTP32 v8.22>\n",
    ),
    free(
        "mailenable",
        "Postmaster <postmaster@firma.example>",
        "Message Delivery Failure",
        "MailEnable: Message could not be delivered to some recipients.\nThe following recipient(s) could not be reached:\n\n\tRecipient: [SMTP:petr@firma.example]\n\tReason: Remote SMTP Server Returned: 550 5.1.1 User unknown\n\n\nMessage headers follow:\n\n"
        + COPY,
        [failed("550 5.1.1 User unknown", "5.1.1", 550)],
    ),
    free(
        "hmailserver",
        "mailer-daemon@firma.example",
        "Message undeliverable: Nabidka",
        "Your message did not reach some or all of the intended recipients.\n\n   Sent: Mon, 5 Jan 2026 10:00:00 +0100\n   Subject: Nabidka\n\nThe following recipient(s) could not be reached:\n\npetr@firma.example\n   Error Type: SMTP\n   Remote server (192.0.2.9) issued an error.\n   hMailServer sent: RCPT TO:<petr@firma.example>\n"
        "   Remote server replied: 550 5.1.1 Unknown user\n\n\nhMailServer\n",
        [
            failed(
                "550 5.1.1 Unknown user",
                "5.1.1",
                550,
            )
        ],
        original="",
    ),
    free(
        "kerio-text",
        "Mail Delivery Subsystem <postmaster@kerio.example>",
        "Doručení zprávy selhalo",
        "Doručení vaší zprávy následujícímu příjemci selhalo:\n\n  petr@firma.example\n\nServer mail.firma.example odpověděl:\n  550 5.7.1 Relaying denied\n\nHlavičky původní zprávy:\n\n"
        + COPY,
        [failed("550 5.7.1 Relaying denied", "5.7.1", 550)],
    ),
    free(
        "merak",
        "Mail Delivery <postmaster@merak.example>",
        "Delivery failed: Nabidka",
        f"Your message could not be delivered to: petr@firma.example\n\nReason: 550 5.1.1 <petr@firma.example> User unknown\n\n-----Original message header-----\n{COPY}",
        [failed("550 5.1.1 <petr@firma.example> User unknown", "5.1.1", 550)],
    ),
    free(
        "messagelabs",
        "MAILER-DAEMON@messagelabs.example",
        "Mail Delivery Failure",
        "This is the mail delivery agent at messagelabs.example.\nI was unable to deliver your message to the following addresses:\n\npetr@firma.example\n\nReason: 550 petr@firma.example... No such user\n\nThe message subject was: Nabidka\nMessage-ID: <20260105.4711@acme.example>\n",
        [failed("550 petr@firma.example... No such user", code=550)],
    ),
    free(
        "mailjet",
        "Mail Delivery <bounces@mailjet.example>",
        "Undelivered message",
        "Your message could not be delivered to petr@firma.example: 550 5.1.1 Mailbox not found\n",
        [failed("550 5.1.1 Mailbox not found", "5.1.1", 550)],
        head="Return-Path: <>\n",
        original="",
    ),
    free(
        "courier",
        '"Courier mail server at firma.example" <@>',
        "NOTICE: mail delivery status.",
        "This is a delivery status notification from firma.example,\nrunning the Courier mail server, version 0.65.\n\nThe original message was received on Mon, 5 Jan 2026 10:00:00 +0100\nfrom desk.acme.example\n\n---------------------------------------------------------------------------\n\n                           UNDELIVERABLE MAIL\n\n"
        "Your message to the following recipients cannot be delivered:\n\n<petr@firma.example>:\n    mail.firma.example [192.0.2.9]:\n>>> RCPT TO:<petr@firma.example>\n<<< 550 5.1.1 <petr@firma.example>... User Unknown\n\n---------------------------------------------------------------------------\n",
        [failed("550 5.1.1 <petr@firma.example>... User Unknown", "5.1.1", 550)],
        original="",
    ),
    free(
        "zoho",
        "mailer-daemon@mail.zoho.example",
        "Undelivered Mail Returned to Sender",
        "This message was created automatically by mail delivery software.\n A message that you sent could not be delivered to one or more of its recipients. This is a permanent error. \n\npetr@firma.example Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <petr@firma.example>... User Unknown\n",
        [
            failed(
                "Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <petr@firma.example>... User Unknown", "5.1.1", 550
            )
        ],
        original="",
    ),
    free(
        "mailmarshal",
        "MailMarshal <postmaster@firma.example>",
        'Undeliverable Mail: "Nabidka"',
        "Your message:\n   From:    jana@acme.example\n   Subject: Nabidka\n\nCould not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected: \n    petr@firma.example\n\nAdditional Information\n======================\nOriginal Sender:    <jana@acme.example>\n",
        [failed("550 5.1.1 User unknown", "5.1.1", 550)],
        original="",
    ),
    free(
        "sun-text",
        "Internet Mail Delivery <postmaster@firma.example>",
        "Delivery Notification: Delivery has failed",
        "This report relates to a message you sent with the following header fields:\n\n  Message-id: <20260105.4711@acme.example>\n  Date: Mon, 05 Jan 2026 10:00:00 +0100\n  From: Jana <jana@acme.example>\n  To: petr@firma.example\n  Subject: Nabidka\n\nYour message cannot be delivered to the following recipients:\n\n"
        "  Recipient address: petr@firma.example\n  Reason: Remote SMTP server has rejected address\n  Diagnostic code: smtp;550 5.1.1 <petr@firma.example>... User Unknown\n  Remote system: dns;mail.firma.example (TCP|192.0.2.1|4|192.0.2.9|25)\n",
        [
            failed(
                "550 5.1.1 <petr@firma.example>... User Unknown",
                "5.1.1",
                550,
            )
        ],
    ),
    free(
        "demon",
        "Mail Delivery System <Mailer-Daemon@punt.demon.example>",
        "Mail delivery failure",
        "This message was created automatically by mail delivery\nsoftware. A message that you sent could not be delivered\nto all of its recipients.\n\nThe following message, addressed to 'petr@firma.example',\nfailed because it has not been collected after 30 days\n\nHere is a copy of the first part of the message, including\nall headers.\n\n---- START OF RETURNED MESSAGE ----\n"
        + COPY,
        [failed("failed because it has not been collected after 30 days")],
    ),
    free(
        "prodigy",
        "MAILER-DAEMON@prodigy.example",
        "Returned mail: Nabidka",
        "Unable to find user: <petr@firma.example>\nPlease make sure the address is correct and resend your mail.\n",
        [failed("Unable to find user: <petr@firma.example>")],
        original="",
    ),
    free(
        "verizon-sms",
        "post_master@vtext.example",
        "Undeliverable Message",
        "Error: 550 - Requested action not taken: no such user here\n\nMessage details:\n  Subject: Nabidka\n  Sent date: Mon Jan 05 10:00:00 GMT 2026\n  MAIL FROM: jana@acme.example\n  RCPT TO: petr@firma.example\n",
        [failed("550 - Requested action not taken: no such user here", code=550)],
        original="",
    ),
    free(
        "no-domain-daemon",
        "MAILER-DAEMON (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        f"I'm sorry to have to inform you that your message could not be delivered.\n\n<petr@firma.example>: Host or domain name not found\n\n{COPY}",
        [failed("Host or domain name not found")],
    ),
    free(
        "empty-from",
        "<>",
        "Mail delivery failed",
        "Your message could not be delivered to the following recipient:\n\n  petr@firma.example\n\n  550 5.4.1 Recipient address rejected: Access denied\n",
        [failed("550 5.4.1 Recipient address rejected: Access denied", "5.4.1", 550)],
        original="",
    ),
    free(
        "polish",
        "MAILER-DAEMON@poczta.example",
        "Nie można dostarczyć wiadomości",
        "Twoja wiadomość nie została dostarczona do następujących odbiorców:\n\npetr@firma.example\n\nPowód: 550 5.1.1 Nieznany użytkownik\n",
        [failed("550 5.1.1 Nieznany użytkownik", "5.1.1", 550)],
        original="",
    ),
    free(
        "spanish",
        "postmaster@correo.example",
        "No se puede entregar: Nabidka",
        "Su mensaje no pudo ser entregado a los siguientes destinatarios:\n\npetr@firma.example\n\nMotivo: 550 5.1.1 Usuario desconocido\n",
        [failed("550 5.1.1 Usuario desconocido", "5.1.1", 550)],
        original="",
    ),
    free(
        "italian",
        "postmaster@posta-it.example",
        "Notifica di mancato recapito",
        "Il messaggio non è stato recapitato al seguente destinatario:\n\npetr@firma.example\n\nMotivo: 552 5.2.2 Casella piena\n",
        [failed("552 5.2.2 Casella piena", "5.2.2", 552)],
        original="",
    ),
    free(
        "dutch",
        "postmaster@post-nl.example",
        "Onbestelbaar: Nabidka",
        "Uw bericht kon niet worden bezorgd bij de volgende ontvanger:\n\npetr@firma.example\n\n550 5.1.1 Onbekende gebruiker\n",
        [failed("550 5.1.1 Onbekende gebruiker", "5.1.1", 550)],
        original="",
    ),
    free(
        "portuguese",
        "MAILER-DAEMON@correio.example",
        "Mensagem não entregue",
        "A mensagem não pôde ser entregue ao destinatário:\n\n<petr@firma.example>: 550 5.1.1 Usuário desconhecido\n",
        [failed("550 5.1.1 Usuário desconhecido", "5.1.1", 550)],
        original="",
    ),
    free(
        "only-returned-recipient-known",
        DAEMON,
        "Undelivered mail",
        f"Your message could not be delivered. The mailbox does not exist.\n\n----- Original message -----\n{COPY}",
        [failed("")],
    ),
    Sample(
        "returned-message-attached",
        f"From: {DAEMON}\nSubject: Delivery failure\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=QQ",
        "--QQ\nContent-Type: text/plain\n\nThe following address failed:\n\n<petr@firma.example>: mailbox unavailable\n"
        f"--QQ\nContent-Type: message/rfc822\n\n{COPY}\n--QQ--\n",
        [failed("mailbox unavailable")],
    ),
]
