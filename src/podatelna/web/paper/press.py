"""Typst in a process of its own, with limits: a picture that makes it eat memory or time costs the PDF alone.

`python press.py FOLDER`, which needs nothing of ours, sets FOLDER/conversation.typ with FOLDER/data.json and the
pictures there into FOLDER/out.pdf.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_SECONDS = 120
_MEMORY = 3 * 1024**3  # of addresses; Rust's allocator and the fonts take much of them without using it
_LARGEST = 512 * 1024**2  # of the file
_TEMPLATE = Path(__file__).parent / "conversation.typ"


class NotPrinted(Exception):
    """Typst could not set it; the words are Typst's."""


def print_pdf(data: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    """The PDF of `data` with `pictures` by the names of their files. Raises NotPrinted."""
    with tempfile.TemporaryDirectory(prefix="podatelna-paper-") as name:
        folder = Path(name)
        shutil.copy(_TEMPLATE, folder)
        (folder / "data.json").write_text(json.dumps(data), "utf-8")
        for file, content in pictures.items():
            (folder / file).write_bytes(content)
        try:
            done = subprocess.run(
                [sys.executable, "-P", __file__, name], capture_output=True, timeout=2 * _SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotPrinted("it took too long") from None
        out = folder / "out.pdf"
        if done.returncode or not out.exists():
            raise NotPrinted(done.stderr.decode("utf-8", "replace")[-500:] or f"it ended with {done.returncode}")
        return out.read_bytes()


def _main(folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST, _LARGEST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import typst

    data = (folder / "data.json").read_text("utf-8")
    template, out = str(folder / _TEMPLATE.name), str(folder / "out.pdf")
    typst.compile(template, out, root=str(folder), sys_inputs={"data": data})


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
