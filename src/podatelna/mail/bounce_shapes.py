"""How mail systems word their reports when they do not follow the standard: subjects, first sentences, and ends."""

from __future__ import annotations

import re

from .word_tables import alternatives


def _any(table: str, before: str = "") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{alternatives(table)})", re.IGNORECASE)


# All of these are looked for in folded text: lower case, no accents, single blanks.
SUBJECT = _any(
    r"""
    there was an error sending|mail failed|mail fail
    undeliver|returned? (?:mail|to sender|message|e-?mail)|return receipt failed
    mail (?:delivery|returned|system error|failure|error|not delivered|could not|undeliver|rejected|status)
    delivery (?:status|notification|fail|report|error|problem|has|delayed|incomplete|unsuccessful|to|of|rejected)
    failure (?:notice|delivery|notification)|fail(?:ed)? (?:mail|delivery|message|to)
    non[- ]?(?:delivery|deliverable)|notice: mail delivery
    message (?:status|delivery|undeliver|not delivered|delayed|could not|you sent|frozen|rejected|blocked|
    &returned|expired|delivered)
    could not (?:deliver|send)|couldn't (?:deliver|send)|cannot (?:deliver|send)|unable to (?:deliver|send)
    warning: (?:could not|message|e?-?mail|delay|delayed|unable)|delayed
    e?-?mail (?:returned|bounce|delivery)|bounced?\b|ndn\b|ndr\b|permanent (?:delivery )?(?:failure|error)
    address not found|rejected|user unknown|no such user|\*+ ?undeliver|\[?postmaster|transient|smtp error
    problem delivering|your message .{0,80}(?:could not|was not|not delivered)|error sending|over ?quota
    notification d'etat|mailbox (?:full|unavailable)|error in (?:forward|deliver)|error\(s\) in
    relay(?:ing)? denied|expired message|vacation failed|nedoruc|nezdar|neuspes|vracen
    zprava (?:nebyla|nemohla|o nedoruc|neby|vracena)|chyba (?:pri )?(?:doruc|odesl|odesil)
    oznameni o (?:ne)?(?:doruc|stavu)|stav doruc|selhani doruc|selhalo doruc|e-?mail (?:nebyl|nemohl|nelze)
    nelze dorucit|vas(?:e|a|i)? (?:zprava|zpravu|e-?mail|sprava) .{0,80}ne(?:byl|mohl|lze|bol|doruc)|zpozden
    sprava nebola|vratena|chyba dorucenia|oznamenie o|neprijat|odmitnut|unzustellbar|nicht zustellbar
    zustell|mail(?:zustell| konnte|fehler)|fehler (?:bei|beim)|nachricht (?:nicht|konnte)|ruckl
    ihre (?:nachricht|e-?mail)|unzugestellt|non remis|echec|message non|avis de non|non distribu
    remise (?:impossible|retardee)|retour de|courrier non|votre message|onbestelbaar
    niet (?:afgeleverd|bezorgd)|bestelling|afleverstatus|bezorging|no se (?:puede|pudo|ha podido)|devoluc
    correo (?:devuelto|no)|mensaje (?:no|devuelto)|no entregad|imposible|error (?:de|al) (?:entrega|envi)
    fallo (?:en|de) (?:la )?entrega|notificacion (?:de|sobre)|nao (?:e|foi) possivel|nao entreg
    falha (?:na|de|no)|devolvid|mensagem (?:nao|devolv)|impossibile|mancat|recapito|messaggio non
    non recapit|notifica (?:di|dello)|consegna|nie mozna|niedostarcz|zwrot|nie dostarcz|nie dor
    powiadomienie o|blad dor|wiadomosc nie|не удает|недоставл|не доставл|не удалось|невозможно|ошибк[аи][ ]
    сбои |сообщение не|уведомление о|не може|недоставен|kan inte lev|oleverer|ej lever|meddelandet kunde
    leverans|kunne ikke|kan ikke lev|ikke lever|uleverbar|kan ikke leveres|toimittam|viestia ei|kezbesit
    nem kezbesit|sikertelen|iletilem|teslim|nelivrat|mesaj (?:nelivrat|netrimis)|neisporuc|ni mogoce|αδυνατ
    μη παραδ|未送達|配信|配送|無法傳|无法|退信|系统退信|无法投递|投递失败|寄件失敗|배달|전송 실패|반송|undelivered
    """,
    r"^\W{0,4}",
)
# The first words of a report. What stands here no person writes at the beginning of a letter.
INTRO = _any(
    r"""
    \d{1,3} ?error\(s\):|smtp server <|\|?-{2,} ?(?:failed addresses|message log)
    this is the (?:[a-z-]{1,40} )?(?:mail system|mail delivery|postfix|qmail|machine generated|deliver program|
    &smtp|email server|mta|mail server|mailer)
    hi\. this is the|hi\. the mta program
    this (?:message|e-?mail|report|is an? e-?mail)?(?: was| is|) ?(?:an )?(?:created|generated|automatically[ ]
    &generated|automatically|auto-?generated)[a-z ]{0,30} (?:by )?(?:the )?(?:mail|delivery|e-?mail|smtp|server|
    &exim|zimbra|delivery status)
    this message was created automatically|this is an automatically generated
    this report relates to a message you sent|this is a delivery (?:status|failure)
    this is a (?:permanent|temporary) error|(?:this is )?an? (?:informational|advisory-only)
    a message (?:\(from|that you sent|you sent|could not be delivered|sent (?:by|to))
    delivery (?:to the following|of the (?:following|message)|has failed|failed|failure|status notification|
    &report|attempt)
    your (?:e-?mail |mail )?(?:message|e-?mail|mail)\b.{0,300}?(?:(?:could ?n[o']?t|cannot|was ?n[o']?t|can[ ]
    &?n[o']?t|has not|hasn't|has not yet|did not|didn't|wasn't|couldn't) (?:yet )?be?e?n? ?(?:delivered|reach|
    &sent|accepted|able)|was rejected|was undeliverable|is undeliverable|not delivered|automatically rejected|
    &has been delayed|was returned|been rejected|encountered delivery problems|wasn't delivered|could not be|has[ ]
    &been postponed|did not reach)
    the (?:following|original) (?:message|addresse?s?|recipients?|mail|e-?mail)\b.{0,200}?(?:received|had|
    &failed|could not|couldn't|did not|was not|were not|cannot|not delivered|undeliverable|permanent|delivery|
    &errors?|rejected|affected)
    (?:mail|message|e-?mail) (?:to|for) .{0,120}?(?:could not|was not|failed|bounced|cannot|couldn't)
    (?:sorry|unfortunately|we're sorry|i'm sorry|we are sorry)\b.{0,200}?(?:deliver|could not|couldn't|wasn't[ ]
    &able|unable|mailbox|not (?:be )?deliver|undeliver)
    (?:i was |i'm |we were |we are )?(?:unable|not able) to (?:deliver|send|find)|wasn't able to deliver
    could ?n[o']?t (?:be delivered|deliver|send)|couldn't deliver|did not reach the following|undeliverable
    unable to relay|unknown user|user unknown|invalid (?:final delivery|recipient|address)|no such user
    user mailbox|user's mailbox|mailbox (?:is )?(?:full|unavailable|not found)
    -{2,} ?(?:failure reasons|failed recipients|the following addresses|transcript of|delivery)
    the original message was received|message from|remote (?:host|server) (?:said|returned)|returned mail
    message (?:delivery|could not|not delivered|expired|undeliverable|rejected|for )
    failed (?:to deliver|addresses|recipient|to send|delivery)|delivery failure
    diagnostic information for admin|generating server|address not found|message not delivered
    message blocked|message too large|recipient inbox full|there was a (?:temporary )?problem
    intended recipient|warning: your message|the e-?mail (?:system|address|message|below)
    your (?:mail|message) (?:server|to)|the user.{0,80} (?:does not|mailbox|is over|has exceeded)
    delays in delivering|this warning|recipient.{0,80}(?:rejected|unknown|not found|does not exist)
    <[^<>\s]{3,300}>: |the mail system|error-end|-+> error|undeliverable mail
    (?:vas[aei]?|vasu|vasi|tato|tvoje|dana) (?:e-?mailova |odeslana |postovni )?(?:zprav[auy]|e-?mail|sprav[au]|
    &posta|mail)\b.{0,200}?(?:ne(?:byl|mohl|lze|bol|doruc|dar|podar|bude|ni|moz)|odmitnut|vracen|vratena|zpozd|
    &opozd)
    zprav[auy] .{0,200}?(?:ne(?:byl|mohl|lze|doruc|podar)|odmitnut|se nepodar)|nepodarilo se|nelze dorucit
    nedoruc|e-?mail .{0,160}?ne(?:byl|mohl|lze|podar)
    doruceni .{0,160}?(?:selhal|se nezdar|se nepodar|neni|nebylo|opozd|zpozd)|pri doruc
    dorucenie .{0,160}?zlyhal|spravu .{0,160}?nepodar|sprava .{0,160}?(?:nebola|nemohla)
    toto je (?:automatick|zprava (?:o|od)|oznameni)|tento e-?mail (?:byl )?(?:vygenerov|je automat)
    postovni (?:server|system)|adresat .{0,80}(?:neexist|nenalezen)
    (?:ihre|die|diese|deine) (?:e-?mail|nachricht|folgende|mail)\b.{0,200}?(?:konnte|nicht|wurde|fehl)
    fehler bei der|dies ist (?:eine|ein) (?:automat|bericht)|diese (?:nachricht|e-?mail) wurde|zustellung
    leider konnte|unzustellbar|der empfanger|leider
    (?:votre|le|ce) (?:message|courriel|mail|e-?mail)\b.{0,200}?(?:n'a|n'est|pas|impossible|echec|refuse)
    echec de|impossible de|message genere|ceci est|la remise|remise
    (?:su|el|tu|este) (?:mensaje|correo)\b.{0,200}?(?:no |rechazad)|no se (?:pudo|ha podido)
    error (?:de|al|en)|la entrega|este es
    (?:il|questo|la) (?:messaggio|mail|tuo|suo|consegna)\b.{0,200}?(?:non|impossibile|fallit)|impossibile
    non e stato|questa e una|(?:uw|het|dit|de) (?:bericht|e-?mail|volgende)\b.{0,200}?(?:niet|mislukt|kon)
    de bezorging|bezorging|(?:a |sua |o |esta |seu )(?:mensagem|email|e-mail)\b.{0,200}?(?:nao|falh)|nao foi
    a entrega|(?:twoja|wiadomosc|panstwa|ta) .{0,200}?(?:nie |zwroc)|nie mozna|dostarczenie|niestety
    (?:ваше|это|сообщение|письмо|к сожалению)\b.{0,200}?(?:не |невозможно|создано автоматически|доставлен)
    не удалось|доставка|это письмо создано|сервер|ditt (?:meddelande|mail).{0,200}?(?:inte|kunde)
    din (?:meddelelse|besked|mail).{0,200}?ikke|viestin|az on |leveransen|meldingen
    """,
)
# Where the returned message begins.
END = _any(
    r"""
    -{2,} ?(?:this is (?:a|the) (?:copy|body|header)|below (?:this|the next) line|the headers? of the|the[ ]
    &original message|original (?:message|mail|headers)|returned (?:message|mail)|unsent message|message header|
    &forwarded message|start of returned|copy of|here is|undelivered message|no message was|headers? (?:of|from)|
    &included|puvodni|kopie|povodna|ursprung|original|weitergeleitete|message d'origine|mensaje original|
    &messaggio originale|attached is|message text|the message|zprava|odeslana|enclosed)
    original (?:message|mail) (?:follows|header|attached|text)|original message headers
    message headers? follow|message header:?$|old message|message text follows|here is your returned mail
    your (?:original )?message (?:reads|follows|is attached)
    the (?:header|text|body) of (?:the|your) (?:original )?message|first \d+ lines of|original message:?$
    the (?:first|original) .{0,40}lines of|included (?:below )?is a copy
    a copy of (?:the|your) (?:original )?(?:message|mail) (?:follows|is|below)|\*+ ?original|={4,} ?original
    message follows|hlavick[ay] puvodni|zahlavi puvodni|puvodni (?:zprava|hlavick|text)
    kopie (?:puvodni|zpravy|vasi)|text puvodni|hlavicky (?:povodnej|zpravy)|povodna sprava
    kopia (?:povodnej|spravy)|urspruengliche nachricht|ursprungliche (?:nachricht|kopfzeilen|mail)
    originalnachricht|original-nachricht|en-tetes (?:de|du) message|message d'origine|encabezados (?:de|del)
    intestazioni|oryginaln[aey]|oryginalne naglowki|berichtkoppen|originele (?:bericht|koppen)|cabecalhos
    исходное сообщение|заголовки исходного|копия (?:вашего )?(?:письма|сообщения)
    """,
)
# Lines of a report that tell nothing of the reason.
IDLE = _any(
    r"""
    technical details of|generating server|the following addr|delivery to the following|please[ ]
    for (?:further|more) (?:information|assist)|this is a permanent error|no action|you do not need
    giving up on|your message|-{3}|={3}|\*{3}|_{3}|the mts-id|to:|from:|subject:|sent:|date:|message details
    reporting-mta|original message
    (?:action|final-recipient|original-recipient|remote-mta|reporting-mta|arrival-date|last-attempt-date|
    &received-from-mta):
    ;?l=|i'm sorry to have to inform|below this line|dsn generated by|message hops|hop time|created date
    sender address|recipient address|how to fix|was this helpful|more info|because:|for the following reason
    \(expanded from|\(?generated from|message will be retried|remote system:|hmailserver sent|error type:
    the original message was received|transcript of|i'm afraid
    this is (?:a|the)|rozvedeno|-- ?$|learn more|host:[ ]
    """,
)
# What a report puts before the words of the server that refused.
LEAD = _any(
    r"""
    error message below:|responded as follows:|(?:退信|失败)?原因 ?[:：]
    \bmodule\([^)]{0,120}\) reports:|msexch:[^()]{0,120}\([0-9a-f]{8}\)
    the (?:error|response|reply)(?: message)?(?: that the other server returned| from the remote (?:server|host))?
    &[ ](?:was|is) ?:
    the response(?: from the remote server)? was:|remote (?:smtp )?server (?:at [^'"]{0,120} )?
    &(?:returned|replied|said|answered)[:,]?[ ]?['"]?
    remote host said:|diagnostic[- ]code ?: ?(?:[a-z-]{1,20};)?|reported error:|error details?:|\(?reason ?:
    reason code:
    error (?:description|message) ?:|server (?:message|response|error)[a-z ]{0,20}:|delay reason:
    (?:the reason for the problem|problem) ?:|error:
    (?:odpoved|hlaseni|chyba)[a-z ]{0,40}:|odpovedel[ai]?:|vratil[ai]? (?:chybu|odpoved)[a-z ]{0,20}:|duvod ?:
    dovod ?:
    (?:grund|fehler|fehlermeldung|antwort[a-z ]{0,30}) ?:|(?:raison|motif|erreur) ?:|(?:motivo|razon|error) ?:
    errore ?:|reden ?:
    (?:powod|przyczyna|blad) ?:|(?:причина|ошибка|ответ[а-я ]{0,30}) ?:
    """,
)
# Reports about mail that nobody bounced: answers of programs that look like it.
NO_BOUNCE = _any(
    r"""
    automat|auto[- :]|out of (?:the )?office|read:|precteno|gelesen|lu ?:|confirm|please confirm|verify
    virus|infected|spam quarantine|quarantine|bounce action notification|uncaught bounce|your subscription
    daily|weekly|summary|report domain|dmarc
    """,
    r"^",
)
