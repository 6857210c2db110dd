"""Every URL there is: strangers are sent to sign in, outsiders find nothing, whatever the method.

The URLs are taken from the urlconf itself. A new one is tested without anybody's doing; it fails until it refuses, or
until it is named below with what makes it harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from podatelna.accounts.models import DayRoot, Person
from podatelna.archive import import_jobs
from podatelna.archive.models import Delivery, ExportJob, ImportJob, Message, Origin, ThreadDecision
from podatelna.archive.transfer import import_origin
from podatelna.contacts.models import Contact, Organisation, OwnField
from podatelna.desk import (
    absence,
    canned,
    case_files,
    cases,
    closed_days,
    custody,
    drafts,
    erasures,
    export_jobs,
    notes,
    personal,
    quarantined,
    replies,
    retention,
    tags,
    tasks,
    threading,
)
from podatelna.desk.automatic_models import Flood
from podatelna.desk.chosen import Selection
from podatelna.desk.handover import hand_over
from podatelna.desk.models import Process, ProcessAddress
from podatelna.desk.reference_models import ReferencePattern
from podatelna.desk.rule_models import Rule
from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.form_models import WebForm
from podatelna.gateways.models import Gateway
from podatelna.gateways.sign_in_models import Authority, Consent, SignInProvider
from podatelna.gateways.signing import create_key
from podatelna.mailserver import domains
from podatelna.mailserver.models import Alias, Mailbox
from podatelna.web.paper import conversation_pdf
from tests.cast import Cast, a_gateway, a_mail, arrive, receive

DAY = timedelta(days=1)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

# Reached without signing in, each for its reason.
FOR_STRANGERS = {
    "account_login": "signing in",
    "account_logout": "a visitor has nothing to sign out of, and is sent to the first page",
    "account_inactive": "says that an account was closed; names nobody",
    "language": "the choice of language on the sign-in page",
    "demo": "not found outside the demo",
    "first_visit": "says where the set-up link is while there is nobody",
    "setup": "needs the link that the console printed",
    "setup_open": "the link itself",
    "welcome": "needs an invitation",
    "web_form": "visitors of the company's pages write here; it shows nothing, and takes only from allowed pages",
    "welcome_open": "the invitation itself",
    "consent_return": "comes from elsewhere; a visitor is asked to sign in, without what stands in the address",
}
# The same address for everybody who is signed in; what it shows is looked for below.
FOR_EVERYBODY = {
    "home", "rail", "reviews", "search", "search-rows", "palette", "pulse", "selection-closure", "selection-assignment",
    "addresses", "compose", "exports", "quarantine", "cases", "case-new", "preferences", "my_mailbox",
    "account_change_password",
    "tags", "tasks", "notices", "notices-seen", "selection-tags", "selection-priority",
    "my-absence", "my-texts",
    "account_set_password", "contacts", "contacts-import", "organisations",
}  # fmt: skip

WORD, SECRET = "Sezam", "Tajuplnost"  # a word that mail is found by, and one that must not be shown then


@dataclass(frozen=True)
class Route:
    """One pattern of the urlconf with everything that stands before it."""

    text: str
    name: str
    arguments: tuple[str, ...]


def routes(
    patterns: list[URLPattern | URLResolver], before: str = "", arguments: tuple[str, ...] = ()
) -> Iterator[Route]:
    for pattern in patterns:
        text, more = before + str(pattern.pattern), (*arguments, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, text, more)
        else:
            yield Route("/" + text, pattern.name or "", more)


ROUTES = list(routes(get_resolver().url_patterns))
GUARDED = [route for route in ROUTES if route.name not in FOR_STRANGERS]
NAMING = [route for route in GUARDED if route.arguments]  # those that name something


@dataclass
class House:
    """The cast, and in the helpdesk one of everything that an address can name."""

    cast: Cast
    values: dict[str, Callable[[Route], object]]

    def url(self, route: Route) -> str:
        """The address of what really is there."""
        url = route.text
        for argument in route.arguments:
            assert argument in self.values, f"say in this test what <{argument}> of {route.text} stands for"
            for part in [part for part in url.split("<")[1:] if part.split(">")[0].rpartition(":")[2] == argument]:
                url = url.replace("<" + part.split(">")[0] + ">", str(self.values[argument](route)))
        return url


def a_web_form() -> WebForm:
    origin = Origin.objects.create(kind=Origin.Kind.FORM, name="Contact")
    return WebForm.objects.create(origin=origin, name="Contact", address="helpdesk@acme.cz", origins="https://acme.cz")


@pytest.fixture
def house(cast: Cast) -> House:
    now = timezone.now()
    raw = a_mail(f"{WORD} {SECRET}", SECRET, files=[("secret.txt", "text/plain", SECRET.encode())])
    conversation = receive(raw, cast.helpdesk_gateway)
    answer = drafts.open_draft(cast.bob, "reply", now, conversation=conversation)
    answer = drafts.save(answer, now, revision=answer.revision, text="An answer")
    sending = replies.send(answer, now, seen_until=conversation.entries.latest("pk").pk)
    draft = drafts.open_draft(cast.bob, "reply", now, conversation=conversation)
    file = drafts.attach(draft, "secret.txt", "text/plain", SECRET.encode())
    message = conversation.entries.get(message__isnull=False).message
    assert message is not None
    split_off, decision = a_split(cast, now)
    hidden = custody.hide(split_off, cast.helpdesk, cast.alice, now)
    undo = signing.dumps({"reopen": [conversation.pk]}, salt=f"selection of {cast.bob.pk}", compress=True)
    mailbox = a_mailbox(cast)
    of_administration = {
        "people": cast.alice.pk,
        "processes": cast.helpdesk.pk,
        "gateways": cast.helpdesk_gateway.pk,
        "log": a_day_root().pk,
        "imports": an_import(cast).pk,
        "health": an_alarm(now).pk,
        "mail-server": mailbox.domain.pk,
        "own-fields": OwnField.objects.create(name="Customer number").pk,
        "order-numbers": ReferencePattern.objects.create(name="Order", pattern="order ([0-9]+)").pk,
    }
    receiving = a_receiving_gateway()

    def named(route: Route) -> int:
        """What <pk> is: the kind of thing stands before it, or what is asked of it after it."""
        if "/mailboxes/<" in route.text:
            return mailbox.pk
        if route.text.startswith("/administration/rules/"):
            return Rule.objects.get_or_create(name="A rule", defaults={"actions": [{"do": "close"}]})[0].pk
        return of_administration[route.text.split("/")[2]]

    hold = retention.hold_conversation(conversation, "A lawsuit", cast.dan, now)
    erasure = erasures.ask("jana@example.cz", cast.dan, now)
    export = an_export(cast, conversation.pk, now)
    shunted = arrive(raw.replace(b"\r\n\r\n", b"\r\n\r\nonce more ", 1), cast.helpdesk_gateway)
    Delivery.objects.filter(pk=shunted.pk).update(state="shunted", stage="store", error="ValueError: x", due_at=None)
    quarantined.open_for_inspection([shunted], cast.dan, "A test")
    bobs = a_gateway("bob.private@acme.cz", owner=cast.bob)
    personal.take_in(bobs, cast.bob)
    private = receive(a_mail(to="bob.private@acme.cz"), bobs)
    handed = hand_over(private, cast.alice, cast.bob, now)
    provider, consent = a_consent(bobs, cast.bob, now)
    case = cases.open_case(cast.helpdesk, cases.Facts(SECRET), cast.bob, now)
    cases.file(conversation, case, cast.bob, now)
    laid = case_files.lay_in(case, f"{SECRET}.txt", "text/plain", SECRET.encode(), cast.bob, now)
    task = tasks.add_task(conversation, SECRET, cast.bob, now, cast.bob)
    tags.add_tag(conversation, SECRET, cast.bob, now)
    notes.add(conversation, cast.bob, f"{SECRET} @carol", now)
    away = absence.enter(cast.bob, "holiday", now.date() + 9 * DAY, None, cast.alice, cast.bob, now)
    values: dict[str, Callable[[Route], object]] = {
        "case": lambda _: case.pk,
        "who": lambda route: (cast.carol if "/mentioned/" in route.text else cast.bob).pk,
        "task": lambda _: task.pk,
        "conversation": lambda route: (private if "/handing" in route.text else conversation).pk,
        "form": lambda _: a_web_form().pk,
        "receiving": lambda _: receiving.pk,
        "message": lambda _: message.pk,
        "shunted": lambda _: shunted.pk,
        "position": lambda _: message.parts.get(is_attachment=True).position,
        "draft": lambda _: draft.pk,
        "file": lambda route: (laid if route.text.startswith("/cases/") else file).pk,
        "sending": lambda _: sending.pk,
        "token": lambda route: export.token if route.text.startswith("/exports/") else undo,
        "delivery": lambda _: message.deliveries.get().pk,
        "decision": lambda _: decision.pk,
        "hidden": lambda _: hidden.pk,
        "slug": lambda _: f"process-{cast.helpdesk.pk}",
        "pk": named,
        "alias_pk": lambda _: an_alias(mailbox).pk,
        "person_pk": lambda _: cast.bob.pk,
        "person": lambda _: cast.bob.pk,
        "absence_pk": lambda _: away.pk,
        "answer_pk": lambda _: canned.keep(cast.bob, f"{SECRET} {uuid4()}", SECRET, cast.bob, now).pk,
        "key_pk": lambda _: create_key(cast.helpdesk_gateway, "ed25519-sha256", cast.dan, now).pk,
        "flood": lambda _: a_flood(cast, now).pk,
        "address_pk": lambda _: ProcessAddress.objects.filter(process=cast.helpdesk).latest("pk").pk,
        "step": lambda _: "people",
        "process": lambda _: cast.helpdesk.pk,
        "gateway": lambda route: (cast.helpdesk_gateway if route.text.startswith("/administration/") else bobs).pk,
        "provider": lambda _: provider.pk,
        "consent": lambda _: consent.pk,
        "authority": lambda route: an_authority(now, bobs if route.text.startswith("/preferences/") else None).pk,
        "kind": lambda _: "custom",
        "direction": lambda _: "in",
        "hold": lambda _: hold.pk,
        "handed": lambda _: handed.pk,
        "erasure": lambda _: erasure.pk,
        "closed": lambda _: closed_days.close(cast.helpdesk, now.date(), now.date(), "Day off", cast.dan, now).pk,
        "contact": lambda _: Contact.objects.get(address="jana@example.cz").pk,
        "organisation": lambda _: Organisation.objects.get(domain="example.cz").pk,
    }
    return House(cast, values)


def a_consent(gateway: Gateway, person: Person, now: datetime) -> tuple[SignInProvider, Consent]:
    """A provider where nobody is at home, and a code that somebody is about to type there."""
    nowhere = "http://127.0.0.1:1/"
    provider = SignInProvider.objects.create(
        kind="custom", name="Login", client_id="x", authorize_url=nowhere, token_url=nowhere, device_url=nowhere
    )
    consent = Consent.objects.create(
        state_sha256=b"1", gateway=gateway, provider=provider, person=person, user_code="A", expires_at=now + DAY
    )
    return provider, consent


def a_receiving_gateway() -> Gateway:
    """One whose mail is brought to us."""
    return a_gateway("press@acme.cz", kind=Gateway.Kind.RECEIVING)


def a_mailbox(cast: Cast) -> Mailbox:
    """One on the provided mail server."""
    domain = domains.add_domain("company.example", cast.dan)
    return domains.add_mailbox(domain, "helpdesk", "a password of some length", cast.dan)


def an_alias(mailbox: Mailbox) -> Alias:
    return Alias.objects.get_or_create(domain=mailbox.domain, local_part="all", defaults={"targets": ["a@b.cz"]})[0]


def a_flood(cast: Cast, now: datetime) -> Flood:
    """One that is held, or the one that is there."""
    flood, _ = Flood.objects.get_or_create(
        process=cast.helpdesk, address="robot@example.cz", state="held", defaults={"began_at": now, "last_at": now}
    )
    return flood


def an_authority(now: datetime, gateway: Gateway | None) -> Authority:
    return Authority.objects.create(gateway=gateway, pem="", subject="ACME Root", sha256="", expires_at=now + DAY)


def a_split(cast: Cast, now: datetime) -> tuple[Message, ThreadDecision]:
    """An answer that was split off from what it answers."""
    receive(a_mail("Question", message_id="question@example.cz"), cast.helpdesk_gateway)
    raw = a_mail("Answer", message_id="answer@example.cz", in_reply_to="question@example.cz")
    conversation = receive(raw, cast.helpdesk_gateway)
    message = Message.objects.get(message_id="answer@example.cz")
    return message, threading.split(conversation, message, cast.bob, now)[1]


def a_day_root() -> DayRoot:
    date, digest = timezone.localdate(), bytes(32)
    return DayRoot.objects.create(date=date, size=1, root=digest, chain=digest, made_at=timezone.now())


def an_alarm(now: datetime) -> Alarm:
    """One that somebody may put away."""
    return Alarm.objects.create(kind="uidvalidity", subject="gateway 1", raised_at=now)


def an_import(cast: Cast) -> ImportJob:
    """One that was cut off: what it passed over stands in its report."""
    job = ImportJob.objects.create(
        person=cast.dan, origin=import_origin(), kind="folder", source={"names": ["old.mbox"]}, state="failed"
    )
    report = import_jobs.report_path(job)
    report.parent.mkdir(exist_ok=True)
    report.write_text("{}")
    return job


def an_export(cast: Cast, conversation: int, now: datetime) -> ExportJob:
    """One that Bob has made: its file is there."""
    selection = Selection(conversation=conversation)
    job = export_jobs.begin(selection, "mbox", cast.bob, notes=False, now=now, held=True)
    export_jobs.carry_out(job, now=lambda: now, pdf=conversation_pdf)
    assert job.state == ExportJob.State.DONE, job.error
    return job


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def answers(person: Person, url: str) -> dict[str, int]:
    """What each method gets; with a form that would do something where it is accepted."""
    process = Process.objects.get(name="Helpdesk").pk
    client, form = signed_in(person), f"kind=reply&person={person.pk}&process={process}&algorithm=ed25519-sha256&do=off"
    return {
        method: client.generic(method, url, form, "application/x-www-form-urlencoded").status_code for method in METHODS
    }


def test_strangers_are_sent_to_sign_in(house: House) -> None:
    wrong = []
    for route in GUARDED:
        for method in METHODS:
            response = Client().generic(method, house.url(route))
            if (response.status_code, response.headers.get("Location", "").split("?")[0]) != (302, "/account/login/"):
                wrong.append((method, route.text, response.status_code))
    assert not wrong


def test_outsiders_find_nothing(house: House) -> None:
    wrong = [(r.text, codes) for r in NAMING if not is_nowhere(codes := answers(house.cast.eve, house.url(r)))]
    assert not wrong


def test_administrators_find_no_mail_because_of_their_role(house: House) -> None:
    # What was taken out of view says nothing of the mail, and they may give it back. When somebody is away is no mail.
    theirs = ("/administration/", "/hidden/", "/people/", "/absences/")
    mail = [route for route in NAMING if not route.text.startswith(theirs)]
    wrong = [(r.text, codes) for r in mail if not is_nowhere(codes := answers(house.cast.dan, house.url(r)))]
    assert not wrong


def is_nowhere(codes: dict[str, int]) -> bool:
    """Not found by any method that the address knows; 405 is the same whether or not something is there."""
    return 404 in codes.values() and set(codes.values()) <= {404, 405}


def test_each_address_is_really_there_for_those_who_may(house: House) -> None:
    """Else the tests above would praise addresses that nobody can reach."""
    wrong = []
    for route in NAMING:
        somebody = house.cast.dan if route.text.startswith("/administration/") else house.cast.bob
        if "/hid" in route.text or route.text.startswith("/teams/"):  # for those who lead the process
            somebody = house.cast.alice
        with transaction.atomic():
            codes = answers(somebody, house.url(route))
            transaction.set_rollback(True)
        if is_nowhere(codes):
            wrong.append((route.text, codes))
    assert not wrong


@pytest.mark.parametrize("route", [r for r in GUARDED if not r.arguments], ids=lambda route: route.text)
def test_address_that_names_nothing_shows_outsiders_nothing(house: House, route: Route) -> None:
    client = signed_in(house.cast.eve)
    for method in ("GET", "POST"):
        response = client.generic(method, route.text, QUERY_STRING=f"q={WORD}&open=1&conversation=1")
        if route.name not in FOR_EVERYBODY:
            assert response.status_code in {404, 405}, method
        else:
            assert not {SECRET, "Helpdesk"} & set(re.findall(r"\w+", response.content.decode())), method


def test_lists_above_name_only_what_exists() -> None:
    names = {route.name for route in ROUTES}
    assert set(FOR_STRANGERS) <= names
    assert names >= FOR_EVERYBODY


def test_person_who_has_left_is_a_stranger(house: House) -> None:
    client = signed_in(house.cast.bob)
    house.cast.bob.is_active = False
    house.cast.bob.save()
    for url in ("/desk/all/", f"/conversations/{house.values['conversation'](ROUTES[0])}/", "/pulse"):
        assert client.get(url).status_code == 302
