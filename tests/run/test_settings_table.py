"""The table of settings in the docs is the one in the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from podatelna.settings import VARIABLES, MalformedSetting, read_environment

PAGE = Path(__file__).parents[2] / "docs" / "administration" / "settings.md"


def test_docs_list_every_setting_with_its_default_and_meaning() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", PAGE.read_text(), re.MULTILINE)
    shown = [(name, "" if default == "–" else default.strip("`"), meaning) for name, default, meaning in rows]
    assert shown == [(one.name, one.default, one.meaning) for one in VARIABLES]


def test_all_defaults_can_be_used() -> None:
    assert set(read_environment({})) == {one.name for one in VARIABLES}


def test_a_name_that_is_not_in_the_table_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(MalformedSetting, match=r"PODATELNA_PROT: no such setting.*PODATELNA_PORT"):
        read_environment({"PODATELNA_PROT": "1"})


def test_a_file_without_content_keys_is_refused_before_anything_is_written_unsealed(tmp_path: Path) -> None:
    missing, empty, good = (tmp_path / name for name in ("missing", "empty", "good"))
    empty.write_text("# none\n")
    good.write_text(f"1:{'ab' * 32}\n")
    for path in (missing, empty):
        with pytest.raises(MalformedSetting, match="CONTENT_KEY_FILE: expected a file with keys"):
            read_environment({"PODATELNA_CONTENT_KEY_FILE": str(path)})
    assert read_environment({"PODATELNA_CONTENT_KEY_FILE": str(good)})["PODATELNA_CONTENT_KEY_FILE"] == good


def test_a_content_key_that_is_none_is_refused_and_not_shown() -> None:
    with pytest.raises(MalformedSetting, match="CONTENT_KEYS: expected keys") as refused:
        read_environment({"PODATELNA_CONTENT_KEYS": "1:abab"})
    assert "abab" not in str(refused.value)
