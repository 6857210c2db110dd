"""The quarantine for those whose mail it is: what could not be processed, its source, another try, a way to a desk.

Also what the administration's pages of it share. Nothing here parses mail: it may be what stops a parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive import quarantine, store
from podatelna.archive.errors import Damaged
from podatelna.archive.exporting.zipping import Zip
from podatelna.archive.models import Delivery
from podatelna.desk import quarantined

from .desk.answers import me
from .desk.messages import download

PAGE = 100
MOST_EXPORTED = 1000
_MOST_HEADER, _MOST_BODY = 64 * 1024, 100 * 1024  # bytes that are shown; the rest is in the download
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(r"(?:\w+\.)*([A-Za-z_]\w*):")

KNOWN: dict[str, str | Promise] = {
    "NoProcess": _("No process uses this mailbox. Give its address to a process, and the mail comes to its desk."),
    "BlobMissing": _("A stored file is missing. Check the disk or the object store, then replay."),
    "Damaged": _("Stored bytes are not what they were. Check the disk; `podatelna verify` names what is damaged."),
}
CRASH = _("The worker stopped each time it worked on it. It is set aside so that other mail goes on.")
STAGES: dict[str, str | Promise] = {
    "read": _("reading from the archive"),
    "parse": _("understanding the mail"),
    "store": _("storing"),
    "route": _("finding its process"),
    "index": _("indexing for search"),
    "announce": _("announcing"),
    "commit": _("writing to the database"),
    "crash": _("the worker stopped each time"),
}


@dataclass(frozen=True)
class Row:
    """A delivery in the quarantine. `error` and `sender` are "" for those who may not know."""

    delivery: Delivery
    stage: str | Promise
    kind: str  # the name of the error, which holds nothing of the mail
    words: str | Promise
    error: str
    sender: str
    owner: Person | None  # whose private mailbox it came through


def row_of(delivery: Delivery, *, everything: bool) -> Row:
    """What is shown of a delivery; `everything`: to somebody who may look into it."""
    # The pipeline writes "Error: words"; the words may quote the mail, the name of the error cannot.
    named = _NAME.match(delivery.error)
    kind = named[1] if named else ""
    gateway = getattr(delivery.origin, "gateway", None)
    owner = gateway.owner if gateway is not None else None
    sender = delivery.message.from_address or delivery.mail_from or ""
    return Row(
        delivery,
        STAGES.get(delivery.stage, delivery.stage),
        kind,
        CRASH if delivery.stage == "crash" else KNOWN.get(kind, ""),
        delivery.error if everything else "",
        sender if everything or owner is None else "",
        owner,
    )


@dataclass(frozen=True)
class Source:
    """The beginning of an original, to be read and never rendered. `damaged`: why there is none."""

    header: str
    body: str
    is_cut: bool
    damaged: str = ""


def source_of(delivery: Delivery) -> Source:
    """The source of the very bytes that came, as far as anybody reads."""
    try:
        raw = store.original(delivery)
    except Damaged as damage:
        return Source("", "", False, str(damage))
    end = _END_OF_HEADER.search(raw)
    header, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    is_cut = len(header) > _MOST_HEADER or len(body) > _MOST_BODY
    return Source(_readable(header[:_MOST_HEADER]), _readable(body[:_MOST_BODY]), is_cut)


def _readable(data: bytes) -> str:
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    # No controls, and nothing that turns the direction of writing around: what is shown is what stands there.
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


# --- pages for those whose mail it is ------------------------------------------------------------------------------


@require_safe
def quarantine_list(request: HttpRequest) -> HttpResponse:
    """What stands aside of this person's processes and private mailbox; nothing for everybody else."""
    person = me(request)
    found = quarantined.readable(person).select_related("origin__gateway__owner")
    rows = [row_of(delivery, everything=True) for delivery in found[:PAGE]]
    return _never_cached(render(request, "quarantine/list.html", {"rows": rows, "count": found.count(), "page": PAGE}))


@require_safe
def look(request: HttpRequest, shunted: int) -> HttpResponse:
    """One message: why it is here, its source, what can be done."""
    person, delivery = me(request), _mine(request, shunted)
    context = {
        "row": row_of(delivery, everything=True),
        "source": source_of(delivery),
        "receivers": quarantined.receivers(person),
    }
    return _never_cached(render(request, "quarantine/look.html", context))


@require_safe
def original(request: HttpRequest, shunted: int) -> HttpResponse:
    """The very bytes, as a download."""
    return original_of(_mine(request, shunted))


@require_POST
def replay(request: HttpRequest, shunted: int) -> HttpResponse:
    """Another try."""
    delivery = _mine(request, shunted)
    again(request, me(request), [delivery.pk], f"delivery {delivery.pk}")
    return redirect("quarantine")


@require_POST
def release(request: HttpRequest, shunted: int) -> HttpResponse:
    """Hand it to one of one's own processes as a message with the original attached."""
    person = me(request)
    hand_over(request, _mine(request, shunted), person, of=person)
    return redirect("quarantine")


@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All originals that this person may look into, as a zip."""
    person = me(request)
    found = list(quarantined.readable(person)[:MOST_EXPORTED])
    if not found:
        raise Http404
    record(person, "export-quarantine", "quarantine", count=len(found))
    return zip_of(found)


def _mine(request: HttpRequest, pk: int) -> Delivery:
    return get_object_or_404(quarantined.readable(me(request)).select_related("origin__gateway__owner"), pk=pk)


# --- shared with the administration --------------------------------------------------------------------------------


def original_of(delivery: Delivery) -> HttpResponse:
    """A download with a name that says nothing of the mail; text that says why, when there is none."""
    try:
        return download(store.original(delivery), f"quarantine-{delivery.pk}.eml")
    except Damaged as damage:
        words = gettext("The original cannot be made again: %(reason)s") % {"reason": damage}
        return HttpResponse(words, content_type="text/plain; charset=utf-8", status=409)


def again(request: HttpRequest, by: Person, pks: list[int] | None, subject: str) -> None:
    """Give deliveries (None: all) to the pipeline once more, and say how many they were."""
    rows = quarantine.shunted() if pks is None else quarantine.shunted().filter(pk__in=pks)
    count = quarantine.replay(rows, timezone.now())
    if count:
        record(by, "replay", subject, count=count)
    text = ngettext("%(count)s message is processed again.", "%(count)s messages are processed again.", count)
    messages.success(request, text % {"count": count})


def hand_over(request: HttpRequest, delivery: Delivery, by: Person, *, of: Person | None) -> None:
    """Release to the address that was chosen, among those of the processes of `of` (None: all); and say so."""
    chosen = request.POST.get("address", "")
    if not chosen:
        messages.error(request, gettext("Choose whom to hand it to."))
        return
    receivers = quarantined.receivers(of)
    address = get_object_or_404(receivers, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0)
    now = timezone.now()
    try:
        done = quarantined.release(delivery, address, _letter(delivery, by, now), by, now)
    except Damaged as damage:
        messages.error(request, gettext("The original cannot be made again: %(reason)s") % {"reason": damage})
        return
    if done is None:
        messages.error(request, gettext("It is in the quarantine no longer; nothing was done."))
    else:
        text = gettext("It comes to %(process)s as a message with the original attached.")
        messages.success(request, text % {"process": address.process})


def _letter(delivery: Delivery, by: Person, now: datetime) -> tuple[str, str]:
    sender = delivery.message.from_address or delivery.mail_from or gettext("somebody")
    subject = gettext("Mail that could not be processed, from %(sender)s") % {"sender": sender}
    text = gettext(
        "A message came that Podatelna could not process. The original is attached as a file, byte for byte.\n\n"
        "It may be damaged or harmful: open it only in a mail program that you trust, or ask an administrator.\n\n"
        "Released from the quarantine by %(person)s."
    )
    return subject, text % {"person": by}


def zip_of(deliveries: Iterable[Delivery]) -> StreamingHttpResponse:
    """Their originals as a zip; what is damaged is listed in it by name."""
    response = StreamingHttpResponse(_zipped(deliveries), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="quarantine.zip"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    add_never_cache_headers(response)
    return response


def _zipped(deliveries: Iterable[Delivery]) -> Iterator[bytes]:
    archive, damaged = Zip(), []
    for delivery in deliveries:
        try:
            yield from archive.add(f"quarantine-{delivery.pk}.eml", store.original(delivery), delivery.seen_at)
        except Damaged as damage:
            damaged.append(f"quarantine-{delivery.pk}.eml: {damage}\n")
    if damaged:
        yield from archive.add("damaged.txt", "".join(damaged).encode(), timezone.now())
    yield from archive.end()


def _never_cached(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    return response
