"""A fuzz target: whatever the bytes, a message is read, cut and put together again, and nothing of ours fails.

    python -m tests.fuzz.any_message -max_total_time=600 CORPUS

runs it as long as wished (it takes libFuzzer's options); the corpus to begin with is tests/corpus. What it finds is
left in a file crash-….
"""

import sys

import atheris

with atheris.instrument_imports(include=["podatelna.mail"]):
    from podatelna.mail.cut import cut, join
    from podatelna.mail.fields import read_header
    from podatelna.mail.html import safe_html
    from podatelna.mail.identity import fingerprint
    from podatelna.mail.parse import Parsed, parse
    from podatelna.mail.quotes import fold
    from podatelna.mail.reading import UNREADABLE
    from podatelna.mail.structure import read_structure


def read_anything(raw: bytes) -> None:
    """Everything that must hold for any bytes. Raises where it does not."""
    made = cut(raw)
    assert join(made.header, made.pieces) == raw
    assert len(made.header) == read_header(raw)[1]
    for entity in read_structure(raw).entities:
        assert 0 <= entity.start <= entity.body <= entity.end <= len(raw)
    assert len(fingerprint(raw)) == 32
    parsed = parse(raw)
    assert not any(defect.startswith(UNREADABLE) for defect in parsed.defects), parsed.defects
    for name in Parsed.__dataclass_fields__:
        storable(getattr(parsed, name))
    assert "".join(block.text for block in fold(parsed.text)) == parsed.text
    clean = safe_html(parsed.html, remote=False, cid_url=lambda _: None).html
    assert "<script" not in clean.lower()


def storable(value: object) -> None:
    """No text may have a NUL or half a character in it."""
    if isinstance(value, str):
        assert "\x00" not in value, value[:500]
        value.encode()
    elif isinstance(value, tuple):
        for item in value:
            storable(item)


def main() -> None:
    """Run until told to stop."""
    atheris.Setup(sys.argv, read_anything)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
