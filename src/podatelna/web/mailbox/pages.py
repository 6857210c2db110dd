"""My mailbox: connecting it, its state, pausing; and its transcript, for its owner alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive.models import Origin
from podatelna.desk import personal
from podatelna.desk.errors import AddressTaken
from podatelna.gateways import consents
from podatelna.gateways import transcript as transcripts
from podatelna.gateways.ledger import failures
from podatelna.gateways.models import Gateway
from podatelna.gateways.personal import settle_folders
from podatelna.gateways.relocation import close_ledgers
from podatelna.gateways.sign_in_models import SignIn
from podatelna.gateways.transcript_models import Unsaid
from podatelna.protocols.errors import ServerError
from podatelna.web.administration.connecting import AddressFirst, asked_folders, streamed_test
from podatelna.web.administration.sign_in_choice import likely_provider, next_step, settle, waits
from podatelna.web.administration.words import explain, explain_last_error
from podatelna.web.consent import consent_url
from podatelna.web.desk.answers import me

from .form import COLUMNS, PrivateMailboxForm
from .preparing import guessed, mailbox_of, my_mailbox, prepare

State = Gateway.State
SIGN_IN_COLUMNS = ["imap_sealed", "smtp_sealed", "imap_authentication", "smtp_authentication"]
SHOWN = 200  # rows of the transcript on the page; the whole is in the download


@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """One's own mailbox: first its address, then the form, then its state."""
    row = mailbox_of(me(request))
    if row is None:
        return _begin(request)
    form = PrivateMailboxForm(request.POST or None, instance=row)
    if form.is_valid() and waits(row, form.cleaned_data["sign_in"]):
        if _wait(form, me(request), timezone.now()):
            return redirect(next_step(row, reverse("my_mailbox")))
    elif form.is_valid() and _connect(form, me(request), timezone.now()):
        messages.success(request, gettext("Your mailbox is connected. Move mail into the folder to hand it over."))
        return redirect("my_mailbox")
    return _render(request, form)


def _begin(request: HttpRequest) -> HttpResponse:
    person = me(request)
    form = AddressForm(request.POST or None, initial={"address": person.email}, owner=person)
    if form.is_valid():
        prepare(guessed(person, form.cleaned_data["address"]), person, timezone.now())
        return redirect("my_mailbox")
    return render(request, "mailbox/begin.html", {"form": form}, status=422 if form.errors else 200)


def _render(request: HttpRequest, form: PrivateMailboxForm) -> HttpResponse:
    row = mailbox_of(me(request))
    assert row is not None
    context = {
        "form": form,
        "gateway": row,
        "connected": row.addresses.exists(),
        **_sign_in(row),
        "error": explain_last_error(row.last_error) if row.failures else None,
        "unfetched": failures(row),
        "test_url": reverse("my_mailbox_test"),
        "folders_url": reverse("my_mailbox_folders"),
    }
    return render(request, "mailbox/mailbox.html", context, status=422 if form.errors else 200)


def _sign_in(row: Gateway) -> dict[str, Any]:
    """What the page needs to lead to a provider and to say what came of it."""
    sign_in, likely = SignIn.objects.filter(gateway=row).select_related("provider").first(), likely_provider(row)
    providers = [one for one in consents.choices(row) if likely in (None, one)]
    return {
        "sign_in": sign_in,
        "likely": likely,
        "providers": [(one, consents.has_codes(one)) for one in providers],
        # First the provider, then the folders: those are asked of the server.
        "asks_sign_in": bool(providers) and not row.addresses.exists() and not (sign_in and sign_in.signed_in_at),
        "account": row.imap_login or row.address,
        "next": reverse("my_mailbox"),
        "consent_url": consent_url(row, reverse("my_mailbox")),
    }


def _connect(form: PrivateMailboxForm, by: Person, now: datetime) -> bool:
    """Make the two folders, keep what the form holds, tell the worker. False: the form says what stands in the way."""
    gateway, first = form.seal_passwords(), not form.instance.addresses.exists()
    try:
        settle_folders(gateway)
    except ServerError as error:
        words = explain(error.code, error.detail)
        form.add_error(None, f"{words.happened} {words.to_do}")
        return False
    return _kept(form, gateway, by, now, first)


def _wait(form: PrivateMailboxForm, by: Person, now: datetime) -> bool:
    """Keep what the form holds until its owner has signed in at the provider: nothing can be dialled before."""
    gateway = form.seal_passwords()
    if not gateway.addresses.exists():
        prepare(gateway, by, now, form.cleaned_data["sign_in"])
        gateway.save(update_fields=[*COLUMNS, *SIGN_IN_COLUMNS])
        return True
    for name in ("folder", "processed_folder"):
        if form.stored[name] != getattr(gateway, name):
            form.add_error(name, gettext("Sign in first, and then choose another folder."))
    return not form.errors and _kept(form, gateway, by, now, first=False)


def _kept(form: PrivateMailboxForm, gateway: Gateway, by: Person, now: datetime, first: bool) -> bool:
    try:
        _keep(form, gateway, by, now, first)
    except AddressTaken:
        form.add_error("address", gettext("A mailbox with this address is connected already."))
        return False
    return True


@transaction.atomic
def _keep(form: PrivateMailboxForm, gateway: Gateway, by: Person, now: datetime, first: bool) -> None:
    gateway.save(update_fields=[*COLUMNS, *SIGN_IN_COLUMNS])
    Origin.objects.filter(pk=gateway.origin_id).update(name=gateway.address)
    if not first and any(form.stored[name] != getattr(gateway, name) for name in ("imap_host", "imap_login")):
        close_ledgers(gateway, now)
    personal.take_in(gateway, by)
    if first:
        Gateway.objects.filter(pk=gateway.pk).update(state=State.NEW, failures=0)
    Gateway.objects.filter(pk=gateway.pk).exclude(state=State.PAUSED).update(due_at=now)
    settle(gateway, form.cleaned_data["sign_in"], now)
    act = "connect-private-mailbox" if first else "change-private-mailbox"
    record(by, act, f"gateway {gateway.pk}", owner=by.pk, address=gateway.address)


class AddressForm(AddressFirst):
    """The first thing asked: one's own address."""

    def __init__(self, *args: Any, owner: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        self.fields["address"].label = gettext("Your address")
        self.fields["address"].help_text = gettext("Servers and ports are guessed from it.")

    def clean_address(self) -> str:
        """One's own address, and nobody else's."""
        row = PrivateMailboxForm({"address": self.cleaned_data["address"]}, instance=Gateway(owner=self.owner))
        row.is_valid()
        if "address" in row.errors:
            self.add_error("address", row.errors["address"])
        return str(self.cleaned_data.get("address", "")).lower()


# --- asked while the form is filled in -------------------------------------------------------------------


def _posted(request: HttpRequest) -> PrivateMailboxForm:
    return PrivateMailboxForm(request.POST, instance=_mine(request))


def _mine(request: HttpRequest) -> Gateway:
    return my_mailbox(me(request))


@require_POST
def test(request: HttpRequest) -> HttpResponseBase:
    """Try what was posted, step by step."""
    return streamed_test(request, _posted(request))


@require_POST
def folders(request: HttpRequest) -> HttpResponse:
    """The fields for folders, with the folders that the server has."""
    return render(request, "mailbox/folders.html", asked_folders(request, _posted(request)))


# --- what is done with it --------------------------------------------------------------------------------


@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Leave the mailbox alone until its owner goes on."""
    row = _mine(request)
    if Gateway.objects.filter(pk=row.pk).exclude(state=State.PAUSED).update(state=State.PAUSED, due_at=None):
        record(me(request), "pause-gateway", f"gateway {row.pk}", address=row.address)
    return redirect("my_mailbox")


@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """Go on, at once."""
    row = _mine(request)
    paused = Gateway.objects.filter(pk=row.pk, state=State.PAUSED, addresses__isnull=False)
    if paused.update(state=State.NEW, failures=0, due_at=timezone.now()):
        record(me(request), "resume-gateway", f"gateway {row.pk}", address=row.address)
    return redirect("my_mailbox")


@require_POST
def look_now(request: HttpRequest) -> HttpResponse:
    """Do not wait for the next turn."""
    row = _mine(request)
    if Gateway.objects.filter(pk=row.pk).exclude(state=State.PAUSED).update(due_at=timezone.now()):
        messages.success(request, gettext("%(address)s is fetched now.") % {"address": row.address})
    return redirect("my_mailbox")


@never_cache
@require_safe
def transcript(request: HttpRequest) -> HttpResponse:
    """What was said to one's mail server, the newest first."""
    row = _mine(request)
    rows = transcripts.transcript(row, SHOWN + 1)
    context = {
        "gateway": row,
        "rows": [{"row": one, "lines": one.lines.split("\n")} for one in rows[:SHOWN]],
        "more": len(rows) > SHOWN,
        "gap": Unsaid.objects.filter(gateway=row).first(),
        "days": transcripts.KEEP.days,
    }
    return render(request, "mailbox/transcript.html", context)


@never_cache
@require_safe
def transcript_file(request: HttpRequest) -> HttpResponseBase:
    """All of it as text."""
    lines = (f"{line}\n" for line in transcripts.written(_mine(request)))
    response = StreamingHttpResponse(lines, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="transcript.txt"'
    return response
