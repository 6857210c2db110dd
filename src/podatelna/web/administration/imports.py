"""Imports started from the browser: files that are uploaded or lie on the server, IMAP accounts; watched, cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.archive import import_jobs
from podatelna.archive.models import ImportJob
from podatelna.archive.transfer import import_origin
from podatelna.desk.imports import origin_for, process_of
from podatelna.desk.models import Process
from podatelna.protocols.network import is_loopback
from podatelna.web.forms import LineField

from .access import administrators_only
from .gateway_form import SECURITY
from .words import Explained, explain

Kind, State = ImportJob.Kind, ImportJob.State
_SHOWN = 50
_RUNS = (State.WAITING, State.RUNNING)


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _Files(forms.FileField):
    """Several files at once."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        files = (data or [None]) if isinstance(data, list | tuple) else [data]
        return [cast("UploadedFile[Any]", super(_Files, self).clean(file, initial)) for file in files]


class ImportForm(forms.Form):
    """What every import asks: whose the mail shall be."""

    process = forms.ModelChoiceField(
        Process.objects.filter(owner=None),
        required=False,
        label=_("Process"),
        empty_label=_("Nobody: in the archive alone"),
        help_text=_("Its team sees the mail, as closed conversations."),
    )


class UploadForm(ImportForm):
    """Files from the visitor's computer."""

    uploads = _Files(
        label=_("Files"),
        help_text=_(
            "mbox, .eml, .emlx, .msg, .pst; also compressed, and zip or tar archives of these or of a Maildir."
        ),
    )


class FolderForm(ImportForm):
    """Files that lie on the server."""

    names = forms.MultipleChoiceField(label=_("Files and folders"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["names"]).choices = [(name, name) for name in import_jobs.choices()]


class AccountForm(ImportForm):
    """A mailbox on another server."""

    host = LineField(label=_("IMAP server"), max_length=255)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=993)
    security = forms.ChoiceField(label=_("Security"), choices=SECURITY)
    login = forms.CharField(label=_("Login"), max_length=320, widget=forms.TextInput({"autocomplete": "off"}))
    password = forms.CharField(
        label=_("Password"), strip=False, max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "new-password"}, render_value=False),
    )  # fmt: skip
    folders = forms.CharField(
        label=_("Folders"), required=False, widget=forms.Textarea({"rows": 3}),
        help_text=_("One a line. Empty: all of them. The mailbox is only read, nothing in it changes."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Without encryption only this very computer is reached."""
        data = super().clean() or {}
        if data.get("security") == "none" and not is_loopback(data.get("host", "")):
            self.add_error("security", str(explain("plaintext-refused").happened))
        return data


_FORMS: dict[str, type[ImportForm]] = {Kind.UPLOAD: UploadForm, Kind.FOLDER: FolderForm, Kind.IMAP: AccountForm}


@administrators_only
def imports(request: HttpRequest, by: Person) -> HttpResponse:
    """What has been imported, and three ways to begin."""
    posted = request.POST.get("kind", "") if request.method == "POST" else ""
    made = {kind: form(request.POST, request.FILES) if kind == posted else form() for kind, form in _FORMS.items()}
    form = made.get(posted)
    if form is not None and form.is_valid():
        try:
            return redirect("administration_import", pk=_start(posted, form.cleaned_data, by).pk)
        except OSError as error:
            form.add_error(
                None, gettext("The files cannot be kept (%(reason)s).") % {"reason": error.strerror or error}
            )
    context = {
        "jobs": [_shown(job) for job in ImportJob.objects.select_related("person", "origin")[:_SHOWN]],
        "upload": made[Kind.UPLOAD],
        "folder": made[Kind.FOLDER],
        "account": made[Kind.IMAP],
        "import_folder": import_jobs.import_folder(),
        "choices": import_jobs.choices(),
        "posted": posted,
        "section": "imports",
    }
    return render(request, "administration/imports.html", context, status=422 if form is not None else 200)


def _start(kind: str, data: dict[str, Any], by: Person) -> ImportJob:
    process = data["process"]
    source, sealed = _source(kind, data)  # outside: gigabytes are copied, and nobody else should wait for that
    with transaction.atomic():
        origin = origin_for(process) if process else import_origin()
        job = ImportJob.objects.create(
            person=by, origin=origin, kind=kind, source=source, sealed=sealed, due_at=timezone.now()
        )
        kept = {name: value for name, value in source.items() if name != "folder"}
        record(by, "import", f"import {job.pk}", kind=kind, process=process and process.pk, **kept)
    return job


def _source(kind: str, data: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    if kind == Kind.UPLOAD:
        return import_jobs.keep_upload((file.name or "", file.file) for file in data["uploads"]), b""
    if kind == Kind.FOLDER:
        return {"names": data["names"]}, b""
    folders = [line.strip() for line in data["folders"].splitlines() if line.strip()]
    account = {name: data[name] for name in ("host", "port", "security", "login")}
    return {**account, "folders": folders}, import_jobs.seal(data["password"])


@administrators_only
@require_safe
def job(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """How an import is doing; the page asks for the part that changes every two seconds while it runs."""
    row = get_object_or_404(ImportJob.objects.select_related("person", "origin"), pk=pk)
    template = "administration/import_state.html" if "fragment" in request.GET else "administration/import.html"
    return render(request, template, {"shown": _shown(row), "section": "imports"})


def _shown(row: ImportJob) -> dict[str, Any]:
    """An import as its page shows it."""
    elapsed, fraction = row.seconds, row.fraction or 0.0
    done = row.new + row.already_here
    left = elapsed * (1 - fraction) / fraction if row.state == State.RUNNING and fraction else 0.0
    return {
        "job": row,
        "title": _title(row),
        "process": process_of(row.origin),
        "runs": row.state in _RUNS,
        "percent": round(100 * fraction),
        "done": done,
        "rate": round(done / elapsed) if elapsed else 0,
        "left": timedelta(minutes=round(left / 60)) if left >= 60 else None,
        "error": _explained(row),
        "may_go_on": import_jobs.may_go_on(row),
        "has_report": import_jobs.report_path(row).exists(),
    }


def _title(row: ImportJob) -> str:
    if row.kind == Kind.IMAP:
        return f"{row.source['login']} · {row.source['host']}"
    names = row.source["names"]
    return names[0] if len(names) == 1 else gettext("%(name)s and others") % {"name": names[0]} if names else "–"


def _explained(row: ImportJob) -> Explained | None:
    code, _, detail = row.error.partition("\n")
    if code == "internal":
        happened = gettext("The import broke off because of a fault in Podatelna.")
        to_do = gettext("Go on with it: what is here is passed over. If it breaks off again, read Podatelna's log.")
        return Explained(happened, to_do, detail)
    return explain(code, detail) if code else None


@administrators_only
@require_POST
def cancellation(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Stop an import; what came in stays."""
    row = get_object_or_404(ImportJob, pk=pk)
    if row.state in _RUNS:
        import_jobs.cancel(row, timezone.now())
        record(by, "cancel-import", f"import {pk}")
        messages.success(request, gettext("It stops. What came in stays."))
    return redirect("administration_import", pk=pk)


@administrators_only
@require_POST
def resumption(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Go on with an import that was cancelled or has failed."""
    row = get_object_or_404(ImportJob, pk=pk)
    if import_jobs.may_go_on(row):
        import_jobs.start(row, timezone.now())
        record(by, "resume-import", f"import {pk}")
    return redirect("administration_import", pk=pk)


@administrators_only
@require_safe
def report(request: HttpRequest, by: Person, pk: int) -> HttpResponseBase:
    """Counts and every skipped file with its reason, as JSON."""
    path = import_jobs.report_path(get_object_or_404(ImportJob, pk=pk))
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="application/json")
