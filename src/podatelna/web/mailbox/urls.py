"""URLs of one's own mailbox."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import pages, sign_in

urlpatterns: list[URLPattern] = [
    path("", pages.mailbox, name="my_mailbox"),
    path("test", pages.test, name="my_mailbox_test"),
    path("folders", pages.folders, name="my_mailbox_folders"),
    path("pause", pages.pause, name="my_mailbox_pause"),
    path("resume", pages.resume, name="my_mailbox_resume"),
    path("now", pages.look_now, name="my_mailbox_now"),
    path("sign-in/", sign_in.sign_in, name="my_mailbox_sign_in"),
    path("sign-in/certificate/removal/", sign_in.identity_removal, name="my_mailbox_identity_removal"),
    path("sign-in/authorities/", sign_in.authorities, name="my_mailbox_authorities"),
    path(
        "sign-in/authorities/<int:authority>/removal/",
        sign_in.authority_removal,
        name="my_mailbox_authority_removal",
    ),
    path("transcript/", pages.transcript, name="my_mailbox_transcript"),
    path("transcript.txt", pages.transcript_file, name="my_mailbox_transcript_file"),
]
