"""The conversation page: what stands on it, for whom, and what can be done there."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.desk import notes, presence
from podatelna.desk.models import Conversation, Entry, Reading
from podatelna.outbox.models import Outgoing
from podatelna.web.desk.timeline import timeline
from tests.cast import Cast, a_mail, receive


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(conversation: Conversation, more: str = "") -> str:
    return f"/conversations/{conversation.pk}/{more}"


HTMX = {"HX-Request": "true"}


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail("Broken <washing> machine", "Hello & goodbye\n\n> what you wrote\n"), cast.helpdesk_gateway)


def test_the_page_shows_who_wrote_and_what(cast: Cast, conversation: Conversation) -> None:
    html = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert "Broken &lt;washing&gt; machine" in html
    assert "Jana Nováková" in html
    assert "jana@example.cz" in html
    assert "Hello &amp; goodbye" in html
    assert "<washing>" not in html


def test_quoted_text_is_folded(cast: Cast, conversation: Conversation) -> None:
    html = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert '<details class="folded quote">' in html


@pytest.mark.parametrize("name", ["carol", "dan", "eve"])
def test_outsiders_get_404_on_every_url(cast: Cast, conversation: Conversation, name: str) -> None:
    client = signed_in(getattr(cast, name))
    message = conversation.entries.get(kind=Entry.Kind.MESSAGE).message
    gets = [
        "",
        "changed",
        *(f"messages/{message.pk}/{more}" for more in ("", "body", "headers", "original", "parts/0")),
    ]
    posts = ["closure", "closure/undo", "assignment", "assignment/undo", "notes", "drafts"]
    answers = {more: client.get(url(conversation, more)).status_code for more in gets}
    answers |= {
        more: client.post(url(conversation, more), {"text": "x", "kind": "reply"}).status_code for more in posts
    }
    assert set(answers.values()) == {404}, answers
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.OPEN


def test_a_visitor_is_sent_to_sign_in(conversation: Conversation) -> None:
    answer = Client().get(url(conversation))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_the_pane_alone_is_given_to_a_list_with_the_side_panel(cast: Cast, conversation: Conversation) -> None:
    client = signed_in(cast.bob)
    html = client.get(url(conversation), headers={**HTMX, "HX-Target": "conversation"}).content.decode()
    assert "<html" not in html
    assert '<aside id="side" hx-swap-oob="innerHTML">' in html


def test_what_is_shown_counts_as_read(cast: Cast, conversation: Conversation) -> None:
    signed_in(cast.bob).get(url(conversation))
    assert Reading.objects.filter(person=cast.bob, conversation=conversation).exists()
    assert not Reading.objects.filter(person=cast.alice).exists()


def test_the_first_unread_entry_is_marked(cast: Cast, conversation: Conversation) -> None:
    client = signed_in(cast.bob)
    client.get(url(conversation))
    later = timezone.now() + timedelta(minutes=1)
    notes.add(conversation, cast.alice, "please call her", later)
    html = client.get(url(conversation)).content.decode()
    note = conversation.entries.get(kind=Entry.Kind.NOTE)
    assert f'id="entry-{note.pk}" data-version="1" data-first-unread' in html


def test_closing_answers_with_the_page_and_an_undo(cast: Cast, conversation: Conversation) -> None:
    client = signed_in(cast.bob)
    answer = client.post(url(conversation, "closure"), headers=HTMX)
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.CLOSED
    toast = json.loads(answer["HX-Trigger"])["desk:toast"]
    assert f'id="timeline-{conversation.pk}"' in answer.content.decode()
    client.post(toast["undo_url"], headers=HTMX)
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.OPEN


def test_closing_and_reopening_work_without_javascript(cast: Cast, conversation: Conversation) -> None:
    client = signed_in(cast.bob)
    answer = client.post(url(conversation, "closure"))
    assert (answer.status_code, answer["Location"]) == (303, url(conversation))
    client.post(url(conversation, "closure"), {"_method": "DELETE"})
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.OPEN


def test_delete_of_the_closure_reopens(cast: Cast, conversation: Conversation) -> None:
    client = signed_in(cast.bob)
    conversation.close(cast.alice, timezone.now())
    client.delete(url(conversation, "closure"), headers=HTMX)
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.OPEN


def test_forms_need_the_token(cast: Cast, conversation: Conversation) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.bob)
    assert client.post(url(conversation, "closure")).status_code == 403


def test_taking_it_and_the_undo(cast: Cast, conversation: Conversation) -> None:
    client = signed_in(cast.bob)
    conversation.assign(cast.alice, cast.alice, timezone.now())
    answer = client.post(url(conversation, "assignment"), {"person": cast.bob.pk}, headers=HTMX)
    conversation.refresh_from_db()
    assert conversation.assignee == cast.bob
    client.post(json.loads(answer["HX-Trigger"])["desk:toast"]["undo_url"], headers=HTMX)
    conversation.refresh_from_db()
    assert conversation.assignee == cast.alice


@pytest.mark.parametrize("whom", ["carol", "nonsense", "99999999999999999999"])
def test_it_cannot_be_given_to_somebody_outside_the_team(cast: Cast, conversation: Conversation, whom: str) -> None:
    person = getattr(cast, whom).pk if whom == "carol" else whom
    answer = signed_in(cast.bob).post(url(conversation, "assignment"), {"person": person})
    conversation.refresh_from_db()
    assert (answer.status_code, conversation.assignee) == (404, None)


def test_who_gives_away_what_was_theirs_alone_leaves_the_page(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.carol, cast.alice, timezone.now())
    client = signed_in(cast.carol)
    assert client.get(url(conversation)).status_code == 200
    answer = client.post(url(conversation, "assignment"), {"person": cast.bob.pk}, headers=HTMX)
    assert answer["HX-Redirect"] == "/"
    assert answer.content == b""
    assert client.get(url(conversation)).status_code == 404


def test_whoever_else_looks_is_named(cast: Cast, conversation: Conversation) -> None:
    presence.seen(conversation, cast.alice, timezone.now(), True)
    assert "Alice is writing…" in signed_in(cast.bob).get(url(conversation)).content.decode()


def test_the_side_panel_lists_other_conversations_that_one_may_see(cast: Cast, conversation: Conversation) -> None:
    receive(a_mail("A second question"), cast.helpdesk_gateway)
    receive(a_mail("A secret offer", to="sales@acme.cz"), cast.sales_gateway)
    html = signed_in(cast.bob).get(url(conversation)).content.decode()
    side = html[html.index('id="side-partner"') :]
    assert "1 other conversation" in side
    assert "A second question" in side
    assert "A secret offer" not in html


def test_the_side_panel_says_who_can_see_it(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.carol, cast.alice, timezone.now())
    html = signed_in(cast.bob).get(url(conversation)).content.decode()
    side = html[html.index("Who can see this") :]
    assert all(name in side for name in ("Alice", "Bob", "Carol"))
    assert "Eve" not in side


def test_long_conversations_show_the_last_entries_and_all_on_demand(cast: Cast, conversation: Conversation) -> None:
    for number in range(60):
        notes.add(conversation, cast.alice, f"note {number}.", timezone.now())
    client = signed_in(cast.bob)
    html = client.get(url(conversation)).content.decode()
    assert "note 59." in html
    assert "note 3." not in html
    assert "Show 21 earlier entries" in html
    assert "note 3." in client.get(url(conversation, "?all")).content.decode()


def test_read_messages_are_folded_but_for_the_last_two(cast: Cast) -> None:
    conversation = receive(a_mail(message_id="first"), cast.helpdesk_gateway)
    for number in range(4):
        receive(a_mail(f"Re: {number}", in_reply_to="first"), cast.helpdesk_gateway)
    now = timezone.now()
    Reading.objects.create(person=cast.bob, conversation=conversation, read_at=now)
    shown = timeline(conversation, cast.bob, now).entries
    assert [view.is_open for view in shown if view.message] == [False, False, False, True, True]


def test_a_folded_message_is_fetched_by_itself(cast: Cast, conversation: Conversation) -> None:
    message = conversation.entries.get(kind=Entry.Kind.MESSAGE).message
    html = signed_in(cast.bob).get(url(conversation, f"messages/{message.pk}/?fragment"), headers=HTMX).content.decode()
    assert html.strip().startswith('<div class="letter-content">')
    assert "Hello &amp; goodbye" in html


def test_what_changed_comes_without_the_composer(cast: Cast, conversation: Conversation) -> None:
    html = signed_in(cast.bob).get(url(conversation, "changed"), headers=HTMX).content.decode()
    assert f'id="conversation-head-{conversation.pk}"' in html
    assert f'id="composer-{conversation.pk}"' not in html


def test_the_way_back_is_the_list_one_came_from(cast: Cast, conversation: Conversation) -> None:
    client = signed_in(cast.bob)
    here = f"http://testserver{url(conversation)}?in=unassigned"
    html = client.get(url(conversation, "changed"), headers={**HTMX, "HX-Current-URL": here}).content.decode()
    assert 'href="/desk/unassigned/" data-key="u"' in html
    strange = client.get(url(conversation, "?in=//evil.example/")).content.decode()
    assert "evil.example" not in strange[strange.index("conversation-head") :]


def test_czech_is_complete_with_its_plurals(cast: Cast, conversation: Conversation) -> None:
    cast.bob.language = "cs"
    cast.bob.save()
    receive(a_mail("A second question"), cast.helpdesk_gateway)
    html = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert "1 další konverzace" in html
    assert "Odpovědět všem" in html


@pytest.mark.parametrize(
    ("state", "fields", "words"),
    [
        ("failed", {"last_code": "rejected", "last_reply": "550 no such user"}, "550 no such user"),
        ("uncertain", {"last_code": "uncertain"}, "It may have been sent"),
        (
            "waiting",
            {"attempts": 2, "last_code": "temporary", "due_at": timezone.now()},
            "Not sent yet, after 2 attempts",
        ),
        ("sending", {"attempts": 1}, "Being sent…"),
        ("sent", {"attempts": 1, "sent_at": timezone.now()}, "Sent"),
    ],
)
def test_every_state_of_sending_has_its_words(
    cast: Cast, conversation: Conversation, state: str, fields: dict[str, object], words: str
) -> None:
    outgoing = answer_of(cast.bob, conversation)
    Outgoing.objects.filter(pk=outgoing.pk).update(state=state, **fields)
    assert words in signed_in(cast.bob).get(url(conversation)).content.decode()


def test_a_partly_refused_message_names_whom_it_did_not_reach(cast: Cast, conversation: Conversation) -> None:
    outgoing = answer_of(cast.bob, conversation)
    Outgoing.objects.filter(pk=outgoing.pk).update(state="sent", attempts=1)
    outgoing.recipients.update(state="refused", reply="550 mailbox full")
    html = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert "Sent, but not to everybody" in html
    assert "550 mailbox full" in html


def test_a_failed_message_is_tried_again_or_becomes_a_draft(cast: Cast, conversation: Conversation) -> None:
    client = signed_in(cast.bob)
    outgoing = answer_of(cast.bob, conversation)
    Outgoing.objects.filter(pk=outgoing.pk).update(state="failed", due_at=None)
    client.post(f"/sendings/{outgoing.pk}/attempt", headers=HTMX)
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.WAITING
    Outgoing.objects.filter(pk=outgoing.pk).update(state="failed", due_at=None)
    client.post(f"/sendings/{outgoing.pk}/draft", headers=HTMX)
    assert cast.bob.drafts.get().text == "We are on it."
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.FAILED
    html = client.get(url(conversation)).content.decode()
    assert "it was taken up again as a draft" in html
    assert f"/sendings/{outgoing.pk}/attempt" not in html


def test_what_waits_for_its_undo_does_not_become_a_second_draft(cast: Cast, conversation: Conversation) -> None:
    outgoing = answer_of(cast.bob, conversation)
    signed_in(cast.alice).post(f"/sendings/{outgoing.pk}/draft", headers=HTMX)
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.WAITING
    assert not cast.alice.drafts.exists()


def test_an_uncertain_message_is_settled_by_a_person(cast: Cast, conversation: Conversation) -> None:
    outgoing = answer_of(cast.bob, conversation)
    Outgoing.objects.filter(pk=outgoing.pk).update(state="uncertain", due_at=None)
    signed_in(cast.alice).post(f"/sendings/{outgoing.pk}/sent", headers=HTMX)
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.SENT


@pytest.mark.parametrize("more", ["undo", "attempt", "sent", "draft"])
def test_outsiders_cannot_touch_what_is_being_sent(cast: Cast, conversation: Conversation, more: str) -> None:
    outgoing = answer_of(cast.bob, conversation)
    assert signed_in(cast.eve).post(f"/sendings/{outgoing.pk}/{more}").status_code == 404
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.WAITING


def answer_of(person: Person, conversation: Conversation) -> Outgoing:
    client = signed_in(person)
    client.post(url(conversation, "drafts"), {"kind": "reply"})
    draft = person.drafts.get()
    newest = conversation.entries.order_by("-pk")[0].pk
    form = {"revision": draft.revision, "to": "jana@example.cz", "text": "We are on it.", "seen_until": newest}
    client.post(f"/drafts/{draft.pk}/sending", form)
    return Outgoing.objects.get()
