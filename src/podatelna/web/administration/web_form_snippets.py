"""What to paste into a page: a form without scripts, and one that is sent by fetch."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from podatelna.gateways.form_models import WebForm
from podatelna.gateways.forms import SECONDS_FIELD


def snippet(form: WebForm, url: str, *, script: bool) -> str:
    """HTML that sends to `url`, in the form's language; every value is escaped.

    With `script` it is text to copy and nothing else: no page of ours may hold a script.
    """
    with translation.override(form.language or translation.get_language()):
        context = {"form": form, "url": url, "script": script}
        made = render_to_string("web_forms/snippet.html", context)
        if script:
            failed = gettext("Your message could not be sent. Please try again in a few minutes.")
            sending = {"form": form, "seconds": SECONDS_FIELD, "failed": failed}
            made += render_to_string("web_forms/snippet_script.txt", sending)
    return "\n".join(line for line in made.splitlines() if line.strip()) + "\n"
