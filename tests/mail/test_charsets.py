"""Bytes to text by declaration and by evidence."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from podatelna.mail.charset_evidence import reads_best, values
from podatelna.mail.charset_scripts import surely_central
from podatelna.mail.charset_tables import _KAMENICKY, KAMENICKY, codepage
from podatelna.mail.charsets import decode_bytes, find_charset, guess

CZECH = "Dobrý den, posílám Vám reklamaci pračky, která po měsíci přestala ždímat. Šroub č. 5, šťastný kůň."
SLOVAK = "Vážený pán, ďakujeme za objednávku. Ľubomír Šťastný, kôň, päť"


@pytest.mark.parametrize("codec", ["cp1250", "iso8859-2", "cp852", "mac_latin2", "utf-8"])
@pytest.mark.parametrize("declared", ["", "us-ascii", "x-podivne", "utf-8"])
def test_czech_is_recognised_whatever_it_is_called(codec: str, declared: str) -> None:
    assert decode_bytes(CZECH.encode(codec), declared)[0] == CZECH


@pytest.mark.parametrize("text", [CZECH, SLOVAK])
@pytest.mark.parametrize("codec", ["cp1250", "iso8859-2", "utf-8"])
@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1250", "iso-8859-2", "windows-1252"])
def test_a_wrong_label_is_noticed(text: str, codec: str, declared: str) -> None:
    assert decode_bytes(text.encode(codec), declared)[0] == text


@pytest.mark.parametrize("name", ["Jiří Šťastný", "Nováková", "Předmět", "Žádost", "Reklamace pračky", "Ľudovít Štúr"])
@pytest.mark.parametrize("codec", ["cp1250", "iso8859-2"])
def test_a_few_words_are_enough(name: str, codec: str) -> None:
    assert decode_bytes(name.encode(codec))[0] == name


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Perché è così più città, lunedì virtù", "cp1252"),
        ("Ça a été très élevé où à l'hôpital être", "cp1252"),
        ("Größe für Straße übermäßig", "cp1252"),
        ("Rødgrød med fløde på øen, også æble", "cp1252"),
        ("España mañana niño corazón", "cp1252"),
        ("Price £130 – it’s “great”", "cp1252"),
        ("Привет, как дела сегодня? Спасибо", "cp1251"),
        ("Привет, как дела сегодня? Спасибо", "koi8-r"),
        ("Zażółć gęślą jaźń", "cp1250"),
    ],
)
def test_other_languages_are_not_taken_for_czech(text: str, codec: str) -> None:
    assert decode_bytes(text.encode(codec))[0] == text
    if codec != "cp1250":
        assert decode_bytes(text.encode(codec), codec)[0] == text


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO-8859-1", "cp1252"),
        ("latin1", "cp1252"),
        ("x-mac-ce", "mac_latin2"),
        ("gb2312", "gb18030"),
        ("utf8", "utf-8"),
        ('"UTF-8"', "utf-8"),
        ("us-ascii", ""),
        ("", ""),
        ("cp1250", "cp1250"),
        ("ks_c_5601-1987", "cp949"),
        ("x-podivne", None),
        ("base64", None),
        ("rot13", None),
        ("unicode_escape", None),
        ("idna", None),
        ("zlib", None),
        ("undefined", None),
        ("../../etc", None),
        ("utf-8\x00", "utf-8"),
        ("a" * 1000, None),
    ],
)
def test_labels_are_read_as_they_are_meant(label: str, codec: str | None) -> None:
    assert find_charset(label) == codec


@pytest.mark.parametrize(
    ("data", "declared", "text", "defect"),
    [
        (b"abc", "utf-8", "abc", ""),
        (b"\xef\xbb\xbfabc", "utf-8", "abc", ""),
        ("žluť".encode()[:-1], "utf-8", "žlu�", "broken utf-8"),
        (b"a\x00b", "us-ascii", "ab", ""),
        (b"abc", "x-podivne", "abc", "unknown charset x-podivne"),
        ("ahoj".encode("utf-16"), "utf-16", "ahoj", ""),
        (b"+AX4-lu+AWU-", "utf-7", "žluť", ""),
        (b"+2AA-", "utf-7", "�", "broken utf-7"),
        (b"\x93ahoj\x94 \x81", "iso-8859-1", "“ahoj” \x81", ""),
        (b"\xa1\xa1\xff", "gb2312", "\u3000�", "broken gb18030"),
    ],
)
def test_what_was_wrong_is_said(data: bytes, declared: str, text: str, defect: str) -> None:
    assert decode_bytes(data, declared) == (text, defect)


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("cp-1252", "cp1252"),
        ("Windows 1250", "cp1250"),
        ("win-1250", "cp1250"),
        ("x-cp1250", "cp1250"),
        ("cswindows1250", "cp1250"),
        ("windows_1250", "cp1250"),
        ("'windows-1250'", "cp1250"),
        ('windows-1250"', "cp1250"),
        ("windows-1252http-equivcontent-type", "cp1252"),
        ("charset=utf-8", "utf-8"),
        ("=utf-8", "utf-8"),
        ("utf-8;", "utf-8"),
        ("utf-8; format=flowed", "utf-8"),
        ("UTF 8", "utf-8"),
        ("utf-8//TRANSLIT", "utf-8"),
        ("iso8859_2", "iso8859-2"),
        ("ISO 8859-2", "iso8859-2"),
        ("8859-2", "iso8859-2"),
        ("iso_8859-2:1987", "iso8859-2"),
        ("iso-8859-2,utf-8", "iso8859-2"),
        ("iso-8859-1 (latin)", "cp1252"),
        ("ISO-8859-15", "iso8859-15"),
        ("ANSI_X3.4-1968", ""),
        ("ansi_x3.110-1983", "cp1252"),
        ("x-user-defined", ""),
        ("unicode-1-1-utf-7", "utf-7"),
        ("windows-874", "cp874"),
        ("tis-620", "cp874"),
        ("windows-1258", "cp1258"),
        ("iso-2022-jp-ms", "iso2022_jp_ext"),
        ("_iso-2022-jp$ESC", "iso2022_jp_ext"),
        ("big5-hkscs", "big5hkscs"),
        ("gbk", "gb18030"),
        ("hz-gb-2312", "hz"),
        ("euc-kr", "cp949"),
        ("koi8-r", "koi8-r"),
        ("KOI8-U", "koi8-u"),
        ("dos-866", "cp866"),
        ("ibm-852", "cp852"),
        ("mac-latin2", "mac_latin2"),
        ("keybcs2", KAMENICKY),
        ("cp895", KAMENICKY),
        ("kamenický", KAMENICKY),
    ],
)
def test_labels_with_junk_and_other_spellings(label: str, codec: str) -> None:
    assert find_charset(label) == codec


def kamenicky(text: str) -> bytes:
    return bytes(_KAMENICKY.index(char) for char in text)


def test_the_table_of_kamenicky() -> None:
    assert kamenicky("ČüéďäĎŤčěĚĹÍľĺÄÁÉžŽôöÓůÚýÖÜŠĽÝŘťáíóúňŇŮÔšřŕŔ") == bytes(range(0x80, 0xAC))
    assert decode_bytes(b"\xc4\xda\xe1", "keybcs2") == ("─┌ß", "")


@pytest.mark.parametrize("declared", ["", "us-ascii", "x-podivne", "utf-8", "keybcs2"])
def test_kamenicky_is_recognised_whatever_it_is_called(declared: str) -> None:
    assert decode_bytes(kamenicky(CZECH), declared)[0] == CZECH


PHRASES = {
    "こんにちは、お元気ですか。明日の会議は三時からです。よろしくお願いします。": ["cp932", "euc_jp", "iso2022_jp"],
    "您好，请查收附件中的发票。谢谢您的合作，期待您的回复。": ["gb18030"],
    "您好，請查收附件中的發票。謝謝您的合作，期待您的回覆。": ["cp950"],
    "안녕하세요, 첨부된 송장을 확인해 주세요. 감사합니다.": ["cp949"],
    "Добрый день, отправляю счёт за январь. С уважением, Иван": ["cp1251", "koi8-r", "iso8859-5", "cp866"],
    "Добрий день, надсилаю рахунок за січень. З повагою, Євген": ["cp1251", "koi8-u"],
    "Καλημέρα σας, σας στέλνω το τιμολόγιο. Ευχαριστώ πολύ": ["cp1253", "iso8859-7"],
    "שלום רב, מצורפת החשבונית לחודש ינואר. תודה רבה": ["cp1255"],
    "مرحبا، أرسل لكم الفاتورة لشهر يناير. شكرا جزيلا": ["cp1256", "iso8859-6"],
    "สวัสดีครับ ขอส่งใบแจ้งหนี้เดือนมกราคม ขอบคุณครับ": ["cp874"],
    "Günaydın, ocak ayının faturasını gönderiyorum. Teşekkürler, ışık": ["cp1254"],
    "Dzień dobry, przesyłam fakturę za styczeń. Pozdrawiam, Łukasz Źródło": ["cp1250", "iso8859-2"],
    "Jó napot, küldöm a januári számlát. Üdvözlettel, őszi tűz": ["cp1250", "iso8859-2"],
    "Bună ziua, vă trimit factura pe luna ianuarie. Mulţumesc, Ştefan": ["cp1250", "iso8859-2"],
}


@pytest.mark.parametrize(("text", "codec"), [(text, codec) for text, codecs in PHRASES.items() for codec in codecs])
@pytest.mark.parametrize("declared", ["", "iso-8859-1", "utf-8", "own"])
def test_the_languages_of_the_world_without_a_label_and_with_a_wrong_one(text: str, codec: str, declared: str) -> None:
    assert decode_bytes(text.encode(codec), codec if declared == "own" else declared)[0] == text


@pytest.mark.parametrize("text", ["Привіт, їжак і ґанок", "Євген"])
def test_ukrainian_called_russian(text: str) -> None:
    assert decode_bytes(text.encode("koi8-u"), "koi8-r") == (text, "charset koi8-r was koi8-u")


@pytest.mark.parametrize(
    "word",
    "priateľom veľký už až může že každý Ľubomír učiteľ než ťažký Žádost položíte koľko září".split(),
)
@pytest.mark.parametrize("codec", ["cp1250", "iso8859-2"])
def test_one_byte_is_z_in_one_charset_and_l_in_the_other(word: str, codec: str) -> None:
    assert decode_bytes(word.encode(codec))[0] == word


def seen_as(text: str, codec: str) -> str:
    """`text` as a program shows it that takes its UTF-8 for `codec`."""
    return "".join(bytes([octet]).decode(codec, "ignore") or chr(octet) for octet in text.encode())


@pytest.mark.parametrize("codec", ["cp1252", "cp1250"])
@pytest.mark.parametrize("text", ["žluťoučký kůň", "Příloha – smlouva", "Größe für Straße"])
def test_what_was_encoded_twice_is_decoded_twice(text: str, codec: str) -> None:
    assert decode_bytes(seen_as(text, codec).encode()) == (text, "utf-8 encoded twice")


@pytest.mark.parametrize("text", ["CafÃ©", "„Ã©“ má být é", "Ã", "ÅŁ ĂÂ", "Největší Å™ek", "AÄ"])
def test_what_may_have_been_meant_stays(text: str) -> None:
    assert decode_bytes(text.encode()) == (text, "")


@pytest.mark.parametrize(
    ("data", "declared", "text", "defect"),
    [
        ("ahoj světe".encode("utf-16-le"), "utf-16", "ahoj světe", ""),
        ("ahoj světe".encode("utf-16-be"), "utf-16", "ahoj světe", ""),
        ("ahoj světe, jak?".encode("utf-16-le"), "", "ahoj světe, jak?", "charset guessed: utf-16-le"),
        ("ahoj světe, jak?".encode("utf-16-be"), "utf-8", "ahoj světe, jak?", "charset utf-8 was utf-16-be"),
        (b"ahoj", "utf-16", "ahoj", "charset utf-16 was us-ascii"),
        ("žluť".encode(), "utf-16", "žluť", "charset utf-16 was utf-8"),
        ("﻿žluť".encode(), "windows-1250", "žluť", "charset cp1250 was utf-8"),
        (b"$B-!-j(Babc", "iso-2022-jp-ms", "①㈱abc", ""),
        (b"(I1(B", "iso-2022-jp", "ｱ", ""),
        (b"$)A=;;; a", "iso-2022-cn", "交换 a", ""),
        ("髙①㈱".encode("cp932"), "shift_jis", "髙①㈱", ""),
        ("Tiếng Việt".encode("cp1258"), "windows-1258", "Tiếng Việt", ""),
        ("朱镕基".encode("gb18030"), "gb2312", "朱镕基", ""),
        ("請查收附件".encode(), "big5", "請查收附件", "charset cp950 was utf-8"),
        (b"~{<:Ky2;~}", "hz-gb-2312", "己所不", ""),
    ],
)
def test_rare_charsets(data: bytes, declared: str, text: str, defect: str) -> None:
    assert decode_bytes(data, declared) == (text, defect)


def test_the_page_names_its_charset_where_the_header_names_a_wrong_one() -> None:
    page = "Привет, это письмо".encode("koi8-r")

    assert decode_bytes(page, "windows-1250", "koi8-r") == ("Привет, это письмо", "charset cp1250 was koi8-r")


@pytest.mark.parametrize(
    ("number", "codec"), [(1250, "cp1250"), (28592, "iso8859-2"), (65001, "utf-8"), (1, None), (0, None)]
)
def test_code_pages(number: int, codec: str | None) -> None:
    assert codepage(number) == codec


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        (
            b"\xabJe d\xe9sapprouve\xbb, dit \xabVoltaire\xbb jusqu'\xe0 ma mort",
            "",
            "«Je désapprouve», dit «Voltaire» jusqu'à ma mort",
        ),
        (b"LABTEC\xae and Windows\xae", "", "LABTEC® and Windows®"),
        (b"\xa9 2002 Acme, 20 \xb0C", "", "© 2002 Acme, 20 °C"),
        (b"Wallace\xb9s \xb3Bigfoot\xb2 and \xb3care\xb2 it\xb9s", "iso-8859-1", "Wallace¹s ³Bigfoot² and ³care² it¹s"),
        (b"Sofr\xe8s, vis-\xe0- vis", "", "Sofrès, vis-à- vis"),
        (b"word\x85other", "", "word…other"),
        (b"\x93IBX\x94 SECTOR\xa0REPRESENTS\xa015%", "iso-8859-1", "“IBX” SECTOR\xa0REPRESENTS\xa015%"),
        (b"\xa1\xa1Easy Searcher\r\n\xa1\xa1If you", "", "\u3000Easy Searcher\r\n\u3000If you"),
        (b"\xa1\xa1Hola!! \xa1\xa1Amigo!!", "", "¡¡Hola!! ¡¡Amigo!!"),
    ],
)
def test_signs_of_old_mail_are_no_letters(data: bytes, declared: str, text: str) -> None:
    assert decode_bytes(data, declared)[0] == text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="aN áčĎŽôäü.ęß1", max_size=12))
@example("áá")
@example("aČ")
@example("ČÁČ")
def test_what_reads_best_is_worth_the_most(text: str) -> None:
    sample = text.encode("cp1250")

    if reads_best(sample, "cp1250"):
        assert all(value == 1.0 for value in values(sample, "cp1250"))


WESTERN = """
    naïve café déjà garçon Noël êtes-vous août sûr goût flûte bûche dûment mûr coûter voilà cœur œuf Lætitia æquo España
    niño año señor mañana Muñoz Núñez piñata Ñandú informações não João você porquê metrô põe corações irmã bebê crochê
    tênis três città perché però lunedì Müller Größe Köln Übung Åsa Björn Ångström smörgås Ærø færge knæ fræ 5 m³ 10 cm³
    100 km³/h £5 £million 100£ õhtu Tõnu mõned sõna põhi Jõgi Tõnismäe kõik Põltsamaa Citroën Saint-Saëns château forêt
    Bañolas pingüino
""".split()


@pytest.mark.parametrize("word", WESTERN)
def test_one_western_word_is_no_sign_of_poland_or_hungary(word: str) -> None:
    assert surely_central(word.encode("cp1252").decode("latin-1")) == ""


CENTRAL = """
    Paweł Michał Zapłata Małgorzata Wałęsa Łukasz Łodzi Gdańsk Poznań Dzień Nowość cenę proszę Gergő Ernő Győr Szűcs
    Erdős Időpont Határidő Hűtő Műszaki kôň vôňa
""".split()


@pytest.mark.parametrize("codec", ["cp1250", "iso8859-2"])
@pytest.mark.parametrize("word", CENTRAL)
def test_one_word_of_central_europe_is_known(word: str, codec: str) -> None:
    assert guess(word.encode(codec))[0] == word


def test_what_no_plane_of_euc_tw_has_is_lost_alone() -> None:
    assert decode_bytes(b"\xda\xc0\xc7\xef\x8e\xa3\xa1\xa1!", "euc-tw") == ("您好\ufffd!", "broken euc_tw")
    assert decode_bytes(b"\x8e\xa2\xa1\xa1", "euc-tw") == ("乂", "")
    assert decode_bytes(b"\xda\xc0\xc7\xef\x8e", "euc-tw") == ("您好\ufffd", "broken euc_tw")


def test_letters_of_viscii_that_stand_among_controls_are_read() -> None:
    assert decode_bytes(b"\x02\x05\x06\x14\x19\x1e", "viscii") == ("ẲẴẪỶỸỴ", "")
