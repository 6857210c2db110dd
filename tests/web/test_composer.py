"""Writing: drafts that are never lost, checks before sending, and the Undo."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from podatelna.desk.models import Conversation, Draft, Entry
from podatelna.outbox.models import Outgoing
from podatelna.web.desk import composer, draft_files
from tests.cast import Cast, a_mail, receive
from tests.web.test_conversation import HTMX, signed_in, url


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(message_id="question"), cast.helpdesk_gateway)


@pytest.fixture
def bob(cast: Cast) -> Client:
    return signed_in(cast.bob)


def opened(client: Client, conversation: Conversation, kind: str = "reply") -> Draft:
    client.post(url(conversation, "drafts"), {"kind": kind}, headers=HTMX)
    return Draft.objects.get(conversation=conversation)


def form_of(draft: Draft, **fields: object) -> dict[str, object]:
    newest = Entry.objects.order_by("-pk").first()
    form = {name: getattr(draft, name) for name in ("revision", "sender", "to", "cc", "bcc", "subject", "text")}
    return {**form, "seen_until": newest.pk if newest else 0, **fields}


def save(client: Client, draft: Draft, **fields: object):  # type: ignore[no-untyped-def]
    return client.post(f"/drafts/{draft.pk}/", form_of(draft, **fields), headers={"Accept": "application/json"})


def send(client: Client, draft: Draft, **fields: object):  # type: ignore[no-untyped-def]
    return client.post(f"/drafts/{draft.pk}/sending", form_of(draft, **fields), headers=HTMX)


def test_reply_opens_in_place_filled_in(bob: Client, conversation: Conversation) -> None:
    html = bob.post(url(conversation, "drafts"), {"kind": "reply"}, headers=HTMX).content.decode()
    assert "<html" not in html
    assert 'value="Jana Nováková &lt;jana@example.cz&gt;"' in html
    assert 'value="Re: Broken washing machine"' in html
    assert '<option value="helpdesk@acme.cz"' in html


@pytest.mark.parametrize("kind", ["", "new", "nonsense"])
def test_only_kinds_of_a_conversation_open(bob: Client, conversation: Conversation, kind: str) -> None:
    assert bob.post(url(conversation, "drafts"), {"kind": kind}).status_code == 404


def test_a_reload_brings_the_draft_back(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    assert save(bob, draft, text="half a sentence").json()["revision"] == draft.revision + 1
    assert "half a sentence" in bob.get(url(conversation)).content.decode()


def test_line_ends_are_kept_as_one_character(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    save(bob, draft, text="one\r\ntwo")
    draft.refresh_from_db()
    assert draft.text == "one\ntwo"


def test_another_window_is_told_and_nothing_is_overwritten(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    save(bob, draft, text="from the first window")
    answer = save(bob, draft, text="from the second window")
    assert answer.status_code == 409
    assert answer.json()["text"] == "from the first window"
    draft.refresh_from_db()
    assert draft.text == "from the first window"


def test_sending_from_a_stale_window_shows_both_texts(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    save(bob, draft, text="from the first window")
    html = send(bob, draft, text="from the second window").content.decode()
    assert "from the first window" in html
    assert "from the second window</textarea>" in html
    assert not Outgoing.objects.exists()


def test_sending_answers_with_the_timeline_and_an_undo(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    answer = send(bob, draft, text="We are on it.")
    outgoing = Outgoing.objects.get()
    html = answer.content.decode()
    assert "We are on it." in html
    assert f'id="timeline-{conversation.pk}"' in html
    assert "composer-buttons" in html
    toast = json.loads(answer["HX-Trigger"])["desk:toast"]
    assert toast["undo_url"] == f"/sendings/{outgoing.pk}/undo"


def test_undo_brings_the_draft_back_into_the_composer(bob: Client, conversation: Conversation) -> None:
    send(bob, opened(bob, conversation), text="Too fast.")
    outgoing = Outgoing.objects.get()
    here = {**HTMX, "HX-Current-URL": f"http://testserver{url(conversation)}?in=mine"}
    answer = bob.post(f"/sendings/{outgoing.pk}/undo", headers=here)
    outgoing.refresh_from_db()
    assert outgoing.state == Outgoing.State.WITHDRAWN
    assert answer["HX-Retarget"] == f"#composer-{conversation.pk}"
    assert "Too fast.</textarea>" in answer.content.decode()


def test_undo_from_elsewhere_leads_to_the_conversation(bob: Client, conversation: Conversation) -> None:
    send(bob, opened(bob, conversation), text="Too fast.")
    outgoing = Outgoing.objects.get()
    here = {**HTMX, "HX-Current-URL": "http://testserver/desk/mine/"}
    answer = bob.post(f"/sendings/{outgoing.pk}/undo", headers=here)
    assert json.loads(answer["HX-Location"]) == {"path": url(conversation), "target": "#conversation"}


def test_undo_comes_too_late_once_it_is_on_its_way(bob: Client, conversation: Conversation) -> None:
    send(bob, opened(bob, conversation), text="Gone.")
    Outgoing.objects.update(state="sending", attempts=1)
    answer = bob.post(f"/sendings/{Outgoing.objects.get().pk}/undo", headers=HTMX)
    assert "Too late" in json.loads(answer["HX-Trigger"])["desk:toast"]["text"]
    assert not Draft.objects.exists()


def test_send_and_close_is_undone_together(bob: Client, conversation: Conversation) -> None:
    answer = send(bob, opened(bob, conversation), text="Solved.", close="1")
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.CLOSED
    bob.post(json.loads(answer["HX-Trigger"])["desk:toast"]["undo_url"], headers=HTMX)
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.OPEN


def test_a_colleagues_answer_stops_sending_and_is_shown(cast: Cast, bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    seen = form_of(draft)["seen_until"]
    alice = signed_in(cast.alice)
    alice.post(url(conversation, "drafts"), {"kind": "reply"}, headers=HTMX)
    send(alice, cast.alice.drafts.get(), text="I have sent her the part.")
    html = send(bob, draft, text="What is broken?", seen_until=seen).content.decode()
    assert "I have sent her the part." in html
    assert "Send anyway" in html
    assert "What is broken?</textarea>" in html
    assert Outgoing.objects.count() == 1
    draft.refresh_from_db()
    again = re.search(r'name="seen_until" value="(\d+)"', html)
    assert again is not None
    send(bob, draft, text="What is broken?", seen_until=again[1])
    assert Outgoing.objects.count() == 2


def test_a_page_that_does_not_say_what_it_saw_is_stopped(cast: Cast, bob: Client, conversation: Conversation) -> None:
    html = send(bob, opened(bob, conversation), text="x", seen_until="").content.decode()
    assert "Nothing was sent" in html
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"to": ""}, "to", "Say whom it goes to."),
        ({"to": "jana@example.cz, nobody"}, "to", "“nobody” is no e-mail address"),
        ({"cc": "no one at all"}, "cc", "is no e-mail address"),
        ({"text": "  "}, "text", "There is nothing in it yet."),
        ({"sender": "ceo@acme.cz"}, "sender", "You may not write from this address"),
    ],
)
def test_what_stands_in_the_way_is_said_beside_its_field(
    bob: Client, conversation: Conversation, fields: dict[str, str], field: str, words: str
) -> None:
    html = send(bob, opened(bob, conversation), **{"text": "Hello", **fields}).content.decode()
    assert f'aria-describedby="{field}-error"' in html
    assert words in re.search(rf'id="{field}-error">([^<]*)', html)[1]  # type: ignore[index]
    assert not Outgoing.objects.exists()


def test_what_could_not_be_sent_is_still_saved(bob: Client, conversation: Conversation) -> None:
    send(bob, opened(bob, conversation), to="nobody", text="A long thought.")
    assert Draft.objects.get().text == "A long thought."


def test_a_note_is_added_and_its_draft_is_done_with(bob: Client, conversation: Conversation) -> None:
    opened(bob, conversation, "note")
    html = bob.post(url(conversation, "notes"), {"text": "Call her."}, headers=HTMX).content.decode()
    assert "Call her." in html
    assert conversation.entries.get(kind=Entry.Kind.NOTE).text == "Call her."
    assert not Draft.objects.exists()


def test_an_empty_note_says_so(bob: Client, conversation: Conversation) -> None:
    html = bob.post(url(conversation, "notes"), {"text": " "}, headers=HTMX).content.decode()
    assert "There is nothing in it yet." in html
    assert not conversation.entries.filter(kind=Entry.Kind.NOTE).exists()


def test_turning_a_reply_into_a_note_keeps_what_was_typed(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    html = bob.post(url(conversation, "drafts"), form_of(draft, text="typed", kind="note"), headers=HTMX)
    assert "typed</textarea>" in html.content.decode()
    assert Draft.objects.get().kind == Draft.Kind.NOTE


def test_discarding_leaves_the_buttons(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    html = bob.post(f"/drafts/{draft.pk}/", {"_method": "DELETE"}, headers=HTMX).content.decode()
    assert "composer-buttons" in html
    assert not Draft.objects.exists()


def test_nobody_touches_anothers_draft(cast: Cast, bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    alice = signed_in(cast.alice)
    assert alice.get(f"/drafts/{draft.pk}/").status_code == 404
    assert save(alice, draft, text="mine now").status_code == 404
    assert alice.post(f"/drafts/{draft.pk}/", {"_method": "DELETE"}).status_code == 404
    assert alice.post(f"/drafts/{draft.pk}/files", {}).status_code == 404
    assert send(alice, draft).status_code == 404


def test_a_draft_is_closed_to_who_no_longer_sees_its_conversation(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.carol, cast.alice, timezone.now())
    carol = signed_in(cast.carol)
    draft = opened(carol, conversation)
    conversation.assign(None, cast.alice, timezone.now())
    assert save(carol, draft, text="x").status_code == 404
    assert send(carol, draft, text="x").status_code == 404
    assert not Outgoing.objects.exists()


# --- files ----------------------------------------------------------------------------------------------------


def attach(client: Client, draft: Draft, name: str = "plan.txt", data: bytes = b"a plan"):  # type: ignore[no-untyped-def]
    upload = SimpleUploadedFile(name, data, "text/plain")
    return client.post(f"/drafts/{draft.pk}/files", {"files": upload}, headers=HTMX)


def test_files_are_attached_looked_at_and_removed(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    assert "plan.txt" in attach(bob, draft).content.decode()
    file = draft.files.get()
    assert bob.get(f"/drafts/{draft.pk}/files/{file.pk}").content == b"a plan"
    html = bob.delete(f"/drafts/{draft.pk}/files/{file.pk}", headers=HTMX).content.decode()
    assert "plan.txt" not in html
    assert not draft.files.exists()


def test_files_beyond_the_limit_are_refused_in_words(
    bob: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft_files, "FILES_LIMIT", 10)
    monkeypatch.setattr(composer, "FILES_LIMIT", 10)
    draft = opened(bob, conversation)
    attach(bob, draft)
    answer = attach(bob, draft, "more.txt")
    assert answer.status_code == 413
    assert "most mail servers take 10\xa0bytes at most" in answer.content.decode()
    assert draft.files.get().name == "plan.txt"


def test_a_file_of_anothers_draft_is_not_given_out(cast: Cast, bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    attach(bob, draft)
    assert signed_in(cast.alice).get(f"/drafts/{draft.pk}/files/{draft.files.get().pk}").status_code == 404


# --- a new message ----------------------------------------------------------------------------------------------


def test_compose_goes_straight_to_the_draft_where_there_is_one_process(cast: Cast, bob: Client) -> None:
    answer = bob.get("/compose/")
    draft = Draft.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/drafts/{draft.pk}/")
    assert "New message" in bob.get(f"/drafts/{draft.pk}/").content.decode()


def test_going_there_twice_makes_one_draft(cast: Cast, bob: Client) -> None:
    bob.get(f"/compose/?process={cast.helpdesk.pk}")
    bob.get(f"/compose/?process={cast.helpdesk.pk}")
    assert Draft.objects.count() == 1


def test_a_process_that_is_not_ones_own_is_not_written_for(cast: Cast, bob: Client) -> None:
    bob.get(f"/compose/?process={cast.sales.pk}")
    assert Draft.objects.get().process == cast.helpdesk


def test_who_is_in_no_process_is_told_so(cast: Cast) -> None:
    assert "You are in no process yet" in signed_in(cast.eve).get("/compose/").content.decode()


def test_a_new_message_begins_a_conversation_and_undo_takes_it_back(cast: Cast, bob: Client) -> None:
    bob.get("/compose/")
    answer = send(bob, Draft.objects.get(), to="petr@example.cz", subject="Offer", text="Good morning")
    conversation = Conversation.objects.get()
    assert json.loads(answer["HX-Location"])["path"] == url(conversation)
    undo_url = json.loads(answer["HX-Trigger"])["desk:toast"]["undo_url"]
    answer = bob.post(undo_url, headers=HTMX)
    assert json.loads(answer["HX-Location"])["path"] == f"/drafts/{Draft.objects.get().pk}/"
    assert Draft.objects.get().text == "Good morning"


# --- without JavaScript -------------------------------------------------------------------------------------------


def test_replying_works_by_plain_forms(bob: Client, conversation: Conversation) -> None:
    answer = bob.post(url(conversation, "drafts"), {"kind": "reply"})
    assert (answer.status_code, answer["Location"]) == (303, url(conversation) + "#composer")
    draft = Draft.objects.get()
    upload = SimpleUploadedFile("plan.txt", b"a plan", "text/plain")
    bob.post(f"/drafts/{draft.pk}/files", form_of(draft, text="Here it is.", files=upload))
    draft.refresh_from_db()
    assert draft.text == "Here it is."
    answer = bob.post(f"/drafts/{draft.pk}/sending", form_of(draft))
    assert (answer.status_code, answer["Location"]) == (303, url(conversation))
    assert b"plan.txt" in bob.get(url(conversation)).content


def test_an_error_without_javascript_is_a_whole_page_with_the_text(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    html = bob.post(f"/drafts/{draft.pk}/sending", form_of(draft, to="nobody", text="Kept.")).content.decode()
    assert "<html" in html
    assert "Kept.</textarea>" in html
    assert "is no e-mail address" in html


def test_saving_without_javascript_returns_to_the_page(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    answer = bob.post(f"/drafts/{draft.pk}/", form_of(draft, text="kept"))
    assert answer.status_code == 303
    assert "kept</textarea>" in bob.get(answer["Location"]).content.decode()


def test_an_old_undo_leaves_later_entries_alone(cast: Cast, bob: Client, conversation: Conversation) -> None:
    send(bob, opened(bob, conversation), text="First.")
    first = Outgoing.objects.get()
    Outgoing.objects.update(due_at=timezone.now() - timedelta(hours=1), state="sent", attempts=1)
    bob.post(f"/sendings/{first.pk}/undo", headers=HTMX)
    assert conversation.entries.filter(outgoing=first).exists()


def test_an_empty_draft_from_long_ago_does_not_open_by_itself(bob: Client, conversation: Conversation) -> None:
    draft = opened(bob, conversation)
    assert b"composer-actions" in bob.get(url(conversation)).content
    Draft.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert b"composer-buttons" in bob.get(url(conversation)).content
    save(bob, draft, text="half a sentence")
    Draft.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert b"composer-actions" in bob.get(url(conversation)).content


@pytest.mark.parametrize("page", ["/compose/", "/drafts/{}/"])
def test_pages_of_the_composer_fit_into_the_pane(cast: Cast, bob: Client, page: str) -> None:
    bob.get("/compose/")
    headers = {**HTMX, "HX-Target": "conversation"}
    html = bob.get(page.format(Draft.objects.get().pk), headers=headers, follow=True).content.decode()
    assert "<html" not in html
    assert "composer" in html


def test_a_discarded_new_message_leads_away_from_its_page(cast: Cast, bob: Client) -> None:
    bob.get("/compose/")
    draft = Draft.objects.get()
    answer = bob.post(f"/drafts/{draft.pk}/", {"_method": "DELETE"}, headers=HTMX)
    assert answer["HX-Redirect"] == "/"
    assert "Draft discarded." in bob.get("/desk/mine/").content.decode()
