"""What a mailbox shows its servers and what it trusts: the forms and the page, for administrators and for owners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.gateways import certificate_store
from podatelna.gateways.models import Gateway
from podatelna.gateways.sign_in_models import Authority, ClientCertificate, SignIn
from podatelna.protocols.certificates import CertificateUnusable, read_authorities, read_identity

from .administration.certificate_words import UNUSABLE
from .consent import consent_url

_LARGEST_FILE = 256 * 1024


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


def asked(request: HttpRequest) -> IdentityForm:
    """The form of the page, filled in where it was sent."""
    return IdentityForm(request.POST, request.FILES) if request.method == "POST" else IdentityForm()


def page_of(gateway: Gateway, form: IdentityForm, back: str) -> dict[str, Any]:
    """What people/mailbox_sign_in.html shows; from the provider one comes `back`. Addresses are the caller's."""
    return {
        "gateway": gateway,
        "sign_in": SignIn.objects.filter(gateway=gateway).select_related("provider", "by").first(),
        "consent_url": consent_url(gateway, back),
        "identity": ClientCertificate.objects.filter(gateway=gateway).first(),
        "identity_form": form,
        "authorities": Authority.objects.filter(gateway=gateway),
        "authority_form": AuthorityForm(),
    }


def keep_identity(form: IdentityForm, gateway: Gateway, by: Person) -> None:
    """Show what was sent from now on."""
    identity, described = form.cleaned_data["found"]
    with transaction.atomic():
        row = certificate_store.keep_identity(gateway, identity, described, timezone.now())
        record(by, "set-client-certificate", f"gateway {gateway.pk}", name=row.subject, sha256=described.sha256)


def forget_identity(gateway: Gateway, by: Person) -> None:
    """Show no client certificate any more."""
    with transaction.atomic():
        if certificate_store.forget_identity(gateway, timezone.now()):
            record(by, "remove-client-certificate", f"gateway {gateway.pk}")


def trust(request: HttpRequest, by: Person, gateway: Gateway | None) -> None:
    """Trust what was sent, for one mailbox or for all; what came of it is said on the next page."""
    form = AuthorityForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.non_field_errors()))
        return
    with transaction.atomic():
        for one in certificate_store.trust(form.cleaned_data["found"], gateway, timezone.now()):
            record(by, "trust-authority", _subject(gateway), name=one.subject, sha256=one.sha256)
    messages.success(request, gettext("Saved."))


def distrust(authority: Authority, by: Person) -> None:
    """Trust it no more."""
    with transaction.atomic():
        record(by, "distrust-authority", _subject(authority.gateway), name=authority.subject, sha256=authority.sha256)
        certificate_store.distrust(authority, timezone.now())


def _subject(gateway: Gateway | None) -> str:
    return f"gateway {gateway.pk}" if gateway else "company"
