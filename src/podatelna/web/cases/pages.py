"""The page of a case, and what can be done with it: changed, closed, opened again, people let in."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from podatelna.accounts.models import Person
from podatelna.contacts.models import Organisation
from podatelna.contacts.sight import organisations_visible_to
from podatelna.desk import cases, references
from podatelna.desk.case_keeping import kept_until
from podatelna.desk.case_models import Case
from podatelna.desk.case_timeline import files, timeline
from podatelna.desk.errors import NotFilable, NotLetIn
from podatelna.desk.models import Conversation
from podatelna.web.desk.answers import by_verb, me, see_other
from podatelna.web.desk.attachments import files_of
from podatelna.web.desk.places import Place, find_conversation

from .forms import CaseForm, shown_values
from .places import active_person, find_case, read_key, write_key


def _show(request: HttpRequest, case: int) -> HttpResponse:
    return _page(request, find_case(me(request), case))


def _change(request: HttpRequest, case: int) -> HttpResponse:
    found = find_case(me(request), case)
    form = CaseForm.of(found, request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    if cases.change(found, form.facts(me(request), timezone.now()), me(request), timezone.now()):
        messages.success(request, _("Saved."))
    return _back(found)


def _page(request: HttpRequest, case: Case, form: CaseForm | None = None, status: int = 200) -> HttpResponse:
    person = me(request)
    before = read_key(request.GET.get("before", ""))
    lines, older = timeline(case, person, before)
    people = cases.people_of(case)
    context = {
        "case": case,
        "form": form or CaseForm.of(case),
        "lines": lines,
        "older": write_key(older),
        "before": before,
        "conversations": list(cases.filed_under(case, person)),
        "files": [
            (file, conversation)
            for part, conversation in files(case, person)
            for file in files_of([part], Place(part.message, conversation).url)
        ],
        "values": shown_values(case),
        "numbers": references.of_case(case, person),
        "organisation": _organisation(case, person),
        "kept_until": kept_until(case),
        "laid": list(case.files.select_related("blob", "by")),
        "people": people,
        "may_let_in": cases.may_let_in(case, person),
        "others": Person.objects.filter(is_active=True).exclude(pk__in=[one.pk for one in people]),
        "team": [one.person for one in case.process.members.filter(person__is_active=True).select_related("person")],
        "is_late": case.is_late(timezone.localdate()),
        "slug": "cases",
    }
    return render(request, "cases/case.html", context, status=status)


def _organisation(case: Case, person: Person) -> Organisation | None:
    """The organisation for a link to its page, where `person` may see that."""
    if case.organisation is None:
        return None
    return organisations_visible_to(person).filter(pk=case.organisation.root.pk).first()


page = by_verb(GET=_show, POST=_change)


def _ask(request: HttpRequest, case: int) -> HttpResponse:
    found = find_case(me(request), case)
    return _asking(request, found, _still_open(found, me(request)))


def _close(request: HttpRequest, case: int) -> HttpResponse:
    """At once where nothing in it is open; else who closes it says what becomes of that."""
    found = find_case(me(request), case)
    still_open = _still_open(found, me(request))
    if still_open and "with" not in request.POST:
        return _asking(request, found, still_open)
    also = still_open if request.POST.get("with") == "conversations" else []
    cases.close(found, me(request), timezone.now(), also=also)
    messages.success(request, _("The case is closed."))
    return _back(found)


def _still_open(case: Case, person: Person) -> list[Conversation]:
    return list(cases.filed_under(case, person).filter(status=Conversation.Status.OPEN))


def _asking(request: HttpRequest, case: Case, still_open: list[Conversation]) -> HttpResponse:
    return render(request, "cases/closing.html", {"case": case, "open": still_open, "slug": "cases"})


def _reopen(request: HttpRequest, case: int) -> HttpResponse:
    found = find_case(me(request), case)
    cases.reopen(found, me(request), timezone.now())
    messages.success(request, _("The case is open again."))
    return _back(found)


closure = by_verb(GET=_ask, POST=_close, DELETE=_reopen)


def _let_in(request: HttpRequest, case: int) -> HttpResponse:
    found = find_case(me(request), case)
    person = active_person(request.POST.get("person", ""))
    try:
        cases.let_in(found, person, me(request), timezone.now())
    except NotLetIn:
        raise Http404 from None
    messages.success(request, _("%(name)s sees the case now.") % {"name": person})
    return _back(found)


people = by_verb(POST=_let_in)


def _let_out(request: HttpRequest, case: int, who: int) -> HttpResponse:
    found = find_case(me(request), case)
    person = next((one for one in cases.people_of(found) if one.pk == who), None)
    if person is None:
        raise Http404
    try:
        cases.let_out(found, person, me(request), timezone.now())
    except NotLetIn:
        raise Http404 from None
    messages.success(request, _("%(name)s is no longer among the people of the case.") % {"name": person})
    visible = Case.objects.visible_to(me(request)).filter(pk=found.pk).exists()
    return _back(found) if visible else see_other(reverse("cases"))


person = by_verb(POST=_let_out, DELETE=_let_out)


def _take_out(request: HttpRequest, case: int, conversation: int) -> HttpResponse:
    found = find_case(me(request), case)
    taken = find_conversation(me(request), conversation)
    try:
        gone = cases.take_out(taken, found, me(request), timezone.now())
    except NotFilable:
        raise Http404 from None
    if not gone:
        raise Http404
    messages.success(request, _("It is no longer in the case."))
    return _back(found)


conversation = by_verb(POST=_take_out, DELETE=_take_out)


def _back(case: Case) -> HttpResponse:
    return see_other(reverse("case", args=[case.pk]))
