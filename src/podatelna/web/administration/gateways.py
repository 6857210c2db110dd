"""Mailboxes: how each is doing, connecting and changing one, pausing and fetching now."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive.models import Origin
from podatelna.desk.models import ProcessAddress
from podatelna.desk.processes import add_address, remove_address
from podatelna.gateways.ledger import failures
from podatelna.gateways.models import Folder, Gateway
from podatelna.gateways.relocation import close_ledgers
from podatelna.gateways.trusted import suggested_servers

from . import sign_in_choice
from .access import administrators_only, changes
from .connecting import begin_form
from .gateway_form import COLUMNS, GatewayForm
from .ledger import progress_of
from .receiving_form import ReceivingForm
from .words import Explained, explain_last_error

State = Gateway.State


@administrators_only
@require_safe
def gateways(request: HttpRequest, by: Person) -> HttpResponse:
    """All mailboxes with their state, last success and last error in words."""
    rows = [
        {"gateway": row, "error": _error_of(row), "unfetched": failures(row), "shown": progress_of(row)}
        for row in Gateway.objects.filter(owner=None).prefetch_related("addresses__process")
    ]
    context = {"gateways": rows, "private": private_mailboxes(), "section": "gateways"}
    return render(request, "administration/gateways.html", context)


def private_mailboxes() -> list[dict[str, Any]]:
    """People's own mailboxes, as far as an administrator may know of them: whose, where, and whether they work."""
    rows = Gateway.objects.exclude(owner=None).select_related("owner").order_by("owner__name", "pk")
    return [{"gateway": row, "error": _error_of(row), "connected": bool(row.addresses.count())} for row in rows]


def _error_of(gateway: Gateway) -> Explained | None:
    return explain_last_error(gateway.last_error) if gateway.failures else None


@administrators_only
def new_gateway(request: HttpRequest, by: Person) -> HttpResponse:
    """Connect a mailbox: first its address, then everything else filled in as far as it can be guessed."""
    form, context = begin_form(request)
    if isinstance(form, GatewayForm) and form.is_valid():
        return redirect(sign_in_choice.next_step(save_gateway(form, by, timezone.now())))
    context["section"] = "gateways"
    return render(request, "administration/gateway_new.html", context, status=422 if form.errors else 200)


@administrators_only
def gateway(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """One mailbox: change its settings, test, pause, fetch now."""
    row = get_object_or_404(Gateway, pk=pk, owner=None)
    if row.kind == Gateway.Kind.RECEIVING:
        return redirect("administration_receiving", receiving=pk)
    form = GatewayForm(request.POST or None, instance=row)
    if form.is_valid():
        saved = save_gateway(form, by, timezone.now())
        messages.success(request, gettext("Saved."))
        return redirect(sign_in_choice.next_step(saved))
    shown = get_object_or_404(Gateway, pk=pk, owner=None)
    context = {
        "form": form,
        "gateway": shown,
        "error": _error_of(shown),
        "section": "gateways",
        "test_url": reverse("administration_gateway_test", args=[pk]),
        "folders_url": reverse("administration_gateway_folders", args=[pk]),
        "suggested_servers": suggested_servers(shown),
        "shown": progress_of(shown),
    }
    return render(request, "administration/gateway.html", context, status=422 if form.errors else 200)


def save_gateway(form: GatewayForm, by: Person, now: datetime) -> Gateway:
    """Keep what the form holds, tell the worker, give the address its process."""
    gateway = form.seal_passwords()
    with transaction.atomic():
        if form.connected:
            _change(form, gateway, by, now)
        else:
            gateway.origin = Origin.objects.create(kind=Origin.Kind.IMAP, name=gateway.address)
            gateway.due_at = now
            gateway.save()
            record(by, "connect-gateway", f"gateway {gateway.pk}", after=_audited(gateway))
        give_process(form, gateway, by)
        sign_in_choice.settle(gateway, form.cleaned_data["sign_in"], now)
    return gateway


def _change(form: GatewayForm, gateway: Gateway, by: Person, now: datetime) -> None:
    # Only these columns: the worker writes the others at the same time.
    gateway.save(update_fields=[*COLUMNS, "imap_sealed", "smtp_sealed", "imap_authentication", "smtp_authentication"])
    Origin.objects.filter(pk=gateway.origin_id).update(name=gateway.address)
    Gateway.objects.filter(pk=gateway.pk).exclude(state=State.PAUSED).update(due_at=now)
    changed: dict[str, Any] = changes(_plain(form.stored), _audited(gateway))
    if {"imap_host", "imap_login"} & changed["after"].keys():
        changed["ledgers_closed"] = close_ledgers(gateway, now)
    if "processed_folder" in changed["after"]:
        Folder.objects.filter(gateway=gateway).update(processed_uidnext=None)  # another one is counted from now on
    passwords = [name for name in ("imap_password", "smtp_password") if form.cleaned_data.get(name)]
    record(by, "change-gateway", f"gateway {gateway.pk}", **changed, passwords_changed=passwords)


def _audited(gateway: Gateway) -> dict[str, Any]:
    return _plain(model_to_dict(gateway, COLUMNS))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def give_process(form: GatewayForm | ReceivingForm, gateway: Gateway, by: Person) -> None:
    """Have the gateway's address be the chosen process's, or nobody's."""
    process = form.cleaned_data["process"]
    here = Q(gateway=gateway, address__in={gateway.address, form.stored["address"]})
    # The process may have had the address through another mailbox until now.
    present = ProcessAddress.objects.filter(here | Q(process=process, address=gateway.address))
    wanted = (process and process.pk, gateway.pk, gateway.address)
    if [(row.process_id, row.gateway_id, row.address) for row in present] == [wanted]:
        return
    for row in present:
        remove_address(row, by)
    if process is not None:
        add_address(process, gateway, gateway.address, by)


@administrators_only
@require_POST
def pause(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Fetch nothing from the mailbox until it is resumed; sending goes on."""
    row = get_object_or_404(Gateway, pk=pk, owner=None)
    if Gateway.objects.filter(pk=pk).exclude(state=State.PAUSED).update(state=State.PAUSED, due_at=None):
        record(by, "pause-gateway", f"gateway {pk}", address=row.address)
    return redirect(_list())


@administrators_only
@require_POST
def resume(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Fetch from a paused mailbox again, at once."""
    row = get_object_or_404(Gateway, pk=pk, owner=None)
    paused = Gateway.objects.filter(pk=pk, state=State.PAUSED)
    if paused.update(state=State.NEW, failures=0, due_at=timezone.now()):
        record(by, "resume-gateway", f"gateway {pk}", address=row.address)
    return redirect(_list())


@administrators_only
@require_POST
def fetch_now(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Do not wait for the next turn."""
    row = get_object_or_404(Gateway, pk=pk, owner=None)
    if Gateway.objects.filter(pk=pk).exclude(state=State.PAUSED).update(due_at=timezone.now()):
        messages.success(request, gettext("%(address)s is fetched now.") % {"address": row.address})
    return redirect(_list())


def _list() -> str:
    return reverse("administration_gateways")
