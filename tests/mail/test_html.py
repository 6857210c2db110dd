"""HTML of strangers: nothing runs, nothing loads, nothing breaks out, and it still looks like the mail."""

import re
from pathlib import Path

import pytest

from podatelna.mail.css import Gate, filter_declarations
from podatelna.mail.html import SafeHtml, display_text, index_text, quotable_html, safe_html, text_as_html, true_host
from podatelna.mail.link_hosts import STYLE
from podatelna.mail.parse import parse

HOSTILE = Path(__file__).parent.parent / "corpus" / "html-hostile.eml"


def safe(html: str, *, remote: bool = False) -> SafeHtml:
    return safe_html(html, remote=remote, cid_url=lambda cid: f"/parts/{cid}" if cid == "logo@acme" else None)


def inside(html: str, *, remote: bool = False) -> str:
    """What becomes of `html`, without the frame around it."""
    return safe(html, remote=remote).html.removeprefix('<div class="mail">').removesuffix("</div>")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Dobrý <b>den</b></p>", "<p>Dobrý <b>den</b></p>"),
        ("<script>alert(1)</script>a", "a"),
        ("<SCRIPT/x>alert(1)</SCRIPT>a", "a"),
        ("<p onclick=x onmouseover='y'>a</p>", "<p>a</p>"),
        ("<form action=x><input name=a><button>b</button></form>", "b"),
        ("<base href='http://e/'><meta http-equiv=refresh content=0>a", "a"),
        ("<iframe src='http://e/'>x</iframe><object data=y>z</object><embed src=q>a", "a"),
        ("<svg><a xlink:href='javascript:x'>y</a></svg>a", "a"),
        ("<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>a", "a"),
        (
            "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>a",
            '<p title="&lt;/noscript&gt;&lt;img src=x onerror=alert(1)&gt;">a</p>',
        ),
        ("<a href='javascript:alert(1)'>a</a>", '<a target="_blank" rel="noopener noreferrer">a</a>'),
        ("<a href='java\tscript:alert(1)'>a</a>", '<a target="_blank" rel="noopener noreferrer">a</a>'),
        ("<a href='&#106;avascript:alert(1)'>a</a>", '<a target="_blank" rel="noopener noreferrer">a</a>'),
        ("<a href='data:text/html,x'>a</a>", '<a rel="noopener noreferrer" target="_blank">a</a>'),
        ("<a href='file:///etc/passwd'>a</a>", '<a target="_blank" rel="noopener noreferrer">a</a>'),
        ("<img src='data:image/svg+xml;base64,PHN2Zz4='>", "<img>"),
        ("<img src='data:image/png;base64,AAAA'>", '<img src="data:image/png;base64,AAAA">'),
        ("<img src='cid:logo@acme'>", '<img src="/parts/logo@acme">'),
        ("<img src='cid:neznam'>", "<img>"),
        ("<img src='relativni.png'>", "<img>"),
        ("<!-- <p>skryto</p> --><!--[if mso]><p>mso</p><![endif]-->a", "a"),
        ("</div></body></html><p>a</p>", "<p>a</p>"),
        ("<title>a</title><textarea><p>b</p></textarea><xmp>c</xmp>d", "d"),
        ("<p style='color:red;position:fixed;top:0'>a</p>", '<p style="color: red">a</p>'),
        ("<p style='background:url(http://e/x)'>a</p>", "<p>a</p>"),
        ("<p style='width:expression(alert(1))'>a</p>", "<p>a</p>"),
        ("<p style='background:u\\72l(http://e/x)'>a</p>", "<p>a</p>"),
        ("<p style='background:ur/**/l(http://e/x)'>a</p>", "<p>a</p>"),
        ("<p style='background-image:image-set(\"http://e/x\" 1x)'>a</p>", "<p>a</p>"),
        ("<p style='behavior:url(x);-moz-binding:url(y)'>a</p>", "<p>a</p>"),
        (
            "<p style='font-family:\"Arial\", sans-serif;font-size:12px'>a</p>",
            '<p style="font-family: &quot;Arial&quot;, sans-serif; font-size: 12px">a</p>',
        ),
    ],
)
def test_is_made_safe(html: str, expected: str) -> None:
    assert inside(html) == expected


def test_a_link_says_where_it_goes_and_opens_outside_without_referrer() -> None:
    assert inside('<a href="https://banka.cz@evil.example/x" title="banka.cz">https://banka.cz</a>') == (
        '<a href="https://banka.cz@evil.example/x" title="evil.example" target="_blank" rel="noopener noreferrer">'
        f'https://banka.cz</a><span style="{STYLE}">evil.example</span>'
    )


@pytest.mark.parametrize(
    ("href", "host"),
    [
        ("https://Acme.CZ/x", "acme.cz"),
        ("http://a@b@evil.cz/", "evil.cz"),
        ("http:\\\\evil.cz\\x", ""),
        ("https://аcme.cz/", "xn--cme-5cd.cz"),
        ("https://žluťoučký.cz", "xn--luouk-uva4it5a4g.cz"),
        ("mailto:jana@acme.cz?subject=x", "jana@acme.cz"),
        ("https://[::1", ""),
        ("javascript:x", ""),
    ],
)
def test_true_host(href: str, host: str) -> None:
    assert true_host(href) == host


@pytest.mark.parametrize(
    "html",
    [
        "<img src='http://e/pixel.gif'>",
        "<img src='//e/pixel.gif'>",
        "<img srcset='http://e/a 2x' src='http://e/a'>",
        "<table background='http://e/b.png'></table>",
        "<p style='background-image:url(\"http://e/c\")'>",
        "<style>p{background:url(http://e/d)}</style><p>",
        "<style>@import url(http://e/e.css);</style>",
        "<style>@import 'http://e/e.css';</style>",
        "<style>@font-face{font-family:x;src:url(http://e/f.woff)}</style>",
        "<body background='http://e/g.png'>",
    ],
)
def test_remote_content_waits_and_is_counted(html: str) -> None:
    made = safe(html)

    assert "//e/" not in made.html
    assert made.blocked == 1


def test_remote_images_load_when_asked_and_nothing_else_does() -> None:
    made = safe(
        "<style>@import 'http://e/a.css'; p{background:url('http://e/b.png')}</style>"
        "<p style='background:url(http://e/c.png)'><img src='//e/d.png'><img src='ftp://e/x'></p>",
        remote=True,
    )

    assert re.findall(r"[a-z]*://e/[a-z.]+", made.html) == ["http://e/b.png", "http://e/c.png", "https://e/d.png"]


def test_the_hostile_message_is_harmless() -> None:
    made = safe(parse(HOSTILE.read_bytes()).html)

    assert made.html == (
        "<style>p{color: #333}\nh1:hover{color: red}</style>"
        '<div class="mail"><p style="color: blue">Gratulujeme</p><img alt="" width="1" height="1"><img>'
        "<table><tbody><tr><td>Výhra</td></tr></tbody></table>"
        '<a href="https://moje-banka.example@evil.example/prihlaseni" title="evil.example" target="_blank"'
        f' rel="noopener noreferrer">https://moje-banka.example</a><span style="{STYLE}">evil.example</span> '
        '<a target="_blank" rel="noopener noreferrer">klik</a> '
        '<a rel="noopener noreferrer" target="_blank">data</a>Odeslat\n</div>'
    )
    assert made.blocked == 8


def test_style_elements_keep_what_mail_needs() -> None:
    made = safe(
        "<style>/* x */ <!-- .a, td > p {color:red;color:blue !important} @media only screen and (max-width:600px) "
        "{"
        "."
        "b"
        "{"
        "w"
        "i"
        "d"
        "t"
        "h"
        ":"
        "1"
        "0"
        "0"
        "%"
        " "
        "!important}} @charset 'x'; .c{} .d{position:absolute} @page {margin:1cm} .e\\{}{color:red} .f{color:red}"
        "--></style><p>a</p>"
    )

    assert made.html == (
        "<style>.a, td > p{color: red; color: blue !important}\n@media only screen and (max-width:600px){\n"
        ".b{width: 100% !important}\n}\n.f{color: red}</style>"
        '<div class="mail"><p>a</p></div>'
    )


@pytest.mark.parametrize(
    "css",
    [
        "p{color:red",
        "p{color:'red}",
        "@media x{p{color:red}",
        "}}}p{color:red}",
        "p{color:red}</style><script>x</script>",
        "<b>",
    ],
)
def test_broken_css_does_not_break_out(css: str) -> None:
    html = safe(f"<style>{css}</style><p>a</p>").html

    style, _, rest = html.partition("</style>") if "<style>" in html else ("", "", html)
    assert rest.endswith('<div class="mail"><p>a</p></div>')
    assert style.count("{") == style.count("}")


def test_the_look_of_the_body_stays() -> None:
    assert safe("<body bgcolor='#eeeeee' text=black style='font-family:Arial'>a</body>").html == (
        '<div class="mail" style="background-color: #eeeeee; color: black; font-family: Arial">a</div>'
    )


@pytest.mark.parametrize(
    ("html", "quoted"),
    [
        (
            '<p>a</p><div class="gmail_quote">po napsal:<blockquote class="gmail_quote">q</blockquote></div>',
            "po napsal:q",
        ),
        ('<p>a</p><blockquote type="cite">q<blockquote type="cite">r</blockquote></blockquote>', "qr"),
        ('<p>a</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Od:</b> x</div><div>q</div>', "Od: xq"),
        (
            "<"
            "d"
            "i"
            "v"
            ">"
            "<"
            "p"
            ">"
            "a"
            "<"
            "/"
            "p"
            ">"
            "<"
            "d"
            "iv><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>Od:</b> x<br><b>Odesláno:</b> y<br>"
            "<b>Komu:</b> z<br><b>Předmět:</b> w</p></div></div><p>q</p></div>",
            "Od: xOdesláno: yKomu: zPředmět: wq",
        ),
        (
            '<p>a</p><aside>---------- Původní e-mail ----------</aside><blockquote data-email="x@y">q</blockquote>',
            "---------- Původní e-mail ----------q",
        ),
        (
            '<p>a</p>\n<div class="moz-cite-prefix">Dne 5. 1. 2026 x napsal(a):</div>\n'
            '<blockquote type="cite">q</blockquote>',
            "Dne 5. 1. 2026 x napsal(a):\nq",
        ),
        (
            '<p>a</p><div>On Mon, 5 Jan 2026, x wrote:</div><blockquote type="cite">q</blockquote>',
            "On Mon, 5 Jan 2026, x wrote:q",
        ),
        ('<p>a</p><p>Věta:</p><blockquote type="cite">q</blockquote>', "q"),
    ],
)
def test_quotes_are_folded_and_still_there(html: str, quoted: str) -> None:
    made = safe(html).html

    assert made.count('<details class="quote"><summary>•••</summary>') == 1
    before, _, rest = made.partition('<details class="quote"><summary>•••</summary>')
    assert "<p>a</p>" in before
    assert re.sub(r"<[^>]*>", "", rest.partition("</details>")[0]) == quoted


def test_what_is_quoted_in_a_reply_is_safe_and_not_folded() -> None:
    made = quotable_html('<script>x</script><p>a</p><blockquote type="cite">q</blockquote><img src="http://e/x.png">')

    assert (
        made
        == '<div class="mail"><p>a</p><blockquote type="cite">q</blockquote><img src="http://e/x.png"></div>'.replace(
            ' type="cite"', ""
        )
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Jedna</p><p>dvě<br>tři</p>", "Jedna\n\ndvě\ntři"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("a\n  b <b>c</b>d", "a b cd"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n>\n>> b\n\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("a<hr>b", "a\n\n-----\n\nb"),
        ("<style>x</style><script>y</script><title>t</title>a", "a"),
        ("<p style='display:none'>preheader</p><p>a</p>", "a"),
        ("<img src=x alt='Logo'>", "[Logo]"),
        ("5&nbsp;990&nbsp;Kč &amp; &lt;b&gt;", "5 990 Kč & <b>"),
        ("", ""),
    ],
)
def test_display_text(html: str, text: str) -> None:
    assert display_text(html) == text


def test_index_text_has_all_words_apart() -> None:
    html = (
        "<p>jedna<br>dvě</p><table><td>tři</td><td>čtyři</td></table><img alt='pět'>še<b>st</b><style>ne</style>"
        "<p style='display:none'>sedm</p>"
    )

    assert index_text(html) == "jedna dvě tři čtyři pět šest sedm"


def test_plain_text_becomes_paragraphs_with_links() -> None:
    assert text_as_html("Dobrý <den>\nviz https://acme.cz/a?b=1&c=2.\n\njana@acme.cz, www.acme.cz\n") == (
        "<p>Dobrý &lt;den&gt;<br>\nviz "
        '<a href="https://acme.cz/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">'
        "https://acme.cz/a?b=1&amp;c=2</a>.</p>"
        '<p><a href="mailto:jana@acme.cz" target="_blank" rel="noopener noreferrer">jana@acme.cz</a>, '
        '<a href="http://www.acme.cz" target="_blank" rel="noopener noreferrer">www.acme.cz</a></p>'
    )


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 200_000,
        "<p>x" * 300_000,
        "".join(f"<font size={n}>" for n in range(30_000)) + "<p>x" * 30_000,
        "<a " + " ".join(f"a{n}" for n in range(200_000)) + ">",
        "<table><tr><td>" * 60_000,
        "&" * 1_000_000,
        "<" * 1_000_000,
        "<!--" * 250_000,
        '<a href="' * 100_000,
        "<style>" + "a{background:url(" * 20_000,
        "<style>" + "@media x{" * 30_000,
        "<p style='" + "background:url(" * 60_000 + "'>",
        "<blockquote type=cite>" * 20_000,
        "<svg><math>" * 60_000,
    ],
    ids=lambda html: html[:20],
)
def test_a_megabyte_of_malice_is_read(html: str) -> None:
    assert len(safe(html).html) < 12_000_000
    assert isinstance(display_text(html), str)
    assert isinstance(index_text(html), str)


@pytest.mark.parametrize(
    ("written", "href"),
    [
        ("mailto:jana@acme.cz?subject=Dotaz na cenu", "mailto:jana@acme.cz?subject=Dotaz%20na%20cenu"),
        ("\thttps://acme.cz/a b\n", "https://acme.cz/a%20b"),
        ("https://acme.cz/a&#10;b", "https://acme.cz/ab"),
        ("www.acme.cz", "http://www.acme.cz"),
        ("//acme.cz", "https://acme.cz"),
        ("tel:+420 777", "tel:+420%20777"),
    ],
)
def test_links_as_a_browser_reads_them(written: str, href: str) -> None:
    assert f'href="{href}"' in inside(f'<a href="{written}">a</a>')


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("cid:logo@acme", "logo@acme"),
        ("CID:logo%40acme", "logo%40acme logo@acme"),
        ("cid:&lt;a&gt;", "<a>"),
        ("obrazky/logo.png", "obrazky/logo.png"),
        ("https://acme.cz/logo.png", "https://acme.cz/logo.png"),
        ("data:image/png;base64,AAAA", ""),
    ],
)
def test_pictures_of_the_message_itself_are_asked_for_by_each_name(written: str, asked: str) -> None:
    names: list[str] = []
    safe_html(f'<img src="{written}">', remote=True, cid_url=lambda name: names.append(name))

    assert list(dict.fromkeys(names)) == asked.split()


def test_a_picture_with_an_address_of_its_own_is_taken_from_the_message() -> None:
    made = safe_html(
        "<img src='https://acme.cz/logo.png'>",
        remote=False,
        cid_url=lambda name: "/parts/2" if name == "https://acme.cz/logo.png" else None,
    )

    assert made == SafeHtml('<div class="mail"><img src="/parts/2"></div>', 0)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("'a'", True),
        ('"it\'s"', True),
        ("'", False),
        ("\"'\"'", False),
        ("')'", True),
        ("a)(b", False),
        ("(a", False),
        ("'a\n'", False),
    ],
)
def test_values_that_close_what_they_open(value: str, kept: bool) -> None:
    assert (filter_declarations(f"font-family:{value}", Gate(lambda _: "")) != "") == kept


@pytest.mark.parametrize(
    ("declaration", "kept"),
    [
        ("width: 9999px", True),
        ("width: 10000px", False),
        ("height: 1e9px", False),
        ("margin-left: -99999px", False),
        ("padding: calc(9999px*9999)", False),
        ("width: calc(100% - 20px*2)", True),
        ("border-radius: 99999px", True),
        ("border: 1px solid #123456", True),
        ("color: #123456", True),
        ("background-color: #000000", True),
    ],
)
def test_no_page_is_as_large_as_a_city(declaration: str, kept: bool) -> None:
    assert (filter_declarations(declaration, Gate(lambda _: "")) == declaration) == kept
