"""Places in texts (desk/placeholders.py) in words, for the list beside a field."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PLACES: dict[str, Promise] = {
    "contact.name": gettext_lazy("the correspondent’s name"),
    "contact.address": gettext_lazy("their address"),
    "organisation.name": gettext_lazy("their organisation"),
    "process.name": gettext_lazy("the name of the process"),
    "process.address": gettext_lazy("the address of the process"),
    "case.number": gettext_lazy("the number of the case"),
    "case.title": gettext_lazy("the title of the case"),
    "order.number": gettext_lazy("the order’s number"),
    "conversation.number": gettext_lazy("the number of the conversation"),
    "subject": gettext_lazy("the subject of what came"),
    "me.name": gettext_lazy("the writer’s name"),
    "today": gettext_lazy("today’s date"),
}


def places_for(names: Iterable[str]) -> list[tuple[str, Promise]]:
    """Places as they are typed, each with what it stands for."""
    return [(f"{{{name}}}", PLACES[name]) for name in names]


def unknown_words(names: Iterable[str]) -> str:
    """What is said of a text with places that there are none of."""
    shown = ", ".join(f"{{{name}}}" for name in names)
    return _("Nothing can be filled in for %(names)s. Take one of the places in the list.") % {"names": shown}
