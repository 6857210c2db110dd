"""An installation with one process and its mailbox: python -m tests.kill.prepare IMAP_PORT SECRET."""

from __future__ import annotations

import sys

import django


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from podatelna.gateways.models import Security

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    from tests.cast import gather

    gateway = gather().helpdesk_gateway
    gateway.imap_host, gateway.imap_port, gateway.imap_security = "127.0.0.1", int(sys.argv[1]), Security.NONE
    gateway.set_imap_password(sys.argv[2])
    gateway.processed_folder = "Zpracováno"
    gateway.save()
    type(gateway).objects.exclude(pk=gateway.pk).update(state="paused")


if __name__ == "__main__":
    main()
