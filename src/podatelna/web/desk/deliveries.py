"""The deliveries of a message: who got it, where, when; each copy's own header and bytes; taking a view of it away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.models import BroughtBy, Delivery, Origin
from podatelna.desk import custody
from podatelna.desk.errors import NotHidable
from podatelna.desk.models import Conversation, Hidden, Process
from podatelna.mail.parse import Parsed, parse

from .answers import by_verb, go, is_htmx, leave, me, see_other, toast
from .message_view import MessageView
from .messages import download
from .pane import home_list, show
from .places import UNREADABLE, Place, find
from .words import defect_words

_SHOWN = 100
_FOR_WHOM = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


@dataclass(frozen=True)
class DeliveryView:
    """One delivery as the page shows it, for `person`, who may see it."""

    delivery: Delivery
    place: Place
    person: Person

    @property
    def url(self) -> str:
        """Its address; headers and original are below it."""
        return f"{self.place.url}deliveries/{self.delivery.pk}/"

    @property
    def where(self) -> str:
        """Where it came in, in words."""
        origin = self.delivery.origin
        if origin.kind == Origin.Kind.IMAP:
            return _("Mailbox %(name)s") % {"name": origin.name}
        if origin.kind == Origin.Kind.SMTP:
            return _("Brought to us for %(name)s") % {"name": origin.name}
        if origin.kind == Origin.Kind.FORM:
            return _("Web form %(name)s") % {"name": origin.name}
        if origin.kind == Origin.Kind.SENT:
            return _("Sent from the desk")
        return _("Imported: %(name)s") % {"name": origin.name}

    @property
    def brought_by(self) -> str:
        """Whose server brought it, where it came to us ourselves; no header says so."""
        by: BroughtBy | None = getattr(self.delivery, "brought_by", None)
        if by is None:
            return ""
        how = [by.protocol.upper(), *([by.tls] if by.tls else [])]
        return f"{by.helo} [{by.address}], {', '.join(how)}" if by.address else f"{by.helo}, {', '.join(how)}"

    @property
    def sha256(self) -> str:
        """Of its bytes, in hexadecimal."""
        return bytes(self.delivery.sha256).hex()

    @cached_property
    def parsed(self) -> Parsed | None:
        """Its own copy as read, None when the archive cannot give it. Reading it checks the hash."""
        try:
            return parse(store.original(self.delivery))
        except UNREADABLE:
            return None

    @property
    def for_whom(self) -> list[str]:
        """Whom it was delivered to: as the envelope says, else as the last server wrote into it."""
        if self.delivery.rcpt_to:
            return list(self.delivery.rcpt_to)
        headers = self.parsed.headers if self.parsed else ()
        return list(dict.fromkeys(value for name, value in headers if name.lower() in _FOR_WHOM))

    @cached_property
    def processes(self) -> list[Process]:
        """Whose teams see it through this delivery."""
        return list(custody.processes_of(self.delivery))

    @cached_property
    def hideable(self) -> list[Process]:
        """From which of them the person may take it."""
        if self.delivery.origin.kind == Origin.Kind.SENT:
            return []
        return [process for process in self.processes if custody.may_hide(self.person, process)]


@require_safe
def deliveries(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    """All deliveries of the message that this person may see."""
    place = find(me(request), message, conversation)
    rows = custody.deliveries_of(place.message, me(request), place.conversation)
    views = [DeliveryView(row, place, me(request)) for row in islice(rows, _SHOWN)]
    hideable = {process.pk: process for view in views for process in view.hideable}
    context = {"views": views, "more": max(0, rows.count() - _SHOWN), "hideable": list(hideable.values())}
    return _page(request, place, "desk/deliveries.html", context, _("Deliveries"))


@require_safe
def headers(request: HttpRequest, message: int, delivery: int, conversation: int | None = None) -> HttpResponse:
    """The header block of one copy."""
    place = find(me(request), message, conversation)
    view = DeliveryView(_delivery(request, place, delivery), place, me(request))
    if view.parsed is None:
        raise Http404
    context = {
        "parsed": view.parsed,
        "defects": [defect_words(one) for one in view.parsed.defects],
        "original": f"{view.url}original",
        "delivery": view,
    }
    return _page(request, place, "desk/message_headers.html", context, _("Headers"))


@require_safe
def original(request: HttpRequest, message: int, delivery: int, conversation: int | None = None) -> HttpResponse:
    """The very bytes of one copy, as a download; they hash to what the page says."""
    place = find(me(request), message, conversation)
    row = _delivery(request, place, delivery)
    try:
        data = store.original(row)
    except UNREADABLE:
        raise Http404 from None
    return download(data, f"{bytes(row.sha256).hex()[:16]}.eml")


def _delivery(request: HttpRequest, place: Place, pk: int) -> Delivery:
    return get_object_or_404(custody.deliveries_of(place.message, me(request), place.conversation), pk=pk)


# --- taking a view away ----------------------------------------------------------------------------------


def _ask(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    place = find(me(request), message, conversation)
    process, delivery = _named(request, place)
    context = {
        "process": process,
        "delivery": delivery and DeliveryView(delivery, place, me(request)),
        "deliveries": custody.deliveries_of(place.message, me(request), place.conversation).count(),
    }
    return _page(request, place, "desk/hiding.html", context, _("Take it out of view"))


def _hide(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    place = find(me(request), message, conversation)
    process, delivery = _named(request, place)
    reason = request.POST.get("reason", "")
    try:
        hidden = custody.hide(place.message, process, me(request), timezone.now(), delivery=delivery, reason=reason)
    except NotHidable:
        raise Http404 from None
    words = _("%(process)s does not see it any more.") % {"process": process}
    return toast(request, _away(request, place.conversation), words, reverse("hidden-undo", args=[hidden.pk]))


hiding = by_verb(GET=_ask, POST=_hide)


def _named(request: HttpRequest, place: Place) -> tuple[Process, Delivery | None]:
    """From whom, and which delivery alone; only what this person may take away. Raises Http404."""
    given = {**request.GET.dict(), **request.POST.dict()}
    delivery = _delivery(request, place, _number(given["delivery"])) if given.get("delivery") else None
    rows = [delivery] if delivery else custody.deliveries_of(place.message, me(request), place.conversation)
    for row in rows:
        for process in DeliveryView(row, place, me(request)).hideable:
            if str(process.pk) == given.get("process"):
                return process, delivery
    raise Http404


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _away(request: HttpRequest, conversation: Conversation | None) -> HttpResponse:
    visible = Conversation.objects.visible_to(me(request))
    if conversation is not None and visible.filter(pk=conversation.pk).exists():
        return go(request, reverse("conversation", args=[conversation.pk]))
    return leave(request)


@require_safe
def hidden(request: HttpRequest, hidden: int) -> HttpResponse:
    """A view that was taken away: from whom, by whom, why; for those who may give it back."""
    found = _hidden(request, hidden)
    html = render_to_string("desk/hidden.html", {"hidden": found}, request)
    return show(request, html, slug="mine", title=_("Out of view"))


def _show_again(request: HttpRequest, hidden: int) -> HttpResponse:
    found = _hidden(request, hidden)
    message, process = found.message, found.process
    custody.show(found, me(request), timezone.now())
    words = _("%(process)s sees it again.") % {"process": process}
    visible = Conversation.objects.visible_to(me(request)).filter(process=process, entries__message=message)
    answer = _away(request, visible.first())
    if not is_htmx(request) and not visible.exists():
        answer = see_other("/")
    return toast(request, answer, words)


hidden_undo = by_verb(POST=_show_again)


def _hidden(request: HttpRequest, pk: int) -> Hidden:
    found = get_object_or_404(Hidden.objects.select_related("message", "process", "person", "delivery__origin"), pk=pk)
    if not custody.may_hide(me(request), found.process):
        raise Http404
    return found


def _page(request: HttpRequest, place: Place, template: str, context: Mapping[str, object], title: str) -> HttpResponse:
    home = place.conversation
    html = render_to_string(template, {**context, "view": MessageView(place), "home": home}, request)
    return show(request, html, slug=home_list(home, me(request)) if home else "mine", title=title)
