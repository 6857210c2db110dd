"""What main() makes of errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from podatelna.run import cli
from podatelna.run.errors import PortTaken


def test_a_refusal_is_its_message() -> None:
    def refuse(**_: object) -> None:
        raise PortTaken("port 8000 is taken.")

    with pytest.raises(SystemExit) as ended:
        cli.main(refuse)
    assert ended.value.code == "podatelna: port 8000 is taken."


def test_a_bug_is_one_line_and_its_story_is_in_a_file_of_the_owner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("the moon is full\nand so on")

    monkeypatch.setenv("PODATELNA_DATA", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        cli.main(fail)
    kept = tmp_path / "errors.log"
    assert ended.value.code == f"podatelna: something unexpected happened: the moon is full. The details are in {kept}."
    assert "Traceback" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
