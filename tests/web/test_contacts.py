"""Contacts and organisations in the browser: who sees what, what is changed, merged, taken in and given out."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from podatelna.accounts.models import AuditEntry, Person
from podatelna.contacts.models import Contact, Organisation, OwnField
from podatelna.contacts.vcards import VCard, read_cards, write_cards
from tests.cast import Cast, a_mail, receive

SECRET = "Likes green tea"


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(client: Client, url: str, **query: object) -> str:
    response = client.get(url, query)
    assert response.status_code == 200, (url, response.status_code)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode().partition("<main")[2]))


@pytest.fixture
def jana(cast: Cast) -> Contact:
    """She writes to the helpdesk; in sales nobody knows her."""
    receive(a_mail("Pračka", sender="Jana Nováková <jana@example.cz>"), cast.helpdesk_gateway)
    Contact.objects.filter(address="jana@example.cz").update(notes=SECRET)
    return Contact.objects.get(address="jana@example.cz")


def saved(client: Client, url: str, **more: object) -> int:
    return client.post(url, {"name": "", "language": "", "notes": "", "organisation": "", **more}).status_code


def test_list_and_page_are_for_who_has_mail_of_theirs(cast: Cast, jana: Contact) -> None:
    assert "Jana Nováková" in text(as_(cast.bob), "/contacts/")
    assert "example.cz" in text(as_(cast.bob), "/organisations/")
    page = text(as_(cast.bob), f"/contacts/{jana.pk}/")
    assert SECRET in page
    assert "Pračka" in page
    for person in (cast.carol, cast.eve, cast.dan):
        for url in ("/contacts/", "/organisations/"):
            assert "example.cz" not in text(as_(person), url)
            assert "Jana" not in text(as_(person), url, q="jana").replace('"jana"', "")
        for url in (
            f"/contacts/{jana.pk}/",
            f"/organisations/{jana.organisation_id}/",
            f"/contacts/{jana.pk}/card.vcf",
        ):
            assert as_(person).get(url).status_code == 404
            assert as_(person).post(url, {"name": "x"}).status_code in {404, 405}


def test_history_is_of_all_processes_as_far_as_one_sees(cast: Cast, jana: Contact) -> None:
    receive(a_mail("Objednávka", sender="Jana <jana@example.cz>", to="sales@acme.cz"), cast.sales_gateway)
    bob, carol = (text(as_(person), f"/contacts/{jana.pk}/") for person in (cast.bob, cast.carol))
    assert "Pračka" in bob
    assert "Objednávka" not in bob
    assert "Conversations 1" in bob
    assert "Objednávka" in carol
    assert "Pračka" not in carol
    of_organisation = text(as_(cast.carol), f"/organisations/{jana.organisation_id}/")
    assert "Objednávka" in of_organisation
    assert "Conversations 1" in of_organisation


def test_what_is_known_is_changed_and_the_log_says_so_without_notes(cast: Cast, jana: Contact) -> None:
    url = f"/contacts/{jana.pk}/"
    said = {"name": "Jana Nová", "language": "cs", "notes": "Volat ráno", "organisation": "ACME Brno"}
    assert saved(as_(cast.bob), url, **said, account_manager=cast.carol.pk) == 302
    jana.refresh_from_db()
    assert (jana.name, jana.language, jana.notes, jana.account_manager) == ("Jana Nová", "cs", "Volat ráno", cast.carol)
    assert str(jana.organisation) == "ACME Brno"
    entry = AuditEntry.objects.get(act="change-contact")
    assert entry.details["before"]["name"] == "Jana Nováková"
    assert entry.details["after"]["name"] == "Jana Nová"
    assert entry.details["also_changed"] == ["notes"]
    assert "Volat" not in str(entry.details)
    assert "changed a contact" in text(as_(cast.dan), "/administration/log/")
    assert "Jana Nová" in text(as_(cast.bob), "/contacts/", q="nova acme")


def test_name_of_an_organisation_that_one_does_not_see_is_a_new_one(cast: Cast, jana: Contact) -> None:
    receive(a_mail(sender="Petr <petr@other.example>", to="sales@acme.cz"), cast.sales_gateway)
    saved(as_(cast.bob), f"/contacts/{jana.pk}/", name="Jana", organisation="other.example")
    jana.refresh_from_db()
    assert jana.organisation is not None
    assert jana.organisation.domain is None


def test_own_fields_take_what_they_mean_and_say_what_is_wrong(cast: Cast, jana: Contact) -> None:
    dan = as_(cast.dan)

    def add(**said: object) -> int:
        data = {"of": "contact", "position": 1, "is_shown": "on", "lines": "", **said}
        return dan.post("/administration/own-fields/", data).status_code

    assert add(name="Discount", kind="number") == 302
    assert add(name="Contract until", kind="date") == 302
    assert add(name="Group", kind="choice") == 422
    assert add(name="Group", kind="choice", lines="A\nB\nA\n") == 302
    assert add(name="Number", kind="text") == 302
    number, day, group, word = (
        f"own_{OwnField.objects.get(name=name).pk}" for name in ("Discount", "Contract until", "Group", "Number")
    )
    url, bob = f"/contacts/{jana.pk}/", as_(cast.bob)
    for wrong in (
        {number: "much"},
        {day: "31. 2."},
        {day: "2026-02-31"},
        {group: "C"},
        {number: "1e99"},
        {number: "NaN"},
    ):
        assert saved(bob, url, name="Jana", **wrong) == 422, wrong
    assert saved(bob, url, name="Jana", **{number: "1 200,50", day: "2026-12-31", group: "B", word: "X-17"}) == 302
    jana.refresh_from_db()
    assert sorted(jana.values.values()) == ["1200.5", "2026-12-31", "B", "X-17"]
    assert "X-17" in bob.get(url).content.decode()
    assert AuditEntry.objects.filter(act="add-own-field").count() == 4
    assert as_(cast.bob).get("/administration/own-fields/").status_code == 404


def test_field_that_was_hidden_keeps_its_values(cast: Cast, jana: Contact) -> None:
    field = OwnField.objects.create(name="Number")
    Contact.objects.filter(pk=jana.pk).update(values={str(field.pk): "X-17"})
    hidden = {"name": "Number", "position": 0, "lines": ""}
    assert as_(cast.dan).post(f"/administration/own-fields/{field.pk}/", hidden).status_code == 302
    assert "X-17" not in as_(cast.bob).get(f"/contacts/{jana.pk}/").content.decode()
    saved(as_(cast.bob), f"/contacts/{jana.pk}/", name="Jana")
    jana.refresh_from_db()
    assert jana.values == {str(field.pk): "X-17"}


def test_two_contacts_are_merged_and_split(cast: Cast, jana: Contact) -> None:
    receive(a_mail(sender="Jana <jana@seznam.cz>"), cast.helpdesk_gateway)
    receive(a_mail(sender="Petr <petr@other.example>", to="sales@acme.cz"), cast.sales_gateway)
    other, petr = Contact.objects.get(address="jana@seznam.cz"), Contact.objects.get(address="petr@other.example")
    bob, url = as_(cast.bob), f"/contacts/{jana.pk}/"
    assert "Jana Merge" in text(bob, f"{url}merging/", q="jana")
    assert "Petr" not in text(bob, f"{url}merging/", q="petr").replace('"petr"', "")
    assert bob.post(f"{url}merging/", {"other": petr.pk}).status_code == 404
    assert bob.post(f"{url}merging/", {"other": other.pk}).status_code == 302
    page = text(bob, url)
    assert "jana@seznam.cz Jana Split off" in page
    assert "Conversations 2" in page
    assert "jana@seznam.cz" not in text(bob, "/contacts/")
    assert bob.get(f"/contacts/{other.pk}/").status_code == 404
    assert bob.post(f"{url}splitting", {"other": petr.pk}).status_code == 404
    assert bob.post(f"{url}splitting", {"other": other.pk}).status_code == 302
    assert "Conversations 1" in text(bob, url)
    assert bob.post(f"{url}merging/", {"other": "x"}).status_code == 400


def test_two_organisations_are_merged_and_split(cast: Cast, jana: Contact) -> None:
    receive(a_mail(sender="Iva <iva@old.example>"), cast.helpdesk_gateway)
    new, old = Organisation.objects.get(domain="example.cz"), Organisation.objects.get(domain="old.example")
    bob, url = as_(cast.bob), f"/organisations/{new.pk}/"
    assert bob.post(f"{url}merging/", {"other": old.pk}).status_code == 302
    page = text(bob, url)
    assert "old.example Split off" in page
    assert "People 2" in page
    assert "old.example" not in text(bob, "/organisations/")
    assert "Iva" in text(bob, "/contacts/", q="example.cz")
    assert bob.post(f"{url}splitting", {"other": old.pk}).status_code == 302
    assert "People 1" in text(bob, url)


def test_long_lists_go_by_pages_in_czech_order_and_miss_nobody(cast: Cast) -> None:
    writers = [(letter, n) for letter in ("C", "Č", "D", "") for n in range(14)]
    for letter, n in writers:
        receive(a_mail(sender=f"{letter}{n:02d} <p{ord(letter or '0')}-{n}@x{n}.example>"), cast.helpdesk_gateway)
    bob, found, url = as_(cast.bob), list[str](), "/contacts/"
    while url:
        page = bob.get(url).content.decode()
        found += re.findall(r'<div class="who"><a href="/contacts/(\d+)/">', page)
        following = re.search(r'href="(\?[^"]*after=\d+)"', page)
        url = f"/contacts/{following[1].replace('&amp;', '&')}" if following else ""
    assert len(found) == len(set(found)) == 56
    names = [Contact.objects.get(pk=pk).name[:1] for pk in found]
    assert [name for name in names if name in "CČD" and name] == ["C"] * 14 + ["Č"] * 14 + ["D"] * 14


def test_panel_of_a_conversation_says_what_is_known(cast: Cast, jana: Contact) -> None:
    conversation = receive(a_mail("Druhá", sender="Jana <jana@example.cz>"), cast.helpdesk_gateway)
    field = OwnField.objects.create(name="Customer number")
    organisation = jana.organisation
    assert organisation is not None
    organisation.account_manager = cast.carol
    organisation.rename("ACME Brno")
    organisation.save()
    Contact.objects.filter(pk=jana.pk).update(values={str(field.pk): "X-17"})
    page = text(as_(cast.bob), f"/conversations/{conversation.pk}/")
    for words in ("ACME Brno", "Account manager Carol", SECRET, "Customer number X-17", "Open the contact"):
        assert words in page, words


def test_one_contact_is_given_out_with_the_addresses_that_one_sees(cast: Cast, jana: Contact) -> None:
    for version in ("4.0", "3.0"):
        response = as_(cast.bob).get(f"/contacts/{jana.pk}/card.vcf", {"version": version})
        cards, _ = read_cards(response.content)
        assert cards == [VCard("Jana Nováková", ("jana@example.cz",), "example.cz", "", SECRET)]
        assert response["Content-Disposition"].startswith("attachment")
    assert as_(cast.bob).get(f"/contacts/{jana.pk}/card.vcf", {"version": "2.1"}).status_code == 404


def test_a_whole_list_is_given_out_to_who_may_export_and_logged(cast: Cast, jana: Contact) -> None:
    assert as_(cast.bob).get("/contacts/cards.vcf").status_code == 404
    Person.objects.update(may_export=True)
    assert [card.name for card in read_cards(as_(cast.bob).get("/contacts/cards.vcf").content)[0]] == ["Jana Nováková"]
    assert read_cards(as_(cast.carol).get("/contacts/cards.vcf").content)[0] == []
    assert AuditEntry.objects.filter(act="export-contacts").count() == 2


def upload(client: Client, *cards: VCard, data: bytes = b"") -> tuple[int, str]:
    file = SimpleUploadedFile("cards.vcf", data or write_cards(cards), "text/vcard")
    response = client.post("/contacts/import/", {"file": file}, follow=True)
    return response.status_code, response.content.decode()


def test_cards_fill_what_is_empty_and_overwrite_nothing(cast: Cast, jana: Contact) -> None:
    OwnField.objects.create(name="Number")
    card = VCard("Somebody", ("jana@example.cz",), "ACME", "cs", "Has a dog", (("Number", "7"), ("Unknown", "8")))
    status, page = upload(as_(cast.bob), card)
    assert status == 200
    assert "1 card was read. 1 contact that you see has something new." in page
    jana.refresh_from_db()
    assert (jana.name, jana.language, str(jana.organisation)) == ("Jana Nováková", "cs", "example.cz")
    assert jana.notes == f"{SECRET}\n\nHas a dog"
    assert list(jana.values.values()) == ["7"]
    assert AuditEntry.objects.get(act="import-contacts").details == {"cards": 1, "filled": 1}


def test_import_tells_nobody_whom_others_know(cast: Cast, jana: Contact) -> None:
    before = Contact.objects.filter(pk=jana.pk).values().get()
    answers = [
        upload(as_(cast.carol), VCard("X", (address,), "ACME", "cs", "n"))[1]
        for address in ("jana@example.cz", "new@y.cz")
    ]
    plain = [re.sub(r'csrf\w*" value="[^"]*"|X-CSRFToken": "[^"]*"', "", page) for page in answers]
    assert plain[0] == plain[1]
    assert Contact.objects.filter(pk=jana.pk).values().get() == before
    for address in ("jana@example.cz", "new@y.cz"):
        assert address not in text(as_(cast.carol), "/contacts/")


def test_new_card_waits_for_the_first_letter(cast: Cast) -> None:
    card = VCard("Nový Zákazník", ("novy@firma.example", "novy@seznam.cz"), "Firma s.r.o.", "cs", "From the fair")
    upload(as_(cast.carol), card)
    assert "Nový" not in text(as_(cast.carol), "/contacts/")
    receive(a_mail(sender="novy@seznam.cz", to="sales@acme.cz"), cast.sales_gateway)
    page = text(as_(cast.carol), "/contacts/")
    assert "Nový Zákazník Firma s.r.o." in page
    contact = Contact.objects.get(address="novy@firma.example")
    shown = text(as_(cast.carol), f"/contacts/{contact.pk}/")
    assert "From the fair" in shown
    assert "novy@seznam.cz" in shown
    assert "novy@firma.example" not in shown


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x00\xff no cards", "No card with an address"),
        (b"BEGIN:VCARD\nVERSION:2.1\nEMAIL:a@x.cz\nEND:VCARD", "vCard 3.0 or 4.0"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
    ids=["no card", "old version", "too large"],
)
def test_file_that_is_of_no_use_says_what_to_do(cast: Cast, data: bytes, words: str) -> None:
    status, page = upload(as_(cast.bob), data=data)
    assert status == 422
    assert words in page


def test_hostile_card_breaks_nothing(cast: Cast, jana: Contact) -> None:
    card = VCard("A" * 5000 + "\u202e", tuple(f"a{n}@x{n}.example" for n in range(30)), "O" * 5000, "xx", "n" * 50_000)
    assert upload(as_(cast.bob), card)[0] == 200
    data = b"BEGIN:VCARD\nVERSION:4.0\nFN:\x00<script>\nEMAIL:jana@example.cz\nNOTE:\x00\nEND:VCARD"
    assert upload(as_(cast.bob), data=data)[0] == 200
