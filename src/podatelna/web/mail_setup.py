"""What mail programs and servers ask for under the names of our mail domains: autoconfig, autodiscover, MTA-STS.

A middleware, and the first one: these come under host names that are not the desk's own, without a session or cookie,
and are answered for domains of the provided mail server alone.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from podatelna.mailserver import autoconfig
from podatelna.mailserver.models import MailDomain
from podatelna.mailserver.pages import published
from podatelna.mailserver.records import sts_policy

_AUTOCONFIG = ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml")
_AUTODISCOVER = "/autodiscover/autodiscover.xml"
_STS = "/.well-known/mta-sts.txt"
_CACHED_SECONDS = 3600


class MailSetup:
    """Answers these few paths, hands everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path not in _AUTOCONFIG and request.path.lower() not in (_AUTODISCOVER, _STS):
            return self.get_response(request)
        return _answer(request) or HttpResponse(status=404)


def _answer(request: HttpRequest) -> HttpResponse | None:
    host = settings.MAILSERVER_NAME
    if not host:
        return None
    if request.path in _AUTOCONFIG:
        domain = _domain(_without(_host(request), "autoconfig.")) or _domain(
            _domain_of(request.GET.get("emailaddress"))
        )
        return _xml(autoconfig.autoconfig(domain.name, host)) if domain else None
    if request.path.lower() == _AUTODISCOVER:
        address = autoconfig.asked_address(_body(request))
        return _xml(autoconfig.autodiscover(address, host)) if _domain(_domain_of(address)) else None
    # RFC 8461 3.3: under mta-sts. of the domain, and under no other name.
    domain = _domain(_without(_host(request), "mta-sts."))
    return _text(sts_policy(published(domain))) if domain else None


def _host(request: HttpRequest) -> str:
    # Not get_host(): that refuses names which are not the desk's. It is only looked up, and shown nowhere.
    return str(request.META.get("HTTP_HOST", "")).partition(":")[0].lower().rstrip(".")


def _without(host: str, prefix: str) -> str:
    return host.removeprefix(prefix) if host.startswith(prefix) else ""


def _domain_of(address: str | None) -> str:
    return (address or "").rpartition("@")[2].strip().lower()


def _domain(name: str) -> MailDomain | None:
    if not name or len(name) > 253 or "\0" in name:
        return None
    return MailDomain.objects.filter(name=name).first()


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    fits = request.method == "POST" and length.isdecimal() and int(length) <= autoconfig.MOST_BYTES
    return request.read(int(length)) if fits else b""


def _xml(content: bytes) -> HttpResponse:
    return _kept(HttpResponse(content, content_type="application/xml; charset=utf-8"))


def _text(content: str) -> HttpResponse:
    return _kept(HttpResponse(content, content_type="text/plain; charset=us-ascii"))


def _kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = f"public, max-age={_CACHED_SECONDS}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
