"""What an installation holds, as JSON: python -m tests.kill.inspect."""

from __future__ import annotations

import hashlib
import json
from collections import Counter

import django


def main() -> None:
    django.setup()
    from podatelna.archive.models import Delivery, Message
    from podatelna.archive.search import search
    from podatelna.archive.store import original
    from podatelna.desk.models import Conversation, Entry
    from podatelna.gateways.models import LedgerEntry

    deliveries = Delivery.objects.select_related("message")
    shown = Entry.objects.filter(kind=Entry.Kind.MESSAGE)
    print(
        json.dumps(
            {
                "originals": sorted(hashlib.sha256(original(delivery)).hexdigest() for delivery in deliveries),
                "states": Counter(delivery.state for delivery in deliveries),
                "messages": Message.objects.count(),
                "shown": sorted(shown.values_list("message_id", flat=True)),
                "conversations": Conversation.objects.count(),
                "ends": Counter(LedgerEntry.objects.values_list("end", flat=True)),
                "moves": Counter(LedgerEntry.objects.values_list("move", flat=True)),
                "found": len(search("pračka", person=None)),
            }
        )
    )


if __name__ == "__main__":
    main()
