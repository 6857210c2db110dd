"""A copy in the Sent folder, once."""

from __future__ import annotations

import pytest

from podatelna.gateways.sent import append_sent
from podatelna.protocols import errors
from tests.cast import a_mail
from tests.servers import Box, Dovecot

from .boxes import Killed, a_box, dying_at, gateway_to

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db]
RAW = a_mail(message_id="one@podatelna.acme.cz")


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return a_box(dovecot)


def test_the_copy_is_made_as_read_in_a_folder_that_is_made(box: Box) -> None:
    append_sent(gateway_to(box, sent_folder="Odeslaná pošta"), RAW, "one@podatelna.acme.cz")
    [copy] = box.messages("Odeslaná pošta")
    assert (copy.raw, copy.flags) == (RAW, {"\\Seen"})


def test_doing_it_again_adds_nothing(box: Box) -> None:
    gateway = gateway_to(box, sent_folder="Sent")
    with pytest.raises(Killed):
        append_sent(gateway, RAW, "one@podatelna.acme.cz", connect=dying_at("append", after=True))
    append_sent(gateway, RAW, "one@podatelna.acme.cz")
    other = a_mail(message_id="two@podatelna.acme.cz")
    append_sent(gateway, other, "two@podatelna.acme.cz")
    assert box.raws("Sent") == [RAW, other]


def test_without_a_sent_folder_nobody_is_dialled(box: Box) -> None:
    append_sent(gateway_to(box, imap_host="no-such-host.invalid"), RAW, "one@podatelna.acme.cz")
    with pytest.raises(errors.ServerError):
        append_sent(gateway_to(box, imap_host="no-such-host.invalid", sent_folder="Sent"), RAW, "x@y")
