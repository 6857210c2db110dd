"""What is done with several conversations at once, and its Undo."""

from __future__ import annotations

from collections.abc import Iterable

from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from podatelna.accounts.models import Person
from podatelna.desk.errors import NotAssignable
from podatelna.desk.models import Conversation, ConversationQuerySet
from podatelna.desk.priority import name_of, set_priority
from podatelna.desk.tags import remove_tag

from .answers import is_htmx, me, see_other, toast
from .marks import put_on, wanted_priority

MOST = 500
UNDO_SECONDS = 15 * 60


@require_POST
def closure(request: HttpRequest) -> HttpResponse:
    """Close each conversation named by `conversation`."""
    person, now = me(request), timezone.now()
    with transaction.atomic():
        closed = [row.pk for row in _chosen(request) if row.close(person, now)]
    words = ngettext("%(count)d conversation closed.", "%(count)d conversations closed.", len(closed))
    return _done(request, words % {"count": len(closed)}, closed, {"reopen": closed})


@require_POST
def assignment(request: HttpRequest) -> HttpResponse:
    """Take each conversation named by `conversation`."""
    person, now = me(request), timezone.now()
    with transaction.atomic():
        former = [(row, row.assignee_id) for row in _chosen(request)]
        before = {row.pk: had for row, had in former if row.assign(person, person, now)}
    words = ngettext("%(count)d conversation is yours now.", "%(count)d conversations are yours now.", len(before))
    return _done(request, words % {"count": len(before)}, before, {"assign": list(before.items())})


@require_POST
def tagging(request: HttpRequest) -> HttpResponse:
    """Put the tags in `name` on each conversation named by `conversation`."""
    rows = list(_chosen(request))
    added, words = put_on(rows, request.POST.get("name", ""), me(request))
    return _done(request, words, {pk for _name, ids in added for pk in ids}, {"tagged": added})


@require_POST
def priority(request: HttpRequest) -> HttpResponse:
    """Give each conversation named by `conversation` the same `priority`."""
    wanted, now = wanted_priority(request), timezone.now()
    with transaction.atomic():
        former = [(row, name_of(row.priority)) for row in _chosen(request)]
        before = {row.pk: had for row, had in former if set_priority(row, wanted, me(request), now)}
    words = ngettext("%(count)d conversation changed.", "%(count)d conversations changed.", len(before))
    return _done(request, words % {"count": len(before)}, before, {"priority": list(before.items())})


@require_POST
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """Put back what `token` remembers; for the person who did it, for a quarter of an hour."""
    try:
        memory = signing.loads(token, salt=_salt(me(request)), max_age=UNDO_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    with transaction.atomic():
        ids = _reopen(memory.get("reopen", []), me(request)) + _give_back(memory.get("assign", []), me(request))
        ids += _untag(memory.get("tagged", []), me(request)) + _set_back(memory.get("priority", []), me(request))
    return _done(request, _("Undone."), ids, {})


def _reopen(ids: Iterable[int], person: Person) -> list[int]:
    now = timezone.now()
    return [row.pk for row in _visible(ids, person) if row.reopen(person, now)]


def _give_back(pairs: Iterable[tuple[int, int | None]], person: Person) -> list[int]:
    """To whoever had it before, unless somebody else has taken it since or the former assignee has left."""
    now, former = timezone.now(), dict(pairs)
    people = Person.objects.in_bulk([pk for pk in former.values() if pk])
    given = []
    for row in _visible(former, person).filter(assignee=person):
        try:
            row.assign(people.get(former[row.pk] or 0), person, now)
        except NotAssignable:
            row.assign(None, person, now)
        given.append(row.pk)
    return given


def _untag(tagged: Iterable[tuple[str, list[int]]], person: Person) -> list[int]:
    now = timezone.now()
    return [row.pk for name, ids in tagged for row in _visible(ids, person) if remove_tag(row, name, person, now)]


def _set_back(pairs: Iterable[tuple[int, str]], person: Person) -> list[int]:
    now, former = timezone.now(), dict(pairs)
    return [row.pk for row in _visible(former, person) if set_priority(row, former[row.pk], person, now)]


def _chosen(request: HttpRequest) -> ConversationQuerySet:
    ids = [int(pk) for pk in request.POST.getlist("conversation")[:MOST] if pk.isascii() and pk.isdecimal()]
    return _visible(ids, me(request))


def _visible(ids: Iterable[int], person: Person) -> ConversationQuerySet:
    return Conversation.objects.visible_to(person).filter(pk__in=[pk for pk in ids if pk < 2**63]).order_by("pk")


def _done(request: HttpRequest, words: str, changed: Iterable[int], memory: dict[str, object]) -> HttpResponse:
    """Say what was done, with an Undo when there is something to undo; the page refreshes what changed."""
    ids = list(changed)
    token = signing.dumps(memory, salt=_salt(me(request)), compress=True) if ids and memory else ""
    undo_url = reverse("selection-undo", args=[token]) if token else ""
    if not is_htmx(request):
        return toast(request, see_other(_back(request)), words)
    response = HttpResponse(status=204)
    trigger_client_event(response, "desk:changed", {"conversations": ids})
    return toast(request, response, words, undo_url)


def _salt(person: Person) -> str:
    return f"selection of {person.pk}"


def _back(request: HttpRequest) -> str:
    """The list that one came from."""
    slug = request.POST.get("in", "mine")
    return reverse("list", args=[slug]) if slug.replace("-", "").isalnum() else reverse("home")
