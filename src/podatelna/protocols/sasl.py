"""What is said to a server to sign in: a password, a provider's token, or nothing but the client certificate."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field

from .errors import LoginDisabled, LoginRefused

# In this order: the first is the standard, the second what Microsoft has.
BEARERS = ("OAUTHBEARER", "XOAUTH2")


@dataclass(frozen=True)
class Exchange:
    """A mechanism of SASL with our first message, and what is answered to an error's challenge."""

    mechanism: str
    first: bytes = field(repr=False)
    then: bytes = b""


def bearer(offered: Collection[str], login: str, token: str, host: str, port: int) -> Exchange:
    """A token for `login`, in the way of `offered` that suits best. Raises LoginDisabled or LoginRefused.

    RFC 7628 (OAUTHBEARER), and XOAUTH2 as Google and Microsoft have documented it.
    """
    _check(login, token)
    for mechanism in BEARERS:
        if mechanism in offered:
            if mechanism == "XOAUTH2":
                return Exchange(mechanism, f"user={login}\x01auth=Bearer {token}\x01\x01".encode())
            name = login.replace("=", "=3D").replace(",", "=2C")  # RFC 5801 4: saslname
            words = f"n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01"
            return Exchange(mechanism, words.encode(), b"\x01")  # RFC 7628 3.2.3: an error is answered with one ^A
    raise LoginDisabled("the server takes no tokens: " + " ".join(sorted(offered)))


def plain(login: str, password: str) -> Exchange:
    """Login and password in UTF-8 (RFC 4616)."""
    return Exchange("PLAIN", f"\0{login}\0{password}".encode())


def external(offered: Collection[str], login: str) -> Exchange:
    """The client certificate says who we are (RFC 4422 A); `login` "": whoever the server reads in it."""
    _check(login)
    if "EXTERNAL" not in offered:
        raise LoginDisabled("the server takes no client certificates: " + " ".join(sorted(offered)))
    return Exchange("EXTERNAL", login.encode())


def error_words(challenge: bytes) -> str:
    """What a server says in the challenge that stands for an error (RFC 7628 3.2.2), for the detail of an error."""
    try:
        said = json.loads(challenge)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    return " ".join(
        str(said[name]) for name in ("status", "error", "error_description") if isinstance(said.get(name), str)
    )


def _check(*texts: str) -> None:
    if any(c < " " for text in texts for c in text):
        raise LoginRefused("a control character in the login")
