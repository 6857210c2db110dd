"""The demo's letters as values, and how each becomes the bytes that its sender's mail program would make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

DOMAIN = "bublina.example"


@dataclass(frozen=True)
class Partner:
    """Somebody outside who writes to the company."""

    name: str
    address: str
    signature: str = ""
    language: str = "cs"
    answers: tuple[str, ...] = ()  # what they write back, one after the other, when somebody answers them
    away: str = ""  # their automatic reply, once
    refusal: str = ""  # what their server says to whoever writes to them


@dataclass(frozen=True)
class File:
    """An attachment, or with `inline` a picture that the HTML shows as cid:NAME."""

    name: str
    kind: str  # like image/png
    data: bytes
    inline: bool = False


@dataclass(frozen=True)
class Mail:
    """One letter. `key` names it for those that answer it; it was written `ago` minutes before the start."""

    key: str
    sender: str  # a key of PARTNERS
    to: str  # local parts of the company's addresses, separated by spaces
    subject: str
    text: str
    ago: int = 0
    cc: str = ""
    html: str = ""
    answers: str = ""  # key of the letter it follows
    quotes: bool = True  # when it follows one: with the old text below
    charset: str = "utf-8"
    files: tuple[File, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Followed:
    """What a reply needs to know of the message it answers."""

    message_id: str  # with its angle brackets
    references: str
    subject: str
    sender: str
    date: str
    text: str


def followed(message: EmailMessage) -> Followed:
    """What a mail program remembers of `message` when its reader presses Reply."""
    body = message.get_body(("plain", "html"))
    return Followed(
        message_id=str(message["Message-ID"] or ""),
        references=str(message["References"] or ""),
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        date=str(message["Date"] or ""),
        text=body.get_content() if body else "",
    )


def write(mail: Mail, partner: Partner, date: datetime, message_id: str, old: Followed | None = None) -> EmailMessage:
    """The message as `partner`'s program sends it; `old` is what it answers. `message_id` without angle brackets."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(partner.name, addr_spec=partner.address)
    message["To"] = [_company(local) for local in mail.to.split()]
    if mail.cc:
        message["Cc"] = [_company(local) for local in mail.cc.split()]
    message["Subject"] = mail.subject or reply_subject(old)
    message["Date"] = format_datetime(date)
    message["Message-ID"] = f"<{message_id}>"
    if old and old.message_id:
        message["In-Reply-To"] = old.message_id
        message["References"] = f"{old.references} {old.message_id}".strip()
    for name, value in mail.headers.items():
        message[name] = value
    _fill(message, mail, partner, old)
    return message


def reply_subject(old: Followed | None) -> str:
    """The subject with one Re: before it."""
    if old is None:
        return ""
    return old.subject if old.subject.lower().startswith("re:") else f"Re: {old.subject}"


def _company(local: str) -> Address:
    return Address(local if "." in local else "", addr_spec=f"{local}@{DOMAIN}")


def _fill(message: EmailMessage, mail: Mail, partner: Partner, old: Followed | None) -> None:
    text = mail.text.strip() + "\n"
    if partner.signature:
        text += f"\n-- \n{partner.signature}\n"
    if old and mail.quotes:
        text += "\n" + quoted(old, partner.language)
    message.set_content(text, charset=mail.charset, cte="quoted-printable")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", charset=mail.charset, cte="quoted-printable")
        parts = message.get_payload()
        for file in mail.files:
            if file.inline:
                kind, _, subtype = file.kind.partition("/")
                parts[-1].add_related(  # type: ignore[index,union-attr]  # a list since the alternative was added
                    file.data, kind, subtype, cid=f"<{file.name}>", filename=file.name, disposition="inline"
                )
    for file in mail.files:
        if not file.inline:
            kind, _, subtype = file.kind.partition("/")
            message.add_attachment(file.data, kind, subtype, filename=file.name)


def quoted(old: Followed, language: str) -> str:
    """The old text below an attribution line, each line after "> "."""
    lines = {"cs": "Dne {date} {sender} napsal(a):", "de": "Am {date} schrieb {sender}:"}
    attribution = lines.get(language, "On {date}, {sender} wrote:").format(date=old.date, sender=old.sender)
    return attribution + "\n" + "".join(f"> {line}\n" for line in old.text.rstrip().splitlines())
