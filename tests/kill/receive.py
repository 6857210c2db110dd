"""Our SMTP server as a process that is killed at its n-th step: python -m tests.kill.receive N (0: lives on).

"prepare" in place of N makes tables and a gateway that receives. The port stands in the first line of the output; the
number of steps until now is what the second is for, after each message.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import django

from tests.kill.child import Steps


def main() -> None:
    django.setup()
    if sys.argv[1] == "prepare":
        prepare()
        return
    from django.db.backends.signals import connection_created

    steps = Steps(int(sys.argv[1]))

    def watch(connection: Any, **_: object) -> None:
        connection.execute_wrappers.append(steps.around_sql)

    connection_created.connect(watch)
    sys.addaudithook(steps.on_files)
    asyncio.run(serve_counted(steps))


async def serve_counted(steps: Steps) -> None:
    from django.utils import timezone

    from podatelna.archive.intake import accept
    from podatelna.desk.addressed import receiving_gateway
    from podatelna.gateways.reception import DirectReception
    from podatelna.protocols.listening import Place
    from podatelna.protocols.smtp_limits import Limits
    from podatelna.protocols.smtp_server import House, serve

    reception = DirectReception(receiving_gateway, accept, timezone.now, arrived=lambda: print(steps.count, flush=True))
    house = House(reception, Limits(), "mx.acme.cz")
    await serve([(Place("127.0.0.1", 0), house)], lambda: False, lambda places: print(places[0].port, flush=True))


def prepare() -> None:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    from podatelna.archive.models import Origin
    from podatelna.desk.processes import add_address
    from podatelna.gateways.models import Gateway
    from tests.cast import gather

    cast = gather()
    Gateway.objects.update(state=Gateway.State.PAUSED)
    gateway = Gateway.objects.create(
        kind=Gateway.Kind.RECEIVING,
        origin=Origin.objects.create(kind=Origin.Kind.SMTP, name="support@acme.cz"),
        address="support@acme.cz",
        smtp_host="smtp.acme.cz",
    )
    add_address(cast.helpdesk, gateway, gateway.address, cast.dan)


if __name__ == "__main__":
    main()
