"""How fast and in how much room messages are read: `make bench`. One process, one core, medians of three.

The messages come from a seeded generator, so that this needs no network; a folder given is measured too. Whatever is
compared is measured in the same run, so that the ratios mean something on any machine. The exit code is 1 where a
promise is not kept:

- structure, headers and bodies decoded 5 times as fast as by the standard library's compat32 parser, of letters with
  attachments, of a mailing list's plain text, and of short letters with encoded words;
- no more room than 3 times the message, itself counted;
- 5,000 texts of 2.7 kB a second into index terms;
- hostile shapes: twice the size never takes more than 2.5 times the time.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.letters import letters, terms_text
from bench.mixes import list_mail, short_letters
from bench.shapes import SHAPES

from podatelna.mail.cut import cut, join
from podatelna.mail.header_text import decoded_texts
from podatelna.mail.identity import fingerprint
from podatelna.mail.language import terms
from podatelna.mail.parse import Parsed, parse
from podatelna.mail.structure import read_structure
from podatelna.mail.transfer import decode_body

FASTER, ROOM, TEXTS, SLOPE = 5.0, 3.0, 5_000, 2.5
MEGABYTES = 20


def main() -> int:
    """Measure it all and print it as one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="*", type=Path, help="Measure the files in this folder too, one message each.")
    parser.add_argument("--messages", type=int, default=1_000, help="How many messages to make.")
    chosen = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, one core, medians of three\n")
    kept = speed("letters with HTML and attachments, made", letters(chosen.messages), promised=True)
    kept &= speed("a mailing list's, plain text, made", list_mail(chosen.messages), promised=True)
    kept &= speed("short Czech letters, encoded words, made", short_letters(3 * chosen.messages), promised=True)
    for folder in chosen.folder:
        speed(str(folder), [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()], promised=False)
    kept &= language()
    kept &= room()
    kept &= slopes()
    print("\nall promises are kept" if kept else "\nNOT ALL PROMISES ARE KEPT")
    return 0 if kept else 1


# --- speed ---------------------------------------------------------------------------------------------------------


def standard(raw: bytes) -> None:
    """The standard library: parse, walk, decode every header and body."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    for part in message.walk():
        for _, value in part.items():
            try:
                str(make_header(decode_header(value)))
            except (HeaderParseError, UnicodeError, LookupError, ValueError):
                continue
        if not part.is_multipart():
            part.get_payload(decode=True)


def ours(raw: bytes) -> None:
    """The same by the `mail` package: structure, every header and body decoded."""
    for entity in read_structure(raw).entities:
        decoded_texts(entity.header, "", 1_000_000)
        if entity.leaf:
            decode_body(raw, entity)


def whole(raw: bytes) -> Parsed:
    """Everything that `parse` can tell, HTML read as text and charsets weighed."""
    parsed = parse(raw)
    for name in Parsed.__dataclass_fields__:
        getattr(parsed, name)
    return parsed


def speed(name: str, messages: Sequence[bytes], *, promised: bool) -> bool:
    """Print how fast `messages` are read; whether the promise is kept."""
    size = sum(map(len, messages))
    median = statistics.median(map(len, messages))
    print(f"{len(messages)} messages, {size / 1e6:.1f} MB, median {median:.0f} bytes: {name}")
    baseline = seconds(partial(each, standard, messages))
    print(f"  {'':46}{'µs each':>9}{'per second':>12}{'MB/s':>8}{'ratio':>8}")
    row("standard library, compat32, walked and decoded", baseline, baseline, len(messages), size)
    work: dict[str, Callable[[bytes], Any]] = {
        "structure, headers and bodies decoded": ours,
        "structure alone": read_structure,
        "parse(), subject and sender asked for": lambda raw: (lambda parsed: (parsed.subject, parsed.sender))(
            parse(raw)
        ),
        "parse(), everything asked for": whole,
        "cut for the archive": cut,
        "fingerprint": fingerprint,
    }
    took = {}
    for title, read in work.items():
        took[title] = seconds(partial(each, read, messages))
        row(title, took[title], baseline, len(messages), size)
    return not promised or baseline / took["structure, headers and bodies decoded"] >= FASTER


def each(read: Callable[[bytes], Any], messages: Iterable[bytes]) -> None:
    """Read one message after the other."""
    for raw in messages:
        read(raw)


def row(title: str, took: float, baseline: float, count: int, size: int) -> None:
    """One line of the table."""
    print(
        f"  {title:46}{took / count * 1e6:>9.1f}{count / took:>12,.0f}{size / took / 1e6:>8.0f}{baseline / took:>7.1f}×"
    )


def seconds(work: Callable[[], Any], times: int = 3) -> float:
    """The median time of `work` on the processor."""
    found = []
    for _ in range(times):
        gc.collect()
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return statistics.median(found)


def language() -> bool:
    """Print how fast text becomes index terms, with the words seen before; whether the promise is kept."""
    texts = [terms_text(2_700, seed) for seed in range(300)]
    each(terms, texts)
    took = seconds(lambda: each(terms, texts))
    rate = len(texts) / took
    print(f"index terms, stems known: {rate:,.0f} texts of 2.7 kB a second (promised {TEXTS:,})")
    return rate >= TEXTS


# --- room ----------------------------------------------------------------------------------------------------------


def room() -> bool:
    """Print the most memory that reading a large message takes; whether the promise is kept."""
    print(f"\nmost memory for a message of {MEGABYTES} MB, itself counted")
    kept = True
    for title, raw in large().items():
        peaks = [peak(whole, raw), peak(lambda raw: join(*_pieces(raw)), raw), peak(ours, raw)]
        print(
            f"  {title:32}"
            + "".join(
                f"{name} {found / len(raw):4.2f} ×   "
                for name, found in zip(("parse()", "cut and join", "decoded"), peaks, strict=True)
            )
        )
        # The message, its content and the message made again are three times it, and the small things beside them.
        kept &= all(round(found / len(raw), 2) <= ROOM for found in peaks)
    return kept


def _pieces(raw: bytes) -> tuple[bytes, Any]:
    made = cut(raw)
    return made.header, made.pieces


def peak(read: Callable[[bytes], Any], raw: bytes) -> int:
    """The most bytes that were held at once while `raw` was read, with `raw`."""
    gc.collect()
    tracemalloc.start()
    kept = read(raw)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return most + len(raw)


def large() -> dict[str, bytes]:
    """Messages of 20 MB: a file, text, text with diacritics, quoted-printable, HTML."""
    size = MEGABYTES * 1_000_000
    line = b"Vazeni, posilame Vam objednavku cislo 55 a tesime se na spolupraci.\r\n"
    czech = "Vážení, posíláme Vám objednávku číslo 55 a těšíme se na spolupráci.\r\n".encode()
    escaped = b"V=C3=A1=C5=BEen=C3=AD, pos=C3=ADl=C3=A1me V=C3=A1m objedn=C3=A1vku =\r\n"
    letters64 = b"JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSL0ZpbHRlci9GbGF0ZURl\r\n"
    head = b"Subject: x\r\nContent-Type: "
    file = head + (
        b"multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return {
        "a file in base64": file + letters64 * (size // len(letters64)) + b"\r\n--b--\r\n",
        "plain text": head + b"text/plain\r\n\r\n" + line * (size // len(line)),
        "plain text with diacritics": head + b"text/plain; charset=utf-8\r\n\r\n" + czech * (size // len(czech)),
        "quoted-printable": head
        + b"text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + escaped * (size // len(escaped)),
        "HTML": head + b"text/html; charset=utf-8\r\n\r\n" + (b"<p>" + czech) * (size // (len(czech) + 3)),
    }


# --- hostile shapes -------------------------------------------------------------------------------------------------


def slopes() -> bool:
    """Print how the time grows with the size for shapes made to take long; whether the promise is kept."""
    print("\ntime at twice the size, by the time at the size (2 is linear); everything read, cut, joined, identified")
    kept = True
    for title, (size, make) in SHAPES.items():
        small, twice = (make(size), make(2 * size))
        slope, took = growth(small, twice, 3)
        if slope > SLOPE:  # once more: another program may have come between
            slope, took = growth(small, twice, 5)
        mark = " !" if slope > SLOPE else ""
        print(f"  {title:32}{len(twice) / 1e6:>7.2f} MB{took * 1e3:>9.1f} ms   slope {slope:.2f}{mark}")
        kept &= slope <= SLOPE
    return kept


def growth(small: bytes, twice: bytes, times: int) -> tuple[float, float]:
    """How many times longer `twice` takes than `small`, and how long."""
    short, long = seconds(partial(through, small), times), seconds(partial(through, twice), times)
    return long / max(short, 1e-9), long


def through(raw: bytes) -> None:
    """All that the archive does with a message's bytes."""
    whole(raw)
    if join(*_pieces(raw)) != raw:
        sys.exit("a message was not put together again")
    fingerprint(raw)


if __name__ == "__main__":
    sys.exit(main())
