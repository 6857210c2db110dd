"""How mailboxes sign in: the company's providers and authorities, and what one mailbox shows and trusts."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.gateways import tokens
from podatelna.gateways.models import Gateway
from podatelna.gateways.sign_in_models import Authority, SignIn, SignInProvider
from podatelna.web import certificates
from podatelna.web.consent import redirect_uri

from .access import administrators_only, changes
from .provider_form import COLUMNS, ProviderForm

Kind = SignInProvider.Kind


@administrators_only
def sign_in(request: HttpRequest, by: Person) -> HttpResponse:
    """The providers and the company's authorities."""
    context = {
        "providers": SignInProvider.objects.annotate(used=Count("sign_ins")),
        "kinds": [(kind, label) for kind, label in NEW.items() if _may_add(kind)],
        "authorities": Authority.objects.filter(gateway=None),
        "authority_form": certificates.AuthorityForm(),
        "authority_removal": "administration_authority_removal",
        "section": "sign-in",
    }
    return render(request, "administration/sign_in.html", context)


# --- providers ----------------------------------------------------------------------------------------------

NEW = {
    Kind.GOOGLE: _("Google"),
    Kind.MICROSOFT: _("Microsoft 365"),
    Kind.CUSTOM: _("Another provider"),
}


def _may_add(kind: str) -> bool:
    return kind == Kind.CUSTOM or not SignInProvider.objects.filter(kind=kind).exists()


@administrators_only
def new_provider(request: HttpRequest, by: Person, kind: str) -> HttpResponse:
    """Set up a provider: what was registered there."""
    if kind not in NEW or not _may_add(kind):
        raise Http404
    return _provider_page(
        request, by, SignInProvider(kind=kind, name="" if kind == Kind.CUSTOM else str(NEW[Kind(kind)]))
    )


@administrators_only
def provider(request: HttpRequest, by: Person, provider: int) -> HttpResponse:
    """Change a provider."""
    return _provider_page(request, by, get_object_or_404(SignInProvider, pk=provider))


def _provider_page(request: HttpRequest, by: Person, row: SignInProvider) -> HttpResponse:
    form = ProviderForm(request.POST or None, instance=row)
    if form.is_valid():
        _save_provider(form, by)
        messages.success(request, gettext("Saved."))
        return redirect("administration_sign_in")
    context = {
        "form": form,
        "provider": row,
        "used": SignIn.objects.filter(provider=row).count() if row.pk else 0,
        "redirect_uri": redirect_uri(),
        "section": "sign-in",
    }
    return render(request, "administration/provider.html", context, status=422 if form.errors else 200)


def _save_provider(form: ProviderForm, by: Person) -> None:
    with transaction.atomic():
        row = form.sealed()
        row.save()
        tokens.forgive(row)
        after = {name: getattr(row, name) for name in COLUMNS}
        secret_changed = bool(form.cleaned_data.get("secret"))
        record(
            by, "change-provider", f"provider {row.pk}", **changes(form.stored, after), secret_changed=secret_changed
        )


@administrators_only
@require_POST
def provider_removal(request: HttpRequest, by: Person, provider: int) -> HttpResponse:
    """Remove a provider that no mailbox signs in with."""
    row = get_object_or_404(SignInProvider, pk=provider)
    if SignIn.objects.filter(provider=row).exists():
        messages.error(request, gettext("Mailboxes sign in with it. Change them first; nothing was removed."))
        return redirect("administration_provider", provider)
    with transaction.atomic():
        record(by, "remove-provider", f"provider {row.pk}", name=row.name)
        row.delete()
    return redirect("administration_sign_in")


# --- authorities --------------------------------------------------------------------------------------------


@administrators_only
@require_POST
def authorities(request: HttpRequest, by: Person) -> HttpResponse:
    """Trust an authority, for all mailboxes."""
    certificates.trust(request, by, None)
    return redirect("administration_sign_in")


@administrators_only
@require_POST
def authority_removal(request: HttpRequest, by: Person, authority: int) -> HttpResponse:
    """Trust it no more."""
    row = get_object_or_404(Authority.objects.select_related("gateway"), pk=authority)
    if row.gateway is not None and row.gateway.owner_id is not None:
        raise Http404
    certificates.distrust(row, by)
    return redirect(_back(row.gateway))


def _back(gateway: Gateway | None) -> str:
    if gateway is None:
        return reverse("administration_sign_in")
    return reverse("administration_gateway_sign_in", args=[gateway.pk])


# --- one mailbox --------------------------------------------------------------------------------------------


def _of_a_process(gateway: int) -> Gateway:
    # A private mailbox is its owner's affair.
    return get_object_or_404(Gateway, pk=gateway, owner=None)


@administrators_only
def gateway_sign_in(request: HttpRequest, by: Person, gateway: int) -> HttpResponse:
    """How one mailbox signs in, what it shows its servers and what it trusts."""
    row, form = _of_a_process(gateway), certificates.asked(request)
    if request.method == "POST" and form.is_valid():
        certificates.keep_identity(form, row, by)
        messages.success(request, gettext("Saved."))
        return redirect(_back(row))
    context = {
        **certificates.page_of(row, form, _back(row)),
        "identity_removal": reverse("administration_identity_removal", args=[gateway]),
        "trusting": reverse("administration_gateway_authorities", args=[gateway]),
        "authority_removal": "administration_authority_removal",
        "back": reverse("administration_gateway", args=[gateway]),
        "section": "gateways",
    }
    return render(request, "administration/gateway_sign_in.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def identity_removal(request: HttpRequest, by: Person, gateway: int) -> HttpResponse:
    """Show no client certificate any more."""
    row = _of_a_process(gateway)
    certificates.forget_identity(row, by)
    return redirect(_back(row))


@administrators_only
@require_POST
def gateway_authorities(request: HttpRequest, by: Person, gateway: int) -> HttpResponse:
    """Trust an authority for this mailbox alone."""
    row = _of_a_process(gateway)
    certificates.trust(request, by, row)
    return redirect(_back(row))
