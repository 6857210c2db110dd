"""The words by which mail programs of many languages mark quotes and signatures, folded for comparison."""

from __future__ import annotations

from .bare import bare, replacing

# Letters that Unicode does not take apart into a letter and a mark.
_spelled = replacing(
    {
        "ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe", "’": "'", "`": "'", "´": "'", "–": "-", "—": "-",
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2212": "-",
        # Marks of direction and of no width, which programs put around names and dates.
        "\u200b": "", "\u200c": "", "\u200d": "", "\u200e": "", "\u200f": "", "\u2060": "", "\ufeff": "",
        "\u202a": "", "\u202b": "", "\u202c": "", "\u202d": "", "\u202e": "",
        "\u2066": "", "\u2067": "", "\u2068": "", "\u2069": "", "\u00ad": "",
    }
)  # fmt: skip


def plain(text: str) -> str:
    """`text` for comparison: small letters, no accents, wide signs narrow, every blank a space."""
    if text.isascii():
        return text.lower().replace("\t", " ")
    return bare(_spelled(text.casefold())).replace("\t", " ")


def _words(text: str) -> frozenset[str]:
    return frozenset(plain(text).split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(plain(phrase).split()) for phrase in text.split("|") if phrase.strip())


# The verb of "On …, Jana wrote:" ("napsal(a)" and "napsal/a" are read without their ending).
WROTE = _words(
    """
    napsal napsala napsali napsalo napsal-a píše psal psala pise napísal napísala napísali písal písala
    napisal napisala napisało
    napisał napisała napisali pisze wrote writes write written said says schrieb schrieben schreibt
    geschrieben écrit ecrit ecrivait
    escribió escribio escribe escribió: scritto scrive schreef schrijft escreveu escreve написал написала
    написав написала
    пишет пише писал писала писав írta irta írja skrev skriver skreiv kirjoitti kirjoittaa scris scrie yazdı
    yazdi yazmış
    написа пишува пишe напиша написао написали napisao napisa pisao piše kirjutas rakstīja rašė parašė
    έγραψε γράφει escriure escrigué
    idatzi scribis menulis viết כתב כתבה كتب schreiwt scríobh ysgrifennodd sendte schriebst schrob
    """
)
# Where the verb is written together with other words.
WROTE_TOGETHER = tuple(
    plain(part) for part in ("写道", "寫道", "のメール", "書きました", "님이 작성", "님이 쓴", "เขียน", "さんからの")
)
# With what such a line begins, besides a date and a day of the week.
BEGINS = _words(
    """
    on dne dňa dna dňom am le el il op em w dnia den på pe na в у în in at a il-ium i d. fra från mån vs kl
    v dana στις στo klo ke en pada vào 在 date datum
    en el pada vào 在 ว วันที่ pe la quoting date datum em no o da
    """
)
# "Quoting Jana <jana@…>:", "Zitat von …", "Citát …".
QUOTING = _words(
    """
    quoting citát citace citujem cituji zitat zitiere citando citazione cytowanie citeert citerar citerer
    citat цитирование
    """
)
DAYS = _words(
    """
    po út ut st čt ct pá pa so ne pi št ut pondělí úterý středa čtvrtek pátek sobota neděle pondelok utorok
    streda štvrtok piatok
    nedeľa mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday
    mo di mi do fr sa montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    pon wt śr czw pt sob niedz pn wto sro poniedziałek wtorek środa czwartek piątek niedziela
    lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche
    lun mié mie jue vie sáb dom lunes martes miércoles jueves viernes sábado domingo
    gio sab lunedì martedì mercoledì giovedì venerdì sabato domenica
    ma wo vr za zo maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    seg ter qua qui sex segunda segunda-feira terça terça-feira quarta quarta-feira quinta quinta-feira
    sexta sexta-feira
    пн вт ср чт пт сб вс нд понедельник вторник среда четверг пятница суббота воскресенье
    понеділок вівторок середа четвер пʼятниця п'ятниця субота неділя
    h k sze cs szo v hétfő kedd szerda csütörtök péntek szombat vasárnap
    mån tis ons tors tor fre lör lor sön son man lør søn måndag tisdag onsdag torsdag fredag lördag söndag
    mandag tirsdag lørdag søndag
    ke pe la su maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai maanantaina tiistaina
    keskiviikkona
    torstaina perjantaina lauantaina sunnuntaina
    mie joi vin dum luni marți miercuri joi vineri sâmbătă duminică
    pzt sal çar per cum cmt paz pazartesi salı çarşamba perşembe cuma cumartesi pazar
    sri čet cet uto ned
    """
)
# In a line that a person wrote there is often one of these near the verb; programs name the writer instead.
PERSONAL = _words(
    """
    he she they we you i it who nobody someone somebody everyone my his her our that
    jsem jsi jste jsme mi mně nám vám ti mu jí jim on ona oni že kdo nikdo někdo pan paní kolega kolegyně manžel
    som si ste sme mne vám nám mu jej im kto niekto pán pani
    ich er sie wir ihr mir uns ihm jemand niemand dass ja tym ktoś mi pan pani że
    je j'ai il elle nous vous ils on m'a qui que yo él ella nosotros quien que lui lei io chi che ik hij zij
    wij men dat
    eu ele ela nós quem я он она мы вы кто мне что
    """
)
# "As Jana wrote:" is a sentence.
COMPARING = _words(
    """
    as like what when where how jak jako co kdy kde ako čo keď wie was als wo como come comme que what's co
    tak also because kak как что but and then so ale a pak potom und aber dann et mais y pero e ma the this
    that to ten ta der die das
    """
)
# Titles end in a full stop and no sentence.
TITLES = _words("ing mgr mudr judr phdr rndr mvdr paeddr pharmdr thdr prof doc dipl arch bc csc hons genm")
LABELS: dict[str, str] = {}
for _kind, _names in {
    "who": """
        from|od|von|de|da|van|от|від|од|feladó|från|fra|lähettäjä|lahettaja|expeditor|de la|gönderen|kimden
        |发件人|寄件者|寄件人
        |差出人|送信者|发信人|보낸 사람|보낸사람|από|מאת|من|nadawca|remitente|mittente|afzender|expéditeur
        |odesílatel|odosielateľ|absender
        |remetente|saatja|no|nuo|pošiljatelj|šalje|från|lähde|avsändare|afsender|avsender|отправитель|від кого|oд""",
    "when": """
        sent|date|sent on|odesláno|odesláno dne|odoslané|odoslaná|odoslaný|datum|dátum|gesendet|gesendet am
        |wysłano
        |wysłane|data|data wysłania|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviada|enviada em
        |enviado em
        |fecha|inviato|inviata|verzonden|verzonden op|дата|отправлено|дата отправки|надіслано|відправлено
        |elküldve
        |küldve|küldés dátuma|skickat|skickades|sendt|dato|lähetetty|lahetetty|päivämäärä|päiväys|pvm|trimis
        |trimis la|gönderildi|gönderme tarihi|gönderim tarihi|gönderilme tarihi|tarih|发送时间|发送日期|日期
        |时间|傳送時間|寄件日期|已傳送
        |送信日時|日付|日時|送信|보낸 날짜|날짜|보냄|ημερομηνία|στάλθηκε|εστάλη|נשלח|תאריך|تاريخ|poslano
        |posláno|poslané|изпратено
        |послато|kuupäev|saadetud|sendedatum|time
""",
    "whom": """
        to|komu|an|do|à|a|para|aan|кому|címzett|till|til|vastaanottaja|către|kime|alıcı|收件人|收件者|宛先
        |받는 사람|받는사람|προς
        |אל|إلى|pre|pro|adresát|empfänger|destinataire|destinatario|destinatário|destinatari|příjemce
        |príjemca|za
        |до|do wiadomości|prima|kellele|kam|kime:
""",
    "copy": """
        cc|bcc|kopie|kopia|kópia|v kopii|dw|copie|copia|cópia|copie à|kopi|másolatot kap|másolat|копия|копія
        |kopio
        |bilgi|抄送|副本|参照|참조|κοιν|עותק|cópia para|con copia|ccn|skrytá kopie|blindkopie
""",
    "about": """
        subject|předmět|predmet|věc|vec|betreff|temat|objet|asunto|oggetto|onderwerp|assunto|тема|tárgy|ämne
        |emne
        |aihe|subiect|konu|主题|主旨|主旨|件名|제목|θέμα|נושא|الموضوع|zadeva|naslov|teema|tēma|tema|предмет
        |относно
""",
}.items():
    LABELS |= dict.fromkeys(_phrases(_names.replace("\n", " ")), _kind)

# What stands between dashes above a quoted or forwarded message.
SEPARATORS = _phrases(
    """
    original message|original appointment|original e-mail|original email|original mail|reply message
    |replied message
    |message original|původní zpráva|původní e-mail|původní email|původní mail|původní zprávu|původní událost
    |původní text|citovaná zpráva|originální zpráva|pôvodná správa|pôvodný e-mail|pôvodný email|pôvodný mail
    |originálna správa|pôvodné stretnutie|ursprüngliche nachricht|ursprüngliche mail|ursprüngliche e-mail
    |originalnachricht|original-nachricht|originale nachricht|originale mail|ursprünglicher termin
    |oryginalna wiadomość|wiadomość oryginalna|treść oryginalnej wiadomości|oryginalny e-mail
    |wiadomość pierwotna
    |message d'origine|message original|message initial|e-mail d'origine|mail original|courriel original
    |message transféré|message transmis|message réexpédié|mensaje original|correo original|mensaje reenviado
    |messaggio originale|messaggio inoltrato|messaggio inviato|oorspronkelijk bericht|oorspronkelijke bericht
    |origineel bericht|doorgestuurd bericht|doorgestuurde bericht|mensagem original|mensagem encaminhada
    |mensagem reencaminhada|исходное сообщение|оригинальное сообщение|пересылаемое сообщение
    |пересланное сообщение
    |пересылаемое письмо|исходное письмо|перенаправленное сообщение|оригінальне повідомлення
    |вихідне повідомлення
    |початкове повідомлення|переслане повідомлення|пересланий лист|eredeti üzenet|továbbított üzenet
    |továbbított levél|ursprungligt meddelande|originalmeddelande|vidarebefordrat meddelande
    |oprindelig meddelelse
    |original meddelelse|oprindelig besked|videresendt meddelelse|videresendt besked|opprinnelig melding
    |original melding|videresendt melding|alkuperäinen viesti|välitetty viesti|edelleenlähetetty viesti
    |mesaj original|mesajul original|mesaj redirecționat|mesaj înaintat|mesajul redirecționat|orijinal mesaj
    |özgün ileti|orijinal ileti|özgün mesaj|iletilen mesaj|yönlendirilen mesaj|iletilmiş mesaj|原始邮件
    |原邮件|原始郵件|转发的邮件
    |转发邮件|轉寄的郵件|轉寄郵件|原始邮件信息|回复的邮件|回覆的郵件|転送メッセージ|転送されたメッセージ
    |元のメッセージ|オリジナルメッセージ|원본 메시지|원본 메일|전달된 메시지|izvorna poruka
    |izvorno sporočilo|originalna poruka|posredovano sporočilo|оригинално съобщение|препратено съобщение
    |algne kiri
    |algkiri|originaal|sākotnējais ziņojums|αρχικό μήνυμα|προωθημένο μήνυμα|הודעה מקורית|missatge original
    |missatge reenviat|forwarded message|forwarded by|forwarded mail|forwarded e-mail|forwarded email
    |weitergeleitete nachricht|weitergeleitete mail|přeposlaná zpráva|předaná zpráva|přeposílaná zpráva
    |přeposlaný e-mail|přeposlaný email|přeposlaný mail|preposlaná správa|preposlaný e-mail|postúpená správa
    |wiadomość przekazana|przekazana wiadomość|wiadomość przesłana dalej|przesłana wiadomość
    |treść przekazanej wiadomości
    """.replace("\n", " ")
)
# Apple's lines above a forwarded message; they need no dashes.
FORWARDED = _phrases(
    """
    begin forwarded message|začátek přeposílané zprávy|začátek přeposlané zprávy|začátek předávané zprávy
    |začiatok preposlanej správy|začiatok preposielanej správy|anfang der weitergeleiteten nachricht
    |anfang der weitergeleiteten e-mail|beginn der weitergeleiteten nachricht|début du message réexpédié
    |début du message transféré|inicio del mensaje reenviado|inizio messaggio inoltrato
    |inizio del messaggio inoltrato|begin doorgestuurd bericht|início da mensagem reencaminhada
    |início da mensagem encaminhada|początek przekazywanej wiadomości|początek przekazanej wiadomości
    |начало переадресованного сообщения|початок переадресованого повідомлення|továbbított levél kezdete
    |vidarebefordrat brev|börja vidarebefordrat meddelande|start på videresendt besked
    |start på videresendt meddelelse|videresendt melding|välitetty viesti alkaa
    |începutul mesajului redirecționat
    |iletilen ileti başlangıcı|başlangıç iletilen ileti|下面是被转发的邮件|开始转发的邮件|開始轉寄郵件
    |転送されたメッセージ|전달된 메시지 시작
    """.replace("\n", " ")
)
# Ticket systems ask for an answer above such a line.
ABOVE = _phrases(
    """
    reply above this line|type your reply above this line|please reply above this line|write above this line
    |reply above|odpovězte nad tento řádek|odpovídejte nad tento řádek|odpovězte nad touto čarou
    |pište nad tuto čáru
    |pište nad tento řádek|odpověď pište nad|odpovedzte nad tento riadok|odpovedajte nad týmto riadkom
    |píšte nad tento riadok|antworten sie oberhalb dieser linie|oberhalb dieser linie
    |über dieser zeile antworten
    |oberhalb dieser zeile|odpowiedz powyżej tej linii|napisz powyżej tej linii
    |répondre au-dessus de cette ligne
    |responda por encima de esta línea|typ uw antwoord boven deze lijn
    """.replace("\n", " ")
)
