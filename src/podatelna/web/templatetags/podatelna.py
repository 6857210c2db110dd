"""Small things that templates of all pages need: icons, times, initials, highlighted text."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from babel.dates import format_datetime, format_skeleton, format_time
from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from podatelna.accounts.models import Person

register = template.Library()


@register.simple_tag
def icon(name: str, more: str = "") -> SafeString:
    """A picture of static/podatelna/icons.svg; it says nothing to a screen reader, so words must stand beside it."""
    link = static("podatelna/icons.svg")
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>', more, link, name)


@register.simple_tag
def avatar(person: Person | None, size: str = "") -> SafeString:
    """The initials of `person` in a circle whose colour stays theirs; the name on hover and for screen readers."""
    if not person:
        return SafeString("")
    return format_html(
        '<span class="avatar {} hue-{}" role="img" aria-label="{}" title="{}">{}</span>',
        size,
        zlib.crc32(person.email.encode()) % 8,
        person,
        person,
        initials(str(person)),
    )


@register.simple_tag
def process_mark(pk: int) -> SafeString:
    """The small coloured square of a process; its name must stand beside it."""
    return format_html('<span class="process-mark hue-{}" aria-hidden="true"></span>', pk % 8)


@register.simple_tag
def partner_avatar(name: str, address: str) -> SafeString:
    """The initials of somebody outside; a picture beside the name, silent for screen readers."""
    hue = zlib.crc32(address.lower().encode()) % 8
    return format_html(
        '<span class="avatar partner hue-{}" aria-hidden="true">{}</span>', hue, initials(name or address or "?")
    )


def initials(name: str) -> str:
    """ "Jana Nováková" gives "JN"; one word gives its first letter."""
    words = [word for word in name.split() if word[0].isalnum()] or [name.strip() or "?"]
    chosen = words if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper()


@register.simple_tag
def when(at: datetime | None, form: str = "short") -> SafeString:
    """A <time>: "9:14" today, "yesterday", "Mon", "24 Nov", with the exact time on hover.

    With `form` "long" the time of day stands beside the day ("yesterday 9:14"), as messages show it.
    """
    if at is None:
        return SafeString("")
    local = timezone.localtime(at)
    words = in_words(local, timezone.localtime(), long=form == "long")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact(local), words)


def in_words(at: datetime, now: datetime, *, long: bool) -> str:
    """`at` as seen from `now`, both in the reader's time zone; only units that do not go stale while one looks."""
    locale = babel_locale()
    clock = format_time(at, "short", locale=locale)
    days = (now.date() - at.date()).days
    if days == 0:
        return _("today %(time)s") % {"time": clock} if long else clock
    if days == 1:
        day = _("yesterday")
    elif 1 < days < 7:
        day = format_skeleton("E", at, locale=locale)
    else:
        # Mail with a date in the future (a wrong clock somewhere) shows its day too.
        same_year = at.year == now.year and at - now < timedelta(days=1)
        day = format_skeleton("MMMd" if same_year else "yMMMd", at, locale=locale)
    return f"{day} {clock}" if long else day


def exact(at: datetime) -> str:
    """Day, date and time to the minute, in words of the reader's language."""
    return format_datetime(
        at, "EEEE d MMMM y, HH:mm" if babel_locale() != "cs" else "EEEE d. MMMM y H:mm", locale=babel_locale()
    )


@register.simple_tag
def marked(pieces: Iterable[tuple[str, bool]]) -> SafeString:
    """What `archive.search.highlight` gives, escaped, the hits inside <mark>."""
    return format_html_join("", "{}", ((_piece(text, hit),) for text, hit in pieces))


def _piece(text: str, hit: bool) -> str:
    return format_html("<mark>{}</mark>", text) if hit else text


def babel_locale() -> str:
    """The reader's language as Babel names it."""
    # English here is European: the day before the month, and 24 hours.
    return "cs" if (get_language() or "en").startswith("cs") else "en_GB"
