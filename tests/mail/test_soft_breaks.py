"""Long lines of quoted-printable text (RFC 2045 6.7)."""

from __future__ import annotations

from podatelna.mail.transfer import from_quoted_printable


def test_the_space_before_a_soft_break_belongs_to_the_text() -> None:
    assert from_quoted_printable(b"prosim =\r\nzavolejte\r\n") == (b"prosim zavolejte\r\n", "")


def test_blanks_that_a_relay_put_behind_a_soft_break_do_not() -> None:
    assert from_quoted_printable(b"prosim= \t\r\nte\r\n") == (b"prosimte\r\n", "")
