"""What machines ask: /healthz (alive?), /readyz (can it work?), /metrics. No session, any name of this host."""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from podatelna.protocols.network import is_loopback
from podatelna.watch import beats, metrics, readiness
from podatelna.watch.exposition import CONTENT_TYPE, Family, exposition

from .demo import on_loopback

log = logging.getLogger(__name__)

_REMEMBERED_SECONDS = 10.0  # whoever asks a hundred times a second must not write a hundred objects
_PLAIN = "text/plain; charset=utf-8"


class Probes:
    """Answers probes before anything else looks at the request: Host, session, language, sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse("GET or HEAD\n", status=405, content_type=_PLAIN, headers={"Allow": "GET, HEAD"})
        answer = probe(request)
        answer["Cache-Control"], answer["X-Content-Type-Options"] = "no-store", "nosniff"
        return answer


def healthz(request: HttpRequest) -> HttpResponse:
    """200 "ok" while this process answers and reaches its database."""
    try:
        readiness.database_answers()
    except (DatabaseError, InterfaceError, OSError):
        log.warning("/healthz: the database does not answer", exc_info=True)
        return _plain("the database does not answer", 503)
    return _plain("ok")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 "ready" when the database is prepared, the blob store can be written, and a worker was seen; else 503."""
    try:
        reason = _unprepared() or _unwritable() or _unattended()
    except (DatabaseError, InterfaceError, OSError):
        log.warning("/readyz: the database does not answer", exc_info=True)
        reason = "the database does not answer"
    return _plain(f"not ready: {reason}", 503) if reason else _plain("ready")


def metrics_page(request: HttpRequest) -> HttpResponse:
    """Numbers for Prometheus, to whoever shows the token; without one in the settings, to this machine alone."""
    if not _may_read(request):
        return HttpResponse("not allowed\n", status=403, content_type=_PLAIN)
    try:
        text = exposition(metrics.families(timezone.now(), blob_store=not _unwritable()))
    except (DatabaseError, InterfaceError, OSError):
        log.warning("/metrics: the database does not answer", exc_info=True)
        text = exposition([Family("podatelna_database_up", "gauge", "Whether the database answers.").add(0)])
    return HttpResponse(text, content_type=CONTENT_TYPE)


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics_page,
}


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    # Behind a proxy on this machine everybody comes from loopback.
    direct = is_loopback(urlsplit(settings.ORIGIN).hostname or "") and not settings.ENV["PODATELNA_TRUSTED_PROXIES"]
    return direct and on_loopback(request)


def _unprepared() -> str:
    if not _remembered["prepared"]:
        missing = len(readiness.pending_migrations())
        if missing:
            return f"the database is not prepared ({missing} steps are missing)"
        _remembered["prepared"] = 1.0  # what was prepared stays so
    return ""


def _unwritable() -> str:
    if time.monotonic() - _remembered["written"] > _REMEMBERED_SECONDS:
        _remembered["writable"] = float(_can_write())
        _remembered["written"] = time.monotonic()
    return "" if _remembered["writable"] else "the blob store cannot be written"


def _can_write() -> bool:
    try:
        return readiness.blob_store_works()
    except Exception:  # said in the answer and logged: stores raise errors of their own
        log.warning("the blob store cannot be written", exc_info=True)
        return False


def _unattended() -> str:
    return "" if beats.alive(timezone.now()) else "no worker was seen for two minutes"


_remembered = {"prepared": 0.0, "written": float("-inf"), "writable": 0.0}


def forget() -> None:
    """Look anew at the next probe."""
    _remembered.update(prepared=0.0, written=float("-inf"), writable=0.0)


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type=_PLAIN)
