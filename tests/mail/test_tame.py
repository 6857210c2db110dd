"""HTML brought to a size and depth that parsers take linear time for."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from podatelna.mail.tame import MAX_DEPTH, MAX_FORMATTING, _ordinary, _Tamer, tame

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


PIECES = [
    "<b>", "</b>", "<p>", '<div class="x">', "</div>", "<!--", "-->", "<style>", "</style>", '<style type="a">', '"',
    "'", "<a href=x>", "</a>", '<a href="', ">", "<", "text", "<br/>", "<!DOCTYPE html>", "<![endif]>", "<?xml a?>",
    "<title>", "</title", "</TITLE>", '<a title="<!--">', '<b x="-->">', "<i/>", "=", "<td a=1 b='2'>", "</td>", " ",
    "/", "<script>", "</script>", "--!>", "<a href=x' title='>", "<textarea", "</textarea>", "<h1>", "</h2>", "<!-->",
    '<a b=="c d=">', "<a =x ='>",
]  # fmt: skip


@settings(max_examples=2_000, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example('<title><!--<p></title<!--"><style><!-->"<')
@example("<p>a<!-- </b> --></i>b<style><!-- p{} --></style></b>c")
@example('<a x=y="c d="> </b> ">')
def test_ordinary_pages_are_known_without_looking_at_each_tag(html: str) -> None:
    assert _ordinary(html) in ("", _Tamer(html).run())


def test_a_newsletter_is_ordinary() -> None:
    row = '<tr><td style="padding:0"><a href="https://a.cz/?b=1&amp;c=2">Zboží</a></td></tr>\n'
    html = f"<!DOCTYPE html><html><head><style>td{{}}</style></head><body><!-- x --><table>{row * 200}</table></b>"

    assert _ordinary(html) == html.replace("<!-- x -->", "").removesuffix("</b>")


@pytest.mark.parametrize(("tag", "most"), [("div", MAX_DEPTH), ("b", MAX_FORMATTING)])
@pytest.mark.parametrize("hidden", ["", "<!-- </{0}> -->", '<a title="</{0}>"></a>', "<style></{0}></style>"])
def test_what_goes_too_deep_is_not_ordinary(tag: str, most: int, hidden: str) -> None:
    html = (f"<{tag}>" + hidden.format(tag)) * 1_000

    assert _ordinary(html) == ""
    assert tame(html).count(f"<{tag}>") == most
