"""Gateways whose mail is brought to us: making one, what to write into one's own mail server, whether anything came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.archive.models import Delivery, Origin
from podatelna.gateways.models import Gateway, Security
from podatelna.protocols.listening import Place

from .access import administrators_only, changes
from .connecting import streamed_test
from .gateway_form import NONE
from .gateways import give_process
from .receiving_form import COLUMNS, ReceivingForm

_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104  # compared, not bound


@administrators_only
def new_receiving(request: HttpRequest, by: Person) -> HttpResponse:
    """Make one; then its page says what to write into the mail server that brings the mail."""
    initial = {"smtp_host": "localhost", "smtp_port": 25, "smtp_security": Security.NONE, "smtp_sign_in": NONE}
    form = ReceivingForm(request.POST or None, initial=initial)
    if form.is_valid():
        gateway = save_receiving(form, by, timezone.now())
        return redirect("administration_receiving", receiving=gateway.pk)
    context = {"form": form, "section": "gateways", "test_url": reverse("administration_receiving_new_test")}
    return render(request, "administration/receiving_new.html", context, status=422 if form.errors else 200)


@administrators_only
def receiving_gateway(request: HttpRequest, by: Person, receiving: int) -> HttpResponse:
    """One of them: how to have mail brought, what has come, its settings."""
    form = ReceivingForm(request.POST or None, instance=_one(receiving))
    if form.is_valid():
        save_receiving(form, by, timezone.now())
        messages.success(request, gettext("Saved."))
        return redirect("administration_receiving", receiving=receiving)
    gateway = _one(receiving)
    context = {
        "form": form,
        "gateway": gateway,
        "section": "gateways",
        "test_url": reverse("administration_receiving_test", args=[receiving]),
        "ways": ways(gateway),
        "come": Delivery.objects.filter(origin=gateway.origin_id).count(),
        "name": settings.SMTP_NAME,
        "encrypted": settings.SMTP_CERTIFICATE is not None,
    }
    return render(request, "administration/receiving.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def receiving_test(request: HttpRequest, by: Person, receiving: int | None = None) -> HttpResponseBase:
    """Try the server that answers go out through."""
    form = ReceivingForm(request.POST, instance=None if receiving is None else _one(receiving))
    return streamed_test(request, form)  # type: ignore[arg-type]  # of the form it needs is_valid and seal_passwords


def _one(pk: int) -> Gateway:
    return get_object_or_404(Gateway, pk=pk, kind=Gateway.Kind.RECEIVING, owner=None)


def save_receiving(form: ReceivingForm, by: Person, now: datetime) -> Gateway:
    """Keep what the form holds and give the address its process."""
    gateway = form.seal_passwords()
    with transaction.atomic():
        if form.connected:
            # Only these columns: the worker writes the others at the same time.
            gateway.save(update_fields=[*COLUMNS, "smtp_sealed"])
            Origin.objects.filter(pk=gateway.origin_id).update(name=gateway.address)
            changed = changes(form.stored, model_to_dict(gateway, COLUMNS))
            passwords = ["smtp_password"] if form.cleaned_data.get("smtp_password") else []
            record(by, "change-gateway", f"gateway {gateway.pk}", **changed, passwords_changed=passwords)
        else:
            gateway.origin = Origin.objects.create(kind=Origin.Kind.SMTP, name=gateway.address)
            gateway.save()
            record(by, "connect-gateway", f"gateway {gateway.pk}", after=model_to_dict(gateway, COLUMNS))
        give_process(form, gateway, by)
    return gateway


# --- what to write into a mail server --------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """One way of bringing mail: `lines` belong into the file `where`."""

    kind: str  # "postfix", "exim" or "mx"
    where: str
    lines: str


def ways(gateway: Gateway) -> list[Way]:
    """As settings have us listen; LMTP first, for one's own server knows then what became of each recipient."""
    addresses = sorted({gateway.address, *gateway.addresses.values_list("address", flat=True)})
    found = []
    for protocol, places in (("lmtp", settings.LMTP_LISTEN), ("smtp", settings.SMTP_LISTEN)):
        for place in places[:1]:
            found += [_postfix(protocol, place, addresses), _exim(protocol, place, addresses)]
    if settings.SMTP_LISTEN:
        domains = sorted({address.rpartition("@")[2] for address in addresses})
        found.append(Way("mx", "DNS", "\n".join(f"{domain}.  MX  10 {settings.SMTP_NAME}." for domain in domains)))
    return found


def _host(place: Place) -> str:
    return str(settings.SMTP_NAME) if place.host in _EVERYWHERE else place.host


def _postfix(protocol: str, place: Place, addresses: list[str]) -> Way:
    host, port = f"[{_host(place)}]", place.port
    if protocol == "lmtp":
        target = f"lmtp:unix:{place.path}" if place.path else f"lmtp:inet:{host}:{port}"
    else:
        target = f"smtp:{host}:{port}"
    return Way("postfix", "/etc/postfix/transport", "\n".join(f"{address}  {target}" for address in addresses))


def _exim(protocol: str, place: Place, addresses: list[str]) -> Way:
    local_parts = " : ".join(sorted({address.rpartition("@")[0] for address in addresses}))
    domains = " : ".join(sorted({address.rpartition("@")[2] for address in addresses}))
    transport = (
        f"  driver = lmtp\n  socket = {place.path}"
        if place.path
        else f"  driver = smtp\n  protocol = {protocol}\n  port = {place.port}\n  allow_localhost"
    )
    router = (
        "  driver = accept"
        if place.path
        else f'  driver = manualroute\n  route_list = * "{_host(place)}"\n  self = send'
    )
    lines = (
        f"begin routers\npodatelna:\n{router}\n  domains = {domains}\n  local_parts = {local_parts}\n"
        f"  local_part_suffix = +*\n  local_part_suffix_optional\n  transport = podatelna\n"
        f"begin transports\npodatelna:\n{transport}"
    )
    return Way("exim", "exim4.conf", lines)
