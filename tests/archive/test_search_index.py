"""The index says what the archive says: put in by batches, put in anew, compared, mended, and made again meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from podatelna.archive import search, store
from podatelna.archive.models import DeliveryScope, IndexBuild, LeftoverDocument, Message, Origin
from podatelna.archive.reading import fill
from podatelna.archive.search import building, checking, documents, layout, marks
from podatelna.archive.search.documents import digest_of, document_of
from podatelna.archive.search.hits import Placed
from podatelna.archive.search.indexing import backend
from podatelna.mail.language import words
from podatelna.mail.parse import Parsed, parse

from .mails import a_message, a_person, a_scope, an_origin, arrive, filed

pytestmark = pytest.mark.django_db


@pytest.fixture
def origin(db: None) -> Origin:
    return an_origin()


def found(query: str, **options: object) -> list[str]:
    """Subjects of the hits, in their order."""
    hits = search.search(query, **{"person": None, **options})  # type: ignore[arg-type]
    subjects = dict(Message.objects.values_list("pk", "subject"))
    return [subjects[hit.message_id] for hit in hits]


def unfiled(raw: bytes, origin: Origin) -> tuple[Message, Parsed]:
    """In the archive and read, and not in the index."""
    message = arrive(raw, origin).message
    parsed = store.read(message)
    fill(message, parsed)
    return message, parsed


# --- batches ---------------------------------------------------------------------------------------------------


def test_a_batch_is_found_and_each_has_a_place_of_its_own(origin: Origin) -> None:
    pairs = [unfiled(a_message(f"number {number}", "mail"), origin) for number in range(20)]
    search.index_many(pairs)
    assert len({message.search_id for message, _ in pairs}) == 20
    assert found("mail", limit=30) == [f"number {number}" for number in reversed(range(20))]


def test_a_batch_that_comes_again_changes_nothing(origin: Origin) -> None:
    first = unfiled(a_message("first", "mail"), origin)
    search.index_many([first])
    before = first[0].search_id
    search.index_many([first, unfiled(a_message("second", "mail"), origin)])
    assert first[0].search_id == before
    assert found("mail") == ["second", "first"]


def test_a_batch_needs_few_statements(origin: Origin, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    pairs = [unfiled(a_message(f"number {number}", f"words {number}"), origin) for number in range(50)]
    with django_assert_max_num_queries(15):
        search.index_many(pairs)


# --- put in anew ----------------------------------------------------------------------------------------------


def changed(message: Message, text: str) -> Parsed:
    """What a later version of the parser reads from it."""
    return parse(a_message(message.subject, text))


def test_attachment_text_is_found_when_it_arrives(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    message = filed(a_message("Contract", "see the file"), origin)
    texts: list[str] = []
    monkeypatch.setattr("podatelna.archive.search.indexing.attachment_texts", lambda message: texts)
    for more in ("kangaroo", "wallaby"):
        texts.append(more)
        search.reindex(message)
        assert found(more) == ["Contract"]
    assert found('"kangaroo wallaby"') == ["Contract"]
    assert found("see file kangaroo") == ["Contract"]
    assert not LeftoverDocument.objects.exists()


def test_the_document_of_a_message_has_its_attachments_in_a_field_of_their_own() -> None:
    parsed = parse(a_message("Contract", "see the file"))
    document = document_of(parsed, ["first text", "second"])
    assert document.attached == "first text second"
    assert digest_of(document)[:8] == digest_of(document_of(parsed))[:8]
    assert digest_of(document)[8:] != digest_of(document_of(parsed))[8:]


def test_a_message_read_anew_is_found_by_its_new_words_only(origin: Origin) -> None:
    message = filed(a_message("One", "kangaroo"), origin)
    search.reindex(message, changed(message, "wallaby"))
    assert found("wallaby") == ["One"]
    assert found("kangaroo") == []


@pytest.mark.sqlite
def test_a_place_whose_words_nobody_knows_is_never_given_away(origin: Origin) -> None:
    message = filed(a_message("One", "kangaroo"), origin)
    before = message.search_id
    search.reindex(message, changed(message, "wallaby"))
    assert message.search_id != before
    assert list(LeftoverDocument.objects.values_list("search_id", flat=True)) == [before]
    filed(a_message("Two", "koala"), origin)
    assert found("kangaroo") == []


def test_a_deleted_message_leaves_nothing_that_another_inherits(origin: Origin) -> None:
    message = filed(a_message("One", "kangaroo"), origin)
    filed(a_message("Other", "koala", date="Tue, 05 May 2026 12:00:00 +0200"), origin)
    message.deliveries.all().delete()
    message.delete()
    filed(a_message("Two", "wallaby"), origin)
    assert found("kangaroo") == []
    assert found("wallaby") == ["Two"]


@given(text=st.text(st.characters(max_codepoint=127), max_size=200) | st.text(max_size=200))
def test_documents_have_the_words_that_queries_have(text: str) -> None:
    assert documents._words(text) == " ".join(plain for plain, _ in words(text))


# --- scopes -----------------------------------------------------------------------------------------------------


def has_mark(message: Message, scope: int) -> bool:
    message.refresh_from_db()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT 1 FROM archive_search WHERE search_id = %s AND document @@ %s::tsquery",
                [message.search_id, f"'+s{scope}'"],
            )
        else:
            cursor.execute(
                "SELECT 1 FROM archive_search WHERE archive_search MATCH %s AND rowid = %s",
                [f'flags : "+s{scope}"', message.search_id],
            )
        return cursor.fetchone() is not None


def test_scopes_given_and_taken_later_decide_at_once(origin: Origin) -> None:
    alice, bob = a_person("Alice"), a_person("Bob")
    first, second = a_scope(alice), a_scope(bob)
    message = filed(a_message("One", "mail"), origin, first)
    delivery = message.deliveries.get()
    for _ in range(2):
        store.give_scope(delivery, second)
        assert found("mail", person=bob) == ["One"]
        marks.complete()
        assert has_mark(message, second.pk)
        assert found("mail", person=bob) == found("mail", person=alice) == ["One"]
        store.take_scope(delivery, second)
        assert found("mail", person=bob) == []
        marks.complete()
        assert not has_mark(message, second.pk)
        assert found("mail", person=bob) == []
    assert has_mark(message, first.pk)


def test_a_scope_of_two_deliveries_stays_while_one_has_it(origin: Origin) -> None:
    alice = a_person("Alice")
    scope = a_scope(alice)
    raw = a_message("One", "mail")
    message = filed(raw, origin, scope)
    again = arrive(raw, origin)
    store.give_scope(again, scope)
    store.take_scope(again, scope)
    marks.complete()
    assert has_mark(message, scope.pk)
    assert found("mail", person=alice) == ["One"]


def test_a_person_with_very_many_scopes_finds_everything(origin: Origin) -> None:
    alice = a_person("Alice")
    for number in range(140):
        scope = a_scope(alice)
        if number % 20 == 0:
            filed(a_message(f"{number}", "mail"), origin, scope)
    assert len(found("mail", person=alice)) == 7


def test_removing_a_message_takes_its_marks_along(origin: Origin) -> None:
    alice = a_person("Alice")
    scope = a_scope(alice)
    message = filed(a_message("One", "mail"), origin)
    store.give_scope(message.deliveries.get(), scope)
    search.remove(message)
    DeliveryScope.objects.all().delete()
    search.index(message, store.read(message))
    assert not has_mark(message, scope.pk)


# --- comparing and mending ----------------------------------------------------------------------------------------


def an_archive(origin: Origin) -> list[Message]:
    scope = a_scope()
    return [filed(a_message(f"number {number}", f"kangaroo words{number}"), origin, scope) for number in range(5)]


def done(messages: list[Message]) -> None:
    for message in messages:
        message.deliveries.update(state="done")


def test_a_whole_index_is_found_whole(origin: Origin) -> None:
    messages = an_archive(origin)
    store.give_scope(messages[0].deliveries.get(), a_scope())
    result = checking.check()
    assert result.is_whole, result
    assert result.messages == 5


def test_a_message_that_never_came_in_is_missing_and_put_in(origin: Origin) -> None:
    filed(a_message("One", "kangaroo"), origin)
    message, _ = unfiled(a_message("Two", "kangaroo"), origin)
    assert checking.check().is_whole, "what the pipeline has not been through is not missing"
    done([message])
    assert checking.check().missing == [message.pk]
    checking.check(repair=True)
    assert found("kangaroo") == ["Two", "One"]
    assert checking.check().is_whole


def lose_words(message: Message) -> None:
    """As a crash of the disk, or a bug, would."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DELETE FROM archive_search WHERE search_id = %s", [message.search_id])
            return
        placed = Placed(message.search_id or 0, document_of(store.read(message)))
        backend().remove(layout.ACTIVE, [placed])


def test_lost_words_are_missed_and_put_in_again(origin: Origin) -> None:
    lost, *_ = an_archive(origin)
    lose_words(lost)
    assert checking.check().missing == [lost.pk]
    checking.check(repair=True)
    assert len(found("kangaroo")) == 5
    assert found("words0") == ["number 0"]
    assert checking.check().is_whole


def test_other_words_than_the_archives_are_noticed_and_replaced(origin: Origin) -> None:
    message, *_ = an_archive(origin)
    search.reindex(message, changed(message, "wallaby"))
    assert checking.check().changed == [message.pk]
    checking.check(repair=True)
    assert found("wallaby") == []
    assert found("words0") == ["number 0"]
    assert checking.check().is_whole


def test_a_lost_mark_of_a_scope_is_noticed(origin: Origin) -> None:
    alice = a_person("Alice")
    message = filed(a_message("One", "mail"), origin)
    layout.run(layout.drop_triggers())
    store.give_scope(message.deliveries.get(), a_scope(alice))
    assert found("mail", person=alice) == []
    result = checking.check()
    assert result.changed == [message.pk]
    assert result.triggers > 0
    checking.check(repair=True)
    assert found("mail", person=alice) == ["One"]
    assert checking.check().is_whole


def test_words_without_a_message_are_noticed_and_given_up(origin: Origin) -> None:
    an_archive(origin)
    placed = Placed(12345, document_of(parse(a_message("Ghost", "kangaroo"))))
    backend().add(layout.ACTIVE, [placed])
    assert checking.check().extra == [12345]
    checking.check(repair=True)
    assert checking.check().is_whole


# --- made anew -----------------------------------------------------------------------------------------------------


def build() -> Iterator[IndexBuild]:
    """Step by step until it is done."""
    building.begin()
    while building.step(size=2):
        if state := building.state():
            yield state


def test_the_old_index_answers_until_the_new_one_takes_its_place(origin: Origin) -> None:
    an_archive(origin)
    steps = 0
    for _ in build():
        assert len(found("kangaroo")) == 5
        steps += 1
    assert steps >= 3
    assert building.state() is None
    assert len(found("kangaroo")) == 5
    assert checking.check().is_whole


def test_what_arrives_changes_or_goes_meanwhile_is_so_in_the_new_index_too(origin: Origin) -> None:
    alice = a_person("Alice")
    scope = a_scope(alice)
    messages = an_archive(origin)
    for number, _ in enumerate(build()):
        if number == 0:
            filed(a_message("new", "kangaroo"), origin, scope)
            store.give_scope(messages[0].deliveries.get(), scope)  # not in the new one yet
            store.give_scope(messages[4].deliveries.get(), scope)  # in it already
            marks.complete()
            search.reindex(messages[3], changed(messages[3], "wallaby"))
            search.remove(messages[2])
            search.remove(messages[4])
            search.index(messages[4], store.read(messages[4]))
    assert set(found("kangaroo", person=alice)) == {"new", "number 0", "number 4"}
    assert set(found("kangaroo")) == {"new", "number 0", "number 1", "number 4"}
    assert found("wallaby") == ["number 3"]
    done([*messages[:2], messages[4]])
    result = checking.check()
    assert (result.missing, result.changed, result.extra) == ([], [messages[3].pk], [])


def test_a_new_index_forgets_what_was_left_over(origin: Origin) -> None:
    message, *_ = an_archive(origin)
    search.reindex(message, changed(message, "wallaby"))
    list(build())
    assert not LeftoverDocument.objects.exists()
    # Read from the archive: the words that stand there.
    assert found("wallaby") == []
    assert found("words0") == ["number 0"]
    assert checking.check().is_whole


def test_a_step_that_two_workers_take_is_taken_once(origin: Origin) -> None:
    an_archive(origin)
    state = building.begin()
    messages = building._next(state.cursor, 2)
    pairs = {message.pk: document_of(store.read(message)) for message in messages}
    building._take_in(state, messages, pairs, [])
    building._take_in(state, messages, pairs, [])
    assert building.state().done == 2  # type: ignore[union-attr]  # there is one
    while building.step():
        pass
    assert checking.check().is_whole


def test_an_index_that_lost_everything_is_filled_again(origin: Origin) -> None:
    an_archive(origin)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DELETE FROM archive_search")
        else:
            cursor.execute("INSERT INTO archive_search (archive_search) VALUES ('delete-all')")
    newest = Message.objects.order_by("-pk")[0]
    IndexBuild.objects.create(kind="filling", cursor=newest.pk + 1, total=5)
    assert found("kangaroo") == []
    building.step(size=2)
    assert found("kangaroo") == ["number 4", "number 3"]
    filed(a_message("new", "kangaroo"), origin)
    assert found("kangaroo") == ["new", "number 4", "number 3"]
    while building.step(size=2):
        pass
    assert len(found("kangaroo")) == 6
    assert checking.check().is_whole


def test_a_message_that_cannot_be_read_is_counted_and_costs_no_other(
    origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    damaged, *_ = an_archive(origin)
    damaged.deliveries.update(sha256=bytes(32))
    for state in build():
        unread = state.unread
    assert unread == 1
    assert len(found("kangaroo")) == 4
    assert checking.check().unread == [damaged.pk]


def test_the_triggers_outlive_all_migrations() -> None:
    assert layout.missing_triggers() == set()


@pytest.mark.sqlite
def test_triggers_that_a_migration_took_along_are_made_again() -> None:
    layout.run(("DROP TRIGGER archive_search_left",))
    assert layout.mend_triggers()
    assert layout.missing_triggers() == set()


def test_tidying_changes_nothing_that_is_found_and_comes_to_an_end(origin: Origin) -> None:
    an_archive(origin)
    for _ in range(1000):
        if not layout.tidy():
            break
    else:
        pytest.fail("there is always something to tidy")
    assert len(found("kangaroo")) == 5
    assert checking.check().is_whole
