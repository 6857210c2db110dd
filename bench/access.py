"""Lists and counts of a person with 50 processes and 10,000 cases, at 10,000 messages and at a million.

`python bench/access.py` fills a SQLite archive twice in a folder that is gone afterwards (`--large 100000` for less)
and gives the processor time of each list and count at both sizes; the goal is a ratio of at most 1.5. There are 100
processes; the person is in the team of 50 and is let into 10,000 cases by name, so that 10,050 scopes are held. A
conversation has four messages; 2,000 are open at either size, for work does not grow with the archive, and one contact
writes twenty messages. Rows are multiplied within the database: the mail's bytes and words are not there, and no list
of these reads them. Times are medians of three runs, each the median of seven calls.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

if TYPE_CHECKING:
    from django.db.models import Model

SMALL = 10_000
PROCESSES, MINE = 100, 50
CASES, OPEN = 10_000, 2_000
IN_CONVERSATION, OF_CONTACT = 4, 20  # messages
_FIRST = 1_000_000  # ids of what is multiplied begin here
_RUNS, _REPEATS = 3, 7
_MISSED = 1.5


def open_archive(data: Path) -> None:
    """An empty archive in the folder `data`."""
    os.environ["PODATELNA_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "podatelna.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


# --- rows ------------------------------------------------------------------------------------------------------------


def multiply(row: Model, first: int, last: int, columns: Mapping[str, str]) -> None:
    """Copies of `row` for each n from `first` to before `last`; `columns` are SQL in n, what is not named is copied."""
    from django.db import connection

    fields = [field for field in row._meta.concrete_fields if not (field.primary_key and "id" not in columns)]
    names = [str(field.column) for field in fields]
    values = [columns.get(name, f't."{name}"') for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE seq(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM seq WHERE n + 1 < {last}) "
            f'INSERT INTO "{row._meta.db_table}" ({", ".join(f"{chr(34)}{name}{chr(34)}" for name in names)}) '
            f'SELECT {", ".join(values)} FROM seq, "{row._meta.db_table}" t WHERE t.id = {row.pk}'
        )


class Archive:
    """One row of each kind, and as many like it as are asked for."""

    def __init__(self) -> None:
        from podatelna.accounts.models import Holding, Person, Scope
        from podatelna.archive.models import Correspondent, Delivery, DeliveryScope, Message, Origin, Thread
        from podatelna.contacts.models import Contact
        from podatelna.desk.case_models import Case, CaseScope
        from podatelna.desk.models import Conversation, ConversationScope
        from podatelna.desk.processes import add_member, create_process

        self.person = Person.objects.create_person("bench@example.com", "Bench", "correct horse battery staple")
        processes = [create_process(f"Process {n}", "", self.person) for n in range(PROCESSES)]
        for process in processes[:MINE]:
            add_member(process, self.person, "member", self.person)
        self.processes, process = processes, processes[-1]
        scope = Scope.objects.create(kind=Scope.Kind.CONVERSATION)
        self.scope, self.thread = scope, Thread.objects.create()
        origin = Origin.objects.create(kind=Origin.Kind.IMPORT, name="bench")
        self.message = Message.objects.create(
            fingerprint=bytes(32),
            size=5000,
            subject="Bench",
            thread=self.thread,
            received_at=datetime(2017, 1, 1, tzinfo=UTC),
        )
        self.delivery = Delivery.objects.create(
            origin=origin, place=b"0", message=self.message, header=b"", sha256=bytes(32), size=0, state="done"
        )
        of_process = {"scope": process.scope}
        self.link = DeliveryScope.objects.create(delivery=self.delivery, message=self.message, **of_process)
        self.named = Correspondent.objects.create(message=self.message, role="from", address="nobody@example.com")
        self.conversation = Conversation.objects.create(
            process=process, thread=self.thread, scope=scope, status="closed", subject="Bench"
        )
        self.carried = ConversationScope.objects.create(conversation=self.conversation, **of_process)
        self.contact = Contact.objects.create(address="nobody@example.com", name="Nobody", ordered="z")
        case_scope = Scope.objects.create(kind=Scope.Kind.CASE)
        self.case = Case.objects.create(
            process=process, scope=case_scope, year=2020, serial=1, number="2020-0001", title="Bench"
        )
        self.case_link = CaseScope.objects.create(case=self.case, scope=case_scope)
        self.held = Holding.objects.create(person=self.person, scope=case_scope, reason="case")
        self.count = self.conversations = self.contacts = 0

    def process_of(self, n: str) -> str:
        """SQL for the process of conversation `n`; that of its scope is found in the same way."""
        return f"{self.processes[0].pk} + ({n}) * 37 % {PROCESSES}"

    def add_cases(self) -> None:
        """The person's cases, spread over all processes."""
        scope = f"{9 * _FIRST} + n"
        multiply(self.scope, 0, CASES, {"id": scope, "kind": "'case'"})
        own = {"id": f"{_FIRST} + n", "process_id": self.process_of("n"), "scope_id": scope}
        multiply(self.case, 0, CASES, {**own, "serial": "n + 2", "number": "'2020-' || (n + 2)"})
        multiply(self.case_link, 0, CASES, {"case_id": f"{_FIRST} + n", "scope_id": scope})
        multiply(self.held, 0, CASES, {"scope_id": scope})

    def grow(self, count: int) -> None:
        """Until there are `count` messages."""
        from django.db import connection, transaction

        from podatelna.desk.models import Conversation

        conversations, contacts = count // IN_CONVERSATION, count // OF_CONTACT
        with transaction.atomic():
            self._add_conversations(self.conversations, conversations)
            self._add_messages(self.count, count, contacts)
            address = "'p' || n || '@example.com'"
            order = "printf('%08d', n * 7919 % 100003)"
            names = {"id": f"{_FIRST} + n", "address": address, "name": "'Partner ' || n", "ordered": order}
            multiply(self.contact, self.contacts, contacts, names)
            Conversation.objects.filter(status="open").update(status="closed", assignee=None)
            newest = Conversation.objects.filter(pk__gte=_FIRST + conversations - OPEN)
            newest.update(status="open")
            newest.filter(
                pk__lt=_FIRST + conversations - OPEN + 50, scope_links__scope__holdings__person=self.person
            ).update(assignee=self.person)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize")
        self.count, self.conversations, self.contacts = count, conversations, contacts

    def _add_conversations(self, first: int, last: int) -> None:
        own, process = f"{_FIRST} + n", self.process_of("n")
        scope = f"{3 * _FIRST} + n"
        when = "datetime('2017-01-02', '+' || (n * 10) || ' minutes')"
        multiply(self.thread, first, last, {"id": own})
        multiply(self.scope, first, last, {"id": scope})
        columns = {"id": own, "thread_id": own, "scope_id": scope, "process_id": process, "worked_by_id": process}
        multiply(self.conversation, first, last, {**columns, "last_message_at": when})
        multiply(self.carried, first, last, {"conversation_id": own, "scope_id": self._scope_of("n")})
        # Each case has a conversation, the oldest several of them.
        if first == 0:
            filed = {"conversation_id": f"{_FIRST} + n % {last}", "scope_id": f"{9 * _FIRST} + n"}
            multiply(self.carried, 0, CASES, filed)

    def _add_messages(self, first: int, last: int, contacts: int) -> None:
        own, conversation = f"{_FIRST} + n", f"(n / {IN_CONVERSATION})"
        when = f"datetime('2017-01-02', '+' || ({conversation} * 10) || ' minutes')"
        digest = "CAST(printf('%032d', n + 1) AS BLOB)"
        thread = f"{_FIRST} + {conversation}"
        multiply(
            self.message, first, last, {"id": own, "fingerprint": digest, "received_at": when, "thread_id": thread}
        )
        multiply(self.delivery, first, last, {"id": own, "place": digest, "message_id": own})
        link = {"delivery_id": own, "message_id": own, "scope_id": self._scope_of(conversation)}
        multiply(self.link, first, last, link)
        writer = f"'p' || ({conversation} * 31 % {contacts}) || '@example.com'"
        multiply(self.named, first, last, {"message_id": own, "address": writer})

    def _scope_of(self, n: str) -> str:
        return f"(SELECT scope_id FROM desk_process WHERE id = {self.process_of(n)})"


# --- what is asked ---------------------------------------------------------------------------------------------------


def questions(archive: Archive) -> dict[str, Callable[[], object]]:
    """What pages ask for, by what it is called."""
    from podatelna.archive.models import Message
    from podatelna.contacts.sight import contacts_visible_to, organisations_visible_to
    from podatelna.desk import cases, lists
    from podatelna.desk.models import Conversation
    from podatelna.web.desk.rail import rail_of

    person, process = archive.person, archive.processes[3]

    def listed(slug: str) -> Callable[[], object]:
        return lambda: lists.page(lists.conversations_in(slug, person), None)

    return {
        "list: mine": listed("mine"),
        "list: nobody's": listed("unassigned"),
        "list: all": listed("all"),
        "list: all that is closed": listed("closed"),
        "list: of a process": listed(f"process-{process.pk}"),
        "list: of a process, closed": listed(f"process-{process.pk}-closed"),
        "counts of open ones": lambda: lists.open_counts(person),
        "the rail with its counts": lambda: rail_of(person),
        "one conversation": lambda: Conversation.objects.visible_to(person).filter(pk=_FIRST + 7).exists(),
        "one message": lambda: Message.objects.visible_to(person).filter(pk=_FIRST + 7).exists(),
        "list: cases": lambda: cases.page(cases.find(person, state="open"), None),
        "list: cases of a process": lambda: cases.page(cases.find(person, process=process.pk), None),
        "cases with a word": lambda: cases.page(cases.find(person, words="2020-77"), None),
        "count: cases": lambda: cases.find(person).count(),
        "list: contacts": lambda: list(contacts_visible_to(person).order_by("ordered", "pk")[:51]),
        "one contact": lambda: contacts_visible_to(person).filter(pk=_FIRST + 7).exists(),
        "list: organisations": lambda: list(organisations_visible_to(person).order_by("ordered", "pk")[:51]),
    }


def median_ms(work: Callable[[], object]) -> float:
    """Milliseconds of processor time, the median of three runs, each the median of several calls."""
    work()
    runs = []
    for _ in range(_RUNS):
        times = []
        for _ in range(_REPEATS):
            began = time.process_time()
            work()
            times.append(time.process_time() - began)
        runs.append(statistics.median(times))
    return 1000 * statistics.median(runs)


def main() -> int:
    """Measure at both sizes; 1 when a ratio is above the goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-access-") as name:
        open_archive(Path(name))
        archive = Archive()
        archive.add_cases()
        results = []
        for size in (SMALL, chosen.large):
            archive.grow(size)
            results.append({what: median_ms(work) for what, work in questions(archive).items()})
    print(f"{'processor time':30}{SMALL:>12,}{chosen.large:>14,}{'ratio':>8}")
    for what, few in results[0].items():
        many = results[1][what]
        print(f"{what:30}{few:9.3f} ms{many:11.3f} ms{many / few:8.2f}{'  above' if many / few > _MISSED else ''}")
    return int(any(results[1][what] > _MISSED * few for what, few in results[0].items()))


if __name__ == "__main__":
    sys.exit(main())
