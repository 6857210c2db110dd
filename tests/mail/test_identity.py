"""What makes two messages the same one, and how they name each other."""

import pytest

from podatelna.mail.identity import find_message_ids, fingerprint, new_message_id

MESSAGE = (
    b"Received: from a\r\nFrom: jana@acme.cz\r\nTo: helpdesk@firma.cz\r\nSubject: Reklamace\r\n pracky\r\n"
    b"Message-ID: <1@acme.cz>\r\n"
    b"Date: Mon, 5 Jan 2026 09:14:00 +0100\r\n\r\nText\r\n"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Received: from a\r\n", b""),
        (b"Received: from a\r\n", b"Return-Path: <x@y>\r\nReceived: from b\r\nX-Spam: no\r\nDelivered-To: z\r\n"),
        (b"Received: from a", b"DKIM-Signature: v=1;\r\n a=rsa\r\nAuthentication-Results: x\r\nARC-Seal: y"),
        (b"Subject: Reklamace\r\n pracky", b"subject:  Reklamace pracky"),
        (b"Received: from a\r\n", b"From x Mon\r\nContent-Length: 6\r\nStatus: RO\r\n"),
    ],
)
def test_relays_and_mailboxes_do_not_make_another_message(old: bytes, new: bytes) -> None:
    assert fingerprint(MESSAGE.replace(old, new, 1)) == fingerprint(MESSAGE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Text", b"Jiny text"),
        (b"Reklamace", b"Objednavka"),
        (b"To: helpdesk", b"To: obchod"),
        (b"<1@acme.cz>", b"<2@acme.cz>"),
        (b"\r\n\r\nText", b"\r\nContent-Type: text/html\r\n\r\nText"),
        (b"09:14", b"09:15"),
    ],
)
def test_another_message_is_another_though_it_shares_its_message_id(old: bytes, new: bytes) -> None:
    assert fingerprint(MESSAGE.replace(old, new, 1)) != fingerprint(MESSAGE)


def test_fields_cannot_be_moved_into_each_other() -> None:
    one = fingerprint(b"Subject: a\nTo: b\n\n")

    assert one != fingerprint(b"Subject: a to:1:b\n\n")
    assert one != fingerprint(b"Subject: a\n\nTo: b\n\n")


def test_new_message_ids_differ_and_are_valid() -> None:
    made = {new_message_id("acme.cz") for _ in range(1000)}

    assert len(made) == 1000
    assert all(find_message_ids(f"<{one}>") == (one,) and one.endswith("@acme.cz") for one in made)
