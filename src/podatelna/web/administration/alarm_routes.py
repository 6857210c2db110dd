"""Where alarms are told: by mail, by webhook; and a test of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.gateways.alarm_models import AlarmNotice, AlarmRoute
from podatelna.gateways.models import Gateway
from podatelna.outbox.models import Outgoing
from podatelna.protocols.webhooks import WebhookRefused, check_url
from podatelna.watch import letters, telling

from ..forms import LineField, RowForm
from .access import administrators_only
from .alarm_words import tell_alarm
from .words import Explained, explain

MOST_NOTICES = 20
_MOST_ADDRESSES = 20
_LEAST_SECRET = 16


class RouteForm(RowForm[AlarmRoute]):
    """Where alarms go."""

    also_to = forms.CharField(
        label=_("Also to these addresses"),
        help_text=_("One on a line, for example of a colleague on duty."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    gateway = forms.ModelChoiceField(
        Gateway.objects.none(),
        label=_("Send through"),
        required=False,
        empty_label=_("any mailbox that works"),
        help_text=_("When this one is what fails, another one is used, if there is one."),
    )
    webhook_url = LineField(
        label=_("Address of a webhook"),
        required=False,
        max_length=500,
        help_text=_("Each alarm is posted there as JSON, and again when it is over."),
        widget=forms.TextInput(
            attrs={"type": "url", "inputmode": "url", "autocomplete": "off", "placeholder": "https://"}
        ),
    )
    secret = forms.CharField(
        label=_("Secret that signs what is posted"),
        required=False,
        max_length=200,
        strip=True,
        help_text=_("At least 16 characters. Empty: the stored one stays."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = AlarmRoute
        fields = ("mail", "also_to", "gateway", "webhook_url", "webhook_internal")
        labels = {
            "mail": _("Tell every administrator by mail"),
            "webhook_internal": _("The webhook may be in the company's own network"),
        }
        help_texts = {
            "webhook_internal": _(
                "Otherwise only hosts on the public internet are posted to: nobody can reach into the network by it."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["gateway"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Gateway.objects.filter(owner=None).exclude(smtp_host="")

    def clean_also_to(self) -> str:
        """Addresses, one a line."""
        addresses = str(self.cleaned_data["also_to"]).replace(",", " ").split()
        if len(addresses) > _MOST_ADDRESSES:
            raise ValidationError(gettext("At most 20 addresses."))
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(gettext("%(address)s is no address.") % {"address": address}) from None
        return "\n".join(addresses)

    def clean_secret(self) -> str:
        """Long enough not to be guessed."""
        secret = str(self.cleaned_data["secret"])
        if secret and len(secret) < _LEAST_SECRET:
            raise ValidationError(gettext("At least 16 characters."))
        return secret

    def clean(self) -> dict[str, Any]:
        """The address of the webhook, and that what is posted can be signed."""
        cleaned = super().clean() or self.cleaned_data
        url = cleaned.get("webhook_url", "")
        if url:
            try:
                check_url(url, internal=bool(cleaned.get("webhook_internal")))
            except WebhookRefused as error:
                self.add_error("webhook_url", gettext("It cannot be used: %(reason)s.") % {"reason": error.detail})
            if not cleaned.get("secret") and not self.instance.webhook_sealed:
                self.add_error("secret", gettext("Choose one: with it the receiver knows that it is this house."))
        return cleaned


@dataclass(frozen=True)
class NoticeRow:
    """A notice and how it went."""

    notice: AlarmNotice
    happened: str  # "" for a test
    state: str  # "done", "waiting", "failed"
    error: Explained | None
    unsent: int  # letters that the outbox has not got rid of


@administrators_only
def routes(request: HttpRequest, by: Person) -> HttpResponse:
    """See and change where alarms are told."""
    route = AlarmRoute.current()
    before = _audited(route)
    form = RouteForm(request.POST or None, instance=route)
    if form.is_valid():
        _save(form, before, by)
        messages.success(request, gettext("Saved."))
        return redirect("administration_alarms")
    context = {"form": form, "section": "health", "has_secret": bool(route.webhook_sealed), **_sent()}
    return render(request, "administration/alarm_routes.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def test(request: HttpRequest, by: Person) -> HttpResponse:
    """Tell every way once that this is a test."""
    sent = telling.test(timezone.now())
    if sent:
        record(by, "test-alarms", "alarms", ways=[notice.way for notice in sent])
        text = ngettext("A test is on its way, %(count)s way.", "A test is on its way, %(count)s ways.", len(sent))
        messages.success(request, text % {"count": len(sent)})
    else:
        messages.error(request, gettext("Nothing is chosen by which alarms could be told."))
    return redirect("administration_alarms")


@transaction.atomic
def _save(form: RouteForm, before: dict[str, Any], by: Person) -> None:
    route = form.save(commit=False)
    secret = form.cleaned_data["secret"]
    if secret:
        route.set_webhook_secret(secret)
    route.save()
    after = _audited(route)
    changed = [name for name in after if before[name] != after[name]]
    record(
        by,
        "change-alarms",
        "alarms",
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        secret_changed=bool(secret),
    )


def _audited(route: AlarmRoute) -> dict[str, Any]:
    return {
        "mail": route.mail,
        "also_to": route.also_to.split(),
        "gateway": route.gateway_id,
        # The path may hold a token of the receiver's.
        "webhook": route.webhook_url.partition("?")[0].split("/")[2:3],
        "internal": route.webhook_internal,
    }


def _sent() -> dict[str, Any]:
    notices = AlarmNotice.objects.select_related("alarm__gateway__owner", "alarm__person").order_by("-pk")
    return {"notices": [_row(notice) for notice in notices[:MOST_NOTICES]]}


NOTICE_ERRORS: dict[str, Explained] = {
    "no-gateway": Explained(_("There is no mailbox to send through."), _("Connect one of the company's."), ""),
    "no-webhook": Explained(_("The address of the webhook was taken away."), "", ""),
}


def _row(notice: AlarmNotice) -> NoticeRow:
    code, _colon, detail = notice.error.partition(": ")
    error = (NOTICE_ERRORS.get(code) or explain(code, detail)) if code else None
    state = "done" if notice.done_at else "waiting" if notice.due_at else "failed"
    ours = Outgoing.objects.filter(letters.letters_of(notice))
    unsent = ours.exclude(state__in=["sent", "withdrawn"]).exclude(last_code="gave-up").count()
    happened = tell_alarm(notice.alarm).happened if notice.alarm is not None else ""
    return NoticeRow(notice, happened, state, error, unsent)
