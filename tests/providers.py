"""A sign-in provider for tests (OAuth 2.0), on loopback: consents, codes for devices, tokens that rotate, and die."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

CLIENT, CLIENT_SECRET = "podatelna-client", "client-secret-of-acme"


@dataclass
class Code:
    """An authorisation code: what it was given for."""

    redirect_uri: str
    challenge: str


@dataclass
class Device:
    """A code that somebody types on another device; `answer` is the error until they allow it ("")."""

    user_code: str
    answer: str = "authorization_pending"


@dataclass
class Provider:
    """What it remembers, and how it behaves."""

    account: str = "helpdesk@acme.cz"
    rotates: bool = True  # each refresh token is good for one use, and a second one ends the permission (RFC 9700 4.14)
    seconds: int = 3600
    status: int = 200  # of every answer; another one: nothing but that
    refuses_client: bool = False
    gives_no_refresh: bool = False
    tells_secrets: bool = False  # error texts repeat what was sent
    denies: bool = False
    codes: dict[str, Code] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    alive: set[str] = field(default_factory=set)  # refresh tokens
    spent: set[str] = field(default_factory=set)
    access: set[str] = field(default_factory=set)
    asked: list[dict[str, str]] = field(default_factory=list)  # fields of every request to the token endpoint
    reused: int = 0
    url: str = ""
    slow: threading.Event | None = None  # the token endpoint waits for it
    reached: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def refreshes(self) -> int:
        """How often a refresh token was brought."""
        return sum(one["grant_type"] == "refresh_token" for one in self.asked)

    def revoke(self) -> None:
        """The person takes the permission back."""
        self.alive.clear()
        self.access.clear()

    def visit(self, url: str) -> str:
        """A person's browser goes to the authorisation address and consents; where it is sent back to."""
        opener = build_opener(_NoRedirects)
        with opener.open(url) as answer:
            assert answer.status == 302, answer.read()
            return str(answer.headers["Location"])

    def allow(self, user_code: str, answer: str = "") -> None:
        """A person types the code and allows it; or what else is answered from now on."""
        for device in self.devices.values():
            if device.user_code == user_code:
                device.answer = answer

    # --- what it answers

    def authorize(self, query: dict[str, str]) -> str:
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        if self.denies:
            return f"{query['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': query['state']})}"
        code = secrets.token_urlsafe(16)
        self.codes[code] = Code(query["redirect_uri"], query["code_challenge"])
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(fields)
        self.reached.set()
        if self.slow:
            self.slow.wait(20)
        if self.status != 200:
            return self.status, {}
        if self.refuses_client or fields.get("client_id") != CLIENT or fields.get("client_secret") != CLIENT_SECRET:
            return 401, self._error("invalid_client", fields)
        with self._lock:
            return {
                "authorization_code": self._code,
                "refresh_token": self._refresh,
                "urn:ietf:params:oauth:grant-type:device_code": self._device,
            }[fields["grant_type"]](fields)

    def device(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        code, user_code = secrets.token_urlsafe(16), secrets.token_hex(4).upper()
        self.devices[code] = Device(user_code)
        where = f"{self.url}/device"
        return 200, {
            "device_code": code, "user_code": user_code, "verification_uri": where, "expires_in": 900, "interval": 5,
        }  # fmt: skip

    def _code(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        code = self.codes.pop(fields["code"], None)
        digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
        made_for = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if code is None or code.challenge != made_for or code.redirect_uri != fields["redirect_uri"]:
            return 400, self._error("invalid_grant", fields)
        return 200, self._new()

    def _refresh(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        token = fields["refresh_token"]
        if token in self.spent:
            self.reused += 1
            self.revoke()
        if token not in self.alive:
            return 400, self._error("invalid_grant", fields)
        if not self.rotates:
            return 200, {**self._new(), "refresh_token": ""}
        self.alive.discard(token)
        self.spent.add(token)
        return 200, self._new()

    def _device(self, fields: dict[str, str]) -> tuple[int, dict[str, Any]]:
        device = self.devices.get(fields["device_code"])
        if device is None:
            return 400, self._error("expired_token", fields)
        return (400, self._error(device.answer, fields)) if device.answer else (200, self._new())

    def _new(self) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.access.add(access)
        self.alive.add(refresh)
        claims = base64.urlsafe_b64encode(json.dumps({"email": self.account}).encode()).rstrip(b"=").decode()
        given = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.seconds,
            "id_token": f"e30.{claims}.x",
        }
        return given if self.gives_no_refresh else {**given, "refresh_token": refresh}

    def _error(self, error: str, fields: dict[str, str]) -> dict[str, Any]:
        words = f"you sent {sorted(fields.values())}" if self.tells_secrets else "AADSTS: no longer"
        return {"error": error, "error_description": words}


class _NoRedirects(HTTPRedirectHandler):
    def http_error_302(self, request: Any, answer: Any, code: int, words: str, headers: Any) -> Any:
        return answer


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/introspect":  # RFC 7662, as Dovecot asks
            active = self.headers.get("Authorization", "").removeprefix("Bearer ") in self.provider.access
            self._say(200, {"active": active, "email": self.provider.account})
        elif parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(_fields(parts.query)))
            self.end_headers()
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        fields = _fields(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._say(*(self.provider.device if self.path == "/devicecode" else self.provider.token)(fields))

    def _say(self, status: int, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        return


def _fields(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider for the length of a block."""
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": provider}))
    server.daemon_threads = True
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
