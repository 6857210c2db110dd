"""The second step after sending: a copy in the mailbox's own Sent folder. It never holds up or repeats the sending."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from podatelna import vault
from podatelna.archive import store
from podatelna.claims import lease, settle
from podatelna.gateways.models import Gateway
from podatelna.protocols.errors import ServerError

from .delivery import Announce, Clock
from .models import Outgoing
from .pace import growing
from .queue import PATIENCE

log = logging.getLogger(__name__)

Append = Callable[[Gateway, bytes, str], None]  # gateways.sent.append_sent: gateway, bytes, Message-ID
_HOLD = timedelta(minutes=5)


def copy_due(*, append: Append, now: Clock, announce: Announce = lambda outgoing, at: None, limit: int = 50) -> int:
    """Append up to `limit` sent messages to their Sent folders, each once; how many were touched."""
    rows = Outgoing.objects.filter(state=Outgoing.State.SENT, archived__isnull=False, sent_copy="due")
    for count in range(limit):
        outgoing = lease(rows.select_related("gateway", "raw"), now(), _HOLD)
        if outgoing is None:
            return count
        problem = _append(outgoing, append)
        _note(outgoing, problem, now())
        announce(outgoing, now())
    return limit


def copy_again(outgoing: Outgoing, now: datetime) -> bool:
    """Try the copy once more, after the cause was mended; False when there is nothing to try."""
    failed = Outgoing.objects.filter(pk=outgoing.pk, sent_copy="failed")
    return failed.update(sent_copy="due", sent_copy_error="", due_at=now, leased_until=None) == 1


def _append(outgoing: Outgoing, append: Append) -> str:
    """Why it did not work, as "code: detail"; "" when the copy is there."""
    try:
        append(outgoing.gateway, store.read_blob(outgoing.raw), outgoing.message_id)
    except ServerError as error:
        return f"{error.code}: {error.detail}"
    except vault.Unreadable as error:
        return f"secret: {error}"
    except Exception as error:  # recorded and shown: a copy must not stop the others
        log.exception("copying sent message %s", outgoing.pk)
        return f"internal: {type(error).__name__}: {error}"
    return ""


def _note(outgoing: Outgoing, problem: str, now: datetime) -> None:
    sent_at = outgoing.sent_at or outgoing.created_at
    over = now - sent_at > PATIENCE
    outcome = "done" if not problem else "failed" if over else "due"
    Outgoing.objects.filter(pk=outgoing.pk).update(sent_copy=outcome, sent_copy_error=problem.replace("\0", ""))
    outgoing.sent_copy, outgoing.sent_copy_error = outcome, problem
    settle(outgoing, now + growing(sent_at, now) if outcome == "due" else None)
