"""The tool that keeps the message catalogues finds what translators must see, and what is wrong."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages import Catalog

TOOL = Path(__file__).parents[2] / "tools" / "messages.py"


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def program(messages: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of one module and one template, instead of the real one."""
    source = tmp_path / "src" / "podatelna"
    (source / "web" / "templates").mkdir(parents=True)
    for name, value in (("ROOT", tmp_path), ("SOURCE", source), ("LOCALE", source / "web" / "locale")):
        monkeypatch.setattr(messages, name, value)
    (source / "desk.py").write_text(
        "def words(count):\n"
        '    return gettext("Close"), ngettext("%(count)s message", "%(count)s messages", count),'
        ' pgettext("verb", "Open"), _("a long"\n    " text"), gettext(count)\n'
    )
    (source / "web" / "templates" / "page.html").write_text(
        '{% load i18n %}\n  <p title="{% translate "It\'s late" %}">don\'t touch</p>\n'
        "    {% blocktranslate count n=n trimmed %}One {{ n }} day\n   left"
        "{% plural %}{{ n }} days{% endblocktranslate %}\n"
        '{% translate "Open" context "state" %} {% blocktranslate %}Hello {{ name }}, 100%{% endblocktranslate %}\n'
    )
    return source


def ids(messages: ModuleType) -> set[object]:
    return {(one.context, one.id) for one in messages.extracted() if one.id}


def test_texts_of_modules_and_templates_are_found(messages: ModuleType, program: Path) -> None:
    assert ids(messages) == {
        (None, "Close"),
        (None, ("%(count)s message", "%(count)s messages")),
        ("verb", "Open"),
        (None, "a long text"),
        (None, "It's late"),
        (None, ("One %(n)s day left", "%(n)s days")),
        ("state", "Open"),
        (None, "Hello %(name)s, 100%%"),
    }


def test_an_update_keeps_translations_and_drops_what_is_gone(messages: ModuleType, program: Path) -> None:
    messages.update()
    path = program / "web" / "locale" / "cs" / "LC_MESSAGES" / "django.po"
    path.write_text(path.read_text().replace('msgid "Close"\nmsgstr ""', 'msgid "Close"\nmsgstr "Uzavřít"'))
    (program / "desk.py").write_text('gettext("Close")\n')
    messages.update()
    text = path.read_text()
    assert 'msgstr "Uzavřít"' in text
    assert "a long text" not in text
    messages.update()
    assert path.read_text() == text  # nothing new, nothing changed


def test_each_kind_of_fault_is_said(messages: ModuleType) -> None:
    found, known = Catalog("cs"), Catalog("cs")
    for one in ("new", "empty", "unsure", "Hello %(name)s", "fine {n}"):
        found.add(one)
    found.add(("%(n)s day", "%(n)s days"))
    known.add("empty", "")
    known.add("unsure", "nejisté", flags=["fuzzy"])
    known.add("Hello %(name)s", "Ahoj %(jmeno)s")
    known.add("fine {n}", "dobré {n}")
    known.add(("%(n)s day", "%(n)s days"), ("%(n)s den", "%(n)s dny", "dnů"))
    known.add("gone", "pryč")
    problems = list(messages._compare(known, found))
    assert [problem.partition(":")[0] for problem in problems] == [
        "new in the program",
        "not translated",
        "fuzzy",
        "placeholders differ",
        "placeholders differ",
        "no longer in the program",
    ]
    assert not any("fine" in problem for problem in problems)


def test_check_ends_with_1_when_something_is_wrong(messages: ModuleType, program: Path) -> None:
    assert messages.main([]) == 0
    assert messages.main(["--check"]) == 1
