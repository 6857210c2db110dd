"""Where forms on other people's pages are sent: the one address without a session, a cookie or a token against forgery.

Whoever sees the page may send its form, so there is nothing to forge. What protects the desk instead: only pages of the
allowed origins, limits for each visitor and for all, a trap for programs, and nothing of what was sent is shown again.
Without scripts the answer is a page, or the way back to one of the company's; with `fetch` it is JSON.
"""

from __future__ import annotations

import logging
from typing import NamedTuple
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from podatelna.archive.intake import accept
from podatelna.gateways.form_models import WebForm
from podatelna.gateways.forms import FormRefused, Submission, count_refusal, files_of, take
from podatelna.protocols.smtp_limits import client_key

log = logging.getLogger(__name__)

_ROUGHLY = 64 * 1024  # for what stands around the fields and files
_MALFORMED = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, MultiPartParserError, UnreadablePostError)


class _Answer(NamedTuple):
    status: int
    words: Promise


_TAKEN = _Answer(200, _("Thank you. Your message has arrived, and the answer comes by e-mail."))
_LATER = _Answer(503, _("Your message could not be stored and was not sent. Please try again in a few minutes."))
_REFUSALS = {
    "closed": _Answer(410, _("This form is closed. Your message was not sent.")),
    "origin": _Answer(403, _("This form does not belong to the page it was sent from. Your message was not sent.")),
    "trap": _Answer(
        422,
        _(
            "Your message was not sent: a hidden field was filled in, as programs do. If your browser did it, go back, "
            "reload the page and write without filling in automatically."
        ),
    ),
    "too-fast": _Answer(422, _("That was very quick. Your message was not sent; please wait a moment and send again.")),
    "email-missing": _Answer(
        422, _("Please give your e-mail address: the answer is sent there. Nothing was sent yet.")
    ),
    "email-wrong": _Answer(
        422, _("The e-mail address is not written right, so nobody could answer. Nothing was sent.")
    ),
    "text-missing": _Answer(422, _("The message is empty. Nothing was sent.")),
    "too-large": _Answer(413, _("That is more than this form takes. Nothing was sent; try with smaller files.")),
    "too-many-files": _Answer(413, _("These are more files than this form takes. Nothing was sent.")),
    "too-many": _Answer(429, _("You have sent many messages lately. This one was not sent; please try in an hour.")),
    "too-many-today": _Answer(
        429, _("More messages came today than this form takes. Yours was not sent; please try tomorrow.")
    ),
    "malformed": _Answer(400, _("What your browser sent could not be read. Nothing was sent.")),
}


@csrf_exempt
@login_not_required
def web_form(request: HttpRequest, key: str) -> HttpResponseBase:
    """Take what a visitor has written. Unknown forms are not found."""
    form = WebForm.objects.filter(key=key).first()
    if form is None:
        raise Http404
    origin = _origin(request)
    with translation.override(form.language or translation.get_language_from_request(request)):
        response = _respond(request, form, allowed=_is_allowed(form, origin))
    if origin and _is_allowed(form, origin):
        response["Access-Control-Allow-Origin"] = origin
    patch_vary_headers(response, ("Origin", "Accept", "Accept-Language"))
    add_never_cache_headers(response)
    return response


def _respond(request: HttpRequest, form: WebForm, *, allowed: bool) -> HttpResponse:
    if request.method == "OPTIONS":
        return _preflight(allowed)
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST, OPTIONS"})
    code = _take(request, form, allowed=allowed)
    answer = _TAKEN if not code else _REFUSALS.get(code, _LATER)
    if _wants_json(request):
        said = {"ok": not code, "code": code or "taken", "message": str(answer.words)}
        return JsonResponse(said, status=answer.status)
    if not code and form.thanks_url:
        # Set by an administrator, and checked then: nothing that was sent decides where it leads.
        return HttpResponse(status=303, headers={"Location": form.thanks_url})
    context = {"words": answer.words, "taken": not code, "language": translation.get_language()}
    return render(request, "web_forms/answer.html", context, status=answer.status)


def _take(request: HttpRequest, form: WebForm, *, allowed: bool) -> str:
    """The code of why it was not taken; "" when it was."""
    now = timezone.now()
    early = "" if allowed else "origin"
    if not early and int(request.META.get("CONTENT_LENGTH") or 0) > form.size + _ROUGHLY:
        early = "too-large"  # before any of it is read
    if early:
        count_refusal(form, early, now)
        return early
    try:
        take(form, _submission(request), accept=accept, now=now)
    except FormRefused as refusal:
        return refusal.code
    except RequestDataTooBig:
        return "too-large"
    except (*_MALFORMED, SuspiciousOperation):
        return "malformed"
    except Exception:  # logged, and the visitor is told that nothing was sent
        log.exception("form %s", form.pk)
        return "unavailable"
    return ""


def _submission(request: HttpRequest) -> Submission:
    fields = tuple((name, str(value)) for name, values in request.POST.lists() for value in values)
    uploads = [upload for _name, uploads in request.FILES.lists() for upload in uploads]
    return Submission(
        tuple((name.replace("\0", ""), value.replace("\0", "")) for name, value in fields),
        files_of([(upload.name or "", upload.content_type or "", upload.read()) for upload in uploads]),
        _client(request),
    )


def _client(request: HttpRequest) -> str:
    """Whom the rate is for; visitors without an address share one."""
    try:
        return client_key(str(get_adapter().get_client_ip(request)).strip())
    except (ValueError, PermissionDenied):
        return ""


def _origin(request: HttpRequest) -> str:
    """The origin of the page that sends, as the browser says; "" when it does not."""
    origin = request.headers.get("Origin", "").lower()
    if origin or "Referer" not in request.headers:
        return origin
    try:
        parts = urlsplit(request.headers["Referer"])
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_allowed(form: WebForm, origin: str) -> bool:
    # Our own page is among them, for administrators try the form there.
    return bool(origin) and origin in {*form.allowed_origins, settings.ORIGIN.lower()}


def _preflight(allowed: bool) -> HttpResponse:
    response = HttpResponse(status=204 if allowed else 403)
    if allowed:
        response["Access-Control-Allow-Methods"] = "POST"
        response["Access-Control-Allow-Headers"] = "Content-Type"
        response["Access-Control-Max-Age"] = "3600"
    return response


def _wants_json(request: HttpRequest) -> bool:
    wanted = request.headers.get("Accept", "")
    return "application/json" in wanted and "text/html" not in wanted
