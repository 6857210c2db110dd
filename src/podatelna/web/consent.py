"""Letting a mailbox in at its provider: the page that explains it, the way there and back, a code to type."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.models import Person
from podatelna.gateways import consents
from podatelna.gateways.models import Gateway
from podatelna.gateways.sign_in_models import Consent, SignIn, SignInProvider
from podatelna.protocols.errors import ConsentRefused, ServerError

from .administration.words import explain


def consent_url(gateway: Gateway, return_to: str) -> str:
    """Where a person lets the gateway in; afterwards they are at `return_to`, a path of ours."""
    return f"{reverse('consent', args=[gateway.pk])}?{urlencode({'next': return_to})}"


def redirect_uri() -> str:
    """Where providers send people back to; it must be registered there."""
    return f"{settings.ORIGIN}{reverse('consent_return')}"


@require_safe
def consent(request: HttpRequest, gateway: int) -> HttpResponse:
    """What will happen, and a button for each provider to choose from."""
    _, row = _asked(request, gateway)
    return _private(render(request, "people/consent.html", _context(request, row)))


def _context(request: HttpRequest, gateway: Gateway) -> dict[str, object]:
    sign_in = SignIn.objects.filter(gateway=gateway).first()
    return {
        "gateway": gateway,
        "sign_in": sign_in,
        "providers": [(row, consents.has_codes(row)) for row in consents.choices(gateway)],
        "next": _local(request, request.GET.get("next", "")),
        "account": gateway.imap_login or gateway.address,
    }


@require_POST
def consent_departure(request: HttpRequest, gateway: int) -> HttpResponse:
    """Send the person to the provider. A page does it, for after a form browsers follow no redirect to elsewhere."""
    person, row = _asked(request, gateway)
    provider = _provider(request, row)
    try:
        url = consents.begin(
            row,
            provider,
            person,
            redirect_uri=redirect_uri(),
            return_to=_local(request, request.POST.get("next", "")),
            now=timezone.now(),
        )
    except ServerError as error:
        return _failed(request, row, error)
    response = render(request, "people/consent_departure.html", {"url": url, "provider": provider})
    response["Refresh"] = f"0; url={url}"
    return _private(response)


@login_not_required
@require_safe
def consent_return(request: HttpRequest) -> HttpResponse:
    """The person is back. The code in the address is good for one use, and only with what we kept."""
    person = request.user
    if not isinstance(person, Person):
        return redirect("account_login")  # without this address: it must not stand in another one
    found = consents.find(request.GET.get("state", ""), person, timezone.now())
    if found is None:
        messages.error(request, gettext("Signing in took too long, or was finished before. Nothing was changed."))
        return redirect("home")
    code = request.GET.get("code", "")
    try:
        if not code:
            raise ConsentRefused(request.GET.get("error", "")[:100])
        consents.finish(found, code, redirect_uri=redirect_uri(), now=timezone.now())
    except ServerError as error:
        return _failed(request, found.gateway, error, found.return_to)
    return _done(request, found)


# --- a code to type -----------------------------------------------------------------------------------------


@require_POST
def consent_code(request: HttpRequest, gateway: int) -> HttpResponse:
    """Get a code from the provider."""
    person, row = _asked(request, gateway)
    return_to = _local(request, request.POST.get("next", ""))
    try:
        begun = consents.begin_device(row, _provider(request, row), person, return_to=return_to, now=timezone.now())
    except ServerError as error:
        return _failed(request, row, error, return_to)
    return redirect("consent_device", begun.pk)


@require_safe
def consent_device(request: HttpRequest, consent: int) -> HttpResponse:
    """The code, and where it is typed; the page asks by itself whether that was done."""
    begun = _begun(request, consent)
    return _private(render(request, "people/consent_device.html", {"consent": begun, "seconds": begun.interval}))


@require_POST
def consent_device_answer(request: HttpRequest, consent: int) -> HttpResponse:
    """Whether the code was typed: to where the person came from when it was, else 204."""
    begun = consents.device_consents(_person(request)).filter(pk=consent).first()
    if begun is None:
        raise Http404
    try:
        finished = consents.ask_device(begun, now=timezone.now())
    except ConsentRefused as error:
        return _elsewhere(request, _failed(request, begun.gateway, error, begun.return_to))
    except ServerError:
        finished = None  # it may pass; the page asks again
    return _elsewhere(request, _done(request, begun)) if finished else HttpResponse(status=204)


def _elsewhere(request: HttpRequest, to: HttpResponse) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return to
    response = HttpResponse(status=204)
    response["HX-Redirect"] = to["Location"]
    return response


# --- shared -------------------------------------------------------------------------------------------------


def _person(request: HttpRequest) -> Person:
    if not isinstance(request.user, Person):
        raise Http404
    return request.user


def _asked(request: HttpRequest, gateway: int) -> tuple[Person, Gateway]:
    person, row = _person(request), get_object_or_404(Gateway, pk=gateway)
    if not consents.may_sign_in(person, row):
        raise Http404
    return person, row


def _begun(request: HttpRequest, consent: int) -> Consent:
    return get_object_or_404(consents.device_consents(_person(request)), pk=consent)


def _provider(request: HttpRequest, gateway: Gateway) -> SignInProvider:
    chosen = request.POST.get("provider")
    if chosen is None and (only := consents.choices(gateway).first()):
        return only
    if chosen is None or not chosen.isdecimal() or len(chosen) > 18:
        raise Http404
    return get_object_or_404(consents.choices(gateway), pk=int(chosen))


def _local(request: HttpRequest, path: str) -> str:
    """`path` if it is one of ours, else the first page: nobody is led elsewhere by a link."""
    fine = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None) and len(path) < 500
    return path if fine else "/"


def _failed(request: HttpRequest, gateway: Gateway, error: ServerError, return_to: str = "/") -> HttpResponse:
    words = explain(error.code, error.detail)
    messages.error(request, " ".join(filter(None, (str(words.happened), str(words.to_do), words.detail))))
    return redirect(consent_url(gateway, return_to))


def _done(request: HttpRequest, consent: Consent) -> HttpResponse:
    paused = Gateway.objects.filter(pk=consent.gateway_id, state=Gateway.State.PAUSED).exists()
    words = gettext("Signed in.") if paused else gettext("Signed in. %(address)s is fetched now.")
    messages.success(request, words % {"address": consent.gateway.address})
    return redirect(_local(request, consent.return_to))


def _private(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    return response
