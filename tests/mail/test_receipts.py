"""Read receipts as values."""

import pytest

from podatelna.mail.parse import parse
from podatelna.mail.receipts import Receipt, read_receipt

RECEIPT = """From: Petr <petr@firma.cz>
Subject: Read: Offer
Content-Type: multipart/report; report-type=disposition-notification; boundary=b

--b
Content-Type: text/plain

Your message was displayed.
--b
Content-Type: message/disposition-notification

Reporting-UA: firma.cz; Outlook
Original-Recipient: rfc822;info@firma.cz
Final-Recipient: rfc822; petr@firma.cz
Original-Message-ID: <1@acme.cz>
Disposition: manual-action/MDN-sent-manually;
 displayed/error
--b--
"""


def receipt(raw: str) -> Receipt | None:
    return read_receipt(parse(raw.encode()))


def test_a_receipt_says_who_and_what() -> None:
    assert receipt(RECEIPT) == Receipt("petr@firma.cz", "displayed", "1@acme.cz")


@pytest.mark.parametrize("said", ["deleted", "Denied", "dispatched", "processed", "failed"])
def test_what_became_of_it(said: str) -> None:
    found = receipt(RECEIPT.replace("displayed/error", said))
    assert found is not None
    assert found.disposition == said.lower()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("displayed/error", "nonsense", Receipt("petr@firma.cz", "", "1@acme.cz")),
        ("Final-Recipient: rfc822; petr@firma.cz\n", "", Receipt("info@firma.cz", "displayed", "1@acme.cz")),
        ("Original-Message-ID: <1@acme.cz>\n", "", Receipt("petr@firma.cz", "displayed", "")),
        ("message/disposition-notification", "text/plain", Receipt("petr@firma.cz", "", "")),
    ],
)
def test_receipts_that_say_less(old: str, new: str, expected: Receipt) -> None:
    assert receipt(RECEIPT.replace(old, new)) == expected


def test_a_letter_is_none() -> None:
    assert receipt("From: petr@firma.cz\nSubject: Offer\n\nI have read it.\n") is None
