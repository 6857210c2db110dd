"""Names stand in the order of a Czech dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from podatelna.contacts.ordering import czech_key


def test_czech_letters_stand_in_their_places() -> None:
    names = ["3M", "Adam", "Cyril", "Čapek", "Dana", "Hora", "Charvát", "Ivan", "Novák", "Nováková", "Řehoř", "Sýkora"]
    names += ["Šimek", "Zeman", "Žák", "東京"]
    keys = [czech_key(name) for name in names]
    assert keys == sorted(set(keys))


def test_words_come_before_longer_words() -> None:
    names = ["Nova Anna", "Nova Zita", "Novacek Adam"]
    keys = [czech_key(name) for name in names]
    assert keys == sorted(set(keys))


@given(st.text(max_size=400))
def test_key_is_plain_and_short(name: str) -> None:
    key = czech_key(name)
    assert len(key) <= 300
    assert key.isascii()
    assert not key or key.isalnum()
    assert key == key.lower()
