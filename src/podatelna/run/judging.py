"""`podatelna judge`: have the senders of mail checked that nobody checked when it came."""

from __future__ import annotations

from typing import Annotated

import typer

from .errors import Refused


def judge(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Addresses of mailboxes and names of imports.")
    ] = None,
) -> None:
    """Have the worker check the senders of all mail of a mailbox or an import (SPF, DKIM, DMARC, ARC).

    Mail that is fetched is checked by itself. What was more than two weeks old then, and what was imported, is not:
    keys of years ago are gone from DNS. Without NAME it lists what there is.

    Example: podatelna judge helpdesk@example.com
    """
    from .house import open_house

    open_house()
    from django.utils import timezone

    from podatelna.archive import verdicts
    from podatelna.archive.models import Delivery, Origin

    origins = Origin.objects.exclude(kind=Origin.Kind.SENT)
    if not names:
        for kind, name in origins.order_by("kind", "name").values_list("kind", "name"):
            print(f"{name}  ({'import' if kind == Origin.Kind.IMPORT else 'mailbox'})")
        return
    found = origins.filter(name__in=names)
    unknown = sorted(set(names) - set(found.values_list("name", flat=True)))
    if unknown:
        raise Refused(f"no mail came from {', '.join(unknown)}. `podatelna judge` lists what there is.")
    count = verdicts.expect_all(Delivery.objects.filter(origin__in=found), timezone.now())
    print(f"{count} messages wait for the worker to check their senders.")
