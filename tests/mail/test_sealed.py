"""Signed and encrypted mail: noticed, and read where it was only signed."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID

from podatelna.mail.parse import Parsed, parse
from podatelna.mail.sealed import find_seals, is_wrapping, open_signed, without_armour

INNER = (
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    "Podepsáno.\r\n"
    "--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--b--\r\n"
).encode()


def signed(content: bytes) -> bytes:
    """A CMS block as programs write it, DER throughout."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jana")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    return (
        PKCS7SignatureBuilder()
        .set_data(content)
        .add_signer(certificate, key, hashes.SHA256())
        .sign(Encoding.DER, [PKCS7Options.Binary])
    )


def streamed(content: bytes) -> bytes:
    """A CMS block as programs write it that do not know its length yet: BER with end marks, and in pieces."""
    pieces = b"".join(b"\x04\x82" + len(one).to_bytes(2, "big") + one for one in (content[:9], content[9:]))
    data = bytes.fromhex("06092a864886f70d010701")
    inside = b"\x02\x01\x01" + b"\x31\x80\x30\x0b\x06\x09" + b"x" * 9 + b"\0\0" + b"\x30\x80" + data
    inside += b"\xa0\x80\x24\x80" + pieces + b"\0\0\0\0\0\0"
    return b"\x30\x80" + bytes.fromhex("06092a864886f70d010702") + b"\xa0\x80\x30\x80" + inside + b"\0\0\0\0\0\0"


def mail(block: bytes, kind: str = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m") -> Parsed:
    return parse(f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n".encode() + base64.encodebytes(block))


@pytest.mark.parametrize("write", [signed, streamed])
def test_the_message_inside_of_a_signed_block_is_read(write: object) -> None:
    assert callable(write)
    parsed = mail(write(INNER))

    assert parsed.text == "Podepsáno."
    assert [(part.position, part.filename, part.is_attachment) for part in parsed.parts] == [
        (0, "smime.p7m", False),
        (1, "", False),
        (2, "a.pdf", True),
    ]
    assert parsed.parts[0].content.startswith(b"\x30")
    assert parsed.parts[2].content == b"%PDF"


def test_signed_twice_is_opened_twice_and_no_further() -> None:
    assert open_signed(signed(signed(b"x"))) == b"x"
    assert open_signed(signed(signed(signed(signed(b"x"))))).startswith(b"\x30")  # type: ignore[union-attr]  # not None


@pytest.mark.parametrize("length", range(0, 400, 13))
def test_a_block_that_is_cut_off_never_raises(length: int) -> None:
    for block in (signed(INNER), streamed(INNER)):
        inner = open_signed(block[:length])
        assert inner is None or INNER.startswith(inner)


def test_what_is_encrypted_stays_an_attachment() -> None:
    block = b"\x30\x80" + bytes.fromhex("06092a864886f70d010703") + b"\xa0\x80x"
    parsed = mail(block)

    assert (parsed.text, [part.is_attachment for part in parsed.parts]) == ("", [True])
    assert find_seals(parsed.parts, parsed.text) == ("smime-encrypted",)


@pytest.mark.parametrize(
    ("raw", "seals"),
    [
        (b"Content-Type: application/pkcs7-signature\n\nx", ("smime-signed",)),
        (b"Content-Type: application/pgp-signature\n\nx", ("pgp-signed",)),
        (b"Content-Type: application/pgp-encrypted\n\nVersion: 1", ("pgp-encrypted",)),
        (b"\n-----BEGIN PGP MESSAGE-----\n\nx", ("pgp-encrypted",)),
        (b"\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx", ("pgp-signed",)),
        (b"Content-Type: application/pkcs7-mime\n\nx", ()),
        (b"\nx", ()),
    ],
)
def test_seals_are_noticed(raw: bytes, seals: tuple[str, ...]) -> None:
    parsed = parse(raw)

    assert find_seals(parsed.parts, parsed.text) == seals
    assert find_seals(mail(signed(INNER)).parts, "") == ("smime-signed",)


CLEAR = """Before.
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Hello,
- -----not a mark-----
Jana

-----BEGIN PGP SIGNATURE-----

iQEzBAEBCAAdFiEE
=abcd
-----END PGP SIGNATURE-----
After.
"""


def test_inline_signatures_are_left_out_of_the_text() -> None:
    assert without_armour(CLEAR) == "Before.\nHello,\n-----not a mark-----\nJana\n\nAfter.\n"
    assert find_seals((), CLEAR) == ("pgp-signed",)


@pytest.mark.parametrize(
    "text",
    [
        "Hello\n",
        CLEAR.replace("-----END PGP SIGNATURE-----", ""),
        "-----BEGIN PGP MESSAGE-----\n\nabc\n",
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nno signature\n",
        "> -----BEGIN PGP MESSAGE-----\n> abc\n> -----END PGP MESSAGE-----\n",
    ],
)
def test_text_with_half_an_armour_is_left_as_it_is(text: str) -> None:
    assert without_armour(text) == text


def test_an_armoured_message_is_left_out_and_what_stands_beside_it_stays() -> None:
    text = "Read this:\n-----BEGIN PGP MESSAGE-----\nVersion: 1\n\nhQEMA\n=xx\n-----END PGP MESSAGE-----\nJana\n"
    assert without_armour(text) == "Read this:\nJana\n"
    assert find_seals((), text) == ("pgp-encrypted",)


def test_nothing_can_be_hidden_among_the_lines_of_an_armour() -> None:
    text = CLEAR.replace("Hash: SHA256\n", "Hash: SHA256\nPay to: 123456/0100\n")
    assert "Pay to: 123456/0100" in without_armour(text)


def test_text_of_which_programs_and_people_speak_is_not_sealed() -> None:
    assert find_seals((), "> -----BEGIN PGP MESSAGE-----\nWhat is -----BEGIN PGP SIGNED MESSAGE-----?\n") == ()


def test_signatures_and_what_is_encrypted_are_no_files() -> None:
    raw = b"""Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

x
--b
Content-Type: application/pgp-signature; name=signature.asc

-----BEGIN PGP SIGNATURE-----
--b
Content-Type: application/octet-stream; name=encrypted.asc

-----BEGIN PGP MESSAGE-----
--b
Content-Type: application/pkcs7-mime; name=smime.p7m

no block at all
--b
Content-Type: application/pdf; name=a.pdf

%PDF
--b--
"""
    assert [(part.filename, is_wrapping(part)) for part in parse(raw).parts[1:]] == [
        ("signature.asc", True), ("encrypted.asc", True), ("smime.p7m", False), ("a.pdf", False),
    ]  # fmt: skip
