"""The form of a sign-in provider; its client's secret is sealed and never shown again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.gateways.providers import ANY_TENANT, is_tenant
from podatelna.gateways.sign_in_models import SignInProvider
from podatelna.protocols.errors import ServerError
from podatelna.protocols.https import check_https
from podatelna.web.forms import LineField, RowForm

Kind = SignInProvider.Kind
_URLS = ["authorize_url", "token_url", "device_url"]
COLUMNS = ["name", "client_id", "tenant", *_URLS, "scope"]
_OFF = {"autocomplete": "off", "spellcheck": "false"}


class ProviderForm(RowForm[SignInProvider]):
    """What was registered at the provider. Only what its kind needs is asked."""

    class Meta:
        model = SignInProvider
        fields = COLUMNS

    name = LineField(label=_("Name"), max_length=100, help_text=_("People read “Sign in with NAME”."))
    client_id = LineField(label=_("Client ID"), max_length=500, widget=forms.TextInput(_OFF))
    secret = forms.CharField(
        label=_("Client secret"),
        required=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}, render_value=False),
    )
    tenant = LineField(
        label=_("Organisation (tenant)"),
        max_length=200,
        required=False,
        widget=forms.TextInput({**_OFF, "placeholder": ANY_TENANT}),
        help_text=_("The tenant's ID or domain. Empty: accounts of any organisation."),
    )
    authorize_url = LineField(label=_("Authorisation address"), max_length=500, widget=forms.URLInput(_OFF))
    token_url = LineField(label=_("Token address"), max_length=500, widget=forms.URLInput(_OFF))
    device_url = LineField(
        label=_("Address for device codes"), max_length=500, required=False, widget=forms.URLInput(_OFF)
    )
    scope = LineField(
        label=_("Scopes"),
        max_length=1000,
        help_text=_("With blanks between; they must give access to IMAP and SMTP, and offline access."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = {name: getattr(self.instance, name) for name in COLUMNS}
        for name in self._unasked():
            del self.fields[name]
        if self.instance.pk:
            self.fields["secret"].help_text = _("Leave empty to keep the present one.")

    def _unasked(self) -> list[str]:
        custom = self.instance.kind == Kind.CUSTOM
        return (
            ["tenant"] if custom else [*_URLS, "scope", *([] if self.instance.kind == Kind.MICROSOFT else ["tenant"])]
        )

    def clean_tenant(self) -> str:
        """A name that can stand in an address."""
        tenant = str(self.cleaned_data["tenant"])
        if tenant and not is_tenant(tenant):
            raise forms.ValidationError(gettext("Type the tenant's ID or its domain, like acme.onmicrosoft.com."))
        return tenant

    def clean(self) -> dict[str, Any]:
        """Addresses over TLS; a secret that was typed for one address is not sent to another."""
        super().clean()
        for name in _URLS:
            self._check_url(name, str(self.cleaned_data.get(name) or ""))
        moved = any(self.cleaned_data.get(name) != self.stored[name] for name in ("token_url", "device_url"))
        kept = bool(self.instance.pk and self.instance.secret_sealed) and not self.cleaned_data.get("secret")
        if self.instance.kind == Kind.CUSTOM and kept and moved:
            self.add_error("secret", gettext("The address has changed: type the secret again."))
        if (
            self.instance.kind != Kind.CUSTOM
            and not self.instance.secret_sealed
            and not self.cleaned_data.get("secret")
        ):
            self.add_error("secret", gettext("Type the secret."))
        return self.cleaned_data

    def _check_url(self, name: str, url: str) -> None:
        if not url:
            return
        try:
            check_https(url)
        except ServerError:
            self.add_error(name, gettext("Type an address that begins with https://."))

    def sealed(self) -> SignInProvider:
        """The instance with the secret of this form sealed in; not saved."""
        if self.cleaned_data.get("secret"):
            self.instance.set_secret(self.cleaned_data["secret"])
        return self.instance
