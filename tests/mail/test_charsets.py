"""Bytes to text by declaration and by evidence."""

import pytest

from podatelna.mail.charsets import decode_bytes, find_charset

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
        ("utf-8\x00", None),
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
