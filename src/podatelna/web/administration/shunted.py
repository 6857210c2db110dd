"""Mail that is kept but whose processing failed: what failed, without what is in it, and a way to try again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive import quarantine
from podatelna.archive.models import Delivery

from .access import administrators_only

PAGE = 100
KNOWN = {
    "NoProcess": _("No process uses this mailbox. Give its address to a process, and the mail comes to its desk."),
    "BlobMissing": _("A stored file is missing. Check the disk or the object store, then replay."),
    "Damaged": _("Stored bytes are not what they were. Check the disk; `podatelna verify` names what is damaged."),
}
STAGES = {
    "read": _("reading from the archive"),
    "parse": _("understanding the mail"),
    "store": _("storing"),
    "route": _("finding its process"),
    "index": _("indexing for search"),
    "announce": _("announcing"),
    "crash": _("the worker stopped each time"),
}
_NAME = re.compile(r"(?:\w+\.)*([A-Za-z_]\w*):")


@dataclass(frozen=True)
class Row:
    """A shunted delivery as this administrator may see it."""

    delivery: Delivery
    stage: str | Promise
    kind: str  # the name of the error, which holds nothing of the mail
    words: str | Promise
    error: str  # the whole of it; "" unless the administrator may see the message


@administrators_only
@require_safe
def shunted(request: HttpRequest, by: Person) -> HttpResponse:
    """The newest shunted deliveries; an administrator outside the process learns nothing of their content."""
    everything = quarantine.shunted()
    page = everything[:PAGE]
    seen = set(Delivery.objects.visible_to(by).filter(pk__in=[row.pk for row in page]).values_list("pk", flat=True))
    rows = [_row(delivery, delivery.pk in seen) for delivery in page]
    context = {"rows": rows, "count": everything.count(), "page": PAGE, "section": "shunted"}
    return render(request, "administration/shunted.html", context)


def _row(delivery: Delivery, visible: bool) -> Row:
    # The pipeline writes "Error: words"; the words may quote the mail, the name of the error cannot.
    named = _NAME.match(delivery.error)
    kind = named[1] if named else ""
    stage = STAGES.get(delivery.stage, delivery.stage)
    return Row(delivery, stage, kind, KNOWN.get(kind, ""), delivery.error if visible else "")


@administrators_only
@require_POST
def replay(request: HttpRequest, by: Person) -> HttpResponse:
    """Give one delivery (`delivery`), or all of them, to the pipeline again."""
    rows = quarantine.shunted()
    chosen = request.POST.get("delivery", "")
    if chosen.isdecimal():
        rows = rows.filter(pk=int(chosen))
    count = quarantine.replay(rows, timezone.now())
    if count:
        record(by, "replay", f"delivery {chosen}" if chosen.isdecimal() else "all shunted", count=count)
    text = ngettext("%(count)s message is processed again.", "%(count)s messages are processed again.", count)
    messages.success(request, text % {"count": count})
    return redirect("administration_shunted")
