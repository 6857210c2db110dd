"""Tags and priority of a conversation over HTTP; with several at once see selection.py."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.desk import tags
from podatelna.desk.errors import BadTag
from podatelna.desk.models import Conversation
from podatelna.desk.priority import PRIORITIES, name_of, set_priority

from .answers import by_verb, me
from .mark_words import priority_set_words, tag_words
from .pane import done
from .places import find_conversation

_SPELLINGS = 500  # tags whose spelling is kept to

# --- of one conversation -------------------------------------------------------------------------------------


def _tag(request: HttpRequest, conversation: int) -> HttpResponse:
    """Put on what `name` says; several with commas between them."""
    found = find_conversation(me(request), conversation)
    added, words = put_on([found], request.POST.get("name", ""), me(request))
    names = [name for name, _ids in added]
    return done(request, found, words, _undo_url(found, off=names) if names else "")


def _untag(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    name = request.POST.get("name", request.GET.get("name", ""))
    if not tags.remove_tag(found, name, me(request), timezone.now()):
        return done(request, found, _("It had no such tag."))
    return done(request, found, _("Tag “%(tag)s” taken off.") % {"tag": name}, _undo_url(found, on=[name]))


def _undo_url(conversation: Conversation, *, on: Iterable[str] = (), off: Iterable[str] = ()) -> str:
    query = urlencode([*(("on", name) for name in on), *(("off", name) for name in off)])
    return reverse("conversation-tags-undo", args=[conversation.pk]) + f"?{query}"


def _tag_undo(request: HttpRequest, conversation: int) -> HttpResponse:
    """Put `on` on again, take `off` off again."""
    found = find_conversation(me(request), conversation)
    for name in request.GET.getlist("off")[: tags.MOST]:
        tags.remove_tag(found, name, me(request), timezone.now())
    put_on([found], ",".join(request.GET.getlist("on")[: tags.MOST]), me(request))
    return done(request, found, _("Undone."))


conversation_tags = by_verb(POST=_tag, DELETE=_untag)
conversation_tags_undo = by_verb(POST=_tag_undo)


def _set_priority(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    before, wanted = name_of(found.priority), wanted_priority(request)
    changed = set_priority(found, wanted, me(request), timezone.now())
    undo = reverse("conversation-priority-undo", args=[found.pk]) + f"?priority={before}" if changed else ""
    return done(request, found, priority_set_words(wanted), undo)


def wanted_priority(request: HttpRequest) -> str:
    """The priority that the request names. Raises BadRequest: no form of ours asks for another one."""
    wanted = request.POST.get("priority", request.GET.get("priority", ""))
    if wanted not in PRIORITIES:
        raise BadRequest
    return wanted


conversation_priority = by_verb(POST=_set_priority)
conversation_priority_undo = by_verb(POST=_set_priority)


# --- of one or of many -----------------------------------------------------------------------------------------


def put_on(rows: list[Conversation], typed: str, by: Person) -> tuple[list[tuple[str, list[int]]], str]:
    """Each tag with the conversations (ids) that did not have it, and what happened, in words; all or nothing.

    A tag that is there already is spelled as it stands there.
    """
    added: list[tuple[str, list[int]]] = []
    try:
        names = [tags.clean(piece) for piece in typed.split(",") if piece.strip()] or [tags.clean("")]
        spelled = {tags.key_of(name): name for name in tags.known(by, most=_SPELLINGS)}
        with transaction.atomic():
            for name in [spelled.get(tags.key_of(name), name) for name in names[: tags.MOST]]:
                ids = [row.pk for row in rows if tags.add_tag(row, name, by, timezone.now())]
                if ids:
                    added.append((name, ids))
    except BadTag as bad:
        return [], tag_words(bad.code)
    if not added:
        return [], _("It has this tag already.")
    return added, _("Tagged: %(tags)s.") % {"tags": ", ".join(name for name, _ids in added)}


# --- what is offered -------------------------------------------------------------------------------------------


@require_safe
def known_tags(request: HttpRequest) -> HttpResponse:
    """Tags on conversations one sees, the most used first, as options of a datalist."""
    options = format_html_join("", "<option>{}</option>", ((name,) for name in tags.known(me(request))))
    response = HttpResponse(options)
    patch_cache_control(response, private=True, no_store=True)
    return response
