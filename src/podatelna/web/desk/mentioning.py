"""Whom one may name in a note while one types, and letting out again who was let in by being named."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.desk import mentions
from podatelna.mail.language import folded

from .answers import by_verb, me
from .pane import done
from .places import find_conversation


@require_safe
def people(request: HttpRequest, conversation: int) -> JsonResponse:
    """For `q`: `name`, `beside` (what is to be known of them), and `written`, which goes into the text."""
    found = find_conversation(me(request), conversation)
    typed = request.GET.get("q", "").replace("\0", "")[:100]
    near = set(mentions.seeing(found))
    offered = [
        {"name": one.name, "written": f"@{_written(one)}", "beside": "" if one in near else _("will be let in")}
        for one in mentions.offered(found, me(request), typed)
    ]
    response = JsonResponse({"people": offered})
    patch_cache_control(response, private=True, no_store=True)
    return response


def _written(person: Person) -> str:
    """How they are named so that nobody else is meant: by name, or by what their address begins with."""
    same = [one for one in Person.objects.filter(is_active=True) if folded(one.name) == folded(person.name)]
    return person.name if len(same) == 1 else person.email.partition("@")[0]


def _let_out(request: HttpRequest, conversation: int, who: int) -> HttpResponse:
    """Whoever may name people there may also let out who came in by that."""
    found = find_conversation(me(request), conversation)
    person = get_object_or_404(Person, pk=who)
    if not mentions.let_out(found, person, me(request), timezone.now()):
        raise Http404
    return done(request, found, _("%(name)s is let out again.") % {"name": person.name})


letting_out = by_verb(POST=_let_out, DELETE=_let_out)
