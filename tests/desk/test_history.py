"""Mail that was old when its mailbox was connected comes onto the desk as history."""

from __future__ import annotations

from datetime import timedelta

from podatelna import pipeline
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Delivery
from podatelna.desk.models import Conversation, Entry
from podatelna.gateways import ledger
from podatelna.gateways.models import Folder
from tests.cast import NOON, Cast, a_mail, receive


def fetched(raw: bytes, cast: Cast, uid: int, *, past: bool) -> Delivery:
    """Mail fetched from a folder; `past`: it was old when the folder was connected."""
    gateway = cast.helpdesk_gateway
    folder, _ = Folder.objects.get_or_create(gateway=gateway, name="INBOX", uidvalidity=1)
    stood_at = NOON - timedelta(days=100 if past else 0)
    received = Received(raw, gateway.origin_id, f"uid {uid}", NOON, received_at=stood_at)
    write = ledger.writer(folder, [uid], NOON, stood_at={uid: stood_at}, past={uid} if past else set())
    [accepted] = accept([received], also=write)
    return accepted.delivery


def test_old_mail_of_a_new_mailbox_arrives_closed_and_is_news_to_nobody(cast: Cast) -> None:
    new, old = fetched(a_mail("new"), cast, 2, past=False), fetched(a_mail("old"), cast, 1, past=True)
    pipeline.receive_batch([new, old], now=NOON)
    found = {one.subject: one for one in Conversation.objects.all()}
    assert (found["new"].status, found["old"].status) == ("open", "closed")
    assert found["old"].last_inbound_at is None
    assert Entry.objects.get(conversation=found["old"]).entered_at is None


def test_an_answer_to_it_opens_it(cast: Cast) -> None:
    pipeline.receive(fetched(a_mail("old", message_id="old@example.cz"), cast, 1, past=True), now=NOON)
    answer = a_mail("Re: old", in_reply_to="old@example.cz")
    assert receive(answer, cast.helpdesk_gateway).status == "open"
    assert Conversation.objects.count() == 1


def test_old_mail_joins_what_is_worked_and_leaves_it_open(cast: Cast) -> None:
    open_one = receive(a_mail("Re: old", in_reply_to="old@example.cz"), cast.helpdesk_gateway)
    pipeline.receive(fetched(a_mail("old", message_id="old@example.cz"), cast, 1, past=True), now=NOON)
    open_one.refresh_from_db()
    assert (open_one.status, open_one.entries.count()) == ("open", 2)
