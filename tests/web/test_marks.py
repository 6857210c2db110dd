"""Tags, priority, tasks, mentions and notices over HTTP."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.desk import mentions, notes, notices, personal, tags, tasks
from podatelna.desk.models import Conversation, Task
from podatelna.desk.priority import set_priority
from podatelna.web.desk.rows import page_of
from tests.cast import NOON, Cast, a_gateway, a_mail, a_person, receive


@pytest.fixture
def washing(cast: Cast) -> Conversation:
    return receive(a_mail("Washing machine"), cast.helpdesk_gateway)


@pytest.fixture
def dryer(cast: Cast) -> Conversation:
    return receive(a_mail("Dryer", sender="karel@example.cz"), cast.helpdesk_gateway)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _page(person: Person, url: str) -> str:
    response = signed_in(person).get(url)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def _do(by: Person, url: str, **fields: object) -> dict[str, str]:
    """POST as the page's own script does; what the toast says, and where its Undo leads."""
    response = signed_in(by).post(url, fields, headers={"HX-Request": "true"})
    assert response.status_code in {200, 204}, response.status_code
    toast: dict[str, str] = json.loads(response["HX-Trigger"])["desk:toast"]
    return toast


# --- tags ----------------------------------------------------------------------------------------------------


def test_tags_typed_with_commas_are_put_on_and_stand_in_the_row(cast: Cast, washing: Conversation) -> None:
    said = _do(cast.bob, f"/conversations/{washing.pk}/tags", name="VIP, Záruka ,")
    assert said["text"] == "Tagged: VIP, Záruka."
    page = _page(cast.alice, "/desk/all/")
    assert ">VIP<" in page
    assert ">Záruka<" in page
    _do(cast.bob, said["undo_url"])
    assert tags.tags_of(washing) == []


def test_a_tag_is_taken_off_and_put_back_by_undo(cast: Cast, washing: Conversation) -> None:
    tags.add_tag(washing, "VIP", cast.bob, NOON)
    said = _do(cast.bob, f"/conversations/{washing.pk}/tags", name="VIP", _method="DELETE")
    assert tags.tags_of(washing) == []
    _do(cast.bob, said["undo_url"])
    assert tags.tags_of(washing) == ["VIP"]


@pytest.mark.parametrize("typed", ["", " , ", "x" * 51, "VIP, jana@example.cz"])
def test_what_is_no_tag_is_said_and_nothing_is_put_on(cast: Cast, washing: Conversation, typed: str) -> None:
    said = _do(cast.bob, f"/conversations/{washing.pk}/tags", name=typed)
    assert "tag" in said["text"]
    assert tags.tags_of(washing) == []


def test_a_tag_is_only_text(cast: Cast, washing: Conversation) -> None:
    tags.add_tag(washing, "<b>&", cast.bob, NOON)
    for url in ("/desk/all/", f"/conversations/{washing.pk}/", "/tags"):
        assert b"<b>&" not in signed_in(cast.bob).get(url).content


def test_the_selected_are_tagged_together_and_undo_leaves_what_was_there(
    cast: Cast, washing: Conversation, dryer: Conversation
) -> None:
    tags.add_tag(dryer, "VIP", cast.bob, NOON)
    said = _do(cast.bob, "/selection/tags", name="vip", conversation=[washing.pk, dryer.pk])
    assert tags.tags_of(washing) == ["VIP"]  # as it is spelled already
    _do(cast.bob, said["undo_url"])
    assert tags.tags_on([washing.pk, dryer.pk]) == {dryer.pk: ["VIP"]}


def test_what_one_does_not_see_is_not_tagged_by_selecting_it(cast: Cast, washing: Conversation) -> None:
    _do(cast.carol, "/selection/tags", name="vip", conversation=[washing.pk])
    _do(cast.carol, "/selection/priority", priority="high", conversation=[washing.pk])
    washing.refresh_from_db()
    assert (tags.tags_of(washing), washing.priority) == ([], 0)


def test_tags_of_others_are_not_offered(cast: Cast, washing: Conversation) -> None:
    tags.add_tag(washing, "VIP", cast.bob, NOON)
    assert signed_in(cast.bob).get("/tags").content == b"<option>VIP</option>"
    assert signed_in(cast.carol).get("/tags").content == b""


# --- priority ------------------------------------------------------------------------------------------------


def test_what_presses_says_so_in_its_row_and_has_a_list(cast: Cast, washing: Conversation, dryer: Conversation) -> None:
    said = _do(cast.bob, f"/conversations/{washing.pk}/priority", priority="high")
    for url in ("/desk/high/", f"/desk/process-{cast.helpdesk.pk}-high/"):
        page = _page(cast.bob, url)
        assert "Washing machine" in page
        assert "Dryer" not in page
    assert re.search(r'badge warn">.{0,150}High<', _page(cast.bob, "/desk/all/"))
    _do(cast.bob, said["undo_url"])
    assert "Washing machine" not in _page(cast.bob, "/desk/high/")


def test_what_presses_stands_first_where_one_wants_it_page_by_page(cast: Cast) -> None:
    for number, priority in enumerate(["normal", "high", "low", "high", "normal"]):
        mail = a_mail(f"Mail {number}", sender=f"p{number}@example.cz")
        set_priority(receive(mail, cast.helpdesk_gateway, NOON + timedelta(hours=number)), priority, cast.bob, NOON)
    subjects, before = [], ""
    while True:
        page = page_of("all", cast.bob, before=before, size=2, pressing_first=True)
        subjects += [row.conversation.subject for row in page.rows]
        before = page.older
        if not before:
            break
    assert subjects == ["Mail 3", "Mail 1", "Mail 4", "Mail 0", "Mail 2"]


def test_the_order_is_kept_for_every_open_list(cast: Cast, washing: Conversation, dryer: Conversation) -> None:
    set_priority(washing, "high", cast.bob, NOON)
    Conversation.objects.filter(pk=dryer.pk).update(last_message_at=NOON + timedelta(hours=1))
    client = signed_in(cast.bob)
    slug = f"process-{cast.helpdesk.pk}"
    for first, expected in (("high", ["Washing machine", "Dryer"]), ("", ["Dryer", "Washing machine"])):
        response = client.post(f"/desk/{slug}/order", {"first": first})
        assert response["Location"] == f"/desk/{slug}/"
        for url in (f"/desk/{slug}/", "/desk/all/rows"):
            page = client.get(url).content.decode()
            assert re.findall(r'row-subject truncate">([^<]*)<', page) == expected


def test_the_selected_get_a_priority_together(cast: Cast, washing: Conversation, dryer: Conversation) -> None:
    set_priority(dryer, "low", cast.bob, NOON)
    said = _do(cast.bob, "/selection/priority", priority="high", conversation=[washing.pk, dryer.pk])
    assert said["text"] == "2 conversations changed."
    _do(cast.bob, said["undo_url"])
    washing.refresh_from_db()
    dryer.refresh_from_db()
    assert (washing.priority, dryer.priority) == (0, -1)


def test_a_priority_that_is_none_is_a_bad_request(cast: Cast, washing: Conversation) -> None:
    response = signed_in(cast.bob).post(f"/conversations/{washing.pk}/priority", {"priority": "urgent"})
    assert response.status_code == 400


# --- tasks ---------------------------------------------------------------------------------------------------


def _add(by: Person, conversation: Conversation, **fields: object) -> dict[str, str]:
    return _do(by, f"/conversations/{conversation.pk}/tasks", **{"text": "Order the pump", **fields})


def test_a_task_stands_in_the_conversation_and_on_the_page_of_whose_it_is(cast: Cast, washing: Conversation) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    _add(cast.alice, washing, person=cast.bob.pk, due=yesterday.isoformat())
    for url in (f"/conversations/{washing.pk}/", "/tasks/"):
        page = _page(cast.bob, url)
        assert "Order the pump" in page
        assert "late:" in page
    assert "Order the pump" not in _page(cast.alice, "/tasks/")


def test_a_task_done_on_the_page_of_tasks_leads_back_there(cast: Cast, washing: Conversation) -> None:
    task = tasks.add_task(washing, "Order the pump", cast.bob, NOON, cast.bob)
    client = signed_in(cast.bob)
    response = client.post(f"/tasks/{task.pk}/done", {"from": "tasks"})
    assert (response.status_code, response["Location"]) == (303, "/tasks/")
    assert "Order the pump" in _page(cast.bob, "/tasks/?done")


def test_a_task_done_is_to_be_done_again_by_undo(cast: Cast, washing: Conversation) -> None:
    task = tasks.add_task(washing, "Order the pump", cast.bob, NOON, cast.bob)
    said = _do(cast.bob, f"/tasks/{task.pk}/done")
    _do(cast.bob, said["undo_url"])
    task.refresh_from_db()
    assert not task.is_done


def test_a_task_just_written_down_goes_by_undo_as_if_it_had_not_been(cast: Cast, washing: Conversation) -> None:
    said = _add(cast.alice, washing, person=cast.bob.pk)
    assert notices.count_new(cast.bob) == 1
    _do(cast.alice, said["undo_url"])
    assert not Task.objects.exists()
    assert notices.count_new(cast.bob) == 0
    assert not washing.entries.filter(verb="task").exists()


def test_nobody_else_undoes_the_writing_down(cast: Cast, washing: Conversation) -> None:
    said = _add(cast.alice, washing)
    _do(cast.bob, said["undo_url"])
    assert Task.objects.exists()


@pytest.mark.parametrize("fields", [{"due": "tomorrow"}, {"text": "  "}])
def test_a_task_that_cannot_be_written_down_is_not(
    cast: Cast, washing: Conversation, fields: dict[str, object]
) -> None:
    assert not _add(cast.bob, washing, **fields).get("undo_url")
    assert not Task.objects.exists()


def test_a_task_gets_another_day_and_undo_gives_the_old_one_back(cast: Cast, washing: Conversation) -> None:
    task = tasks.add_task(washing, "Order the pump", cast.bob, NOON, cast.bob, NOON.date())
    assert tasks.remind(NOON) == 1
    later = (NOON + timedelta(days=3)).date()
    said = _do(cast.bob, f"/tasks/{task.pk}/due", due=later.isoformat())
    task.refresh_from_db()
    assert (task.due, tasks.remind(NOON)) == (later, 0)
    _do(cast.bob, said["undo_url"])
    task.refresh_from_db()
    assert (task.due, tasks.remind(NOON)) == (NOON.date(), 1)


def test_a_task_keeps_its_day_when_what_is_typed_is_none(cast: Cast, washing: Conversation) -> None:
    task = tasks.add_task(washing, "Order the pump", cast.bob, NOON, cast.bob, NOON.date())
    _do(cast.bob, f"/tasks/{task.pk}/due", due="soon")
    task.refresh_from_db()
    assert task.due == NOON.date()


def test_a_task_is_given_to_who_sees_the_conversation_and_to_nobody_else(cast: Cast, washing: Conversation) -> None:
    task = tasks.add_task(washing, "Order the pump", cast.bob, NOON)
    _do(cast.bob, f"/tasks/{task.pk}/", person=cast.alice.pk)
    task.refresh_from_db()
    assert task.person == cast.alice
    response = signed_in(cast.bob).post(f"/tasks/{task.pk}/", {"person": cast.eve.pk})
    assert response.status_code == 404


# --- notices -------------------------------------------------------------------------------------------------


def test_the_bell_counts_what_is_new_and_opening_the_conversation_sees_it(cast: Cast, washing: Conversation) -> None:
    washing.assign(cast.bob, cast.alice, NOON)
    assert "1 new" in _page(cast.bob, "/rail")
    assert "Alice gave it to you" in _page(cast.bob, "/notices/")
    _page(cast.bob, f"/conversations/{washing.pk}/")
    assert "1 new" not in _page(cast.bob, "/rail")
    assert "Alice gave it to you" in _page(cast.bob, "/notices/")


def test_a_notice_about_what_one_sees_no_more_is_not_shown(cast: Cast, washing: Conversation) -> None:
    washing.assign(cast.eve, cast.alice, NOON)
    assert "Washing machine" in _page(cast.eve, "/notices/")
    washing.assign(None, cast.alice, NOON)
    assert "Washing machine" not in _page(cast.eve, "/notices/")
    assert "1 new" not in _page(cast.eve, "/rail")


def test_a_letter_held_or_given_back_is_told_in_words(cast: Cast, washing: Conversation) -> None:
    for details in (
        {"name": "Offers", "review": True},
        {"name": "", "returned": True},
        {"name": "VIP", "text": "Hurry"},
    ):
        notices.notify(cast.bob, "rule", NOON, conversation=washing, details=details)
    page = _page(cast.bob, "/notices/")
    for words in ("A letter waits for a second pair of eyes", "Rule “Offers”", "was given back to you", "Hurry"):
        assert words in page


def test_all_notices_are_marked_as_seen(cast: Cast, washing: Conversation) -> None:
    notices.notify(cast.bob, "target", NOON, conversation=washing, details={"which": "resolution", "late": True})
    assert "It should have been resolved by now" in _page(cast.bob, "/notices/")
    signed_in(cast.bob).post("/notices/seen")
    assert notices.count_new(cast.bob) == 0


def test_a_notice_is_heard_of_by_the_pulse_of_an_open_page(cast: Cast, washing: Conversation) -> None:
    client = signed_in(cast.bob)
    page = client.get("/desk/all/").content.decode()
    cursor = re.search(r'data-cursor="([^"]*)"', page)
    assert cursor is not None
    notices.notify(cast.bob, "target", timezone.now(), conversation=washing)
    assert client.get("/pulse", {"since": cursor[1]}).json()["conversations"] == [washing.pk]


# --- mentions ------------------------------------------------------------------------------------------------


def test_who_is_named_in_a_note_finds_it_among_mentions(cast: Cast, washing: Conversation) -> None:
    signed_in(cast.alice).post(f"/conversations/{washing.pk}/notes", {"text": "Ask @Eve <b>"})
    assert "Washing machine" in _page(cast.eve, "/desk/mentions/")
    assert "Ask @Eve <b>" in _page(cast.eve, "/notices/")
    raw = signed_in(cast.eve).get(f"/conversations/{washing.pk}/").content.decode()
    assert 'Ask <span class="mention">@Eve</span> &lt;b&gt;' in raw


def test_who_was_let_in_by_being_named_is_let_out_again(cast: Cast, washing: Conversation) -> None:
    notes.add(washing, cast.alice, "Ask @eve", NOON)
    assert "Because they were named in a note" in _page(cast.bob, f"/conversations/{washing.pk}/")
    _do(cast.bob, f"/conversations/{washing.pk}/mentioned/{cast.eve.pk}")
    assert signed_in(cast.eve).get(f"/conversations/{washing.pk}/").status_code == 404
    assert "Washing machine" not in _page(cast.eve, "/desk/mentions/")


def test_a_name_that_could_be_several_people_tells_nobody_and_says_so(cast: Cast, washing: Conversation) -> None:
    for number in (1, 2):
        Person.objects.create_person(f"petr{number}@acme.cz", f"Petr {number}")
    notes.add(washing, cast.alice, "Ask @petr", NOON)
    assert "Not told: @petr" in _page(cast.alice, f"/conversations/{washing.pk}/")


def test_whom_one_may_name_is_offered_those_who_see_it_first(cast: Cast, washing: Conversation) -> None:
    url = f"/conversations/{washing.pk}/people"
    offered = signed_in(cast.bob).get(url, {"q": ""}).json()["people"]
    assert [one["name"] for one in offered] == ["Alice", "Carol", "Dan", "Eve"]
    assert [one["beside"] for one in offered] == ["", *["will be let in"] * 3]
    assert signed_in(cast.bob).get(url, {"q": "ca"}).json()["people"][0]["written"] == "@Carol"


def test_two_of_one_name_are_written_so_that_one_is_meant(cast: Cast, washing: Conversation) -> None:
    Person.objects.create_person("alice.second@acme.cz", "Alice")
    offered = signed_in(cast.bob).get(f"/conversations/{washing.pk}/people", {"q": "ali"}).json()["people"]
    assert [one["written"] for one in offered] == ["@alice", "@alice.second"]


def test_nobody_is_let_into_a_personal_desk_by_being_named(cast: Cast) -> None:
    gateway = a_gateway("bob.private@acme.cz", owner=cast.bob)
    personal.take_in(gateway, cast.bob)
    private = receive(a_mail("Private", to="bob.private@acme.cz"), gateway)
    notes.add(private, cast.bob, "Ask @eve", NOON)
    assert not Conversation.objects.visible_to(cast.eve).exists()
    assert signed_in(cast.bob).get(f"/conversations/{private.pk}/people").json()["people"] == []
    assert "Not told: @eve" in _page(cast.bob, f"/conversations/{private.pk}/")


# --- who is meant --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@petr.novak", {"petr.novak"}),
        ("(@Petr Novák)", {"petr.novak"}),
        ("@PETR NOVAK, please", {"petr.novak"}),
        ("@petr novákovi", set()),  # declined: that is another word
        ("@jana.", {"jana"}),
        ("mail to jana@jana", set()),
        ("@@jana", set()),
        ("@Jan", set()),
        ("@jana and @jana and @petr.novak!", {"jana", "petr.novak"}),
        ("@" * 1000, set()),
    ],
)
def test_who_is_meant_by_a_name(db: None, text: str, meant: set[str]) -> None:
    people = [
        Person.objects.create_person("petr.novak@acme.cz", "Petr Novák"),
        Person.objects.create_person("petr.svoboda@acme.cz", "Petr Svoboda"),
        a_person("Jana"),
    ]
    named = mentions.named_in(text, people)
    assert {one.person.email.partition("@")[0] for one in named if one.person} == meant
