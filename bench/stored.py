"""The same mail in five mailboxes, in Podatelna and in Dovecot (mdbox, zstd, SIS): how many bytes each of them keeps.

`python bench/stored.py [--messages 3000] [--mix ordinary --mix attachments] [--real]`

Each message is in five mailboxes; the copies differ in Return-Path, Delivered-To and Received. Of Dovecot the mail
files and attachments are counted, not its indexes, with the better of two settings of mail_attachment_min_size; of
Podatelna everything that is kept: all tables and indexes of the database, empty pages too, and the blob folder; only
the search index is left out. Every copy is read back from both and compared byte for byte. Needs Dovecot 2.3 (Debian
12): newer versions have no SIS. `--real` adds 6,046 real messages (bench/import_spam.py, needs npm).
"""

from __future__ import annotations

import argparse
import hashlib
import imaplib
import json
import os
import pwd
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.corpus import MAILBOXES, MIXES, corpus  # noqa: E402

GOALS = {"ordinary": 0.5, "attachments": 0.8, "mixed": 0.8, "real": 0.5}
IMAP = Path("/usr/lib/dovecot/imap")
MIN_SIZES = ("128k", "2k")  # Dovecot's default, and one that takes nearly all attachments out


@dataclass(frozen=True)
class Copy:
    """One message as it is in one mailbox."""

    mailbox: str
    raw: bytes


def mail(mix: str, messages: int) -> Iterator[Copy]:
    """Five copies of each message, with CRLF as servers send them."""
    if mix == "real":
        yield from _real(messages)
        return
    for one in corpus(messages, mix=mix, copies=len(MAILBOXES), crlf=True):
        yield Copy(one.mailbox, one.raw)


def _real(messages: int) -> Iterator[Copy]:
    from bench.import_spam import fetch

    chance = random.Random(1)
    files = fetch()
    chance.shuffle(files)
    for number, file in enumerate(files[:messages]):
        raw = b"\r\n".join(file.read_bytes().splitlines()) + b"\r\n"
        for mailbox in MAILBOXES:
            sender = f"bounce-{number}-{mailbox}=acme.cz@mail.example.com"
            hop = f"([10.0.0.{chance.randint(2, 9)}])\r\n\tby imap.acme.cz with LMTP\r\n\tid {chance.getrandbits(90):X}"
            head = (
                f"Return-Path: <{sender}>\r\nDelivered-To: {mailbox}@acme.cz\r\nReceived: from mail.acme.cz {hop}\r\n"
                f"\t(envelope-from <{sender}>)\r\n\tfor <{mailbox}@acme.cz>; Mon, 05 Jan 2026 10:11:12 +0000\r\n"
            )
            yield Copy(mailbox, head.encode() + raw)


# --- Dovecot ---------------------------------------------------------------------------------------------


def dovecot(mix: str, messages: int, min_size: str) -> int:
    """Bytes of mail files and attachments after everything was appended; every copy was read back."""
    folder = Path(tempfile.mkdtemp(prefix="stored-dovecot-"))
    try:
        folder.chmod(0o755)
        boxes = {mailbox: _Box(folder, mailbox, min_size) for mailbox in MAILBOXES}
        for copy in mail(mix, messages):
            boxes[copy.mailbox].append(copy.raw)
        for box in boxes.values():
            box.compare()
        files = [path.stat() for path in _files(folder / "mail", "m.*")]
        attachments = {one.st_ino: one.st_size for one in (path.stat() for path in _files(folder / "attachments", "*"))}
        if min_size != MIN_SIZES[0] and mix == "attachments" and not attachments:
            raise SystemExit(f"Dovecot has taken no attachment out: {(folder / 'mail' / 'log').read_text()[-500:]}")
        return sum(one.st_size for one in files) + sum(attachments.values())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _files(folder: Path, pattern: str) -> list[Path]:
    return [path for path in folder.rglob(pattern) if path.is_file()]


class _Box:
    """One mailbox, through Dovecot's own IMAP process."""

    def __init__(self, folder: Path, name: str, min_size: str) -> None:
        config = folder / "dovecot.conf"
        if not config.exists():
            config.write_text(_configuration(folder, min_size))
            for part in ("mail", "attachments", "run"):
                (folder / part).mkdir()
                if os.getuid() == 0:
                    os.chown(folder / part, _user().pw_uid, _user().pw_gid)
        home = folder / "mail" / name
        who = f"setpriv --reuid={_user().pw_uid} --regid={_user().pw_gid} --clear-groups " if os.getuid() == 0 else ""
        self._imap = imaplib.IMAP4_stream(f"exec {who}env USER={name} HOME={home} {IMAP} -c {config} 2>/dev/null")
        self._hashes: list[bytes] = []

    def append(self, raw: bytes) -> None:
        """Store the very bytes; imaplib's own append would mend line ends."""
        self._imap.send(self._imap._new_tag() + b" APPEND INBOX {%d+}\r\n" % len(raw) + raw + b"\r\n")
        while (line := self._imap.readline()).startswith(b"*"):
            pass
        if b" OK" not in line:
            raise SystemExit(f"Dovecot did not take a message: {line!r}")
        self._hashes.append(hashlib.sha256(raw).digest())

    def compare(self) -> None:
        """Read everything back, and end."""
        self._imap.select("INBOX", readonly=True)
        for number, expected in enumerate(self._hashes, 1):
            found = self._imap.fetch(str(number), "(BODY.PEEK[])")[1][0]
            if not isinstance(found, tuple) or hashlib.sha256(found[1]).digest() != expected:
                raise SystemExit(f"Dovecot gives other bytes for message {number}")
        self._imap.logout()


def _user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _configuration(folder: Path, min_size: str) -> str:
    return f"""
base_dir = {folder}/run
log_path = {folder}/mail/log
mail_temp_dir = {folder}/run
mail_location = mdbox:{folder}/mail/%u
mail_plugins = zlib
mail_attachment_dir = {folder}/attachments
mail_attachment_fs = sis posix
mail_attachment_min_size = {min_size}
mail_fsync = never
first_valid_uid = 1
ssl = no
stats_writer_socket_path =
plugin {{
  zlib_save = zstd
}}
"""


# --- Podatelna -------------------------------------------------------------------------------------------


def podatelna(mix: str, messages: int) -> dict[str, int]:
    """Bytes that came, that are stored, and that are after `podatelna repack`; in a process and folder of its own."""
    with tempfile.TemporaryDirectory(prefix="stored-podatelna-") as data:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PODATELNA_")}
        environment |= {"PODATELNA_DATA": data, "DJANGO_SETTINGS_MODULE": "podatelna.settings", "DATABASE_URL": ""}
        command = [sys.executable, __file__, "--child", "--mix", mix, "--messages", str(messages)]
        made = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return dict(json.loads(made.stdout.splitlines()[-1]))


def child(mix: str, messages: int) -> None:
    """Import, read back, repack, read back; print the figures as JSON."""
    from podatelna.run.house import open_house, prepare

    open_house()
    prepare()
    from podatelna.archive import renewing
    from podatelna.archive.figures import figures

    hashes = _import(mix, messages)
    _compare(hashes)
    came = figures()
    renewing.repack(lambda done: None)
    _compare(hashes)
    found = {"raw": came.raw, "stored": came.stored.total, "repacked": _vacuumed(), "search": came.stored.search_index}
    print(json.dumps(found))


def _import(mix: str, messages: int) -> dict[int, bytes]:
    from datetime import UTC, datetime

    from podatelna.archive.durability import relaxed
    from podatelna.archive.intake import Received, accept
    from podatelna.archive.models import Origin
    from podatelna.pipeline import receive_batch

    origins = {name: Origin.objects.create(kind=Origin.Kind.IMPORT, name=name) for name in MAILBOXES}
    now, hashes = datetime.now(UTC), dict[int, bytes]()
    for batch in _batches(mail(mix, messages), 40):
        accepted = accept([Received(copy.raw, origins[copy.mailbox].pk, "", now, received_at=now) for copy in batch])
        with relaxed():
            receive_batch([one.delivery for one in accepted], now=now)
        hashes.update(
            (one.delivery.pk, hashlib.sha256(copy.raw).digest()) for one, copy in zip(accepted, batch, strict=True)
        )
    return hashes


def _batches(copies: Iterator[Copy], size: int) -> Iterator[list[Copy]]:
    batch: list[Copy] = []
    for copy in copies:
        batch.append(copy)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _compare(hashes: dict[int, bytes]) -> None:
    from podatelna.archive.models import Delivery
    from podatelna.archive.store import originals

    found = {one.pk: hashlib.sha256(raw).digest() for one, raw in originals(Delivery.objects.order_by("pk").iterator())}
    if found != hashes:
        raise SystemExit("Podatelna gives other bytes")


def _vacuumed() -> int:
    from django.db import connection

    from podatelna.archive.figures import figures

    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    return figures().stored.total


# --- side by side ----------------------------------------------------------------------------------------


def compare(mix: str, messages: int) -> bool:
    """Print one line; whether the goal is reached."""
    ours = podatelna(mix, messages)
    theirs = min(dovecot(mix, messages, size) for size in MIN_SIZES)
    ratio = ours["stored"] / theirs
    print(
        f"{mix:12} {messages:7,} x {len(MAILBOXES)}  came {ours['raw']:14,}  Dovecot {theirs:13,}  Podatelna "
        f"{ours['stored']:13,}  repacked {ours['repacked']:13,}  ratio {ratio:.2f} (goal {GOALS[mix]})  "
        f"repacked {ours['repacked'] / theirs:.2f}"
    )
    return ratio <= GOALS[mix]


def main() -> int:
    """Run the mixes that were asked for; exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=3_000, help="Different messages of each mix.")
    parser.add_argument("--mix", action="append", choices=(*MIXES, "real"), help="By default ordinary and attachments.")
    parser.add_argument("--real", action="store_true", help="Real messages too.")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.mix[0], chosen.messages)
        return 0
    if not IMAP.exists():
        parser.error("Dovecot is missing: sudo apt-get install dovecot-imapd")
    mixes = chosen.mix or ["ordinary", "attachments", *(["real"] if chosen.real else [])]
    reached = [compare(mix, chosen.messages) for mix in mixes]  # all of them, also after a miss
    return 0 if all(reached) else 1


if __name__ == "__main__":
    sys.exit(main())
