"""HTML brought to a size and depth that parsers take linear time for."""

import pytest

from podatelna.mail.tame import MAX_DEPTH, MAX_FORMATTING, tame

LONG = "<br>" * 40  # enough tags to be looked at


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><td><b>a</b><td>b</table>",
        "<ul><li>a<li>b</ul><p>c<p>d",
        '<a href="x>y">a</a>',
        "<a title='<b>'>a</a>",
        "1 < 2 and <3",
        "<style>a > b {} </style><script>if (a<b) '<b>'</script>",
        "<textarea><div><div></textarea>",
        "<![if !mso]>a<![endif]>",
        "<o:p>a</o:p>",
    ],
)
def test_ordinary_mail_comes_back_unchanged(html: str) -> None:
    assert tame(LONG + html) == LONG + html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a<!-- b --><!--[if mso]><p>c</p><![endif]-->d", "ad"),
        ("<!--[if !mso]><!-->a<!--<![endif]-->b", "ab"),
        ("<!-->a<!-- b --!>c", "ac"),
        ("a<!-- b", "a"),
        ("a</div></span>b", "ab"),
    ],
)
def test_comments_and_stray_ends_go(html: str, expected: str) -> None:
    assert tame(LONG + html) == LONG + expected


def test_what_goes_too_deep_is_left_out_and_its_text_stays() -> None:
    made = tame("<div>" * 1000 + "a" + "</div>" * 1000)

    assert made == "<div>" * MAX_DEPTH + "a" + "</div>" * MAX_DEPTH


def test_few_formatting_elements_are_open_at_a_time() -> None:
    made = tame("<font>" * 1000 + "a")

    assert made == "<font>" * MAX_FORMATTING + "a"


def test_a_tag_of_too_many_attributes_is_left_out() -> None:
    assert tame(LONG + "<p " + "a=b " * 1000 + ">c") == LONG + "c"
