"""URLs of the desk: lists, search, what keeps a page alive; conversations, messages and what is done with them."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import (
    attachments,
    conversations,
    drafts,
    lists,
    messages,
    palette,
    pulse,
    search,
    selection,
    sendings,
)

urlpatterns: list[URLPattern] = [
    path("", lists.home, name="home"),
    path("desk/<slug:slug>/", lists.show, name="list"),
    path("desk/<slug:slug>/rows", lists.rows, name="rows"),
    path("rail", lists.rail, name="rail"),
    path("search/", search.show, name="search"),
    path("search/rows", search.rows, name="search-rows"),
    path("palette", palette.found, name="palette"),
    path("pulse", pulse.pulse, name="pulse"),
    path("presence", pulse.presence, name="presence"),
    path("selection/closure", selection.closure, name="selection-closure"),
    path("selection/assignment", selection.assignment, name="selection-assignment"),
    path("selection/undo/<str:token>", selection.undo, name="selection-undo"),
    path("conversations/<int:conversation>/", conversations.page, name="conversation"),
    path("conversations/<int:conversation>/changed", conversations.changed, name="conversation-changed"),
    path("conversations/<int:conversation>/closure", conversations.closure, name="conversation-closure"),
    path("conversations/<int:conversation>/closure/undo", conversations.closure_undo, name="conversation-closure-undo"),
    path("conversations/<int:conversation>/assignment", conversations.assignment, name="conversation-assignment"),
    path(
        "conversations/<int:conversation>/assignment/undo",
        conversations.assignment_undo,
        name="conversation-assignment-undo",
    ),
    path("conversations/<int:conversation>/notes", drafts.noting, name="conversation-notes"),
    path("conversations/<int:conversation>/drafts", drafts.opening, name="conversation-drafts"),
    path("conversations/<int:conversation>/messages/<int:message>/", messages.page, name="conversation-message"),
    path("conversations/<int:conversation>/messages/<int:message>/body", messages.body),
    path("conversations/<int:conversation>/messages/<int:message>/headers", messages.headers),
    path("conversations/<int:conversation>/messages/<int:message>/original", messages.original),
    path("conversations/<int:conversation>/messages/<int:message>/parts/<int:position>", attachments.part),
    path("messages/<int:message>/", messages.page, name="message"),
    path("messages/<int:message>/body", messages.body),
    path("messages/<int:message>/headers", messages.headers),
    path("messages/<int:message>/original", messages.original),
    path("messages/<int:message>/parts/<int:position>", attachments.part),
    path("compose/", drafts.compose, name="compose"),
    path("drafts/<int:draft>/", drafts.draft, name="draft"),
    path("drafts/<int:draft>/sending", drafts.sending, name="draft-sending"),
    path("drafts/<int:draft>/files", drafts.files, name="draft-files"),
    path("drafts/<int:draft>/files/<int:file>", drafts.file, name="draft-file"),
    path("sendings/<int:sending>/undo", sendings.undo, name="sending-undo"),
    path("sendings/<int:sending>/attempt", sendings.attempt, name="sending-attempt"),
    path("sendings/<int:sending>/sent", sendings.sent_mark, name="sending-sent"),
    path("sendings/<int:sending>/draft", sendings.rewriting, name="sending-draft"),
]
