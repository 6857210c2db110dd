"""What was done with a case, in words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from podatelna.desk.case_models import CaseEntry

register = template.Library()


@register.simple_tag
def act_in_case(act: CaseEntry) -> str:
    """Who did what, as a sentence without its time. A verb of a later release is shown as it is."""
    known = {"by": str(act.person or _("Somebody")), "to": str(act.details.get("name") or "")}
    sentences = {
        "opened": _("%(by)s opened the case"),
        "changed": _("%(by)s changed what is written down of it"),
        "closed": _("%(by)s closed the case"),
        "reopened": _("%(by)s opened the case again"),
        "confidential": _("%(by)s made the case confidential"),
        "open-again": _("%(by)s made the case open to the team again"),
        "let-in": _("%(by)s let %(to)s in"),
        "let-out": _("%(by)s took %(to)s out of the case"),
        "file-laid": _("%(by)s laid “%(to)s” into the case"),
        "file-removed": _("%(by)s took “%(to)s” out of the case"),
        "filed": _("%(by)s filed a conversation") if act.person else _("Its number filed a conversation"),
        "taken-out": _("%(by)s took a conversation out"),
    }
    return sentences[act.verb] % known if act.verb in sentences else f"{known['by']} {act.verb}"
