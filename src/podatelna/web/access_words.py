"""Why somebody can see something, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from podatelna.desk.sight import Reason


def reason_words(reason: Reason) -> str:
    """ "Works in Helpdesk", as it stands below a name."""
    about = {"about": reason.about}
    match reason.code:
        case "owner":
            return _("It is on their personal desk")
        case "lead":
            return _("Leads %(about)s") % about
        case "member":
            return _("Works in %(about)s") % about
        case "reader":
            return _("Reads along in %(about)s") % about
        case "assigned":
            return _("It is their work")
        case "handed":
            return _("It was handed over to them")
        case "mention":
            return _("Was named in a note")
        case "named":
            return _("Is named: it is confidential")
        case "substitute":
            return _("Stands in for somebody who is away")
        case "case" if reason.about:
            return _("Is one of the people of case %(about)s") % about
        case "case":
            return _("Is one of the people of its case")
    return reason.code


def role_words(role: str) -> str:
    """A place in a team; "" is none."""
    return {"lead": _("leads it"), "member": _("works in it"), "reader": _("reads along")}.get(role, "")


def single_words(code: str) -> str:
    """Why somebody was let into single conversations, for a count."""
    words = {
        "assigned": _("as their work"),
        "handed": _("handed over"),
        "mention": _("named in a note"),
        "named": _("named in confidential ones"),
        "substitute": _("standing in"),
    }
    return words.get(code, code)
