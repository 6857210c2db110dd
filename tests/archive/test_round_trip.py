"""What is imported comes out again to the byte, in each form, and goes in again as the same mail."""

from __future__ import annotations

import csv
import io
import json
import mailbox
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from podatelna.archive import exporting, labels
from podatelna.archive.exporting import Exported, Ledger, MaildirFolder, names
from podatelna.archive.models import Delivery, DeliveryLabels, Message, Origin
from podatelna.archive.sources import Found, find_mail
from podatelna.archive.sources.mbox_quoting import quoted
from podatelna.archive.transfer import import_origin, import_paths

from .mails import NOON, a_message

pytestmark = pytest.mark.django_db
CORPUS = Path(__file__).parent.parent / "corpus"
AWKWARD = [
    b"",
    b"\n",
    b"From: a@b.cz",
    b"From \n",
    b"From someone Mon May  4 10:00:00 2026\nFrom: a@b.cz\n\nx",
    b">From quoted\n>>From twice\nFrom: a@b.cz\n\nFrom here\n\n\n",
    b"From: a@b.cz\r\n\r\nFrom there\r\n\r\nFrom mboxrd@z Mon May  4 10:00:00 2026\r\nTo: c@d.cz\r\n\r\nends in a CR\r",
    b"From: a@b.cz\n\nFrom mboxrd@z Mon May  4 10:00:00 2026\nSubject: not a new one\n\nx",
    b"\x00\xff\xfe no mail at all",
    b"Content-Length: 3\nFrom: a@b.cz\n\nlonger than it says\n\nFrom x Mon May  4 10:00:00 2026\nTo: y\n\nz",
]


def corpus() -> list[bytes]:
    return [path.read_bytes() for path in sorted(CORPUS.rglob("*.eml"))]


def bring(path: Path, origin: Origin | None = None) -> None:
    import_paths([path], now=lambda: NOON, take=done, progress=lambda progress: None, origin=origin)


def done(deliveries: object) -> None:
    Delivery.objects.filter(state="received").update(state="done", due_at=None)


def in_the_archive(*raws: bytes, folder: Path) -> None:
    """Through a Maildir, where any bytes are a message."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for number, raw in enumerate(raws):
        (folder / "cur" / f"1700000000.{number}").write_bytes(raw)
    bring(folder)


def all_of_it() -> Iterator[Delivery]:
    return Delivery.objects.select_related("message", "origin").order_by("pk").iterator()


def written(form: str, to: Path) -> Path:
    """An export of everything."""
    ledger = Ledger()
    if form == "folder":
        maildir = MaildirFolder(to)
        for one in exporting.read(all_of_it(), ledger):
            ledger.took(one, maildir.add(one))
        return to
    with to.open("wb") as file:
        file.writelines(exporting.stream(form, all_of_it(), ledger, NOON))
    return to


FORMS = {"folder": "out", "mbox": "out.mbox", "maildir": "out.tar", "zip": "out.zip"}


@pytest.mark.parametrize("form", FORMS)
def test_everything_in_the_corpus_comes_out_and_in_again_to_the_byte(form: str, tmp_path: Path) -> None:
    mails = [*corpus(), *(raw for raw in AWKWARD if raw)]
    in_the_archive(*mails, folder=tmp_path / "in")
    expected = sorted(set(mails))
    out = written(form, tmp_path / FORMS[form])
    assert sorted(found.raw for found in find_mail([out]) if isinstance(found, Found)) == expected
    again = import_origin("again")
    bring(out, again)
    digests = {bytes(one) for one in Delivery.objects.filter(origin=again).values_list("sha256", flat=True)}
    assert digests == {bytes(one) for one in Delivery.objects.exclude(origin=again).values_list("sha256", flat=True)}
    # Only where the time of arrival comes from differs: the mail is the same, and stored once.
    assert Message.objects.count() == len({bytes(row) for row in Message.objects.values_list("fingerprint", flat=True)})


def test_an_mbox_of_ours_can_be_undone_whatever_is_in_it(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_bytes(b"".join(quoted(raw, NOON) for raw in AWKWARD))
    assert [found.raw for found in find_mail([box]) if isinstance(found, Found)] == AWKWARD


def test_an_mbox_of_ours_is_read_by_others(tmp_path: Path) -> None:
    mails = [a_message(f"{number}", "one\r\n\r\nFrom the text\r\n") for number in range(5)]
    in_the_archive(*mails, folder=tmp_path / "in")
    box = mailbox.mbox(written("mbox", tmp_path / "out.mbox"))
    assert sorted(message["Subject"] for message in box) == ["0", "1", "2", "3", "4"]


def test_a_zip_of_ours_is_read_by_others_and_has_its_list(tmp_path: Path) -> None:
    in_the_archive(a_message("=HYPERLINK", sender="=cmd@example.cz"), a_message("Řeka/../c:"), folder=tmp_path / "in")
    out = written("zip", tmp_path / "out.zip")
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names[-2:] == ["manifest.csv", "manifest.json"]
        assert all("/" not in name and ".." not in name for name in names)
        rows = json.loads(archive.read("manifest.json"))
        listed = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
    assert [row["file"] for row in rows] == names[:2] == [row["file"] for row in listed]
    digests = [bytes(row.sha256).hex() for row in Delivery.objects.order_by("pk")]
    assert [row["sha256"] for row in rows] == digests


def test_a_zip_beyond_every_limit_of_the_old_form(tmp_path: Path) -> None:
    """Written as if four thousand million bytes were before it."""
    from podatelna.archive.exporting.zipping import Zip

    archive = Zip()
    with (tmp_path / "big.zip").open("wb") as file:
        hole = 5 * 1024**3
        file.seek(hole)
        archive._offset = hole
        for number in range(70_000):
            file.writelines(archive.add(f"{number}.eml", b"x", NOON))
        file.writelines(archive.end())
    with zipfile.ZipFile(tmp_path / "big.zip") as read:
        assert len(read.infolist()) == 70_000
        assert read.read("69999.eml") == b"x"
    from podatelna.archive.sources import zips

    with (tmp_path / "big.zip").open("rb") as file:
        assert sum(1 for _ in zips.entries(file)) == 70_000


def test_a_tar_of_ours_is_read_by_others(tmp_path: Path) -> None:
    in_the_archive(a_message("one"), folder=tmp_path / "in")
    with tarfile.open(written("maildir", tmp_path / "out.tar")) as archive:
        names = archive.getnames()
    assert {"Maildir/cur", "Maildir/new", "Maildir/tmp", "Maildir/manifest.csv"} <= set(names)
    listed = subprocess.run(["tar", "tf", tmp_path / "out.tar"], capture_output=True, text=True, check=True)
    assert len(listed.stdout.splitlines()) == len(names)


@pytest.mark.parametrize("form", ["folder", "maildir"])
def test_folders_and_flags_come_along(form: str, tmp_path: Path) -> None:
    in_the_archive(a_message(), folder=tmp_path / "in")
    given = ["Práce/2024", "\\Flagged", "\\Seen"]
    labels.attach([(Delivery.objects.get(), given)])
    out = written(form, tmp_path / FORMS[form])
    (found,) = (one for one in find_mail([out]) if isinstance(one, Found))
    assert sorted(found.labels) == sorted(given)


def test_an_export_into_a_maildir_is_repeated_without_writing_anything_twice(tmp_path: Path) -> None:
    in_the_archive(*(a_message(f"{number}") for number in range(10)), folder=tmp_path / "in")
    out = written("folder", tmp_path / "out")
    files = {path: path.stat().st_mtime_ns for path in (out / "cur").iterdir()}
    next(iter(files)).unlink()
    (out / "tmp" / "half").write_bytes(b"cut off")
    written("folder", out)
    again = {path: path.stat().st_mtime_ns for path in (out / "cur").iterdir()}
    assert again.keys() == files.keys()
    assert sum(again[path] == at for path, at in files.items()) == 9


def test_what_is_damaged_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    in_the_archive(*(a_message(f"{number}") for number in range(3)), folder=tmp_path / "in")
    broken = Delivery.objects.order_by("pk")[1]
    Delivery.objects.filter(pk=broken.pk).update(sha256=b"\0" * 32)
    ledger = Ledger()
    out = io.BytesIO(b"".join(exporting.stream("zip", all_of_it(), ledger, NOON)))
    assert (ledger.done, [pk for pk, _ in ledger.failures]) == (2, [broken.pk])
    with zipfile.ZipFile(out) as archive:
        rows = json.loads(archive.read("manifest.json"))
    assert [row["delivery"] for row in rows if row["error"]] == [broken.pk]


def test_names_are_unique_and_safe_whatever_a_stranger_wrote(tmp_path: Path) -> None:
    in_the_archive(
        a_message("../../etc/passwd", sender="..@x/y\\z"), a_message("a" * 5000), a_message("\u202egpj.exe"),
        folder=tmp_path / "in",
    )  # fmt: skip
    for delivery in Delivery.objects.select_related("message"):
        for folder in ("../../up", "CON", "C:\\x", "a\x00b", "ř" * 300, "/abs", " .. "):
            name = names.readable(Exported(delivery, b"", [labels.folder(folder)]))
            assert not name.startswith("/")
            assert ".." not in name.split("/")
            assert max(len(part.encode()) for part in name.split("/")) < 255
            maildir, file = names.maildir(Exported(delivery, b"", [labels.folder(folder)]))
            assert "/" not in maildir + file
            assert len(maildir.encode()) < 255
    assert DeliveryLabels.objects.count() == 0
