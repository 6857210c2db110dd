"""The provided mail server: its domains, their DNS records, mailboxes and aliases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.models import Person
from podatelna.mailserver import domains
from podatelna.mailserver.errors import InUse, Malformed, Taken
from podatelna.mailserver.models import Directory, Mailbox, MailDomain
from podatelna.mailserver.pages import published
from podatelna.mailserver.records import Checked, Needed, check, needed
from podatelna.protocols.dns import Dns
from podatelna.web.forms import LineField

from .access import administrators_only
from .mail_domain_words import PURPOSES, STATES

LARGEST_QUOTA = 1_000_000  # MB


class DomainForm(forms.Form):
    """A domain to take mail for."""

    name = LineField(label=_("Domain"), max_length=253, help_text=_("What stands after the @, like company.com."))


class MailboxForm(forms.Form):
    """A mailbox; its password is made here."""

    local_part = LineField(label=_("Before the @"), max_length=64)
    name = LineField(label=_("Whose it is"), max_length=200, required=False)
    quota_megabytes = forms.IntegerField(
        label=_("Limit in MB"), min_value=0, max_value=LARGEST_QUOTA, initial=0, help_text=_("0: no limit.")
    )


class MailboxChangeForm(MailboxForm):
    """What can be changed of a mailbox."""

    local_part = None  # type: ignore[assignment]  # Django's way to leave a field out


class AliasForm(forms.Form):
    """An address whose mail goes elsewhere."""

    local_part = LineField(label=_("Before the @"), max_length=64)
    targets = forms.CharField(
        label=_("Goes to"), max_length=10_000, widget=forms.Textarea({"rows": 2}), help_text=_("Addresses, one a line.")
    )


@administrators_only
def mail_domains(request: HttpRequest, by: Person) -> HttpResponse:
    """All domains, and a form for another."""
    form = DomainForm(request.POST or None)
    if form.is_valid():
        try:
            domain = domains.add_domain(form.cleaned_data["name"], by)
        except Malformed:
            form.add_error("name", gettext("This is no name of a domain. Type it like company.com."))
        except Taken:
            form.add_error("name", gettext("This domain is here already."))
        else:
            return redirect("administration_mail_domain", domain.pk)
    rows = MailDomain.objects.prefetch_related("mailboxes", "aliases")
    context = {"domains": rows, "form": form, "section": "mail-server", **_server()}
    return render(request, "administration/mail_domains.html", context, status=422 if form.errors else 200)


def _server() -> dict[str, Any]:
    state = Directory.objects.filter(pk=1).first()
    return {
        "folder": settings.MAILSERVER,
        "host": settings.MAILSERVER_NAME,
        "state": state,
        "waits": state is not None and state.revision != state.written_revision,
    }


@administrators_only
@require_safe
def mail_domain(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """One domain: its records, mailboxes and aliases."""
    return _render(request, get_object_or_404(MailDomain, pk=pk))


def _render(
    request: HttpRequest, domain: MailDomain, secret: tuple[str, str] | None = None, **given: forms.Form
) -> HttpResponse:
    context = {
        "mailbox_form": MailboxForm(),
        "alias_form": AliasForm(),
        **given,
        "domain": domain,
        "records": [(record, PURPOSES[record.purpose]) for record in needed(published(domain))],
        "mailboxes": domain.mailboxes.select_related("domain"),
        "aliases": domain.aliases.select_related("domain"),
        "secret": secret,
        "section": "mail-server",
        **_server(),
    }
    failed = any(form.errors for form in given.values())
    return render(request, "administration/mail_domain.html", context, status=422 if failed else 200)


@administrators_only
@require_POST
def record_check(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Ask DNS for every record of the domain."""
    domain = get_object_or_404(MailDomain, pk=pk)
    checked = check(needed(published(domain)), Dns())
    context = {"domain": domain, "checked": [_shown(each) for each in checked]}
    return render(request, "administration/mail_records.html", context)


def _shown(checked: Checked) -> dict[str, Any]:
    record: Needed = checked.needed
    return {
        "record": record,
        "words": PURPOSES[record.purpose],
        "state": checked.state,
        "verdict": STATES[checked.state],
        "found": checked.found,
    }


@administrators_only
@require_POST
def removal(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Take no mail for a domain any more; only of one that nothing hangs on."""
    domain = get_object_or_404(MailDomain, pk=pk)
    try:
        domains.remove_domain(domain, by)
    except InUse:
        words = gettext(
            "%(domain)s still has mailboxes or aliases, so nothing was changed. Close the mailboxes instead."
        )
        messages.error(request, words % {"domain": domain.name})
        return redirect("administration_mail_domain", pk)
    return redirect("administration_mail_domains")


@administrators_only
@require_POST
def key_renewal(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Sign with a new key from now on."""
    domains.renew_key(get_object_or_404(MailDomain, pk=pk), by)
    messages.success(request, gettext("There is a new key. Publish its record now; leave the old one for a week."))
    return redirect("administration_mail_domain", pk)


@administrators_only
@require_POST
def mailboxes(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Make a mailbox; its password is shown this once."""
    domain = get_object_or_404(MailDomain, pk=pk)
    form = MailboxForm(request.POST)
    if not form.is_valid():
        return _render(request, domain, mailbox_form=form)
    password = domains.make_password()
    data = form.cleaned_data
    try:
        made = domains.add_mailbox(
            domain, data["local_part"], password, by, name=data["name"], quota_megabytes=data["quota_megabytes"]
        )
    except (Malformed, Taken) as error:
        form.add_error("local_part", _why(error, domain))
        return _render(request, domain, mailbox_form=form)
    return _render(request, domain, (made.address, password))


@administrators_only
def mailbox(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """One mailbox: its name and limit; another password, closing and opening are verbs beside it."""
    row = get_object_or_404(Mailbox.objects.select_related("domain"), pk=pk)
    initial = {"name": row.name, "quota_megabytes": row.quota_megabytes}
    form = MailboxChangeForm(request.POST or None, initial=initial)
    if form.is_valid():
        domains.change_mailbox(row, by, **form.cleaned_data)
        messages.success(request, gettext("Saved."))
        return redirect("administration_mail_domain", row.domain_id)
    context = {"mailbox": row, "form": form, "section": "mail-server"}
    return render(request, "administration/mail_mailbox.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def mailbox_password(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Make another password; it is shown this once."""
    row = get_object_or_404(Mailbox.objects.select_related("domain"), pk=pk)
    password = domains.make_password()
    domains.set_password(row, password, by)
    return _render(request, row.domain, (row.address, password))


@administrators_only
@require_POST
def mailbox_closing(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """It takes no mail any more; nothing in it is deleted."""
    row = get_object_or_404(Mailbox.objects.select_related("domain"), pk=pk)
    domains.close_mailbox(row, by)
    return redirect("administration_mail_domain", row.domain_id)


@administrators_only
@require_POST
def mailbox_opening(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Open a closed one again."""
    row = get_object_or_404(Mailbox.objects.select_related("domain"), pk=pk)
    domains.open_mailbox(row, by)
    return redirect("administration_mail_domain", row.domain_id)


@administrators_only
@require_POST
def aliases(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Make an alias."""
    domain = get_object_or_404(MailDomain, pk=pk)
    form = AliasForm(request.POST)
    if not form.is_valid():
        return _render(request, domain, alias_form=form)
    try:
        targets = domains.read_targets(form.cleaned_data["targets"])
    except Malformed as error:
        words = gettext("%(text)s is no address. Type them like helpdesk@company.com.")
        form.add_error("targets", words % {"text": str(error)[:100]})
        return _render(request, domain, alias_form=form)
    try:
        domains.add_alias(domain, form.cleaned_data["local_part"], "\n".join(targets), by)
    except (Malformed, Taken) as error:
        form.add_error("local_part", _why(error, domain))
        return _render(request, domain, alias_form=form)
    return redirect("administration_mail_domain", pk)


def _why(error: Malformed | Taken, domain: MailDomain) -> str:
    if isinstance(error, Taken):
        return gettext("%(address)s is there already.") % {"address": str(error)}
    return gettext("Only letters without accents, digits, dots, hyphens and underscores stand before the @.")


@administrators_only
@require_POST
def alias_removal(request: HttpRequest, by: Person, pk: int, alias_pk: int) -> HttpResponse:
    """Mail to the alias is refused from now on."""
    domain = get_object_or_404(MailDomain, pk=pk)
    domains.remove_alias(get_object_or_404(domain.aliases, pk=alias_pk), by)
    return redirect("administration_mail_domain", pk)
