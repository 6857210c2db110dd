"""The values of a header as text: the fast way gives what the careful one gives."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from podatelna.mail.encoded_words import decode_words
from podatelna.mail.fields import HeaderReader
from podatelna.mail.header_text import decoded_text, decoded_texts

PIECES = [
    "=?utf-8?B?xIw=?=", "=?UTF-8?q?=C4=8D_a?=", "=?utf-8?q?=C4?=", "=?iso-8859-2?Q?=E8?=", "=?utf-8?b?Y?=",
    "=?windows-1250?B?6A==?=", "=?utf-8?q?a b?=", "=?utf-8?q?=4", "?=", "=?", "=20x?=", " ", "a", "=?x?q?=00?=",
    "=?us-ascii?q??=", "=?utf-8*cs?q?a?=", "=?utf-8?q?a?=20b?=", "<jana@acme.cz>", '"', "=?utf-8?b?YQ==YQ==?=",
    "?utf-8?q?a?=", "=", "20", "?", ",", "=?utf-8?q?=c4=8d?=",
    "=?utf-8?q?=C3=85=E2=84=A2?=", "=?UTF-8?q?=ED=A0=80?=", "=?utf-8?q?=1B$B?=", "=?utf-8?q?=EF=BB=BF?=",
]  # fmt: skip


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
@example("=?utf-8?b?w4TCjQ==?=")
@example("=?UTF-8?q?P=C3=85=E2=84=A2=C3=83=C2=ADli=C3=85=C2=A1?=")
@example("=?utf-8?q?=EF=BB=BFa=00=1B?=")
def test_a_word_by_the_book_is_read_as_any_other(text: str) -> None:
    assert decoded_text(text) == decode_words(text)


def test_all_fields_are_read() -> None:
    raw = "Subject: =?utf-8?q?=C4=8Daj?=\nX: plain\nTo: Jiří <jiri@acme.cz>\n\n".encode()
    header, _ = HeaderReader(raw).read(0, (), [])

    assert decoded_texts(header, "", 10) == [("Subject", "čaj"), ("X", "plain"), ("To", "Jiří <jiri@acme.cz>")]
    assert decoded_texts(header, "", 1) == [("Subject", "čaj")]
