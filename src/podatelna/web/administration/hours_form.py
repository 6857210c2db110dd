"""The form of a process's working hours and targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.forms import BoundField
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from podatelna.desk.hours import read_spans, write_spans
from podatelna.desk.models import Process
from podatelna.web.forms import LineField, RowForm

FIELDS = ["hours", "time_zone", "czech_holidays", "answer_minutes", "resolution_minutes", "warn_minutes"]
DAYS = [
    ("monday", pgettext_lazy("label of a day", "Monday")),
    ("tuesday", pgettext_lazy("label of a day", "Tuesday")),
    ("wednesday", pgettext_lazy("label of a day", "Wednesday")),
    ("thursday", pgettext_lazy("label of a day", "Thursday")),
    ("friday", pgettext_lazy("label of a day", "Friday")),
    ("saturday", pgettext_lazy("label of a day", "Saturday")),
    ("sunday", pgettext_lazy("label of a day", "Sunday")),
]
_USUAL = [[(8 * 60, 17 * 60)]] * 5 + [[], []]
_MOST_MINUTES = 365 * 24 * 60
_SPAN = re.compile(
    r"(?:(\d{1,5})\s*(?:h|hod|hodin|hodina|hodiny|hours?)\.?)?\s*(?:(\d{1,6})\s*(?:m|min|minut|minutes?)\.?)?"
)


class SpanField(LineField):
    """A span of working time as people write it, "4 h", "30 min", "1 h 30 min"; its value is in minutes or None."""

    def clean(self, value: Any) -> int | None:
        """Minutes; None for an empty field."""
        text = super().clean(value).strip().lower()
        if not text:
            return None
        found = _SPAN.fullmatch(text)
        minutes = int(found[1] or 0) * 60 + int(found[2] or 0) if found else 0
        if not 0 < minutes <= _MOST_MINUTES:
            raise forms.ValidationError(gettext("Write it like “4 h”, “30 min” or “1 h 30 min”."))
        return minutes

    def prepare_value(self, value: Any) -> Any:
        """Minutes as they are typed."""
        return written(value) if isinstance(value, int) else value


def written(minutes: int) -> str:
    """ "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])


class HoursForm(RowForm[Process]):
    """Working hours and targets of a process. `hours` is put together of a field for each day of the week."""

    class Meta:
        model = Process
        fields = ["time_zone", "czech_holidays", "answer_minutes", "resolution_minutes", "warn_minutes"]

    keeps_hours = forms.BooleanField(
        label=_("It keeps working hours"),
        required=False,
        help_text=_("Without them it is open always: targets run day and night, and on holidays too."),
    )
    time_zone = forms.ChoiceField(label=_("By the clock of"), required=False)
    czech_holidays = forms.BooleanField(label=_("Closed on Czech public holidays"), required=False)
    answer_minutes = SpanField(
        label=_("First answer within"),
        required=False,
        help_text=_("Of working time, like “4 h” or “30 min”. Empty: no target."),
    )
    resolution_minutes = SpanField(
        label=_("Closed within"),
        required=False,
        help_text=_("Of working time too: three working days of eight hours are “24 h”. Empty: no target."),
    )
    warn_minutes = SpanField(
        label=_("Warn before that"),
        required=False,
        help_text=_("So long before a target is missed its people are told. Empty: only when it is missed."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        week = self.instance.hours or _USUAL
        self.fields["keeps_hours"].initial = bool(self.instance.hours)
        for (name, label), spans in zip(DAYS, week, strict=True):
            self.fields[name] = LineField(label=label, required=False, max_length=100, initial=write_spans(spans))
        zone = self.fields["time_zone"]
        assert isinstance(zone, forms.ChoiceField)
        usual = gettext("As the installation (%(zone)s)") % {"zone": settings.TIME_ZONE}
        zone.choices = [("", usual), *((name, name) for name in sorted(available_timezones()) if "/" in name)]
        if self.instance.warn_minutes == 0:
            self.initial["warn_minutes"] = None

    def days(self) -> Iterator[BoundField]:
        """The fields of the week, Monday first."""
        return (self[name] for name, _label in DAYS)

    def clean_warn_minutes(self) -> int:
        """0 stands for no warning."""
        return self.cleaned_data["warn_minutes"] or 0

    def clean(self) -> dict[str, Any]:
        """The week put together."""
        super().clean()
        week = [self._read(name) for name, _label in DAYS]
        if self.cleaned_data.get("keeps_hours") and not self.errors and not any(week):
            self.add_error("monday", gettext("Somebody has to work some time: write hours for one day at least."))
        self.cleaned_data["hours"] = week if self.cleaned_data.get("keeps_hours") else []
        return self.cleaned_data

    def _read(self, name: str) -> list[list[int]]:
        try:
            return [list(span) for span in read_spans(self.cleaned_data.get(name, ""))]
        except ValueError as error:
            self.add_error(name, _wrong(str(error)))
            return []

    def save(self, commit: bool = True) -> Process:
        """The process with the week that was typed."""
        self.instance.hours = self.cleaned_data["hours"]
        saved: Process = super().save(commit)
        return saved


def _wrong(code: str) -> str:
    return {
        "order": gettext("The end has to be later than the beginning."),
        "overlap": gettext("These hours overlap."),
    }.get(code, gettext("Write hours like “8:00–12:00, 13:00–16:30”; leave it empty when nobody works."))
