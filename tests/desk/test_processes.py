"""Teams and addresses."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from podatelna.accounts.models import AuditEntry
from podatelna.desk.errors import AddressTaken
from podatelna.desk.models import Member, Process
from podatelna.desk.processes import add_address, add_member, create_process, remove_member
from tests.cast import Cast, a_mail, receive


def test_a_name_is_given_once(cast: Cast) -> None:
    with pytest.raises(IntegrityError):
        create_process("Helpdesk", "", cast.dan)


def test_an_address_belongs_to_one_process(cast: Cast) -> None:
    with pytest.raises(AddressTaken):
        add_address(cast.sales, cast.sales_gateway, " Helpdesk@ACME.cz", cast.dan)


def test_a_member_has_one_role(cast: Cast) -> None:
    add_member(cast.helpdesk, cast.bob, "lead", cast.dan)
    assert Member.objects.get(person=cast.bob).role == Member.Role.LEAD


def test_an_unknown_role_is_refused(cast: Cast) -> None:
    with pytest.raises(ValueError):
        add_member(cast.helpdesk, cast.eve, "king", cast.dan)
    assert not Process.objects.visible_to(cast.eve).exists()


def test_a_new_member_sees_what_was_before(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    add_member(cast.helpdesk, cast.eve, "member", cast.dan)
    assert type(conversation).objects.visible_to(cast.eve).get() == conversation


def test_who_is_let_in_and_out_is_on_record(cast: Cast) -> None:
    add_member(cast.helpdesk, cast.eve, "member", cast.dan)
    remove_member(cast.helpdesk, cast.eve, cast.dan)
    acts = AuditEntry.objects.filter(details__member=cast.eve.pk).values_list("act", "person")
    assert list(acts.order_by("pk")) == [("add-member", cast.dan.pk), ("remove-member", cast.dan.pk)]
