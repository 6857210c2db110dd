"""`podatelna index check`, `podatelna index rebuild`, and the language of `podatelna search`."""

from __future__ import annotations

import json

from typer.testing import CliRunner, Result

from podatelna.archive import search
from podatelna.archive.models import Message
from podatelna.gateways.alarms import standing
from podatelna.run.cli import app
from podatelna.run.errors import Refused
from tests.cast import Cast, a_mail, receive


def podatelna(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_whole_index_is_said_to_be_whole(cast: Cast) -> None:
    receive(a_mail("Broken"), cast.helpdesk_gateway)
    done = podatelna("index", "check")
    assert done.exit_code == 0, done.output
    assert "1 messages compared: the index is whole." in done.stdout


def test_what_is_missing_is_named_and_repaired_when_asked(cast: Cast) -> None:
    receive(a_mail("Broken"), cast.helpdesk_gateway)
    message = Message.objects.get()
    search.remove(message)
    done = podatelna("index", "check")
    assert done.exit_code == 1
    assert f"missing: 1 messages: {message.pk}" in done.stdout
    assert [alarm.details["missing"] for alarm in standing().filter(kind="index")] == [1]
    assert podatelna("index", "check", "--repair").exit_code == 0
    assert not standing().exists()
    assert podatelna("index", "check").exit_code == 0
    assert len(search.search("broken", person=None)) == 1


def test_a_rebuilt_index_finds_the_same(cast: Cast) -> None:
    for number in range(3):
        receive(a_mail(f"Broken {number}"), cast.helpdesk_gateway)
    done = podatelna("index", "rebuild")
    assert done.exit_code == 0, done.output
    assert "made anew: 3 messages." in done.stdout
    assert len(search.search("broken", person=None)) == 3
    assert podatelna("index", "check").exit_code == 0


def test_search_knows_processes_and_states(cast: Cast) -> None:
    receive(a_mail("Broken one"), cast.helpdesk_gateway)
    sales = receive(a_mail("Broken two", to="sales@acme.cz"), cast.sales_gateway)
    done = podatelna("search", "broken in:sales is:open", "--json")
    assert [(row["subject"], row["conversation"]) for row in json.loads(done.stdout)] == [("Broken two", sales.pk)]
    refused = podatelna("search", "is:mine")
    assert isinstance(refused.exception, Refused)
