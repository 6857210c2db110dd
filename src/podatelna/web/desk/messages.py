"""A message on the desk: how it is shown, its HTML in a frame of its own, its headers and its original bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.models import Message
from podatelna.desk.models import Conversation
from podatelna.mail.addresses import Address
from podatelna.mail.html import safe_html
from podatelna.mail.parse import Parsed, parse
from podatelna.mail.quotes import Block, fold

from .answers import me
from .attachments import INLINE_IMAGES, FileView, files_of
from .places import UNREADABLE, Place, find, own_original
from .shell import desk_page
from .words import defect_words

_ADDRESS = re.compile(r"[^\s@<>()\"',;]{1,64}@[^\s@<>()\"',;]{1,255}")

# What the frame may do. There is no allow-scripts, here and in the iframe's attribute, and default-src 'none' forbids
# scripts once more, so nothing in it ever runs. allow-same-origin therefore gives the mail no power; it lets the page
# around it measure the height, and the browser send the session along for pictures that are parts of the message.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-same-origin"


@dataclass(frozen=True)
class MessageView:
    """A message ready to be shown; its content is read from the archive only when the template asks for it."""

    place: Place

    @property
    def message(self) -> Message:
        """Its row."""
        return self.place.message

    @property
    def url(self) -> str:
        """Its address."""
        return self.place.url

    @cached_property
    def parsed(self) -> Parsed | None:
        """Its content, or None when the archive cannot give it (`problem` says why)."""
        try:
            return store.read(self.message)
        except UNREADABLE:
            return None

    @property
    def problem(self) -> str:
        """In words why nothing can be shown, else ""."""
        if self.parsed is None:
            return _("The archive cannot give the content of this message. An administrator has to look at it.")
        if not (self.parsed.text.strip() or self.parsed.html.strip()) and self.defects:
            return _("This message could not be read as e-mail. Nothing of it is lost: the original is kept.")
        return ""

    @property
    def defects(self) -> tuple[str, ...]:
        """What is wrong with the message, in words."""
        return tuple(defect_words(defect) for defect in self.parsed.defects) if self.parsed else ()

    @property
    def pretended(self) -> str:
        """Another address that the sender's name pretends to be, else ""."""
        named = _ADDRESS.search(self.sender.name)
        return named[0] if named and named[0].lower() != self.sender.address.lower() else ""

    @property
    def sender(self) -> Address:
        """Who it says it is from; the address is what a reader must see, the name is free text."""
        return Address(self.message.from_name, self.message.from_address)

    @property
    def is_html(self) -> bool:
        """Whether it is shown in a frame."""
        return bool(self.parsed and self.parsed.html.strip())

    @property
    def sandbox(self) -> str:
        """What its frame may do."""
        return SANDBOX

    @cached_property
    def blocked(self) -> int:
        """How many remote things the frame does not load until the reader asks."""
        if not self.parsed or not self.is_html:
            return 0
        return safe_html(self.parsed.html, remote=False, cid_url=lambda cid: None).blocked

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its plain text in blocks: new, quote, signature."""
        return folded(self.parsed.text) if self.parsed else ()

    @cached_property
    def files(self) -> list[FileView]:
        """Its attachments."""
        return files_of(self.message.parts.all(), self.url)


def folded(text: str) -> tuple[Block, ...]:
    """The text in blocks where a signature and the quote behind it are one: one thing to unfold, not two."""
    blocks: list[Block] = []
    for block in fold(text):
        if blocks and "new" not in (block.kind, blocks[-1].kind):
            blocks[-1] = Block("quote", blocks[-1].text + block.text)
        else:
            blocks.append(block)
    return tuple(blocks)


@require_safe
def page(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    """One message: a fragment of the timeline when its conversation asks for it, else a page of the archive."""
    place = find(me(request), message, conversation)
    view = MessageView(place)
    if place.conversation is not None and "fragment" in request.GET:
        html = render_to_string("desk/message_content.html", {"view": view}, request)
        return HttpResponse(html)
    home = place.conversation or _conversation_of(place.message, me(request))
    html = render_to_string("desk/message_page.html", {"view": view, "home": home}, request)
    return desk_page(request, slug="", title=place.message.subject or _("(no subject)"), conversation_html=html)


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
    """From a Content-ID to the URL of that picture in the message, None for anything that is no picture of it."""
    urls = {
        part.content_id.strip("<>"): f"{place.url}parts/{part.position}?inline"
        for part in parsed.parts
        if part.content_id and part.content_type in INLINE_IMAGES
    }
    return lambda cid: urls.get(cid.strip("<>"))


@require_safe
def original(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    """The very bytes that arrived, as a download."""
    place = find(me(request), message, conversation)
    name = (place.message.subject.strip()[:80] or f"message-{place.message.pk}") + ".eml"
    return _download(own_original(place, me(request)), name)


def _download(data: bytes, name: str) -> HttpResponse:
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
    return desk_page(request, slug="", title=_("Headers"), conversation_html=html)
