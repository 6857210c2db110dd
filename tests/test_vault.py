"""Secrets at rest."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from podatelna import vault

KEY = bytes(range(32))


def test_what_is_sealed_is_unsealed() -> None:
    assert vault.unseal(vault.seal("žluťoučký kůň", KEY, "gateway:imap"), KEY, "gateway:imap") == "žluťoučký kůň"


def test_the_secret_is_not_in_what_is_stored() -> None:
    assert b"hunter2" not in vault.seal("hunter2", KEY, "gateway:imap")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    assert vault.seal("hunter2", KEY, "gateway:imap") != vault.seal("hunter2", KEY, "gateway:imap")


def test_a_secret_does_not_open_in_another_context() -> None:
    sealed = vault.seal("hunter2", KEY, "gateway:imap")
    with pytest.raises(vault.Unreadable):
        vault.unseal(sealed, KEY, "gateway:smtp")


def test_a_secret_does_not_open_with_another_key() -> None:
    sealed = vault.seal("hunter2", KEY, "gateway:imap")
    with pytest.raises(vault.Unreadable):
        vault.unseal(sealed, KEY[::-1], "gateway:imap")


@pytest.mark.parametrize("place", [0, 1, 13, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    sealed = bytearray(vault.seal("hunter2", KEY, "gateway:imap"))
    sealed[place] ^= 1
    with pytest.raises(vault.Unreadable):
        vault.unseal(bytes(sealed), KEY, "gateway:imap")


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x01" + bytes(12), b"hunter2"])
def test_rubbish_is_unreadable(rubbish: bytes) -> None:
    with pytest.raises(vault.Unreadable):
        vault.unseal(rubbish, KEY, "gateway:imap")


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret.key"
    key = vault.read_or_make_key(path)
    assert len(key) == 32
    assert vault.read_or_make_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_processes_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(vault.read_or_make_key, [tmp_path / "secret.key"] * 16)
    assert len(set(keys)) == 1


@pytest.mark.parametrize("content", [b"", b"hello", b"ab" * 31, b"\xff\xfe" * 32])
def test_a_broken_key_file_is_refused_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(vault.Unreadable):
        vault.read_or_make_key(path)
    assert path.read_bytes() == content


def test_two_purposes_have_two_keys() -> None:
    assert vault.derive(KEY, "django") != vault.derive(KEY, "vault 1")


# --- content keys ----------------------------------------------------------------------------------------


def test_content_keys_are_read_by_number() -> None:
    text = f"# of the archive\n1:{'ab' * 32}\n\n12:{'CD' * 32}  3:{'00' * 32}\n"
    assert vault.read_content_keys(text) == {1: bytes([0xAB] * 32), 12: bytes([0xCD] * 32), 3: bytes(32)}
    assert vault.read_content_keys("") == {}


@pytest.mark.parametrize(
    "text",
    ["ab" * 32, f"0:{'ab' * 32}", f"x:{'ab' * 32}", f"1:{'ab' * 31}", f"1:{'ab' * 33}", f"1:{'zz' * 32}", "1:",
     f"1:{'ab' * 32} 1:{'cd' * 32}", f"10000:{'ab' * 32}"],
)  # fmt: skip
def test_what_is_no_content_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(vault.Unreadable) as refused:
        vault.read_content_keys(text)
    assert "abab" not in str(refused.value)


def test_a_fresh_content_key_is_the_next_and_nobody_elses_business(tmp_path: Path) -> None:
    file = tmp_path / "content.keys"
    assert [vault.add_content_key(file) for _ in range(3)] == [1, 2, 3]
    assert len(set(vault.read_content_keys(file.read_text()).values())) == 3
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["content.keys"]
