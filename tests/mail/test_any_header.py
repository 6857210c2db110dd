"""What must hold for any header: nothing raises, nothing unstorable comes out, what is made can be read again."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from podatelna.mail.addresses import read_header_addresses, written
from podatelna.mail.dates import read_moment, sending_time
from podatelna.mail.effective import effective_sender
from podatelna.mail.encoded_words import decode_words, find_words
from podatelna.mail.filenames import safe_filename
from podatelna.mail.headers import decoded
from podatelna.mail.message_ids import find_message_ids
from podatelna.mail.parameters import decode_extended, read_parameters
from podatelna.mail.parse import parse
from podatelna.mail.subjects import base_subject, forward_subject, reply_subject

PIECES = st.sampled_from(
    [
        "=?",
        "?=",
        "=?utf-8?q?",
        "=?utf-8?B?",
        "=?iso-2022-jp?b?",
        "=C5",
        "=99",
        "=",
        "?",
        "_",
        "w6E",
        "==",
        "\x00",
        "\r\n ",
        "\n\t",
        "<",
        ">",
        "(",
        ")",
        '"',
        "\\",
        "@",
        ",",
        ";",
        ":",
        " ",
        "[",
        "]",
        "jana@acme.cz",
        "Jana",
        "ž",
        "\u202e",
        "\ud800",
        "via",
        "on behalf of",
        "Re:",
        "[x]",
        "(fwd)",
        "*0*=",
        "*1=",
        "filename",
        "utf-8''",
        "%C5",
        "%",
        "Jan",
        "2026",
        "5",
        "09:14",
        "+0100",
        "-0000",
        "31.12.",
        "CON",
        ".",
        "..",
        "/",
        "&lt;",
        "\xe8",
        "\x1b$B",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join)
NAMES = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "Reply-To",
    "Sender",
    "X-Original-From",
    "List-Id",
)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text_is_read_into_storable_text(text: str) -> None:
    plain = decode_words(text)
    made = [plain, base_subject(plain), reply_subject(plain), forward_subject(plain), safe_filename(text)]
    made += [decoded(text.encode("utf-8", "replace")), decoded(text.encode("latin-1", "replace"))]
    made += [decode_extended(plain), *read_parameters(plain).values()]
    made += find_message_ids(plain)
    good, bad = read_header_addresses(made[5])
    made += [person.name for person in good] + [person.address for person in good] + list(bad)
    for one in made:
        one.encode()
        assert "\x00" not in one
    for moment in (read_moment(text), sending_time([text], [text])):
        assert moment.at is None or moment.at.tzinfo is not None
        assert moment.at is not None or moment.defect


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_encoded_words_are_found_in_order_and_inside_the_text(text: str) -> None:
    end = 0
    for word in find_words(text):
        assert end <= word.start < word.end <= len(text)
        end = word.end


@settings(max_examples=300, deadline=None)
@example("=?@¸")  # a mark that becomes a blank and an accent
@given(TEXTS)
def test_addresses_that_are_read_can_be_written_and_read_again(text: str) -> None:
    for person in read_header_addresses(text)[0]:
        again, _ = read_header_addresses(written(person))
        assert [found.address for found in again] == [person.address]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=12))
def test_somebody_or_nobody_is_meant_by_any_message(fields: list[tuple[str, str]]) -> None:
    raw = "".join(f"{name}: {value}\n" for name, value in fields).encode("utf-8", "replace") + b"\nText"

    person = effective_sender(parse(raw))

    assert person is None or "@" in person.address
