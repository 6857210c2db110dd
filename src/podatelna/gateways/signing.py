"""DKIM of a gateway: keys made here, checked in DNS before they are switched on, and what they sign.

What DNS said of a key (`DkimKey.found`): published, missing (no record there), other (another key), revoked, invalid,
testing (published with t=y: receivers are told to ignore it), unanswered (no answer just now).
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.mail.dkim_signing import Signer, make_key, read_private, sign
from podatelna.mail.parse import parse
from podatelna.mail.resolver import Resolver, Unanswered, plain_name
from podatelna.mail.signing_keys import BadKey, read_key
from podatelna.mail.tag_lists import read_tags, without_blanks

from .models import Gateway
from .signing_models import DkimKey

USABLE = ("published", "testing")
_MOST_SELECTORS = 1_000
_CODES = {"key-revoked": "revoked", "key-missing": "missing"}


def create_key(gateway: Gateway, algorithm: str, by: Person, now: datetime) -> DkimKey:
    """A new key for the domain of the gateway's address, switched off until DNS has it. Raises ValueError."""
    private, public = make_key(algorithm)
    domain = plain_name(gateway.address.rpartition("@")[2])
    key = DkimKey(gateway=gateway, domain=domain, algorithm=algorithm, public=public, created_at=now)
    key.set_private(private)
    for number in range(1, _MOST_SELECTORS):
        key.selector = f"podatelna{number}"
        if DkimKey.objects.filter(domain=domain, selector=key.selector).exists():
            continue
        try:
            with transaction.atomic():
                key.save()
                record(by, "make-signing-key", f"gateway {gateway.pk}", name=key.name, algorithm=algorithm)
            return key
        except IntegrityError:
            continue  # somebody else has just taken that selector
    raise ValueError(f"no selector is free for {domain}")


def check_key(key: DkimKey, resolver: Resolver, now: datetime) -> str:
    """Ask DNS whether the public half stands there; what was found, which is kept with the key."""
    found = _found(key, resolver)
    DkimKey.objects.filter(pk=key.pk).update(found=found, checked_at=now)
    key.found, key.checked_at = found, now
    return found


def switch_on(key: DkimKey, resolver: Resolver, by: Person, now: datetime) -> bool:
    """Sign with it from now on; False, and nothing changes, when DNS does not have it: receivers would refuse."""
    if check_key(key, resolver, now) not in USABLE:
        return False
    return _switch(key, True, by)


def switch_off(key: DkimKey, by: Person) -> bool:
    """Sign with it no more. Its record should stay in DNS for a week: mail that is under way is still checked."""
    return _switch(key, False, by)


@transaction.atomic
def remove_key(key: DkimKey, by: Person) -> bool:
    """Forget a key that is switched off; False when it signs."""
    gone, _ = DkimKey.objects.filter(pk=key.pk, is_on=False).delete()
    if gone:
        record(by, "remove-signing-key", f"gateway {key.gateway_id}", name=key.name)
    return bool(gone)


def signed(gateway: Gateway, raw: bytes, now: datetime) -> tuple[bytes, list[str]]:
    """`raw` with the signatures of the gateway's keys that are switched on and fit its From, and their names in DNS.

    Raises vault.Unreadable when a key's private half cannot be opened.
    """
    keys = [key for key in gateway.dkim_keys.filter(is_on=True) if _fits(key, _sender_domain(raw))]
    signers = [Signer(key.domain, key.selector, read_private(key.private())) for key in keys]
    return (sign(raw, signers, now), [key.name for key in keys]) if signers else (raw, [])


@transaction.atomic
def _switch(key: DkimKey, on: bool, by: Person) -> bool:
    if DkimKey.objects.filter(pk=key.pk, is_on=not on).update(is_on=on) != 1:
        return False
    key.is_on = on
    act = "switch-signing-on" if on else "switch-signing-off"
    record(by, act, f"gateway {key.gateway_id}", name=key.name)
    return True


def _found(key: DkimKey, resolver: Resolver) -> str:
    try:
        texts = resolver(key.name, "TXT")
    except Unanswered:
        return "unanswered"
    kind = "rsa" if key.algorithm == DkimKey.Algorithm.RSA else "ed25519"
    found = "missing"
    for text in texts:
        try:
            published = read_key(text, kind)
        except BadKey as bad:
            found = _CODES.get(bad.code, "invalid")
            continue
        if without_blanks((read_tags(text) or {}).get("p", "")) == key.public:
            return "testing" if published.testing else "published"
        found = "other"
    return found


def _sender_domain(raw: bytes) -> str:
    header = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    sender = parse(header).sender
    return plain_name(sender.address.rpartition("@")[2]) if sender is not None else ""


def _fits(key: DkimKey, domain: str) -> bool:
    """RFC 7489 3.1.1: a signature counts for From only when the domain is the same, or From's is below it."""
    return domain == key.domain or domain.endswith(f".{key.domain}")
