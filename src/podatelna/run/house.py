"""Open the house for a command: Django set up, the database prepared, or a clear word why not."""

from __future__ import annotations

import os

from .errors import NotPrepared, Refused


def open_house() -> None:
    """Set Django up. Models may be imported only after this. Raises Refused when the key file is no key."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podatelna.settings")
    import django

    from podatelna.vault import Unreadable

    try:
        django.setup()
    except Unreadable as error:
        raise Refused(f"{error}. Name the right one with PODATELNA_KEY_FILE.") from None
    except OSError as error:
        raise Refused(f"the data folder cannot be used: {error}. Choose another with PODATELNA_DATA.") from None


def prepare() -> None:
    """Bring the database to this version: make it when missing, migrate it when older. Repeating changes nothing."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def take_up_after_a_crash() -> None:
    """Free what a killed worker still holds, where no other can be alive: an SQLite file has one house around it.

    On PostgreSQL others may be at work, and the leases of a dead one run out by themselves within minutes.
    """
    from django.db import connection

    from podatelna import claims
    from podatelna.archive.models import Delivery, ExportJob, ImportJob
    from podatelna.gateways.models import Gateway

    if connection.vendor == "sqlite":
        claims.release(Gateway.objects.all())
        claims.release(Delivery.objects.all())
        claims.release(ImportJob.objects.all())
        claims.release(ExportJob.objects.all())


def refuse_unprepared() -> None:
    """Raise NotPrepared when the database is not of this version."""
    waiting = pending_migrations()
    if waiting:
        raise NotPrepared(
            f"the database is not prepared ({len(waiting)} steps are missing, the first is {waiting[0]}):"
            " run `podatelna migrate` first."
        )


def pending_migrations() -> list[str]:
    """Names of the migrations that this version has and the database has not, in their order."""
    from podatelna.watch import readiness

    return readiness.pending_migrations()
