"""What happens to an answer after Send: taken back in time, tried again, or settled by a person."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from podatelna.desk import later, replies, sent
from podatelna.desk.models import Conversation
from podatelna.outbox.models import Outgoing

from .answers import by_verb, go, is_htmx, me, toast
from .later import NoTime, read_time
from .pane import done


def find_outgoing(request: HttpRequest, pk: int) -> Outgoing:
    """The message on its way if its conversation may be seen. Raises Http404."""
    visible = Conversation.objects.visible_to(me(request))
    rows = Outgoing.objects.select_related("entry__conversation__process", "entry__conversation__assignee")
    return get_object_or_404(rows, pk=pk, entry__conversation__in=visible)


def _undo(request: HttpRequest, sending: int) -> HttpResponse:
    """Take it back as long as it waits; what was written is in the composer again."""
    outgoing = find_outgoing(request, sending)
    conversation, now = outgoing.entry.conversation, timezone.now()
    draft = replies.undo(outgoing, me(request), now)
    if draft is None:
        return done(request, conversation, _("Too late: it is on its way, or it is somebody else’s."))
    if request.GET.get("reopen") and conversation.status == Conversation.Status.CLOSED:
        conversation.reopen(me(request), now)
    if draft.conversation_id is None:
        return toast(request, go(request, reverse("draft", args=[draft.pk])), _("Taken back. Nothing was sent."))
    return _composer_back(request, conversation, _("Taken back. Nothing was sent."))


def _composer_back(request: HttpRequest, conversation: Conversation, text: str) -> HttpResponse:
    """The conversation with its composer open, wherever the page is by now: an Undo may stand in a toast."""
    url = reverse("conversation", args=[conversation.pk])
    if is_htmx(request) and urlsplit(request.headers.get("HX-Current-URL", "")).path != url:
        return toast(request, go(request, url), text)
    response = done(request, conversation, text, composer=True)
    if is_htmx(request):
        response["HX-Retarget"], response["HX-Reswap"] = f"#composer-{conversation.pk}", "innerHTML"
    return response


undo = by_verb(POST=_undo, DELETE=_undo)


def _time(request: HttpRequest, sending: int) -> HttpResponse:
    """Another time for what waits for one, or now."""
    outgoing, now = find_outgoing(request, sending), timezone.now()
    conversation = outgoing.entry.conversation
    too_late = _("It is on its way, or it was sent already.")
    if not outgoing.scheduled:
        return done(request, conversation, too_late)
    if request.POST.get("now"):
        sent_now = later.send_now(outgoing, me(request), now)
        return done(request, conversation, _("It goes out now.") if sent_now else too_late)
    try:
        at = read_time(request.POST.get("own_time", ""), now)
    except NoTime as no_time:
        return done(request, conversation, str(no_time))
    changed = later.put_off(outgoing, at, me(request), now)
    words = _("It goes out %(when)s.") % {"when": date_format(timezone.localtime(at), "DATETIME_FORMAT")}
    return done(request, conversation, words if changed else too_late)


time = by_verb(POST=_time)


def _again(request: HttpRequest, sending: int) -> HttpResponse:
    outgoing = find_outgoing(request, sending)
    tried = sent.retry(outgoing, me(request), timezone.now())
    words = _("It is tried again now.") if tried else _("It is on its way, or it was sent already.")
    return done(request, outgoing.entry.conversation, words)


attempt = by_verb(POST=_again)


def _mark_sent(request: HttpRequest, sending: int) -> HttpResponse:
    outgoing = find_outgoing(request, sending)
    sent.mark_sent(outgoing, me(request), timezone.now())
    return done(request, outgoing.entry.conversation, _("Marked as sent."))


sent_mark = by_verb(POST=_mark_sent)


def _write_again(request: HttpRequest, sending: int) -> HttpResponse:
    """What failed, in the composer once more, to be corrected and sent anew."""
    outgoing, now = find_outgoing(request, sending), timezone.now()
    if outgoing.state == Outgoing.State.WAITING and outgoing.attempts:
        sent.give_up(outgoing, me(request), now)  # out of the queue first, or it could go twice
    draft = replies.write_again(outgoing, me(request), now)
    words = _("Correct it, and send it again.") if draft else _("It is on its way, or it was sent already.")
    return _composer_back(request, outgoing.entry.conversation, words)


rewriting = by_verb(POST=_write_again)
