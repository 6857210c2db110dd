"""URLs of one's own mailbox."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import pages

urlpatterns: list[URLPattern] = [
    path("", pages.mailbox, name="my_mailbox"),
    path("test", pages.test, name="my_mailbox_test"),
    path("folders", pages.folders, name="my_mailbox_folders"),
    path("pause", pages.pause, name="my_mailbox_pause"),
    path("resume", pages.resume, name="my_mailbox_resume"),
    path("now", pages.look_now, name="my_mailbox_now"),
    path("transcript/", pages.transcript, name="my_mailbox_transcript"),
    path("transcript.txt", pages.transcript_file, name="my_mailbox_transcript_file"),
]
