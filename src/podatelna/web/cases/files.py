"""Files of a case: laid in, looked at, taken out again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from podatelna.archive import store
from podatelna.desk import case_files
from podatelna.desk.case_models import Case
from podatelna.web.desk.answers import by_verb, me, see_other
from podatelna.web.desk.attachments import give

from .places import find_case


def _lay_in(request: HttpRequest, case: int) -> HttpResponse:
    """Take files into the case; one that is too large is refused in words, the others are kept."""
    found = find_case(me(request), case)
    count = 0
    for upload in request.FILES.getlist("files"):
        name = upload.name or ""
        if (upload.size or 0) > case_files.LARGEST:
            words = _("“%(name)s” is not kept: a file may have %(limit)s.")
            messages.error(request, words % {"name": name, "limit": filesizeformat(case_files.LARGEST)})
            continue
        kind = upload.content_type or "application/octet-stream"
        case_files.lay_in(found, name, kind, upload.read(), me(request), timezone.now())
        count += 1
    if count:
        said = ngettext("%(count)d file is in the case.", "%(count)d files are in the case.", count)
        messages.success(request, said % {"count": count})
    return _back(found)


files = by_verb(POST=_lay_in)


def _look(request: HttpRequest, case: int, file: int) -> HttpResponse:
    found = get_object_or_404(find_case(me(request), case).files.select_related("blob"), pk=file)
    return give(store.read_blob(found.blob), found.name, found.content_type, inline="inline" in request.GET)


def _remove(request: HttpRequest, case: int, file: int) -> HttpResponse:
    of = find_case(me(request), case)
    found = get_object_or_404(of.files.all(), pk=file)
    case_files.remove(found, me(request), timezone.now())
    messages.success(request, _("The file is no longer in the case."))
    return _back(of)


file = by_verb(GET=_look, POST=_remove, DELETE=_remove)


def _back(case: Case) -> HttpResponse:
    return see_other(reverse("case", args=[case.pk]) + "#case-files")
