"""Whatever was granted, moved and revoked: no answer of any address tells anybody of what they may not see.

Every URL is taken from the urlconf, as in test_every_url.py, and asked by somebody at random (as likely as not somebody
who does not see the thing it names), after a random history of teams, roles, hand-overs, mentions, cases, secrecy and
inspections. Each thing has words of its own; bodies, headers and files of the answers are searched for those that
who asks must not be told. What somebody may be told is said by the predicate (accounts.access), and by nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from podatelna.accounts import inspections
from podatelna.accounts.access import carried_by, held_by
from podatelna.accounts.models import Person
from podatelna.archive import search
from podatelna.archive.models import Delivery, Message
from podatelna.desk import canned, case_files, cases, changes, confidential, lists, notes, tags, tasks
from podatelna.desk.case_models import Case, CaseEntry, CaseFile
from podatelna.desk.errors import DeskError
from podatelna.desk.handover import hand_over
from podatelna.desk.mark_models import Tagging, Task
from podatelna.desk.models import Conversation, Entry, Member, Process
from podatelna.desk.processes import add_member, remove_member
from tests.cast import Cast, a_mail, a_person, receive
from tests.web.test_every_url import GUARDED, SECRET, WORD, House, Route, house  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db
Thing = Conversation | Case | Message | Process

# Addresses that say something else of mail to some, each for its reason.
ELSEWHERE: dict[str, str] = {
    "/administration/shunted/": "an administrator who said why looks into the quarantine",
}


@dataclass
class World:
    """The house of test_every_url.py with more in it; `words` are of which things."""

    house: House
    auditor: Person
    words: dict[str, list[Thing]] = field(default_factory=dict)

    @property
    def cast(self) -> Cast:
        return self.house.cast

    @property
    def people(self) -> list[Person]:
        return list(Person.objects.order_by("pk"))

    def forbidden(self, person: Person) -> set[str]:
        """The words that `person` must not be told."""
        held = held_by(person)
        return {
            word for word, things in self.words.items() if not any(held.shares(carried_by(thing)) for thing in things)
        }


def furnish(house: House, now: datetime) -> World:  # noqa: F811
    """Give each thing of the house a word of its own, and add conversations of both processes, with cases."""
    world = World(house, a_person("Frank", is_auditor=True))
    route = GUARDED[0]
    first = Conversation.objects.get(pk=str(house.values["conversation"](route)))
    case = Case.objects.get(pk=str(house.values["case"](route)))
    message = Message.objects.get(pk=str(house.values["message"](route)))
    Case.objects.filter(pk=case.pk).update(title="Casovito", folded="casovito")
    Task.objects.filter(conversation=first).update(text="Ukolovito")
    Tagging.objects.filter(conversation=first).update(name="Stitkovito", key="stitkovito")
    Entry.objects.filter(conversation=first, kind=Entry.Kind.NOTE).update(text="Poznamkovito")
    shunted = Delivery.objects.get(pk=str(house.values["shunted"](route))).message
    world.words[SECRET] = [first, message, shunted]
    world.words["Casovito"] = [case]
    laid = case_files.lay_in(case, "x", "text/plain", b"Spisovito", house.cast.bob, now)
    CaseFile.objects.filter(case=case).exclude(pk=laid.pk).update(name="Spisovito.txt", blob=laid.blob)
    laid.delete()
    CaseEntry.objects.filter(case=case, verb="file-laid").update(details={"name": "Spisovito.txt"})
    world.words["Spisovito"] = [case]
    answer = canned.keep(house.cast.bob, "Hotovito", "Hotovito", house.cast.bob, now)
    house.values["answer_pk"] = lambda _: answer.pk
    world.words["Hotovito"] = [Process.objects.get(owner=house.cast.bob)]  # his alone, as his desk is
    for word in ("Ukolovito", "Stitkovito", "Poznamkovito"):
        world.words[word] = [first]
    for number in range(6):
        _another(world, number, now)
    return world


def _another(world: World, number: int, now: datetime) -> None:
    cast, word = world.cast, f"Zprava{'abcdef'[number]}vka"
    gateway = cast.sales_gateway if number % 2 else cast.helpdesk_gateway
    person = cast.carol if number % 2 else cast.bob
    sender = f"{word} <{word.lower()}@{word.lower()}.example>"
    raw = a_mail(f"{WORD} {word}", word, sender=sender, files=[(f"{word}.txt", "text/plain", word.encode())])
    conversation = receive(raw, gateway)
    message = conversation.entries.get(message__isnull=False).message
    assert message is not None
    world.words[word] = [conversation, message]
    inner = f"Uvnitr{'abcdef'[number]}vka"
    world.words[inner] = [conversation]
    notes.add(conversation, person, inner, now)
    tasks.add_task(conversation, inner, person, now, person)
    tags.add_tag(conversation, inner, person, now)
    if number < 4:
        case = cases.open_case(conversation.process, cases.Facts(f"Pripad{'abcdef'[number]}vka"), person, now)
        world.words[case.title] = [case]


# --- a random history ----------------------------------------------------------------------------------------


def live(world: World, chance: random.Random, now: datetime) -> None:
    """Something happens; what those who act may not do is refused, and nothing happens then."""
    conversation = chance.choice(list(Conversation.objects.order_by("pk")))
    case = chance.choice(list(Case.objects.order_by("pk")))
    process = chance.choice([world.cast.helpdesk, world.cast.sales])
    person, by = chance.choice(world.people), chance.choice(world.people)
    acts: list[Callable[[], object]] = [
        lambda: add_member(process, person, chance.choice(Member.Role.values), world.cast.dan),
        lambda: add_member(process, person, Member.Role.LEAD, world.cast.dan),
        lambda: remove_member(process, person, world.cast.dan, now),
        lambda: conversation.assign(person, by, now),
        lambda: conversation.assign(None, by, now),
        lambda: confidential.make_confidential(conversation, by, now, [person]),
        lambda: confidential.make_open(conversation, by, now),
        lambda: confidential.name(conversation, person, by, now),
        lambda: confidential.unname(conversation, person, by, now),
        lambda: confidential.make_case_confidential(case, by, now),
        lambda: confidential.make_case_open(case, by, now),
        lambda: cases.let_in(case, person, by, now),
        lambda: cases.let_out(case, person, by, now),
        lambda: cases.file(conversation, case, by, now),
        lambda: cases.take_out(conversation, case, by, now),
        lambda: notes.add(conversation, by, f"@{person.email.partition('@')[0]} look", now),
        lambda: hand_over(conversation, person if chance.random() < 0.5 else process, by, now),
        lambda: inspections.begin(world.auditor, "A test", now - timedelta(minutes=chance.randrange(120))),
    ]
    with transaction.atomic():
        try:
            with transaction.atomic():
                chance.choice(acts)()
        except DeskError:
            pass  # they may not


# --- asking --------------------------------------------------------------------------------------------------


def asked(person: Person, method: str, url: str, form: Mapping[str, Any]) -> tuple[int, str]:
    """Status, and everything that the answer says in headers and body. What was done is undone."""
    client = Client()
    client.force_login(person)
    with transaction.atomic():
        response = client.generic(method, url, urlencode(form), "application/x-www-form-urlencoded")
        said = response.status_code, _everything(response)
        transaction.set_rollback(True)
    return said


def _everything(response: HttpResponseBase) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return "\n".join([*(f"{name}: {value}" for name, value in response.items()), content.decode("latin-1")])


def told(text: str, words: Iterable[str]) -> list[str]:
    lower = text.lower()
    return sorted(word for word in words if word.lower() in lower)


def exempt(route: Route, person: Person) -> bool:
    # Who reads the quarantine of a process sees what waits there, which is nobody's conversation yet.
    in_quarantine = route.text.startswith("/quarantine") and person.memberships.exists()
    return in_quarantine or (person.is_administrator and route.text.startswith(tuple(ELSEWHERE)))


FORM = {"kind": "reply", "do": "off", "q": WORD, "text": "x", "name": "x", "reason": "x", "role": "lead"}


@pytest.mark.parametrize("seed", range(2))
def test_no_address_tells_anybody_of_what_they_may_not_see(house: House, seed: int) -> None:  # noqa: F811
    chance, now = random.Random(seed), timezone.now()
    world = furnish(house, now)
    for _ in range(60):
        live(world, chance, now)
    people = world.people
    forbidden = {person.pk: world.forbidden(person) for person in people}
    conversations = list(Conversation.objects.order_by("pk").values_list("pk", flat=True))
    wrong = []
    for route in GUARDED:
        blind = [one for one in people if SECRET in forbidden[one.pk]] or people
        person = chance.choice(blind if chance.random() < 0.75 else people)
        url = house.url(route)
        query = urlencode(
            {"q": chance.choice([WORD, *world.words]), "since": "0", "open": chance.choice(conversations)}
        )
        form = {**FORM, "conversation": chance.choice(conversations), "person": chance.choice(people).pk}
        for method in ("GET", "POST"):
            status, text = asked(person, method, f"{url}?{query}" if method == "GET" else url, form)
            words = forbidden[person.pk] - set(told(query if method == "GET" else "", world.words))
            leaked = told(text, words)
            if leaked and not exempt(route, person):
                wrong.append((method, route.text, person.name, status, leaked))
    assert not wrong


@pytest.mark.parametrize("seed", range(2, 4))
def test_lists_counts_searches_and_news_hold_exactly_what_may_be_seen(house: House, seed: int) -> None:  # noqa: F811
    chance, now = random.Random(seed), timezone.now()
    world = furnish(house, now)
    for _ in range(60):
        live(world, chance, now)
    every, messages = list(Conversation.objects.all()), list(Message.objects.all())
    for person in world.people:
        held = held_by(person)
        mine = {row.pk for row in every if held.shares(carried_by(row))}
        seen = {row.pk for row in messages if held.shares(carried_by(row))}
        changes.all_touched(every, now)
        assert changes.since(person, "0")[1] == mine
        open_ones = {row.pk for row in lists.conversations_in("all", person)}
        assert open_ones <= mine
        assert lists.open_counts(person)["all"] == len(open_ones)
        found = {hit.message_id for hit in search.search(WORD, person=person)}
        assert found <= seen
        assert found == {row.pk for row in messages if row.pk in seen and WORD in row.subject and row.search_id}
        assert search.count(WORD, person=person).total == len(found)
        _, text = asked(person, "GET", f"/search/?q={WORD}", {})
        assert not told(text, world.forbidden(person))
