"""A proof pack holds by itself, and whatever is changed in it is noticed by the verifier that comes with it."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podatelna.accounts import day_roots, sealing
from podatelna.accounts.audit import canonical, record
from podatelna.accounts.models import AuditEntry, DayRoot
from podatelna.archive import arrivals
from podatelna.archive.models import Delivery
from podatelna.archive.proof import verifier
from podatelna.archive.proof.packs import Subject, make_pack
from podatelna.protocols import timestamps
from tests.cast import NOON, Cast, Clock, a_mail, receive
from tests.tsa import Authority, serving

PICTURE = bytes(range(256)) * 30
Forgery = Callable[[dict[str, bytes]], dict[str, bytes]]


MAILS = (
    a_mail("Reklamace", message_id="1@example.cz", files=[("foto.png", "image/png", PICTURE)]),
    a_mail("Re: Reklamace", in_reply_to="1@example.cz", files=[("účet.txt", "text/plain", b"1 + 1\r\n")]),
)


@pytest.fixture
def subject(cast: Cast) -> Subject:
    """A conversation of two messages, with an act about it."""
    conversation = [receive(raw, cast.helpdesk_gateway) for raw in MAILS][-1]
    record(cast.dan, "export", f"conversation {conversation.pk}", format="mbox")
    deliveries = tuple(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    name = f"conversation {conversation.pk}"
    return Subject(name, "Reklamace", deliveries, (name,))


def made(subject: Subject, cast: Cast) -> bytes:
    return b"".join(make_pack(subject, cast.bob, timezone.now))


@pytest.fixture
def pack(subject: Subject, cast: Cast, tmp_path: Path) -> Path:
    path = tmp_path / "pack.zip"
    path.write_bytes(made(subject, cast))
    return path


def check(path: Path, *roots: str) -> verifier.Verifier:
    found = verifier.Verifier(verifier.Pack(str(path)), roots)
    found.code = found.run()  # type: ignore[attr-defined]  # for the tests
    return found


def holds(data: bytes, folder: Path) -> bool:
    path = folder / "changed.zip"
    path.write_bytes(data)
    try:
        return verifier.Verifier(verifier.Pack(str(path))).run() == 0
    except verifier.Broken:
        return False


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def zipped(files: dict[str, bytes]) -> bytes:
    """The files in the very form that packs have."""
    out, entries = b"", []
    for name, data in files.items():
        entries.append((name, zlib.crc32(data), len(data), len(out)))
        out += verifier.zip_start(name, data) + data
    return out + b"".join(verifier.zip_end(entries, len(out)))


def with_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a manifest that knows them: what somebody does who forges more than one file."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
        if name not in {"manifest.json", "seal.json"}
    }
    return {**files, "manifest.json": canonical(manifest).encode() + b"\n"}


def test_a_pack_holds_what_it_is_about(pack: Path, subject: Subject) -> None:
    files = members(pack)
    originals = [data for name, data in files.items() if name.endswith(".eml")]
    assert sorted(originals) == sorted(MAILS)
    assert PICTURE in files.values()
    assert {"index.cs.html", "index.en.html", "index.cs.txt", "index.en.txt", "verify.py", "seal.json"} <= set(files)
    assert "Reklamace" in files["index.cs.html"].decode()
    assert [json.loads(act["line"])["act"] for act in json.loads(files["log/acts.json"])] == ["export", "make-proof"]


def test_an_untouched_pack_holds(pack: Path) -> None:
    found = check(pack)
    assert not found.broken
    assert not found.unproven
    assert sum(line.startswith("delivery") for line in found.lines) == 2


def test_the_verifier_is_of_one_file_for_old_pythons_too() -> None:
    source = Path(verifier.__file__).read_text()
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_the_verifier_runs_by_itself_unpacked_and_packed(pack: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(pack) as file:
        file.extractall(folder)
    for arguments in ([], [str(pack)]):
        done = run_in(folder, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Everything holds." in done.stdout
    (folder / "messages" / "note.txt").write_text("slipped in")
    done = run_in(folder)
    assert (done.returncode, "note.txt: it does not belong" in done.stdout) == (1, True)


def run_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verifier that came with the pack, without anything of ours around it."""
    command = [sys.executable, "-I", "verify.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_byte_counts(pack: Path, tmp_path: Path) -> None:
    data = pack.read_bytes()
    assert holds(data, tmp_path)

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, len(data) - 1), st.integers(1, 255))
    def any_byte(position: int, change: int) -> None:
        assert not holds(data[:position] + bytes([data[position] ^ change]) + data[position + 1 :], tmp_path)

    any_byte()


def test_every_bit_of_what_is_not_the_mail_itself_counts(pack: Path, tmp_path: Path) -> None:
    """The small files and the zip's own structure, byte for byte, where a flaw would hide."""
    files = members(pack)
    for name in ("seal.json", "log/checkpoint.json"):
        for position in range(0, len(files[name]), 7):
            changed = bytearray(files[name])
            changed[position] ^= 1
            assert not holds(zipped({**files, name: bytes(changed)}), tmp_path), (name, position)
    data = pack.read_bytes()
    for position in range(len(data) - 200, len(data), 3):
        assert not holds(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :], tmp_path), position


def test_what_is_cut_added_or_turned_round_is_noticed(pack: Path, tmp_path: Path) -> None:
    data, files = pack.read_bytes(), members(pack)
    assert zipped(files) == data
    assert not holds(data[:-1], tmp_path)
    assert not holds(data + b"\n", tmp_path)
    assert not holds(b"\n" + data, tmp_path)
    assert not holds(zipped({**files, "more.txt": b"slipped in"}), tmp_path)
    for name in files:
        assert not holds(zipped({one: content for one, content in files.items() if one != name}), tmp_path), name


def change_json(
    name: str, change: Callable[[dict[str, object]], None]
) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    def changed(files: dict[str, bytes]) -> dict[str, bytes]:
        full = next(one for one in files if one.endswith(name))
        value = json.loads(files[full])
        change(value)
        return {**files, full: canonical(value).encode() + b"\n"}

    return changed


def earlier(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data.replace(b"2026-05-04T10:00", b"2026-05-03T10:00") for name, data in files.items()}


def another_text(files: dict[str, bytes]) -> dict[str, bytes]:
    name = next(one for one in files if one.endswith(".eml"))
    return {**files, name: files[name].replace(b"does not spin", b"does spin now")}


def other_index(files: dict[str, bytes]) -> dict[str, bytes]:
    return {**files, "index.cs.html": b"<p>All is well"}


FORGERIES: dict[str, Forgery] = {
    "another time": earlier,
    "another text": another_text,
    "another index": other_index,
    "another attachment": lambda files: {
        name: PICTURE[::-1] if name.endswith("foto.png") else data for name, data in files.items()
    },
    "fewer acts": lambda files: {**files, "log/acts.json": b"[]\n"},
    "another sender": change_json("message.json", lambda value: value.update({"from": "eve@example.com"})),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_who_forges_a_file_and_the_manifest_is_given_away_by_the_seal(pack: Path, tmp_path: Path, name: str) -> None:
    forged = with_manifest(FORGERIES[name](members(pack)))
    assert not holds(zipped(forged), tmp_path)


@pytest.mark.parametrize("name", ["another time", "another text", "another attachment"])
def test_who_forges_the_seal_too_is_given_away_by_the_log(pack: Path, tmp_path: Path, name: str) -> None:
    """Even if the last line could be made anew, what came before is hashed into a tree that it must go on from."""
    forged = with_manifest(FORGERIES[name](members(pack)))
    seal = json.loads(forged["seal.json"])
    seal["details"] = canonical({"manifest": hashlib.sha256(forged["manifest.json"]).hexdigest()})
    line = json.loads(seal["line"])
    line["details"] = hashlib.sha256(bytes.fromhex(seal["salt"]) + seal["details"].encode()).hexdigest()
    seal["line"] = canonical(line)
    path = [bytes.fromhex(step) for step in seal["path"]]
    leaf = verifier.leaf_hash(seal["line"].encode())
    seal["root"] = verifier.root_by_inclusion(leaf, seal["position"], seal["size"], path).hex()
    # The last line alone follows the checkpoint: the proof that the log goes on is made anew, too.
    seal["consistency"] = consistency_with(seal, forged, leaf)
    assert not holds(zipped({**forged, "seal.json": canonical(seal).encode() + b"\n"}), tmp_path)


def consistency_with(seal: dict[str, object], files: dict[str, bytes], leaf: bytes) -> list[str]:
    return [leaf.hex() if step == seal["consistency"][-1] else step for step in seal["consistency"]]  # type: ignore[index]


def test_a_known_root_must_be_led_to(pack: Path) -> None:
    root = json.loads(members(pack)["log/checkpoint.json"])["root"]
    assert check(pack, root).broken == []
    assert check(pack, "00" * 32).broken


def test_day_roots_with_time_stamps_are_there_and_checked(subject: Subject, cast: Cast, tmp_path: Path) -> None:
    while sealing.seal_acts(NOON) or arrivals.seal_arrivals(NOON):
        pass
    now = timezone.now()
    with serving(Authority(tmp_path).make()) as tsa:
        certificates = timestamps.read_certificates(tsa.certificates)
        AuditEntry.objects.filter(position=None).update(at=now)
        day_roots.close_day(now + timedelta(days=1), stamp=True)
        later = Clock(now + timedelta(days=2))
        assert day_roots.stamp_due(later, tsa.url, lambda data: timestamps.ask(tsa.url, data, certificates)) == 1
    day = DayRoot.objects.get()
    path = tmp_path / "pack.zip"
    path.write_bytes(made(subject, cast))
    found = check(path, bytes(day.root).hex())
    assert not found.broken
    assert [one["date"] for one in found.days] == [day.date.isoformat()]
    assert all(day.date.isoformat() in line for line in found.lines if line.startswith("delivery"))
    files = members(path)
    name = f"log/roots/{day.date}"
    (tmp_path / "s").write_bytes(files[f"{name}.statement"])
    (tmp_path / "t").write_bytes(files[f"{name}.tsr"])
    command = ["openssl", "ts", "-verify", "-data", "s", "-in", "t", "-CAfile", str(tsa.certificates)]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    with_another_token = {**files, f"{name}.tsr": files[f"{name}.tsr"][:-600] + bytes(600)}
    assert not holds(zipped(with_manifest(with_another_token)), tmp_path)
    # A token about something else is noticed by itself.
    with pytest.raises(verifier.Broken, match="something else"):
        verifier.check_imprint(files[f"{name}.tsr"], files[f"{name}.statement"] + b" ")
    verifier.check_imprint(files[f"{name}.tsr"], files[f"{name}.statement"])


def test_making_a_pack_is_in_the_log_with_the_hash_of_what_was_in_it(pack: Path, cast: Cast) -> None:
    entry = AuditEntry.objects.get(act="proof-made")
    assert entry.details["manifest"] == hashlib.sha256(members(pack)["manifest.json"]).hexdigest()
    assert entry.person == cast.bob
    assert AuditEntry.objects.filter(act="make-proof").exists()


def test_a_damaged_original_is_left_out_and_said(subject: Subject, cast: Cast, tmp_path: Path) -> None:
    first = Delivery.objects.order_by("pk")[0]
    arrivals.seal_arrivals(NOON)
    first.message.body.skeleton = b"no frame"
    first.message.body.save()
    path = tmp_path / "pack.zip"
    path.write_bytes(made(subject, cast))
    assert check(path).broken == []
    files = members(path)
    assert f"messages/{first.message_id}/delivery-{first.pk}.eml" not in files
    assert "can no longer be made" in files["index.en.txt"].decode()


def test_what_is_no_pack_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK nothing")
    with pytest.raises(verifier.Broken):
        verifier.Pack(str(tmp_path / "no.zip"))
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    (tmp_path / "empty.zip").write_bytes(empty.getvalue())
    assert verifier.main([str(tmp_path / "empty.zip")]) == 2


def test_a_large_pack_has_the_form_that_zip_programs_know() -> None:
    """Offsets beyond 4 GiB (APPNOTE 4.5.3), without writing as much."""
    entries = [("a.txt", zlib.crc32(b"a"), 1, 0), ("b.txt", zlib.crc32(b"b"), 1, 5 << 30)]

    class Sparse(io.RawIOBase):
        """Nothing, and the end of a file of more than 4 GiB."""

        def __init__(self, offset: int, data: bytes) -> None:
            self.offset, self.data, self.at = offset, data, 0

        def seekable(self) -> bool:
            return True

        def readable(self) -> bool:
            return True

        def seek(self, to: int, whence: int = 0) -> int:
            self.at = to if whence == 0 else self.at + to if whence == 1 else self.offset + len(self.data) + to
            return self.at

        def tell(self) -> int:
            return self.at

        def read(self, count: int = -1) -> bytes:
            start = self.at - self.offset
            found = self.data[start:] if count < 0 else self.data[start : start + count]
            self.at += len(found)
            return found

    offset = (5 << 30) + 100
    with zipfile.ZipFile(Sparse(offset, b"".join(verifier.zip_end(entries, offset)))) as file:  # type: ignore[arg-type]  # a file for reading
        assert [(info.filename, info.header_offset) for info in file.infolist()] == [("a.txt", 0), ("b.txt", 5 << 30)]
