"""`podatelna judge`: imports and old mail are checked when an administrator asks."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from podatelna.archive import verdicts
from podatelna.archive.models import Origin, Verdict
from podatelna.mail.resolver import table_resolver
from podatelna.run.cli import app
from podatelna.run.errors import Refused
from tests.cast import NOON, Cast, a_mail, arrive


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["judge", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def test_the_mail_of_one_mailbox_waits_to_be_judged(cast: Cast) -> None:
    deliveries = [arrive(a_mail(), cast.helpdesk_gateway) for _ in range(2)]
    arrive(a_mail(), cast.sales_gateway)
    assert said("helpdesk@acme.cz") == "2 messages wait for the worker to check their senders.\n"
    later = Verdict.objects.latest("due_at").due_at
    assert later is not None
    assert verdicts.judge_due(later, table_resolver({})) == 2
    assert set(Verdict.objects.values_list("delivery", flat=True)) == {one.pk for one in deliveries}


def test_without_a_name_it_lists_what_there_is(cast: Cast) -> None:
    Origin.objects.create(kind=Origin.Kind.IMPORT, name="old mail")
    Origin.objects.create(kind=Origin.Kind.SENT, name="desk")
    assert said().splitlines() == ["helpdesk@acme.cz  (mailbox)", "sales@acme.cz  (mailbox)", "old mail  (import)"]
    assert Verdict.objects.count() == 0


def test_an_unknown_name_is_refused_and_nothing_is_done(cast: Cast) -> None:
    arrive(a_mail(), cast.helpdesk_gateway, NOON)
    with pytest.raises(Refused, match="no mail came from nobody"):
        said("helpdesk@acme.cz", "nobody")
    assert Verdict.objects.count() == 0
