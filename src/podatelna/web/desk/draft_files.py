"""Files of a draft: attached, looked at, taken away again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string

from podatelna.archive import store
from podatelna.desk import drafts
from podatelna.desk.models import Draft

from .answers import by_verb, is_htmx, me
from .attachments import give
from .composer import FILES_LIMIT, composer_of, find_draft, too_large
from .drafts import keep_typed, show_composer


def _attach(request: HttpRequest, draft: int) -> HttpResponse:
    """Take files under the draft; too large ones are refused in words and nothing of the draft is lost."""
    found = find_draft(me(request), draft)
    if "text" in request.POST:
        keep_typed(request, found)
    uploads = request.FILES.getlist("files")
    total = sum(file.blob.size for file in found.files.select_related("blob"))
    total += sum(upload.size or 0 for upload in uploads)
    if total > FILES_LIMIT:
        return _files(request, found, error=too_large(total))
    for upload in uploads:
        drafts.attach(found, upload.name or "", upload.content_type or "application/octet-stream", upload.read())
    return _files(request, found)


def _files(request: HttpRequest, draft: Draft, error: str = "") -> HttpResponse:
    composer = composer_of(draft, me(request), errors={"files": error} if error else {})
    if not is_htmx(request):
        return show_composer(
            request, composer_of(find_draft(me(request), draft.pk), me(request), errors=composer.errors)
        )
    html = render_to_string("desk/composer_files.html", {"composer": composer}, request)
    return HttpResponse(html, status=413 if error else 200)


files = by_verb(POST=_attach)


def _detach(request: HttpRequest, draft: int, file: int) -> HttpResponse:
    found = find_draft(me(request), draft)
    if "text" in request.POST:
        keep_typed(request, found)
    drafts.detach(get_object_or_404(found.files, pk=file))
    return _files(request, found)


def _look(request: HttpRequest, draft: int, file: int) -> HttpResponse:
    found = get_object_or_404(find_draft(me(request), draft).files.select_related("blob"), pk=file)
    return give(store.read_blob(found.blob), found.name, found.content_type, inline="inline" in request.GET)


file = by_verb(GET=_look, DELETE=_detach, POST=_detach)
