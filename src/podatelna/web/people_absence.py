"""When somebody is away, and who stands in: one's own page, and the same of another for administrators and leads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.models import Person
from podatelna.desk import absence
from podatelna.desk.absence_models import Absence
from podatelna.desk.errors import BadAbsence
from podatelna.desk.models import Member
from podatelna.web.people import person_of

KINDS = [
    (Absence.Kind.HOLIDAY, _("Holiday")),
    (Absence.Kind.SICK, _("Sick leave")),
    (Absence.Kind.OTHER, _("Something else")),
]
WRONG = {
    "order": ("last", _("The last day comes before the first.")),
    "past": ("last", _("This is over already.")),
    "substitute": ("substitute", _("Choose somebody else who works here.")),
    "overlap": ("first", _("An absence is entered for some of these days already. End it first.")),
}


class AbsenceForm(forms.Form):
    """From when to when, who stands in."""

    kind = forms.ChoiceField(label=_("Why"), choices=KINDS, help_text=_("Seen here and not in the log."))
    first = forms.DateField(label=_("First day away"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(
        label=_("Last day away"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Left empty: until you, or who entered it, end it here."),
    )
    substitute = forms.ModelChoiceField(
        Person.objects.none(),
        label=_("Who stands in"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_(
            "Sees the open conversations and can answer them, as long as it lasts. Of a substitute who is away too,"
            " theirs comes in."
        ),
    )
    with_desk = forms.BooleanField(
        label=_("The personal desk too"),
        required=False,
        help_text=_("What is open on it. Without this nobody sees anything of it."),
    )

    def __init__(self, *args: Any, person: Person, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["substitute"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Person.objects.filter(is_active=True).exclude(pk=person.pk)
        # Only its owner lets anybody look at a personal desk.
        if by.pk != person.pk or not hasattr(person, "personal_desk"):
            del self.fields["with_desk"]


def my_absence(request: HttpRequest) -> HttpResponse:
    """When oneself is away."""
    me = person_of(request)
    return _page(request, me, me)


def absence_of(request: HttpRequest, person: int) -> HttpResponse:
    """When another is away; not found for who may not say so."""
    by = person_of(request)
    row = get_object_or_404(Person, pk=person, is_active=True)
    if not absence.may_enter(by, row):
        raise Http404
    return _page(request, row, by)


@require_POST
def absence_end(request: HttpRequest, absence_pk: int) -> HttpResponse:
    """They are here again, or stay here."""
    by = person_of(request)
    row = get_object_or_404(Absence.objects.select_related("person"), pk=absence_pk)
    if not absence.may_enter(by, row.person):
        raise Http404
    if absence.end(row, by, timezone.now()):
        messages.success(request, gettext("The absence is ended."))
    return redirect(_url(row.person, by))


def _page(request: HttpRequest, person: Person, by: Person) -> HttpResponse:
    now = timezone.now()
    form = AbsenceForm(request.POST or None, person=person, by=by, initial={"first": absence.today_of(person, now)})
    if form.is_valid() and _enter(form, person, by):
        messages.success(request, gettext("Entered."))
        return redirect(_url(person, by))
    context = {
        "form": form,
        "person": person,
        "own": person.pk == by.pk,
        "absences": absence.to_come(person),
        "today": absence.today_of(person, now),
        "stands_in_for": absence.stood_in_for(person, now),
        "team": _team(by) if person.pk == by.pk else [],
    }
    return render(request, "people/absence.html", context, status=422 if form.errors else 200)


def _enter(form: AbsenceForm, person: Person, by: Person) -> bool:
    data = form.cleaned_data
    try:
        absence.enter(
            person,
            data["kind"],
            data["first"],
            data["last"],
            data["substitute"],
            by,
            timezone.now(),
            with_desk=data.get("with_desk", False),
        )
    except BadAbsence as error:
        field, words = WRONG.get(error.code, ("first", error.code))
        form.add_error(field, str(words))
        return False
    return True


def _team(by: Person) -> list[Person]:
    """Those whose absences `by` enters as who leads them."""
    led = Member.objects.filter(person=by, role=Member.Role.LEAD).values("process")
    people = Person.objects.filter(is_active=True, memberships__process__in=led).exclude(pk=by.pk)
    return list(people.distinct().order_by("name", "pk"))


def _url(person: Person, by: Person) -> str:
    return reverse("my-absence") if person.pk == by.pk else reverse("person-absence", args=[person.pk])
