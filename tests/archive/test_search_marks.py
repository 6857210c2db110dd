"""Marks of scopes in SQLite's index follow scopes that come and go, in whatever order, without harm to the index."""

from __future__ import annotations

import pytest

from podatelna.archive import search, store
from podatelna.archive.models import Delivery, Message
from podatelna.archive.search import marks
from tests.cast import Cast, a_mail, receive


def found(cast: Cast) -> list[bool]:
    return [bool(search.search("sezam", person=person)) for person in (cast.bob, cast.carol)]


@pytest.mark.parametrize("between", [True, False], ids=["each brought in", "brought in at the end"])
def test_a_scope_that_comes_and_goes_leaves_the_index_as_it_was(cast: Cast, between: bool) -> None:
    receive(a_mail("Sezam"), cast.helpdesk_gateway)
    delivery = Delivery.objects.get()
    for change in (store.give_scope, store.take_scope, store.give_scope, store.take_scope):
        change(delivery, cast.sales.scope)
        if between:
            marks.complete()
            assert found(cast) == [True, change == store.give_scope]
    marks.complete()
    assert found(cast) == [True, False]
    search.remove(Message.objects.get())
    assert found(cast) == [False, False]


def test_the_only_message_can_be_taken_out_after_its_scopes(cast: Cast) -> None:
    receive(a_mail("Sezam"), cast.helpdesk_gateway)
    delivery = Delivery.objects.get()
    for link in delivery.scope_links.select_related("scope"):
        store.take_scope(delivery, link.scope)
    search.remove(Message.objects.get())
    search.index(Message.objects.get(), store.read(Message.objects.get()))
    assert search.search("sezam", person=None)
