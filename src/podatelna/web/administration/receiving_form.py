"""The form of a gateway whose mail is brought to us: for which address, and through which server answers go out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.desk.models import Process, ProcessAddress
from podatelna.gateways.models import Gateway, Security
from podatelna.protocols.network import is_loopback
from podatelna.web.forms import LineField, RowForm

from .gateway_form import NONE, OTHER, GatewayForm
from .processes import address_taken

COLUMNS = [
    "address", "display_name", "signature", "own_addresses", "trusted_servers",
    "smtp_host", "smtp_port", "smtp_security", "smtp_login",
]  # fmt: skip
SIGN_IN = [(OTHER, _("With a login and a password")), (NONE, _("None, the server takes mail without it"))]
_SAME_AS_A_MAILBOX = (
    "display_name", "signature", "own_addresses", "trusted_servers", "smtp_host", "smtp_port", "smtp_security",
    "smtp_login", "smtp_password",
)  # fmt: skip


class ReceivingForm(RowForm[Gateway]):
    """Its rules are those of a mailbox, as far as it has the same fields."""

    class Meta:
        model = Gateway
        fields = COLUMNS

    address = forms.EmailField(
        label=_("Address"),
        max_length=320,
        help_text=_("Mail to it is taken, also with a detail: helpdesk+case-17@. Others can be added on the process."),
    )
    process = forms.ModelChoiceField(
        Process.objects.filter(owner=None),
        required=False,
        label=_("Process"),
        empty_label=_("Decide later"),
        help_text=_("Mail to this address is its work. Until there is one, what comes is kept and waits."),
    )
    smtp_sign_in = forms.ChoiceField(label=_("Sign-in for sending"), choices=SIGN_IN)
    smtp_host = LineField(max_length=255)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _SAME_AS_A_MAILBOX:
            self.fields[name] = GatewayForm().fields[name]
        self.stored = {name: getattr(self.instance, name) for name in COLUMNS}
        self.connected = self.instance.pk is not None
        if self.connected:
            self.initial["smtp_sign_in"] = OTHER if self.instance.smtp_login else NONE
            here = Process.objects.filter(addresses__gateway=self.instance, addresses__address=self.instance.address)
            self.initial["process"] = here.first()
            self.fields["smtp_password"].help_text = _("Leave empty to keep the present one.")

    def clean_address(self) -> str:
        """Addresses are compared in lower case."""
        address = str(self.cleaned_data["address"]).lower()
        if Gateway.objects.filter(address__iexact=address, owner=None).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(gettext("A mailbox with this address is connected already."))
        return address

    def clean_smtp_host(self) -> str:
        """A host name or IP address."""
        host = str(self.cleaned_data["smtp_host"])
        if any(char.isspace() or char in "/@" for char in host):
            raise forms.ValidationError(gettext("Type the name of the server only, like imap.example.com."))
        return host.rstrip(".").lower()

    def clean(self) -> dict[str, Any]:
        """What depends on two fields."""
        super().clean()
        data = self.cleaned_data
        if data.get("smtp_security") == Security.NONE and not is_loopback(data.get("smtp_host") or "localhost"):
            words = gettext(
                "Without encryption only a server on this very computer is reached. Choose TLS or STARTTLS."
            )
            self.add_error("smtp_security", words)
        process, address = data.get("process"), data.get("address")
        taken = ProcessAddress.objects.filter(address=address).exclude(process=process)
        if process and address and taken.exclude(gateway_id=self.instance.pk).exists():
            self.add_error("process", address_taken(address))
        if data.get("smtp_sign_in") == OTHER:
            self._check_login(data)
        return data

    def _check_login(self, data: dict[str, Any]) -> None:
        if not data.get("smtp_login"):
            self.add_error("smtp_login", gettext("Type the login."))
        # A stored password is never sent to a server that it was not typed for.
        kept = bool(self.instance.smtp_sealed) and all(
            data.get(name) == self.stored[name] for name in ("smtp_host", "smtp_login")
        )
        if not data.get("smtp_password") and not kept:
            self.add_error("smtp_password", gettext("Type the password."))

    def seal_passwords(self) -> Gateway:
        """The instance with the password of this form sealed in; not saved."""
        gateway, data = self.instance, self.cleaned_data
        gateway.kind = Gateway.Kind.RECEIVING
        if data.get("smtp_sign_in") == NONE:
            gateway.smtp_login, gateway.smtp_sealed = "", b""
        elif data.get("smtp_password"):
            gateway.set_smtp_password(data["smtp_password"])
        return gateway
