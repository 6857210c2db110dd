"""vCards over HTTP: of one contact, of a whole list, and a file taken in."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from podatelna.accounts.audit import record
from podatelna.contacts.cards import take_in, vcard_of
from podatelna.contacts.vcards import MOST_CARDS, VERSIONS, VCard, read_cards, write_cards
from podatelna.web.desk.answers import me

from .contacts import find_contact, listed
from .paging import typed

MEGABYTES = 5
MOST_GIVEN = 10_000


class CardsForm(forms.Form):
    """A file of cards."""

    left_out = 0
    file = forms.FileField(label=_("File"), help_text=_("vCard 4.0 or 3.0 (.vcf), of up to 5 MB and 5,000 cards."))

    def clean_file(self) -> list[VCard]:
        """The cards; how many of the file were left out stands in `left_out`."""
        file = self.cleaned_data["file"]
        assert isinstance(file, UploadedFile)
        if (file.size or 0) > MEGABYTES * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than 5 MB. Nothing was taken in; split it."))
        cards, self.left_out = read_cards(file.read())
        if not cards:
            raise forms.ValidationError(
                _("No card with an address was found in it. Nothing was taken in. Export it again as vCard 3.0 or 4.0.")
            )
        return cards


@require_safe
def card(request: HttpRequest, contact: int) -> HttpResponse:
    """One contact as a card (`version`), with the addresses that the person sees."""
    row = find_contact(contact, me(request))
    return _file([vcard_of(row, me(request))], str(row), _version(request))


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """All contacts that fit `q`, for whoever may take mail out as a whole; in the log."""
    person = me(request)
    if not person.may_export:
        raise Http404
    rows = listed(typed(request), person).order_by("ordered", "pk")[:MOST_GIVEN]
    given = [vcard_of(row, person) for row in rows]
    record(person, "export-contacts", "contacts", cards=len(given), query=typed(request))
    return _file(given, gettext("contacts"), _version(request))


def _version(request: HttpRequest) -> str:
    version = request.GET.get("version", VERSIONS[0])
    if version not in VERSIONS:
        raise Http404
    return version


def _file(given: list[VCard], name: str, version: str) -> HttpResponse:
    response = HttpResponse(write_cards(given, version), content_type="text/vcard; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{name[:100]}.vcf") or "attachment"
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def taking_in(request: HttpRequest) -> HttpResponse:
    """A form for a file of cards; what came of it is said on the list."""
    form = CardsForm(request.POST, request.FILES) if request.method == "POST" else CardsForm()
    if form.is_valid():
        taken = take_in(form.cleaned_data["file"], me(request), timezone.now())
        words = ngettext("%(count)d card was read.", "%(count)d cards were read.", taken.cards) % {"count": taken.cards}
        filled = ngettext(
            "%(count)d contact that you see has something new.", "%(count)d contacts that you see have something new.",
            taken.filled,
        ) % {"count": taken.filled}  # fmt: skip
        messages.success(request, f"{words} {filled}")
        if form.left_out:
            left = ngettext(
                "%(count)d card was left out: no address, not readable, or one too many.",
                "%(count)d cards were left out: no address, not readable, or too many.",
                form.left_out,
            )
            messages.warning(request, left % {"count": form.left_out})
        return redirect("contacts")
    context = {"form": form, "most": MOST_CARDS, "section": "contacts"}
    return render(request, "contacts/import.html", context, status=422 if form.errors else 200)
