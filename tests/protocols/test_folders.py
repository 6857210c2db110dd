"""Names of folders between people and servers."""

import pytest

from podatelna.protocols.folders import decode, encode, read_list


@pytest.mark.parametrize("name", ["INBOX", "Odeslaná pošta", "A & B", "受信箱", 'a"b\\c', "smeták/🗑", "line\r\nbreak"])
def test_a_name_survives_the_way_there_and_back(name: str) -> None:
    assert encode(name).isascii()
    assert b"\r" not in encode(name)
    assert decode(encode(name)) == name


@pytest.mark.parametrize("raw", [b"\xc4\x8desk\xc3\xa1", b"&AGE-", b"&!!-", b"&Jjo"])
def test_a_name_that_could_not_be_sent_back_is_none(raw: bytes) -> None:
    assert decode(raw) is None


def test_list_puts_inbox_first_and_finds_special_uses() -> None:
    found = read_list(
        [
            ((b"\\HasNoChildren", b"\\Sent"), b"/", encode("Odchozí")),
            ((), b".", b"INBOX.Sent Items"),
            ((b"\\Noselect",), b"/", b"[Gmail]"),
            ((), None, "2026"),
            ((), b"/", b"INBOX"),
            ((), b"/", b"\xff"),
            ((), b"/", None),
        ]
    )
    assert [row.name for row in found] == ["INBOX", "2026", "[Gmail]", "INBOX.Sent Items", "Odchozí"]
    assert {row.name: row.special for row in found if row.special} == {"Odchozí": "sent", "INBOX.Sent Items": "sent"}
    assert [row.name for row in found if not row.selectable] == ["[Gmail]"]
    assert found[3].label == "Sent Items"
