"""Parameters of Content-Type and Content-Disposition."""

import pytest

from podatelna.mail.parameters import decode_extended, read_parameters


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text/plain", {}),
        ("text/plain; charset=utf-8", {"charset": "utf-8"}),
        ('text/plain; CHARSET="utf-8" ; x = y;', {"charset": "utf-8", "x": "y"}),
        ('a/b; boundary="a;b=c"', {"boundary": "a;b=c"}),
        ('a/b; name="a \\"b\\" c"', {"name": 'a "b" c'}),
        ('a/b; name="C:\\faktura.pdf"', {"name": "C:\\faktura.pdf"}),
        ('a/b; name="nezavreno', {"name": "nezavreno"}),
        ("a/b; name=Faktura; 55.pdf", {"name": "Faktura; 55.pdf"}),
        ("a/b; name=a.pdf; name=b.pdf", {"name": "a.pdf"}),
        ("a; filename*=utf-8'cs'P%C5%99%C3%ADloha.pdf", {"filename": "Příloha.pdf"}),
        ("a; filename*=iso-8859-2''P%F8%EDloha.pdf", {"filename": "Příloha.pdf"}),
        ("a; filename*=P%C5%99%C3%ADloha.pdf", {"filename": "Příloha.pdf"}),
        ("a; filename*1=b; filename*0=a; filename*2=c", {"filename": "abc"}),
        ("a; filename*0*=utf-8''P%C5; filename*1*=%99%C3%AD; filename*2=loha", {"filename": "Příloha"}),
        ("a; filename=plain.pdf; filename*=utf-8''lep%C5%A1%C3%AD.pdf", {"filename": "lepší.pdf"}),
        ("a; filename*=x-podivne''%C5%99", {"filename": "ř"}),
        ("a; filename*=utf-8''%ZZ%4", {"filename": "%ZZ%4"}),
        ("text/plain charset=utf-8", {"charset": "utf-8"}),
        ("text/plain, charset=utf-8", {"charset": "utf-8"}),
        ("charset=utf-8", {"charset": "utf-8"}),
        ("text/plain;charset=us-ascii (Plain text)", {"charset": "us-ascii"}),
        ('text/plain; charset="utf-8" (Unicode); format=flowed', {"charset": "utf-8", "format": "flowed"}),
        ("text/plain; charset=utf-8 format=flowed", {"charset": "utf-8", "format": "flowed"}),
        ('a/b name="a b.pdf" x=y', {"name": "a b.pdf", "x": "y"}),
        ('a/b; name="a.pdf" filename="b.pdf"', {"name": "a.pdf", "filename": "b.pdf"}),
        ("a/b; charset = utf-8 ; ; =x; name", {"charset": "utf-8; =x; name"}),
        ('a/b; name="Smlouva "nová".pdf"', {"name": 'Smlouva "nová".pdf'}),
        ('a/b; name="Faktura" č. 5.pdf', {"name": "Faktura č. 5.pdf"}),
        ("a/b; name=Faktura (1).pdf", {"name": "Faktura (1).pdf"}),
        ("a/b; name=Faktura=5.pdf", {"name": "Faktura=5.pdf"}),
        ("a/b; name==?utf-8?q?a;b?=; x=y", {"name": "=?utf-8?q?a;b?=", "x": "y"}),
        ('a/b; name="=?utf-8?q?a?= =?utf-8?q?b?="', {"name": "=?utf-8?q?a?= =?utf-8?q?b?="}),
        ('a/b; boundary="----=_x;y"; type="a/b"', {"boundary": "----=_x;y", "type": "a/b"}),
        ("a/b; boundary=----=_Part_1_2.3", {"boundary": "----=_Part_1_2.3"}),
        ("a; filename *0*=utf-8''P%C5%99; filename *1=x", {"filename": "Přx"}),
        ("a; filename*2=c; filename*0=a", {"filename": "ac"}),
        ("a; filename*0=a; filename*0=x; filename*1=b", {"filename": "ab"}),
        ("a; filename*10=k; filename*9=j; filename*0=a", {"filename": "ajk"}),
        ("a; filename*1*=%99%C3%AD; filename*0*=utf-8'cs'P%C5", {"filename": "Pří"}),
        ('a; filename*0="utf-8\'\'P%C5"; filename*1="%99%C3%AD"', {"filename": "Pří"}),
        ('a; filename*0="=?utf-8?q?P=C5=99?="; filename*1=".pdf"', {"filename": "=?utf-8?q?P=C5=99?=.pdf"}),
        ("a; filename*=\"utf-8''P%C5%99.pdf\"", {"filename": "Př.pdf"}),
        ("a; filename*=''P%C5%99.pdf", {"filename": "Př.pdf"}),
        ("a; filename*=windows-1250''%9Alu%9E.pdf", {"filename": "šluž.pdf"}),
        ("a; filename*=utf-8''50%20%.pdf", {"filename": "50 %.pdf"}),
        ("a; filename=celé.pdf; filename*=utf-8''p%C5.pdf", {"filename": "celé.pdf"}),
        ("a; filename*=utf-8''o'clock.pdf", {"filename": "o'clock.pdf"}),
        ("a; filename*0*=utf-8''a; filename*1=%20b", {"filename": "a%20b"}),
    ],
)
def test_reads(value: str, expected: dict[str, str]) -> None:
    assert read_parameters(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("UTF-8''P%C5%99.pdf", "Př.pdf"),
        ("iso-8859-2'cs'P%F8.pdf", "Př.pdf"),
        ("P%C5%99%C3%ADloha.pdf", "Příloha.pdf"),
        ("100%25.pdf", "100%25.pdf"),
        ("sleva 50 %.pdf", "sleva 50 %.pdf"),
        ("a%C5b.pdf", "a%C5b.pdf"),
        ("Jan's 'x'%20.pdf", "Jan's 'x'%20.pdf"),
    ],
)
def test_names_written_as_the_web_writes_them_are_decoded(text: str, expected: str) -> None:
    assert decode_extended(text) == expected


@pytest.mark.parametrize(
    "piece", [";", '"', '\\"', 'a="', "a=b ", 'a="b" ', "a*1=x;", "=?a?q?", "=?a?q?;?=", "(", "a=(b) ; "]
)
def test_a_hostile_value_is_read_in_linear_time(piece: str) -> None:
    assert isinstance(read_parameters(f"a/b; x={piece * (262_144 // len(piece))}"), dict)
