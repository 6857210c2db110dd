"""What servers and mail programs call their usual folders where SPECIAL-USE (RFC 6154) does not tell; in lower case."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in text.split("|"))


USUAL_NAMES = {
    "sent": _names(
        # English, Czech, Slovak, German, Polish, Hungarian
        "sent|sent items|sent messages|sent mail|sent-mail|odeslaná pošta|odeslané|odeslaná|odeslané zprávy|"
        "odoslaná pošta|odoslané|odoslané správy|gesendet|gesendete elemente|gesendete objekte|gesendete nachrichten|"
        "wysłane|elementy wysłane|wiadomości wysłane|elküldött|elküldött elemek|elküldött üzenetek|"
        # French, Spanish, Italian, Portuguese, Dutch, Romanian
        "envoyés|éléments envoyés|messages envoyés|courrier envoyé|objets envoyés|enviados|elementos enviados|"
        "mensajes enviados|inviati|inviata|posta inviata|messaggi inviati|itens enviados|mensagens enviadas|verzonden|"
        "verzonden items|verzonden berichten|trimise|elemente trimise|"
        # Danish, Swedish, Norwegian, Finnish, Estonian, Latvian, Lithuanian
        "sendt|sendt post|sendte elementer|sendte beskeder|skickat|skickade|skickade objekt|sendte|lähetetyt|"
        "lähetetyt viestit|saadetud|saadetud kirjad|nosūtītie|nosūtītie vienumi|išsiųsti|išsiųsti elementai|"
        # Slovene, Croatian, Bulgarian, Ukrainian, Russian, Greek, Turkish
        "poslano|poslane|poslana pošta|poslani predmeti|poslane stavke|изпратени|изпратени елементи|надіслані|"
        "відправлені|отправленные|απεσταλμένα|στοιχεία απεσταλμένων|gönderilmiş öğeler|gönderilmiş postalar|"
        # Japanese, Chinese, Korean
        "送信済み|送信済みアイテム|送信済みメール|已发送|已发送邮件|已傳送郵件|寄件備份|보낸 편지함|보낸편지함"
    ),
    "drafts": _names("drafts|draft|koncepty|rozepsané|rozpísané|entwürfe|szkice|brouillons|borradores|bozze"),
    "junk": _names(
        "junk|junk e-mail|junk email|spam|bulk mail|nevyžádaná pošta|nevyžiadaná pošta|spamverdacht|junk-e-mail|"
        "unerwünscht|wiadomości-śmieci|courrier indésirable|correo no deseado|posta indesiderata"
    ),
    "trash": _names(
        "trash|bin|deleted|deleted items|deleted messages|koš|kôš|odstraněná pošta|odstránená pošta|odstraněné|"
        "papierkorb|gelöschte elemente|gelöschte objekte|kosz|elementy usunięte|corbeille|éléments supprimés|papelera|"
        "cestino"
    ),
}
# Below which they stand on some servers; "Projects/2019/Sent" is somebody's own.
PARENTS = frozenset({"inbox", "[gmail]", "[google mail]", "mail"})
