"""Patterns of order and reference numbers: added, tried out on a text, changed, taken away."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.models import Person
from podatelna.desk import references
from podatelna.desk.models import Process
from podatelna.desk.reference_models import ReferencePattern
from podatelna.desk.rules.matching import BadPattern
from podatelna.mail.address_forms import normal_address
from podatelna.web.forms import LineField

from .access import administrators_only

_MOST_DOMAINS = 50
_MOST_SAMPLE = 20_000


class ReferenceForm(forms.Form):
    """A pattern as an administrator describes it, and a text to try it on, which is not kept."""

    name = LineField(
        label=_("What the number is of"), max_length=100, help_text=_("For example: Order, Invoice, Complaint.")
    )
    pattern = LineField(
        label=_("Pattern"),
        max_length=300,
        help_text=_(
            r"A regular expression, upper and lower case alike. What stands in the first brackets is the number;"
            r" without brackets all of it. For example: order (?:no\. )?(\d{4,8})"
        ),
        widget=forms.TextInput({"spellcheck": "false", "autocapitalize": "off"}),
    )
    process = forms.ModelChoiceField(
        Process.objects.none(), label=_("In mail of"), required=False, empty_label=_("all processes")
    )
    domains = LineField(
        label=_("Only in mail with these domains"),
        max_length=2000,
        required=False,
        help_text=_("Of an organisation that writes its numbers in its own way, like acme.cz; several with commas."),
    )
    is_on = forms.BooleanField(label=_("Numbers are recognised by it"), required=False, initial=True)
    sample = forms.CharField(
        label=_("Try it on a text"),
        max_length=_MOST_SAMPLE,
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("A subject, or a whole message. It is not kept."),
    )

    def __init__(self, data: Any = None, *, row: ReferencePattern | None = None) -> None:
        names = ("name", "pattern", "process", "is_on")
        initial = {name: getattr(row, name) for name in names} if row is not None else {}
        super().__init__(data, initial={**initial, "domains": ", ".join(row.domains)} if row is not None else None)
        process = self.fields["process"]
        assert isinstance(process, forms.ModelChoiceField)
        process.queryset = Process.objects.filter(owner=None).order_by("name")

    def clean_pattern(self) -> str:
        """One that the engine takes."""
        text = str(self.cleaned_data["pattern"])
        try:
            references.compiled(text)
        except BadPattern as error:
            raise forms.ValidationError(
                gettext("This pattern does not work: %(reason)s.") % {"reason": error}
            ) from None
        return text

    def clean_domains(self) -> list[str]:
        """Domains in ASCII, each once."""
        found = []
        for word in re.split(r"[\s,;]+", str(self.cleaned_data["domains"])):
            domain = normal_address(f"x@{word.lstrip('@')}").rpartition("@")[2] if word else ""
            if word and "." not in domain:
                raise forms.ValidationError(gettext("“%(word)s” is no domain.") % {"word": word})
            found += [domain] if word else []
        return list(dict.fromkeys(found))[:_MOST_DOMAINS]


@administrators_only
def reference_patterns(request: HttpRequest, by: Person) -> HttpResponse:
    """The patterns there are, and a form for another one."""
    form = ReferenceForm(request.POST or None)
    if form.is_valid() and "try" not in request.POST:
        _save(form, None, by)
        messages.success(request, gettext("Saved. It holds for mail that comes or goes from now on."))
        return redirect("administration_reference_patterns")
    rows = ReferencePattern.objects.select_related("process")
    return _page(request, "administration/reference_patterns.html", form, {"rows": rows})


@administrators_only
def reference_pattern(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """One of them."""
    row = get_object_or_404(ReferencePattern, pk=pk)
    form = ReferenceForm(request.POST or None, row=row)
    if form.is_valid() and "try" not in request.POST:
        _save(form, row, by)
        messages.success(request, gettext("Saved. It holds for mail that comes or goes from now on."))
        return redirect("administration_reference_patterns")
    context = {"row": row, "count": row.found.count()}
    return _page(request, "administration/reference_pattern.html", form, context)


@administrators_only
@require_POST
def reference_pattern_removal(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Take it away with what it recognised."""
    count = references.remove_pattern(get_object_or_404(ReferencePattern, pk=pk), by)
    said = ngettext(
        "Taken away, with %(count)d number that it had recognised.",
        "Taken away, with %(count)d numbers that it had recognised.",
        count,
    )
    messages.success(request, said % {"count": count})
    return redirect("administration_reference_patterns")


def _save(form: ReferenceForm, row: ReferencePattern | None, by: Person) -> None:
    names = ("name", "pattern", "process", "domains", "is_on")
    references.set_pattern(row, by, timezone.now(), **{name: form.cleaned_data[name] for name in names})


def _page(request: HttpRequest, template: str, form: ReferenceForm, more: dict[str, object]) -> HttpResponse:
    context = {"form": form, "section": "reference-patterns", "tried": _tried(request, form), **more}
    return render(request, template, context, status=422 if form.errors else 200)


def _tried(request: HttpRequest, form: ReferenceForm) -> list[str] | None:
    """What the pattern finds in the text that was typed beside it; None where nobody asked."""
    if "try" not in request.POST or "pattern" in form.errors:
        return None
    return references.numbers_in(form.cleaned_data["sample"], references.compiled(form.cleaned_data["pattern"]))
