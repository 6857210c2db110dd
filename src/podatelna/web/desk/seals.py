"""Signed and encrypted mail (S/MIME, OpenPGP) said in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from podatelna.mail.sealed import ENCRYPTED, PGP, SIGNED, SMIME

# Of mail.sealed.find_seals.
SEALS: dict[str, str | Promise] = {
    f"{SMIME}-{SIGNED}": gettext_lazy("Signed by its writer (S/MIME). Podatelna does not check such signatures."),
    f"{PGP}-{SIGNED}": gettext_lazy("Signed by its writer (OpenPGP). Podatelna does not check such signatures."),
    f"{SMIME}-{ENCRYPTED}": gettext_lazy(
        "This message is encrypted (S/MIME). Only a mail program that has its addressee’s key can open it: download "
        "the original, and open it there."
    ),
    f"{PGP}-{ENCRYPTED}": gettext_lazy(
        "This message is encrypted (OpenPGP). Only a mail program that has its addressee’s key can open it: download "
        "the original, and open it there."
    ),
}


@dataclass(frozen=True)
class Seal:
    """One way in which a message is sealed."""

    words: str
    is_encrypted: bool


def seals_of(found: tuple[str, ...]) -> list[Seal]:
    """What `mail.sealed.find_seals` found, in words; what hides the text first."""
    seals = [Seal(str(SEALS[one]), one.endswith(ENCRYPTED)) for one in found if one in SEALS]
    return sorted(seals, key=lambda seal: not seal.is_encrypted)
