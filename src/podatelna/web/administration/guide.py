"""The guide after the first sign-in: company, people, first process, its mailbox. Each step can be skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.models import Person
from podatelna.desk.models import Company, Process
from podatelna.gateways.models import Gateway

from . import sign_in_choice
from .access import administrators_only
from .company import company_form, save_company
from .connecting import begin_form
from .gateway_form import GatewayForm
from .gateways import save_gateway
from .people import PersonForm, add_person, everybody, new_person_form
from .processes import FirstProcessForm, create_first_process

TITLES = {
    "company": _("Company"),
    "people": _("People"),
    "process": _("First process"),
    "mailbox": _("Its mailbox"),
}
ORDER = list(TITLES)


@dataclass(frozen=True)
class Step:
    """One step of the guide and whether there is something to show for it."""

    name: str
    title: str | Promise
    done: bool


def steps() -> list[Step]:
    """All steps in order."""
    done = {
        "company": Company.objects.exists(),
        "people": Person.objects.count() > 1,
        "process": Process.objects.filter(owner=None).exists(),
        "mailbox": Gateway.objects.filter(owner=None).exists(),
    }
    return [Step(name, title, done[name]) for name, title in TITLES.items()]


@administrators_only
def guide(request: HttpRequest, by: Person, step: str = "") -> HttpResponse:
    """A step of the guide; without one, the first that is not done."""
    if not step:
        return redirect("administration_guide", step=next((row.name for row in steps() if not row.done), ORDER[0]))
    if step not in TITLES:
        raise Http404
    answers = {"company": _company, "people": _people, "process": _process, "mailbox": _mailbox}
    answer: dict[str, Any] | HttpResponse | None = answers[step](request, by)
    if answer is None:
        return _onward(step)
    if isinstance(answer, HttpResponse):
        return answer
    status = 422 if answer["form"].errors else 200
    return render(request, f"administration/guide_{step}.html", {**answer, **_around(step)}, status=status)


def _around(step: str) -> dict[str, Any]:
    position = ORDER.index(step)
    following = ORDER[position + 1] if position + 1 < len(ORDER) else None
    return {"steps": steps(), "step": step, "number": position + 1, "next_step": following, "section": "guide"}


def _onward(step: str) -> HttpResponse:
    position = ORDER.index(step) + 1
    return redirect("administration_guide", step=ORDER[position]) if position < len(ORDER) else redirect("/")


# Each step gives the context of its page, or None when it has been done just now; the last may lead elsewhere first.


def _company(request: HttpRequest, by: Person) -> dict[str, Any] | None:
    form = company_form(request)
    if not form.is_valid():
        return {"form": form}
    save_company(form, by)
    return None


def _people(request: HttpRequest, by: Person) -> dict[str, Any] | None:
    form, handed = new_person_form(request), {}
    if form.is_valid():
        # The link is shown once, so the page stays until one goes on.
        handed = add_person(request, form, by)
        form = PersonForm(initial={"language": form.cleaned_data["language"]})
    return {"form": form, "people": everybody(), **handed}


def _process(request: HttpRequest, by: Person) -> dict[str, Any] | None:
    form = FirstProcessForm(request.POST or None, initial={"members": [by.pk]})
    if not form.is_valid():
        return {"form": form, "processes": Process.objects.filter(owner=None)}
    create_first_process(form, by)
    return None


def _mailbox(request: HttpRequest, by: Person) -> dict[str, Any] | HttpResponse:
    form, context = begin_form(request)
    if isinstance(form, GatewayForm) and form.is_valid():
        return redirect(sign_in_choice.next_step(save_gateway(form, by, timezone.now()), reverse("home")))
    return {**context, "gateways": Gateway.objects.filter(owner=None)}
