"""Posting to a webhook: signed, bounded, and never where it must not go."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from podatelna.protocols import errors, webhooks
from podatelna.protocols.network import Timeouts, is_public
from podatelna.protocols.webhooks import WebhookFailed, WebhookRefused, check_url, post
from tests.servers import make_certificate

AT = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
SECRET = "a secret of sixteen"


@dataclass
class Hook:
    """A receiver of webhooks on loopback: what came, and the status it answers with."""

    port: int = 0
    status: int = 204
    came: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[Hook]:
    yield from served(Hook())


def served(hook: Hook, certificate: object = None) -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.came.append((self.path, dict(self.headers), body))
            self.send_response(hook.status)
            if 300 <= hook.status < 400:
                self.send_header("Location", f"http://127.0.0.1:{hook.port}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        server.socket = certificate.serving().wrap_socket(server.socket, server_side=True)  # type: ignore[attr-defined]  # tests.servers.Certificate
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield hook
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_is_posted_is_signed_json(hook: Hook) -> None:
    payload = {"id": "notice-7", "event": "alarm.begun", "happened": "Žluťoučký disk je plný."}
    assert post(f"http://127.0.0.1:{hook.port}/hook?x=1", payload, SECRET, at=AT, internal=True) == 204
    path, headers, body = hook.came[0]
    assert path == "/hook?x=1"
    assert json.loads(body) == payload
    assert headers["Content-Type"].startswith("application/json")
    assert (headers["X-Podatelna-Id"], headers["X-Podatelna-Event"]) == ("notice-7", "alarm.begun")
    stamp = str(int(AT.timestamp()))
    proof = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Podatelna-Signature"] == f"t={stamp},v1={proof}"
    assert SECRET.encode() not in body


@pytest.mark.parametrize("status", [301, 307, 400, 500])
def test_any_other_answer_than_2xx_fails_and_no_redirect_is_followed(hook: Hook, status: int) -> None:
    hook.status = status
    with pytest.raises(WebhookFailed, match=f"HTTP {status}"):
        post(f"http://127.0.0.1:{hook.port}/", {}, SECRET, at=AT, internal=True)
    assert [path for path, _, _ in hook.came] == ["/"]


def test_an_internal_host_is_dialled_only_where_that_is_allowed(hook: Hook) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"):
        with pytest.raises(WebhookRefused):
            post(f"https://{host}:{hook.port}/", {}, SECRET, at=AT)
    assert hook.came == []


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "127.0.0.1", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "ff02::1"],
)  # fmt: skip
def test_addresses_of_internal_networks_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_addresses_of_the_public_internet_are_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["ftp://hook.example.com/", "https://", "https://user:pass@hook.example.com/", "http://hook.example.com/",
     "https://hook.example.com:99999/", "https://hook.example.com/a b", "https://[::1", "https://hook.example.com:0/",
     "https://hook.example.com/\r\nX: y", "https://" + "a" * 600],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(WebhookRefused):
        check_url(url, internal=False)


def test_a_certificate_is_verified(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    for hook in served(Hook(), certificate):
        url = f"https://localhost:{hook.port}/"
        with pytest.raises(errors.CertificateRefused):
            post(url, {}, SECRET, at=AT, internal=True)
        assert post(url, {}, SECRET, at=AT, internal=True, context=certificate.trusting()) == 204


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(WebhookFailed, match="TimeoutError"):
            post(f"http://127.0.0.1:{port}/", {}, SECRET, at=AT, internal=True, timeouts=Timeouts(1.0, 0.1))


def test_a_server_that_gives_a_byte_now_and_then_is_given_up_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_ALTOGETHER_SECONDS", 0.3)
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                while not over.wait(0.02):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(WebhookFailed):
            post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, SECRET, at=AT, internal=True)
        over.set()
        thread.join()
