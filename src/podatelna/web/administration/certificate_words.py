"""Why an uploaded certificate or key cannot be used, in words that say what to upload instead."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Of protocols/certificates.py.
UNUSABLE: dict[str, Promise] = {
    "not-pem": _("This is no PEM file. It must be text that begins with “-----BEGIN CERTIFICATE-----”."),
    "no-certificate": _("There is no certificate in it that can be read."),
    "no-authority": _("This certificate is none of an authority. Upload the one that signed it."),
    "no-key": _(
        "There is no key in it that can be read. It must be text that begins with “-----BEGIN PRIVATE KEY-----”."
    ),
    "key-locked": _("The key is encrypted, and the passphrase is missing or wrong."),
    "key-of-another": _("The key does not belong to this certificate."),
    "expired": _("This certificate has run out. Upload one that is valid."),
}
