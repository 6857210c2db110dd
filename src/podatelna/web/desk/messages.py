"""A message over HTTP: its page, its HTML for a frame of its own, its headers and its original bytes."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.models import Message
from podatelna.desk.models import Conversation
from podatelna.mail.html import safe_html
from podatelna.mail.parse import Parsed, parse

from .answers import me
from .attachments import INLINE_IMAGES
from .circle import Circle
from .message_view import SANDBOX, MessageView
from .pane import home_list, show
from .places import UNREADABLE, Place, find, own_original
from .words import defect_words


@require_safe
def page(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    """One message: a fragment of the timeline when its conversation asks for it, else a page of the archive."""
    place = find(me(request), message, conversation)
    view = MessageView(place, Circle(me(request), place.conversation, [place.message]))
    if place.conversation is not None and "fragment" in request.GET:
        html = render_to_string("desk/message_content.html", {"view": view}, request)
        return HttpResponse(html)
    home = place.conversation or _conversation_of(place.message, me(request))
    html = render_to_string("desk/message_page.html", {"view": view, "home": home}, request)
    return show(request, html, slug=_list_of(home, me(request)), title=place.message.subject or _("(no subject)"))


def _list_of(home: Conversation | None, person: Person) -> str:
    return home_list(home, person) if home is not None else "mine"


def _conversation_of(message: Message, person: Person) -> Conversation | None:
    visible = Conversation.objects.visible_to(person)
    found: Conversation | None = visible.filter(entries__message=message).select_related("process").first()
    return found


@require_safe
def body(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    """The HTML of a message, made safe, as a document for a sandboxed frame; `?images=1` lets remote images load."""
    place = find(me(request), message, conversation)
    try:
        parsed = store.read(place.message)
    except UNREADABLE:
        raise Http404 from None
    remote = request.GET.get("images") == "1"
    safe = safe_html(parsed.html, remote=remote, cid_url=_pictures(parsed, place))
    response = HttpResponse(
        render_to_string("desk/message_frame.html", {"html": safe.html, "language": get_language() or "en"})
    )
    response["Content-Security-Policy"] = frame_policy(request.build_absolute_uri(f"{place.url}parts/"), remote)
    response["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, private=True, no_cache=True)
    return response


def frame_policy(pictures: str, remote: bool) -> str:
    """The frame's Content-Security-Policy; of this site it may load only what is below the URL `pictures`.

    Remote images only over https: an http one could be an address of the reader's own network.
    """
    images = " ".join(["data:", pictures, *(["https:"] if remote else [])])
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src {images}; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'self'; sandbox {SANDBOX}"
    )


def _pictures(parsed: Parsed, place: Place) -> Callable[[str], str | None]:
    """From a Content-ID or Content-Location to the URL of that picture, None for what is no picture of the message."""
    urls = {
        name.strip("<>"): f"{place.url}parts/{part.position}?inline"
        for part in parsed.parts
        if part.content_type in INLINE_IMAGES
        for name in (part.content_id, part.location)
        if name
    }
    return lambda cid: urls.get(cid.strip("<>"))


@require_safe
def original(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    """The very bytes that arrived, as a download."""
    place = find(me(request), message, conversation)
    name = (place.message.subject.strip()[:80] or f"message-{place.message.pk}") + ".eml"
    return download(own_original(place, me(request)), name)


def download(data: bytes, name: str) -> HttpResponse:
    """Original bytes, given out so that no browser shows them in this site's name."""
    # Not message/rfc822: some browsers would render it.
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
def headers(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    """Every header of the message as this person's copy has it, and what was wrong with it."""
    place = find(me(request), message, conversation)
    parsed = parse(own_original(place, me(request)))
    context = {
        "parsed": parsed,
        "defects": [defect_words(one) for one in parsed.defects],
        "view": MessageView(place),
        "home": place.conversation,
    }
    html = render_to_string("desk/message_headers.html", context, request)
    return show(request, html, slug=_list_of(place.conversation, me(request)), title=_("Headers"))
