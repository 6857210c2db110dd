"""A made archive of any size: the mail of a company and its partners, Czech and English, the same from one seed.

`python bench/corpus.py --messages 100000 --seed 1 --format maildir --to PATH [--copies 5] [--mix mixed]`

The mixes: `ordinary` (letters, lists, newsletters, notices; no attachments; median about 5 kB), `attachments` (most
letters carry files), `mixed` (about 14 kB a message). With copies, each message is in that many mailboxes, its copies
different in Return-Path, Delivered-To and the last Received alone. Memory does not grow with the number.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.corpus_letters import Writer

MAILBOXES = ("helpdesk", "obchod", "ucetni", "jana.novakova", "info")
MIXES = {"ordinary": (0.0, 1.0), "mixed": (0.066, 1.0), "attachments": (0.75, 0.2)}  # letters with files; other mail
_FIRST = datetime(2017, 1, 2, 7, 0, tzinfo=UTC)
_LAST = datetime(2026, 6, 30, 18, 0, tzinfo=UTC)


class Mail(NamedTuple):
    """One file of the archive: whose mailbox, the message's bytes, when it came."""

    mailbox: str
    raw: bytes
    when: datetime


def corpus(messages: int, *, seed: int = 1, mix: str = "mixed", copies: int = 1, crlf: bool = False) -> Iterator[Mail]:
    """`messages` different messages, oldest first; each `copies` times, in as many mailboxes.

    Lines end as files have them, or as servers send them with `crlf`.
    """
    files, other = MIXES[mix]
    writer = Writer(seed, files, other)
    chance = random.Random(f"mailboxes {seed}")
    step = (_LAST - _FIRST) / max(messages, 1)
    for number in range(messages):
        when = (_FIRST + number * step + timedelta(seconds=chance.randint(0, 50_000))).replace(microsecond=0)
        message = writer.message(number, when)
        # Whole lines are alike in all copies: bodies in 8 bits, no line longer than SMTP allows is made.
        message = message.replace(b"\n", b"\r\n") if crlf else message
        for mailbox in chance.sample(MAILBOXES, copies) if copies > 1 else (chance.choice(MAILBOXES),):
            head = _delivered(chance, mailbox, number, when)
            yield Mail(mailbox, (head.replace(b"\n", b"\r\n") if crlf else head) + message, when)


def _delivered(chance: random.Random, mailbox: str, number: int, when: datetime) -> bytes:
    """What the last server puts on top of one mailbox's copy."""
    stamp = f"{when:%a, %d %b %Y %H:%M:%S} +0000"
    return (
        f"Return-Path: <bounce-{number}-{mailbox}=acme.cz@mail.example.com>\nDelivered-To: {mailbox}@acme.cz\n"
        f"Received: from mail.acme.cz ([10.0.0.{chance.randint(2, 9)}])\n\tby imap.acme.cz with LMTP\n"
        f"\tid {chance.getrandbits(90):X}\n\t(envelope-from <bounce-{number}-{mailbox}=acme.cz@mail.example.com>)\n"
        f"\tfor <{mailbox}@acme.cz>; {stamp}\n"
    ).encode()


# --- into files ------------------------------------------------------------------------------------------------------


def write_maildir(mails: Iterator[Mail], path: Path, *, by_mailbox: bool) -> int:
    """Into the Maildir `path`, or one below it for each mailbox; how many files were written. Nothing is fsynced."""
    count = 0
    for count, mail in enumerate(mails, 1):
        folder = path / mail.mailbox if by_mailbox else path
        if not (folder / "cur").is_dir():
            for name in ("cur", "new", "tmp"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        file = folder / "cur" / f"{int(mail.when.timestamp())}.M{count:08d}.acme:2,S"
        with file.open("xb", buffering=0) as out:
            out.write(mail.raw)
        os.utime(file, (mail.when.timestamp(), mail.when.timestamp()))
    return count


def write_mbox(mails: Iterator[Mail], path: Path, *, by_mailbox: bool) -> int:
    """Into the mbox file `path` (mboxrd), or one file in the folder `path` for each mailbox; how many were written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if by_mailbox:
        path.mkdir(exist_ok=True)
    count = 0
    for mail in mails:
        count += 1
        with (path / f"{mail.mailbox}.mbox" if by_mailbox else path).open("ab") as out:
            out.write(f"From mailer@example.com {mail.when:%a %b %d %H:%M:%S %Y}\n".encode())
            lines = mail.raw.replace(b"\n>From ", b"\n>>From ").replace(b"\nFrom ", b"\n>From ")
            out.write(lines + (b"\n" if lines.endswith(b"\n") else b"\n\n"))
    return count


def main() -> int:
    """Write what was asked for, and say how fast."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000, help="How many different messages.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("maildir", "mbox"), default="maildir")
    parser.add_argument("--to", type=Path, required=True, help="The new folder or file; with copies, a folder.")
    parser.add_argument("--copies", type=int, default=1, choices=range(1, len(MAILBOXES) + 1), metavar="1-5")
    parser.add_argument("--mix", choices=sorted(MIXES), default="mixed")
    parser.add_argument("--crlf", action="store_true", help="Lines end as servers send them.")
    chosen = parser.parse_args()
    if chosen.to.exists():
        parser.error(f"{chosen.to} is there already")
    mails = corpus(chosen.messages, seed=chosen.seed, mix=chosen.mix, copies=chosen.copies, crlf=chosen.crlf)
    write = write_maildir if chosen.format == "maildir" else write_mbox
    started = time.perf_counter()
    count = write(mails, chosen.to, by_mailbox=chosen.copies > 1)
    print(f"{count:,} messages, {count / (time.perf_counter() - started):,.0f} a second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
