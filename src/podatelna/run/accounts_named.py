"""IMAP accounts as a person names them at the console: imaps://login@server[:port], the password from elsewhere."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from podatelna.protocols.imap import ImapServer
from podatelna.protocols.network import is_loopback

from .errors import Refused

_PORTS = {"imaps": 993, "imap": 143}
_FORM = "imaps://login@server[:port] (TLS) or imap://login@server[:port] (STARTTLS; %40 for a @ in the login)"


@dataclass(frozen=True)
class Account:
    """An account and how to get in."""

    server: ImapServer

    def __str__(self) -> str:
        return f"{self.server.login} at {self.server.host}"


def named_account(text: str, password_file: Path | None) -> Account | None:
    """The account that `text` names, None when it is a path. Raises Refused when it names something else.

    A password in the address is refused: it would stand in the shell's history and in the list of processes.
    """
    if "://" not in text:
        return None
    parts = urlsplit(text)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    login, _, _ = parts.netloc.rpartition("@")
    if not port or not parts.hostname or not login or parts.path.strip("/"):
        raise Refused(f"an account is written {_FORM}.")
    if ":" in login:
        raise Refused("do not write the password into the address: use --password-file, or be asked for it.")
    # On this very machine there is nobody in between, and test servers rarely have a certificate.
    plain = parts.scheme == "imap" and is_loopback(parts.hostname)
    security = "tls" if parts.scheme == "imaps" else "none" if plain else "starttls"
    login = unquote(login)
    return Account(ImapServer(parts.hostname, port, security, login, _password(login, parts.hostname, password_file)))


def _password(login: str, host: str, file: Path | None) -> str:
    if file is None:
        if not sys.stdin.isatty():
            raise Refused("no terminal to ask for the password: use --password-file.")
        return getpass(f"Password of {login} at {host}: ")
    try:
        return file.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file}: {error}.") from None
