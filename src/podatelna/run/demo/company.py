"""The demo's company: Bublina s.r.o. of Litomyšl, which makes washing machines. Six people, three processes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .mailserver import MailServer
from .post import DOMAIN

if TYPE_CHECKING:
    from podatelna.accounts.models import Person
    from podatelna.gateways.models import Gateway

NAME = "Bublina s.r.o."
SENT_FOLDER = "Odeslané"
# Whose own mailbox is on the demo's server, prepared as an administrator does; she adds this password herself.
WITH_MAILBOX, MAILBOX_PASSWORD = "emily.carter", "bublina"


@dataclass(frozen=True)
class Colleague:
    """Somebody who works at the company."""

    key: str
    name: str
    role: str
    language: str = "cs"
    administrator: bool = False

    @property
    def address(self) -> str:
        """Their own address."""
        return f"{self.key}@{DOMAIN}"


@dataclass(frozen=True)
class Desk:
    """A process, its address and its team (keys of colleagues; the first leads)."""

    key: str
    name: str
    description: str
    display_name: str
    team: tuple[str, ...]
    signature: str

    @property
    def address(self) -> str:
        """The process's address."""
        return f"{self.key}@{DOMAIN}"


COLLEAGUES = (
    Colleague("petr.novotny", "Petr Novotný", "vedoucí helpdesku"),
    Colleague("jana.horakova", "Jana Horáková", "servisní technička"),
    Colleague("tomas.benes", "Tomáš Beneš", "vedoucí obchodu"),
    Colleague("emily.carter", "Emily Carter", "export manager", language="en"),
    Colleague("eva.maresova", "Eva Marešová", "tisková mluvčí"),
    Colleague("martin.svoboda", "Martin Svoboda", "správce IT", administrator=True),
)

DESKS = (
    Desk(
        "helpdesk", "Helpdesk", "Reklamace, servis a dotazy zákazníků", "Bublina – helpdesk",
        ("petr.novotny", "jana.horakova", "martin.svoboda"),
        "Helpdesk Bublina s.r.o.\ntel. 461 000 111, po–pá 7–16 h",
    ),
    Desk(
        "obchod", "Obchod", "Poptávky, nabídky, objednávky a dodavatelé", "Bublina – obchod",
        ("tomas.benes", "emily.carter"),
        "Obchodní oddělení, Bublina s.r.o.\nZámecká 7, Litomyšl",
    ),
    Desk(
        "tisk", "Tisk", "Novináři, rozhovory, exkurze", "Bublina – tiskové oddělení",
        ("eva.maresova", "emily.carter"),
        "Tiskové oddělení, Bublina s.r.o.",
    ),
)  # fmt: skip


def mailboxes() -> dict[str, str]:
    """The passwords of the mailboxes: of the processes', made up for this run, and of a colleague's own."""
    passwords = {desk.address: secrets.token_urlsafe(18) for desk in DESKS}
    return {**passwords, f"{WITH_MAILBOX}@{DOMAIN}": MAILBOX_PASSWORD}


def aliases() -> dict[str, str]:
    """Whose mail goes into which mailbox: people of a process read what comes to them on its desk, but for one."""
    teams = {f"{person}@{DOMAIN}": desk.address for desk in reversed(DESKS) for person in desk.team}
    return {address: box for address, box in teams.items() if address != f"{WITH_MAILBOX}@{DOMAIN}"}


def found(server: MailServer) -> None:
    """Make the company as an administrator would: people, processes, teams, and the gateways to `server`."""
    from django.db import transaction

    from podatelna.accounts.models import Person
    from podatelna.desk import processes
    from podatelna.desk.models import Company

    with transaction.atomic():
        Company.objects.create(name=NAME)
        people = {
            colleague.key: Person.objects.create_person(
                colleague.address,
                colleague.name,
                language=colleague.language,
                signature=f"{colleague.name}\n{colleague.role}, {NAME}",
                is_administrator=colleague.administrator,
            )
            for colleague in COLLEAGUES
        }
        by = next(people[colleague.key] for colleague in COLLEAGUES if colleague.administrator)
        for desk in DESKS:
            process = processes.create_process(desk.name, desk.description, by)
            for number, key in enumerate(desk.team):
                processes.add_member(process, people[key], "member" if number else "lead", by)
            processes.add_address(process, _gateway(desk, server), desk.address, by)
        _prepare_mailbox(people[WITH_MAILBOX], server, by)


def _prepare_mailbox(owner: Person, server: MailServer, by: Person) -> None:
    from django.utils import timezone

    from podatelna.gateways.models import Security
    from podatelna.web.mailbox.preparing import guessed, prepare

    gateway = guessed(owner, owner.email)
    gateway.imap_host = gateway.smtp_host = "127.0.0.1"
    gateway.imap_port, gateway.smtp_port = server.imap_port, server.smtp_port
    gateway.imap_security = gateway.smtp_security = Security.NONE
    gateway.poll_seconds = 4  # as below
    prepare(gateway, by, timezone.now())


def _gateway(desk: Desk, server: MailServer) -> Gateway:
    from podatelna.archive.models import Origin
    from podatelna.gateways import models

    gateway = models.Gateway(
        origin=Origin.objects.create(kind=Origin.Kind.IMAP, name=desk.address),
        address=desk.address,
        display_name=desk.display_name,
        signature=desk.signature,
        imap_host="127.0.0.1",
        imap_port=server.imap_port,
        imap_security=models.Security.NONE,
        imap_login=desk.address,
        smtp_host="127.0.0.1",
        smtp_port=server.smtp_port,
        smtp_security=models.Security.NONE,
        smtp_login=desk.address,
        sent_folder=SENT_FOLDER,
        poll_seconds=4,  # pymap does not tell of mail that came between the last look and IDLE
        own_addresses=True,
        trusted_servers=f"mail.{DOMAIN}",
    )
    gateway.set_imap_password(server.passwords[desk.address])
    gateway.set_smtp_password(server.passwords[desk.address])
    gateway.save()
    return gateway
