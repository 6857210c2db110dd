"""What counts as this very machine, and what each way of not getting through is called."""

import socket

import pytest

from podatelna.protocols import errors
from podatelna.protocols.network import Timeouts, check_security, dial, is_loopback, resolve

QUICK = Timeouts(connect=0.3, read=0.3)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.9.8.7", "::1", "[::1]"])
def test_plaintext_is_allowed_to_this_machine(host: str) -> None:
    assert is_loopback(host)
    check_security(host, "none")


@pytest.mark.parametrize(
    "host",
    ["imap.example.com", "localhost.example.com", "128.0.0.1", "10.0.0.1", "0.0.0.0", "127.0.0.1.example.com", ""],
)
def test_plaintext_is_refused_to_any_other(host: str) -> None:
    with pytest.raises(errors.PlaintextRefused):
        check_security(host, "none")
    check_security(host, "tls")
    check_security(host, "starttls")


@pytest.mark.parametrize("host", ["no-such-host.invalid", "", "a" * 300 + ".example", "nul\0name"])
def test_a_name_that_is_none(host: str) -> None:
    with pytest.raises(errors.ServerError) as caught:
        resolve(host, 993)
    assert caught.value.code == "name-not-found"


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port meanwhile
        with pytest.raises(errors.Refused):
            dial("127.0.0.1", taken.getsockname()[1], QUICK)


def test_details_are_printable_and_short() -> None:
    error = errors.ServerSaidNo("bad\0\r\n\x1b[31mthing" + "x" * 100_000)
    assert error.detail.startswith("bad [31mthing")
    assert len(error.detail) == 500
