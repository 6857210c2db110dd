"""Two cards made one, and apart again.

The merged card's row stays as it is and points to the other one; where that one had nothing, it takes what the merged
one has. Splitting takes back what was taken over, unless somebody has changed it since.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person

from .changing import standing, told
from .errors import NotMergeable
from .models import Contact, ContactMerge, Organisation, OrganisationMerge


@transaction.atomic
def merge_contacts(merged: Contact, into: Contact, by: Person | None, now: datetime) -> ContactMerge:
    """Make `merged` a further address of `into`. Raises NotMergeable."""
    merged, into = _pair(Contact.objects.select_for_update(of=("self",)), merged, into)
    memory = _unite(merged, into)
    _tell("merge-contacts", "contact", merged, into, by, told(memory["changed"]))
    return ContactMerge.objects.create(merged=merged, into=into, by=by, at=now, memory=memory)


@transaction.atomic
def merge_organisations(
    merged: Organisation, into: Organisation, by: Person | None, now: datetime
) -> OrganisationMerge:
    """Make `merged` with its domain and people a part of `into`. Raises NotMergeable."""
    merged, into = _pair(Organisation.objects.select_for_update(of=("self",)), merged, into)
    memory = _unite(merged, into)
    _tell("merge-organisations", "organisation", merged, into, by, told(memory["changed"]))
    return OrganisationMerge.objects.create(merged=merged, into=into, by=by, at=now, memory=memory)


@transaction.atomic
def split_contact(contact: Contact, by: Person | None, now: datetime) -> bool:
    """Let `contact` stand for itself again, with what had been merged into it; False when it did already."""
    row = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if row.merged_into_id is None:
        return False
    into = Contact.objects.select_for_update(of=("self",)).get(pk=row.merged_into_id)
    merge = ContactMerge.objects.filter(merged=row, into=into, undone_at=None).order_by("-pk").first()
    _part(row, into, merge, by, now, "contact")
    return True


@transaction.atomic
def split_organisation(organisation: Organisation, by: Person | None, now: datetime) -> bool:
    """Let `organisation` stand for itself again, with its people; False when it did already."""
    row = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    if row.merged_into_id is None:
        return False
    into = Organisation.objects.select_for_update(of=("self",)).get(pk=row.merged_into_id)
    merge = OrganisationMerge.objects.filter(merged=row, into=into, undone_at=None).order_by("-pk").first()
    _part(row, into, merge, by, now, "organisation")
    return True


def _pair(rows: Any, merged: Any, into: Any) -> tuple[Any, Any]:
    """Both as they stand, locked in one order."""
    found = {row.pk: row for row in rows.filter(pk__in=[merged.pk, into.pk]).order_by("pk")}
    if len(found) != 2 or any(row.merged_into_id is not None for row in found.values()):
        raise NotMergeable
    return found[merged.pk], found[into.pk]


def _unite(merged: Any, into: Any) -> dict[str, Any]:
    before = standing(into)
    for name, value in standing(merged).items():
        setattr(into, name, _united(name, before[name], value))
    into.rename(into.name)
    into.save()
    after = standing(into)
    members = list(merged.merged.values_list("pk", flat=True))
    merged.merged.update(merged_into=into)
    merged.merged_into = into
    merged.save(update_fields=["merged_into"])
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    return {"members": members, "changed": changed}


def _united(name: str, ours: Any, theirs: Any) -> Any:
    if name == "values":
        return {**theirs, **ours}
    if name == "notes" and ours and theirs and theirs not in ours:
        return f"{ours}\n\n{theirs}"
    return ours or theirs


def _part(row: Any, into: Any, merge: Any, by: Person | None, now: datetime, kind: str) -> None:
    memory = merge.memory if merge is not None else {}
    changed = {
        name: [after, before]
        for name, (before, after) in memory.get("changed", {}).items()
        if standing(into)[name] == after
    }
    for name, (_, value) in changed.items():
        setattr(into, name, value)
    into.rename(into.name)
    into.save()
    row.merged_into = None
    row.save(update_fields=["merged_into"])
    into.merged.filter(pk__in=memory.get("members", [])).update(merged_into=row)
    if merge is not None:
        merge.undone_at = now
        merge.save(update_fields=["undone_at"])
    _tell(f"split-{kind}", kind, row, into, by, told(changed))


def _tell(act: str, kind: str, merged: Any, into: Any, by: Person | None, details: dict[str, Any]) -> None:
    record(by, act, f"{kind} {into.pk}", merged=merged.pk, known_by=[into.known_by, merged.known_by], **details)
