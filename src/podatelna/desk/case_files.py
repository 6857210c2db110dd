"""Files that are laid into a case, beside those of its mail: kept once by content, seen by whoever sees the case."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.archive import locks, store
from podatelna.archive.erasing import erase_unheld

from .case_models import Case, CaseFile
from .drafts import clean_name

LARGEST = 50 * 1024 * 1024  # bytes of one file


@transaction.atomic
def lay_in(case: Case, name: str, content_type: str, data: bytes, by: Person, now: datetime) -> CaseFile:
    """Keep a file in the case."""
    blob = store.put_blob(data)
    file = case.files.create(name=clean_name(name), content_type=content_type[:255], blob=blob, by=by, at=now)
    case.happened("file-laid", by, now, file=file.pk, name=file.name)
    record(by, "lay-into-case", f"case {case.pk}", file=file.pk, size=len(data))
    return file


@transaction.atomic
def remove(file: CaseFile, by: Person, now: datetime) -> None:
    """Take it out, with its content where nothing else holds it."""
    locks.removing()  # before any row is held, as who adds content takes them
    case, number = file.case, file.pk
    file.delete()
    erase_unheld([file.blob_id])
    case.happened("file-removed", by, now, name=file.name)
    record(by, "remove-from-case", f"case {case.pk}", file=number)
