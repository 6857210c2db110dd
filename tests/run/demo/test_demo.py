"""`podatelna demo` as a visitor meets it: one line, whom to be, mail over real SMTP and IMAP, an answer back."""

from __future__ import annotations

import http.cookiejar
import json
import re
import signal
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.run.processes import Running, command, free_port, own_environment, running, until, with_environment


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def demo(tmp_path: Path, port: int) -> Iterator[Running]:
    # A real installation's settings must not reach the demo, so here is one that would break it.
    environment = own_environment(TMPDIR=str(tmp_path), DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    with running(command("demo", f"--port={port}"), environment) as demo:
        yield demo


class Visitor:
    """A browser without a window."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.open = urllib.request.build_opener(jar, urllib.request.ProxyHandler({})).open

    def get(self, path: str) -> str:
        with self.open(self.base + path, timeout=30) as response:
            return str(response.read().decode())

    def become(self, name: str) -> str:
        """Click on `name` on the first page; the page that follows."""
        page = self.get("/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        person = re.search(rf'name="person" value="(\d+)"(?:(?!</button>).)*{name}', page, re.DOTALL)
        assert token is not None
        assert person is not None
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], "person": person[1]}).encode()
        request = urllib.request.Request(self.base + "/demo/", form, {"Referer": self.base + "/demo/"})
        with self.open(request, timeout=30) as response:
            return str(response.read().decode())


def found(tmp_path: Path, words: str) -> list[dict[str, str]]:
    (data,) = tmp_path.glob("podatelna-demo-*")
    environment = own_environment(PODATELNA_DATA=str(data))
    line = command("search", words, "--json")
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
    rows: list[dict[str, str]] = json.loads(done.stdout)
    return rows


def test_a_visitor_sees_a_living_desk_and_the_end_leaves_nothing(demo: Running, tmp_path: Path, port: int) -> None:
    line = demo.wait_for("demo is ready")
    assert f"http://127.0.0.1:{port}/" in line
    assert demo.lines == [line]  # one line, and nothing before it

    visitor = Visitor(port)
    assert "Petr Novotný" in visitor.become("Petr Novotný")
    helpdesk = visitor.get(
        re.findall(r'href="(/desk/[^"]+)"[^>]*>(?:(?!</a>).)*Helpdesk', visitor.get("/"), re.DOTALL)[0]
    )
    assert "Chyba E18 na displeji" in helpdesk
    assert "Poptávka: 40 ks" not in helpdesk  # that is the sales desk's

    # Jana was answered from the desk, over the outbox and SMTP; what she answers comes back over SMTP and IMAP.
    until(lambda: found(tmp_path, '"technik může přijet"') != [])
    (answer,) = found(tmp_path, '"technik může přijet"')
    asked = {row["conversation"] for row in found(tmp_path, 'subject:"reklamace pračky" from:jana.novakova')}
    assert asked == {answer["conversation"]}

    assert demo.stop(signal.SIGINT) == 0
    until(lambda: with_environment("TMPDIR", str(tmp_path)) == [])
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_one_line_and_leaves_nothing(tmp_path: Path, port: int) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        environment = own_environment(TMPDIR=str(tmp_path))
        line = command("demo", f"--port={port}")
        ended = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"port {port} on 127.0.0.1 is taken" in ended.stderr
    assert "make demo PORT=" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ended_while_it_still_prepares_it_leaves_nothing(demo: Running, tmp_path: Path, number: int) -> None:
    until(lambda: list(tmp_path.glob("podatelna-demo-*/secret.key")) != [])
    assert demo.stop(number) == 0
    until(lambda: with_environment("TMPDIR", str(tmp_path)) == [])
    assert list(tmp_path.iterdir()) == []
