#!/usr/bin/env python3
"""Checks a proof pack made by Podatelna. Needs nothing but Python 3.8 or newer, and no network.

    python3 verify.py pack.zip
    python3 verify.py                      in the folder that a pack was unpacked into
    python3 verify.py pack.zip --root HEX  also: the pack must lead to this root, known from elsewhere

It recomputes every hash: of the originals, of the attachments out of the originals, of each line of the log, of the
Merkle trees (RFC 6962) up to the roots of days, and of what the time-stamps (RFC 3161) are about. Whatever was changed
afterwards, by a single bit, is named. The signature of a time-stamp is checked with OpenSSL; the command is printed.

Exit code: 0 everything holds; 1 something was changed or is missing; 2 this is no pack; 3 what is there holds, and
something is not proven yet (it had not been sealed when the pack was made).

The construction is described in docs/administration/proof.md of Podatelna.
"""

# ruff: noqa: T201, UP031  # it talks on the console, and must run on old machines

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

MANIFEST, SEAL = "manifest.json", "seal.json"
CHECKPOINT, ACTS, ROOTS = "log/checkpoint.json", "log/acts.json", "log/roots/"
LARGEST = 0xFFFFFFFF
SHA256_OID = bytes.fromhex("0609608648016503040201")


class Broken(Exception):
    """Something does not hold; says what."""


# --- hashes (RFC 6962, section 2.1) ----------------------------------------------------------------------


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def leaf_hash(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_by_inclusion(leaf: bytes, position: int, size: int, path: list[bytes]) -> bytes:
    """The root that a proof of inclusion leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size:
        raise Broken("a position outside of its tree")
    first, last, found = position, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Broken("a proof that is too long")
        if first % 2 or first == last:
            found = node_hash(sibling, found)
            while first % 2 == 0 and first != 0:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        first, last = first >> 1, last >> 1
    if last != 0:
        raise Broken("a proof that is too short")
    return found


def roots_by_consistency(old: int, size: int, old_root: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    """The two roots that a proof of consistency leads to (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= size:
        raise Broken("a tree that is larger than the one it is part of")
    if old == size:
        if path:
            raise Broken("a proof that is too long")
        return old_root, old_root
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        raise Broken("a proof that is too short")
    first, last = old - 1, size - 1
    while first % 2:
        first, last = first >> 1, last >> 1
    was = now = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            raise Broken("a proof that is too long")
        if first % 2 or first == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while first % 2 == 0 and first != 0:
                first, last = first >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        first, last = first >> 1, last >> 1
    if last != 0:
        raise Broken("a proof that is too short")
    return was, now


# --- files of one form -----------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """JSON in the one form that is hashed: sorted keys, no blanks, ASCII, one line."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def read_json(data: bytes) -> Any:
    """What `canonical` and a line break made. Raises Broken for any other form of it."""
    try:
        value = json.loads(data.decode("ascii"))
    except ValueError:
        raise Broken("it is no JSON") from None
    if canonical(value) + b"\n" != data:
        raise Broken("it is not in the form in which Podatelna writes it")
    return value


def zip_start(name: str, data: bytes) -> bytes:
    """The header before a file in a pack. Packs are not compressed and have one form only."""
    encoded = name.encode()
    if len(data) >= LARGEST:
        raise Broken("%s is larger than 4 GiB" % name)
    fields = (20, 0x0800, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(encoded), 0)
    return b"PK\x03\x04" + struct.pack("<5H3L2H", *fields) + encoded


def zip_end(entries: Iterable[tuple[str, int, int, int]], offset: int) -> Iterator[bytes]:
    """What stands after the files: `entries` are (name, CRC, size, offset); `offset` is where this begins."""
    count, size = 0, 0
    for name, crc, length, start in entries:
        encoded = name.encode()
        # APPNOTE 4.5.3: an offset that does not fit stands in an extra field.
        extra = struct.pack("<2HQ", 1, 8, start) if start >= LARGEST else b""
        version = 45 if extra else 20
        fields = (0x0300 + version, version, 0x0800, 0, 0, 0x21, crc, length, length, len(encoded), len(extra), 0, 0, 0)
        record = b"PK\x01\x02" + struct.pack("<6H3L5H", *fields)
        record += struct.pack("<2L", 0o100644 << 16, min(start, LARGEST)) + encoded + extra
        yield record
        count, size = count + 1, size + len(record)
    if count >= 0xFFFF or offset >= LARGEST or size >= LARGEST:
        yield b"PK\x06\x06" + struct.pack("<Q2H2L4Q", 44, 0x0300 + 45, 45, 0, 0, count, count, size, offset)
        yield b"PK\x06\x07" + struct.pack("<LQL", 0, offset + size, 1)
    few, where = min(count, 0xFFFF), min(offset, LARGEST)
    yield b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, few, few, min(size, LARGEST), where, 0)


# --- where the files are ---------------------------------------------------------------------------------


class Pack:
    """The files of a pack by their names, in a zip file or a folder."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.zip: zipfile.ZipFile | None = None
        if os.path.isdir(path):
            self.names = sorted(self._walk())
        else:
            try:
                self.zip = zipfile.ZipFile(path)
                self.names = [info.filename for info in self.zip.infolist()]
            except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, struct.error) as error:
                raise Broken("%s cannot be read as a zip file: %s" % (path, error)) from None

    def _walk(self) -> Iterator[str]:
        for folder, _, names in os.walk(self.path):
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.path).replace(os.sep, "/")

    def read(self, name: str) -> bytes:
        try:
            if self.zip is not None:
                return self.zip.read(name)
            with open(os.path.join(self.path, *name.split("/")), "rb") as file:
                return file.read()
        except (OSError, ValueError, KeyError, EOFError, RuntimeError, NotImplementedError, struct.error) as error:
            raise Broken("it cannot be read: %s" % error) from None
        except (zipfile.BadZipFile, zlib.error) as error:
            raise Broken("it cannot be read: %s" % error) from None

    def check_container(self) -> None:
        """A zip file must be the very bytes that Podatelna makes of these files: nothing hides between them."""
        if self.zip is None:
            return
        if len(set(self.names)) != len(self.names):
            raise Broken("a name stands in it twice")
        with open(self.path, "rb") as file:
            offset = 0
            entries: list[tuple[str, int, int, int]] = []
            for name in self.names:
                data = self.read(name)
                for piece in (zip_start(name, data), data):
                    self._expect(file, piece)
                entries.append((name, zlib.crc32(data), len(data), offset))
                offset = file.tell()
            for piece in zip_end(entries, offset):
                self._expect(file, piece)
            if file.read(1):
                raise Broken("something stands after its end")

    @staticmethod
    def _expect(file: BinaryIO, piece: bytes) -> None:
        if file.read(len(piece)) != piece:
            raise Broken("its bytes are not those that Podatelna wrote")


# --- the check -------------------------------------------------------------------------------------------


class Verifier:
    """Checks one pack; `broken` and `unproven` are what was found, `lines` what holds."""

    def __init__(self, pack: Pack, roots: Iterable[str] = ()) -> None:
        self.pack = pack
        self.wanted = [root.lower() for root in roots]
        self.broken: list[str] = []
        self.unproven: list[str] = []
        self.lines: list[str] = []
        self.files: dict[str, dict[str, Any]] = {}
        self.size, self.root, self.log = 0, b"", ""
        self.known: dict[str, int] = {}  # roots and the sizes of their trees
        self.days: list[dict[str, Any]] = []

    def run(self) -> int:
        """Check everything; the exit code."""
        if MANIFEST not in self.pack.names:
            self.broken.append("this is no proof pack: it has no %s" % MANIFEST)
            return 2
        self._try("the zip file", self.pack.check_container)
        self._try(MANIFEST, self._manifest)
        self._try(SEAL, self._seal)
        self._try(CHECKPOINT, self._checkpoint)
        for name in sorted(self.files):
            if name.startswith(ROOTS) and name.endswith(".json"):
                self._try(name, self._day, name)
        self._try(ACTS, self._acts)
        for name in sorted(self.files):
            if name.startswith("messages/") and name.endswith("/message.json"):
                self._try(name, self._message, name)
        for root in self.wanted:
            if root not in self.known:
                self.broken.append("the pack does not lead to the root %s" % root)
        return 1 if self.broken else 3 if self.unproven else 0

    def _try(self, what: str, check: Any, *arguments: Any) -> None:
        try:
            check(*arguments)
        except Broken as error:
            self.broken.append("%s: %s" % (what, error))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, RecursionError) as error:
            self.broken.append("%s: it is not as Podatelna writes it (%s: %s)" % (what, type(error).__name__, error))

    def _manifest(self) -> None:
        """Every file is there, is what it was, and nothing else is there."""
        self.files = read_json(self.pack.read(MANIFEST))["files"]
        for name in sorted(self.files):
            if name not in self.pack.names:
                self.broken.append("%s: it is missing" % name)
                continue
            self._try(name, self._file, name)
        for name in sorted(set(self.pack.names) - set(self.files) - {MANIFEST, SEAL}):
            self.broken.append("%s: it does not belong to the pack" % name)
        self.lines.append("%d files are there, unchanged" % len(self.files))

    def _file(self, name: str) -> None:
        data = self.pack.read(name)
        if sha256(data) != self.files[name]["sha256"] or len(data) != self.files[name]["size"]:
            raise Broken("it was changed")

    def _read(self, name: str) -> Any:
        return read_json(self.pack.read(name))

    def _line(self, line: str, position: int, path: list[str], size: int, root: bytes) -> dict[str, Any]:
        """A line of the log, checked to stand at its position below a root."""
        hashes = [bytes.fromhex(step) for step in path]
        if root_by_inclusion(leaf_hash(line.encode("ascii")), position, size, hashes) != root:
            raise Broken("line %d of the log does not lead to the root" % position)
        content = json.loads(line)
        assert isinstance(content, dict)
        return content

    def _details(self, content: dict[str, Any], details: str, salt: str) -> Any:
        """The details of an act, checked against what the log committed to."""
        if sha256(bytes.fromhex(salt) + details.encode("ascii")) != content["details"]:
            raise Broken("the details of entry %s are not those of the log" % content.get("entry"))
        return json.loads(details)

    def _seal(self) -> None:
        """The manifest is the one that the making of this pack was recorded with."""
        seal = self._read(SEAL)
        expected = {"v", "line", "details", "salt", "position", "path", "size", "root", "consistency"}
        if set(seal) != expected or seal["v"] != 1:
            raise Broken("it has other values than it should")
        root = bytes.fromhex(seal["root"])
        content = self._line(seal["line"], seal["position"], seal["path"], seal["size"], root)
        said = self._details(content, seal["details"], seal["salt"])
        if content["act"] != "proof-made" or said["manifest"] != sha256(self.pack.read(MANIFEST)):
            raise Broken("the files of this pack are not those that its making was recorded with")
        base = self._read(CHECKPOINT)
        path = [bytes.fromhex(step) for step in seal["consistency"]]
        own = bytes.fromhex(base["root"])
        if roots_by_consistency(base["size"], seal["size"], own, path) != (own, root):
            raise Broken("the log at the end does not begin with the log of the checkpoint")
        self.known[seal["root"]] = seal["size"]
        self.lines.append("made %s (%s), recorded as line %d of the log" % (
            content["at"], content["subject"], seal["position"]))  # fmt: skip
        self.lines.append("the log at the end of making: %d lines, root %s" % (seal["size"], seal["root"]))

    def _checkpoint(self) -> None:
        base = self._read(CHECKPOINT)
        self.size, self.root, self.log = base["size"], bytes.fromhex(base["root"]), base["log"]
        self.known[base["root"]] = self.size

    def _day(self, name: str) -> None:
        """A day's root belongs to the same log, and the log of the checkpoint goes on from it."""
        entry = self._read(name)
        data = entry["statement"].encode("ascii")
        day = read_json(data)
        if day["log"] != self.log:
            raise Broken("it is of another log")
        path = [bytes.fromhex(step) for step in entry["consistency"]]
        own = bytes.fromhex(day["root"])
        if roots_by_consistency(day["size"], self.size, own, path) != (own, self.root):
            raise Broken("the log does not go on from this day's root")
        self.known[day["root"]] = day["size"]
        token = name[: -len(".json")] + ".tsr"
        statement = name[: -len(".json")] + ".statement"
        if self.pack.read(statement) != data:
            raise Broken("its statement is another one")
        if token in self.files:
            check_imprint(self.pack.read(token), data)
            day["token"] = token
            day["statement"] = statement
        self.days.append(day)

    def _acts(self) -> None:
        acts = self._read(ACTS)
        for act in acts:
            content = self._line(act["line"], act["position"], act["path"], self.size, self.root)
            if act["details"] is not None:
                self._details(content, act["details"], act["salt"])
        self.lines.append("%d acts are in the log as shown" % len(acts))

    def _message(self, name: str) -> None:
        message = self._read(name)
        originals: dict[int, bytes] = {}
        for delivery in message["deliveries"]:
            self._try("delivery %s" % delivery["delivery"], self._delivery, delivery, message["message"], originals)
        for file in message["attachments"]:
            self._try(file["file"], self._attachment, file, originals)

    def _delivery(self, delivery: dict[str, Any], message: int, originals: dict[int, bytes]) -> None:
        number = delivery["delivery"]
        proof = delivery["arrival"]
        if delivery["file"] is not None:
            data = originals[number] = self.pack.read(delivery["file"])
            if sha256(data) != delivery["sha256"] or len(data) != delivery["size"]:
                raise Broken("the original is not the one that is described")
        if proof is None:
            self.unproven.append("delivery %d was not sealed yet when the pack was made" % number)
            return
        arrival = json.loads(proof["content"])
        said = {"delivery": number, "message": message, "sha256": delivery["sha256"], "size": delivery["size"],
                "at": delivery["at"], "origin": delivery["origin"]["number"]}  # fmt: skip
        if any(arrival[name] != value for name, value in said.items()):
            raise Broken("the arrival that was sealed is another one")
        line = self._line(proof["line"], proof["position"], proof["line_path"], self.size, self.root)
        path = [bytes.fromhex(step) for step in proof["path"]]
        found = root_by_inclusion(leaf_hash(proof["content"].encode("ascii")), proof["offset"], line["count"], path)
        if line["kind"] != "arrivals" or found.hex() != line["root"]:
            raise Broken("the arrival does not lead to its line of the log")
        words = "delivery %d arrived %s, SHA-256 %s" % (number, arrival["at"], arrival["sha256"])
        self.lines.append("%s: line %d of the log%s" % (words, proof["position"], self._covered(proof["position"])))

    def _covered(self, position: int) -> str:
        days = [day for day in self.days if position < day["size"]]
        if not days:
            return "; no day's root covers it yet"
        first = min(days, key=lambda day: day["size"])
        return ", below the root of %s" % first["date"]

    def _attachment(self, file: dict[str, Any], originals: dict[int, bytes]) -> None:
        data = self.pack.read(file["file"])
        if sha256(data) != file["sha256"] or len(data) != file["size"]:
            raise Broken("it is not the one that is described")
        if file["within"] is None:
            return  # it stands inside of another file, whose format is not one of mail: nothing to compare with
        within = file["within"]
        body = originals[file["delivery"]][within["start"] : within["end"]]
        if DECODERS[within["encoding"]](body) != data:
            raise Broken("it is not the one that the original holds")


def decode_base64(body: bytes) -> bytes:
    return base64.b64decode(bytes(byte for byte in body if byte not in b" \t\r\n"))


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "base64": decode_base64,
    "quoted-printable": binascii.a2b_qp,
}


# --- time-stamps -----------------------------------------------------------------------------------------


def der(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The elements in a stretch of DER: tag, begin and end of the content."""
    while start < end:
        tag, length = data[start], data[start + 1]
        start += 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[start : start + count], "big")
            start += count
        if start + length > end:
            raise Broken("the time-stamp is no DER")
        yield tag, start, start + length
        start += length


def inside(data: bytes, element: tuple[int, int, int], number: int) -> tuple[int, int, int]:
    return list(der(data, element[1], element[2]))[number]


def check_imprint(token: bytes, statement: bytes) -> None:
    """RFC 3161 2.4.2: the time-stamp is about exactly this statement."""
    whole = next(der(token, 0, len(token)))
    status = inside(token, inside(token, whole, 0), 0)
    if token[status[1] : status[2]] not in (b"\x00", b"\x01"):
        raise Broken("the time-stamp was not granted")
    content = inside(token, inside(token, whole, 1), 1)  # [0] of ContentInfo
    signed = inside(token, content, 0)
    encapsulated = inside(token, signed, 2)
    octets = inside(token, inside(token, encapsulated, 1), 0)
    info = next(der(token, octets[1], octets[2]))
    imprint = inside(token, info, 2)
    algorithm, digest = inside(token, imprint, 0), inside(token, imprint, 1)
    if not token[algorithm[1] : algorithm[2]].startswith(SHA256_OID):
        raise Broken("the time-stamp is not over a SHA-256")
    if token[digest[1] : digest[2]] != hashlib.sha256(statement).digest():
        raise Broken("the time-stamp is about something else")


# --- the command -----------------------------------------------------------------------------------------


def report(verifier: Verifier) -> None:
    for line in verifier.lines:
        print("ok      %s" % line)
    for day in sorted(verifier.days, key=lambda day: day["size"]):
        stamped = "time-stamped" if "token" in day else "not time-stamped"
        print("root    %s: %s, %d lines, %s" % (day["date"], day["root"], day["size"], stamped))
    for line in verifier.unproven:
        print("LATER   %s" % line)
    for line in verifier.broken:
        print("BROKEN  %s" % line)
    stamped_days = [day for day in verifier.days if "token" in day]
    if stamped_days and not verifier.broken:
        print("\nThe signature of a time-stamp is checked with OpenSSL, in the unpacked folder; CA.pem holds the")
        print("certificate of the authority, got from the authority itself:")
        for day in stamped_days:
            print("  openssl ts -verify -data %s -in %s -CAfile CA.pem" % (day["statement"], day["token"]))
    if not verifier.broken:
        print("\nCompare a root above with one that was exported or published at its time (or use --root).")


def main(arguments: list[str]) -> int:
    roots, paths = [], []
    rest = iter(arguments)
    for argument in rest:
        if argument in ("-h", "--help"):
            print(__doc__)
            return 0
        if argument == "--root":
            roots.append(next(rest, ""))
        else:
            paths.append(argument)
    path = paths[0] if paths else os.path.dirname(os.path.abspath(__file__))
    try:
        verifier = Verifier(Pack(path), roots)
    except Broken as error:
        print("BROKEN  %s" % error)
        return 2
    code = verifier.run()
    report(verifier)
    words = {0: "Everything holds.", 1: "SOMETHING WAS CHANGED OR IS MISSING.", 2: "This is no proof pack.",
             3: "What is there holds; something is not proven yet."}  # fmt: skip
    print("\n%s" % words[code])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
