"""The form of a private mailbox, for its owner; and the shorter one by which an administrator prepares it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.models import Person
from podatelna.desk.models import ProcessAddress
from podatelna.gateways.models import Gateway
from podatelna.protocols.network import is_loopback
from podatelna.web.administration import sign_in_choice
from podatelna.web.administration.gateway_form import NONE, SAME, SECURITY, GatewayForm
from podatelna.web.administration.processes import address_taken
from podatelna.web.forms import LineField, RowForm

PREPARED = [
    "address", "imap_host", "imap_port", "imap_security", "imap_login",
    "smtp_host", "smtp_port", "smtp_security", "smtp_login",
]  # fmt: skip
COLUMNS = [*PREPARED, "display_name", "signature", "folder", "processed_folder", "sent_folder", "watch_sent"]
_PORTS = {"imap": {143, 993}, "smtp": {25, 465, 587, 2525}}


class PrivateMailboxForm(GatewayForm):
    """A person's own mailbox: where it is, how to get in, which two folders may be touched."""

    process = None  # type: ignore[assignment]  # how Django's forms leave out a field of the class above
    own_addresses = None  # type: ignore[assignment]
    trusted_servers = None  # type: ignore[assignment]

    class Meta:
        model = Gateway
        fields = COLUMNS

    folder = LineField(
        label=_("Folder in which you hand mail over"),
        max_length=500,
        help_text=_("What you move here comes onto your desk. It is made if it is missing. It cannot be the inbox."),
    )
    processed_folder = LineField(
        label=_("Folder for what was taken"),
        max_length=500,
        help_text=_("Messages are moved here once they are safe, as they were; nothing is ever deleted."),
    )
    sent_folder = LineField(
        label=_("Folder for sent messages"),
        max_length=500,
        required=False,
        help_text=_("A copy of every answer from your address is put here. Empty: the folder is never named."),
    )
    watch_sent = forms.BooleanField(
        label=_("Look there for my answers to mail that I handed over"),
        required=False,
        help_text=_(
            "Of new messages there, the lines that name what they answer are read. Only answers to what you handed "
            "over are taken; of all others nothing is kept."
        ),
    )
    signature = forms.CharField(
        label=_("Signature"),
        required=False,
        max_length=5000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Stands below answers from your address, also those a colleague writes in your name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = {name: getattr(self.instance, name) for name in COLUMNS}
        self.connected = self.instance.pk is not None and self.instance.addresses.exists()
        if not self.connected:
            self.initial["smtp_sign_in"] = SAME if self.instance.smtp_login else NONE
            self.fields["imap_password"].help_text = self.fields["smtp_password"].help_text = ""

    @staticmethod
    def proposed_folders() -> dict[str, str]:
        """What the two folders are called when they are made."""
        return {"folder": gettext("Hand over"), "processed_folder": gettext("Handed over")}

    def clean_address(self) -> str:
        """One's own address, and nobody else's."""
        return own_address(super().clean_address(), self.instance)

    def clean(self) -> dict[str, Any]:
        """What depends on two fields."""
        super().clean()
        for side in ("imap", "smtp"):
            self._check_server(side)
        for name in ("folder", "processed_folder"):
            if str(self.cleaned_data.get(name, "")).upper() == "INBOX":
                self.add_error(name, gettext("Choose a folder of its own: Podatelna keeps out of your inbox."))
        processed, sent = self.cleaned_data.get("processed_folder"), self.cleaned_data.get("sent_folder")
        if sent and processed == sent:
            self.add_error("sent_folder", gettext("This must be another folder than the one for what was taken."))
        if self.cleaned_data.get("watch_sent") and not sent:
            self.add_error("sent_folder", gettext("Name the folder in which your answers stand."))
        return self.cleaned_data

    def _check_process(self) -> None:
        """Its mail is the work of one's own desk."""

    def _check_server(self, side: str) -> None:
        # Whoever may name any host and port has Podatelna knock at doors inside the company's network.
        host, port = self.cleaned_data.get(f"{side}_host"), self.cleaned_data.get(f"{side}_port")
        if not host or not port or self._is_known(side, host, port):
            return
        if is_loopback(host) or port not in _PORTS[side]:
            words = gettext("Only usual ports of mail servers can be used here. Ask an administrator to prepare it.")
            self.add_error(f"{side}_port", words)

    def _is_known(self, side: str, host: str, port: int) -> bool:
        """A server that an administrator has chosen: for this mailbox, or for one of the company's."""
        if (self.stored[f"{side}_host"], self.stored[f"{side}_port"]) == (host, port):
            return True
        return Gateway.objects.filter(**{"owner": None, f"{side}_host": host, f"{side}_port": port}).exists()


class PreparationForm(RowForm[Gateway]):
    """Address and servers of somebody's private mailbox; its owner adds the password and chooses the folders."""

    class Meta:
        model = Gateway
        fields = PREPARED

    address = forms.EmailField(label=_("Address of the mailbox"), max_length=320)
    imap_host = LineField(label=_("IMAP server"), max_length=255)
    imap_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    imap_security = forms.ChoiceField(label=_("Security"), choices=SECURITY)
    imap_login = LineField(label=_("Login"), max_length=320)
    smtp_host = LineField(label=_("SMTP server"), max_length=255)
    smtp_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535)
    smtp_security = forms.ChoiceField(label=_("Security"), choices=SECURITY)
    smtp_login = LineField(label=_("Login for sending"), max_length=320, required=False)
    sign_in = forms.ChoiceField(
        label=_("How it signs in"),
        required=False,
        help_text=_("The password is typed, or the permission given, by the owner. You see neither."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ways = sign_in_choice.choices(self.instance)
        way = self.fields["sign_in"]
        assert isinstance(way, forms.ChoiceField)
        way.choices = self.ways
        known = sign_in_choice.stored if self.instance.pk else _likely
        self.stored_way = self.initial.setdefault("sign_in", known(self.instance))

    def clean_sign_in(self) -> str:
        """A form without the field changes nothing."""
        return str(self.cleaned_data["sign_in"]) or self.stored_way

    def clean_address(self) -> str:
        """The owner's address, and nobody else's."""
        address = str(self.cleaned_data["address"]).lower()
        if Gateway.objects.filter(address__iexact=address).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(gettext("A mailbox with this address is connected already."))
        return own_address(address, self.instance)

    def clean(self) -> dict[str, Any]:
        """Without encryption only this very computer."""
        for side in ("imap", "smtp"):
            host = self.cleaned_data.get(f"{side}_host")
            if self.cleaned_data.get(f"{side}_security") == "none" and host and not is_loopback(host):
                words = gettext(
                    "Without encryption only a server on this very computer is reached. Choose TLS or STARTTLS."
                )
                self.add_error(f"{side}_security", words)
        return self.cleaned_data


def _likely(gateway: Gateway) -> str:
    return sign_in_choice.likely(gateway.imap_host)


def own_address(address: str, gateway: Gateway) -> str:
    """`address`, unless it is a process's or a colleague's. Raises ValidationError."""
    taken = ProcessAddress.objects.filter(address=address)
    if gateway.pk is not None:
        taken = taken.exclude(gateway=gateway)
    if taken.filter(process__owner=None).exists():
        raise forms.ValidationError(address_taken(address))
    if taken.exists():
        raise forms.ValidationError(gettext("A mailbox with this address is connected already."))
    people = Person.objects.filter(email__iexact=address, is_active=True)
    if any(person.pk != gateway.owner_id for person in people):
        raise forms.ValidationError(gettext("This is the address of a colleague."))
    return address
