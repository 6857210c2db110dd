"""The house's rules that import-linter cannot say."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "podatelna"
OUTSIDE_WEB = [path for path in sorted(SOURCE.rglob("*.py")) if "web" not in path.relative_to(SOURCE).parts]


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", OUTSIDE_WEB, ids=lambda path: str(path.relative_to(SOURCE)))
def test_http_lives_in_web_alone(path: Path) -> None:
    http = ("django.http", "django.shortcuts", "django.views", "django.template", "django.urls")
    assert not [name for name in imported(path) if name.startswith(http)]
