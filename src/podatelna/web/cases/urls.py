"""URLs of business cases."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import files, filing, lists, pages

urlpatterns: list[URLPattern] = [
    path("cases/", lists.show, name="cases"),
    path("cases/new/", lists.new, name="case-new"),
    path("cases/<int:case>/", pages.page, name="case"),
    path("cases/<int:case>/closure", pages.closure, name="case-closure"),
    path("cases/<int:case>/people", pages.people, name="case-people"),
    path("cases/<int:case>/people/<int:who>", pages.person, name="case-person"),
    path("cases/<int:case>/conversations/<int:conversation>", pages.conversation, name="case-conversation"),
    path("cases/<int:case>/files", files.files, name="case-files"),
    path("cases/<int:case>/files/<int:file>", files.file, name="case-file"),
    path("conversations/<int:conversation>/filing", filing.filing, name="conversation-filing"),
    path("conversations/<int:conversation>/filing/<int:case>", filing.filed, name="conversation-filed"),
]
