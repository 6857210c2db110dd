"""Exports over HTTP: shown first; what is little is made at once, much by the worker, with a page to watch it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.models import Person
from podatelna.archive.exporting import SUFFIXES
from podatelna.archive.models import ExportJob
from podatelna.archive.search import QueryError
from podatelna.desk import export_jobs
from podatelna.desk.chosen import Extent, Selection, extent
from podatelna.desk.models import Conversation
from podatelna.web.paper import conversation_pdf

from .answers import by_verb, me, see_other

State = ExportJob.State
_SOON_COUNT, _SOON_BYTES = 200, 20 * 1024 * 1024  # so much is made while one waits
_SOON_PAGES = 20  # messages of a PDF
_COUNTED = 10_000  # hits of a search; beyond it is said that there are more
_SHOWN = 30


@dataclass(frozen=True)
class Form:
    """A format as the page offers it."""

    name: str
    label: str | Promise
    help: str | Promise


_FORMS = {
    "zip": Form("zip", gettext_lazy("ZIP of .eml files"), gettext_lazy("One file a message; opens everywhere.")),
    "mbox": Form("mbox", gettext_lazy("mbox"), gettext_lazy("One file for Thunderbird, Apple Mail and others.")),
    "maildir": Form(
        "maildir",
        gettext_lazy("Maildir (.tar)"),
        gettext_lazy("For mail servers and archives; with folders and flags."),
    ),
    "pdf": Form("pdf", gettext_lazy("PDF"), gettext_lazy("To be read or printed; attachments are named in it.")),
}


def _asked(request: HttpRequest) -> Selection:
    """What the address or the form names; 404 for nothing, and for what this person may not export."""
    given = request.POST if request.method == "POST" else request.GET
    number = given.get("conversation", "")
    selection = Selection(
        query=given.get("q", "").strip()[:1000],
        conversation=int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else None,
        address=given.get("person", "").strip().lower()[:320],
    )
    if not export_jobs.may_export(selection, me(request)):
        raise Http404
    return selection


def _show(request: HttpRequest) -> HttpResponse:
    """What is about to be exported, and in which form."""
    selection = _asked(request)
    try:
        size = extent(selection, me(request), most=_COUNTED)
    except QueryError:
        return see_other(f"{reverse('search')}?{urlencode({'q': selection.query})}")  # where it is explained
    context = {
        "selection": selection,
        "title": _title(selection, me(request)),
        "size": size,
        "forms": [_FORMS[name] for name in export_jobs.formats(selection)],
        "back": _back(selection),
        "soon": _is_soon(size, "zip"),
    }
    return render(request, "desk/export_new.html", context)


def _make(request: HttpRequest) -> HttpResponseBase:
    """Make it, or have it made."""
    selection, person = _asked(request), me(request)
    form = request.POST.get("format", "")
    if form not in export_jobs.formats(selection):
        raise Http404
    try:
        soon = _is_soon(extent(selection, person, most=_SOON_COUNT + 1), form)
    except QueryError:
        return see_other(f"{reverse('search')}?{urlencode({'q': selection.query})}")
    notes = "notes" in request.POST
    job = export_jobs.underway(selection, form, person, notes=notes)
    if job is None:
        job = export_jobs.begin(selection, form, person, notes=notes, now=timezone.now(), held=soon)
    else:
        soon = False  # somebody clicked twice
    if soon:
        export_jobs.carry_out(job, now=timezone.now, pdf=conversation_pdf)
        if job.state == State.DONE and not job.failed:
            return _handed_over(job)
    return see_other(reverse("export", args=[job.token]))


def _is_soon(size: Extent, form: str) -> bool:
    most = _SOON_PAGES if form == export_jobs.PDF else _SOON_COUNT
    return not size.more and size.count <= most and size.bytes <= _SOON_BYTES


def _handed_over(job: ExportJob) -> FileResponse:
    """The file as an answer, after which it is gone: on Unix what is open can be read to its end."""
    response = _file_response(job)
    export_jobs.drop(job)
    return response


def _file_response(job: ExportJob) -> FileResponse:
    file = export_jobs.file_of(job).open("rb")
    response = FileResponse(file, as_attachment=True, filename=_name(job), content_type="application/octet-stream")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    patch_cache_control(response, private=True, no_store=True)
    return response


def _name(job: ExportJob) -> str:
    suffix = SUFFIXES.get(job.format, f".{job.format}")
    title = slugify(_title(export_jobs.selection_of(job), job.person))[:60]
    return f"{title or 'export'}-{timezone.localdate():%Y-%m-%d}{suffix}"


def _title(selection: Selection, person: Person) -> str:
    """What is exported, in a few words."""
    if selection.conversation is not None:
        found = Conversation.objects.visible_to(person).filter(pk=selection.conversation).first()
        return (found.subject if found else "") or _("(no subject)")
    if selection.query:
        return _("Search: %(query)s") % {"query": selection.query}
    return _("Correspondence with %(address)s") % {"address": selection.address}


def _back(selection: Selection) -> str:
    if selection.conversation is not None:
        return reverse("conversation", args=[selection.conversation])
    return f"{reverse('search')}?{urlencode({'q': selection.query or f'from:{selection.address}'})}"


new = by_verb(GET=_show, POST=_make)  # type: ignore[arg-type]  # a file is no HttpResponse in Django's types


@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    """One's own exports, the newest first."""
    jobs = ExportJob.objects.filter(person=me(request)).select_related("person")[:_SHOWN]
    return render(request, "desk/exports.html", {"jobs": [_shown(job) for job in jobs]})


@require_safe
def export(request: HttpRequest, token: str) -> HttpResponse:
    """How an export is doing; while it runs the page asks for the part that changes every two seconds."""
    job = _own(request, token)
    template = "desk/export_state.html" if "fragment" in request.GET else "desk/export.html"
    return render(request, template, {"shown": _shown(job)})


def _own(request: HttpRequest, token: str) -> ExportJob:
    return get_object_or_404(ExportJob.objects.select_related("person"), token=token, person=me(request))


def _shown(job: ExportJob) -> dict[str, Any]:
    """An export as its page shows it."""
    worked = job.done + job.failed
    code, _sep, detail = job.error.partition("\n")
    return {
        "job": job,
        "title": _title(export_jobs.selection_of(job), job.person),
        "form": _FORMS[job.format].label if job.format in _FORMS else job.format,
        "runs": job.state in {State.WAITING, State.RUNNING},
        "percent": min(100, round(100 * worked / job.total)) if job.total else 0,
        "forbidden": code == "forbidden",
        "detail": detail,
        "there": job.state == State.DONE and job.expires_at is not None and job.expires_at > timezone.now(),
    }


@require_safe
def file(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file, as long as its owner may still see everything in it; 410 when not."""
    job = _own(request, token)
    if export_jobs.fetch(job, me(request), timezone.now()) is None:
        return render(request, "desk/export_gone.html", {"shown": _shown(job)}, status=410)
    return _file_response(job)


@require_POST
def cancellation(request: HttpRequest, token: str) -> HttpResponse:
    """Stop an export."""
    job = _own(request, token)
    export_jobs.cancel(job, timezone.now())
    return see_other(reverse("export", args=[job.token]))
