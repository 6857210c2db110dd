"""Whether a person wrote it."""

# ruff: noqa: E501  letters, not code

import pytest

from podatelna.mail.automatic import auto_submitted, kind
from podatelna.mail.parse import parse

CALENDAR = (
    "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n{text}\n--b\n"
    "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n--b--\n"
)


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


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Subject: Dotaz", None),
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: auto-replied", "auto-replied"),
        ('Auto-Submitted: auto-replied; owner-email="jana@acme.cz"', "auto-replied"),
        ("Auto-Submitted: auto-generated", "auto-generated"),
        ("Auto-Submitted: auto-generated (failure)", "auto-generated"),
        ("Auto-Submitted: auto-notified; owner-email=a", "auto-notified"),
        ("Auto-Submitted: auto-forwarded", "auto-generated"),
        ("Auto-Submitted: auto-replied\nSubject: Automatic reply: x", "out-of-office"),
        ("X-Autoreply-From: jana@acme.cz", "auto-replied"),
        ("X-AutoReply-From: jana@acme.cz\nSubject: Dovolená", "out-of-office"),
        ("X-Mail-Autoreply: yes", "auto-replied"),
        ("X-Vacation: yes", "auto-replied"),
        ("Delivered-To: Autoresponder", "auto-replied"),
        ("User-Agent: Vacation/1.2.7.0", "auto-replied"),
        ("X-Mailer: vacation", "auto-replied"),
        ("X-Delivery-Agent: TMDA/0.58", None),
        ("X-Boxtrapper: x", "auto-replied"),
        ("X-FC-MachineGenerated: true", "auto-generated"),
        ("X-Auto-Response-Suppress: All", None),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply", None),
        ("Return-Path: <>\nIn-Reply-To: <a@b>", "auto-replied"),
        ("Return-Path: <>", "auto-generated"),
        ("Return-Path: <MAILER-DAEMON@mx.firma.cz>\nIn-Reply-To: <a@b>", "auto-replied"),
        ("X-Loop: jana@acme.cz", None),
        ("X-Loop: jana@acme.cz\nSubject: Vacation", "out-of-office"),
        ("Precedence: bulk\nSubject: Dovolená", "out-of-office"),
        ("Precedence: bulk", "bulk"),
        ("Precedence: list", "list"),
        ("Precedence: list\nList-Unsubscribe: <https://x>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click", "bulk"),
        ("List-Unsubscribe: <mailto:x@y.cz>", "bulk"),
        ("List-Id: <news.firma.cz>\nList-Unsubscribe: <https://x>\nFeedback-ID: 1:2:3:firma", "bulk"),
        ("List-Id: <spolek.seznamy.cz>\nList-Unsubscribe: <https://x>", "list"),
        ("List-Post: NO\nList-Id: Oznameni <oznameni.firma.cz>", "list"),
        ("Mailing-List: contact qmail-help@list.cr.yp.to", "list"),
        ("X-Mailman-Version: 2.1.39", "list"),
        ("X-BeenThere: ilug@linux.ie", "list"),
        ("Sender: owner-linux@majordomo.cz", "list"),
        ("Feedback-ID: campaign:1:ecomail", "bulk"),
        ("Feedback-ID: i1234:Fastmail", None),
        ("Feedback-ID: 1.eu-west-1.abc=:AmazonSES", None),
        ("X-Mailer: MailChimp Mailer - **CID**", "bulk"),
        ("X-Mailer: Ecomail.cz", "bulk"),
        ("X-Mailer: SmartEmailing", "bulk"),
        ("X-Mailer: Microsoft Outlook 16.0", None),
        ("X-MC-User: 1", "bulk"),
        ("X-Campaign: 5", "bulk"),
        ("X-GitHub-Reason: mention\nPrecedence: list\nList-Post: <https://x>", "list"),
        ("X-GitHub-Reason: mention", "auto-generated"),
        ("X-JIRA-FingerPrint: 1", "auto-generated"),
        ("X-Bugzilla-Reason: CC", "auto-generated"),
        ("X-Redmine-Host: r.acme.cz", "auto-generated"),
        ("X-OTRS-Loop: no@acme.cz", "auto-generated"),
        ("X-Cron-Env: <SHELL=/bin/sh>", "auto-generated"),
        ("Subject: Cron <root@srv> /usr/local/bin/zaloha", "auto-generated"),
        ("Subject: ** PROBLEM Service Alert: web/HTTP is CRITICAL **", "auto-generated"),
        ("Subject: Logwatch for srv (Linux)", "auto-generated"),
        ("From: noreply@banka.cz", "auto-generated"),
        ("From: no-reply@banka.cz", "auto-generated"),
        ("From: Banka <neodpovidejte@banka.cz>", "auto-generated"),
        ("From: notifications@github.com", "auto-generated"),
        ("From: noreply@formulare.cz\nReply-To: eva@firma.cz", None),
        ("From: noreply@banka.cz\nReply-To: noreply@banka.cz", "auto-generated"),
        ("From: info@firma.cz", None),
        ("From: root@srv.acme.cz", None),
        ("X-Autogenerated: Reply", "auto-replied"),
        ("X-POST-MessageClass: 9; Autoresponder", "auto-replied"),
        ("X-Apple-Action: vacation", "auto-replied"),
        ("From: autoresponder@firma.cz", "auto-replied"),
        ("From: newsletter@firma.cz", "bulk"),
        ("Content-Type: multipart/report; boundary=a", "report"),
        ("From: mailer-daemon@mx.cz", "report"),
        ("From: mailer-daemon@mx.cz\nSubject: Automatic reply: x", "out-of-office"),
    ],
)
def test_what_a_program_did(header: str, expected: str | None) -> None:
    assert auto_submitted(parse(f"{header}\n\nText\n".encode())) == expected


@pytest.mark.parametrize(
    "subject",
    [
        "Automatická odpověď: Nabídka",
        "Automaticka odpoved: Nabidka",
        "AUTOMATICKÁ ODPOVĚĎ: RE: Nabídka",
        "Mimo kancelář: Re: Nabídka",
        "Odpověď mimo kancelář: Nabídka",
        "Nejsem v kanceláři",
        "Nejsem přítomen",
        "Nepřítomnost v kanceláři: Jana",
        "Oznámení o nepřítomnosti",
        "Automatická odpoveď: Ponuka",
        "Mimo kancelárie: Ponuka",
        "Oznámenie o neprítomnosti",
        "Nie som prítomná",
        "Automatic reply: Offer",
        "Auto-reply: Offer",
        "AutoReply: Offer",
        "[Auto-Reply] Offer",
        "Auto Response: Offer",
        "Out of Office",
        "Out of Office: Offer",
        "Out of Office AutoReply: Offer",
        "Out-of-Office Re: Offer",
        "Out of the office until Monday",
        "AUTO: Jana Nováková is out of the office (returning 12.01.2026)",
        "AUTO: Jana Nováková je mimo kancelář (návrat 12.01.2026)",
        "Offer (automatic reply)",
        "Vacation reply: Offer",
        "Abwesenheitsnotiz: Angebot",
        "Automatische Antwort: Angebot",
        "Abwesenheitsmeldung",
        "Ich bin nicht im Büro",
        "Autoodpowiedź: Oferta",
        "Automatyczna odpowiedź: Oferta",
        "Odpowiedź automatyczna: Oferta",
        "Nieobecność w biurze",
        "Réponse automatique : Offre",
        "Réponse automatique: Offre",
        "Absence du bureau : Offre",
        "Message d'absence",
        "Respuesta automática: Oferta",
        "Fuera de la oficina: Oferta",
        "Risposta automatica: Offerta",
        "Fuori sede: Offerta",
        "Automatisch antwoord: Offerte",
        "Afwezigheidsbericht: Offerte",
        "Resposta automática: Oferta",
        "Fora do escritório: Oferta",
        "Автоответ: Предложение",
        "Автоматический ответ: Предложение",
        "Автоматична відповідь: Пропозиція",
        "Automatikus válasz: Ajánlat",
        "Házon kívül: Ajánlat",
        "Răspuns automat: Ofertă",
        "Autosvar: Tilbud",
        "Automatiskt svar: Erbjudande",
        "Automaattinen vastaus: Tarjous",
        "Samodejni odgovor: Ponudba",
        "Automatski odgovor: Ponuda",
        "Otomatik Yanıt: Teklif",
        "自動応答: 見積",
        "自动回复: 报价",
    ],
)
def test_out_of_office_by_its_subject(subject: str) -> None:
    parsed = parse(f"Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\nText\n".encode())
    assert auto_submitted(parsed) == "out-of-office"
    assert kind(parsed) == "auto-reply"


@pytest.mark.parametrize(
    "subject",
    [
        "Re: Automatická odpověď: Nabídka",
        "Automatická odpověď se neposílá",
        "Automatické odpovědi v Outlooku",
        "Automatic replies do not work",
        "Out of office hours support",
        "Auto: prodám Škodu",
        "Mimo kancelářský nábytek nabízíme i židle",
        "Dovolená",
        "Vacation",
        "Urlaub im Sommer",
        "Nepřítomnost Petra",
        "Absence de réponse",
        "Auto-moto",
        "Automatizace pošty",
        "Fwd: Automatic reply: Offer",
    ],
)
def test_person_may_write_such_a_subject(subject: str) -> None:
    parsed = parse(f"Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\nText\n".encode())
    assert auto_submitted(parsed) is None


@pytest.mark.parametrize(
    "text",
    [
        "Dobrý den, do 12. 1. jsem na dovolené. V naléhavých případech volejte kolegyni.",
        "Dobrý den, momentálně nejsem v kanceláři, ozvu se po návratu.",
        "V době mé nepřítomnosti mě zastupuje Eva.",
        "Dobrý deň, som na dovolenke do pondelka.",
        "Momentálne nie som v kancelárii.",
        "I am out of the office until Monday.",
        "I'm currently away on annual leave with limited access to email.",
        "Ich bin bis 12.1. nicht im Büro.",
        "Ich bin im Urlaub.",
        "Jestem na urlopie do poniedziałku.",
        "Je suis absent du bureau jusqu'au 12.",
        "Estaré de vacaciones hasta el lunes.",
        "Sono fuori ufficio fino a lunedì.",
        "Ik ben niet op kantoor tot maandag.",
        "Estou de férias até segunda.",
        "Я в отпуске до понедельника.",
    ],
)
def test_out_of_office_by_its_text_and_a_sign(text: str) -> None:
    head = "Subject: Re: Nabidka\nContent-Type: text/plain; charset=utf-8\n"
    for sign in (
        "Return-Path: <>\n",
        "Precedence: junk\n",
        "X-Auto-Response-Suppress: All\n",
        "Auto-Submitted: auto-replied\n",
    ):
        assert auto_submitted(parse(f"{head}{sign}\n{text}\n".encode())) == "out-of-office"
    assert auto_submitted(parse(f"{head}\n{text}\n".encode())) is None


@pytest.mark.parametrize(
    "text",
    [
        "This is an automated response. I am out of the office until Monday.",
        "This is an automatic reply: I will be away until Monday.",
        "Toto je automatická odpověď. Do pondělí jsem na dovolené.",
        "Tato zpráva byla vygenerována automaticky. Jsem mimo kancelář.",
        "Dies ist eine automatische Antwort. Ich bin im Urlaub.",
        "Ceci est une réponse automatique. Je suis absent du bureau.",
    ],
)
def test_text_that_calls_itself_an_answer_of_somebody_away(text: str) -> None:
    raw = f"Subject: Re: Nabidka\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode()
    assert auto_submitted(parse(raw)) == "out-of-office"


def test_quoted_absence_is_not_the_writers() -> None:
    raw = b"Subject: Re: Nabidka\nX-Auto-Response-Suppress: All\n\nThanks, see you then.\n\n> I am out of the office until Monday.\n"
    assert auto_submitted(parse(raw)) is None


def test_member_of_a_list_on_vacation_writes_as_a_person() -> None:
    raw = b"Subject: Re: [spolek] termin\nList-Id: <spolek.cz>\nPrecedence: list\n\nI am on vacation until Monday, then yes.\n"
    assert auto_submitted(parse(raw)) == "list"


def test_mail_about_holidays_is_no_answer() -> None:
    text = "On holiday with us: two weeks by the sea. Na dovolenou s námi!"
    for head in (
        "From: cestovka@zajezdy.cz\nPrecedence: bulk\nList-Unsubscribe: <https://x>\n",
        "From: noreply@hr.cz\nX-Auto-Response-Suppress: All\n",
        "From: hr@firma.cz\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
    ):
        raw = f"{head}Subject: Dovolena\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode()
        assert auto_submitted(parse(raw)) in ("bulk", "auto-generated")


def test_answer_of_exchange_that_calls_itself_generated() -> None:
    head = "In-Reply-To: <a@b>\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n"
    assert auto_submitted(parse(f"{head}Subject: Re: x\n\nI am out of the office.\n".encode())) == "out-of-office"


def test_invitation_answered_with_a_button() -> None:
    head = "From: eva@firma.cz\nSubject: Accepted: Porada\n"
    assert auto_submitted(parse((head + CALENDAR.format(text="")).encode())) == "auto-replied"
    assert auto_submitted(parse((head + CALENDAR.format(text="Prijdu o pet minut pozdeji.")).encode())) is None


def test_challenge() -> None:
    text = "Your message is being held. Please confirm that your message is not spam."
    assert auto_submitted(parse(f"Subject: Confirm\n\n{text}\n".encode())) == "auto-replied"
