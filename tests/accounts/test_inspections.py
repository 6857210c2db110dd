"""Inspections: begun by auditors with a reason, seen in the log, over by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from podatelna.accounts.access import can_see, held_by, scopes_of
from podatelna.accounts.inspections import LASTS, NotAuditor, begin, end, inspection_of, is_inspecting
from podatelna.accounts.models import AuditEntry, Person, Scope
from podatelna.desk.models import Process
from tests.cast import Cast, a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor() -> Person:
    return a_person("Frank", is_auditor=True)


def test_only_auditors_inspect_and_only_with_a_reason(auditor: Person) -> None:
    with pytest.raises(NotAuditor):
        begin(a_person("Eve"), "Because", timezone.now())
    with pytest.raises(ValueError, match="reason"):
        begin(auditor, " \0 ", timezone.now())
    assert not is_inspecting(auditor)


def test_it_shows_everything_until_it_ends(auditor: Person, cast: Cast) -> None:
    assert not can_see(auditor, cast.helpdesk)
    inspection = begin(auditor, "Quarterly review", timezone.now())
    assert can_see(auditor, cast.helpdesk)
    assert set(Process.objects.visible_to(auditor)) == {cast.helpdesk, cast.sales}  # type: ignore[attr-defined]
    assert set(scopes_of(auditor)) == set(Scope.objects.values_list("pk", flat=True))
    end(inspection, timezone.now())
    assert not can_see(auditor, cast.helpdesk)
    assert not Process.objects.visible_to(auditor).exists()  # type: ignore[attr-defined]


def test_it_is_over_by_itself(auditor: Person) -> None:
    began = timezone.now() - LASTS
    begin(auditor, "Forgotten", began)
    assert inspection_of(auditor, began + LASTS - timedelta(seconds=1)) is not None
    assert not is_inspecting(auditor)


def test_it_is_over_when_the_auditor_is_none_any_more(auditor: Person) -> None:
    begin(auditor, "Review", timezone.now())
    auditor.is_auditor = False
    assert not is_inspecting(auditor)
    auditor.is_auditor, auditor.is_active = True, False
    assert not is_inspecting(auditor)
    assert not held_by(auditor).everything


def test_beginning_and_ending_are_on_record_once(auditor: Person) -> None:
    inspection = begin(auditor, "Review", timezone.now())
    assert end(inspection, timezone.now())
    assert not end(inspection, timezone.now())
    lines = list(AuditEntry.objects.order_by("pk").values_list("act", "subject"))
    subject = f"inspection {inspection.pk}"
    assert lines == [("begin-inspection", subject), ("end-inspection", subject)]
    assert AuditEntry.objects.order_by("pk")[0].details["reason"] == "Review"
