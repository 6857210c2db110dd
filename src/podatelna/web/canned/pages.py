"""One's own canned answers and signatures, and those of a process for who leads it and for administrators."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.models import Person
from podatelna.desk import canned, signatures
from podatelna.desk.errors import BadText
from podatelna.desk.models import Member, Process
from podatelna.desk.placeholders import PLACEHOLDERS
from podatelna.desk.rights import working_in
from podatelna.desk.text_models import CannedAnswer
from podatelna.web.administration.access import administrators_only
from podatelna.web.forms import LineField
from podatelna.web.people import person_of

PLACE_WORDS = {
    "contact.name": _("whom you write to"),
    "contact.address": _("their address"),
    "organisation.name": _("where they work"),
    "process.name": _("the process"),
    "process.address": _("its address"),
    "case.number": _("number of the case it is filed under"),
    "case.title": _("title of the case"),
    "order.number": _("number of the order"),
    "conversation.number": _("number of the conversation"),
    "subject": _("the subject"),
    "me.name": _("who writes"),
    "today": _("today’s date"),
}
OF_SIGNATURES = ("me.name", "process.name", "process.address", "today")


class AnswerForm(forms.Form):
    """A canned answer."""

    name = LineField(
        label=pgettext_lazy("of a text", "Name"),
        max_length=100,
        help_text=_("By this it is found; nobody outside sees it."),
    )
    text = forms.CharField(label=_("Text"), max_length=canned.LONGEST, widget=forms.Textarea({"rows": 8}))


class SignatureForm(forms.Form):
    """What stands below letters."""

    text = forms.CharField(
        label=_("Signature"), required=False, max_length=canned.LONGEST, widget=forms.Textarea({"rows": 4})
    )


def my_texts(request: HttpRequest) -> HttpResponse:
    """One's own canned answers, one's own signatures in processes; those of the processes one leads by links."""
    me = person_of(request)
    form = AnswerForm(request.POST or None)
    if form.is_valid() and _keep(form, me, me):
        messages.success(request, gettext("Saved."))
        return redirect("my-texts")
    working = Process.objects.filter(owner=None, pk__in=working_in(me)).order_by("name")
    context = {
        "form": form,
        "answers": canned.of(me),
        "places": _places(),
        "signatures": [(process, signatures.text_of(process, me)) for process in working],
        "led": working.filter(members__person=me, members__role=Member.Role.LEAD),
    }
    return render(request, "canned/mine.html", context, status=422 if form.errors else 200)


def my_signature(request: HttpRequest, process: int) -> HttpResponse:
    """One's own signature below letters of a process."""
    me = person_of(request)
    row = get_object_or_404(Process, pk=process, owner=None, pk__in=working_in(me))
    form = SignatureForm(request.POST or None, initial={"text": signatures.text_of(row, me)})
    if request.method == "POST" and form.is_valid() and _sign(form, row, me, me):
        messages.success(request, gettext("Saved."))
        return redirect("my-texts")
    everybodys = signatures.text_of(row, None)
    context = {"form": form, "process": row, "everybodys": everybodys, "places": _places(OF_SIGNATURES)}
    return render(request, "canned/signature.html", context, status=422 if form.errors else 200)


def team_texts(request: HttpRequest, process: int) -> HttpResponse:
    """Canned answers and the signature of a process, for who leads it."""
    me = person_of(request)
    row = get_object_or_404(Process, pk=process, owner=None)
    if not row.members.filter(person=me, role=Member.Role.LEAD).exists():
        raise Http404
    return _of_process(request, row, me, "canned/team.html", reverse("team-texts", args=[row.pk]))


@administrators_only
def process_texts(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """The same among the administration's pages."""
    row = get_object_or_404(Process, pk=pk, owner=None)
    return _of_process(request, row, by, "canned/process.html", reverse("administration_texts", args=[pk]))


def _of_process(request: HttpRequest, process: Process, by: Person, template: str, url: str) -> HttpResponse:
    meant = request.POST.get("what", "")
    form = AnswerForm(request.POST if meant == "answer" else None)
    signature = SignatureForm(
        request.POST if meant == "signature" else None,
        prefix=None,
        auto_id="signature_%s",
        initial={"text": signatures.text_of(process, None)},
    )
    if (form.is_valid() and _keep(form, process, by)) or (signature.is_valid() and _sign(signature, process, None, by)):
        messages.success(request, gettext("Saved."))
        return redirect(url)
    context = {
        "process": process,
        "form": form,
        "signature": signature,
        "answers": canned.of(process),
        "places": _places(),
        "section": "processes",
        "view": "texts",
    }
    return render(request, template, context, status=422 if form.errors or signature.errors else 200)


def answer(request: HttpRequest, answer_pk: int) -> HttpResponse:
    """Change one; not found for who may not."""
    me = person_of(request)
    row, owner = _answer(answer_pk, me)
    form = AnswerForm(request.POST or None, initial={"name": row.name, "text": row.text})
    if form.is_valid() and _keep(form, owner, me, row):
        messages.success(request, gettext("Saved."))
        return redirect(_home(row, me))
    context = {"form": form, "answer": row, "back": _home(row, me), "places": _places()}
    return render(request, "canned/answer.html", context, status=422 if form.errors else 200)


@require_POST
def removal(request: HttpRequest, answer_pk: int) -> HttpResponse:
    """Take one away."""
    me = person_of(request)
    row, _owner = _answer(answer_pk, me)
    home = _home(row, me)
    canned.remove(row, me)
    messages.success(request, gettext("“%(name)s” is removed.") % {"name": row.name})
    return redirect(home)


def _answer(pk: int, by: Person) -> tuple[CannedAnswer, Process | Person]:
    row = get_object_or_404(CannedAnswer.objects.select_related("process", "person"), pk=pk)
    if row.process is not None and canned.may_change(by, row.process):
        return row, row.process
    if row.person is not None and row.person.pk == by.pk:
        return row, row.person
    raise Http404


def _home(row: CannedAnswer, by: Person) -> str:
    if row.process is None:
        return reverse("my-texts")
    leads = row.process.members.filter(person=by, role=Member.Role.LEAD).exists()
    return reverse("team-texts" if leads else "administration_texts", args=[row.process.pk])


def _keep(form: forms.Form, owner: Process | Person, by: Person, row: CannedAnswer | None = None) -> bool:
    try:
        canned.keep(owner, form.cleaned_data["name"], form.cleaned_data["text"], by, timezone.now(), answer=row)
    except BadText as error:
        form.add_error("name" if error.code == "taken" else "text", in_words(error))
        return False
    return True


def _sign(form: forms.Form, process: Process, person: Person | None, by: Person) -> bool:
    try:
        signatures.set_signature(process, person, form.cleaned_data["text"], by)
    except BadText as error:
        form.add_error("text", in_words(error))
        return False
    return True


def in_words(error: BadText) -> str:
    """What is wrong with a text, and what to do."""
    match error.code:
        case "placeholder":
            words = gettext("There is no {%(name)s}. Write one of those listed, or leave the braces out.")
            return words % {"name": error.detail}
        case "taken":
            return gettext("There is one with this name already.")
        case "empty":
            return gettext("Write something here.")
    return gettext("This is not yours to change.")


def _places(names: tuple[str, ...] = PLACEHOLDERS) -> list[tuple[str, str]]:
    return [(f"{{{name}}}", str(PLACE_WORDS[name])) for name in names]
