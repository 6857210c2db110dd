"""What doctor finds of gateways: how each is doing, and whether its servers let us in and have its folders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from .findings import Finding

if TYPE_CHECKING:
    from podatelna.gateways.models import Gateway
    from podatelna.gateways.probe import Step

_EXPIRES_SOON = timedelta(days=14)


def of_the_gateways(probe: bool) -> Iterator[Finding]:
    """Each gateway's last state; with `probe` also what its servers say now, a line for each step that failed."""
    from podatelna.gateways.models import Gateway

    gateways = list(Gateway.objects.select_related("owner"))
    if not gateways:
        yield Finding("gateways", True, "no mailbox is connected yet")
    for gateway in gateways:
        yield _state(gateway)
        if probe and gateway.state != Gateway.State.PAUSED:
            yield from _probe(gateway)
            gateway.refresh_from_db()
        yield from _certificate(gateway)
        yield from _sign_in(gateway)


def _name(gateway: Gateway) -> str:
    # Of a private mailbox whoever runs doctor needs to know whose it is, and no more.
    return f"private mailbox of {gateway.owner}" if gateway.owner is not None else f"gateway {gateway.address}"


def _state(gateway: Gateway) -> Finding:
    from podatelna.gateways import health

    since = f"{gateway.last_success_at:%Y-%m-%d %H:%M} UTC" if gateway.last_success_at else "never"
    if gateway.state != gateway.State.FAILING:
        return Finding(_name(gateway), True, f"{gateway.state}, last success: {since}")
    code, detail = health.last_error(gateway) or ("fails", "")
    words = code if gateway.owner_id is not None or not detail else f"{code} – {detail}"
    return Finding(_name(gateway), False, f"{words} (last success: {since})", _to_do(code))


def _probe(gateway: Gateway) -> Iterator[Finding]:
    from podatelna import vault
    from podatelna.gateways import probe

    try:
        steps = [step for step in probe.probe(gateway) if _concerns(gateway, step)]
    except vault.Unreadable as error:
        remedy = "Put the key file back that the password was stored with, or enter it again in the administration."
        yield Finding(f"{_name(gateway)}, probed", False, str(error), remedy)
        return
    failed = [step for step in steps if step.ok is False]
    for step in failed:
        detail = "" if gateway.owner_id is not None else step.detail
        words = " – ".join(filter(None, (step.code, detail)))
        yield Finding(f"{_name(gateway)} {step.name}", False, words, _to_do(step.code))
    if not failed and steps:
        yield Finding(f"{_name(gateway)}, probed", True, _fine(gateway, steps))


def _concerns(gateway: Gateway, step: Step) -> bool:
    """A gateway that receives has no mailbox to look into, and may have no server to send through."""
    if step.name.startswith("imap"):
        return gateway.kind == gateway.Kind.MAILBOX
    return bool(gateway.smtp_host)


def _fine(gateway: Gateway, steps: list[Step]) -> str:
    said = {step.name: step.detail for step in steps}
    parts = []
    if "imap-login" in said:
        parts.append("IMAP lets us in and has the folder")
        new, how = "new" in said["imap-move"], said["imap-move"].partition(",")[0]
        parts.append("the processed folder will be made" if new else f"messages can go on ({how})")
    if "smtp-login" in said:
        parts.append("SMTP lets us in and takes mail from it")
    return ", ".join(parts)


def _certificate(gateway: Gateway) -> Iterator[Finding]:
    from django.utils import timezone

    ends = gateway.certificate_expires_at
    if ends is None:
        return
    fine = ends - timezone.now() > _EXPIRES_SOON
    remedy = "" if fine else "Have it renewed by whoever runs that mail server; afterwards nothing is fetched."
    yield Finding(f"{_name(gateway)}, certificate", fine, f"ends on {ends:%Y-%m-%d}", remedy)


def _sign_in(gateway: Gateway) -> Iterator[Finding]:
    found = getattr(gateway, "sign_in", None)
    if found is not None and found.dead_at is not None:
        remedy = "Sign in again on its page; the provider renews the consent for its owner alone."
        yield Finding(f"{_name(gateway)}, sign-in", False, f"ended on {found.dead_at:%Y-%m-%d}", remedy)


def _to_do(code: str) -> str:
    from django.utils import translation

    from podatelna.web.administration.words import explain

    with translation.override("en"):
        return str(explain(code).to_do)
