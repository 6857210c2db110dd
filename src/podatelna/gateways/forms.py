"""What a visitor wrote into a web form becomes a mail from the visitor to the process, and is durable as any other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from podatelna.archive.intake import Received
from podatelna.archive.models import Delivery
from podatelna.mail.addresses import Address, normal_address
from podatelna.mail.compose import File, Letter, compose
from podatelna.mail.errors import Unwritable
from podatelna.mail.header_writing import text_field
from podatelna.mail.identity import new_message_id
from podatelna.mail.resolver import plain_name

from .cycle import Accept
from .form_models import FormCount, WebForm

SECONDS_FIELD = "_seconds"  # how long the page was open, where the page's script says so
MOST_FIELDS = 100
MOST_TEXT = 500_000  # characters of one field
_LONGEST_LABEL = 100
_LONGEST_LINE = 300  # of a name or a subject
_MANY = 2**31 - 1
_REMEMBERED = timedelta(days=40)
_VISITORS_REMEMBERED = timedelta(hours=2)


class FormRefused(Exception):
    """What a visitor sent is not taken. `code` says why; pages put it into words.

    | code | what happened |
    | --- | --- |
    | closed | an administrator closed the form |
    | origin | the page it was sent from is not among the allowed ones |
    | trap | a field that nobody sees was filled in: a program did it, or a browser by itself |
    | too-fast | it was sent sooner after opening the page than anybody can write |
    | email-missing, email-wrong | there is no address to answer to |
    | text-missing | nothing was written |
    | too-large, too-many-files | more than the form takes |
    | too-many | this visitor has sent enough for an hour |
    | too-many-today | all visitors together have sent enough for today |
    """

    codes: ClassVar[tuple[str, ...]] = (
        "closed", "origin", "trap", "too-fast", "email-missing", "email-wrong", "text-missing", "too-large",
        "too-many-files", "too-many", "too-many-today",
    )  # fmt: skip

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Submission:
    """What came with one sending of a form. `fields` in the page's order; `client`: whom a rate is for."""

    fields: tuple[tuple[str, str], ...]
    files: tuple[File, ...] = ()
    client: str = ""

    def value(self, name: str) -> str:
        """Of the first field of this name, without blanks around; "" when there is none."""
        return next((value.strip() for field, value in self.fields if name and field == name), "")


def take(form: WebForm, submission: Submission, *, accept: Accept, now: datetime) -> Delivery:
    """Make it durable as a mail, which then goes the way of any mail. Raises FormRefused; each refusal is counted.

    The very same within an hour (a second click, a page loaded again) is one.
    """
    try:
        letter = _letter(form, submission, now)
        _allow(form, submission.client, now)
    except FormRefused as refusal:
        count_refusal(form, refusal.code, now)
        raise
    raw = (text_field("X-Podatelna-Form", _line(form.name)) + "\r\n").encode() + compose(letter)
    received = Received(
        raw,
        form.origin_id,
        _place(form, submission, now),
        seen_at=now,
        mail_from=letter.sender.address,
        rcpt_to=(form.address,),
    )
    # No verdict is expected: nothing about it can be proven, and pages say so.
    return accept([received])[0].delivery


def _letter(form: WebForm, submission: Submission, now: datetime) -> Letter:
    if not form.is_open:
        raise FormRefused("closed")
    if submission.value(form.trap_field):
        raise FormRefused("trap")
    if _was_hasty(form, submission):
        raise FormRefused("too-fast")
    if len(submission.files) > form.files:
        raise FormRefused("too-many-files")
    text = submission.value(form.text_field)
    if not text:
        raise FormRefused("text-missing")
    if len(submission.fields) > MOST_FIELDS or any(len(value) > MOST_TEXT for _, value in submission.fields):
        raise FormRefused("too-large")
    letter = Letter(
        sender=_sender(form, submission),
        to=(Address("", form.address),),
        cc=(),
        bcc=(),
        subject=_line(submission.value(form.subject_field) or form.subject or form.name),
        text="\n\n".join([text, *_others(form, submission)]),
        html="",
        message_id=new_message_id(plain_name(form.address.rpartition("@")[2])),
        date=timezone.localtime(now),
        files=tuple(_file(file) for file in submission.files),
    )
    try:
        compose(letter)
    except Unwritable as error:
        # Everything else has been made writable: what remains is an address that looks like one.
        raise FormRefused("email-wrong") from error
    return letter


def _was_hasty(form: WebForm, submission: Submission) -> bool:
    """Only a page's script knows when the page was opened: without one nobody can be too fast."""
    seconds = submission.value(SECONDS_FIELD)
    return seconds.isdecimal() and len(seconds) < 10 and int(seconds) < form.least_seconds


def _sender(form: WebForm, submission: Submission) -> Address:
    typed = submission.value(form.email_field)
    if not typed:
        raise FormRefused("email-missing")
    address = normal_address(_line(typed))
    if not address or len(address) > 320:
        raise FormRefused("email-wrong")
    return Address(_line(submission.value(form.name_field)), address)


def _others(form: WebForm, submission: Submission) -> list[str]:
    """The fields that have no meaning of their own, each on a line, as the page has them."""
    known = {form.name_field, form.email_field, form.subject_field, form.text_field, form.trap_field, SECONDS_FIELD}
    lines = [
        f"{_line(name)[:_LONGEST_LABEL]}: {value.strip()}"
        for name, value in submission.fields
        if name not in known and value.strip()
    ]
    return ["\n".join(lines)] if lines else []


def _file(file: File) -> File:
    name = _line(file.name.replace("\\", "/").rpartition("/")[2]) or "file"
    plausible = file.content_type.isascii() and file.content_type.count("/") == 1 and file.content_type.isprintable()
    return File(name, file.content_type if plausible and " " not in file.content_type else _UNKNOWN, file.data)


_UNKNOWN = "application/octet-stream"


def _line(text: str) -> str:
    """Without controls and line breaks, which would begin a header field of their own; not too long for one."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_LONGEST_LINE]


def _place(form: WebForm, submission: Submission, now: datetime) -> str:
    said = [field for field in submission.fields if field[0] != SECONDS_FIELD]
    digest = hashlib.sha256(repr((submission.client, said)).encode("utf-8", "surrogatepass"))
    for file in submission.files:
        digest.update(hashlib.sha256(file.data).digest())
    return f"form {form.pk} {_hour(now):%Y-%m-%d %H} {digest.hexdigest()}"


# --- counting --------------------------------------------------------------------------------------------


def _allow(form: WebForm, client: str, now: datetime) -> None:
    """Count one more. Who is refused for this hour takes nothing from what all may send today."""
    who = salted_hmac("podatelna.form", client).hexdigest()[:40]
    if not _count(form, f"from {who}", _hour(now), form.per_hour):
        raise FormRefused("too-many")
    if not _count(form, "taken", _day(now), form.per_day):
        raise FormRefused("too-many-today")


def count_refusal(form: WebForm, code: str, now: datetime) -> None:
    """Remember that one was refused, for the administration's page."""
    _count(form, f"refused {code}", _day(now), _MANY)


def counts_today(form: WebForm, now: datetime) -> dict[str, int]:
    """ "taken", and for each code how many were refused, since midnight."""
    rows = form.counts.filter(since=_day(now)).exclude(what__startswith="from ")
    return {what.removeprefix("refused "): count for what, count in rows.values_list("what", "count")}


def _count(form: WebForm, what: str, since: datetime, limit: int) -> bool:
    """One more, unless there are `limit` already; of many at once no more than that get in."""
    same = FormCount.objects.filter(form=form, what=what, since=since)
    if same.filter(count__lt=limit).update(count=F("count") + 1):
        return True
    with transaction.atomic():
        _, made = FormCount.objects.get_or_create(form=form, what=what, since=since, defaults={"count": 1})
    if made:
        old = FormCount.objects.filter(form=form)
        old.filter(since__lt=since - _REMEMBERED).delete()
        old.filter(since__lt=since - _VISITORS_REMEMBERED, what__startswith="from ").delete()
    return made or same.filter(count__lt=limit).update(count=F("count") + 1) == 1


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _day(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def files_of(uploads: Sequence[tuple[str, str, bytes]]) -> tuple[File, ...]:
    """Names, types and octets of what was sent along, without the empty ones that browsers send for unused fields."""
    return tuple(File(name, content_type, data) for name, content_type, data in uploads if name or data)
