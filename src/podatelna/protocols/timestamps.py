"""Time-stamps by RFC 3161: ask a server over HTTP, and check that its answer is about our bytes and rightly signed."""

from __future__ import annotations

import hashlib
import ssl
import urllib.error
import urllib.request
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import TimeStampRequest

_TIMEOUT_SECONDS = 20.0
_LONGEST_ANSWER = 1_000_000


class TimestampFailed(Exception):
    """No time-stamp; the words say why: not reached, refused, or an answer that does not hold."""


def ask(url: str, data: bytes, roots: list[x509.Certificate]) -> tuple[bytes, datetime]:
    """A time-stamp over the SHA-256 of `data` from the server at `url`: its answer (DER) and the time it states, UTC.

    The answer is checked: it is about these bytes and this request (nonce), and signed by a certificate for
    time-stamping below one of `roots`. Raises TimestampFailed.
    """
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = _post(url, request.as_bytes())
    return answer, check(answer, data, roots, request)


def check(
    answer: bytes, data: bytes, roots: list[x509.Certificate], request: TimeStampRequest | None = None
) -> datetime:
    """The time that the time-stamp `answer` states for `data`; with `request`, its nonce must be there too.

    Raises TimestampFailed when it is about other bytes, or not rightly signed.
    """
    if not roots:
        raise TimestampFailed("no certificates are known that a time-stamp could be checked against")
    builder = VerifierBuilder.from_request(request) if request else VerifierBuilder()
    for certificate in roots:
        builder = builder.add_root_certificate(certificate)
    try:
        response = decode_timestamp_response(_with_certificates_in_order(answer))
        builder.build().verify(response, _digest(response.tst_info.message_imprint.hash_algorithm.dotted_string, data))
        return response.tst_info.gen_time
    except (ValueError, VerificationError) as error:
        raise TimestampFailed(f"the server's answer does not hold: {error}") from error


def check_imprint(answer: bytes, data: bytes) -> datetime:
    """The time that `answer` states for `data`, whoever signed it.

    Raises TimestampFailed when it is about other bytes.
    """
    try:
        info = decode_timestamp_response(_with_certificates_in_order(answer)).tst_info
    except ValueError as error:
        raise TimestampFailed(f"the server's answer does not hold: {error}") from error
    imprint = info.message_imprint
    if imprint.message != _digest(imprint.hash_algorithm.dotted_string, data):
        raise TimestampFailed("the server's answer is about something else")
    return info.gen_time


def _with_certificates_in_order(answer: bytes) -> bytes:
    """The answer with its certificates sorted as DER has a SET OF (X.690 11.6).

    OpenSSL, which signs for many servers, leaves them as they were added, and the parser refuses that. They stand
    outside of what is signed, and the lengths stay the same.
    """
    try:
        token = _members(answer, (0, len(answer)))[1]  # TimeStampResp, RFC 3161 2.4.2
        signed = _members(answer, _members(answer, _members(answer, token)[1])[0])  # ContentInfo, RFC 5652 3
        # SignedData, RFC 5652 5.1: version, digestAlgorithms, encapContentInfo, then [0] certificates.
        start, end = signed[3]
        if answer[start] != 0xA0:
            return answer
        certificates = [answer[slice(*span)] for span in _members(answer, (start, end))]
    except (IndexError, ValueError):
        return answer  # the parser says what is wrong with it
    first = end - sum(map(len, certificates))
    return answer[:first] + b"".join(sorted(certificates)) + answer[end:]


def _members(data: bytes, element: tuple[int, int]) -> list[tuple[int, int]]:
    """The spans of what an element of DER holds. Raises ValueError or IndexError on what is no DER."""
    start, end = element
    position = _content_start(data, start)
    found = []
    while position < end:
        content = _content_start(data, position)
        length = data[position + 1]
        if length & 0x80:
            length = int.from_bytes(data[position + 2 : content], "big")
        if content + length > end:
            raise ValueError("longer than what holds it")
        found.append((position, content + length))
        position = content + length
    return found


def _content_start(data: bytes, start: int) -> int:
    length = data[start + 1]
    if length & 0x80 and not 1 <= length & 0x7F <= 4:
        raise ValueError("no length that DER allows")
    return start + 2 + (length & 0x7F if length & 0x80 else 0)


def _digest(algorithm: str, data: bytes) -> bytes:
    if algorithm != "2.16.840.1.101.3.4.2.1":
        raise TimestampFailed("the server's answer does not use SHA-256, as it was asked to")
    return hashlib.sha256(data).digest()


def read_certificates(path: Path | None) -> list[x509.Certificate]:
    """The certificates (PEM) in the file at `path`; without one, those that this machine trusts.

    Raises TimestampFailed when there are none to be read.
    """
    place = str(path) if path else ssl.get_default_verify_paths().cafile
    if place is None:
        raise TimestampFailed("this machine has no list of trusted certificates")
    try:
        return x509.load_pem_x509_certificates(Path(place).read_bytes())
    except (OSError, ValueError) as error:
        raise TimestampFailed(f"{place}: {error}") from error


def _post(url: str, body: bytes) -> bytes:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise TimestampFailed("the server's address must begin with http:// or https://")
    # RFC 3161 3.4: the types of request and answer.
    request = urllib.request.Request(url, body, {"Content-Type": "application/timestamp-query"})  # noqa: S310  # checked
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310  # checked above
            answer: bytes = response.read(_LONGEST_ANSWER + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise TimestampFailed(f"the server could not be asked: {error}") from error
    if len(answer) > _LONGEST_ANSWER:
        raise TimestampFailed("the server's answer is too long")
    return answer
