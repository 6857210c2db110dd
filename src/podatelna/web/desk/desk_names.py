"""What a process is called on a page: a personal desk is its owner's, and to others somebody's."""

from __future__ import annotations

from django.utils.translation import gettext as _

from podatelna.accounts.models import Person
from podatelna.desk.models import Conversation, Process


def name_of(process: Process, person: Person) -> str:
    """The name of `process` as `person` reads it."""
    if process.owner_id is None:
        return process.name
    return _("Personal desk") if process.owner_id == person.pk else _("Desk of %(name)s") % {"name": process.owner}


def desk_of(conversation: Conversation, person: Person) -> str:
    """On whose desk a conversation stands, and from whose it was handed over."""
    own = name_of(conversation.process, person)
    worked_by = conversation.worked_by
    if conversation.process.owner_id is None or worked_by is None or worked_by.pk == conversation.process_id:
        return own
    return f"{own} → {worked_by.name}"
