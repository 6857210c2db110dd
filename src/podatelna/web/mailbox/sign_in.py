"""How one's own mailbox signs in, what it shows its servers and what it trusts: its owner's alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from podatelna.gateways.sign_in_models import Authority
from podatelna.web import certificates
from podatelna.web.desk.answers import me

from .preparing import my_mailbox

_HERE = "my_mailbox_sign_in"


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """The page; a client certificate is sent to it."""
    row, form = my_mailbox(me(request)), certificates.asked(request)
    if request.method == "POST" and form.is_valid():
        certificates.keep_identity(form, row, me(request))
        messages.success(request, gettext("Saved."))
        return redirect(_HERE)
    context = {
        **certificates.page_of(row, form, reverse(_HERE)),
        "identity_removal": reverse("my_mailbox_identity_removal"),
        "trusting": reverse("my_mailbox_authorities"),
        "authority_removal": "my_mailbox_authority_removal",
        "back": reverse("my_mailbox"),
    }
    return render(request, "mailbox/sign_in.html", context, status=422 if form.errors else 200)


@require_POST
def identity_removal(request: HttpRequest) -> HttpResponse:
    """Show no client certificate any more."""
    certificates.forget_identity(my_mailbox(me(request)), me(request))
    return redirect(_HERE)


@require_POST
def authorities(request: HttpRequest) -> HttpResponse:
    """Trust an authority for this mailbox alone."""
    certificates.trust(request, me(request), my_mailbox(me(request)))
    return redirect(_HERE)


@require_POST
def authority_removal(request: HttpRequest, authority: int) -> HttpResponse:
    """Trust it no more."""
    row = get_object_or_404(Authority, pk=authority, gateway=my_mailbox(me(request)))
    certificates.distrust(row, me(request))
    return redirect(_HERE)
