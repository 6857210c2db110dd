"""Real servers for tests, on loopback ports of their own: a Dovecot, an SMTP receiver, and one that speaks a script."""

from __future__ import annotations

import datetime
import grp
import ipaddress
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient

SECRET = "tajné-heslo-42"  # of every mailbox; not ASCII, for some servers stumble over that
HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


# --- certificates


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate for localhost and 127.0.0.1; `key` and `certificate` are PEM files."""

    certificate: Path
    key: Path

    def trusting(self) -> ssl.SSLContext:
        """A client's context that trusts it."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def serving(self) -> ssl.SSLContext:
        """A server's context that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


def make_certificate(folder: Path, *, name: str = "localhost", days: int = 30) -> Certificate:
    """Written into `folder`; negative `days` make it an expired one."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address(HOST)))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


# --- Dovecot

FULL = "IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE NAMESPACE UIDPLUS MOVE UNSELECT CHILDREN SPECIAL-USE"


@dataclass(frozen=True)
class Stored:
    """A message as it stands in a folder."""

    uid: int
    flags: frozenset[str]
    raw: bytes


class Dovecot:
    """A Dovecot with any number of mailboxes: every user name exists, all with the password SECRET."""

    def __init__(self, *, without: tuple[str, ...] = ()) -> None:
        """`without`: capabilities that it shall not offer."""
        # Not pytest's folder: Dovecot's users must get through to it, and paths of sockets must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="dc-"))
        self.folder.chmod(0o755)
        self.certificate = make_certificate(self.folder)
        self.imap_port, self.imaps_port = free_port(), free_port()
        self.without = without
        self.process: subprocess.Popen[bytes] | None = None
        self._prepare()

    def start(self) -> None:
        """Start, and wait until it greets."""
        self.process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("ab"),
            start_new_session=True,
        )
        _await(self._greets, lambda: f"Dovecot does not start:\n{self.log()}")

    def stop(self) -> None:
        """Stop; connections are broken."""
        if self.process:
            # To its children too: they would tell idle clients only after ten seconds.
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)
            self.process = None

    def restart(self) -> None:
        """Stop and start on the same ports."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop and delete everything."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """What it wrote down."""
        return "\n".join(
            (self.folder / name).read_text("utf-8", "replace")
            for name in ("log", "stderr")
            if (self.folder / name).exists()
        )

    def spoken(self, user: str) -> str:
        """Every byte that clients of `user` sent after signing in, in the order of the sessions."""
        logs = sorted((self.folder / "raw" / user).glob("*.in"), key=lambda path: path.stat().st_mtime_ns)
        return "".join(path.read_text("utf-8", "replace") for path in logs)

    def listen_to(self, user: str) -> None:
        """From now on keep what clients of `user` say, for `spoken`."""
        folder = self.folder / "raw" / user
        folder.mkdir(parents=True)
        self._give(folder)

    def mailbox(self, user: str) -> Box:
        """The mailbox of `user`, as its owner's mail program sees it."""
        return Box(self, user)

    def _greets(self) -> bool:
        with suppress(OSError), socket.create_connection((HOST, self.imap_port), 1) as connection:
            connection.settimeout(5)
            return connection.recv(64).startswith(b"* OK")
        return False

    def _prepare(self) -> None:
        for name in ("mail", "raw", "state"):
            (self.folder / name).mkdir()
        (self.folder / "dovecot.conf").write_text(self._configuration())
        for name in ("mail", "raw"):
            self._give(self.folder / name)

    def _give(self, path: Path) -> None:
        if os.getuid() == 0:
            os.chown(path, _mail_user().pw_uid, _mail_user().pw_gid)

    def _configuration(self) -> str:
        return _flush_left(self._old_configuration() if _dovecot_version() < (2, 4) else self._new_configuration())

    def _common(self) -> str:
        return f"""
            base_dir = {self.folder}/run
            state_dir = {self.folder}/state
            log_path = {self.folder}/log
            listen = {HOST}, 127.0.0.2
            ssl = yes
            auth_failure_delay = 0
            service anvil {{
              unix_listener anvil-auth-penalty {{
                mode = 0
              }}
            }}
            auth_mechanisms = plain login
            first_valid_uid = 1
            mail_uid = {_mail_user().pw_uid}
            mail_gid = {_mail_user().pw_gid}
            mail_max_userip_connections = 200
            namespace inbox {{
              inbox = yes
              separator = /
              mailbox Sent {{
                special_use = \\Sent
              }}
            }}
            service imap-login {{
              inet_listener imap {{
                port = {self.imap_port}
              }}
              inet_listener imaps {{
                port = {self.imaps_port}
                ssl = yes
              }}
            }}
            {"" if os.getuid() == 0 else self._unprivileged()}
        """

    def _old_configuration(self) -> str:
        """For Dovecot 2.3 (Debian 12)."""
        user = _mail_user()
        return f"""
            {self._common()}
            protocols = imap
            ssl_cert = <{self.certificate.certificate}
            ssl_key = <{self.certificate.key}
            disable_plaintext_auth = no
            mail_location = maildir:{self.folder}/mail/%u
            passdb {{
              driver = static
              args = password={SECRET}
            }}
            userdb {{
              driver = static
              args = uid={user.pw_uid} gid={user.pw_gid} home={self.folder}/mail/%u allow_all_users=yes
            }}
            protocol imap {{
              rawlog_dir = {self.folder}/raw/%u
            }}
            {f"imap_capability = {self._offered()}" if self.without else ""}
        """

    def _new_configuration(self) -> str:
        """For Dovecot 2.4 (Debian 13), which reads the old one no more."""
        user = _mail_user()
        return f"""
            dovecot_config_version = 2.4.0
            dovecot_storage_version = 2.4.0
            {self._common()}
            protocols {{
              imap = yes
            }}
            ssl_server_cert_file = {self.certificate.certificate}
            ssl_server_key_file = {self.certificate.key}
            auth_allow_cleartext = yes
            mail_driver = maildir
            mail_path = {self.folder}/mail/%{{user}}
            passdb static {{
              password = {SECRET}
            }}
            userdb static {{
              allow_all_users = yes
              fields {{
                uid = {user.pw_uid}
                gid = {user.pw_gid}
                home = {self.folder}/mail/%{{user}}
              }}
            }}
            protocol imap {{
              rawlog_dir = {self.folder}/raw/%{{user}}
            }}
            {f"imap_capability = {self._offered()}" if self.without else ""}
        """

    def _offered(self) -> str:
        return " ".join(one for one in FULL.split() if one not in self.without)

    def _unprivileged(self) -> str:
        user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
        lines = [f"default_internal_user = {user}", f"default_login_user = {user}", f"default_internal_group = {group}"]
        for service in ("anvil", "imap-login", "stats"):
            lines += [f"service {service} {{", "chroot =", "}"]
        return "\n".join(lines)


class Box:
    """A mailbox as its owner's mail program uses it; every call is a session of its own."""

    def __init__(self, server: Dovecot, user: str) -> None:
        self.server, self.user = server, user

    @contextmanager
    def session(self) -> Iterator[IMAPClient]:
        """An IMAP session of the owner."""
        client = IMAPClient(HOST, self.server.imap_port, ssl=False, timeout=20)
        try:
            client.plain_login(self.user, SECRET)
            yield client
        finally:
            with suppress(Exception):
                client.logout()

    def put(self, *messages: bytes, folder: str = "INBOX", flags: tuple[str, ...] = ()) -> None:
        """Store messages byte for byte."""
        with self.session() as client:
            for raw in messages:
                # Not by imaplib's APPEND, which mends line ends.
                client._raw_command(
                    b"APPEND",
                    [client._normalise_folder(folder), f"({' '.join(flags)})".encode(), _literal(raw)],
                    uid=False,
                )

    def folders(self) -> set[str]:
        """Names of all folders."""
        with self.session() as client:
            return {name for _, _, name in client.list_folders()}

    def messages(self, folder: str = "INBOX") -> list[Stored]:
        """What stands in a folder, in the order of UIDs; nothing where there is no such folder."""
        with self.session() as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search("ALL"), ["FLAGS", "BODY.PEEK[]"])
        return [
            Stored(uid, frozenset(flag.decode() for flag in row[b"FLAGS"]) - {"\\Recent"}, row[b"BODY[]"])
            for uid, row in sorted(found.items())
        ]

    def raws(self, folder: str = "INBOX") -> list[bytes]:
        """The bytes of what stands in a folder."""
        return [message.raw for message in self.messages(folder)]


def _dovecot_version() -> tuple[int, int]:
    said = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout
    major, minor, *_ = said.split(".")
    return int(major), int(minor)


def _flush_left(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines()) + "\n"


def _literal(raw: bytes) -> bytes:
    from imapclient.imapclient import _literal as literal

    return literal(raw)  # type: ignore[no-any-return]  # IMAPClient ships no types


def _mail_user() -> pwd.struct_passwd:
    # Dovecot never touches mail as root.
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


# --- SMTP

DROP = "drop"


@dataclass
class Taken:
    """A message as the receiver got it."""

    mail_from: str
    rcpt_to: list[str]
    raw: bytes
    options: list[str]


@dataclass
class Script:
    """What the receiver answers; "" or missing: as usual, DROP: it hangs up, else the reply itself."""

    mail: str = ""
    recipients: dict[str, str] = field(default_factory=dict)
    data: str = ""  # to the DATA command
    body: str = ""  # after the message


class Receiver:
    """An SMTP server that takes everything and remembers it, unless `script` says otherwise."""

    def __init__(
        self,
        *,
        certificate: Certificate | None = None,
        tls: bool = False,
        login: str = "",
        size: int = 33554432,
        utf8: bool = True,
    ) -> None:
        """`certificate` offers STARTTLS, with `tls` TLS at once; `login` demands signing in with SECRET."""
        self.script = Script()
        self.taken: list[Taken] = []
        self.hellos: list[str] = []
        self.port = free_port()
        self.login = login
        context = certificate.serving() if certificate else None
        self._controller = _Controller(
            self,
            hostname=HOST,
            port=self.port,
            ssl_context=context if tls else None,
            tls_context=None if tls else context,
            data_size_limit=size,
            enable_SMTPUTF8=utf8,
            auth_required=bool(login),
            auth_require_tls=False,
            authenticator=self._authenticate,
        )

    def start(self) -> None:
        """Start listening."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and data == LoginPassword(self.login.encode(), SECRET.encode())
        return AuthResult(success=known, handled=known)

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.hellos.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.script.mail:
            return self._reply(server, self.script.mail)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender noted"

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if scripted := self.script.recipients.get(address, ""):
            return self._reply(server, scripted)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient noted"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        if self.script.body and self.script.body != DROP:
            return self.script.body
        content = bytes(envelope.original_content or b"")
        self.taken.append(
            Taken(envelope.mail_from or "", list(envelope.rcpt_tos), content, list(envelope.mail_options))
        )
        return self._reply(server, self.script.body) if self.script.body else "250 2.0.0 stored"

    def _reply(self, server: Any, reply: str) -> str:
        if reply == DROP:
            server.transport.abort()
        return reply


class _Session(SMTP):
    async def smtp_DATA(self, arg: str) -> None:
        scripted = self.event_handler.script.data
        if scripted == DROP:
            self.transport.abort()
        elif scripted:
            await self.push(scripted)
        else:
            await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Session(self.handler, **self.SMTP_kwargs)


# --- whatever a test wants a server to say


class Scripted:
    """A TCP server that hands each connection to `talk`, as a file that reads and writes bytes; for odd servers."""

    def __init__(self, talk: Callable[[BinaryIO], None]) -> None:
        self._talk = talk
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection, suppress(OSError, ValueError, EOFError):
            file = connection.makefile("rwb", buffering=0)
            self._talk(file)  # type: ignore[arg-type]  # unbuffered files have no type of their own


@contextmanager
def scripted(talk: Callable[[BinaryIO], None]) -> Iterator[Scripted]:
    """A Scripted server for the length of a block."""
    server = Scripted(talk)
    try:
        yield server
    finally:
        server.stop()


# --- waiting


def _await(happened: Callable[[], bool], complaint: Callable[[], str], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(complaint())
        time.sleep(0.02)


def until(happened: Callable[[], Any], what: str = "it did not happen", seconds: float = 30.0) -> None:
    """Wait for something that other threads bring about; long enough never to be decided by a slow machine."""
    _await(lambda: bool(happened()), lambda: what, seconds)


# --- fixtures


def _need_dovecot() -> None:
    if shutil.which("dovecot"):
        return
    if os.environ.get("CI") == "true":
        pytest.fail("Dovecot is not installed: the CI must have it")
    pytest.skip("Dovecot is not installed")


@contextmanager
def running_dovecot(*, without: tuple[str, ...] = ()) -> Iterator[Dovecot]:
    """A Dovecot for the length of a block."""
    _need_dovecot()
    server = Dovecot(without=without)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A Dovecot for all tests; each takes a user name of its own."""
    with running_dovecot() as server:
        yield server


@pytest.fixture(scope="session")
def dovecot_without_move() -> Iterator[Dovecot]:
    """It can UID EXPUNGE and not MOVE."""
    with running_dovecot(without=("MOVE",)) as server:
        yield server


@pytest.fixture(scope="session")
def dovecot_without_anything() -> Iterator[Dovecot]:
    """Neither MOVE nor UIDPLUS nor IDLE."""
    with running_dovecot(without=("MOVE", "UIDPLUS", "IDLE")) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An SMTP server without TLS and sign-in."""
    server = Receiver()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Self-signed, for localhost."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))
