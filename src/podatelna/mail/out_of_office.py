"""Answers of people who are away, by the words their programs put into subject and text, in many languages."""

from __future__ import annotations

import re

from .signs import fold, own_lines
from .word_tables import alternatives

# Looked for in folded text: lower case, no accents. What only a program writes before a subject:
_SURE_SUBJECTS = """
automatic reply|automatic response|automated reply|automated response|auto reply|auto-reply|autoreply
auto response|auto-response
autoresponse|autoresponder|auto-responder|auto responder|out of office autoreply|out of office reply
out of office auto reply
out of office|out-of-office|out of the office|ooo|vacation reply|vacation message|vacation notice
vacation response|away message
away from my mail|i am out of the office|i'm out of the office|i am out of office|currently out of the office
holiday autoreply
automaticka odpoved|automaticky odpoved|automaticka zprava - nepritomnost|autoodpoved
automaticka odpoved mimo kancelar
mimo kancelar|odpoved mimo kancelar|nepritomnost v kancelari|oznameni o nepritomnosti|oznamenie o nepritomnosti
mimo kancelarie
odpoved v nepritomnosti|nejsem v kancelari|nejsem pritomen|nejsem pritomna|nie som v kancelarii|nie som pritomny
nie som pritomna
som mimo kancelarie|jsem mimo kancelar|informace o nepritomnosti|automaticka sprava
abwesenheitsnotiz|abwesenheitsmeldung|abwesenheitsbenachrichtigung|abwesenheitsnachricht|abwesenheitsassistent
automatische antwort
automatische ruckantwort|automatische ruckmeldung|autoantwort|automatische abwesenheitsnotiz
ich bin nicht im buro|nicht im buro
abwesenheitsinformation|automatische abwesenheitsmeldung|ausser haus|automatische e-mail-antwort
automatyczna odpowiedz|autoodpowiedz|odpowiedz automatyczna|poza biurem|nieobecnosc w biurze
wiadomosc o nieobecnosci|jestem poza biurem
powiadomienie o nieobecnosci|informacja o nieobecnosci
reponse automatique|reponse automatique d'absence|absence du bureau|absent du bureau|absente du bureau
message d'absence
notification d'absence|avis d'absence|message automatique d'absence
respuesta automatica|fuera de la oficina|fuera de oficina|ausente de la oficina|aviso de ausencia|mensaje de ausencia
risposta automatica|fuori sede|fuori ufficio|assenza dall'ufficio|notifica di assenza|avviso di assenza
messaggio di assenza
automatisch antwoord|automatische beantwoording|afwezigheidsbericht|afwezigheidsassistent|niet op kantoor
buiten kantoor
automatische reactie|out of office bericht|afwezigheidsmelding
resposta automatica|fora do escritorio|ausencia do escritorio|ausencia temporaria|aviso de ausencia
mensagem de ausencia
автоответ|автоматический ответ|вне офиса|нет на работе|нет на рабочем месте|автоматическии ответ|автоответчик
сообщение об отсутствии
автоматична відповідь|автоматична відповідь|автовідповідь|автоматичен отговор|автоматический автоответ
automatikus valasz|hazon kivul|raspuns automat|in afara biroului|autosvar|automatiskt svar|automatisk svar
franvaromeddelande
fravaersbesked|fravaersmelding|inte pa kontoret|ikke pa kontoret|automaattinen vastaus|poissaoloilmoitus
poissaoloviesti
samodejni odgovor|automatski odgovor|odsutnost iz ureda|otomatik yanit|otomatik cevap|ofis disinda|is yeri disinda
automaatvastus|automatiska atbilde|automatinis atsakymas|resposta automatica|αυτοματη απαντηση|εκτος γραφειου
自動応答|自動返信|不在通知|自动回复|自動回覆|自動回復|자동 응답|자동 회신|부재중
"""
# What people write themselves too: a program must show in another way.
_POSSIBLE_SUBJECTS = """
vacation|on vacation|away|on leave|annual leave|maternity leave|absence|holiday|on holiday|nepritomnost|dovolena
jsem na dovolene
cerpam dovolenou|neprítomnost|dovolenka|som na dovolenke|cerpam dovolenku|urlaub|im urlaub|abwesenheit|abwesend
urlop|jestem na urlopie
nieobecnosc|absence|absent|absente|en conges|conges|ausencia|ausente|vacaciones|assenza|assente|ferie|in ferie
afwezig|vakantie|ferias
в отпуске|отпуск|отсутствие|отсутствую|semester|ferie|franvaro|fravaer|lomalla|szabadsag|szabadsagon|concediu
godisnji odmor
"""
_PHRASES = r"""
out of the office|out of office|on vacation|on annual leave|on leave|away from the office|away from my desk
away from my mail
currently away|on holiday|on holidays|maternity leave|parental leave|limited access to e-?mail
no access to e-?mail|i am away|i'm away
i will be away|be back on|return to the office|will return on|back in the office|not in the office
(?:am|be) travell?ing
mimo kancelar|na dovolene|nejsem v kancelari|nejsem pritom|nebudu pritom|cerpam dovolenou|materske dovolene
rodicovske dovolene
v dobe me nepritomnosti|po dobu me nepritomnosti|v me nepritomnosti|budu nepritom|jsem nepritom
nejsem k dispozici|mam dovolenou
nebudu k zastizeni|nejsem k zastizeni|pracovni neschopnosti|na sluzebni ceste
na dovolenke|nie som v kancelarii|nie som pritomn|pocas mojej nepritomnosti|v mojej nepritomnosti
cerpam dovolenku|nebudem pritomn
nebudem v kancelarii|som mimo|na pracovnej ceste|nie som k dispozicii
nicht im buro|nicht im hause|im urlaub|ausser haus|nicht im haus|abwesend|nicht erreichbar|in elternzeit
nicht am arbeitsplatz
meiner abwesenheit|wieder im buro|wieder erreichbar
poza biurem|na urlopie|nieobecn|przebywam na|podczas mojej nieobecnosci
absent du bureau|absente du bureau|actuellement absent|en conges?\b|de retour le|mon absence|en vacances
je suis absent|serai absent
fuera de la oficina|fuera de oficina|de vacaciones|estare ausente|estoy ausente|mi ausencia|me encuentro ausente
fuori ufficio|fuori sede|in ferie|assente|mia assenza
niet op kantoor|afwezig|met vakantie|op vakantie|met verlof|mijn afwezigheid
fora do escritorio|de ferias|ausente|minha ausencia
в отпуске|вне офиса|отсутству|нет на рабочем месте|не на работе|у відпустці|відсутн
hazon kivul|szabadsagon|nem vagyok az irodaban|inte pa kontoret|pa semester|tjanstledig|ikke pa kontoret
pa ferie|lomalla
poissa toimistosta|in concediu|na godisnjem odmoru|na dopustu|izinde|tatilde|不在|休暇|外出|休假|부재중|휴가
"""
_SAYS_AUTOMATIC = r"""
(?:this is|this e?-?mail is|this message is|this was|please note:? this is) (?:an? )?(?:auto|automat)[a-z -]{0,30}
&(?:reply|response|answer|message|e-?mail|notification)
this (?:message|e-?mail|reply|response) (?:was|is|has been) (?:sent |generated |created )?(?:automatically|auto)
automatic(?:ally)? (?:reply|generated reply)|thank you for (?:your|contacting).{0,160}automat
(?:toto|tato|tento) (?:je|zprava|e-?mail|odpoved|sprava)[a-z ]{0,30}automatick
zprava (?:je|byla) (?:vygenerovana|generovana|odeslana) automatick
(?:tato|toto) (?:zprava|odpoved|sprava|e-?mail) (?:je|byla|byl|bola|bol) (?:vy|)?(?:generovan|vygenerovan|
&odeslan|odoslan|vytvoren)[a-z]{0,3} automat
automaticka odpoved|automatickou odpoved|automaticky generovan|automaticky vygenerovan|automaticky odeslan
automaticky vytvoren
neodpovidejte(?: prosim)? na (?:tuto|tento|ni)|prosim,? na (?:tuto|tento) .{0,30}neodpov|neodpovedajte
(?:dies|das) ist eine automat|diese (?:nachricht|e-?mail|mail) wurde automatisch
automatisch (?:generiert|erzeugt|erstellt)
ceci est (?:un|une) (?:message|reponse|courriel|e-mail) automat|message (?:genere|envoye) automatiquement
reponse automatique
este (?:es un|mensaje|correo|e-?mail) .{0,30}automatic|respuesta automatica
esta e uma (?:mensagem|resposta) automatica
(?:questo|questa) e un[ao]? .{0,20}automatic|risposta automatica|dit is een automatisch|automatisch gegenereerd
(?:to jest )?(?:wiadomosc|odpowiedz) (?:zostala )?(?:wygenerowana )?automatyczn
это (?:автоматическ|письмо (?:создано|сформировано|отправлено) автоматическ)
"""


# What may stand behind such a subject: else it is the beginning of a sentence of a person's.
_AFTER = (
    r"(?:\s*(?:[:;,\]\)|!.–—]|-{1,2}(?=\s)|$)|\s+\("
    r"|\s+(?:re|fw|fwd|from|od|for|message|until|till|to your|do|vom|bis)\b)"
)
_SURE = re.compile(rf"\W{{0,4}}(?:{alternatives(_SURE_SUBJECTS)}){_AFTER}")
_NOTES = re.compile(
    r"auto: .{0,300}(?:out of|mimo|nicht|abwesend|absent|fuera|poza|returning|navrat|fuori|nie som|zuruck|retour)"
)
_SUFFIX = re.compile(
    r".{0,300}[(\[<*-]\s?(?:automatic reply|auto-?reply|out of (?:the )?office|automaticka odpoved|abwesend"
    r"|automatische antwort)\s?[)\]>*]?$"
)
_POSSIBLE = re.compile(rf"\W{{0,4}}(?:(?:re|odp|aw)\s?:\s?)?(?:{alternatives(_POSSIBLE_SUBJECTS)})\b")
_PHRASE = re.compile(rf"(?<!\w)(?:{alternatives(_PHRASES)})")
_AUTOMATIC = re.compile(rf"(?<!\w)(?:{alternatives(_SAYS_AUTOMATIC)})")
_IN_AUTOMATIC = ("auto", "neodpov", "автомат")  # one of these is in each of them


def says_away(subject: str) -> bool:
    """Whether `subject` begins as programs begin it that answer for somebody who is away."""
    text = fold(subject[:400])
    return any(pattern.match(text) is not None for pattern in (_SURE, _NOTES, _SUFFIX))


def may_say_away(subject: str) -> bool:
    """Whether `subject` names an absence, as people do too."""
    return _POSSIBLE.match(fold(subject[:400])) is not None


def tells_absence(text: str) -> bool:
    """Whether the new text of a message speaks of its writer's absence near the beginning."""
    return _PHRASE.search(fold(own_lines(text, 1_500))) is not None


def calls_itself_automatic(text: str) -> bool:
    """Whether the text says, near its beginning, that a program wrote it."""
    beginning = text[:600].casefold()
    if not any(word in beginning for word in _IN_AUTOMATIC):
        return False
    return _AUTOMATIC.search(fold(own_lines(text, 600))) is not None
