"""What mail programs of the world put before the subject of an answer and of a forwarded message."""

from __future__ import annotations

import re

# Whole words; letter case does not count. Longer ones need not stand first: a colon has to follow.
_REPLY_WORDS = (
    "re rè",  # Latin; RE in most languages
    "odp odp. odpověď odpoved odpoveď",  # Czech, Slovak, Polish
    "aw antw antwort",  # German
    "antw. antwoord bet",  # Dutch, and Betreft
    "sv svar svr",  # Swedish, Danish, Norwegian, Icelandic
    "vs vast",  # Finnish (also Estonian)
    "r rif ris",  # Italian
    "res resp",  # Portuguese
    "rép réf rep ref",  # French
    "ynt yan cvp",  # Turkish
    "vá válasz",  # Hungarian
    "atb ats",  # Latvian, Lithuanian (and Welsh)
    "odg odgovor",  # Croatian, Slovenian, Serbian
    "hal bls",  # Indonesian, Malay
    "tl trả\\slời",  # Vietnamese
    "отв ответ на ha re",  # Russian: Outlook writes HA
    "відп відповідь",  # Ukrainian
    "отг отн",  # Bulgarian
    "απ σχετ απάντηση",  # Greek
    "回复 回覆 答复 答覆 回信",  # Chinese
    "返信",  # Japanese
    "회신 답장",  # Korean
    "ตอบ ตอบกลับ",  # Thai
    "رد الرد پاسخ",  # Arabic, Persian
    "השב תשובה",  # Hebrew
)
_FORWARD_WORDS = (
    "fw fwd fwd. forward forwarded",  # English
    "přeposlat přeposláno preposlat preposlané předat přep předáno přeposl preposlať fw.",  # Czech, Slovak
    "pd podaj",  # Polish: podaj dalej
    "wg wtr weitergeleitet",  # German
    "doorst doorgest",  # Dutch
    "vb vs\\sfwd vidarebefordrat",  # Swedish
    "vl välitetty",  # Finnish
    "fs",  # Icelandic
    "tr transf",  # French
    "rv reenv",  # Spanish
    "i inoltra inoltro",  # Italian
    "enc encaminhado",  # Portuguese
    "ilt ılt yönlendirme",  # Turkish: İlt
    "továb továbbítás",  # Hungarian
    "pārsūt pers edasi",  # Latvian, Lithuanian, Estonian
    "proslj posr prosl",  # Croatian, Slovenian
    "trs terusan",  # Indonesian, Malay
    "ct chuyển\\stiếp",  # Vietnamese
    "пересл пд",  # Russian
    "препр",  # Bulgarian
    "πρθ προώθηση",  # Greek
    "转发 轉寄 轉發",  # Chinese
    "転送",  # Japanese
    "전달",  # Korean
    "ส่งต่อ",  # Thai
    "إعادة\\sتوجيه تحويل",  # Arabic
    "הועבר העבר",  # Hebrew
)


def _any_of(groups: tuple[str, ...]) -> str:
    words = sorted({word for group in groups for word in group.split(" ")}, key=lambda word: (-len(word), word))
    return "|".join(word if "\\s" in word else re.escape(word) for word in words)


REPLIES = _any_of(_REPLY_WORDS)
FORWARDS = _any_of(_FORWARD_WORDS)
