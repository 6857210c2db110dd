"""The fuzz target, run for a while: any bytes are read, cut and joined again."""

import base64
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# The same in every run, so that what CI says of a change is about that change; who looks for more gives it more time.
RUNS, SEED, SECONDS = 3_000, 20_261_124, 60
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="fuzzing is not run: atheris has no wheel here")
def test_nothing_that_is_tried_in_a_while_fails(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "corpus", tmp_path / "corpus")
    bounds = [f"-runs={RUNS}", f"-seed={SEED}", f"-max_total_time={SECONDS}", "-max_len=8192"]
    options = [*bounds, "-timeout=60", "-rss_limit_mb=1024", "-verbosity=1"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.any_message", *options, f"-artifact_prefix={tmp_path}/", "corpus"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
    )

    found = [base64.b64encode(path.read_bytes()) for path in tmp_path.glob("crash-*")]
    assert done.returncode == 0, (found, done.stdout[-4_000:] + done.stderr[-4_000:])
    assert "DONE" in done.stderr
