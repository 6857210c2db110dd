"""Links whose text names one host while they lead to another."""

from __future__ import annotations

import re

import pytest

from podatelna.mail.html import display_text, quotable_html, safe_html
from podatelna.mail.link_hosts import names_another
from podatelna.mail.public_suffixes import is_known_ending

MARK = re.compile(r'<span style="[^"]*">([^<]*)</span>')


def shown(html: str) -> list[str]:
    """The hosts that are written beside links."""
    return MARK.findall(safe_html(html, remote=False, cid_url=lambda _: None).html)


@pytest.mark.parametrize(
    ("text", "true", "another"),
    [
        ("www.csob.cz", "zlo.example", True),
        ("https://www.csob.cz/prihlaseni", "csob.cz.zlo.example", True),
        ("Přihlaste se na CSOB.cz ještě dnes", "zlo.example", True),
        ("www.csob.cz", "ib.csob.cz", False),
        ("http://csob.cz", "www.csob.cz", False),
        ("https://csob.cz@zlo.cz/", "zlo.cz", True),
        ("csob.cz/?zlo.cz", "zlo.cz", True),
        ("petr.me@acme.cz", "acme.cz", False),
        ("banka.co.uk", "jina.co.uk", True),
        ("bаnka.cz", "banka.cz", True),  # the second letter is Cyrillic
        ("bücher.de", "xn--bcher-kva.de", False),
        ("jana@acme.cz", "jana@zlo.cz", True),
        ("jana@acme.cz", "petr@acme.cz", False),
        ("http://10.intranet/x", "zlo.cz", True),
        ("(csob.cz)", "zlo.cz", True),
        ("přihlášení:https://a.b.c.d.e.f.g.h.i.j.csob.cz", "zlo.cz", True),
        ("Zobrazit fakturu", "zlo.cz", False),
        ("faktura.pdf", "acme.cz", False),
        ("poznámky.md", "acme.cz", False),
        ("verze 2.5.12", "acme.cz", False),
        ("ACME s.r.o.", "acme.cz", False),
        ("co.uk", "acme.cz", False),
        ("", "acme.cz", False),
    ],
)
def test_a_text_names_another_host(text: str, true: str, another: bool) -> None:
    assert names_another(text, true) is another


def test_the_true_host_stands_behind_the_link() -> None:
    html = "<p>Na <a href='https://zlo.example/csob.cz'>www.csob.cz</a> prosím.</p>"
    assert shown(html) == ["zlo.example"]
    safe = safe_html(html, remote=False, cid_url=lambda _: None).html
    assert re.search(r">www\.csob\.cz</a><span [^>]*>zlo\.example</span> prosím\.", safe)


def test_what_a_picture_is_called_is_its_text() -> None:
    assert shown("<a href='https://zlo.example/'><img src='https://e/x.png' alt='www.csob.cz'></a>") == ["zlo.example"]


def test_a_link_that_says_where_it_leads_stays_as_it_is() -> None:
    assert shown("<a href='https://www.csob.cz/'>csob.cz</a> <a href='https://e.example/'>Zde</a>") == []


def test_no_style_of_the_mail_wins_over_the_mark() -> None:
    hiding = "<style>span{display:none!important;color:#fff!important}</style>"
    safe = safe_html(hiding + "<a href='https://zlo.example/'>csob.cz</a>", remote=False, cid_url=lambda _: None).html
    style = re.search(r'<span style="([^"]*)">zlo', safe)
    assert style is not None
    declarations = style[1].split("; ")
    assert {"display: inline !important", "color: #6d3a0e !important", "opacity: 1 !important"} <= set(declarations)
    assert all(one.endswith(" !important") for one in declarations)


def test_a_true_host_cannot_bring_markup() -> None:
    assert shown("<a href='https://zlo.example&lt;script&gt;/'>csob.cz</a>") in ([], ["zlo.example&lt;script&gt;"])


def test_answers_quote_the_mail_without_our_marks() -> None:
    html = "<a href='https://zlo.example/'>csob.cz</a>"
    assert MARK.findall(quotable_html(html)) == []
    assert "zlo.example" not in display_text(html)


def test_a_thousand_links_are_marked_in_order() -> None:
    html = "".join(f"<a href='https://h{number}.example/'>csob.cz</a>" for number in range(1000))
    assert shown(html) == [f"h{number}.example" for number in range(1000)]


def test_endings() -> None:
    assert [is_known_ending(one) for one in ("cz", "ZIP", "ck", "docx", "рф")] == [True, True, True, False, True]
