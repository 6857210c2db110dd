"""The lists of the desk as their pages: who finds what in them, how rows look, what is done with several at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import Person, Scope
from podatelna.archive.models import Thread
from podatelna.desk.models import Conversation, ConversationScope, Process
from podatelna.gateways.models import Gateway
from tests.cast import NOON, Cast, a_mail, receive

AS_FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def at_desk() -> Callable[[Person], Client]:
    """A browser in which somebody is signed in."""

    def sign_in(person: Person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return sign_in


Desk = Callable[[Person], Client]


def many(process: Process, count: int) -> list[int]:
    """Ids of so many open conversations, three at each minute, the newest first: more than mail would bring quickly."""
    made = []
    for number in range(count):
        scope, at = Scope.objects.create(kind="conversation"), NOON - timedelta(minutes=number // 3)
        thread = Thread.objects.create()
        made.append(
            Conversation.objects.create(
                process=process, thread=thread, scope=scope, subject=f"Number {number}", last_message_at=at
            )
        )
    ConversationScope.objects.bulk_create(ConversationScope(conversation=c, scope=process.scope) for c in made)
    return [c.pk for c in sorted(made, key=lambda c: (c.last_message_at, c.pk), reverse=True)]


def rows_of(html: str) -> list[int]:
    """Ids of the conversations in a list's rows, from the top."""
    return [int(pk) for pk in re.findall(r'<li class="row-item[^>]*data-id="(\d+)"', html)]


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_first_page_is_my_work(cast: Cast, at_desk: Desk) -> None:
    response = at_desk(cast.bob).get("/")
    assert (response.status_code, response["Location"]) == (302, "/desk/mine/")


def test_new_mail_stands_in_unassigned_for_the_team_alone(cast: Cast, at_desk: Desk) -> None:
    conversation = receive(a_mail("Broken"), cast.helpdesk_gateway)
    assert rows_of(page(at_desk(cast.bob), "/desk/unassigned/")) == [conversation.pk]
    assert rows_of(page(at_desk(cast.carol), "/desk/unassigned/")) == []


def test_my_work_shows_what_is_assigned_to_me(cast: Cast, at_desk: Desk) -> None:
    mine, other = (receive(a_mail(name), cast.helpdesk_gateway) for name in ("One", "Two"))
    mine.assign(cast.bob, cast.alice, timezone.now())
    other.assign(cast.alice, cast.alice, timezone.now())
    assert rows_of(page(at_desk(cast.bob), "/desk/mine/")) == [mine.pk]


def test_list_of_a_foreign_process_is_not_found(cast: Cast, at_desk: Desk) -> None:
    for url in (f"/desk/process-{cast.helpdesk.pk}/", f"/desk/process-{cast.helpdesk.pk}/rows", "/desk/nothing/"):
        assert at_desk(cast.carol).get(url).status_code == 404


def test_subject_of_a_foreign_process_is_nowhere_on_the_page(cast: Cast, at_desk: Desk) -> None:
    receive(a_mail("Sezame otevri se"), cast.helpdesk_gateway)
    for url in ("/desk/all/", "/desk/unassigned/", "/desk/closed/", "/search/?q=sezame", "/palette?q=sezame"):
        html = page(at_desk(cast.carol), url)
        assert "otevri se" not in html
        assert "Helpdesk" not in html


def test_rail_counts_only_what_the_viewer_may_see(cast: Cast, at_desk: Desk) -> None:
    for number in range(3):
        receive(a_mail(f"Number {number}"), cast.helpdesk_gateway)
    assert page(at_desk(cast.bob), "/rail").count("3 open") == 3  # unassigned, all, helpdesk
    assert 'class="count"' not in page(at_desk(cast.carol), "/rail")


def test_rail_tells_administrators_alone_that_something_failed(cast: Cast, at_desk: Desk) -> None:
    words = "Something needs an administrator"
    assert words not in page(at_desk(cast.dan), "/desk/mine/")
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(state=Gateway.State.FAILING)
    assert words in page(at_desk(cast.dan), "/desk/mine/")
    assert words not in page(at_desk(cast.carol), "/desk/mine/")


def test_row_tells_who_what_when_and_links_into_its_list(cast: Cast, at_desk: Desk) -> None:
    conversation = receive(a_mail("Pračka <teče>"), cast.helpdesk_gateway)
    conversation.assign(cast.alice, cast.alice, timezone.now())
    html = page(at_desk(cast.bob), "/desk/all/")
    assert f'href="/conversations/{conversation.pk}/?in=all"' in html
    assert "Jana Nováková" in html
    assert "Pračka &lt;teče&gt;" in html
    assert 'aria-label="Alice"' in html
    assert re.search(r'<time datetime="2026-05-04T12:00:00\+02:00" title="Monday 4 May 2026, 12:00">', html)


def test_unread_is_bold_until_it_was_opened(cast: Cast, at_desk: Desk) -> None:
    conversation = receive(a_mail("News"), cast.helpdesk_gateway)
    bob = at_desk(cast.bob)
    assert 'class="row-item unread"' in page(bob, "/desk/all/")
    bob.get(f"/conversations/{conversation.pk}/?in=all")
    assert 'class="row-item unread"' not in page(bob, "/desk/all/")
    assert 'class="row-item unread"' in page(at_desk(cast.alice), "/desk/all/")


def test_files_and_automatic_mail_are_marked(cast: Cast, at_desk: Desk) -> None:
    receive(a_mail("With", files=[("a.pdf", "application/pdf", b"%PDF-")]), cast.helpdesk_gateway)
    assert "With a file" in page(at_desk(cast.bob), "/desk/all/")
    assert "Automatic mail" not in page(at_desk(cast.bob), "/desk/all/")
    receive(a_mail("Away", headers=[("Auto-Submitted", "auto-replied")]), cast.helpdesk_gateway)
    assert "Automatic mail" in page(at_desk(cast.bob), "/desk/all/")


def test_pages_follow_one_another_without_gap_or_overlap(cast: Cast, at_desk: Desk) -> None:
    ids = many(cast.helpdesk, 120)
    bob, seen, url = at_desk(cast.bob), [], "/desk/all/rows"
    while url:
        html = bob.get(url, headers=AS_FRAGMENT).content.decode()
        seen += rows_of(html)
        more = re.search(r'hx-get="(/desk/all/rows\?before=[^"]+)"', html)
        url = more[1] if more else ""
    assert seen == ids


def test_refresh_gives_back_as_many_rows_as_were_loaded(cast: Cast, at_desk: Desk) -> None:
    many(cast.helpdesk, 70)
    assert len(rows_of(page(at_desk(cast.bob), "/desk/all/rows?size=65"))) == 65
    assert len(rows_of(page(at_desk(cast.bob), "/desk/all/rows?size=nonsense"))) == 50


@pytest.mark.parametrize("before", ["x", "1_", "_1", "9" * 40 + "_1", "1_2_3", "٣_٣", "9999999999999999_1"])
def test_a_key_that_no_list_gave_out_does_not_break_the_page(cast: Cast, at_desk: Desk, before: str) -> None:
    assert at_desk(cast.bob).get("/desk/all/", {"before": before}).status_code == 200


def test_older_works_without_javascript(cast: Cast, at_desk: Desk) -> None:
    ids = many(cast.helpdesk, 51)
    html = page(at_desk(cast.bob), "/desk/all/")
    older = re.search(r'href="(/desk/all/\?before=[^"]+)"', html)
    assert older
    second = page(at_desk(cast.bob), older[1])
    assert rows_of(html) + rows_of(second) == ids
    assert "data-refresh" in html
    assert '<ul id="rows" role="list" aria-labelledby="list-title" >' in second  # a page of the past does not refresh


def test_empty_list_says_what_to_do(cast: Cast, at_desk: Desk) -> None:
    assert "See what nobody has yet" in page(at_desk(cast.bob), "/desk/mine/")
    assert "You are in no process yet" in page(at_desk(cast.eve), "/desk/all/")


def test_a_list_costs_the_same_however_long_it_is(
    cast: Cast, at_desk: Desk, django_assert_max_num_queries: Callable[..., object]
) -> None:
    many(cast.helpdesk, 60)
    bob = at_desk(cast.bob)
    with django_assert_max_num_queries(20):
        bob.get("/desk/all/")


# --- several at once -------------------------------------------------------------------------------------


def two(cast: Cast) -> list[Conversation]:
    return [receive(a_mail(name), cast.helpdesk_gateway) for name in ("One", "Two")]


def test_selection_is_closed_and_taken_back(cast: Cast, at_desk: Desk) -> None:
    chosen = two(cast)
    bob = at_desk(cast.bob)
    response = bob.post("/selection/closure", {"conversation": [c.pk for c in chosen]}, headers=AS_FRAGMENT)
    assert "2 conversations closed." in response["HX-Trigger"]
    assert [Conversation.objects.get(pk=c.pk).status for c in chosen] == ["closed", "closed"]
    undo = re.search(r'"undo_url": "([^"]+)"', response["HX-Trigger"])
    assert undo
    assert bob.post(undo[1], headers=AS_FRAGMENT).status_code == 204
    assert [Conversation.objects.get(pk=c.pk).status for c in chosen] == ["open", "open"]


def test_selection_is_taken_and_given_back_to_whoever_had_it(cast: Cast, at_desk: Desk) -> None:
    one, other = two(cast)
    one.assign(cast.alice, cast.alice, timezone.now())
    bob = at_desk(cast.bob)
    response = bob.post("/selection/assignment", {"conversation": [one.pk, other.pk]}, headers=AS_FRAGMENT)
    assert {Conversation.objects.get(pk=c.pk).assignee for c in (one, other)} == {cast.bob}
    undo = re.search(r'"undo_url": "([^"]+)"', response["HX-Trigger"])
    assert undo
    bob.post(undo[1], headers=AS_FRAGMENT)
    assert Conversation.objects.get(pk=one.pk).assignee == cast.alice
    assert Conversation.objects.get(pk=other.pk).assignee is None


def test_selection_leaves_alone_what_one_may_not_see(cast: Cast, at_desk: Desk) -> None:
    chosen = two(cast)
    carol = at_desk(cast.carol)
    for url in ("/selection/closure", "/selection/assignment"):
        carol.post(url, {"conversation": [c.pk for c in chosen] + ["x", "9" * 30]}, headers=AS_FRAGMENT)
    for conversation in chosen:
        conversation.refresh_from_db()
        assert (conversation.status, conversation.assignee) == ("open", None)


def test_undo_belongs_to_whoever_did_it(cast: Cast, at_desk: Desk) -> None:
    chosen = two(cast)
    response = at_desk(cast.bob).post("/selection/closure", {"conversation": [chosen[0].pk]}, headers=AS_FRAGMENT)
    undo = re.search(r'"undo_url": "([^"]+)"', response["HX-Trigger"])
    assert undo
    assert at_desk(cast.alice).post(undo[1]).status_code == 404
    assert at_desk(cast.bob).post(undo[1][:-3] + "xyz").status_code == 404


def test_bulk_form_works_without_javascript(cast: Cast, at_desk: Desk) -> None:
    chosen = two(cast)
    slug = f"process-{cast.helpdesk.pk}"
    form = {"conversation": [c.pk for c in chosen], "in": slug}
    response = at_desk(cast.bob).post("/selection/closure", form, follow=True)
    assert response.redirect_chain == [(f"/desk/{slug}/", 303)]
    assert "2 conversations closed." in response.content.decode()


# --- the palette -----------------------------------------------------------------------------------------


def test_palette_finds_views_processes_and_conversations(cast: Cast, at_desk: Desk) -> None:
    conversation = receive(a_mail("Broken washing machine"), cast.helpdesk_gateway)
    bob = at_desk(cast.bob)
    assert f'href="/desk/process-{cast.helpdesk.pk}/"' in page(bob, "/palette?q=help")
    assert 'href="/desk/unassigned/"' in page(bob, "/palette?q=unas")
    assert 'data-press="r"' in page(bob, "/palette?q=reply")
    assert f'href="/conversations/{conversation.pk}/' in page(bob, "/palette?q=wash")
    assert "/administration/" not in page(bob, "/palette?q=")
    assert "/administration/" in page(at_desk(cast.dan), "/palette?q=")
