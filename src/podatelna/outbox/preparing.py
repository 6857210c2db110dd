"""A message made ready right before its first attempt: dated when it leaves later than it was written, and signed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from podatelna.archive import store
from podatelna.archive.erasing import erase_unheld
from podatelna.gateways.signing import signed
from podatelna.mail.redating import redated

from .models import Outgoing


def final_bytes(outgoing: Outgoing, now: datetime) -> bytes:
    """The very bytes that go out, kept before anybody is dialled: each later attempt sends the same message.

    Raises vault.Unreadable when the gateway's signing key cannot be opened.
    """
    raw = store.read_blob(outgoing.raw)
    if outgoing.final:
        return raw
    # RFC 5322 3.6.1: the time at which it was ready to go, not the time at which it was put off.
    dated = redated(raw, timezone.localtime(now)) if outgoing.scheduled else raw
    ready, names = signed(outgoing.gateway, dated, now)
    return ready if _keep(outgoing, ready, names) else store.read_blob(outgoing.raw)


def _keep(outgoing: Outgoing, ready: bytes, names: list[str]) -> bool:
    """Make it the message; False when another worker was faster with its own."""
    before = outgoing.raw_id
    with transaction.atomic():
        blob = store.put_blob(ready)
        unready = Outgoing.objects.filter(pk=outgoing.pk, final=False)
        kept = unready.update(raw=blob, final=True, signed_by=" ".join(names)[:1000]) == 1
    outgoing.refresh_from_db(fields=["raw", "final", "signed_by"])
    if blob.pk != before:
        with transaction.atomic():
            erase_unheld([before, blob.pk])
    return kept
