"""Names of attachments made safe."""

import pytest

from podatelna.mail.filenames import MAX_BYTES, safe_filename


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("faktura.pdf", "faktura.pdf"),
        ("Účtenka – říjen.pdf", "Účtenka – říjen.pdf"),
        ("Faktura 55/2026.pdf", "Faktura 55_2026.pdf"),
        ("u\u0301c\u030ctenka.pdf", "účtenka.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\Users\\Jana\\faktura.pdf", "faktura.pdf"),
        ("/etc/passwd", "passwd"),
        ("~/.ssh/id_rsa", "id_rsa"),
        (".htaccess", "htaccess"),
        ("..", ""),
        ("", ""),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.pdf", "_com1.pdf"),
        ("console.pdf", "console.pdf"),
        ("a\r\nb\x00c.pdf", "a bc.pdf"),
        ("faktura\u202efdp.exe", "fakturafdp.exe"),
        ('a<b>:"c|d?*.pdf', "a_b___c_d__.pdf"),
        ("faktura.pdf. . ", "faktura.pdf"),
        ("a\ud800b.pdf", "a�b.pdf"),
        ("sleva 50 %.pdf", "sleva 50 %.pdf"),
        ("faktura.pdf                         .exe", "faktura.pdf .exe"),
        ("con .txt", "_con .txt"),
        ("LPT¹.doc", "_LPT¹.doc"),
        ("aux.tar.gz", "_aux.tar.gz"),
        ("\u202ecod.exe", "cod.exe"),
        ("smlouva\u200b.pdf", "smlouva.pdf"),
        ("a\uff0fb\u2215c.pdf", "a_b_c.pdf"),
        ("\\\\server\\sdílené\\plán.xlsx", "plán.xlsx"),
        ("file:///home/jana/plán.xlsx", "plán.xlsx"),
        ("složka/plán.xlsx", "složka_plán.xlsx"),
        ("Re: smlouva?.pdf", "Re_ smlouva_.pdf"),
        ("\t \n", ""),
        ("...", ""),
        (
            "family \U0001f468\u200d\U0001f469\u200d\U0001f467.jpg",
            "family \U0001f468\u200d\U0001f469\u200d\U0001f467.jpg",
        ),
        ("می\u200cخواهم.pdf", "می\u200cخواهم.pdf"),
    ],
)
def test_is_safe(name: str, expected: str) -> None:
    assert safe_filename(name) == expected


def test_a_long_name_keeps_its_extension() -> None:
    made = safe_filename("ž" * 500 + ".tar.pdf")

    assert made == "ž" * 98 + ".pdf"
    assert len(made.encode()) == MAX_BYTES


def test_a_long_extension_is_none() -> None:
    assert len(safe_filename("a." + "b" * 5000)) == 150
