"""Why search does not find a file by what is in it, in words that stand beside the file."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from podatelna.archive.models import AttachmentText
from podatelna.extractor import findings

WHYS = {
    findings.PASSWORD: gettext_lazy("it is protected by a password"),
    findings.BROKEN: gettext_lazy("it is damaged, or not what its name says"),
    findings.BOMB: gettext_lazy("it unpacks to far more than it should"),
    findings.DEEP: gettext_lazy("files are packed in it too deep"),
    findings.TOO_LARGE: gettext_lazy("it is too large"),
    findings.TOO_LONG: gettext_lazy("reading it took too long"),
    findings.MEMORY: gettext_lazy("reading it needed too much memory"),
    findings.CRASH: gettext_lazy("the program that read it stopped"),
    findings.UNAVAILABLE: gettext_lazy("the program that reads such files is missing here"),
    "damaged": gettext_lazy("the archive cannot give it; an administrator has to look at it"),
}


def reading_words(text: AttachmentText | None) -> str:
    """What to say of the reading of a file; "" when all of it was read, or nothing yet."""
    if text is None or text.state == AttachmentText.State.READING or not text.reason:
        return ""
    if text.reason == findings.EMPTY:
        return _("No text was found in it (a scan, perhaps), so search does not find it.")
    if text.reason == findings.CUT:
        return _("It is long: search finds it by its beginning.")
    why = WHYS.get(text.reason, text.reason)
    if text.state == AttachmentText.State.READ:
        return _("Part of its text could not be read: %(why)s.") % {"why": why}
    return _("Its text could not be read: %(why)s, so search does not find it.") % {"why": why}
