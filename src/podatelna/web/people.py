"""Signing in, one's own settings, and the one-time links by which people get their password."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from podatelna.accounts import links
from podatelna.accounts.access import record
from podatelna.accounts.models import OneTimeLink, Person

from .forms import LineField, RowForm

Purpose = OneTimeLink.Purpose
_LINK_IN_SESSION = "one_time_link"


class ClosedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up by themselves: an administrator adds people."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "too_many_login_attempts": _(
            "Too many failed attempts. Wait five minutes and try again, or ask an administrator for a one-time link."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Person) -> None:
        super().login(request, user)
        record(user, "sign-in", f"person {user.pk}", address=self.get_client_ip(request))

    def logout(self, request: HttpRequest) -> None:
        person = request.user
        super().logout(request)
        if isinstance(person, Person):
            record(person, "sign-out", f"person {person.pk}")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        # What was typed is not recorded: a password lands in the wrong field now and then.
        typed = str(credentials.get("email") or credentials.get("username") or "")
        person = Person.objects.filter(email__iexact=typed).first()
        whose = f"person {person.pk}" if person else "nobody"
        record(None, "sign-in-failed", whose, address=self.get_client_ip(request))

    def set_password(self, user: Person, password: str) -> None:
        with transaction.atomic():
            super().set_password(user, password)
            record(user, "set-password", f"person {user.pk}")


def person_of(request: HttpRequest) -> Person:
    """Who asks; for views that only signed-in people reach."""
    assert isinstance(request.user, Person)
    return request.user


def safe_next(request: HttpRequest, default: str) -> str:
    """The page named by `next` if it is one of ours, else `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else default


# --- one's own settings ----------------------------------------------------------------------------------


def _time_zones() -> list[tuple[str, str]]:
    """Zones of places; the installation's first."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    usual = gettext("As the installation (%(zone)s)") % {"zone": settings.TIME_ZONE}
    return [("", usual), *((name, name.replace("_", " ")) for name in places)]


class PreferencesForm(RowForm[Person]):
    """Name, language, theme and signature of oneself."""

    class Meta:
        model = Person
        fields = ["name", "language", "time_zone", "theme", "signature"]
        labels = {"signature": _("Signature")}
        help_texts = {"signature": _("Stands below what you write from your own address.")}
        widgets = {"signature": forms.Textarea({"rows": 4})}

    name = LineField(
        label=_("Your name"), max_length=200, help_text=_("As colleagues and the people you write to see it.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=_time_zones)
    theme = forms.ChoiceField(
        label=_("Appearance"),
        choices=[
            (Person.Theme.SYSTEM, _("As the system")),
            (Person.Theme.LIGHT, _("Light")),
            (Person.Theme.DARK, _("Dark")),
        ],
    )


def preferences(request: HttpRequest) -> HttpResponse:
    """One's own settings. A POST may carry some of the fields only (the theme switch in the rail does)."""
    person = person_of(request)
    if request.method != "POST":
        return render(request, "people/preferences.html", {"form": PreferencesForm(instance=person)})
    before = model_to_dict(person, PreferencesForm.Meta.fields)
    form = PreferencesForm({**before, **request.POST.dict()}, instance=person)
    if not form.is_valid():
        person.refresh_from_db()
        return render(request, "people/preferences.html", {"form": form}, status=422)
    _save_preferences(form, person, before)
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx's middleware
        return HttpResponseClientRefresh()
    if "next" not in request.POST:
        with translation.override(person.language):
            messages.success(request, gettext("Saved."))
    return redirect(safe_next(request, reverse("preferences")))


def _save_preferences(form: PreferencesForm, person: Person, before: dict[str, Any]) -> None:
    with transaction.atomic():
        form.save()
        if person.name != before["name"]:
            record(person, "change-person", f"person {person.pk}", before=before["name"], after=person.name)


# --- one-time links --------------------------------------------------------------------------------------


def setup_link() -> str | None:
    """A fresh link that makes the first administrator, for the console; None once there is anybody.

    Each call ends the links given before. The link is good for 24 hours and for one administrator.
    """
    if Person.objects.exists():
        return None
    secret = links.make_link(Purpose.SET_UP, person=None, by=None, now=timezone.now())
    return settings.ORIGIN + reverse("setup_open", args=[secret])


def password_link(request: HttpRequest, person: Person, by: Person) -> str:
    """A fresh link by which `person` chooses a password, good for seven days; shown once, kept as a hash only."""
    with transaction.atomic():
        secret = links.make_link(Purpose.PASSWORD, person=person, by=by, now=timezone.now())
        record(by, "make-link", f"person {person.pk}", to=person.email)
    path = reverse("welcome_open", args=[secret])
    # How others reach the desk, where that is set; else as the administrator does.
    origin = settings.ENV["PODATELNA_ORIGIN"]
    return origin + path if origin else request.build_absolute_uri(path)


def keep_link(request: HttpRequest, secret: str, purpose: OneTimeLink.Purpose, page: str) -> HttpResponse:
    """Move a link from the address into the session, so that no history, referrer or bookmark holds its secret."""
    link = links.find_link(secret, purpose, timezone.now())
    request.session.pop(_LINK_IN_SESSION, None)
    if link is not None:
        # A session that somebody planted in this browser beforehand must not learn of the link.
        request.session.cycle_key()
        request.session[_LINK_IN_SESSION] = link.pk
    response = redirect(page)
    response["Referrer-Policy"] = "no-referrer"
    return response


def kept_link(request: HttpRequest, purpose: OneTimeLink.Purpose) -> OneTimeLink | None:
    """The link that this visitor opened, if it is still good."""
    pk = request.session.get(_LINK_IN_SESSION)
    return links.usable(purpose, timezone.now()).filter(pk=pk).first() if pk else None


class PasswordForm(forms.Form):
    """A new password, twice."""

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 12 characters. A few unrelated words make a good one."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Password again"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean(self) -> dict[str, Any]:
        """Both the same, and strong enough for `person`."""
        data = self.cleaned_data
        if "password1" in data and "password2" in data and data["password1"] != data["password2"]:
            self.add_error("password2", gettext("The two passwords differ."))
        elif "password1" in data:
            self._check_strength(data["password1"])
        return data

    def _check_strength(self, password: str) -> None:
        try:
            password_validation.validate_password(password, self.person)
        except forms.ValidationError as error:
            self.add_error("password1", error)


@login_not_required
@never_cache
@require_safe
def open_welcome(request: HttpRequest, secret: str) -> HttpResponse:
    """Where an invitation or a one-time link for a new password leads."""
    return keep_link(request, secret, Purpose.PASSWORD, "welcome")


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def welcome(request: HttpRequest) -> HttpResponse:
    """A person chooses a password by a one-time link, and is signed in."""
    link = kept_link(request, Purpose.PASSWORD)
    if link is None or link.person is None:
        return link_gone(request)
    form = PasswordForm(request.POST or None, person=link.person)
    if form.is_valid() and _choose_password(link, link.person, form.cleaned_data["password1"]):
        login(request, link.person)
        return redirect("/")
    with translation.override(link.person.language):
        context = {"form": form, "newcomer": link.person, "LANGUAGE_CODE": link.person.language}
        return render(request, "people/welcome.html", context, status=422 if form.errors else 200)


def _choose_password(link: OneTimeLink, person: Person, password: str) -> bool:
    with transaction.atomic():
        if not links.use(link, timezone.now()):
            return False
        person.set_password(password)
        person.save(update_fields=["password"])
        record(person, "set-password", f"person {person.pk}", by_link_of=link.made_by_id)
    return True


def link_gone(request: HttpRequest) -> HttpResponse:
    """The link was used, replaced or is too old: what to do."""
    context = {"nobody_yet": not Person.objects.exists()}
    return render(request, "people/link_gone.html", context, status=410)
