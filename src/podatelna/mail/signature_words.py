"""The words of the lines that phones and web mail add to what was written, folded for comparison."""

from __future__ import annotations

from .quote_words import plain

_SENT = """
    sent from|sent via|sent with|sent using|sent by my|sent on the move from|sent through|written on my
    |typed on my
    |odesláno z|odesláno ze|odesláno pomocí|odesláno přes|odesláno prostřednictvím|odesláno mobilem|odesláno mým
    |posláno z|posláno ze|posláno pomocí|odesláno aplikací|odoslané z|odoslané zo|odoslané pomocou|odoslané cez
    |odoslané prostredníctvom|poslané z|poslané zo|poslané cez|poslané pomocou|odoslané mobilom|gesendet von
    |gesendet mit|gesendet mithilfe|gesendet über|gesendet via|gesendet aus|gesendet vom|von meinem|von meiner
    |von unterwegs|diese nachricht wurde von|verschickt mit|wysłano z|wysłano ze|wysłano za pomocą|wysłane z
    |wysłane ze|wysłano przez|wiadomość wysłana z|envoyé de|envoyé depuis|envoyé à partir|envoyé avec|envoyé par
    |envoyé via|envoyée depuis|provenance|enviado desde|enviado con|enviado por|enviado do|enviado da|enviado de
    |enviado a partir|enviado pelo|enviado através|enviado via|enviado com|enviada do|inviato da|inviato dal
    |inviato con|inviato tramite|inviata da|inviato dall|verzonden vanaf|verzonden met|verzonden vanuit
    |verzonden via|verzonden door|verstuurd vanaf|verstuurd met|verstuurd vanuit|verstuurd via|gestuurd vanaf
    |отправлено с|отправлено из|отправлено через|отправлено с помощью|послано с|надіслано з|надіслано із
    |надіслано через|відправлено з|відправлено із|elküldve a|küldve|skickat från|skickat med|skickades från
    |sänt från|sendt fra|sendt med|sendt via|lähetetty|trimis de|trimis din|trimis cu|gönderildi
    |iphone'umdan|发自|发送自
    |從我的|傳送自|寄自|から送信|から送信|에서 보냄|poslano z|poslano s|poslano iz|enviat des|στάλθηκε από
    |изпратено от|saadetud minu
    |נשלח מ
"""
# A line with one of these is a sentence: "Odesláno z iPhonu mi to nešlo".
_SPOKEN = """
    jsem jsi jste jsme nám vám to nejde nešlo nejdou som sme ste it is was didn't doesn't won't not can't i'm ich es das
    nicht bin ist geht się nie jest mam que no est pas sono non ik niet я не это
"""
# What only a machine puts at the end of such a line in another order of words.
_SENT_LATER = "gesendet|gesendet.|gönderildi|küldve|küldtem|verzonden|から送信|送信|에서 보냄|gesendet von"
_DEVICES = """
    iphone ipad ipod ipadu iphonu iphonem android androidu samsung galaxy huawei honor xiaomi redmi poco oneplus
    pixel nokia lumia sony xperia htc motorola lg
    blackberry windows phone outlook gmail yahoo proton protonmail seznam email.cz email centrum atlas volny
    spark
    bluemail k-9 k9 canary edison airmail mailbird
    thunderbird client zoho tuta tutanota fastmail superhuman mailspring newton aqua aquamail nine gmx web.de
    t-online freenet icloud aol mail.ru яндекс yandex почта почты post.cz
    mobile mobil mobilu mobilem mobilního mobilom mobilného mobiltelefon telefonu telefon telefonem telefonom
    telefonu handy smartphone smartphonu téléphone teléfono telefono telefoon telemóvel
    móvil movil celular cellulare mobiel portable tablet tabletu tabletem zařízení zariadenia device gerät
    urządzenia appareil dispositivo toestel apparaat app aplikace aplikácie aplikacji
    application aplicación handheld wireless bezdrátového телефона телефону смартфона смартфону устройства
    айфона
    телефоном puhelimesta puhelimestani phone cell cellphone desktop
    mac macbook macu watch pošty zimbra roundcube horde mutt mailwise myemail boxer tapatalk hushmail mail
    wp onet
    o2 interia libero virgilio orange laposte free sfr bouygues ziggo kpn
    手机 iphoneから 携帯
"""
_GET = """
    get download získat získejte stáhnout stáhněte získať získajte stiahnuť holen laden beziehen herunterladen
    pobierz télécharger téléchargez obtenez obtenir obtener
    obtén descargar descarga scarica ottieni downloaden obter obtenha baixe transferir получить скачать
    загрузить
    завантажити отримати отримайте hämta skaffa hent få
    hanki lataa obțineți descărcați edinin indirin indir letöltése beszerzése töltse 获取 下載 取得 入手
    다운로드 preuzmi
    preuzmite
"""
_SCANNED = """
    virus-free|neobsahuje žádné viry|bez virů|bez vírusov|neobsahuje žiadne vírusy|virenfrei
    |this email has been checked for viruses|this email has been scanned|tato zpráva byla zkontrolována na viry
    |tento e-mail byl zkontrolován na přítomnost virů|táto správa bola skontrolovaná
    |diese e-mail wurde von avast
    |wolny od wirusów|sans virus|libre de virus|virusvrij|garantito privo di virus|livre de vírus|без вирусов
    |e-mail neobsahuje viry|příchozí zpráva neobsahuje viry|odchozí zpráva neobsahuje viry
    |no virus found in this
    |yahoo mail: search, organize, conquer|yahoo mail - search, organize, conquer
    |envoyé avec la messagerie sécurisée|this message was sent using|sent securely with
"""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(plain(phrase).split()) for phrase in text.split("|") if phrase.strip()))


SENT = _phrases(_SENT)
SENT_LATER = _phrases(_SENT_LATER)
SCANNED = _phrases(_SCANNED)
DEVICES = frozenset(plain(_DEVICES).split())
SPOKEN = frozenset(plain(_SPOKEN).split())
GET = frozenset(plain(_GET).split())
