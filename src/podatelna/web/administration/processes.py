"""Processes: what they are, who works in them, which addresses they have."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.desk.errors import AddressTaken
from podatelna.desk.models import Member, Process, ProcessAddress
from podatelna.desk.processes import (
    add_address,
    add_member,
    create_process,
    name_address,
    put_first,
    remove_address,
    remove_member,
)
from podatelna.gateways.models import Gateway
from podatelna.web.forms import LineField, RowForm, one_line

from .access import administrators_only, changes

FIELDS = ["name", "description", "mark_subjects"]
ROLES = [
    (Member.Role.MEMBER, _("Member")),
    (Member.Role.LEAD, _("Lead")),
    (Member.Role.READER, _("Reader: only looks on")),
]


class ProcessForm(RowForm[Process]):
    """Name and description of a process."""

    class Meta:
        model = Process
        fields = FIELDS
        labels = {
            "description": _("What it is for"),
            "mark_subjects": _("Letters name their conversation in the subject, like [#helpdesk-123]"),
        }
        help_texts = {
            "mark_subjects": _(
                "For partners whose programs answer without saying what they answer. It is rarely needed."
            )
        }
        widgets = {"description": forms.Textarea({"rows": 2})}

    name = LineField(
        label=_("Name of the process"),
        max_length=100,
        help_text=_("Standing work with an address and a team: Helpdesk, Sales, Press."),
    )

    def clean_name(self) -> str:
        """Processes are told apart by their names; personal desks have the names of people."""
        name = str(self.cleaned_data["name"])
        if Process.objects.of_company().filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(gettext("There is a process with this name already."))
        return name


class FirstProcessForm(ProcessForm):
    """The guide's form: the process and its team at once."""

    members = forms.ModelMultipleChoiceField(
        Person.objects.filter(is_active=True), required=False, widget=forms.CheckboxSelectMultiple, label=_("Team")
    )


class MemberForm(forms.Form):
    """Somebody for the team."""

    person = forms.ModelChoiceField(Person.objects.none(), label=_("Person"), empty_label=_("Choose…"))
    role = forms.ChoiceField(choices=ROLES, label=_("Role"))

    def __init__(self, process: Process, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Person.objects.filter(is_active=True).exclude(memberships__process=process)


class AddressForm(forms.Form):
    """An address whose mail is the work of the process, and the mailbox it comes through."""

    address = forms.EmailField(label=_("Address"), max_length=320)
    gateway = forms.ModelChoiceField(Gateway.objects.filter(owner=None), label=_("Mailbox"), empty_label=_("Choose…"))


@administrators_only
def processes(request: HttpRequest, by: Person) -> HttpResponse:
    """All processes with their teams, and a form to make one."""
    form = ProcessForm(request.POST or None)
    if form.is_valid():
        process = create_process(form.cleaned_data["name"], form.cleaned_data["description"], by)
        return redirect("administration_process", pk=process.pk)
    rows = Process.objects.of_company().prefetch_related("members__person", "addresses__gateway")
    context = {"processes": rows, "form": form, "section": "processes"}
    return render(request, "administration/processes.html", context, status=422 if form.errors else 200)


def create_first_process(form: FirstProcessForm, by: Person) -> Process:
    """A process with its team; whoever makes it and is in the team leads it."""
    with transaction.atomic():
        process = create_process(form.cleaned_data["name"], form.cleaned_data["description"], by)
        for person in form.cleaned_data["members"]:
            add_member(process, person, Member.Role.LEAD if person == by else Member.Role.MEMBER, by)
    return process


@administrators_only
def process(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """One process: its name, its team, its addresses."""
    row = get_object_or_404(Process, pk=pk, owner=None)
    before = model_to_dict(row, FIELDS)
    form = ProcessForm(request.POST or None, instance=row)
    if form.is_valid():
        with transaction.atomic():
            form.save()
            record(by, "change-process", f"process {row.pk}", **changes(before, model_to_dict(row, FIELDS)))
        messages.success(request, gettext("Saved."))
        return redirect("administration_process", pk=pk)
    row.refresh_from_db()
    return _render_process(request, row, form=form)


def _render_process(request: HttpRequest, row: Process, **forms_: forms.Form | ProcessForm) -> HttpResponse:
    context = {
        "form": ProcessForm(instance=row),
        "member_form": MemberForm(row),
        "address_form": AddressForm(),
        **forms_,
        "process": row,
        "members": row.members.select_related("person").order_by("person__name", "pk"),
        "addresses": row.addresses.select_related("gateway"),
        "roles": ROLES,
        "mailboxes": Gateway.objects.filter(owner=None).exists(),
        "section": "processes",
        "view": "process",
    }
    failed = any(form.errors for form in forms_.values())
    return render(request, "administration/process.html", context, status=422 if failed else 200)


@administrators_only
@require_POST
def members(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Take somebody into the team."""
    row = get_object_or_404(Process, pk=pk, owner=None)
    form = MemberForm(row, request.POST)
    if not form.is_valid():
        return _render_process(request, row, member_form=form)
    add_member(row, form.cleaned_data["person"], form.cleaned_data["role"], by)
    return redirect("administration_process", pk=pk)


@administrators_only
@require_POST
def member(request: HttpRequest, by: Person, pk: int, person_pk: int) -> HttpResponse:
    """Change somebody's role, or take them out of the team (`remove`)."""
    row = get_object_or_404(
        Member.objects.select_related("process", "person"), process_id=pk, process__owner=None, person_id=person_pk
    )
    if "remove" in request.POST:
        remove_member(row.process, row.person, by, timezone.now())
    elif request.POST.get("role") in Member.Role.values:
        add_member(row.process, row.person, request.POST["role"], by)
    return redirect("administration_process", pk=pk)


@administrators_only
@require_POST
def addresses(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Give the process an address."""
    row = get_object_or_404(Process, pk=pk, owner=None)
    form = AddressForm(request.POST)
    if not (form.is_valid() and add_checked(form, row, by)):
        return _render_process(request, row, address_form=form)
    return redirect("administration_process", pk=pk)


def add_checked(form: AddressForm, row: Process, by: Person) -> bool:
    """Add the address, or say in the form whose it is already."""
    try:
        add_address(row, form.cleaned_data["gateway"], form.cleaned_data["address"], by)
    except AddressTaken as error:
        form.add_error("address", address_taken(str(error)))
        return False
    return True


def address_taken(address: str) -> str:
    """Words for an address that has a process already."""
    owner = ProcessAddress.objects.select_related("process").filter(address=address.strip().lower()).first()
    name = owner.process.name if owner else "?"
    return gettext("%(address)s belongs to the process %(name)s already.") % {"address": address, "name": name}


@administrators_only
@require_POST
def address(request: HttpRequest, by: Person, pk: int, address_pk: int) -> HttpResponse:
    """Name the address (`name`), or have letters go out from it first (`first`)."""
    row = get_object_or_404(ProcessAddress, pk=address_pk, process_id=pk, process__owner=None)
    if "first" in request.POST:
        put_first(row, by)
    else:
        name_address(row, one_line(request.POST.get("name", ""))[:200], by)
    return redirect(f"{reverse('administration_process', args=[pk])}#addresses")


@administrators_only
@require_POST
def address_removal(request: HttpRequest, by: Person, pk: int, address_pk: int) -> HttpResponse:
    """Mail to the address is no longer this process's work."""
    remove_address(get_object_or_404(ProcessAddress, pk=address_pk, process_id=pk), by)
    return redirect("administration_process", pk=pk)
