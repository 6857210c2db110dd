"""Absences in words."""

from __future__ import annotations

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from podatelna.desk.absence_models import Absence

register = template.Library()


@register.simple_tag
def absence_days(absence: Absence) -> str:
    """From which day to which."""
    days = {"first": date_format(absence.first), "last": date_format(absence.last) if absence.last else ""}
    if absence.last is None:
        return _("From %(first)s until further notice") % days
    if absence.last == absence.first:
        return days["first"]
    return _("%(first)s to %(last)s") % days


@register.simple_tag
def absence_kind(absence: Absence) -> str:
    """Why somebody is away."""
    return {"holiday": _("Holiday"), "sick": _("Sick leave")}.get(absence.kind, _("Something else"))
