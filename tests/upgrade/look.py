"""What is in an upgraded installation, as JSON. A process of its own: it opens another database than the tests."""

from __future__ import annotations

import hashlib
import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "podatelna.settings"


def main() -> None:
    """Print it."""
    import django

    django.setup()
    from podatelna.accounts.models import Person
    from podatelna.archive import search, store
    from podatelna.archive.models import Delivery
    from podatelna.archive.search import building
    from podatelna.desk.models import Conversation, Draft
    from podatelna.gateways.models import Gateway, LedgerEntry

    while building.step():  # as the worker does
        pass
    people = {person.email: person for person in Person.objects.all()}
    wanted = json.loads(sys.argv[1])
    seen = {
        "sha256": sorted(hashlib.sha256(store.original(one)).hexdigest() for one in Delivery.objects.all()),
        "password": Gateway.objects.get(address="helpdesk@acme.cz").imap_password(),
        "draft": Draft.objects.get().pk,
        "conversations": {
            email: sorted(Conversation.objects.visible_to(person).values_list("subject", flat=True))
            for email, person in people.items()
        },
        "found": {word: len(search.search(word, person=people["alice@acme.cz"], limit=500)) for word in wanted},
        "ledger": LedgerEntry.objects.count(),
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
