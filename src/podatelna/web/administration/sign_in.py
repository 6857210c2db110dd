"""How mailboxes sign in: the company's providers and authorities, and what one mailbox shows and trusts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.gateways import certificate_store, tokens
from podatelna.gateways.models import Gateway
from podatelna.gateways.sign_in_models import Authority, ClientCertificate, SignIn, SignInProvider
from podatelna.protocols.certificates import CertificateUnusable, read_authorities, read_identity
from podatelna.web.consent import consent_url, redirect_uri

from .access import administrators_only, changes
from .certificate_words import UNUSABLE
from .provider_form import COLUMNS, ProviderForm

Kind = SignInProvider.Kind
_LARGEST_FILE = 256 * 1024


@administrators_only
def sign_in(request: HttpRequest, by: Person) -> HttpResponse:
    """The providers and the company's authorities."""
    context = {
        "providers": SignInProvider.objects.annotate(used=Count("sign_ins")),
        "kinds": [(kind, label) for kind, label in NEW.items() if _may_add(kind)],
        "authorities": Authority.objects.filter(gateway=None),
        "authority_form": AuthorityForm(),
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


class AuthorityForm(forms.Form):
    """Certificates of authorities, as a file or as text."""

    file = forms.FileField(label=_("File with the certificate (PEM)"), required=False)
    pem = forms.CharField(
        label=_("or its text"),
        required=False,
        max_length=_LARGEST_FILE,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false", "placeholder": "-----BEGIN CERTIFICATE-----"}),
    )

    def clean(self) -> dict[str, Any]:
        """Read, and refused with words when it is none."""
        super().clean()
        text = _text_of(self.cleaned_data.get("file")) or self.cleaned_data.get("pem", "")
        try:
            self.cleaned_data["found"] = read_authorities(text, timezone.now())
        except CertificateUnusable as error:
            self.add_error(None, str(UNUSABLE[error.code]))
        return self.cleaned_data


def _text_of(file: Any) -> str:
    return file.read(_LARGEST_FILE).decode("latin-1") if file else ""


@administrators_only
@require_POST
def authorities(request: HttpRequest, by: Person) -> HttpResponse:
    """Trust an authority, for all mailboxes."""
    return _trust(request, by, None)


@administrators_only
@require_POST
def authority_removal(request: HttpRequest, by: Person, authority: int) -> HttpResponse:
    """Trust it no more."""
    row = get_object_or_404(Authority.objects.select_related("gateway"), pk=authority)
    if row.gateway is not None and row.gateway.owner_id is not None:
        raise Http404
    subject = f"gateway {row.gateway_id}" if row.gateway_id else "company"
    with transaction.atomic():
        record(by, "distrust-authority", subject, name=row.subject, sha256=row.sha256)
        certificate_store.distrust(row, timezone.now())
    return redirect(_back(row.gateway))


def _trust(request: HttpRequest, by: Person, gateway: Gateway | None) -> HttpResponse:
    form = AuthorityForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.non_field_errors()))
        return redirect(_back(gateway))
    subject = f"gateway {gateway.pk}" if gateway else "company"
    with transaction.atomic():
        for one in certificate_store.trust(form.cleaned_data["found"], gateway, timezone.now()):
            record(by, "trust-authority", subject, name=one.subject, sha256=one.sha256)
    messages.success(request, gettext("Saved."))
    return redirect(_back(gateway))


def _back(gateway: Gateway | None) -> str:
    if gateway is None:
        return reverse("administration_sign_in")
    return reverse("administration_gateway_sign_in", args=[gateway.pk])


# --- one mailbox --------------------------------------------------------------------------------------------


class IdentityForm(forms.Form):
    """A client certificate and its key."""

    certificate = forms.FileField(label=_("Certificate (PEM)"))
    key = forms.FileField(
        label=_("Key (PEM)"), required=False, help_text=_("Leave empty when it stands in the same file.")
    )
    passphrase = forms.CharField(
        label=_("Passphrase of the key"),
        required=False,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "off"}, render_value=False),
    )

    def clean(self) -> dict[str, Any]:
        """Read, and refused with words when they do not fit."""
        super().clean()
        certificate = _text_of(self.cleaned_data.get("certificate"))
        key = _text_of(self.cleaned_data.get("key")) or certificate
        try:
            passphrase = self.cleaned_data.get("passphrase", "")
            self.cleaned_data["found"] = read_identity(certificate, key, passphrase, timezone.now())
        except CertificateUnusable as error:
            self.add_error(None, str(UNUSABLE[error.code]))
        return self.cleaned_data


def _of_a_process(gateway: int) -> Gateway:
    # A private mailbox is its owner's affair.
    return get_object_or_404(Gateway, pk=gateway, owner=None)


@administrators_only
def gateway_sign_in(request: HttpRequest, by: Person, gateway: int) -> HttpResponse:
    """How one mailbox signs in, what it shows its servers and what it trusts."""
    row = _of_a_process(gateway)
    form = IdentityForm(request.POST, request.FILES) if request.method == "POST" else IdentityForm()
    if request.method == "POST" and form.is_valid():
        _keep_identity(form, row, by)
        messages.success(request, gettext("Saved."))
        return redirect(_back(row))
    context = {
        "gateway": row,
        "sign_in": SignIn.objects.filter(gateway=row).select_related("provider", "by").first(),
        "consent_url": consent_url(row, _back(row)),
        "identity": ClientCertificate.objects.filter(gateway=row).first(),
        "identity_form": form,
        "authorities": Authority.objects.filter(gateway=row),
        "authority_form": AuthorityForm(),
        "section": "gateways",
    }
    return render(request, "administration/gateway_sign_in.html", context, status=422 if form.errors else 200)


def _keep_identity(form: IdentityForm, gateway: Gateway, by: Person) -> None:
    identity, described = form.cleaned_data["found"]
    with transaction.atomic():
        row = certificate_store.keep_identity(gateway, identity, described, timezone.now())
        record(by, "set-client-certificate", f"gateway {gateway.pk}", name=row.subject, sha256=described.sha256)


@administrators_only
@require_POST
def identity_removal(request: HttpRequest, by: Person, gateway: int) -> HttpResponse:
    """Show no client certificate any more."""
    row = _of_a_process(gateway)
    with transaction.atomic():
        if certificate_store.forget_identity(row, timezone.now()):
            record(by, "remove-client-certificate", f"gateway {row.pk}")
    return redirect(_back(row))


@administrators_only
@require_POST
def gateway_authorities(request: HttpRequest, by: Person, gateway: int) -> HttpResponse:
    """Trust an authority for this mailbox alone."""
    return _trust(request, by, _of_a_process(gateway))
