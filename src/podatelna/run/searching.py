"""`podatelna search`: the whole archive, from the console."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import Refused

if TYPE_CHECKING:
    from podatelna.archive.models import Message


def search(
    words: Annotated[str, typer.Argument(metavar='"WORDS"', help="What to look for, as in the desk's search box.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list instead of lines.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many hits, the newest.")] = 50,
) -> None:
    """Search the whole archive, no matter whose mail it is. Whoever may run this may read everything.

    Plain words, "phrases", begin*, -without, OR, from: to: subject: filename: has:attachment before: after: in: is: …
    Diacritics and Czech endings do not matter: reklamaci finds reklamace. The newest come first, with sort:relevance
    the best of the newest thousand.

    With --json it prints one list of objects: id (of the message), date (ISO 8601), from, subject, conversation (its
    id, or null).

    Examples:

        podatelna search "reklamace pračky"

        podatelna search 'from:jana@acme.cz "faktura 55" in:helpdesk' --json --limit 5
    """
    from .house import open_house

    open_house()
    from podatelna.archive.search import QueryError
    from podatelna.archive.search import search as find
    from podatelna.desk.finding import resolver_for

    try:
        hits = find(words, person=None, limit=limit, resolve=resolver_for(None))
    except QueryError as error:
        raise Refused(f"the question is not understood: {error}.") from None
    rows = found([hit.message_id for hit in hits])
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        print(f"{row['date'][:16].replace('T', ' ')}  {row['from']}  {row['subject']}")
    if not rows:
        print("Nothing found.")


def found(ids: list[int]) -> list[dict[str, Any]]:
    """What is printed of the messages `ids`, in their order: id, date, from, subject, conversation (id or null)."""
    from podatelna.archive.models import Message
    from podatelna.desk.models import Conversation

    messages = Message.objects.in_bulk(ids)
    threads = {message.thread_id for message in messages.values() if message.thread_id}
    by_thread = dict(Conversation.objects.filter(thread__in=threads).order_by("-pk").values_list("thread_id", "pk"))
    return [_row(messages[pk], by_thread.get(messages[pk].thread_id or 0)) for pk in ids if pk in messages]


def _row(message: Message, conversation: int | None) -> dict[str, Any]:
    moment: datetime = message.sent_at or message.received_at
    name, address = message.from_name, message.from_address
    return {
        "id": message.pk,
        "date": moment.isoformat(),
        "from": f"{name} <{address}>" if name and address else name or address,
        "subject": message.subject,
        "conversation": conversation,
    }
