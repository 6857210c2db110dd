"""A draft made into a letter: subject and references, the signature once, what it answers or forwards below."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from podatelna.archive import store
from podatelna.mail.addresses import Address, written
from podatelna.mail.compose import File, Letter, Quoted, answered_ids, forward, letter_html, quote_with_images
from podatelna.mail.identity import new_message_id
from podatelna.mail.parse import Parsed

from .models import Draft
from .senders import Sender, reply_to, signature_of
from .tokens import marked

_MARK = "-- "  # RFC 3676 4.3: the line above a signature, with its space


def write_letter(
    draft: Draft,
    sender: Sender,
    to: tuple[Address, ...],
    cc: tuple[Address, ...],
    bcc: tuple[Address, ...],
    now: datetime,
) -> Letter:
    """The letter that `draft` becomes when it is sent at `now`; it has its Message-ID from here on."""
    answered = store.read(draft.answered) if draft.answered is not None else None
    text = body_text(draft, sender)
    below = _below(draft, answered)
    in_reply_to, references = answered_ids(answered) if answered is not None else ("", ())
    return Letter(
        sender=sender.address,
        to=to,
        cc=cc,
        bcc=bcc,
        subject=marked(" ".join(draft.subject.split()), draft.conversation),
        text=f"{text}\n\n{below.text}" if below.text else text,
        html=letter_html(text, below.html),
        message_id=new_message_id(sender.address.address.rpartition("@")[2]),
        date=timezone.localtime(now),
        in_reply_to=in_reply_to,
        # Forwarded mail has them too: what the third party answers belongs to the same conversation.
        references=references,
        reply_to=reply_to(sender, draft.process, draft.conversation),
        files=_files(draft),
        images=below.images,
    )


def body_text(draft: Draft, sender: Sender) -> str:
    """What was typed, with the signature of the process or the person below unless it stands there, and the footer."""
    text = draft.text.replace("\r\n", "\n").rstrip()
    signature = signature_of(sender, draft.person).strip()
    if signature and signature not in text:
        text = f"{text}\n\n{_MARK}\n{signature}"
    return f"{text}\n\n{sender.footer}" if sender.footer else text


def _below(draft: Draft, answered: Parsed | None) -> Quoted:
    """The original under the new text, with the pictures in it."""
    if answered is None or draft.kind in (Draft.Kind.NEW, Draft.Kind.FORWARD_FILE):
        return Quoted("", "", ())
    with translation.override(draft.person.language):
        if draft.kind == Draft.Kind.FORWARD:
            return forward(answered, _forward_heading(answered))
        return quote_with_images(answered, _attribution(answered))


def _attribution(answered: Parsed) -> str:
    who = written(answered.sender) if answered.sender is not None else gettext("somebody")
    if answered.sent_at is None:
        return gettext("%(who)s wrote:") % {"who": who}
    return gettext("On %(when)s %(who)s wrote:") % {"when": _when(answered.sent_at), "who": who}


def _forward_heading(answered: Parsed) -> str:
    lines = [gettext("---------- Forwarded message ----------")]
    if answered.sender is not None:
        lines.append(gettext("From: %(who)s") % {"who": written(answered.sender)})
    if answered.sent_at is not None:
        lines.append(gettext("Date: %(when)s") % {"when": _when(answered.sent_at)})
    lines.append(gettext("Subject: %(subject)s") % {"subject": answered.subject})
    if answered.to:
        lines.append(gettext("To: %(whom)s") % {"whom": ", ".join(written(one) for one in answered.to)})
    return "\n".join(lines)


def _when(at: datetime) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _files(draft: Draft) -> tuple[File, ...]:
    files = draft.files.select_related("blob")
    return tuple(File(file.name, file.content_type, store.read_blob(file.blob)) for file in files)
