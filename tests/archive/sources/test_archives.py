"""Compressed files and archives: their mail comes out whole; what is hostile or broken is refused with a reason."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from podatelna.archive.sources import Found, Skipped, find_mail
from podatelna.archive.sources import allowance as allowances

MAIL = b"From: a@b.cz\nTo: c@d.cz\nSubject: one\n\ntext\n"
OTHER = MAIL.replace(b"one", b"two")
SEPARATOR = b"From a@b.cz Mon May  4 10:00:00 2026\n"
MBOX = SEPARATOR + MAIL + b"\n" + SEPARATOR + OTHER + b"\n"
COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
}


def found(path: Path) -> tuple[list[bytes], list[str]]:
    mails, reasons = [], []
    for one in find_mail([path]):
        if isinstance(one, Skipped):
            reasons.append(one.reason)
        else:
            mails.append(one.raw)
    return mails, reasons


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def a_tar(entries: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name, data in entries.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return file.getvalue()


def a_zip(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


# --- whole -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_a_compressed_mbox(suffix: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"old.mbox.{suffix}", COMPRESSED[suffix](MBOX))
    assert found(path) == ([MAIL, OTHER], [])
    assert {one.labels for one in find_mail([path]) if isinstance(one, Found)} == {("old",)}


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_members_one_after_the_other_and_padding_behind_them(suffix: str, tmp_path: Path) -> None:
    compress = COMPRESSED[suffix]
    data = compress(MBOX[:70]) + compress(MBOX[70:]) + (b"" if suffix == "zst" else bytes(512))
    assert found(write(tmp_path / f"x.{suffix}", data)) == ([MAIL, OTHER], [])


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("suffix", ["", *COMPRESSED])
def test_a_tar_archive(suffix: str, form: int, tmp_path: Path) -> None:
    deep = "/".join(f"folder{number:03}" for number in range(12))
    data = a_tar({f"{deep}/a.eml": MAIL, "Maildir/.Pr&AOE-ce/cur/1700000000.x:2,FS": OTHER, "empty": b""}, form)
    path = write(tmp_path / "mail.tar", COMPRESSED[suffix](data) if suffix else data)
    labels = {one.raw: one.labels for one in find_mail([path]) if isinstance(one, Found)}
    assert labels == {MAIL: (deep,), OTHER: ("Práce", "\\Flagged", "\\Seen")}


def test_a_long_name_in_a_tar_archive(tmp_path: Path) -> None:
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        path = write(tmp_path / "x.tar", a_tar({f"{'ř' * 300}/a.eml": MAIL}, form))
        assert found(path) == ([MAIL], [])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_archive(method: int, tmp_path: Path) -> None:
    data = a_zip({"Práce/a.eml": MAIL, "box": MBOX, "picture.png": b"\x89PNG", "folder/": b""}, method)
    path = write(tmp_path / "mail.zip", data + b"")
    assert found(path) == ([MAIL, MAIL, OTHER], ["does not look like mail"])
    labels = [one.labels for one in find_mail([path]) if isinstance(one, Found)]
    assert labels == [("Práce",), ("box",), ("box",)]


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = a_zip({"b.mbox.gz": gzip.compress(MBOX)})
    path = write(tmp_path / "x.tar.xz", lzma.compress(a_tar({"in/a.zip": inner, "c.eml": OTHER})))
    assert found(path) == ([MAIL, OTHER, OTHER], [])


def test_a_maildir_whose_files_are_compressed(tmp_path: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
    write(tmp_path / "cur" / "1.x:2,S", gzip.compress(MAIL))
    write(tmp_path / "cur" / "2.x:2,S", zstandard.compress(b"no mail, but in a Maildir"))
    assert sorted(found(tmp_path)[0]) == sorted([MAIL, b"no mail, but in a Maildir"])


def test_documents_are_not_searched_for_mail(tmp_path: Path) -> None:
    path = write(tmp_path / "letter.docx", a_zip({"word/document.xml": b"<x/>", "a.eml": MAIL}))
    assert found(path) == ([], ["does not look like mail"])


# --- hostile and broken ----------------------------------------------------------------------------------------


@pytest.fixture
def little_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rule with smaller numbers: a real bomb would take its time."""
    monkeypatch.setattr(allowances, "_FREE", 1_000_000)


ZEROS = bytes(30_000_000)


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_a_bomb_is_not_read_on(suffix: str, little_is_allowed: None, tmp_path: Path) -> None:
    path = write(tmp_path / f"bomb.eml.{suffix}", COMPRESSED[suffix](MAIL + ZEROS))
    if suffix == "gz":
        path.write_bytes(gzip.compress(path.read_bytes()))
    mails, reasons = found(path)
    assert mails == []
    assert "bomb" in reasons[0]


def test_a_bomb_in_a_zip_ends_the_whole_archive(little_is_allowed: None, tmp_path: Path) -> None:
    path = write(tmp_path / "bomb.zip", a_zip({f"{number}.eml": MAIL + ZEROS for number in range(3)}))
    _, reasons = found(path)
    assert len(reasons) == 1
    assert "bomb" in reasons[0]


def test_entries_that_share_their_bytes_are_counted_each(little_is_allowed: None, tmp_path: Path) -> None:
    """A directory of ten thousand entries which all name one content."""
    one = a_zip({"a.eml": MAIL + bytes(500_000)})
    start = one.index(b"PK\x01\x02")
    entry = one[start : one.index(b"PK\x05\x06")]
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 10_000, 10_000, len(entry) * 10_000, start, 0)
    mails, reasons = found(write(tmp_path / "bomb.zip", one[:start] + entry * 10_000 + end))
    assert "bomb" in reasons[-1]
    assert len(mails) < 1000


def test_archives_too_deep_in_each_other(tmp_path: Path) -> None:
    data = MAIL
    for _ in range(6):
        data = gzip.compress(data)
    assert found(write(tmp_path / "x.gz", data)) == ([], ["more than 4 archives in each other"])


@pytest.mark.parametrize("suffix", COMPRESSED)
@pytest.mark.parametrize("cut", [10, 100])
def test_what_is_cut_off_is_named_and_what_came_before_it_is_here(suffix: str, cut: int, tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(1_500_000)  # more than a block of bzip2
    data = COMPRESSED[suffix](MBOX + SEPARATOR + MAIL + noise)[:-cut]
    mails, reasons = found(write(tmp_path / f"x.{suffix}", data))
    assert mails[:2] == [MAIL, OTHER]
    assert len(reasons) == 1
    assert reasons[0].startswith("the compressed data")


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_what_is_damaged_is_named(suffix: str, tmp_path: Path) -> None:
    data = bytearray(COMPRESSED[suffix](MBOX * 2000))
    data[len(data) // 2 :] = b"\xff" * (len(data) // 2)
    reasons = found(write(tmp_path / f"x.{suffix}", bytes(data)))[1]
    assert len(reasons) == 1
    assert reasons[0].startswith("the compressed data")


def test_a_damaged_file_in_an_archive_costs_itself_alone(tmp_path: Path) -> None:
    broken = gzip.compress(MBOX)[:-12]
    for name, data in (
        ("x.tar", a_tar({"a.mbox.gz": broken, "b.eml": OTHER})),
        ("x.zip", a_zip({"a.mbox.gz": broken, "b.eml": OTHER})),
    ):
        mails, reasons = found(write(tmp_path / name, data))
        assert mails[-1] == OTHER
        assert reasons == ["the compressed data ends too early"]


def test_a_tar_that_is_cut_off(tmp_path: Path) -> None:
    data = a_tar({"a.eml": MAIL, "b.eml": OTHER * 1000})
    mails, reasons = found(write(tmp_path / "x.tar", data[:3000]))
    assert mails == [MAIL]
    assert reasons
    assert all("too early" in reason for reason in reasons)


def test_a_zip_that_is_cut_off_has_no_directory(tmp_path: Path) -> None:
    mails, reasons = found(write(tmp_path / "x.zip", a_zip({"a.eml": MAIL})[:-30]))
    assert (mails, len(reasons)) == ([], 1)


def test_a_changed_byte_in_a_zip_is_found(tmp_path: Path) -> None:
    data = bytearray(a_zip({"a.eml": MAIL, "b.eml": OTHER}, zipfile.ZIP_STORED))
    data[data.index(b"text")] ^= 1
    mails, reasons = found(write(tmp_path / "x.zip", bytes(data)))
    assert mails == [OTHER]
    assert reasons == ["it is damaged (its checksum is another)"]


def test_an_encrypted_zip_entry_is_named(tmp_path: Path) -> None:
    data = bytearray(a_zip({"a.eml": MAIL}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert found(write(tmp_path / "x.zip", bytes(data))) == ([], ["it is encrypted with a password"])


def test_links_devices_and_paths_upwards_in_a_tar_do_nothing(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            header = tarfile.TarInfo("odd")
            header.type, header.linkname = kind, "/etc/passwd"
            archive.addfile(header)
        header = tarfile.TarInfo("../../../escaped.eml")
        header.size = len(MAIL)
        archive.addfile(header, io.BytesIO(MAIL))
    before = set(tmp_path.parent.iterdir())
    path = write(tmp_path / "x.tar", file.getvalue())
    assert found(path) == ([MAIL], [])
    assert set(tmp_path.parent.iterdir()) == before


@pytest.mark.parametrize("size", [b"77777777777", b"-0000000001", b"\x80" + b"\xff" * 11, b"nonsense\0\0\0\0"])
def test_lies_about_sizes_in_a_tar(size: bytes, tmp_path: Path) -> None:
    block = bytearray(a_tar({"a.eml": MAIL})[:512])
    block[124:136] = size.ljust(12, b"\0")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    mails, reasons = found(write(tmp_path / "x.tar", bytes(block) + MAIL))
    assert mails == []
    assert reasons


def test_whatever_bytes_they_are_nothing_is_raised(tmp_path: Path) -> None:
    chance = random.Random(4711)
    samples = [a_zip({"a.eml": MAIL, "b": MBOX}), a_tar({"a.eml": MAIL, "b": MBOX}), zlib.compress(MBOX)]
    samples += [compress(MBOX) for compress in COMPRESSED.values()]
    for _ in range(400):
        data = bytearray(chance.choice(samples))
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        found(write(tmp_path / "x", bytes(data[: chance.randint(1, len(data))])))
