"""The form about a form: where it stands, whom it writes to, what its fields mean, what is enough."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.desk.models import ProcessAddress
from podatelna.gateways.form_models import WebForm
from podatelna.web.forms import LineField, RowForm

FIELDS = [
    "name", "address", "origins", "is_open", "language", "thanks_url", "name_field", "email_field", "subject_field",
    "text_field", "subject", "trap_field", "least_seconds", "per_hour", "per_day", "files", "megabytes",
]  # fmt: skip
_MOST_ORIGINS = 50


def _number(label: Any, least: int, most: int, help_text: Any = "") -> forms.IntegerField:
    widget = forms.NumberInput({"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text, widget=widget)


class WebFormForm(RowForm[WebForm]):
    """See form_models.WebForm."""

    class Meta:
        model = WebForm
        fields = FIELDS

    name = LineField(label=_("Name"), max_length=100, help_text=_("People at the desk see it; visitors do not."))
    address = forms.ChoiceField(label=_("Writes to"), help_text=_("The message goes to the process of this address."))
    origins = forms.CharField(
        label=_("Pages that may send it"),
        max_length=5000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false", "placeholder": "https://www.example.com"}),
        help_text=_("One a line, without a path: https://www.example.com. From any other page nothing is taken."),
    )
    is_open = forms.BooleanField(label=_("Messages are taken"), required=False, initial=True)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("The visitor’s")), *settings.LANGUAGES],
        help_text=_("Of what visitors are told, and of the form to paste."),
    )
    thanks_url = forms.URLField(
        label=_("Where to go after sending"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("A page of one of the addresses above. Empty: Podatelna says thank you itself."),
    )
    name_field = LineField(label=_("Name of the visitor"), max_length=100, required=False)
    email_field = LineField(label=_("E-mail of the visitor"), max_length=100)
    subject_field = LineField(label=_("Subject"), max_length=100, required=False)
    text_field = LineField(label=_("Text"), max_length=100)
    subject = LineField(
        label=_("Subject where the visitor gives none"),
        max_length=200,
        required=False,
        help_text=_("Empty: the name of the form."),
    )
    trap_field = LineField(
        label=_("Hidden field"),
        max_length=100,
        required=False,
        help_text=_(
            "Programs fill it in, people do not see it. What has it filled in is refused. Empty: no such field."
        ),
    )
    least_seconds = _number(
        _("Seconds from opening the page to sending, at least"),
        0,
        600,
        _("0: any. Works where the page has the script."),
    )
    per_hour = _number(_("Messages an hour from one visitor"), 1, 100_000)
    per_day = _number(_("Messages a day from all"), 1, 1_000_000)
    megabytes = _number(_("Megabytes of a message"), 1, 50)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not above: `files` is what every form calls its uploads.
        self.fields["files"] = _number(_("Files with a message"), 0, 20, _("0: none."))
        rows = ProcessAddress.objects.filter(process__owner=None).select_related("process").order_by("address")
        choices = [(row.address, f"{row.address} · {row.process.name}") for row in rows]
        known = {address for address, _name in choices}
        if self.instance.pk and self.instance.address not in known:
            choices.append((self.instance.address, f"{self.instance.address} · {gettext('no process uses it')}"))
        field = self.fields["address"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_origins(self) -> str:
        """Scheme, host and port of each, in lower case, one a line."""
        found = [_origin(word) for word in str(self.cleaned_data["origins"]).lower().replace(",", " ").split()]
        return "\n".join(dict.fromkeys(found[:_MOST_ORIGINS]))

    def clean(self) -> dict[str, Any]:
        """Where visitors are sent must be a page of the company; two meanings need two fields."""
        super().clean()
        data = self.cleaned_data
        url, origins = data.get("thanks_url"), (data.get("origins") or "").split()
        if url and origins and _origin_of(url) not in origins:
            self.add_error("thanks_url", gettext("This must be a page of one of the addresses that may send the form."))
        named = [data.get(f"{name}_field") for name in ("name", "email", "subject", "text", "trap")]
        used = [name for name in named if name]
        if len(used) != len(set(used)):
            self.add_error("text_field", gettext("Two of the fields have the same name."))
        return data


def _origin(word: str) -> str:
    origin = _origin_of(word)
    path = word.partition("://")[2].partition("/")[2]
    if not origin or path:
        words = gettext("“%(word)s” is no address of a page without a path, like https://www.example.com.")
        raise forms.ValidationError(words % {"word": word[:100]})
    return origin


def _origin_of(url: str) -> str:
    """As browsers write it: without a port that goes without saying. "" when it is none."""
    try:
        parts = urlsplit(url.lower())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None or not host.isascii():
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if port in (None, {"http": 80, "https": 443}[parts.scheme]) else f":{port}")
