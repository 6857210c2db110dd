"""Czech public holidays in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Keys of desk.holidays.
HOLIDAYS: dict[str, Promise] = {
    "new-year": _("New Year, Restoration of the Czech State"),
    "good-friday": _("Good Friday"),
    "easter-monday": _("Easter Monday"),
    "labour-day": _("Labour Day"),
    "victory-day": _("Victory Day"),
    "cyril-and-methodius": _("Saints Cyril and Methodius Day"),
    "jan-hus": _("Jan Hus Day"),
    "statehood-day": _("Czech Statehood Day"),
    "independence-day": _("Independence Day"),
    "freedom-day": _("Day of Freedom and Democracy"),
    "christmas-eve": _("Christmas Eve"),
    "christmas-day": _("Christmas Day"),
    "second-christmas-day": _("Second Day of Christmas"),
}
