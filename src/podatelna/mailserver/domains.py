"""What an administrator does with domains, mailboxes and aliases of the provided mail server. Each is in the log."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

import idna
from argon2 import PasswordHasher
from django.db import IntegrityError, transaction
from django.db.models import F

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.mail.addresses import MAX_ADDRESS
from podatelna.mail.dkim_signing import RSA, make_key

from .errors import InUse, Malformed, Taken
from .models import Alias, Directory, Mailbox, MailDomain

SELECTOR = "podatelna"
LEAST_PASSWORD = 12  # characters
MOST_TARGETS = 200
# Dot-atom text (RFC 5321 4.1.2) without what Postfix or the shell of an old script could take for something else; "+"
# parts a detail from the mailbox's name (RFC 5233), so that no name has one.
_LOCAL = re.compile(r"[a-z0-9_-](?:[a-z0-9._-]*[a-z0-9_-])?")
# The same of an address elsewhere, whose server decides what its capital letters mean.
_TARGET = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._+='-]*[A-Za-z0-9_+='-])?")
# libsodium, with which Dovecot checks it, computes one lane only.
_hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


def add_domain(name: str, by: Person) -> MailDomain:
    """Take mail for `name` from now on, with a key of its own for signing. Raises Malformed or Taken."""
    private, public = make_key(RSA)
    domain = MailDomain(name=read_domain(name), selector=SELECTOR, public_key=public)
    domain.set_private_key(private)
    try:
        with transaction.atomic():
            domain.save()
            _changed("add-mail-domain", domain, by)
    except IntegrityError:
        raise Taken(domain.name) from None
    return domain


@transaction.atomic
def remove_domain(domain: MailDomain, by: Person) -> None:
    """Take no mail for it any more. Raises InUse while it has mailboxes or aliases."""
    if domain.mailboxes.exists() or domain.aliases.exists():
        raise InUse(domain.name)
    _changed("remove-mail-domain", domain, by)
    domain.delete()


@transaction.atomic
def renew_key(domain: MailDomain, by: Person) -> None:
    """A new key under a new selector; what was signed before is checked with the old record, as long as that stands."""
    private, public = make_key(RSA)
    number = int(domain.selector.removeprefix(SELECTOR) or 1) + 1
    domain.selector, domain.public_key = f"{SELECTOR}{number}", public
    domain.set_private_key(private)
    domain.save()
    _changed("renew-mail-key", domain, by, selector=domain.selector)


def add_mailbox(
    domain: MailDomain, local_part: str, password: str, by: Person, *, name: str = "", quota_megabytes: int = 0
) -> Mailbox:
    """A mailbox that takes mail and can be signed in to at once. Raises Malformed or Taken."""
    local_part = _free_local_part(domain, local_part)
    hashed = _hashed(password)
    try:
        with transaction.atomic():
            mailbox = Mailbox.objects.create(
                domain=domain,
                local_part=local_part,
                name=name,
                password_hash=hashed,
                quota_megabytes=quota_megabytes,
            )
            _changed("add-mailbox", domain, by, address=mailbox.address)
    except IntegrityError:
        raise Taken(f"{local_part}@{domain.name}") from None
    return mailbox


@transaction.atomic
def set_password(mailbox: Mailbox, password: str, by: Person) -> None:
    """Another password; programs signed in with the old one stay until they sign in again. Raises Malformed."""
    Mailbox.objects.filter(pk=mailbox.pk).update(password_hash=_hashed(password))
    _changed("set-mailbox-password", mailbox.domain, by, address=mailbox.address)


@transaction.atomic
def change_mailbox(mailbox: Mailbox, by: Person, *, name: str, quota_megabytes: int) -> None:
    """Another name or limit (0: none)."""
    Mailbox.objects.filter(pk=mailbox.pk).update(name=name, quota_megabytes=quota_megabytes)
    _changed("change-mailbox", mailbox.domain, by, address=mailbox.address, quota_megabytes=quota_megabytes)


@transaction.atomic
def close_mailbox(mailbox: Mailbox, by: Person) -> None:
    """It takes no mail and nobody can sign in; what is in it stays on the server's disk."""
    if Mailbox.objects.filter(pk=mailbox.pk, is_open=True).update(is_open=False):
        _changed("close-mailbox", mailbox.domain, by, address=mailbox.address)


@transaction.atomic
def open_mailbox(mailbox: Mailbox, by: Person) -> None:
    """Open a closed one again, with all that is in it."""
    if Mailbox.objects.filter(pk=mailbox.pk, is_open=False).update(is_open=True):
        _changed("open-mailbox", mailbox.domain, by, address=mailbox.address)


def add_alias(domain: MailDomain, local_part: str, targets: str, by: Person) -> Alias:
    """An address whose mail goes to `targets`, with commas, blanks or lines between. Raises Malformed or Taken."""
    local_part = _free_local_part(domain, local_part)
    found = read_targets(targets)
    try:
        with transaction.atomic():
            alias = Alias.objects.create(domain=domain, local_part=local_part, targets=found)
            _changed("add-mail-alias", domain, by, address=alias.address, to=found)
    except IntegrityError:
        raise Taken(f"{local_part}@{domain.name}") from None
    return alias


@transaction.atomic
def remove_alias(alias: Alias, by: Person) -> None:
    """Mail to it is refused from now on."""
    _changed("remove-mail-alias", alias.domain, by, address=alias.address)
    alias.delete()


def make_password() -> str:
    """A password that nobody has used before: 20 letters and digits, about 119 bits."""
    letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another
    return "".join(secrets.choice(letters) for _ in range(20))


# --- what may be typed -----------------------------------------------------------------------------------


def read_domain(text: str) -> str:
    """`text` as a domain in lower-case A-labels (RFC 5890). Raises Malformed."""
    name = text.strip().rstrip(".").lower()
    try:
        name = idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise Malformed(text) from None
    if "." not in name or len(name) > 253 or name.rpartition(".")[2].isdecimal():
        raise Malformed(text)
    return name


def read_targets(text: str) -> list[str]:
    """The addresses in `text`, each once, in lower-case A-labels. Raises Malformed naming the first that is none."""
    found: dict[str, None] = {}
    for word in re.split(r"[\s,;]+", text.strip()):
        local, _, domain = word.rpartition("@")
        if not _TARGET.fullmatch(local) or len(word) > MAX_ADDRESS:
            raise Malformed(word)
        found[f"{local}@{read_domain(domain)}"] = None
    if len(found) > MOST_TARGETS:
        raise Malformed(text)
    return list(found)


def _free_local_part(domain: MailDomain, text: str) -> str:
    local_part = text.strip().lower()
    if not _LOCAL.fullmatch(local_part) or ".." in local_part or len(local_part) > 64:
        raise Malformed(text)
    for rows in (domain.mailboxes, domain.aliases):
        if rows.filter(local_part=local_part).exists():
            raise Taken(f"{local_part}@{domain.name}")
    return local_part


def _hashed(password: str) -> str:
    if len(password) < LEAST_PASSWORD or "\0" in password:
        raise Malformed("password")
    return _hasher.hash(password)


def _changed(act: str, domain: MailDomain, by: Person, **details: int | str | Sequence[str]) -> None:
    """The log's line, and another revision for the mail server; within the transaction of what was done."""
    Directory.objects.get_or_create(pk=1)
    Directory.objects.filter(pk=1).update(revision=F("revision") + 1)
    record(by, act, f"mail domain {domain.name}", **details)
