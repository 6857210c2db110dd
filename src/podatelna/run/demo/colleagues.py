"""What the demo's people had done before somebody came to watch: through the desk's own verbs and the real outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING

from .company import DESKS, Desk
from .drawings import pdf
from .post import DOMAIN, File

if TYPE_CHECKING:
    from collections.abc import Mapping

    from podatelna.accounts.models import Person
    from podatelna.desk.models import Conversation


@dataclass(frozen=True)
class Deed:
    """Something `who` does in the conversation that the letter `about` opened on `desk`."""

    about: str
    desk: str
    who: str
    verb: str  # assign (to `text`), note, reply, close, tag, priority, task (for themselves)
    text: str = ""
    own_address: bool = False
    files: tuple[File, ...] = ()


_OFFER = File(
    "nabidka-2026-231.pdf",
    "application/pdf",
    pdf(["Bublina s.r.o.", "Nabídka 2026-231", "40 ks Bublina 6 á 8 940 Kč", "12 ks Bublina Kompakt á 6 720 Kč"]),
)

DEEDS = (
    Deed("jana-1", "helpdesk", "petr.novotny", "assign", "jana.horakova"),
    Deed("jana-1", "helpdesk", "petr.novotny", "note",
         "Jani, podle fotky těsnění bubnu. Dvě jsou na skladě, vezmi je rovnou s sebou."),
    Deed("jana-1", "helpdesk", "petr.novotny", "tag", "záruka"),
    Deed("jana-1", "helpdesk", "petr.novotny", "priority", "high"),
    Deed("jana-1", "helpdesk", "jana.horakova", "task", "Vzít ze skladu těsnění bubnu"),
    Deed("jana-1", "helpdesk", "jana.horakova", "reply",
         "Dobrý den,\n\nděkujeme za fotografii i za doklad, reklamaci uznáváme. Podle místa, kde voda vytéká, jde"
         " o těsnění bubnu; výměna trvá půl hodiny a nic vás nestojí. Hodil by se vám zítřek odpoledne?"),
    Deed("marie-1", "helpdesk", "petr.novotny", "assign", "petr.novotny"),
    Deed("marie-1", "helpdesk", "petr.novotny", "reply",
         "Dobrý den, paní Procházková,\n\nto nás velmi těší! Návod k Bublině 5 v archivu máme, posíláme ho v příloze"
         " i s většími písmenky.",
         files=(File("návod Bublina 5 (velké písmo).pdf", "application/pdf", pdf(["NAVOD", "BUBLINA 5", "1998"])),)),
    Deed("marie-1", "helpdesk", "petr.novotny", "close"),
    Deed("hotel-1", "helpdesk", "petr.novotny", "assign", "petr.novotny"),
    Deed("hotel-1", "helpdesk", "petr.novotny", "tag", "firemní zákazník"),
    Deed("hotel-1", "helpdesk", "petr.novotny", "note",
         "@Jana Horáková, jezdíš tam příští týden. Zastavíš se?"),
    Deed("hotel-1", "helpdesk", "petr.novotny", "note",
         "Servisní smlouva platí, reakce do 48 hodin. Ložisko 6207 je na cestě, přijede ve středu."),
    Deed("barta-1", "helpdesk", "jana.horakova", "reply",
         "Dobrý den,\n\ntěsnění máme skladem za 390 Kč, na dobírku odejde zítra."),
    Deed("oconnor-1", "helpdesk", "petr.novotny", "assign", "martin.svoboda"),
    Deed("oconnor-1", "helpdesk", "jana.horakova", "note",
         "F03 hlásí i při krátkém výpadku napětí. Zeptat se, jestli u nich nevypadl proud."),
    Deed("ujezd-1", "helpdesk", "jana.horakova", "reply",
         "Dobrý den,\n\nopis záručního listu připravíme do konce týdne. Stačí elektronicky, nebo ho pošleme poštou?"),
    Deed("ujezd-1", "helpdesk", "jana.horakova", "close"),
    Deed("skener-1", "helpdesk", "jana.horakova", "close"),
    Deed("elektro-1", "obchod", "tomas.benes", "assign", "tomas.benes"),
    Deed("elektro-1", "obchod", "tomas.benes", "reply",
         "Dobrý den,\n\nděkujeme za poptávku, nabídku posílám v příloze. Doprava do Hradce je v ceně, první polovinu"
         " můžeme naložit ve čtvrtek.", own_address=True, files=(_OFFER,)),
    Deed("berger-1", "obchod", "tomas.benes", "assign", "emily.carter"),
    Deed("berger-1", "obchod", "emily.carter", "note", "German manual exists (2025 edition). Coin unit: ask Petr."),
    Deed("oconnor-2", "obchod", "emily.carter", "reply",
         "Hello Liam,\n\ngood to hear that business is going well! The price stays as in March, and delivery to Galway"
         " in the third week of January is no problem. Shall I prepare the order?"),
    Deed("podvod-1", "obchod", "tomas.benes", "note", "Podvod: naše doména má písmeno l, ne jedničku. Neplatit!"),
    Deed("podvod-1", "obchod", "tomas.benes", "close"),
    Deed("ucetni-1", "obchod", "tomas.benes", "close"),
    Deed("student-1", "tisk", "eva.maresova", "assign", "eva.maresova"),
    Deed("student-1", "tisk", "eva.maresova", "reply",
         "Dobrý den, Adélo,\n\nrádi vám výrobu ukážeme. Hodilo by se vám pondělí v devět? Vezměte si pevné boty."),
    Deed("radek-1", "tisk", "eva.maresova", "reply",
         "Dobrý den,\n\nčtvrtek v deset se nám hodí. Pan jednatel vás rád provede i starou dílnou na kola."),
    Deed("oconnor-3", "tisk", "emily.carter", "assign", "emily.carter"),
)  # fmt: skip


def act(letters: Mapping[str, EmailMessage]) -> None:
    """Do all DEEDS, in order. `letters` are the messages by key; those not on the desk yet are left out."""
    from django.utils import timezone

    from podatelna.accounts.models import Person

    people = {person.email.partition("@")[0]: person for person in Person.objects.all()}
    desks = {desk.key: desk for desk in DESKS}
    for deed in DEEDS:
        conversation = _conversation(letters[deed.about], desks[deed.desk])
        if conversation is not None:
            _do(deed, conversation, people, _when(conversation, timezone.now()))


def _when(conversation: Conversation, now: datetime) -> datetime:
    """A while after what happened last in the conversation: nobody does everything in one minute."""
    last = conversation.entries.order_by("-at", "-pk").values_list("at", flat=True).first() or now
    return min(last + timedelta(minutes=17), now)


def on_the_desk(letters: Mapping[str, EmailMessage]) -> int:
    """How many of `letters` are in a conversation by now."""
    from podatelna.desk.models import Entry

    ids = [str(letter["Message-ID"]).strip("<>") for letter in letters.values()]
    return Entry.objects.filter(message__message_id__in=ids).values("message").distinct().count()


def _conversation(letter: EmailMessage, desk: Desk) -> Conversation | None:
    from podatelna.desk.models import Conversation

    found = Conversation.objects.filter(entries__message__message_id=str(letter["Message-ID"]).strip("<>"))
    return found.filter(process__addresses__address=desk.address).first()


def _do(deed: Deed, conversation: Conversation, people: Mapping[str, Person], now: datetime) -> None:
    from django.utils import timezone

    from podatelna.desk import notes, tags, tasks
    from podatelna.desk.priority import set_priority

    who = people[deed.who]
    if deed.verb == "assign":
        conversation.assign(people[deed.text], who, now)
    elif deed.verb == "note":
        notes.add(conversation, who, deed.text, now)
    elif deed.verb == "close":
        conversation.close(who, now)
    elif deed.verb == "tag":
        tags.add_tag(conversation, deed.text, who, now)
    elif deed.verb == "priority":
        set_priority(conversation, deed.text, who, now)
    elif deed.verb == "task":
        tasks.add_task(conversation, deed.text, who, now, who, timezone.localdate(now) + timedelta(days=2))
    elif deed.verb == "reply":
        _reply(deed, conversation, who, now)
    else:
        raise ValueError(deed.verb)


def _reply(deed: Deed, conversation: Conversation, who: Person, now: datetime) -> None:
    from podatelna.desk import drafts, replies

    draft = drafts.open_draft(who, "reply", now, conversation=conversation)
    sender = {"sender": f"{deed.who}@{DOMAIN}"} if deed.own_address else {}
    draft = drafts.save(draft, now, revision=draft.revision, text=deed.text, **sender)
    for file in deed.files:
        drafts.attach(draft, file.name, file.kind, file.data)
    replies.send(draft, now, seen_until=None)
