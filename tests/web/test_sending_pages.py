"""Pages about sending: later, in order, what came back, bad addresses, floods."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.contacts.bad import remember_bad
from podatelna.contacts.models import BadAddress
from podatelna.desk import bounces, drafts, replies, sent
from podatelna.desk.automatic_models import Flood
from podatelna.desk.models import Conversation, Draft
from podatelna.outbox import queue
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing, Recipient
from podatelna.protocols.smtp import Outcome, Reply
from podatelna.web.desk.status_words import reply_words, status_words
from tests.cast import Cast, Clock, RecordingTransport, a_mail, receive


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway, timezone.now())


@pytest.fixture
def bob(cast: Cast, client: Client) -> Client:
    client.force_login(cast.bob)
    return client


def a_draft(cast: Cast, conversation: Conversation, **fields: str) -> Draft:
    now = timezone.now()
    draft = drafts.open_draft(cast.bob, "reply", now, conversation=conversation)
    return drafts.save(draft, now, revision=draft.revision, **{"text": "We come.", **fields})


def form_of(draft: Draft, **more: str) -> dict[str, str]:
    return {"revision": str(draft.revision), "seen_until": str(10**9), "to": draft.to, "text": draft.text, **more}


def in_days(days: float) -> str:
    return timezone.localtime(timezone.now() + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def page(client: Client, conversation: Conversation) -> str:
    return client.get(f"/conversations/{conversation.pk}/").content.decode()


# --- later -----------------------------------------------------------------------------------------------


def test_a_letter_is_put_off_shown_changed_and_sent_now(cast: Cast, conversation: Conversation, bob: Client) -> None:
    draft = a_draft(cast, conversation)
    bob.post(f"/drafts/{draft.pk}/sending", form_of(draft, later=in_days(3)))
    outgoing = Outgoing.objects.get()
    assert (outgoing.scheduled, outgoing.state) == (True, Outgoing.State.WAITING)
    shown = page(bob, conversation)
    assert "Goes out" in shown
    assert "Back into a draft" in shown
    bob.post(f"/sendings/{outgoing.pk}/time", {"own_time": in_days(9)})
    outgoing.refresh_from_db()
    assert outgoing.due_at is not None
    assert outgoing.due_at > timezone.now() + timedelta(days=8)
    bob.post(f"/sendings/{outgoing.pk}/time", {"now": "1"})
    outgoing.refresh_from_db()
    assert outgoing.due_at <= timezone.now()
    assert "had a message sent at once" in page(bob, conversation)


def test_a_letter_that_waits_goes_back_into_a_draft(cast: Cast, conversation: Conversation, bob: Client) -> None:
    draft = a_draft(cast, conversation)
    bob.post(f"/drafts/{draft.pk}/sending", form_of(draft, later="own", own_time=in_days(1)))
    bob.post(f"/sendings/{Outgoing.objects.get().pk}/undo")
    assert Draft.objects.get().text == "We come."
    assert "took a message back" in page(bob, conversation)


@pytest.mark.parametrize("typed", ["", "rubbish", "2020-01-01T08:00", "9999-01-01T08:00"])
def test_no_time_is_said_beside_the_field(cast: Cast, conversation: Conversation, bob: Client, typed: str) -> None:
    draft = a_draft(cast, conversation)
    answer = bob.post(f"/drafts/{draft.pk}/sending", form_of(draft, later="own", own_time=typed))
    assert "later-error" in answer.content.decode()
    assert not Outgoing.objects.exists()


def test_what_is_not_put_off_has_no_other_time(cast: Cast, conversation: Conversation, bob: Client) -> None:
    outgoing = replies.send(a_draft(cast, conversation), timezone.now(), seen_until=None)
    before = outgoing.due_at
    bob.post(f"/sendings/{outgoing.pk}/time", {"own_time": in_days(3)})
    outgoing.refresh_from_db()
    assert outgoing.due_at == before


def test_outsiders_find_nothing(cast: Cast, conversation: Conversation, client: Client) -> None:
    draft = a_draft(cast, conversation)
    outgoing = replies.send(a_draft(cast, conversation), timezone.now(), seen_until=None)
    client.force_login(cast.carol)
    assert client.post(f"/sendings/{outgoing.pk}/time", {"now": "1"}).status_code == 404
    assert client.post(f"/drafts/{draft.pk}/address", {"address": "x@y.cz"}).status_code == 404


def test_times_are_those_of_the_persons_clock(cast: Cast, conversation: Conversation, bob: Client) -> None:
    bob.post("/preferences/", {"time_zone": "America/New_York"})
    cast.bob.refresh_from_db()
    assert cast.bob.time_zone == "America/New_York"
    draft = a_draft(cast, conversation)
    bob.post(f"/drafts/{draft.pk}/sending", form_of(draft, later=f"{in_days(3)[:10]}T08:00"))
    due_at = Outgoing.objects.get().due_at
    assert due_at is not None
    assert due_at.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M") == "08:00"
    assert "08:00" in page(bob, conversation) or "8 a.m." in page(bob, conversation)
    assert bob.post("/preferences/", {"time_zone": "Nowhere/At_All"}).status_code == 422
    bob.force_login(cast.alice)
    page(bob, conversation)
    assert timezone.get_current_timezone_name() == timezone.get_default_timezone_name()


# --- what it waits for -----------------------------------------------------------------------------------


def test_what_waits_for_its_turn_or_for_room_says_so(cast: Cast, conversation: Conversation, bob: Client) -> None:
    past = timezone.now() - timedelta(minutes=5)
    first = replies.send(a_draft(cast, conversation), past, seen_until=None)
    second = replies.send(a_draft(cast, conversation), past, seen_until=None)
    assert "Waits for an earlier message" in page(bob, conversation)
    queue.withdraw(first)
    Outgoing.objects.filter(pk=second.pk).update(last_code="limit", due_at=timezone.now() + timedelta(minutes=40))
    assert "as many messages within an hour as it may" in page(bob, conversation)
    bob.force_login(cast.dan)
    assert "as many messages within an hour as it may" in bob.get("/administration/outbox/").content.decode()


# --- what came back --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reported", "permanent", "words"),
    [
        ("failed", True, "could not be delivered to jana@example.cz, and trying again will not help"),
        ("failed", False, "could not be delivered to jana@example.cz. Later it may work"),
        ("delayed", False, "has not reached jana@example.cz yet"),
    ],
)
def test_what_a_report_says_stands_at_the_letter(
    cast: Cast, conversation: Conversation, bob: Client, reported: str, permanent: bool, words: str
) -> None:
    outgoing = replies.send(a_draft(cast, conversation), timezone.now(), seen_until=None)
    Outgoing.objects.filter(pk=outgoing.pk).update(state=Outgoing.State.SENT)
    Recipient.objects.update(
        state="accepted", reported=reported, reported_status="5.1.1", reported_reason="<b>gone</b>",
        reported_permanent=permanent, reported_at=timezone.now(),
    )  # fmt: skip
    shown = page(bob, conversation)
    assert words in shown
    assert "There is no such address." in shown
    assert "&lt;b&gt;gone" in shown


def test_a_refusal_is_explained(cast: Cast, conversation: Conversation, bob: Client, clock: Clock) -> None:
    replies.send(a_draft(cast, conversation), clock(), seen_until=None, undo_within=timedelta(0))
    full = Outcome({"jana@example.cz": Reply(552, "5.2.2 over quota")}, None)
    deliver_due(transport=RecordingTransport([full]), now=clock, archive=sent.file_sent)
    assert "The mailbox is full." in page(bob, conversation)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "There is no such address."),
        ("5.2.2", "The mailbox is full."),
        ("4.7.1", "greylisting"),
        ("5.7.1", "The server refused it"),
        ("5.7.26", "SPF"),
        ("2.0.0", ""),
        ("", ""),
    ],
)
def test_codes_have_words(status: str, words: str) -> None:
    assert words in status_words(status)
    assert bool(words) == bool(status_words(status))
    assert reply_words("550 5.1.1 <x@y.cz>: unknown") == "There is no such address."


# --- bad addresses ---------------------------------------------------------------------------------------


def test_the_composer_warns_of_an_address_that_mail_came_back_from(
    cast: Cast, conversation: Conversation, bob: Client
) -> None:
    outgoing = replies.send(a_draft(cast, conversation), timezone.now(), seen_until=None)
    remember_bad("jana@example.cz", outgoing, "5.1.1", "no such user", timezone.now())
    draft = a_draft(cast, conversation)
    assert "Mail to jana@example.cz came back." in page(bob, conversation)
    saved = bob.post(f"/drafts/{draft.pk}/", form_of(draft), headers={"Accept": "application/json"}).json()
    assert "Mail to jana@example.cz came back." in saved["bad"]
    draft.refresh_from_db()
    to_other = form_of(draft, to="petr@example.cz")
    assert bob.post(f"/drafts/{draft.pk}/", to_other, headers={"Accept": "application/json"}).json()["bad"] == ""


def test_a_person_who_knows_better_clears_it(cast: Cast, conversation: Conversation, bob: Client) -> None:
    outgoing = replies.send(a_draft(cast, conversation), timezone.now(), seen_until=None)
    for address in ("jana@example.cz", "petr@example.cz"):
        remember_bad(address, outgoing, "5.1.1", "no such user", timezone.now())
    draft = a_draft(cast, conversation)
    bob.post(f"/drafts/{draft.pk}/address", form_of(draft, address="petr@example.cz"))  # not shown to them
    bob.post(f"/drafts/{draft.pk}/address", form_of(draft, address="jana@example.cz"))
    assert [row.address for row in BadAddress.objects.filter(cleared_at=None)] == ["petr@example.cz"]
    assert BadAddress.objects.get(address="jana@example.cz").cleared_by == cast.bob
    assert not bounces.known_bad(["jana@example.cz"], cast.bob)


# --- floods ----------------------------------------------------------------------------------------------


@pytest.fixture
def held(cast: Cast) -> Flood:
    cast.helpdesk.flood_messages = 2
    cast.helpdesk.save()
    for _ in range(2):
        receive(a_mail(sender="robot@example.cz"), cast.helpdesk_gateway, timezone.now())
    return Flood.objects.get()


def test_what_is_held_is_listed_with_what_to_do(cast: Cast, held: Flood, bob: Client) -> None:
    assert "/desk/held/" in bob.get("/desk/all/").content.decode()
    shown = bob.get("/desk/held/").content.decode()
    assert "2 messages from robot@example.cz to Helpdesk are held" in shown
    assert f"/floods/{held.pk}/release" in shown
    assert "robot@example.cz" in bob.get(f"/desk/process-{cast.helpdesk.pk}-held/").content.decode()


@pytest.mark.parametrize(("decision", "status"), [("release", "open"), ("closure", "closed")])
def test_somebody_of_the_team_decides(held: Flood, bob: Client, decision: str, status: str) -> None:
    assert bob.post(f"/floods/{held.pk}/{decision}").status_code == 303
    assert set(Conversation.objects.values_list("status", "flood")) == {(status, None)}
    assert "/desk/held/" not in bob.get("/desk/all/").content.decode()


def test_others_neither_see_nor_decide(cast: Cast, held: Flood, client: Client) -> None:
    for person in (cast.carol, cast.dan, cast.eve):
        client.force_login(person)
        assert "robot@example.cz" not in client.get("/desk/held/").content.decode()
        assert client.post(f"/floods/{held.pk}/release").status_code == 404
        assert client.post(f"/floods/{held.pk}/closure").status_code == 404
    assert client.get(f"/floods/{held.pk}/release").status_code == 405
