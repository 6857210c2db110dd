"""`podatelna retention` and `podatelna erase`, and what the worker erases by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from podatelna.archive.models import Message, Tombstone
from podatelna.desk import erasures, retention
from podatelna.desk.models import Conversation, Erasure
from podatelna.run import retaining
from podatelna.run.cli import app
from tests.cast import Cast, a_mail, receive

JANA = "jana@example.cz"


def said(*words: str) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def closed(cast: Cast, years_ago: int) -> Conversation:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    conversation.close(cast.bob, timezone.now() - timedelta(days=366 * years_ago))
    return conversation


def test_what_is_due_is_told_and_then_erased(cast: Cast) -> None:
    old, held, recent = closed(cast, 5), closed(cast, 4), closed(cast, 1)
    retention.set_rule(cast.helpdesk, 36, True, cast.dan)
    retention.hold_conversation(held, "a lawsuit", cast.dan, timezone.now())
    told = said("retention", "preview")
    assert "Helpdesk: keeps 36 months after close, erases by itself afterwards." in told
    assert f"goes  conversation {old.pk} of Helpdesk" in told
    assert f"HELD  conversation {held.pk} of Helpdesk" in told
    assert "1 conversations are due to be erased, 1 more are held." in told
    assert Conversation.objects.count() == 3
    assert "1 conversations were erased." in said("retention", "run")
    assert set(Conversation.objects.all()) == {held, recent}
    assert "0 conversations were erased." in said("retention", "run")


def test_only_so_many_go_as_are_asked_for(cast: Cast) -> None:
    for _ in range(3):
        closed(cast, 5)
    retention.set_rule(cast.helpdesk, 36, True, cast.dan)
    assert "2 conversations were erased." in said("retention", "run", "--limit", "2")
    assert Conversation.objects.count() == 1


def test_worker_erases_in_small_steps_until_nothing_is_due(cast: Cast) -> None:
    for _ in range(retaining._FEW + 1):
        closed(cast, 5)
    kept = closed(cast, 1)
    retention.set_rule(cast.helpdesk, 36, True, cast.dan)
    assert retaining.erase_by_rules() < 1
    assert Conversation.objects.count() == 2
    assert retaining.erase_by_rules() < 1
    assert retaining.erase_by_rules() > 60
    assert Conversation.objects.get() == kept


def test_worker_carries_out_what_was_confirmed_and_nothing_else(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    erasure = erasures.ask(JANA, cast.dan, timezone.now())
    assert retaining.carry_out_erasures() > 1
    assert Message.objects.exists()
    erasures.confirm(erasure, cast.dan, timezone.now())
    while retaining.carry_out_erasures() < 1:
        pass
    assert not Message.objects.exists()
    assert Erasure.objects.get().state == Erasure.State.DONE


def test_a_preview_changes_nothing(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    receive(a_mail(cc="Petr <petr@example.cz>"), cast.helpdesk_gateway)
    told = said("erase", "--person", f" {JANA.upper()}", "--preview")
    assert "1 messages go." in told
    assert "1 messages stay: somebody else from outside takes part in them." in told
    assert not Erasure.objects.exists()
    assert Message.objects.count() == 2
    assert "2 messages go." in said("erase", "--person", JANA, "--preview", "--shared")


def test_a_person_is_erased_from_the_console(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    assert CliRunner().invoke(app, ["erase", "--person", JANA]).exit_code != 0, "nobody is there to be asked"
    assert Message.objects.exists()
    assert "1 messages erased, 0 kept." in said("erase", "--person", JANA, "--yes", "--reason", "2026/14")
    assert not Message.objects.exists()
    assert Tombstone.objects.count() == 1


def test_the_console_is_not_the_second_person(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    retention.set_four_eyes(True, cast.dan)
    assert "Somebody must confirm it" in said("erase", "--person", JANA, "--yes")
    assert Message.objects.exists()
    assert Erasure.objects.get().state == Erasure.State.ASKED


@pytest.mark.parametrize("hold", ["person", "conversation"])
def test_a_hold_stops_the_console_too(cast: Cast, hold: str) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    if hold == "person":
        retention.hold_person(JANA, "a lawsuit", cast.dan, timezone.now())
        assert "A legal hold is on this person" in said("erase", "--person", JANA, "--preview")
    else:
        retention.hold_conversation(conversation, "a lawsuit", cast.dan, timezone.now())
    assert "0 messages erased, 1 kept." in said("erase", "--person", JANA, "--yes", "--shared")
    assert Message.objects.exists()


@pytest.mark.parametrize("change", ["held", "reopened"])
def test_what_is_held_or_taken_up_while_it_is_erased_stays(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    conversation = closed(cast, 5)
    retention.set_rule(cast.helpdesk, 36, True, cast.dan)
    erase = retention.erase_conversation

    def meanwhile(row: Conversation, *arguments: object, unless: Callable[[], bool]) -> bool:
        if change == "held":
            retention.hold_person(JANA, "a lawsuit", cast.dan, timezone.now())
        else:
            conversation.reopen(cast.bob, timezone.now())
        return erase(row, *arguments, unless=unless)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(retention, "erase_conversation", meanwhile)
    assert retention.erase_due(timezone.now()) == 0
    assert Message.objects.count() == 1
    assert Conversation.objects.filter(pk=conversation.pk).exists()
