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
        ("=?utf-8?q?nedokonceno", "=?utf-8?q?nedokonceno"),
        ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        ("=??q?abc?=", "=??q?abc?="),
        ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
        ("=?utf-8?q?a=00b?=", "ab"),
    ],
)
def test_decodes(text: str, expected: str) -> None:
    assert decode_words(text) == expected
