"""Fields of the form that connects a mailbox: what is fetched of the messages that stand there already."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.gateways.models import Gateway

History = Gateway.History
COLUMNS = ["history", "history_since", "history_closed_days"]
_NEVER_EMPTY = ("history", "history_closed_days")
CHOICES = [
    (History.EVERYTHING, _("Everything")),
    (History.SINCE, _("What came since a day")),
    (History.NEW, _("Nothing, only what comes from now on")),
]


class HistoryFields(forms.Form):
    """To be mixed into a form for a Gateway; a form that leaves the fields out, or empty, changes nothing."""

    instance: Gateway

    history = forms.ChoiceField(
        label=_("Of the messages that stand in the folder already, fetch"),
        choices=CHOICES,
        required=False,
        help_text=_("The rest stays where it is and is listed in the ledger as left. More can be fetched later."),
    )
    history_since = forms.DateField(
        label=_("Since"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    history_closed_days = forms.IntegerField(
        label=_("Older than so many days arrive closed"),
        required=False,
        min_value=0,
        max_value=36500,
        widget=forms.NumberInput({"inputmode": "numeric"}),
        help_text=_("Of what stands there when the mailbox is connected; so the desk does not fill with old work."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _NEVER_EMPTY:
            self.initial.setdefault(name, getattr(self.instance, name))

    def clean(self) -> dict[str, Any]:
        """A day is needed where one was chosen, and not one that is still to come."""
        data = super().clean() or self.cleaned_data
        for name in _NEVER_EMPTY:
            if data.get(name) in (None, ""):
                data[name] = getattr(self.instance, name)
        since = data.get("history_since")
        if data.get("history") == History.SINCE and "history_since" not in self.errors:
            if since is None:
                self.add_error("history_since", gettext("Choose the day."))
            elif since > timezone.localdate():
                self.add_error("history_since", gettext("This day is still to come."))
        return data
