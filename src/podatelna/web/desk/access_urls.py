"""URLs of who can see what, and of confidentiality."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import access

urlpatterns: list[URLPattern] = [
    path("conversations/<int:conversation>/access", access.page, name="conversation-access"),
    path(
        "conversations/<int:conversation>/confidentiality", access.confidentiality, name="conversation-confidentiality"
    ),
    path("conversations/<int:conversation>/access/people", access.people, name="conversation-naming"),
    path("conversations/<int:conversation>/access/people/<int:who>", access.named, name="conversation-named"),
    path("conversations/<int:conversation>/messages/<int:message>/access", access.message),
    path("messages/<int:message>/access", access.message, name="message-access"),
    path("cases/<int:case>/access", access.case, name="case-access"),
    path("cases/<int:case>/confidentiality", access.case_confidentiality, name="case-confidentiality"),
    path("teams/<int:process>/access", access.team, name="team-access"),
]
