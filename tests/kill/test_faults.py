"""A small fault run; the large one is `python bench/faults.py`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from .installation import ROOT


@pytest.mark.dovecot
def test_of_what_breaks_together_nothing_is_lost_and_nothing_comes_twice() -> None:
    database = "postgresql" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "sqlite"
    if not shutil.which("dovecot") and os.environ.get("CI") != "true":
        pytest.skip("Dovecot is not installed")
    size = ["--messages", "60", "--hostile", "13", "--kills", "10", "--small"]
    done = subprocess.run(
        [sys.executable, "bench/faults.py", *size, "--database", database],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert done.stdout.count("  right") == 20
