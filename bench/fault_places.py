"""What bench/faults.py breaks: a disk that can be full, a PostgreSQL cluster that crashes, a blob store that goes."""

from __future__ import annotations

import os
import pwd
import resource
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.servers import free_port

_DISK = "900m"


class Disk:
    """A folder on a file system of its own where this is root; else the processes are not let write large files."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="faults-"))
        self.path.chmod(0o755)
        self.mounted = False
        if os.getuid() == 0:
            mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=755", "tmpfs", str(self.path)]
            self.mounted = subprocess.run(mount, capture_output=True).returncode == 0
        self._ballast = self.path / "ballast"

    @property
    def kind(self) -> str:
        """How it becomes full."""
        return "a full file system" if self.mounted else "a limit on the size of files"

    def fill(self) -> None:
        """Not a byte is left."""
        if not self.mounted:
            # Of processes that are started from now on.
            resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, resource.RLIM_INFINITY))
            return
        with self._ballast.open("ab") as file:
            for size in (1024 * 1024, 4096):
                with suppress(OSError):
                    while True:
                        os.write(file.fileno(), bytes(size))

    def free(self) -> None:
        """There is room again."""
        if not self.mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self._ballast.unlink(missing_ok=True)

    def remove(self) -> None:
        """With everything on it."""
        self.free()
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.path)], check=False)
        shutil.rmtree(self.path, ignore_errors=True)


class Postgres:
    """A cluster of its own, with fsync as it is by default, and no more log kept than fits a small disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "postgresql", free_port()
        self.folder.mkdir()
        self._owner = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        shutil.chown(self.folder, self._owner)
        self._log = Path(tempfile.mkdtemp(prefix="faults-log-"))
        shutil.chown(self._log, self._owner)
        self._run("initdb", "-U", "podatelna", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()

    @property
    def url(self) -> str:
        """For DATABASE_URL."""
        return f"postgresql://podatelna@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, or see that it runs."""
        options = f"-k {self._log} -h 127.0.0.1 -p {self.port} -c max_connections=80 -c max_wal_size=64MB"
        self._run("pg_ctl", "-l", str(self._log / "log"), "-w", "-t", "60", "-o", options, "start", may_fail=True)

    def crash(self) -> None:
        """As if the power went: no checkpoint, and clients are told nothing."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop", may_fail=True)

    def log(self) -> str:
        """What it wrote down."""
        return "".join(path.read_text("utf-8", "replace") for path in self._log.iterdir())

    def remove(self) -> None:
        """Stop it and delete its log; the data go with the disk."""
        self.crash()
        shutil.rmtree(self._log, ignore_errors=True)

    def _run(self, program: str, *arguments: str, may_fail: bool = False) -> None:
        as_owner = ["runuser", "-u", self._owner, "--"] if os.getuid() == 0 else []
        command = [*as_owner, _binary(program), "-D", str(self.folder), *arguments]
        with (self._log / "commands").open("ab") as said:
            done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False)
        if done.returncode and not may_fail:
            raise RuntimeError(f"{program} ended with {done.returncode}")


def _binary(program: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else shutil.which(program) or program


class Blobs:
    """The blob store's folder, which can be taken away."""

    def __init__(self, data: Path) -> None:
        self.folder, self.aside = data / "blobs", data / "blobs-aside"

    def fail(self) -> None:
        """In its place stands a file: whatever is put or read fails. (root may write where nobody may.)"""
        if self.folder.is_dir():
            self.folder.rename(self.aside)
        self.folder.write_bytes(b"")

    def recover(self) -> None:
        """It is there again, as it was."""
        if self.folder.is_file():
            self.folder.unlink()
        if self.aside.is_dir() and not self.folder.exists():
            self.aside.rename(self.folder)
