"""Authentication-Results as servers write them (RFC 8601), and as those who want to confuse do."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podatelna.mail.authentication_results import read_results


def read(text: str) -> tuple[str, list[tuple[str, str, dict[str, str]]]] | None:
    found = read_results(text.encode())
    if found is None:
        return None
    return found.server, [(each.method, each.result, dict(each.properties)) for each in found.results]


@pytest.mark.parametrize(
    ("text", "server", "results"),
    [
        # RFC 8601 B.2 to B.6
        (" example.org 1; none", "example.org", []),
        (
            " example.com;\r\n          spf=pass smtp.mailfrom=example.net",
            "example.com",
            [("spf", "pass", {"smtp.mailfrom": "example.net"})],
        ),
        (
            " example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
            " spf=pass smtp.mailfrom=example.net",
            "example.com",
            [("auth", "pass", {"smtp.auth": "sender@example.net"}), ("spf", "pass", {"smtp.mailfrom": "example.net"})],
        ),
        (
            ' example.com;\r\n dkim=pass reason="good signature"\r\n header.i=@mail-router.example.net;\r\n'
            ' dkim=fail reason="bad signature"\r\n header.i=@newyork.example.com',
            "example.com",
            [
                ("dkim", "pass", {"reason": "good signature", "header.i": "@mail-router.example.net"}),
                ("dkim", "fail", {"reason": "bad signature", "header.i": "@newyork.example.com"}),
            ],
        ),
        (
            " foo.example.net (foobar) 1 (baz);\r\n    dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
            "      policy (A dot can go here) . (like that) expired\r\n"
            "      (this surprised me) = (as I wasn't expecting it) 1362471462",
            "foo.example.net",  # RFC 8601 B.7: comments and blanks wherever they may be
            [("dkim", "fail", {"policy.expired": "1362471462"})],
        ),
        # Products
        (
            " mx.google.com;\r\n       dkim=pass header.i=@acme.cz header.s=s1 header.b=dzdVyOfA;\r\n"
            "       spf=pass (google.com: domain of jana@acme.cz designates 192.0.2.10 as permitted sender)"
            " smtp.mailfrom=jana@acme.cz;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=acme.cz",
            "mx.google.com",
            [
                ("dkim", "pass", {"header.i": "@acme.cz", "header.s": "s1", "header.b": "dzdVyOfA"}),
                ("spf", "pass", {"smtp.mailfrom": "jana@acme.cz"}),
                ("dmarc", "pass", {"header.from": "acme.cz"}),
            ],
        ),
        (
            ' mx; dkim=pass header.b="ab==" (x; spf=pass) ; spf=hardfail; dmarc=bestguesspass; x=vymysl',
            "mx",
            [("dkim", "pass", {"header.b": "ab=="}), ("spf", "fail", {}), ("dmarc", "none", {}), ("x", "neutral", {})],
        ),
        (' "mx.acme.cz" ; dkim=pass header.b=ab== header.d=a.cz', "mx.acme.cz",
         [("dkim", "pass", {"header.b": "ab", "header.d": "a.cz"})]),
        (" mx.acme.cz; dkim=pass (a (b) c\\) (", "mx.acme.cz", [("dkim", "pass", {})]),
        (' mx.acme.cz; dkim="pass', "mx.acme.cz", [("dkim", "pass", {})]),
        (" MX.Acme.cz.", "mx.acme.cz", []),
        (" mx.acme.cz;/=1; spf=", "mx.acme.cz", []),
        (
            " spf=pass (sender IP is 192.0.2.10)\r\n smtp.mailfrom=acme.cz; dkim=none (message not signed)\r\n"
            " header.d=none;dmarc=pass action=none header.from=acme.cz;compauth=pass reason=100",
            "",
            [
                ("spf", "pass", {"smtp.mailfrom": "acme.cz"}),
                ("dkim", "none", {"header.d": "none"}),
                ("dmarc", "pass", {"action": "none", "header.from": "acme.cz"}),
                ("compauth", "pass", {"reason": "100"}),
            ],
        ),
    ],
)  # fmt: skip
def test_what_a_server_said(text: str, server: str, results: list[tuple[str, str, dict[str, str]]]) -> None:
    found = read(text)

    assert found == (server, results)


@pytest.mark.parametrize("text", ["", " ", ";", " ; spf=pass", "(comment)", "= x", "(" * 5000])
def test_what_names_no_server_says_nothing(text: str) -> None:
    assert read(text) is None


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='mx;= ()"\\\\/.dkimspf pass1\r\n\t', max_size=80))
def test_any_field_is_read(text: str) -> None:
    found = read_results(text.encode())

    assert found is None or all(each.method and each.result for each in found.results)


def test_one_good_signature_is_enough() -> None:
    found = read_results(b"mx; dkim=fail header.d=a.cz; dkim=pass header.d=b.cz; spf=softfail")

    assert found is not None
    assert (found.of("dkim"), found.of("spf"), found.of("dmarc")) == ("pass", "softfail", "")


@pytest.mark.parametrize("piece", ["(", '"', "\\", "a=b;", "a=", "; ", '="', "a b ", '"\\'])
def test_hostile_fields_take_no_time(piece: str) -> None:
    start = time.process_time()
    read("mx; " + piece * (250_000 // len(piece)))

    assert time.process_time() - start < 5
