"""Drafts over HTTP: opened, saved as somebody types, given files, discarded, sent."""

from __future__ import annotations

import contextlib

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.archive.models import Message
from podatelna.contacts.bad import works_again
from podatelna.desk import drafts, notes, replies
from podatelna.desk.errors import AnsweredElsewhere, Overtaken, StaleDraft, Unsendable
from podatelna.desk.models import Conversation, Draft, Process
from podatelna.desk.rights import working_in
from podatelna.outbox.models import Outgoing

from .answers import by_verb, go, is_htmx, leave, me, see_other, toast
from .composer import Composer, bad_addresses, composer_of, fields_of, find_draft, in_words
from .later import NoTime, chosen_time
from .pane import done, last_seen, render_composer, show
from .places import find_conversation

_KINDS = frozenset(Draft.Kind) - {Draft.Kind.NEW}  # what a draft in a conversation can be

# --- opening -----------------------------------------------------------------------------------------------


def _open(request: HttpRequest, conversation: int) -> HttpResponse:
    """Begin to answer, forward or note; a draft that is here already turns into that kind."""
    found = find_conversation(me(request), conversation)
    kind = request.POST.get("kind", "")
    if kind not in _KINDS:
        raise Http404
    answered = _answered(request, found)
    before = Draft.objects.filter(person=me(request), conversation=found).first()
    if before is not None and "text" in request.POST:
        keep_typed(request, before)
    draft = drafts.open_draft(me(request), kind, timezone.now(), conversation=found, answered=answered)
    return show_composer(request, composer_of(draft, me(request), seen_until=last_seen(found)))


opening = by_verb(POST=_open)


def _answered(request: HttpRequest, conversation: Conversation) -> Message | None:
    """The message that was asked for, else None: the domain takes the last one."""
    given = request.POST.get("message", "")
    if not given.isascii() or not given.isdecimal():
        return None
    return get_object_or_404(Message, entries__conversation=conversation, pk=int(given))


def show_composer(request: HttpRequest, composer: Composer, status: int = 200) -> HttpResponse:
    """The composer in its place; without JavaScript on the page it belongs to."""
    conversation = composer.draft.conversation
    if is_htmx(request):
        return HttpResponse(render_composer(request, composer, conversation), status=status)
    if not (composer.errors or composer.overtaken or composer.doubled or composer.stale):
        return see_other(_page_of(composer.draft) + "#composer")
    html = render_to_string("desk/composer_page.html", {"composer": composer, "conversation": conversation}, request)
    return show(request, html, slug="", title=_("Draft"))


def _page_of(draft: Draft) -> str:
    if draft.conversation_id is not None:
        return reverse("conversation", args=[draft.conversation_id])
    return reverse("draft", args=[draft.pk])


@require_safe
def compose(request: HttpRequest) -> HttpResponse:
    """A new message: straight to its draft when it is plain which process writes, else the choice."""
    processes = list(Process.objects.filter(pk__in=working_in(me(request))).order_by("name"))
    wanted = [p for p in processes if str(p.pk) == request.GET.get("process")] or processes
    if len(wanted) == 1:
        return see_other(reverse("draft", args=[_new_draft(request, wanted[0]).pk]))
    unsent = Draft.objects.filter(person=me(request), conversation=None).select_related("process")
    context = {"processes": processes, "unsent": unsent.order_by("-updated_at")[:20]}
    html = render_to_string("desk/composer_choice.html", context, request)
    return show(request, html, slug="", title=_("New message"))


def _new_draft(request: HttpRequest, process: Process) -> Draft:
    # An empty one is used again: going here twice, or a browser that fetches ahead, leaves nothing behind.
    empty = {"to": "", "cc": "", "bcc": "", "subject": "", "text": "", "files": None}
    found = Draft.objects.filter(person=me(request), process=process, kind=Draft.Kind.NEW, **empty).first()
    return found or drafts.open_draft(me(request), Draft.Kind.NEW, timezone.now(), process=process)


# --- saving ------------------------------------------------------------------------------------------------


@require_safe
def _page(request: HttpRequest, draft: int) -> HttpResponse:
    """A draft by itself; that of a conversation opens there."""
    found = find_draft(me(request), draft)
    if found.conversation_id is not None:
        return see_other(_page_of(found))
    composer = composer_of(found, me(request))
    html = render_to_string("desk/composer_page.html", {"composer": composer, "conversation": None}, request)
    return show(request, html, slug=f"process-{found.process_id}", title=_("New message"))


def _save(request: HttpRequest, draft: int) -> HttpResponse:
    """Keep what stands in the form. The script is told the new revision, or with 409 what another window saved."""
    found = find_draft(me(request), draft)
    try:
        saved = _saved(request, found)
    except StaleDraft as stale:
        if _wants_json(request):
            theirs = {"revision": stale.saved.revision, "text": stale.saved.text, "subject": stale.saved.subject}
            return JsonResponse(theirs, status=409)
        return show_composer(request, _conflict(request, found, stale), status=409)
    if _wants_json(request):
        return JsonResponse({"revision": saved.revision, "bad": _bad_addresses(request, saved)})
    return toast(request, see_other(_page_of(saved)), _("Saved."))


def _saved(request: HttpRequest, draft: Draft) -> Draft:
    """The draft with what the form holds. Raises StaleDraft; nothing is overwritten then."""
    return drafts.save(draft, timezone.now(), revision=_revision(request), **fields_of(request.POST))


def _bad_addresses(request: HttpRequest, draft: Draft) -> str:
    """What is to be known about the addresses in it, for the page."""
    html = render_to_string("desk/composer_bad.html", {"bad": bad_addresses(draft), "draft": draft}, request)
    return html.strip()


def _address_works(request: HttpRequest, draft: int) -> HttpResponse:
    """Whoever writes knows that an address works: the warning is gone for all who were shown it."""
    found = find_draft(me(request), draft)
    if is_htmx(request):
        # Not saved: the page holds the revision that its next save needs.
        for name, value in fields_of(request.POST).items():
            setattr(found, name, value)
    else:
        keep_typed(request, found)
        found.refresh_from_db()
    shown = {row.address for row in bad_addresses(found)}
    works_again(shown & {request.POST.get("address", "").lower()}, timezone.now(), by=me(request))
    if is_htmx(request):
        return HttpResponse(_bad_addresses(request, found))
    return see_other(_page_of(found) + "#composer")


address = by_verb(POST=_address_works)


def _revision(request: HttpRequest) -> int:
    given = request.POST.get("revision", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _conflict(request: HttpRequest, draft: Draft, stale: StaleDraft) -> Composer:
    """The composer with the text of this window, and the other one beside it; saving again takes this one."""
    for name, value in fields_of(request.POST).items():
        setattr(draft, name, value)
    draft.revision = stale.saved.revision
    return composer_of(draft, me(request), seen_until=_number(request, "seen_until"), stale=stale.saved)


def keep_typed(request: HttpRequest, draft: Draft) -> None:
    """Save what stands in the form that came along with a file or another kind: what follows shows what is saved."""
    with contextlib.suppress(StaleDraft):
        _saved(request, draft)


def _discard(request: HttpRequest, draft: int) -> HttpResponse:
    found = find_draft(me(request), draft)
    conversation = found.conversation
    drafts.discard(found)
    if conversation is None:
        response = leave(request)
    elif is_htmx(request):
        response = HttpResponse(render_composer(request, None, conversation))
    else:
        response = see_other(reverse("conversation", args=[conversation.pk]))
    return toast(request, response, _("Draft discarded."))


draft = by_verb(GET=_page, POST=_save, DELETE=_discard)


# --- sending -----------------------------------------------------------------------------------------------


def _send(request: HttpRequest, draft: int) -> HttpResponse:
    """Keep what stands in the form, then send it; what stands in the way is shown in the composer."""
    found = find_draft(me(request), draft)
    seen_until = _number(request, "seen_until")
    told_until = _number(request, "told_until")
    try:
        found = _saved(request, found)
        at = chosen_time(request.POST, timezone.now())
        outgoing = replies.send(found, timezone.now(), seen_until=seen_until, told_until=told_until, at=at)
    except NoTime as no_time:
        typed = {"errors": {"later": str(no_time)}, "own_time": request.POST.get("own_time", "")[:16]}
        return show_composer(request, composer_of(found, me(request), seen_until=seen_until, **typed))
    except StaleDraft as stale:
        return show_composer(request, _conflict(request, found, stale))
    except Overtaken as overtaken:
        seen_until = max(entry.pk for entry in overtaken.entries)
        return show_composer(
            request, composer_of(found, me(request), seen_until=seen_until, overtaken=overtaken.entries)
        )
    except AnsweredElsewhere:
        return show_composer(request, composer_of(found, me(request), seen_until=seen_until, doubled=True))
    except Unsendable as unsendable:
        errors = in_words(unsendable, found)
        return show_composer(request, composer_of(found, me(request), seen_until=seen_until, errors=errors))
    return _under_way(request, outgoing, is_new=draft_is_new(found))


sending = by_verb(POST=_send)


def draft_is_new(draft: Draft) -> bool:
    """Whether it begins a conversation."""
    return draft.conversation_id is None


def _under_way(request: HttpRequest, outgoing: Outgoing, *, is_new: bool) -> HttpResponse:
    """The conversation with the message in it, which waits a moment for an Undo; closed too when that was asked."""
    conversation = outgoing.entry.conversation
    undo_url = reverse("sending-undo", args=[outgoing.pk])
    if request.POST.get("close") and conversation.status == Conversation.Status.OPEN:
        conversation.close(me(request), timezone.now())
        undo_url += "?reopen=1"
    if outgoing.state == Outgoing.State.HELD:
        text = _("A rule holds it until somebody else has looked at it.")
    elif outgoing.scheduled and outgoing.due_at is not None:
        text = _("It goes out %(when)s.") % {
            "when": date_format(timezone.localtime(outgoing.due_at), "DATETIME_FORMAT")
        }
    else:
        text = _("It goes out in %(seconds)d seconds.") % {"seconds": settings.UNDO_SECONDS}
    if is_new and is_htmx(request):
        return toast(request, go(request, reverse("conversation", args=[conversation.pk])), text, undo_url)
    return done(request, conversation, text, undo_url, composer=True)


def _number(request: HttpRequest, name: str) -> int:
    """The id of the newest entry that the writer had on the page; 0, and all is news, when the page does not say."""
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0


# --- notes -------------------------------------------------------------------------------------------------


def _add_note(request: HttpRequest, conversation: int) -> HttpResponse:
    """A note for colleagues; the draft that it was is done with."""
    found = find_conversation(me(request), conversation)
    draft = Draft.objects.filter(conversation=found, person=me(request), kind=Draft.Kind.NOTE).first()
    text = request.POST.get("text", "").strip()
    if not text:
        draft = draft or drafts.open_draft(me(request), Draft.Kind.NOTE, timezone.now(), conversation=found)
        return show_composer(
            request, composer_of(draft, me(request), errors={"text": _("There is nothing in it yet.")})
        )
    with transaction.atomic():
        notes.add(found, me(request), text, timezone.now())
        if draft is not None:
            drafts.discard(draft)
    return done(request, found, _("The note is there for your colleagues."), composer=True)


noting = by_verb(POST=_add_note)
