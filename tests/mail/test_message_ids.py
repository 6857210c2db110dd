"""Message-IDs as found in the wild."""

import pytest

from podatelna.mail.message_ids import find_message_ids


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<1@acme.cz>", ("1@acme.cz",)),
        ("<1@acme.cz><2@acme.cz>\t<3@acme.cz>", ("1@acme.cz", "2@acme.cz", "3@acme.cz")),
        ("<1@acme.cz> <1@acme.cz>", ("1@acme.cz",)),
        ("< 1@\r\n acme.cz >", ("1@acme.cz",)),
        ("1@acme.cz", ("1@acme.cz",)),
        ("<1@acme.cz", ("1@acme.cz",)),
        ("Your message of Monday <1@acme.cz> (Jana)", ("1@acme.cz",)),
        ("20260105.4711", ("20260105.4711",)),
        ("<bez-domeny>", ("bez-domeny",)),
        ("<>", ()),
        ("  <1@acme.cz>,\t<2@acme.cz>; <3@acme.cz>", ("1@acme.cz", "2@acme.cz", "3@acme.cz")),
        ("<<1@acme.cz>>", ("1@acme.cz",)),
        ("1@acme.cz>", ("1@acme.cz",)),
        ("1@acme.cz> <2@acme.cz>", ("1@acme.cz", "2@acme.cz")),
        ("<1@acme.cz <2@acme.cz> <3@acme.cz", ("1@acme.cz", "2@acme.cz", "3@acme.cz")),
        ("<1@acme.cz 2@acme.cz>", ("1@acme.cz", "2@acme.cz")),
        ("<1@acme.cz,2@acme.cz>", ("1@acme.cz,2@acme.cz",)),
        ("1@acme.cz 2@acme.cz", ("1@acme.cz", "2@acme.cz")),
        ('"<1@acme.cz>"', ("1@acme.cz",)),
        ("[1@acme.cz]", ("1@acme.cz",)),
        ("<1@[192.0.2.1]>", ("1@[192.0.2.1]",)),
        ('<"1 2"@acme.cz>', ('"12"@acme.cz',)),
        ("<a$b!c=d@acme.cz>", ("a$b!c=d@acme.cz",)),
        ("<a(b)@acme.cz>", ("a(b)@acme.cz",)),
        ("<1@a@acme.cz>", ("1@a@acme.cz",)),
        ("&lt;1@acme.cz&gt;", ("1@acme.cz",)),
        ("=?utf-8?q?=3C1=40acme=2Ecz=3E?=", ("1@acme.cz",)),
        ("=?us-ascii?Q?=3C1=40ac?= =?us-ascii?Q?me=2Ecz=3E?= <2@acme.cz>", ("1@acme.cz", "2@acme.cz")),
        ("<1@acme.cz> (from Jana <jana@acme.cz> (doma))", ("1@acme.cz",)),
        ('<1@acme.cz>; from jana@acme.cz on "Mon, 5 Jan"', ("1@acme.cz",)),
        ('Message from Jana <jana@acme.cz> of "Mon, 5 Jan 2026" <1@acme.cz>', ("1@acme.cz",)),
        ('"Jana" <jana@acme.cz> wrote <1@acme.cz>', ("1@acme.cz",)),
        ("Message from Jana <jana@acme.cz>", ("jana@acme.cz",)),
        ("zpráva (1 <1@acme.cz>", ("1@acme.cz",)),
        ("<1@acme.cz\u200b\x01>", ("1@acme.cz",)),
        ("<žluť@acme.cz>", ("žluť@acme.cz",)),
        ("", ()),
        ("jen slova bez ničeho", ()),
        (f"<{'a' * 999}@b>", ()),
    ],
)
def test_finds_message_ids_in_the_wild(text: str, expected: tuple[str, ...]) -> None:
    assert find_message_ids(text) == expected


def test_of_very_many_the_first_and_the_last_stay() -> None:
    found = find_message_ids(" ".join(f"<{number}@acme.cz>" for number in range(2_000)))

    assert found[:2] == ("0@acme.cz", "1501@acme.cz")
    assert found[-1] == "1999@acme.cz"
    assert len(found) == 500


@pytest.mark.parametrize(
    "piece", ["<", ">", "<>", "(", "()", "<a@b", "a@b>", "from <", '" <a', "<a@b c@d ", "=?", "&lt;", "@"]
)
def test_a_hostile_value_is_read_in_linear_time(piece: str) -> None:
    assert len(find_message_ids(piece * (262_144 // len(piece)))) <= 500
