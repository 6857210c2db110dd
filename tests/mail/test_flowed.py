"""format=flowed, by the examples and rules of RFC 3676."""

import pytest

from podatelna.mail.flowed import unflow
from podatelna.mail.parse import parse


@pytest.mark.parametrize(
    ("flowed", "text"),
    [
        ("jedna \ndvě \ntři\nčtyři", "jedna dvě tři\nčtyři"),
        ("jedna\n\ndvě", "jedna\n\ndvě"),
        ("> cit \n> ace\nodpověď", "> citace\nodpověď".replace("cit", "cit ")),
        (">> dva \n>> dva\n> jedna \nnula", ">> dva dva\n> jedna \nnula"),
        (">>> tři\n>>>dál", ">>> tři\n>>> dál"),
        (" > nic necituje\n From začátku\n  dvě mezery", "> nic necituje\nFrom začátku\n dvě mezery"),
        ("text \n-- \nJana", "text \n-- \nJana"),
        ("-- \nJana \nNováková", "-- \nJana Nováková"),
        ("> text \n> -- \n> Jana", "> text \n> -- \n> Jana"),
        ("prázdný \n\nodstavec", "prázdný \n\nodstavec"),
        ("konec ", "konec "),
        ("", ""),
    ],
)
def test_paragraphs_are_joined(flowed: str, text: str) -> None:
    assert unflow(flowed, delete_space=False) == text


@pytest.mark.parametrize(
    ("flowed", "text"),
    [("日本 \n語", "日本語"), ("slovo  \ndalší", "slovo další"), ("> a \n> b", "> ab"), ("-- \na", "-- \na")],
)
def test_the_blank_of_the_break_is_deleted(flowed: str, text: str) -> None:
    assert unflow(flowed, delete_space=True) == text


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ("format=flowed", "a b"),
        ('FORMAT="Flowed"; DelSp="YES"', "ab"),
        ("format=fixed", "a \nb"),
        ("x=flowed; y=format", "a \nb"),
        ("format=flowed; delsp=no", "a b"),
    ],
)
def test_what_the_content_type_says(parameters: str, text: str) -> None:
    assert parse(f"Content-Type: text/plain; {parameters}\n\na \nb".encode()).text == text
