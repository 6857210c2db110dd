"""The conversation pane put together: head, timeline, composer, side panel, whole or in the parts that changed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from podatelna.accounts.models import Person
from podatelna.desk import cases, linked, lists, notices, presence
from podatelna.desk.absence import present
from podatelna.desk.handover import colleagues
from podatelna.desk.models import Conversation, Draft, Process
from podatelna.desk.rights import may_act

from .answers import is_htmx, leave, me, see_other, toast, wants_pane
from .clocks import clock_of, target_lines
from .composer import Composer, composer_of
from .desk_names import desk_of
from .marked import marks_of
from .shell import desk_page
from .side import side
from .timeline import Timeline, timeline

_NOTHING = SafeString("")
FORSAKEN_AFTER = timedelta(minutes=10)


def pane(conversation: Conversation, request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What the templates of a conversation need, for whoever asks; nothing is marked as read yet."""
    person = me(request)
    shown = timeline(conversation, person, now, everything="all" in request.GET)
    team = team_of(conversation)
    return {
        "conversation": conversation,
        "person": person,
        "may_act": may_act(person, conversation),
        "team": team,
        "away": {one.pk for one in team} - {one.pk for one in present(team, now)},
        "desk_name": desk_of(conversation, person),
        "is_own_desk": conversation.process.owner_id == person.pk,
        "may_file": cases.may_file(conversation, person),
        "others": presence.others(conversation, person, now),
        "is_open": conversation.status == Conversation.Status.OPEN,
        "timeline": shown,
        "earlier_words": earlier_words(shown),
        "side": side(conversation, person),
        "linked": linked.sides(conversation, person, now),
        **marks_of(conversation),
        "clock": clock_of(conversation, now),
        "target_lines": target_lines(conversation, now),
        "back_url": back_url(request, conversation),
    }


def back_url(request: HttpRequest, conversation: Conversation) -> str:
    """The list that the reader came from: named by the page's address, also when a fragment is asked for."""
    here = parse_qs(urlsplit(request.headers.get("HX-Current-URL", "")).query)
    slug = request.GET.get("in") or here.get("in", [""])[0] or home_list(conversation, me(request))
    if slug == "search":
        query = request.GET.get("q") or here.get("q", [""])[0]
        return f"{reverse('search')}?{urlencode({'q': query})}"
    return reverse("list", args=[slug]) if re.fullmatch(r"[-\w]+", slug, re.ASCII) else "/"


def home_list(conversation: Conversation, person: Person) -> str:
    """The list where `person` finds the conversation when nothing says where they came from."""
    desks = [pk for pk in (conversation.process_id, conversation.worked_by_id) if pk is not None]
    found = set(Process.objects.visible_to(person).filter(pk__in=desks).values_list("pk", flat=True))
    desk = next((pk for pk in desks if pk in found), None)
    if desk is None:
        return "mine"
    closed = conversation.status == Conversation.Status.CLOSED
    return f"process-{desk}" + ("-closed" if closed else "")


def composer_in(conversation: Conversation, person: Person) -> Composer | None:
    """The composer with the draft that `person` has here, or None."""
    draft = Draft.objects.filter(conversation=conversation, person=person).select_related("process", "answered").first()
    if draft is None or is_forsaken(draft, timezone.now()):
        return None
    return composer_of(draft, person, seen_until=last_seen(conversation))


def is_forsaken(draft: Draft, now: datetime) -> bool:
    """Whether it was opened a while ago and nothing was written: it need not open again by itself."""
    return not draft.text.strip() and draft.updated_at < now - FORSAKEN_AFTER and not draft.files.exists()


def last_seen(conversation: Conversation) -> int:
    """The id of the newest entry: what somebody who looks now has seen."""
    return conversation.entries.order_by("-pk").values_list("pk", flat=True).first() or 0


def team_of(conversation: Conversation) -> list[Person]:
    """Whom it can be given to."""
    return sorted(colleagues(conversation), key=lambda person: person.name.casefold())


def earlier_words(shown: Timeline) -> str:
    """What the link to the entries left out says."""
    text = ngettext("Show %(count)d earlier entry", "Show %(count)d earlier entries", shown.earlier)
    return text % {"count": shown.earlier}


def render_pane(request: HttpRequest, conversation: Conversation) -> tuple[SafeString, SafeString]:
    """The whole pane and the side panel; what is shown counts as read from then on."""
    now = timezone.now()
    context = pane(conversation, request, now)
    composer = composer_in(conversation, me(request))
    html = render_to_string("desk/conversation.html", {**context, "composer": composer}, request)
    aside = render_to_string("desk/side.html", context, request)
    _saw(conversation, me(request), now)
    return html, aside


def render_parts(request: HttpRequest, conversation: Conversation) -> str:
    """Head, timeline and side panel as fragments that find their places by id; never the composer."""
    now = timezone.now()
    context = {**pane(conversation, request, now), "oob": True}
    html = render_to_string("desk/conversation_parts.html", context, request)
    aside = render_to_string("desk/side.html", context, request)
    _saw(conversation, me(request), now)
    return html + beside(aside)


def _saw(conversation: Conversation, person: Person, now: datetime) -> None:
    """What is shown counts as read, and what one was told about it as seen."""
    lists.mark_read(conversation, person, now)
    notices.see(person, now, conversation=conversation)


def beside(aside: str) -> str:
    """The side panel as a fragment that finds its place by id."""
    return f'<aside id="side" hx-swap-oob="innerHTML">{aside}</aside>'


def render_composer(request: HttpRequest, composer: Composer | None, conversation: Conversation | None) -> str:
    """The foot of the pane: the composer, or without one the buttons that open it."""
    may = conversation is None or may_act(me(request), conversation)
    context = {"composer": composer, "conversation": conversation, "person": me(request), "may_act": may}
    return render_to_string("desk/composer_slot.html", context, request)


def show(request: HttpRequest, html: SafeString, aside: SafeString = _NOTHING, **page: Any) -> HttpResponse:
    """The pane `html` and the panel `aside`, alone when a list asks for them, else on the desk (see desk_page)."""
    if wants_pane(request):
        return HttpResponse(html + beside(aside))
    return desk_page(request, conversation_html=html, side_html=aside, **page)


def done(
    request: HttpRequest, conversation: Conversation, text: str, undo_url: str = "", *, composer: bool = False
) -> HttpResponse:
    """The answer to something done with a conversation: the page as it is now, and `text` with its Undo.

    With `composer` the foot of the pane is part of the answer, which goes to where the composer is.
    """
    response: HttpResponse
    visible = Conversation.objects.visible_to(me(request)).filter(pk=conversation.pk).exists()
    if not visible:
        response = leave(request)  # given away by somebody who was let in for this conversation alone
    elif not is_htmx(request):
        response = see_other(reverse("conversation", args=[conversation.pk]))
    else:
        conversation.refresh_from_db()
        foot = render_composer(request, composer_in(conversation, me(request)), conversation) if composer else ""
        response = HttpResponse(foot + render_parts(request, conversation))
    return toast(request, response, text, undo_url)
