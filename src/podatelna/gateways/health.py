"""How a gateway is doing: what the administrator sees, and when a failed one is tried again."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError

from podatelna.protocols.errors import LoginRefused, ServerBusy, ServerError, SignInMissing

from .models import Gateway

State = Gateway.State

_FIRST_DELAY, _LAST_DELAY = 1.0, 300.0
# Providers lock an account after a few wrong passwords: those are not tried in quick succession.
_FIRST_LOGIN_DELAY, _LAST_LOGIN_DELAY = 120.0, 3600.0
_FIRST_BUSY_DELAY, _LAST_BUSY_DELAY = 30.0, 600.0  # asked at once, a busy server only gets busier
_FRESH = timedelta(seconds=30)


def backing_off(error: Exception, failures: int) -> timedelta:
    """How long to wait after the `failures`-th failure in a row: doubling from 1 s to 5 min, refused logins slower."""
    first, last = _FIRST_DELAY, _LAST_DELAY
    if isinstance(error, LoginRefused):
        first, last = _FIRST_LOGIN_DELAY, _LAST_LOGIN_DELAY
    elif isinstance(error, ServerBusy):
        first, last = _FIRST_BUSY_DELAY, _LAST_BUSY_DELAY
    delay = min(last, first * 2 ** min(max(failures - 1, 0), 20))
    return timedelta(seconds=delay * random.uniform(0.8, 1.2))  # noqa: S311  # spreads load, keeps no secret


def succeeded(gateway: Gateway, now: datetime) -> None:
    """A look into the folder went well. Written at most every half minute, for each write wakes the disk."""
    fresh = gateway.last_success_at and now - gateway.last_success_at < _FRESH
    if gateway.state == State.WORKING and not gateway.failures and fresh:
        return
    gateway.state, gateway.failures, gateway.last_success_at = State.WORKING, 0, now
    _save(gateway, state=State.WORKING, failures=0, last_success_at=now)


def failed(gateway: Gateway, error: Exception, now: datetime) -> None:
    """It did not go well: shown with the code of what happened. Counts up `failures`."""
    # Without a permission nothing is tried until a person signs in (tokens.py).
    gateway.state = State.SIGN_IN if isinstance(error, SignInMissing) else State.FAILING
    gateway.failures += 1
    gateway.last_error, gateway.last_error_at = _written(error), now
    _save(
        gateway,
        state=gateway.state,
        failures=gateway.failures,
        last_error=gateway.last_error,
        last_error_at=now,
    )


def last_error(gateway: Gateway) -> tuple[str, str] | None:
    """Code (of protocols/errors.py, "password-unreadable", "storage" or "internal") and details of the last error."""
    if not gateway.last_error:
        return None
    written = json.loads(gateway.last_error)
    return str(written["code"]), str(written["detail"])


def _written(error: Exception) -> str:
    if isinstance(error, ServerError):
        return json.dumps({"code": error.code, "detail": error.detail})
    if isinstance(error, OSError | DatabaseError | InterfaceError):  # a full disk, a store or database that is away
        return json.dumps({"code": "storage", "detail": " ".join(str(error).split())[:300] or type(error).__name__})
    return json.dumps({"code": "internal", "detail": type(error).__name__})


def _save(gateway: Gateway, **values: object) -> None:
    # Paused while we were at it, or left without a permission: that is for a person to end.
    mine = Gateway.objects.filter(pk=gateway.pk).exclude(state=State.PAUSED)
    if values.get("state") != State.SIGN_IN:
        mine = mine.exclude(state=State.SIGN_IN)
    mine.update(**values)
