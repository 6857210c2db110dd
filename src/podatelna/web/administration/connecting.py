"""Connecting a mailbox step by step: the address, what can be guessed from it, the server's folders, the test."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.models import Person
from podatelna.desk.models import Company, Process
from podatelna.gateways import probe
from podatelna.gateways.discovery import discover
from podatelna.gateways.guess import Guess, guess, own_server
from podatelna.gateways.models import Gateway
from podatelna.mailserver.pages import served_here
from podatelna.protocols.errors import ServerError
from podatelna.protocols.folders import FolderName

from . import sign_in_choice
from .access import administrators_only
from .gateway_form import SAME, GatewayForm
from .words import HINTS, explain, step_detail, step_title

log = logging.getLogger(__name__)


class AddressFirst(forms.Form):
    """The first thing asked: everything else is guessed from it."""

    address = forms.EmailField(
        label=_("Address of the mailbox"),
        max_length=320,
        help_text=_("The shared address itself, like helpdesk@yourcompany.com."),
        widget=forms.EmailInput({"autofocus": True, "autocomplete": "off"}),
    )


def begin_form(request: HttpRequest) -> tuple[AddressFirst | GatewayForm, dict[str, Any]]:
    """The form to show and the template's context: the address alone, or all of it filled in as far as can be."""
    context: dict[str, Any] = {
        "test_url": reverse("administration_gateway_new_test"),
        "folders_url": reverse("administration_gateway_new_folders"),
    }
    form: AddressFirst | GatewayForm
    if request.method == "POST":
        form = GatewayForm(request.POST)
    else:
        form = AddressFirst(request.GET if "address" in request.GET else None)
        if form.is_valid():
            form = _filled_in(form.cleaned_data["address"].lower(), context)
    context["form"] = form
    context["asks_address"] = isinstance(form, AddressFirst)
    return form, context


def _filled_in(address: str, context: dict[str, Any]) -> GatewayForm:
    found = own_server(settings.MAILSERVER_NAME) if served_here(address) else _found(address)
    context["hint"] = HINTS.get(found.hint)
    process = _only_process_without_address()
    names = [*Company.objects.values_list("name", flat=True)[:1], *([process.name] if process else [])]
    initial = {
        "address": address,
        "process": process,
        "display_name": " ".join(names),
        "imap_host": found.imap_host,
        "imap_port": found.imap_port,
        "imap_security": found.imap_security,
        "imap_login": address,
        "sign_in": sign_in_choice.likely(found.imap_host),
        "smtp_host": found.smtp_host,
        "smtp_port": found.smtp_port,
        "smtp_security": found.smtp_security,
        "smtp_sign_in": SAME,
        "folder": "INBOX",
        **GatewayForm.proposed_folders(),
    }
    return GatewayForm(initial=initial)


def _found(address: str) -> Guess:
    return discover(address) if settings.DISCOVERY else guess(address)


def _only_process_without_address() -> Process | None:
    waiting = list(Process.objects.filter(owner=None, addresses=None)[:2])
    return waiting[0] if len(waiting) == 1 else None


def _posted(request: HttpRequest, pk: int | None) -> GatewayForm:
    return GatewayForm(request.POST, instance=None if pk is None else get_object_or_404(Gateway, pk=pk, owner=None))


# --- the test --------------------------------------------------------------------------------------------


@administrators_only
@require_POST
def connection_test(request: HttpRequest, by: Person, pk: int | None = None) -> HttpResponseBase:
    """Try what was posted; each step is a line of HTML, sent as soon as it is known."""
    return streamed_test(request, _posted(request, pk))


def streamed_test(request: HttpRequest, form: GatewayForm) -> HttpResponseBase:
    """The steps of a test of what stands in `form`, or what is missing in it."""
    if not form.is_valid():
        return render(request, "administration/gateway_incomplete.html", {"form": form}, status=422)
    steps = _lines(form, get_language() or "en")
    response = StreamingHttpResponse(steps, content_type="text/html; charset=utf-8")
    # A proxy that collects the answer first would show nothing until the end.
    response["X-Accel-Buffering"] = "no"
    return response


def _lines(form: GatewayForm, language: str) -> Iterator[str]:
    # The request is over for the middleware by now: the language must be set for each piece by itself.
    fine = True
    steps = _steps(form)
    while True:
        with translation.override(language):
            step = next(steps, None)
            if step is None:
                yield _line("administration/gateway_verdict.html", {"fine": fine})
                return
            fine = fine and step["ok"] is not False
            line = _line("administration/gateway_step.html", step)
        yield line


def _steps(form: GatewayForm) -> Iterator[dict[str, Any]]:
    try:
        for step in probe.probe(form.seal_passwords()):
            yield _step(step.name, step.ok, step.code, step.detail)
    except Exception:  # the test ends with a failed step, and the log has the rest
        log.exception("the test of a connection broke")
        yield _step("", False, "server-error", "")


def _step(name: str, ok: bool | None, code: str, detail: str) -> dict[str, Any]:
    words = explain(code, detail) if ok is False else None
    return {"title": step_title(name), "ok": ok, "words": words, "detail": step_detail(name, detail) if ok else ""}


def _line(template: str, context: dict[str, Any]) -> str:
    return " ".join(render_to_string(template, context).split()) + "\n"


# --- folders ---------------------------------------------------------------------------------------------


@administrators_only
@require_POST
def folder_choice(request: HttpRequest, by: Person, pk: int | None = None) -> HttpResponse:
    """The fields for folders, with the folders that the server has."""
    context = asked_folders(request, _posted(request, pk))
    return render(request, "administration/gateway_folders.html", context)


def asked_folders(request: HttpRequest, form: GatewayForm) -> dict[str, Any]:
    """What the template of folders needs, after the server that stands in `form` was asked."""
    context: dict[str, Any] = {"form": form, "folders_url": request.path}
    if not form.imap_usable():
        context["incomplete"] = True
    else:
        try:
            names = [row for row in probe.folders(form.seal_imap()) if row.selectable]
            context.update(_choice(form, names))
        except ServerError as error:
            context["folders_error"] = explain(error.code, error.detail)
    return context


def _choice(form: GatewayForm, folders: list[FolderName]) -> dict[str, Any]:
    chosen = {name: str(form.data.get(name, "")) for name in ("folder", "processed_folder", "sent_folder")}
    if not chosen["sent_folder"] and not form.connected:
        chosen["sent_folder"] = next((row.name for row in folders if row.special == "sent"), "")
    for name, proposed in form.proposed_folders().items():
        if chosen[name] == proposed:
            chosen[name] = beside_the_others(proposed, folders)
    return {"folders": folders, "chosen": chosen, "names": [row.name for row in folders]}


def beside_the_others(name: str, folders: list[FolderName]) -> str:
    """`name`, below INBOX where the server keeps everything there (Courier's and some of Dovecot's namespaces)."""
    inbox = next((row for row in folders if row.name.upper() == "INBOX"), None)
    others = [row for row in folders if row is not inbox]
    if inbox is None or not inbox.delimiter or not others:
        return name
    prefix = inbox.name + inbox.delimiter
    return prefix + name if all(row.name.startswith(prefix) for row in others) else name
