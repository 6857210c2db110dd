"""What is packed comes out as it went in, for any bytes, base, dictionary and key; what was changed is noticed."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache

import pytest
import zstandard
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from podatelna.archive import compression, sealing
from podatelna.archive.compression import Trained, frame, pack, pack_like, train, unpack
from podatelna.archive.errors import Damaged, KeyMissing

from .mails import a_message

KEYS = "1:" + "11" * 32, "2:" + "22" * 32
HEADER = (b"Received: from mx.example.org by mail.acme.cz with ESMTPS\r\n" * 5) + b"Subject: x\r\n\r\n"


@cache
def trained() -> Trained:
    return train([a_message(f"Order {number}", "Dobrý den. " * (number % 9)) for number in range(500)], 8000, 7)


def find(number: int) -> Trained:
    return {7: trained()}[number]


def never(number: int) -> Trained:
    raise AssertionError(f"dictionary {number} was asked for")


DATA = st.one_of(st.binary(max_size=500), st.binary(max_size=50).map(lambda data: data * 200), st.just(HEADER))


@examples(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=DATA, base=DATA)
@example(data=b"", base=b"")
@example(data=b"", base=HEADER)
@example(data=HEADER, base=b"short")
@example(data=HEADER + b"\x00", base=HEADER)
@example(data=b"\x28\xb5\x2f\xfd", base=b"\x37\xa4\x30\xec" + HEADER)  # zstd's own magic numbers
def test_any_bytes_come_out_as_they_went_in(data: bytes, base: bytes) -> None:
    assert unpack(frame(data), never) == data
    assert unpack(pack(data), never) == data
    assert unpack(pack(data, trained()), find) == data
    assert unpack(pack_like(data, base), never, base) == data
    assert unpack(pack_like(data, base, trained()), find, base) == data


def test_the_same_takes_nothing_and_the_alike_very_little() -> None:
    copy = b"Delivered-To: jana@acme.cz\r\n" + HEADER + os.urandom(8)
    assert pack_like(HEADER, HEADER) == b""
    assert len(pack_like(copy, HEADER)) < 60


def test_what_does_not_shrink_takes_one_byte_more() -> None:
    data = os.urandom(1000)
    assert len(pack(data)) == len(pack(data, trained())) == 1001


def test_a_large_content_is_read_by_any_zstd() -> None:
    data = a_message() * 1000
    assert zstandard.ZstdDecompressor().decompress(frame(data)) == data


def test_a_dictionary_of_its_kind_of_mail_halves_a_short_one() -> None:
    mail = a_message("Order 17", "Dobrý den, posílám objednávku.")
    assert len(pack(mail, trained())) < len(pack(mail)) / 2


@pytest.mark.parametrize("packed", [b"", b"\x07abc", b"\x01", b"\x01abc", b"\x28\xb5\x2f\xfdabc", b"\x02abc"])
def test_what_was_not_packed_here_is_refused(packed: bytes) -> None:
    with pytest.raises((ValueError, zstandard.ZstdError)):
        unpack(packed, never)


@examples(deadline=None)
@given(place=st.integers(0, 200), octet=st.integers(1, 255))
def test_a_changed_byte_never_ends_the_process(place: int, octet: int) -> None:
    packed = bytearray(pack(HEADER, trained()))
    packed[place % len(packed)] ^= octet
    # What can still be unpacked is told by its hash, one level up.
    with suppress(ValueError, zstandard.ZstdError, KeyError):
        unpack(bytes(packed), find)


# --- sealed ----------------------------------------------------------------------------------------------


@pytest.fixture
def keys(settings: Settings) -> Settings:
    settings.CONTENT_KEYS = KEYS[0]
    return settings


def test_without_a_key_nothing_is_sealed() -> None:
    assert sealing.current_key() == 0
    assert sealing.seal(b"packed", b"", 0) == b"packed"


@examples(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(packed=st.binary(max_size=200), context=st.binary(max_size=50))
def test_what_is_sealed_opens_in_its_context_alone(keys: Settings, packed: bytes, context: bytes) -> None:
    sealed = sealing.seal(packed, context, 1)
    assert sealing.key_of(sealed) == 1
    assert sealing.unseal(sealed, context) == packed
    with pytest.raises(Damaged):
        sealing.unseal(sealed, context + b"another row")


def test_two_seals_of_the_same_are_different_and_show_nothing(keys: Settings) -> None:
    one, two = (sealing.seal(b"a secret word", b"", 1) for _ in range(2))
    assert one != two
    assert b"secret" not in one + two


def test_a_changed_byte_of_what_is_sealed_is_noticed(keys: Settings) -> None:
    sealed = sealing.seal(b"packed", b"", 1)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        if place:
            with pytest.raises(Damaged):
                sealing.unseal(bytes(changed), b"")


def test_the_highest_key_writes_and_all_read(keys: Settings) -> None:
    old = sealing.seal(b"packed", b"", sealing.current_key())
    keys.CONTENT_KEYS = " ".join(KEYS)
    assert sealing.current_key() == 2
    assert sealing.unseal(old, b"") == b"packed"


def test_a_missing_key_is_said_by_its_number(keys: Settings) -> None:
    sealed = sealing.seal(b"packed", b"", 1)
    keys.CONTENT_KEYS = KEYS[1]
    with pytest.raises(KeyMissing, match="key 1"):
        sealing.unseal(sealed, b"")


def test_names_in_the_blob_store_tell_nothing_without_the_key(keys: Settings) -> None:
    digest = bytes(range(32))
    assert sealing.name_of(digest, 0) == digest.hex()
    first = sealing.name_of(digest, 1)
    keys.CONTENT_KEYS = " ".join(KEYS)
    assert len({digest.hex(), first, sealing.name_of(digest, 2)}) == 3
    assert sealing.name_of(digest, 1) == first
    assert compression.PLAIN != sealing.SEALED
