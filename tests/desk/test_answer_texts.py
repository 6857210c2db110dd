"""Which text acknowledges a letter: by its language, by what is known of the correspondent, and by the hour."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.contacts.models import Contact
from podatelna.desk.automatic_answers import answer_due
from podatelna.desk.models import Conversation, Entry, Process
from tests.cast import NOON, Cast, a_mail, receive

LANGUAGES = ("cs", "sk", "en", "de")
EVENING = NOON + timedelta(hours=9)


@pytest.fixture
def talking(cast: Cast) -> Cast:
    """Helpdesk answers in four languages, otherwise in the evening."""
    texts = {f"{when}_{language}": f"{when} {language}" for when in ("answer", "closed") for language in LANGUAGES}
    hours = [[[480, 1020]]] * 7
    Process.objects.filter(pk=cast.helpdesk.pk).update(answers=True, hours=hours, answer_hours=1, **texts)
    return cast


def answered(cast: Cast, text: str, subject: str = "4711", now: object = NOON, sender: str = "jana@example.com") -> str:
    """The text of the automatic answer to a mail."""
    receive(a_mail(subject, text, sender=sender), cast.helpdesk_gateway, now)  # type: ignore[arg-type]
    answer_due(now)  # type: ignore[arg-type]
    return Entry.objects.filter(kind=Entry.Kind.OUTGOING).latest("pk").text.strip()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Dobrý den, pračka nefunguje. Děkuji.", "cs"),
        ("dobry den, pracka nefunguje", "cs"),
        ("Dobrý deň, práčka nefunguje. Ďakujem.", "sk"),
        ("Prosím vás, kedy prídete? Som doma, stôl je voľný.", "sk"),
        ("Sehr geehrte Damen und Herren, die Maschine ist kaputt. Vielen Dank", "de"),
        ("Guten Tag, ich warte auf eine Antwort.", "de"),
        ("Hello, it does not spin any more.", "en"),
    ],
)
def test_the_text_is_in_the_language_of_the_letter(talking: Cast, text: str, language: str) -> None:
    assert answered(talking, f"{text}\n") == f"answer {language}"


def test_outside_hours_another_text_is_sent(talking: Cast) -> None:
    assert answered(talking, "Hello, are you there?\n", now=EVENING) == "closed en"


def test_without_a_text_for_outside_hours_the_ordinary_one_serves(talking: Cast) -> None:
    Process.objects.update(closed_en="")
    assert answered(talking, "Hello, are you there?\n", now=EVENING) == "answer en"


def test_what_is_known_of_the_contact_decides(talking: Cast) -> None:
    Contact.objects.create(address="jana@example.com", language="de")
    assert answered(talking, "Hello, it does not spin any more.\n") == "answer de"


def test_a_language_without_text_is_answered_in_the_nearest(talking: Cast) -> None:
    Process.objects.update(answer_sk="", answer_de="")
    assert answered(talking, "Dobrý deň, ďakujem.\n", sender="a@example.com") == "answer cs"
    assert answered(talking, "Guten Tag, ich warte.\n", sender="b@example.com") == "answer en"


def test_places_are_filled_in_and_what_the_sender_wrote_is_not_looked_at_again(talking: Cast) -> None:
    Process.objects.update(answer_en="{contact.name}, {process.name} has it as {number}: {subject}. {case.number}")
    text = answered(talking, "Hello!\n", subject="{process.name}", sender="{today} <jana@example.com>")
    number = Conversation.objects.latest("pk").pk
    assert text == f"{{today}}, Helpdesk has it as {number}: {{process.name}}."
