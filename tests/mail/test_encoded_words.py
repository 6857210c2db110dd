"""Encoded words as they are really written."""

import pytest

from podatelna.mail.encoded_words import decode_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bez kodovani", "bez kodovani"),
        ("=?utf-8?Q?P=C5=99=C3=ADloha?=", "Příloha"),
        ("=?UTF-8?B?UMWZw61sb2hh?=", "Příloha"),
        ("=?iso-8859-2?q?Objedn=E1vka_=E8=2E_5?=", "Objednávka č. 5"),
        ("=?utf-8*cs?Q?P=C5=99=C3=ADloha?=", "Příloha"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?=\t =?utf-8?q?b?= c", "ab c"),
        ("=?utf-8?q?a?= =?iso-8859-2?q?=E8?=", "ač"),
        ("=?utf-8?q?P=C5?= =?utf-8?q?=99=C3=AD?=", "Pří"),
        ("=?utf-8?B?UMWZw61s?==?utf-8?B?b2hh?=", "Příloha"),
        ("=?utf-8?B?UMWZw6?= =?utf-8?B?1sb2hh?=", "Příloha"),
        ("Re:=?utf-8?q?P=C5=99=C3=ADloha?=konec", "Re:Přílohakonec"),
        ("=?utf-8?q?Kde jste??=", "Kde jste?"),
        ("=?utf-8?q?Kde?=3F?= x", "Kde?? x"),
        ("=?utf-8?q?=zz=C5=99?=", "=zzř"),
        ("=?utf-8?B?UMWZw61s!!b2hh?=", "Příloha"),
        ("=?iso-8859-2?q?=C5=99?=", "ř"),
        ("=?us-ascii?q?=C5=99?=", "ř"),
        ("=?x-neznam?q?P=C5=99=C3=ADloha?=", "Příloha"),
        ("=?windows-1250?q?=9Alu=9E?=", "šluž"),
        ("=?utf-8?q?nedokon=C4=8Deno", "nedokončeno"),
        ("Vol =?utf-8?B?UMWZw61sb2h", "Vol Příloh"),
        ("=?utf-8?q?P=C5=99 =?utf-8?q?=C3=AD?= x", "Pří x"),
        ("=?utf-8?q?P=C5=99? =?utf-8?q?=C3=AD?= x", "Pří x"),
        ("=?utf-8?q?=", "=?utf-8?q?="),
        ("=?utf-8?q??= x", " x"),
        ("=?utf-8?q?P=C?= =?utf-8?q?5=99?=", "Př"),
        ("=?utf-8?q?P=?= =?utf-8?q?C5=99?=", "Př"),
        ("=?utf-8?B?UA?= =?utf-8?B?xZk?=", "Př"),
        ("=?utf-8?B?UA==xZk=?=", "Př"),
        ("=?utf-8?B?UMWZ\u00a0w61s?=", "Příl"),
        ("=?utf-8?B?8J-YgA?=", "😀"),
        ("=?utf-8?B?P=C5=99=C3=ADloha?=", "Příloha"),
        ("=?utf-8?Q?P=C5=99?= =?utf-8?B?w61sb2hh?=", "Příloha"),
        ("=?utf-8?Q?P=C5?= =?UTF-8?B?mcOtbG9oYQ==?=", "Příloha"),
        ("=?iso-8859-2?q?\u0159e=E8?=", "řeč"),
        ("=?ISO-2022-JP?B?GyRCJDMkcxsoQg==?= =?ISO-2022-JP?B?GyRCJEskQRsoQg==?=", "こんにち"),
        ("=?gb2312?B?1OzStQ==?=", "造业"),
        ("=?iso-8859-1?q?Mu=F1oz?= (=?iso-8859-1?q?Espa=F1a?=)", "Muñoz (España)"),
        ("=?utf-8?q?a?=,=?utf-8?q?b?=", "a,b"),
        ("=?utf-8?q?a?=  b  =?utf-8?q?c?=", "a  b  c"),
        ("=?utf-8?Q?Dotaz_na_cenu_=E2=80=93_pra=C4=8Dka=", "Dotaz na cenu – pračka="),
        ("=?utf-8?Q?=3D=3Futf-8=3FQ=3Fx=3F=3D?=", "=?utf-8?Q?x?="),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=??q?abc?=", "=??q?abc?="),
        ("=?*en?q?abc?=", "=?*en?q?abc?="),
        ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
        ("=?utf-8?q?a=00b?=", "ab"),
    ],
)
def test_decodes(text: str, expected: str) -> None:
    assert decode_words(text) == expected


def test_bytes_without_a_charset_are_read_in_the_one_that_stands_nearby() -> None:
    assert decode_words("=?unknown-8bit?q?=EF=F0=E8=E2=E5=F2?=", "windows-1251") == "привет"


@pytest.mark.parametrize(
    "piece",
    [
        "=?utf-8?q?",
        "=?utf-8?q?a ",
        "=?utf-8?b?abcde?= ",
        "=?utf-8?b?AAAA?= ",
        "=?utf-8?q?a?=41",
        "=?",
        "?=",
        "=?a?q?=C=?= ",
    ],
)
def test_a_hostile_header_is_read_in_linear_time(piece: str) -> None:
    assert isinstance(decode_words(piece * (262_144 // len(piece)) + "?="), str)
