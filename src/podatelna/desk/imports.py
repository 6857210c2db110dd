"""Where imported mail belongs: its origin remembers the process, so that any worker can finish an import cut off."""

from __future__ import annotations

from podatelna.archive.models import Origin
from podatelna.archive.transfer import import_origin

from .models import Process

_NAME = "process "


def origin_for(process: Process) -> Origin:
    """The origin of mail that is imported for the process; the same one each time."""
    return import_origin(f"{_NAME}{process.pk}")


def process_of(origin: Origin) -> Process | None:
    """The process that mail of this origin was imported for, if it is an import for one that still exists."""
    number = origin.name.removeprefix(_NAME)
    if origin.kind != Origin.Kind.IMPORT or number == origin.name or not number.isdecimal():
        return None
    return Process.objects.filter(pk=int(number)).first()
