"""Right before its first attempt a message is dated and signed; from then on it is the same, byte for byte."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime

import dkim
import pytest

from podatelna.archive import store
from podatelna.archive.models import Blob, Delivery
from podatelna.desk.sent import file_sent
from podatelna.gateways import signing
from podatelna.gateways.signing_models import DkimKey
from podatelna.mail.resolver import table_resolver
from podatelna.outbox import queue
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from podatelna.protocols.smtp import Outcome, Reply
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail

BUSY = Outcome({"jana@example.cz": Reply(451, "4.7.1 greylisted")}, None)


def a_key(cast: Cast, algorithm: str = "ed25519-sha256") -> DkimKey:
    key = signing.create_key(cast.helpdesk_gateway, algorithm, cast.dan, NOON)
    assert signing.switch_on(key, table_resolver({key.name: key.record}), cast.dan, NOON)
    return key


def enqueue(cast: Cast, sender: str = "helpdesk@acme.cz", **fields: object) -> Outgoing:
    raw = a_mail(sender=sender, to="jana@example.cz", message_id="out-1@acme.cz")
    return queue.enqueue(
        gateway=cast.helpdesk_gateway, person=cast.bob, mail_from="helpdesk@acme.cz", rcpt_to=["jana@example.cz"],
        raw=raw, message_id="out-1@acme.cz", **{"not_before": NOON, **fields},  # type: ignore[arg-type]
    )  # fmt: skip


def run(transport: RecordingTransport, clock: Clock) -> None:
    deliver_due(transport=transport, now=clock, archive=file_sent, chance=lambda: 0.0)


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ed25519-sha256"])
def test_what_goes_out_is_signed_and_archived_as_it_went(
    cast: Cast, transport: RecordingTransport, clock: Clock, algorithm: str
) -> None:
    key = a_key(cast, algorithm)
    enqueue(cast)
    run(transport, clock)
    [posted] = transport.posted
    assert f"d=acme.cz; s={key.selector};".encode() in posted.raw
    if algorithm == "rsa-sha256":
        assert dkim.verify(posted.raw, dnsfunc=lambda name, timeout=5: key.record.encode())
    row = Outgoing.objects.get()
    assert (row.final, row.signed_by, store.read_blob(row.raw)) == (True, key.name, posted.raw)
    assert store.original(Delivery.objects.get()) == posted.raw


def test_later_attempts_send_the_very_same_bytes(cast: Cast, clock: Clock) -> None:
    key = a_key(cast)
    enqueue(cast)
    seen: list[bytes] = []
    transport = RecordingTransport([BUSY, None])

    def look(server: object, raw: bytes, *args: object, **kwargs: object) -> Outcome:
        seen.append(raw)
        return transport(server, raw, *args, **kwargs)  # type: ignore[arg-type]

    deliver_due(transport=look, now=clock, archive=file_sent, chance=lambda: 0.0)
    signing.switch_off(key, cast.dan)
    a_key(cast, "rsa-sha256")
    clock.forward(hours=1)
    deliver_due(transport=look, now=clock, archive=file_sent, chance=lambda: 0.0)
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert seen[0].startswith(b"DKIM-Signature:")


def test_what_was_unsigned_is_not_kept(cast: Cast, transport: RecordingTransport, clock: Clock) -> None:
    a_key(cast)
    before = enqueue(cast).raw_id
    run(transport, clock)
    assert not Blob.objects.filter(pk=before).exists()


@pytest.mark.parametrize(
    ("sender", "is_signed"), [("bob@acme.cz", True), ("x@help.acme.cz", True), ("a@notacme.cz", False)]
)
def test_only_a_sender_of_the_keys_domain_is_signed_for(
    cast: Cast, transport: RecordingTransport, clock: Clock, sender: str, is_signed: bool
) -> None:
    a_key(cast)
    enqueue(cast, sender)
    run(transport, clock)
    assert transport.posted[0].raw.startswith(b"DKIM-Signature:") is is_signed


def test_a_key_that_is_off_or_of_another_gateway_signs_nothing(
    cast: Cast, transport: RecordingTransport, clock: Clock
) -> None:
    signing.create_key(cast.helpdesk_gateway, "ed25519-sha256", cast.dan, NOON)
    other = signing.create_key(cast.sales_gateway, "ed25519-sha256", cast.dan, NOON)
    signing.switch_on(other, table_resolver({other.name: other.record}), cast.dan, NOON)
    enqueue(cast)
    run(transport, clock)
    assert b"DKIM-Signature" not in transport.posted[0].raw


def test_a_key_that_cannot_be_opened_sends_nothing_unsigned(
    cast: Cast, transport: RecordingTransport, clock: Clock
) -> None:
    key = a_key(cast)
    DkimKey.objects.filter(pk=key.pk).update(sealed=b"\x01rubbish that no key opens")
    enqueue(cast)
    run(transport, clock)
    row = Outgoing.objects.get()
    assert (row.state, row.last_code, transport.dialled) == (Outgoing.State.WAITING, "secret", 0)


def test_a_letter_that_was_put_off_has_the_date_of_its_leaving(
    cast: Cast, transport: RecordingTransport, clock: Clock
) -> None:
    enqueue(cast, scheduled=True, not_before=NOON + timedelta(days=3))
    clock.forward(days=3)
    run(transport, clock)
    assert parsedate_to_datetime(message_from_bytes(transport.posted[0].raw)["Date"]) == NOON + timedelta(days=3)
