"""The form that connects a mailbox; what it holds becomes a Gateway whose passwords are sealed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.desk.models import Process, ProcessAddress
from podatelna.gateways.models import Authentication, Gateway, Security
from podatelna.gateways.trusted import MOST_NAMES, read_names
from podatelna.protocols.network import is_loopback
from podatelna.vault import Unreadable
from podatelna.web.forms import LineField, RowForm

from . import history_fields, sign_in_choice
from .processes import address_taken

SECURITY = [
    (Security.TLS, _("TLS (encrypted from the start)")),
    (Security.STARTTLS, _("STARTTLS (encrypted after the greeting)")),
    (Security.NONE, _("None (a server on this computer only)")),
]
SAME, OTHER, NONE = "same", "other", "none"
SIGN_IN = [
    (SAME, _("The same login and password")),
    (OTHER, _("Another login")),
    (NONE, _("None, the server takes mail without it")),
]
COLUMNS = [
    "address", "display_name", "signature", "own_addresses",
    "imap_host", "imap_port", "imap_security", "imap_login", "folder", "processed_folder", "sent_folder",
    "trusted_servers", *history_fields.COLUMNS,
    "smtp_host", "smtp_port", "smtp_security", "smtp_login",
]  # fmt: skip
IMAP = ["imap_host", "imap_port", "imap_security", "imap_login", "imap_password"]
_KEEP = _("Leave empty to keep the present one.")


def _port(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=65535, widget=forms.NumberInput({"inputmode": "numeric"})
    )


def _password(label: Any) -> forms.CharField:
    # Never rendered back, not even what was typed a moment ago.
    widget = forms.PasswordInput({"autocomplete": "new-password"}, render_value=False)
    return forms.CharField(label=label, strip=False, required=False, max_length=1000, widget=widget)


class GatewayForm(history_fields.HistoryFields, RowForm[Gateway]):
    """A mailbox: where it is, how to get in, what to fetch and what to do with it."""

    class Meta:
        model = Gateway
        fields = COLUMNS

    address = forms.EmailField(label=_("Address of the mailbox"), max_length=320)
    process = forms.ModelChoiceField(
        Process.objects.filter(owner=None),
        required=False,
        label=_("Process"),
        empty_label=_("Decide later"),
        help_text=_("Mail to this address is its work. Until there is one, what comes is kept and waits."),
    )
    display_name = LineField(
        label=_("Display name"),
        max_length=200,
        required=False,
        help_text=_("Recipients see it in front of the address: “ACME Helpdesk”."),
    )
    signature = forms.CharField(
        label=_("Signature"),
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Stands below every reply from this address."),
    )
    own_addresses = forms.BooleanField(
        label=_("People may also send from their own addresses through this mailbox"),
        required=False,
        help_text=_("Only if the mail server allows this login to do so."),
    )
    imap_host = LineField(label=_("IMAP server"), max_length=255)
    imap_port = _port(_("Port"))
    imap_security = forms.ChoiceField(label=_("Security"), choices=SECURITY)
    imap_login = LineField(label=_("Login"), max_length=320, widget=forms.TextInput({"autocomplete": "off"}))
    imap_password = _password(_("Password"))
    sign_in = forms.ChoiceField(label=_("How it signs in"), required=False)
    smtp_host = LineField(label=_("SMTP server"), max_length=255)
    smtp_port = _port(_("Port"))
    smtp_security = forms.ChoiceField(label=_("Security"), choices=SECURITY)
    smtp_sign_in = forms.ChoiceField(label=_("Sign-in for sending"), choices=SIGN_IN)
    smtp_login = LineField(
        label=_("Login for sending"), max_length=320, required=False, widget=forms.TextInput({"autocomplete": "off"})
    )
    smtp_password = _password(_("Password for sending"))
    folder = LineField(
        label=_("Folder to fetch"), max_length=500, help_text=_("Podatelna looks into this folder and no other.")
    )
    processed_folder = LineField(
        label=_("Folder for what was fetched"),
        max_length=500,
        help_text=_(
            "Messages are moved here once they are safe; nothing is ever deleted. It is made if it is missing."
        ),
    )
    sent_folder = LineField(
        label=_("Folder for sent messages"),
        max_length=500,
        required=False,
        help_text=_("A copy of every reply is put here. Empty: no copy in the mailbox."),
    )

    trusted_servers = LineField(
        label=_("Checks of your own mail server"),
        max_length=1000,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "placeholder": "mx.example.com"}),
        help_text=_(
            "Your mail server may check senders itself and write what it found into each message, in a line "
            "“Authentication-Results: NAME; …”. Type that NAME, and it is believed. Empty: Podatelna checks by itself. "
            "Name only a server of your own that takes such lines out of mail from outside. Microsoft 365 leaves its "
            "name out: for it type “- outlook.com”."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # As they are before the form writes into the instance.
        self.stored = {name: getattr(self.instance, name) for name in COLUMNS}
        self.connected = self.instance.pk is not None
        self.ways = sign_in_choice.choices(self.instance)
        way = self.fields["sign_in"]
        assert isinstance(way, forms.ChoiceField)
        way.choices = self.ways
        self.stored_way = self.initial.setdefault("sign_in", sign_in_choice.stored(self.instance))
        if self.connected:
            self.initial["smtp_sign_in"] = stored_sign_in(self.instance)
            self.initial["process"] = _process_of(self.instance)
            self.fields["imap_password"].help_text = self.fields["smtp_password"].help_text = _KEEP

    def clean_address(self) -> str:
        """Addresses are compared in lower case."""
        address = str(self.cleaned_data["address"]).lower()
        if Gateway.objects.filter(address__iexact=address).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(gettext("A mailbox with this address is connected already."))
        return address

    def clean_imap_host(self) -> str:
        """A host name or IP address."""
        return _host(str(self.cleaned_data["imap_host"]))

    def clean_smtp_host(self) -> str:
        """A host name or IP address."""
        return _host(str(self.cleaned_data["smtp_host"]))

    def clean_trusted_servers(self) -> str:
        """Names of servers, or a dash for one without."""
        good, bad = read_names(str(self.cleaned_data["trusted_servers"]))
        if bad:
            raise forms.ValidationError(gettext("“%(name)s” is no name of a server.") % {"name": bad[0][:100]})
        return " ".join(good[:MOST_NAMES])

    def clean(self) -> dict[str, Any]:
        """What depends on two fields."""
        super().clean()
        self._check_security("imap")
        self._check_security("smtp")
        self._check_folders()
        self._check_process()
        self._check_passwords()
        return self.cleaned_data

    def _check_security(self, side: str) -> None:
        host, security = self.cleaned_data.get(f"{side}_host"), self.cleaned_data.get(f"{side}_security")
        if security == Security.NONE and host and not is_loopback(host):
            words = gettext(
                "Without encryption only a server on this very computer is reached. Choose TLS or STARTTLS."
            )
            self.add_error(f"{side}_security", words)

    def _check_folders(self) -> None:
        # What is put where we fetch from would come back as new mail.
        folder = _same(self.cleaned_data.get("folder"))
        for name in ("processed_folder", "sent_folder"):
            if folder and _same(self.cleaned_data.get(name)) == folder:
                self.add_error(name, gettext("This must be another folder than the one that is fetched."))

    def _check_process(self) -> None:
        process, address = self.cleaned_data.get("process"), self.cleaned_data.get("address")
        taken = ProcessAddress.objects.filter(address=address).exclude(process=process)
        if process and address and taken.exclude(gateway_id=self.instance.pk).exists():
            self.add_error("process", address_taken(address))

    def _check_passwords(self) -> None:
        data = self.cleaned_data
        data["sign_in"] = data.get("sign_in") or self.stored_way
        with_password = data["sign_in"] == sign_in_choice.PASSWORD
        if with_password and "imap_host" in data and not data.get("imap_password"):
            self._check_kept_password()
        if data.get("smtp_sign_in") == OTHER:
            if not data.get("smtp_login"):
                self.add_error("smtp_login", gettext("Type the login."))
            if "smtp_host" in data and not data.get("smtp_password") and not self._keeps("smtp"):
                self.add_error("smtp_password", self._wanted("smtp"))
        elif with_password and data.get("smtp_sign_in") == SAME and self._other_server_for_kept_password():
            self.add_error("imap_password", self._wanted("imap"))

    def _check_kept_password(self) -> None:
        if not self._keeps("imap"):
            self.add_error("imap_password", self._wanted("imap"))
            return
        try:
            self.instance.imap_password()
        except Unreadable:
            words = gettext("The stored password cannot be read with this key file: type it again.")
            self.add_error("imap_password", words)

    def _keeps(self, side: str) -> bool:
        """Whether the stored password goes on being used: it is never sent to a server it was not typed for."""
        sealed = getattr(self.instance, f"{side}_sealed")
        same = all(self.cleaned_data.get(name) == self.stored[name] for name in (f"{side}_host", f"{side}_login"))
        weaker = self.cleaned_data.get(f"{side}_security") == Security.NONE != self.stored[f"{side}_security"]
        return self.connected and bool(sealed) and same and not weaker

    def _other_server_for_kept_password(self) -> bool:
        moved = self.cleaned_data.get("smtp_host") != self.stored["smtp_host"] or not self.instance.smtp_sealed
        return self.connected and not self.cleaned_data.get("imap_password") and moved

    def _wanted(self, side: str) -> str:
        if self.connected and getattr(self.instance, f"{side}_sealed"):
            return gettext("Server or login has changed: type the password again.")
        return gettext("Type the password.")

    @staticmethod
    def proposed_folders() -> dict[str, str]:
        """What folders that are made are called, in the language of whoever connects the mailbox; by field."""
        return {"processed_folder": gettext("Processed")}

    def imap_usable(self) -> bool:
        """Whether the IMAP side can be tried, whatever else is still missing."""
        self.is_valid()
        return not any(name in self.errors for name in IMAP)

    def seal_imap(self) -> Gateway:
        """The instance with the password for IMAP sealed in; not saved."""
        gateway = self.instance
        gateway.imap_authentication = sign_in_choice.authentication(self.cleaned_data.get("sign_in", self.stored_way))
        if gateway.imap_authentication != Authentication.PASSWORD:
            gateway.imap_sealed = b""
        elif self.cleaned_data.get("imap_password"):
            gateway.set_imap_password(self.cleaned_data["imap_password"])
        return gateway

    def seal_passwords(self) -> Gateway:
        """The instance with the passwords of this form sealed in; not saved."""
        gateway, data = self.seal_imap(), self.cleaned_data
        gateway.smtp_authentication = Authentication.PASSWORD
        if data.get("smtp_sign_in") == SAME and gateway.imap_authentication != Authentication.PASSWORD:
            gateway.smtp_login, gateway.smtp_sealed = gateway.imap_login, b""
            gateway.smtp_authentication = gateway.imap_authentication
        elif data.get("smtp_sign_in") == SAME:
            gateway.smtp_login = gateway.imap_login
            gateway.set_smtp_password(gateway.imap_password())
        elif data.get("smtp_sign_in") == NONE:
            gateway.smtp_login, gateway.smtp_sealed = "", b""
        elif data.get("smtp_password"):
            gateway.set_smtp_password(data["smtp_password"])
        return gateway


def stored_sign_in(gateway: Gateway) -> str:
    """How the stored gateway signs in for sending."""
    if gateway.smtp_authentication != Authentication.PASSWORD:
        return SAME
    if not gateway.smtp_login:
        return NONE
    try:
        same = gateway.smtp_login == gateway.imap_login and gateway.smtp_password() == gateway.imap_password()
    except Unreadable:
        same = False
    return SAME if same else OTHER


def _process_of(gateway: Gateway) -> Process | None:
    return Process.objects.filter(addresses__gateway=gateway, addresses__address=gateway.address).first()


def _host(text: str) -> str:
    if any(c.isspace() or c in "/@" for c in text) or "://" in text:
        raise forms.ValidationError(gettext("Type the name of the server only, like imap.example.com."))
    return text.rstrip(".").lower()


def _same(folder: str | None) -> str:
    # RFC 3501 5.1: INBOX is INBOX in any case; other names are what they are.
    return "INBOX" if folder and folder.upper() == "INBOX" else folder or ""
