"""What holds for every page: its frame, its errors, and that no template works around the content security policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest
from django.template.loader import get_template
from django.test import Client, RequestFactory, override_settings
from django.urls import path

import podatelna.web
from podatelna.web import urls
from tests.cast import Cast

TEMPLATES = Path(podatelna.web.__file__).parent / "templates"
STATIC = Path(podatelna.web.__file__).parent / "static"
ALL = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
# A document of its own inside a sandboxed frame, with a policy of its own.
FRAMED = {"desk/message_frame.html"}


def _fails(request: HttpRequest, how: str) -> None:
    raise {"400": SuspiciousOperation, "403": PermissionDenied, "500": ZeroDivisionError}[how]


urlpatterns = [path("fails/<str:how>", _fails), *urls.urlpatterns]


@pytest.mark.parametrize("template", sorted({*ALL} - FRAMED))
def test_template_has_no_inline_style_script_or_handler(template: str) -> None:
    text = (TEMPLATES / template).read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"""\b(?:hx-on|hx-vals=['"]js:|hx-vals=['"]javascript:)""", text)
    assert not re.search(r"hx-(?:get|post|put|delete)=\"https?:", text)


@pytest.mark.parametrize("template", ALL)
def test_template_compiles_and_uses_only_icons_that_are_drawn(template: str) -> None:
    get_template(template)
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "podatelna" / "icons.svg").read_text()))
    assert set(re.findall(r'{% icon "([^"]+)"', (TEMPLATES / template).read_text())) <= drawn


def test_missing_page_says_so_in_words(cast: Cast) -> None:
    response = Client(headers={"accept-language": "en"}).get("/nowhere/")
    assert response.status_code == 404
    assert "It is not here" in response.content.decode()


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize(
    ("how", "words"),
    [("400", "something odd"), ("403", "That is not allowed"), ("500", "No mail is lost")],
)
def test_what_fails_says_what_was_kept_and_what_to_do(cast: Cast, how: str, words: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.bob)
    response = client.get(f"/fails/{how}")
    assert response.status_code == int(how)
    assert words in response.content.decode()


def test_form_that_is_too_old_is_refused_with_words(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.bob)
    response = client.post("/selection/closure", {"conversation": "1"})
    assert response.status_code == 403
    assert "The page was too old" in response.content.decode()


def test_error_pages_need_neither_database_nor_request() -> None:
    for name in ("400.html", "500.html"):
        assert "Podatelna" in get_template(name).render()


def test_page_names_its_landmarks_and_can_be_skipped_into(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.bob)
    html = client.get("/desk/mine/").content.decode()
    for part in ('<nav id="rail" aria-label=', '<main id="main"', 'role="search"', 'class="skip" href="#main"'):
        assert part in html
    assert re.search(r'<div id="toasts" role="status" aria-live="polite"', html)
    assert '<html lang="en" data-theme="system">' in html


def test_page_is_in_the_language_and_theme_of_its_reader(cast: Cast) -> None:
    cast.bob.language, cast.bob.theme = "cs", "dark"
    cast.bob.save()
    client = Client()
    client.force_login(cast.bob)
    assert '<html lang="cs" data-theme="dark">' in client.get("/desk/mine/").content.decode()


def test_pages_carry_the_policy_that_forbids_scripts_of_others(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.bob)
    policy = client.get("/desk/mine/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy


def test_context_is_looked_up_only_where_a_template_asks(rf: RequestFactory) -> None:
    from podatelna.web.context import desk

    assert desk(rf.get("/a?b=1"))["here"] == "/a?b=1"  # no database in this test: a query would fail it
