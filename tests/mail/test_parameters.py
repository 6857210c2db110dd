"""Parameters of Content-Type and Content-Disposition."""

import pytest

from podatelna.mail.parameters import read_parameters


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
    ],
)
def test_reads(value: str, expected: dict[str, str]) -> None:
    assert read_parameters(value) == expected
