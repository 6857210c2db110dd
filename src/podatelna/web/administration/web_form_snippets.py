"""What to paste into a page: a form without scripts, and one that is sent by fetch."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import translation

from podatelna.gateways.form_models import WebForm
from podatelna.gateways.forms import SECONDS_FIELD


def snippet(form: WebForm, url: str, *, script: bool) -> str:
    """HTML that sends to `url`, in the form's language; every value is escaped."""
    with translation.override(form.language or translation.get_language()):
        context = {"form": form, "url": url, "script": script, "seconds": SECONDS_FIELD}
        lines = render_to_string("web_forms/snippet.html", context).splitlines()
    return "\n".join(line for line in lines if line.strip()) + "\n"
