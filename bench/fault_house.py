"""One installation under bench/faults.py, ordered about by lines on standard input: python -m bench.fault_house.

`live` starts a worker's life (a fork of this process, in which everything is imported already: the very loops of
`podatelna worker`) and answers with its process id; whoever asked kills it. `release`, `hurry`, `state`, `answer`,
`account` and `replay` act on the database and answer with one line of JSON. An order that fails answers {"error": …}.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from podatelna.run.house import open_house


def main() -> None:
    open_house()
    from django.db import connections

    for line in sys.stdin:
        word, *words = line.split()
        try:
            answer = _ORDERS[word](*words)
        except Exception as error:  # the database may be away: that is what this is for
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
        connections.close_all()
        print(json.dumps(answer), flush=True)


def _prepare(imap_port: str, smtp_port: str, login: str, secret: str, processed: str) -> dict[str, Any]:
    """A new installation with the tests' people, and the helpdesk's mailbox on those servers."""
    from podatelna.run.house import prepare

    prepare()
    from tests.cast import gather

    gateway = gather().helpdesk_gateway
    # The house's own letters, of alarms, may go through any gateway: all of them have the same server.
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": int(smtp_port), "smtp_security": "none"}
    type(gateway).objects.exclude(pk=gateway.pk).update(state="paused", **smtp)
    gateway.imap_host, gateway.imap_port, gateway.imap_security = "127.0.0.1", int(imap_port), "none"
    for name, value in smtp.items():
        setattr(gateway, name, value)
    gateway.imap_login, gateway.processed_folder, gateway.poll_seconds = login, processed, 2
    gateway.set_imap_password(secret)
    gateway.save()
    return {}


def _live() -> dict[str, Any]:
    """A worker's life, in a process of its own that leads its own group."""
    from podatelna.run import chores, receiving, retaining, tending_log, transferring, watching  # noqa: F401
    from podatelna.run.worker import work

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    pid = os.fork()
    if pid:
        return {"pid": pid}
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        work(stop)
    finally:
        os._exit(0)


def _release() -> dict[str, Any]:
    """The worker is known to be dead: nobody needs to wait until what it had claimed runs out."""
    from podatelna import claims
    from podatelna.archive.models import Delivery
    from podatelna.gateways.models import Gateway
    from podatelna.outbox.models import Outgoing

    for model in (Gateway, Delivery, Outgoing):
        claims.release(model._default_manager.all())
    return {}


def _hurry() -> dict[str, Any]:
    """As if the time had gone by after which things are tried again."""
    from django.utils import timezone

    from podatelna.archive.models import Delivery
    from podatelna.gateways import ledger
    from podatelna.gateways.fetch import fetch_now
    from podatelna.gateways.models import Gateway
    from podatelna.outbox.models import Outgoing

    now = timezone.now()
    Outgoing.objects.filter(state=Outgoing.State.WAITING, due_at__gt=now, leased_until=None).update(due_at=now)
    Outgoing.objects.filter(state=Outgoing.State.SENT, archived=None, due_at__gt=now).update(due_at=now)
    Delivery.objects.filter(state=Delivery.State.RECEIVED, due_at__gt=now, leased_until=None).update(due_at=now)
    for gateway in Gateway.objects.exclude(state=Gateway.State.PAUSED):
        ledger.try_again(gateway)
        fetch_now(gateway, now)
    return {}


def _state() -> dict[str, Any]:
    """What is still to be done."""
    from podatelna.archive.models import Delivery
    from podatelna.gateways.models import LedgerEntry
    from podatelna.outbox.models import Outgoing

    state = Outgoing.State
    open_moves = LedgerEntry.objects.filter(move="pending")
    return {
        "ledger": LedgerEntry.objects.filter(end__in=["archived", "duplicate"]).count(),
        "to move": open_moves.count(),
        "to process": Delivery.objects.filter(state=Delivery.State.RECEIVED).count(),
        "shunted": Delivery.objects.filter(state=Delivery.State.SHUNTED).count(),
        "to send": Outgoing.objects.filter(state__in=[state.WAITING, state.SENDING]).count(),
        "to file": Outgoing.objects.filter(state=state.SENT, archived=None).count(),
    }


def _answer() -> dict[str, Any]:
    """Bob answers a conversation that nobody has answered yet; the Message-ID once that is durable, "" for none."""
    from django.utils import timezone

    from podatelna.accounts.models import Person
    from podatelna.desk import drafts, replies
    from podatelna.desk.models import Conversation, Entry

    bob = Person.objects.get(email="bob@acme.cz")
    answered = Entry.objects.filter(outgoing__isnull=False).values("conversation")
    now = timezone.now()
    for conversation in Conversation.objects.visible_to(bob).exclude(pk__in=answered).order_by("?")[:5]:
        message = drafts.last_message(conversation)
        draft = drafts.open_draft(bob, "reply", now, conversation=conversation, answered=message)
        if "@" not in draft.to:
            drafts.discard(draft)
            continue
        draft = drafts.save(draft, now, revision=draft.revision, text=f"We look into it. {conversation.pk}")
        sent = replies.send(draft, now, seen_until=None, undo_within=timedelta(0))
        return {"told": sent.message_id}
    return {"told": ""}


def _replay() -> dict[str, Any]:
    """What `podatelna replay` does."""
    from django.utils import timezone

    from podatelna.archive import quarantine

    return {"replayed": quarantine.replay(quarantine.shunted(), timezone.now())}


def _account() -> dict[str, Any]:
    """Everything that is held here: every original rebuilt and hashed, the ledger, what was sent."""
    from podatelna.archive.models import Delivery, Message
    from podatelna.archive.store import original
    from podatelna.desk.models import Entry
    from podatelna.gateways.models import Gateway, LedgerEntry
    from podatelna.outbox.models import Outgoing

    gateway = Gateway.objects.exclude(state=Gateway.State.PAUSED).get()
    rows = Delivery.objects.filter(origin=gateway.origin)
    entries = LedgerEntry.objects.filter(folder__gateway=gateway)
    shown = Entry.objects.filter(kind=Entry.Kind.MESSAGE, message__deliveries__origin=gateway.origin)
    return {
        "originals": [hashlib.sha256(original(row)).hexdigest() for row in rows.order_by("pk")],
        "recorded": [bytes(row.sha256).hex() for row in rows.order_by("pk")],
        "messages": Message.objects.filter(deliveries__origin=gateway.origin).distinct().count(),
        "on the desk": shown.values("message").distinct().count(),
        "states": Counter(rows.values_list("state", flat=True)),
        "ledger": [[*row] for row in entries.values_list("folder__uidvalidity", "uid", "end", "move", "reason")],
        "outgoing": [
            {
                "message_id": row.message_id,
                "state": row.state,
                "by the house": row.person_id is None,
                "code": row.last_code,
                "said": f"{row.attempts} attempts, {row.last_code}: {row.last_reply}",
                "filed": row.archived_id is not None,
                "recipients": dict(row.recipients.values_list("address", "state")),
            }
            for row in Outgoing.objects.all()
        ],
        "gateway": [gateway.state, gateway.last_error],
    }


_ORDERS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": _prepare,
    "live": _live,
    "release": _release,
    "hurry": _hurry,
    "state": _state,
    "answer": _answer,
    "replay": _replay,
    "account": _account,
}

if __name__ == "__main__":
    main()
