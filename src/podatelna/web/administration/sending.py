"""How a mailbox sends: as many messages in an hour as it may, and the keys that sign them (DKIM)."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.gateways import signing
from podatelna.gateways.models import Gateway
from podatelna.gateways.signing_models import DkimKey
from podatelna.protocols.dns import Dns
from podatelna.web.forms import RowForm

from .access import administrators_only, changes

MOST_AN_HOUR = 100_000

# Of gateways/signing.py: what DNS says of a key, and what to do.
FOUND: dict[str, Promise] = {
    "published": _("DNS has it. Receivers can check what it signs."),
    "testing": _("DNS has it, marked as a test (t=y): receivers treat its mail as if it were unsigned."),
    "missing": _("DNS has no record there yet. Publish it; name servers may take an hour or more to show it."),
    "other": _("DNS has another key there. Replace that record by the one below."),
    "revoked": _("DNS says that this key is revoked (p= is empty). Publish the record below, or make a new key."),
    "invalid": _("What DNS has there is no such key. Compare it with the record below, letter by letter."),
    "unanswered": _("DNS gave no answer just now. Check again in a while."),
}


class LimitForm(RowForm[Gateway]):
    """How many messages an hour."""

    class Meta:
        model = Gateway
        fields = ["hourly_limit"]

    hourly_limit = forms.IntegerField(
        label=_("Messages within an hour, at most"),
        min_value=0,
        max_value=MOST_AN_HOUR,
        help_text=_(
            "Providers refuse or lock mailboxes that send more than they allow. What goes over it waits, and goes out "
            "by itself. 0: no limit."
        ),
    )


@administrators_only
def sending(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """The limit of a mailbox, and its signing keys."""
    row = _gateway(pk)
    before = {"hourly_limit": row.hourly_limit}
    form = LimitForm(request.POST or None, instance=row)
    if form.is_valid():
        with transaction.atomic():
            Gateway.objects.filter(pk=pk).update(hourly_limit=row.hourly_limit)
            record(by, "change-gateway", f"gateway {pk}", **changes(before, {"hourly_limit": row.hourly_limit}))
        messages.success(request, gettext("Saved."))
        return redirect("administration_sending", pk=pk)
    shown = _gateway(pk)
    context = {
        "gateway": shown,
        "form": form,
        "keys": [(key, FOUND.get(key.found, "")) for key in shown.dkim_keys.all()],
        "algorithms": DkimKey.Algorithm.values,
        "section": "gateways",
    }
    return render(request, "administration/sending.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def keys(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Make a key for the mailbox's domain."""
    row, algorithm = _gateway(pk), request.POST.get("algorithm", "")
    if algorithm not in DkimKey.Algorithm.values:
        raise Http404
    signing.create_key(row, algorithm, by, timezone.now())
    messages.success(request, gettext("The key is made. Publish its record in DNS, then switch it on."))
    return redirect("administration_sending", pk=pk)


@administrators_only
@require_POST
def key(request: HttpRequest, by: Person, pk: int, key_pk: int) -> HttpResponse:
    """Check a key in DNS, switch it on or off, or remove it (`do`)."""
    row = get_object_or_404(DkimKey, pk=key_pk, gateway=_gateway(pk))
    match request.POST.get("do", ""):
        case "check":
            found = signing.check_key(row, Dns(), timezone.now())
            (messages.success if found in signing.USABLE else messages.warning)(request, str(FOUND[found]))
        case "on":
            if signing.switch_on(row, Dns(), by, timezone.now()):
                messages.success(request, gettext("What goes out is signed with it from now on."))
            elif not row.is_on:
                messages.warning(request, gettext("Not switched on.") + " " + str(FOUND.get(row.found, "")))
        case "off":
            signing.switch_off(row, by)
            words = gettext(
                "Nothing is signed with it any more. Leave its record in DNS for a week: mail is under way."
            )
            messages.success(request, words)
        case "remove":
            if not signing.remove_key(row, by):
                messages.warning(request, gettext("It signs what goes out. Switch it off first."))
        case _:
            raise Http404
    return redirect("administration_sending", pk=pk)


def _gateway(pk: int) -> Gateway:
    return get_object_or_404(Gateway, pk=pk, owner=None)
