"""Keep the message catalogues: extract from Python and templates, compile, check.

tools/messages.py            bring src/podatelna/web/locale/*/LC_MESSAGES/django.po up to date, then compile
tools/messages.py --compile  write the .mo files only (those that are older than their .po)
tools/messages.py --check    say what is missing, unsure, superfluous or wrong in the Czech catalogue; exit code 1 then
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "podatelna"
LOCALE = SOURCE / "web" / "locale"
COMPLETE = ("cs",)  # English is what the msgids say; its catalogue is a header alone
PLURALS = {"cs": "nplurals=3; plural=(n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2", "en": "nplurals=2; plural=(n != 1)"}
_LAZY = ("gettext", "ngettext", "pgettext", "npgettext")
_SHAPES = {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
KEYWORDS = {
    "_": None,
    "gettext_noop": None,
    **_SHAPES,
    **{f"{name}_lazy": _SHAPES[name] for name in _LAZY},
}
_USELESS = (
    r'"(POT-Creation-Date|PO-Revision-Date|Report-Msgid-Bugs-To|Last-Translator|Language-Team|Generated-By): .*\n'
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif]|\{\w*(?:![rsa])?(?::[^{}]*)?\}")


def main(arguments: list[str]) -> int:
    """0 when all is well."""
    if arguments == ["--compile"]:
        compile_all()
        return 0
    if arguments == ["--check"]:
        problems = list(check())
        for problem in problems:
            print(problem)
        print(f"messages: {len(problems)} problems" if problems else "messages: complete")
        return 1 if problems else 0
    if arguments:
        print(__doc__)
        return 2
    update()
    compile_all()
    return 0


# --- extract ---------------------------------------------------------------------------------------------


def extracted() -> Catalog:
    """Every message of the program, with the files it is in."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for path in sorted(SOURCE.rglob("*.py")):
        _add(catalog, path, path.read_text("utf-8"))
    for path in sorted((SOURCE / "web" / "templates").rglob("*")):
        if path.is_file():
            _add(catalog, path, _templatized(path))
    return catalog


def _templatized(path: Path) -> str:
    """The template as Python calls of gettext, as Django's own makemessages makes them; other text is blanked out."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)
    from django.utils.translation.template import templatize

    # Lines lose their indentation: to Python's tokenizer it would mean blocks.
    return "\n".join(line.strip() for line in templatize(path.read_text("utf-8"), origin=str(path)).splitlines())


def _add(catalog: Catalog, path: Path, text: str) -> None:
    place = path.relative_to(ROOT).as_posix()
    found = extract_python(io.BytesIO(text.encode()), list(KEYWORDS), ["Translators:"], {"encoding": "utf-8"})
    for _, function, arguments, comments in found:
        values = arguments if isinstance(arguments, tuple) else (arguments,)
        context, message = _message(str(function), values)
        if message:
            catalog.add(message, locations=[(place, 0)], auto_comments=comments, context=context)


def _message(function: str, values: tuple[str | None, ...]) -> tuple[str | None, str | tuple[str, str] | None]:
    name = "gettext" if function in {"_", "gettext_noop"} else function.removesuffix("_lazy")
    context = values[0] if name in {"pgettext", "npgettext"} else None
    texts = values[1:] if context is not None else values
    if not texts or not texts[0]:
        return None, None  # a variable: nothing to translate here
    if name in {"ngettext", "npgettext"}:
        return (context, (texts[0], texts[1])) if len(texts) > 1 and texts[1] else (None, None)
    return context, texts[0]


# --- update and compile ----------------------------------------------------------------------------------


def update() -> None:
    """Write the catalogues: new messages added untranslated, those that are gone removed. Texts alone never change."""
    found = extracted()
    for path in _catalogues():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_updated(path, found))


def _catalogues() -> list[Path]:
    return [LOCALE / locale / "LC_MESSAGES" / "django.po" for locale in PLURALS]


def _updated(path: Path, found: Catalog) -> bytes:
    """What the catalogue at `path` is to be, given the messages `found` in the program."""
    locale = path.parent.parent.name
    catalog = _read(path)
    if locale in COMPLETE:
        found.creation_date = catalog.creation_date  # no new date without new messages
        catalog.update(found, no_fuzzy_matching=True, update_header_comment=False)
    catalog.obsolete.clear()
    written = io.BytesIO()
    write_po(written, catalog, width=100, sort_output=True, ignore_obsolete=True, include_lineno=False)
    text = re.sub(_USELESS, "", written.getvalue().decode())
    return re.sub(r'"Plural-Forms: .*\n', f'"Plural-Forms: {PLURALS[locale]};\\\\n"\n', text).encode()


def _read(path: Path) -> Catalog:
    locale = path.parent.parent.name
    if not path.exists():
        comment = f"# The {locale} texts of Podatelna, kept by tools/messages.py."
        return Catalog(locale, project="Podatelna", version="1", header_comment=comment, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def compile_all() -> None:
    """Write django.mo beside every django.po, where it is missing or older."""
    for path in _catalogues():
        target = path.with_suffix(".mo")
        if path.exists() and (not target.exists() or target.stat().st_mtime <= path.stat().st_mtime):
            with target.open("wb") as file:
                write_mo(file, _read(path))


# --- check -----------------------------------------------------------------------------------------------


def check() -> Iterator[str]:
    """What is wrong, one line each."""
    found = extracted()
    for path in _catalogues():
        name = path.relative_to(ROOT).as_posix()
        if not path.exists():
            yield f"{name}: is missing; run `make messages`"
            continue
        if path.parent.parent.name in COMPLETE:
            yield from (f"{name}: {problem}" for problem in _compare(_read(path), found))
        elif path.read_bytes() != _updated(path, found):
            yield f"{name}: is not as `make messages` writes it"


def _compare(catalog: Catalog, found: Catalog) -> Iterator[str]:
    for message in found:
        if not message.id:
            continue
        known = catalog.get(message.id, message.context)
        if known is None:
            yield f"new in the program: {_shown(message)}"
        elif known.fuzzy:
            yield f"fuzzy: {_shown(message)}"
        elif not all(known.string if isinstance(known.string, tuple) else (known.string,)):
            yield f"not translated: {_shown(message)}"
        else:
            yield from _placeholders(known)
    for known in catalog:
        if known.id and found.get(known.id, known.context) is None:
            yield f"no longer in the program: {_shown(known)}"


def _placeholders(message: Message) -> Iterator[str]:
    """A translation names the same placeholders; a plural form may leave out what says how many."""
    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    needed = set.intersection(*(_placeholders_in(text) for text in ids))
    allowed = set.union(*(_placeholders_in(text) for text in ids))
    for string in strings:
        there = _placeholders_in(string)
        if not needed <= there <= allowed:
            yield f"placeholders differ: {_shown(message)} → {string!r}"
    if len(ids) > 1 and len(strings) != 3:
        yield f"{len(strings)} plural forms instead of 3: {_shown(message)}"


def _placeholders_in(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text.replace("%%", "%")))


def _shown(message: Message) -> str:
    text = message.id[0] if isinstance(message.id, tuple | list) else message.id
    place = message.locations[0][0] if message.locations else ""
    return f"{text!r}" + (f" ({place})" if place else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
