"""Proof packs over HTTP: made as they are downloaded, recorded, of what the person may see."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from podatelna.accounts.models import Person
from podatelna.archive.proof.packs import Subject, make_pack
from podatelna.desk import proofs

from .answers import me
from .places import find, find_conversation


@require_POST
def conversation_proof(request: HttpRequest, conversation: int) -> HttpResponseBase:
    """The pack of a conversation."""
    person = me(request)
    return _stream(proofs.of_conversation(find_conversation(person, conversation), person), person)


@require_POST
def message_proof(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponseBase:
    """The pack of one message."""
    person = me(request)
    place = find(person, message, conversation)
    return _stream(proofs.of_message(place.message, person, place.conversation), person)


def _stream(subject: Subject, person: Person) -> StreamingHttpResponse:
    response = StreamingHttpResponse(make_pack(subject, person, timezone.now), content_type="application/zip")
    name = f"proof-{subject.name.replace(' ', '-')}-{timezone.localdate():%Y-%m-%d}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_store=True)
    return response
